"""What a node keeps, as the rest of it sees the store. ``oracle.journal.Journal`` is the one on SQLite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from oracle.ports import Subject
from record.bundle import SignedObservation
from sla.report import Observation, Report


@dataclass(frozen=True, slots=True)
class OwnObservation:
    """What this member wrote down about a subject, and when; not signed when it was killed before."""

    observation: Observation
    written_at: int
    is_signed: bool


@dataclass(frozen=True, slots=True)
class SignedRound:
    """What this member wrote down for a round; ``signature`` is None when it was killed before signing."""

    root: bytes
    bundle: bytes
    signature: bytes | None


class Store(Protocol):
    """Whatever is to be signed is written here first. Every writer returns only once it would survive a crash."""

    def intend_observation(self, observation: Observation, at: int) -> bytes | None:
        """Write down what is about to be signed; the signature, if it was signed before. DoubleSignature when another
        value stands there."""

    def keep_observation(self, signed: SignedObservation, at: int) -> None:
        """Keep a signed observation, this member's or another's. Equivocation when its member said another value."""

    def own(self, subject: Subject) -> OwnObservation | None:
        """This member's observation of the highest revision."""

    def observations(self, subject: Subject) -> list[SignedObservation]:
        """All signed observations of a subject, of every member and revision."""

    def intend_round(
        self, round_number: int, root: bytes, bundle: bytes, reports: Sequence[Report]
    ) -> bytes | None:
        """Write down the round and the leaves about to be signed; the signature, if it was signed before.
        DoubleSignature when one of them stands there with another value."""

    def sign_round(self, round_number: int, signature: bytes) -> None:
        """Keep the signature of a round that was written down."""

    def round(self, round_number: int) -> SignedRound | None:
        """What this member wrote down for a round."""

    def leaf(self, said: Report | Observation) -> Report | None:
        """The leaf this member wrote down for a subject and revision."""

    def keep_bundle(self, data: bytes) -> bytes:
        """Keep a bundle; its hash."""

    def bundle(self, bundle_hash: bytes) -> bytes | None:
        """The bytes of a bundle."""

    def note(self, at: int, kind: str, details: Mapping[str, object]) -> None:
        """Note what was done, for people."""
