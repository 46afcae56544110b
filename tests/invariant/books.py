"""What the model remembers: plain dictionaries of immutable values, whose changes can be taken back.

A call that is refused changes nothing, so every change is noted with what stood there before. The notes also say
what a call touched, and thereby which views must be looked at.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Place = tuple[bytes, int, int]
"""Version, period, obligation."""


class Account(NamedTuple):
    """The money of an agreement, under its first version."""

    collateral: int
    due: int = 0
    open_claims: int = 0
    is_released: bool = False


NONE, PENDING, DISPUTED, RULED, SETTLED, FINAL = range(6)
"""``ClaimStatus``."""

NOBODY, PROVIDER, CUSTOMER = range(3)
"""``Disputer``."""


class Claim(NamedTuple):
    """In the order of the contract's struct."""

    pending: int = 0
    settled: int = 0
    window_end: int = 0
    revision: int = 0
    status: int = NONE


class Dispute(NamedTuple):
    """In the order of the contract's struct. All zero: there is none."""

    contested: int = 0
    alleged: int = 0
    deadline: int = 0
    disputer: int = NOBODY
    bond: int = 0


class Rotation(NamedTuple):
    """A member that will take another's place."""

    outgoing: str
    incoming: str
    effective_at: int


@dataclass(frozen=True, slots=True)
class Note:
    """A change: where, under which key, and what stood there before."""

    book: Book[Hashable, object]
    key: Hashable
    before: object


class Book(Generic[K, V]):
    """A dictionary with a default; every write leaves a note."""

    def __init__(self, name: str, default: V, notes: list[Note]) -> None:
        self.name, self._default, self._notes = name, default, notes
        self._values: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        return self._values.get(key, self._default)

    def __setitem__(self, key: K, value: V) -> None:
        self._notes.append(Note(self, key, self._values.get(key, self._default)))  # type: ignore[arg-type]
        self._values[key] = value

    def __contains__(self, key: K) -> bool:
        return self[key] != self._default

    def __iter__(self) -> Iterator[K]:
        return iter(list(self._values))

    def items(self) -> list[tuple[K, V]]:
        """All that was ever written."""
        return list(self._values.items())

    def restore(self, key: K, value: V) -> None:
        """Put back what stood there, without a note."""
        self._values[key] = value


class Books:
    """Everything that anybody can read of escrow, committee and tokens."""

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.accounts: Book[bytes, Account | None] = Book("accounts", None, self.notes)
        self.counts: Book[bytes, int] = Book("counts", 0, self.notes)
        self.firsts: Book[bytes, bytes] = Book("firsts", bytes(32), self.notes)
        self.chains: Book[bytes, tuple[bytes, ...]] = Book("chains", (), self.notes)
        self.floors: Book[bytes, int] = Book("floors", 0, self.notes)
        self.links: Book[bytes, bytes] = Book("links", bytes(32), self.notes)
        self.claims: Book[Place, Claim] = Book("claims", Claim(), self.notes)
        self.disputes: Book[Place, Dispute] = Book("disputes", Dispute(), self.notes)
        self.totals: Book[tuple[bytes, int], int] = Book("totals", 0, self.notes)
        self.withdrawable: Book[tuple[str, str], int] = Book("withdrawable", 0, self.notes)
        self.balances: Book[tuple[str, str], int] = Book("balances", 0, self.notes)
        self.roots: Book[bytes, int] = Book("roots", 0, self.notes)
        self.members: Book[int, str] = Book("members", "", self.notes)
        self.numbers: Book[str, int] = Book("numbers", 0, self.notes)
        """A committee has one last round, one number of rotations and one pending: key 0."""
        self.last_round: Book[int, int] = Book("last_round", 0, self.notes)
        self.rotations: Book[int, int] = Book("rotations", 0, self.notes)
        self.pending: Book[int, Rotation | None] = Book("pending", None, self.notes)

    def take_back(self) -> None:
        """Undo everything since the notes were last cleared."""
        while self.notes:
            note = self.notes.pop()
            note.book.restore(note.key, note.before)
