"""What a node needs of the world: a chain, sources, peers. Each comes in through a Protocol; fakes fit as well.

The clock is ``chain.clock.Clock``, the signer ``chain.keys.Signer``, the store ``oracle.store.Store``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol

from chain.escrow_state import ClaimStatus
from metering.meters import Meter
from record.bundle import SignedObservation
from record.eip712 import Domain, committee_domain
from record.hexes import to_hex
from record.rotation import PendingRotation
from record.terms import TermsDocument
from record.terms.obligations import ObligationText
from sla.agreement import Agreement
from sla.report import Observation, Report


class Subject(NamedTuple):
    """What reports, observations and claims are about, whatever their revision."""

    agreement: bytes
    period: int
    obligation: int

    def shown(self) -> dict[str, object]:
        """For people."""
        return {"agreement": to_hex(self.agreement), "period": self.period, "obligation": self.obligation}


def subject_of(said: Report | Observation) -> Subject:
    """What a report or an observation is about."""
    return Subject(said.agreement, said.period, said.obligation)


@dataclass(frozen=True, slots=True)
class Block:
    """A block, pinned by its hash; ``time`` in seconds UTC."""

    number: int
    hash: bytes
    time: int


@dataclass(frozen=True, slots=True)
class CommitteeTerms:
    """A committee as one look at the chain saw it. ``members`` in the order of their index: one at a time may be
    replaced, and ``rotation`` is the one that waits (R12). Nothing else of it ever changes."""

    chain_id: int
    address: str
    members: tuple[str, ...]
    quorum: int
    rotation: PendingRotation | None = None

    @property
    def domain(self) -> Domain:
        """What its members' signatures are bound to (P6)."""
        return committee_domain(self.chain_id, self.address)

    def proposer(self, round_number: int) -> str:
        """Whose turn a round is: they go round."""
        return self.members[round_number % len(self.members)]

    def seat(self, account: str) -> int | None:
        """The index at which the account stands among the members, or will once the pending rotation is carried
        out."""
        if self.rotation is not None and account == self.rotation.incoming:
            account = self.rotation.outgoing
        return self.members.index(account) if account in self.members else None


class Standing(Enum):
    """What an account is to the committee."""

    MEMBER = "member"
    WAITING = "waiting"
    """No member yet, or not for sure any more: the rotation is not in a finalized block."""
    ROTATED_OUT = "rotated out"


@dataclass(frozen=True, slots=True)
class PostedRound:
    """A round on the chain. ``reports`` is None where the posting did not carry them."""

    round: int
    root: bytes
    bundle: bytes
    time: int
    reports: tuple[Report, ...] | None


@dataclass(frozen=True, slots=True)
class ClaimState:
    """What became of a subject on the chain. ``revision`` is the report's that was brought last, None while there is
    none; ``due`` says since when it can be settled, None once it is. A case is contested by nobody (R22)."""

    status: ClaimStatus
    revision: int | None
    due: int | None
    is_case: bool = False

    @property
    def is_disputed(self) -> bool:
        """Whether one of the parties contests it now."""
        return self.status is ClaimStatus.DISPUTED and not self.is_case


@dataclass(frozen=True, slots=True)
class Link:
    """What ``agreement`` pays could raise the escrow of ``downstream``, which its terms name, and does not yet."""

    id: bytes
    agreement: Agreement
    downstream: Agreement


