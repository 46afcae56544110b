"""Gas of the main job, from receipts, beside the targets and the committed snapshot: ``python -m benchmarks.gas``.

Writes build/bench/gas.json. With ``--accept`` the numbers become the snapshot, benchmarks/gas.json, that a test holds
them to. The first agreement ever, and a customer's first payment, cost 17 100 more each: printed too.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.measures import measure, single

OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "gas.json"
SNAPSHOT = Path(__file__).with_name("gas.json")
TOLERANCE_PPM = 20_000
"""How much more than the snapshot an action may cost: the test fails beyond 2 %."""

TARGETS = {
    "open": 152_000,
    "post_3_of_5": 78_000,
    "claim_settle": 175_000,
    "claim_settle_each_of_20": 125_000,
    "claim_of_60": 135_000,
}
"""The numbers to reach, by action. ``claim`` and ``settle`` count together."""

PEER = {"open": 6_900_000, "claim_settle": 612_000, "claim_settle_each_of_20": 612_000}
"""DSLA, measured on its real oracle path, lower ends: SLA with its two tokens; one period with one indicator."""


def main() -> None:
    """Measure, write the JSON, print the table."""
    gas = measure()
    _write(SNAPSHOT if "--accept" in sys.argv[1:] else OUTPUT, gas)
    was = snapshot()
    print(
        f"{'gas':<26}{'measured':>10}{'target':>10}{'ratio':>8}{'DSLA':>12}{'ratio':>8}{'snapshot':>10}{'ratio':>8}"
    )
    for name, value in gas.items():
        beside = (
            _beside(value, TARGETS.get(name)),
            _beside(value, PEER.get(name), 12),
            _beside(value, was.get(name)),
        )
        print(f"{name:<26}{value:>10,}{''.join(beside)}")
    first = single(fresh_tokens=True)
    print(
        f"a token's first agreement and a customer's first payment: open {first['open']:,}, settle {first['settle']:,}"
    )
    print(f"compliant period, 1 000 agreements in a round: {gas['post_3_of_5'] / 1000:.0f} each (target 100)")


def snapshot() -> dict[str, int]:
    """The committed numbers, by action."""
    return dict(json.loads(SNAPSHOT.read_text())) if SNAPSHOT.is_file() else {}


def _write(path: Path, gas: dict[str, int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(gas, indent=2) + "\n")
    root = Path(__file__).resolve().parent.parent
    print(f"written to {path.relative_to(root)}")


def _beside(value: int, other: int | None, width: int = 10) -> str:
    return f"{other:>{width},}{value / other:>8.3f}" if other else " " * (width + 8)


if __name__ == "__main__":
    main()
