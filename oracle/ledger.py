"""What the events add up to, as far as a node needs it: agreements, rounds, claims, what is owed (P12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from chain.escrow_state import ClaimStatus
from oracle.accounts import Accounts
from oracle.ports import ClaimState, Link, PostedRound, Subject
from record.events import (
    AgreementAmended,
    AgreementExited,
    AgreementOpened,
    AgreementTerminated,
    Claimed,
    Conceded,
    Disputed,
    DownstreamLinked,
    Event,
    MemberRotated,
    ReportsPublished,
    RoundPosted,
    Ruled,
    Settled,
)
from sla.agreement import ZERO_BYTES32, Agreement
from sla.report import Report


@dataclass(slots=True)
class Ledger:
    """Agreements measured by ``committee``, its rounds, and what became of each claim.

    ``everybodys`` are the agreements of all committees, ``counts`` the periods left of those that were cut.
    ``unlinked`` are those that name a downstream agreement and pay the customer still; ``rotated_out`` the members that
    others have replaced.
    """

    committee: str
    agreements: dict[bytes, Agreement] = field(default_factory=dict)
    rounds: list[PostedRound] = field(default_factory=list)
    claims: dict[Subject, ClaimState] = field(default_factory=dict)
    rotated_out: set[str] = field(default_factory=set)
    everybodys: dict[bytes, Agreement] = field(default_factory=dict)
    counts: dict[bytes, int] = field(default_factory=dict)
    unlinked: dict[bytes, bytes] = field(default_factory=dict)
    accounts: Accounts = field(default_factory=Accounts)

    def copy(self) -> Ledger:
        """One that can go on by itself."""
        return Ledger(
            self.committee,
            dict(self.agreements),
            list(self.rounds),
            dict(self.claims),
            set(self.rotated_out),
            dict(self.everybodys),
            dict(self.counts),
            dict(self.unlinked),
            self.accounts.copy(),
        )

    def links(self) -> Iterator[Link]:
        """The agreements of this committee that could be linked to the downstream that they name: both are open, of one
        token, and our customer is the downstream's provider."""
        for agreement_id, below in self.unlinked.items():
            agreement, downstream = self.everybodys[agreement_id], self.everybodys.get(below)
            if (
                downstream is None
                or not self.accounts.is_open(agreement_id)
                or not self.accounts.is_open(below)
            ):
                continue
            same_token = downstream.stake.token == agreement.stake.token
            if same_token and downstream.parties.provider == agreement.parties.customer:
                yield Link(agreement_id, agreement, downstream)

    def arrears(self) -> dict[bytes, int]:
        """What this committee's agreements owe and can pay now, by the version whose terms direct it."""
        owed = self.accounts.arrears()
        return {payer: amount for payer, amount in owed.items() if payer in self.agreements}

    def take(self, event: Event, time_of_block: Callable[[], int]) -> None:
        """Take in the next event; its block's time is asked for only where it counts."""
        self.accounts.take(event)
        match event:
            case AgreementOpened():
                self._in_force(event.id, event.arguments()[0])
            case AgreementAmended():
                self._in_force(event.id, event.arguments().agreement)
                self.counts[event.predecessor] = event.count
            case AgreementTerminated() | AgreementExited():
                self.counts[event.id] = event.count
            case DownstreamLinked():
                self.unlinked.pop(event.id, None)
            case RoundPosted():
                posted = PostedRound(event.round, event.root, event.bundle, time_of_block(), None)
                self.rounds.append(posted)
            case ReportsPublished():
                # With the round or later, by anyone, and again in another order; the contract checked the set.
                reports = tuple(Report(*report) for report in event.reports)
                self.rounds = [
                    replace(posted, reports=reports)
                    if posted.root == event.root and posted.reports is None
                    else posted
                    for posted in self.rounds
                ]
            case MemberRotated():
                self.rotated_out.add(event.outgoing)
                self.rotated_out.discard(event.incoming)
            case Claimed() | Disputed() | Conceded() | Ruled() | Settled():
                subject = Subject(event.id, event.period, event.obligation)
                self.claims[subject] = _after(self.claims.get(subject), event)
            case _:
                pass

    def _in_force(self, agreement_id: bytes, agreement: Agreement) -> None:
        self.everybodys[agreement_id] = agreement
        if agreement.service.committee == self.committee:
            self.agreements[agreement_id] = agreement
            if agreement.stake.downstream != ZERO_BYTES32:
                self.unlinked[agreement_id] = agreement.stake.downstream


def _after(before: ClaimState | None, event: Claimed | Disputed | Conceded | Ruled | Settled) -> ClaimState:
    """What a claim is after the event."""
    revision = None if before is None else before.revision
    match event:
        case Claimed():
            status = ClaimStatus(event.status)
            # During a dispute a report is recorded; where nobody disputes, it opens a case or takes its place.
            is_case = status is ClaimStatus.DISPUTED and not (before is not None and before.is_disputed)
            return ClaimState(status, event.revision, event.deadline, is_case)
        case Disputed():
            return ClaimState(ClaimStatus.DISPUTED, revision, event.ruling_deadline)
        case Settled():
            was_ruled = before is not None and before.status is ClaimStatus.RULED
            return ClaimState(ClaimStatus.FINAL if was_ruled else ClaimStatus.SETTLED, revision, None)
        case Conceded() | Ruled():
            return ClaimState(ClaimStatus.RULED, revision, 0)
