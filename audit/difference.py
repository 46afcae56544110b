"""The one thing an audit can find: something that is not as it should be."""

from __future__ import annotations

from typing import NoReturn

from record.pack_logs import Entry


class Difference(Exception):
    """What the pack says and what was recomputed are not the same; ``place`` says where in the pack."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(place, problem)
        self.place = place
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


def place_of(entry: Entry) -> str:
    """``block 17, transaction 0, log 2 (Claimed)``."""
    name = type(entry.event).__name__
    return f"block {entry.block}, transaction {entry.transaction}, log {entry.log} ({name})"


def differ(entry: Entry, problem: str) -> NoReturn:
    """End the audit at this entry."""
    raise Difference(place_of(entry), problem)


def require(holds: bool, entry: Entry, problem: str) -> None:
    """End the audit at this entry unless ``holds``."""
    if not holds:
        differ(entry, problem)


def require_equal(entry: Entry, what: str, written: object, recomputed: object) -> None:
    """End the audit at this entry unless what is written is what was recomputed."""
    if written != recomputed:
        differ(entry, f"{what} is {shown(written)}, recomputed {shown(recomputed)}")


def shown(value: object) -> str:
    """A value for people: bytes as hex."""
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
