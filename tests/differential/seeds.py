"""One seed a run: printed, and set by MAKEGOOD_SEED to see a failure again."""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Mapping


def seeded(name: str) -> random.Random:
    """A source of random numbers; its seed is printed, so that a failing test shows it."""
    seed = os.environ.get("MAKEGOOD_SEED") or str(secrets.randbits(32))
    print(f"{name}: MAKEGOOD_SEED={seed}")
    return random.Random(f"{name} {seed}")


def show(title: str, counts: Mapping[str, int]) -> None:
    """The counts, the rarest first; none may be zero."""
    print(
        title,
        *(f"{count:>9,} {name}" for name, count in sorted(counts.items(), key=lambda c: c[1])),
        sep="\n",
    )
    assert all(counts.values()), [name for name, count in counts.items() if not count]
