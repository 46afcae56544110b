"""What a node tells, without telling the same again and again."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping

from oracle.ports import Tell
from sla.errors import MakegoodError

AGAIN_SECONDS = 600.0
"""A trouble that goes on is told again after so long."""
MOST_REMEMBERED = 1_000

REPEATED = frozenset(
    {
        "not recorded", "unreadable", "not answered", "not signed", "not posted", "not rotated", "not claimed",
        "not settled", "not linked", "not paid", "observation refused", "equivocation", "refused", "trouble",
        "document unreadable",
    }
)  # fmt: skip
"""What may come up in every cycle, or whenever a stranger likes."""

_VARYING = re.compile(r"0x[0-9a-fA-F]+|[0-9]+")


class Quiet:
    """Hands on to ``tell``, but of the ``REPEATED`` only what differs by more than numbers. Safe for threads."""

    def __init__(self, tell: Tell, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str], float] = {}

    def __call__(self, kind: str, details: Mapping[str, object]) -> None:
        """See ``Tell``."""
        with self._lock:
            if kind not in REPEATED or self._is_new((kind, _VARYING.sub("#", repr(sorted(details.items()))))):
                self._tell(kind, details)

    def over(self, kind: str) -> None:
        """Tell again when ``kind`` comes up anew."""
        with self._lock:
            self._told = {key: at for key, at in self._told.items() if key[0] != kind}

    def _is_new(self, key: tuple[str, str]) -> bool:
        now = self._monotonic()
        before = self._told.get(key)
        if before is not None and now - before < AGAIN_SECONDS:
            return False
        if len(self._told) >= MOST_REMEMBERED:
            self._told.pop(next(iter(self._told)))
        self._told.pop(key, None)
        self._told[key] = now
        return True


def in_words(error: Exception) -> str:
    """An error for people: our own as they are; of the chain's node, that it does not answer; others by their type."""
    if isinstance(error, MakegoodError):
        return str(error)
    if isinstance(error, OSError) and error.errno is None:
        return f"the chain's node does not answer ({type(error).__name__}); it is asked again"
    return f"{type(error).__name__}: {error}"