@dataclass(frozen=True, slots=True)
class View:
    """What one look at the chain saw.

    ``agreements`` are those of this committee that came into force in finalized blocks, up to ``final``: only they are
    signed about, and ``counts`` says how many periods those still govern that were cut (R13).
    ``rounds`` and ``claims`` reach to ``head``: they say what is still to be done, and the chain itself refuses what
    is not. So does ``committee``; ``rotated_out`` are those whose place another has for good, since finalized blocks.
    So do ``links``, and ``arrears``: by the version whose terms direct them, what can be paid of them now, in token
    base units. ``formed_at`` is when the committee was formed. All times in seconds UTC.
    """

    head: Block
    final: Block
    formed_at: int
    agreements: Mapping[bytes, Agreement]
    rounds: tuple[PostedRound, ...]
    claims: Mapping[Subject, ClaimState]
    committee: CommitteeTerms
    rotated_out: frozenset[str] = frozenset()
    counts: Mapping[bytes, int] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    arrears: Mapping[bytes, int] = field(default_factory=dict)

    def count_of(self, agreement_id: bytes) -> int:
        """How many periods an agreement governs: those that were signed, unless it was amended, ended or left."""
        return self.counts.get(agreement_id, self.agreements[agreement_id].service.count)

    def standing(self, account: str) -> Standing:
        """What an account is to the committee."""
        if account in self.committee.members:
            return Standing.MEMBER
        return Standing.ROTATED_OUT if account in self.rotated_out else Standing.WAITING

    @property
    def time(self) -> int:
        """The chain's own time: whether a period is over, the chain decides (R9)."""
        return self.head.time

    @property
    def last_round(self) -> int:
        """0 before the first."""
        return self.rounds[-1].round if self.rounds else 0

    @property
    def last_round_time(self) -> int:
        """Before the first round, when the committee was formed."""
        return self.rounds[-1].time if self.rounds else self.formed_at


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction that is on the chain."""

    transaction: bytes
    gas: int


class Chain(Protocol):
    """The contracts as a node sees them. Writers try before they send, and raise ``chain.errors.ChainError``; they
    return None when nothing was sent: in a dry run, or because nothing was left to do."""

    @property
    def committee(self) -> CommitteeTerms:
        """The node's committee, as the last look saw it."""

    @property
    def domain(self) -> Domain:
        """What signatures under agreements and exclusions are bound to."""

    def look(self) -> View:
        """The chain as it is now."""

    def post(
        self,
        round_number: int,
        root: bytes,
        bundle: bytes,
        reports: Sequence[Report],
        signatures: Sequence[bytes],
    ) -> Sent | None:
        """Attest a root; ``reports`` in the order of the tree's leaves."""

    def publish(self, root: bytes, reports: Sequence[Report]) -> Sent | None:
        """Publish the reports of a root that was posted without them; in the order of the tree's leaves."""

    def rotate(self) -> Sent | None:
        """Carry out the pending rotation."""

    def claim(self, agreement: Agreement, report: Report, proof: Sequence[bytes]) -> Sent | None:
        """Bring a report: one that pays, a correction, or what opens or answers a contest."""

    def settle(self, agreement: Agreement, subjects: Sequence[Subject]) -> Sent | None:
        """Pay those of an agreement's claims that are due, after reading again which they are."""

    def pay_arrears(self, agreement: Agreement) -> Sent | None:
        """Pay what is owed out of collateral that arrived since, after reading again whether there is any."""

    def link(self, agreement: Agreement, downstream: Agreement) -> Sent | None:
        """Direct what an agreement pays into the escrow of its downstream, unless somebody did."""


Sources = Callable[[TermsDocument, ObligationText], Meter]
"""How an indicator is measured, by way of the source its terms name."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A round as its proposer shows it: the bundle's bytes, and the proposer's own signature of the round."""

    data: bytes
    signature: bytes


class Peer(Protocol):
    """What one node may ask another. Every method may raise ``PeerSilent``; every answer is to be checked."""

    def observations(self, subjects: Sequence[Subject]) -> Sequence[SignedObservation]:
        """All signed observations the peer holds about these, its own and others', of every revision."""

    def countersign(self, proposal: Proposal) -> bytes:
        """The peer's signature of the round; ``RoundRefused`` says why not."""

    def bundle(self, bundle_hash: bytes) -> bytes | None:
        """The bytes of a bundle it keeps."""


class Exchange(Protocol):
    """How a node reaches the others."""

    def peers(self, member: str) -> Sequence[Peer]:
        """All other nodes, as ``member`` reaches them."""


Tell = Callable[[str, Mapping[str, object]], None]
"""``tell(kind, details)``: progress, for whoever watches. Details are plain text, numbers and truth values."""

Step = Callable[[str], None]
"""Called with the name of a step just taken. A test may end the process here; it must make no difference (P13)."""


def no_step(name: str) -> None:
    """The step of production: nothing happens."""
