"""All that the events say up to one block. Records are shared between histories and never change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from index.agreements import belongs_to, opened, take
from index.committees import CommitteeRecord
from index.facts import AgreementRecord, Block, Occurrence, Round, Token
from record.events import AgreementOpened, EvidenceSubmitted, TransferWithheld


@dataclass(frozen=True, slots=True)
class History:
    """The state at ``head``, rebuilt from events alone (P12). Agreements stand in the order of their opening."""

    head: Block
    agreements: Mapping[bytes, AgreementRecord] = field(default_factory=dict)
    committees: Mapping[str, CommitteeRecord] = field(default_factory=dict)
    tokens: Mapping[str, Token] = field(default_factory=dict)

    def rounds(self) -> list[Round]:
        """Every committee's, in the order of posting."""
        posted = [one for committee in self.committees.values() for one in committee.rounds.values()]
        return sorted(posted, key=lambda one: (one.place.block.number, one.place.log_index))

    def token_of(self, agreement_id: bytes) -> Token | None:
        """The token of an agreement of this escrow; None for any other."""
        found = self.agreements.get(agreement_id)
        return None if found is None else self.tokens[found.agreement.stake.token]

    def after(
        self,
        head: Block,
        escrow: Sequence[Occurrence],
        committees: Mapping[str, CommitteeRecord],
        tokens: Mapping[str, Token],
    ) -> History:
        """The history at ``head``, after these events of the escrow; committees and tokens as they are by then."""
        if not escrow:
            return History(head, self.agreements, committees, tokens)
        agreements = dict(self.agreements)
        for agreement_id, occurrences in _by_agreement(escrow).items():
            record = agreements.get(agreement_id)
            for occurrence in occurrences:
                if isinstance(occurrence.event, AgreementOpened):
                    record = opened(occurrence.event, occurrence.place)
                elif record is not None:
                    record = take(record, occurrence)
            if record is not None:
                agreements[agreement_id] = replace(record, trail=(*record.trail, *occurrences))
        return History(head, agreements, committees, tokens)


def _by_agreement(escrow: Sequence[Occurrence]) -> dict[bytes, list[Occurrence]]:
    found: dict[bytes, list[Occurrence]] = {}
    before: Occurrence | None = None
    for occurrence in escrow:
        if before is not None and before.place.transaction != occurrence.place.transaction:
            before = None
        agreement_id = belongs_to(occurrence.event, before.event if before else None)
        if agreement_id is None:
            continue
        found.setdefault(agreement_id, []).append(occurrence)
        # Evidence may come in while a token is being called; whatever is withheld then is another call's.
        if not isinstance(occurrence.event, EvidenceSubmitted | TransferWithheld):
            before = occurrence
    return found
