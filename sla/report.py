"""What oracle nodes say about one obligation in one period: each its observation, together the report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Report:
    """A leaf of a round's Merkle tree: what a committee found.

    ``attained`` is in the indicator's unit, or ``NO_DATA``; ``charge`` in token base units.
    """

    agreement: bytes
    period: int
    obligation: int
    revision: int
    attained: int
    charge: int


@dataclass(frozen=True, slots=True)
class Observation:
    """What one member measured. Not ``known`` is a kind of observation, not a number: ``attained`` is then 0.

    ``evidence`` is the hash of what the member measured from.
    """

    agreement: bytes
    period: int
    obligation: int
    revision: int
    known: bool
    attained: int
    charge: int
    evidence: bytes
