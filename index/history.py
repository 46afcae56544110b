"""All that the events say up to one block. Records are shared between histories and never change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from index.accounts import began, counted, moved
from index.agreements import opened, succeeded, take
from index.claims import OfClaim, key_of, left_out
from index.committees import CommitteeRecord
from index.facts import AccountRecord, AgreementRecord, Block, Occurrence, Round, Token
from record.events import (
    AgreementAmended,
    AgreementOpened,
    Credited,
    Event,
    TransferWithheld,
)


@dataclass(frozen=True, slots=True)
class History:
    """The state at ``head``, rebuilt from events alone (P12).

    ``agreements`` are all terms ever put into force, by their own id, in that order; ``accounts`` hold the money, by
    the first version's id.
    """

    head: Block
    agreements: Mapping[bytes, AgreementRecord] = field(default_factory=dict)
    committees: Mapping[str, CommitteeRecord] = field(default_factory=dict)
    tokens: Mapping[str, Token] = field(default_factory=dict)
    accounts: Mapping[bytes, AccountRecord] = field(default_factory=dict)

    def rounds(self) -> list[Round]:
        """Every committee's, in the order of posting."""
        posted = [one for committee in self.committees.values() for one in committee.rounds.values()]
        return sorted(posted, key=lambda one: (one.place.block.number, one.place.log_index))

    def token_of(self, agreement_id: bytes) -> Token | None:
        """The token of an agreement of this escrow; None for any other."""
        found = self.agreements.get(agreement_id)
        return None if found is None else self.tokens[found.agreement.stake.token]

    def account_of(self, record: AgreementRecord) -> AccountRecord:
        """The money of an agreement, whichever of its versions the record is."""
        return self.accounts[record.first]

    def versions_of(self, record: AgreementRecord) -> list[AgreementRecord]:
        """All versions of the agreement, oldest first."""
        return [self.agreements[one] for one in self.account_of(record).versions]

    def pending_entitlement(self, record: AgreementRecord) -> int:
        """What all open claims of all versions would move, if they were settled as things stand."""
        return sum(one.pending_entitlement() for one in self.versions_of(record))

    def is_under_collateralised(self, record: AgreementRecord) -> bool:
        """Whether the escrow could not pay what is due and pending now, or is in arrears already."""
        account = self.account_of(record)
        return account.due > 0 or account.collateral < account.due + self.pending_entitlement(record)

    def after(
        self,
        head: Block,
        escrow: Sequence[Occurrence],
        committees: Mapping[str, CommitteeRecord],
        tokens: Mapping[str, Token],
    ) -> History:
        """The history at ``head``, after these events of the escrow; committees and tokens as they are by then."""
        if not escrow:
            return History(head, self.agreements, committees, tokens, self.accounts)
        books = _Books(dict(self.agreements), dict(self.accounts))
        for occurrence in escrow:
            books.take(occurrence)
        books.file()
        return History(head, books.agreements, committees, tokens, books.accounts)


@dataclass(slots=True)
class _Books:
    """The records while events are written into them. ``before`` is the last event of the call that goes on."""

    agreements: dict[bytes, AgreementRecord]
    accounts: dict[bytes, AccountRecord]
    trails: dict[bytes, list[Occurrence]] = field(default_factory=dict)
    before: Occurrence | None = None

    def take(self, occurrence: Occurrence) -> None:
        event, place = occurrence.event, occurrence.place
        if isinstance(event, AgreementOpened):
            self.accounts[event.id] = began(event)
            self.agreements[event.id] = opened(event, place)
        elif isinstance(event, AgreementAmended):
            self._amend(event, occurrence)
        else:
            self._take_version(event, occurrence)
        firsts = self._firsts_of(occurrence)
        for first in firsts:
            if not isinstance(event, AgreementOpened):
                self.accounts[first] = moved(self.accounts[first], event, place)
            self.trails.setdefault(first, []).append(occurrence)
        if firsts and not isinstance(event, TransferWithheld):
            self.before = occurrence

    def file(self) -> None:
        """Write the trails down: once, since each is copied."""
        for first, occurrences in self.trails.items():
            account = self.accounts[first]
            self.accounts[first] = replace(account, trail=(*account.trail, *occurrences))

    def _amend(self, event: AgreementAmended, occurrence: Occurrence) -> None:
        before = self.agreements.get(event.predecessor)
        if before is None or before.first != event.first:
            raise left_out(event)
        self.agreements[event.id] = opened(event, occurrence.place)
        self.agreements[event.predecessor] = succeeded(before, event, occurrence.place)

    def _take_version(self, event: Event, occurrence: Occurrence) -> None:
        record = self.agreements.get(getattr(event, "id", b""))
        if record is None:
            return
        after = take(record, event, occurrence.place)
        self.agreements[record.id] = after
        if isinstance(event, OfClaim):
            key = key_of(event)
            account = self.accounts[record.first]
            self.accounts[record.first] = counted(account, record.claims.get(key), after.claims[key])

    def _firsts_of(self, occurrence: Occurrence) -> list[bytes]:
        """The agreements an event is about, by their first versions; none for one that is about none.

        A withheld transfer names none: it belongs to the call that was going on.
        """
        event = occurrence.event
        if isinstance(event, TransferWithheld):
            before = self.before
            if before is None or before.place.transaction != occurrence.place.transaction:
                return []
            event = before.event
        named = [getattr(event, "id", b"")]
        if isinstance(event, Credited) and event is occurrence.event:
            named.append(event.downstream)
        records = [self.agreements[one] for one in named if one in self.agreements]
        return [record.first for record in records]
