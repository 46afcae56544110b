"""A terms document as it was read: what both parties agree to in words, and the agreement those words become."""

from __future__ import annotations

from dataclasses import dataclass, field

from record.canonical import Json
from record.terms.exclusions import ExclusionTerms
from record.terms.obligations import ObligationText
from record.terms.rule_paths import terms_error
from record.terms.section import Section, line_of
from record.terms.spec import PartyNames, Token
from record.terms.zones import instant_of
from sla.agreement import Agreement, Formation, Service, Stake
from sla.errors import RuleBroken, TermsError
from sla.schedule import period_end, period_start
from sla.validation import check_agreement


@dataclass(frozen=True, slots=True)
class TermsDocument:
    """What both parties read. ``agreement()`` is what they sign."""

    name: str
    display_name: str
    description: str
    source: str
    scope: str
    workload: str
    service_name: str
    parties: PartyNames
    token: Token
    zone: str
    exclusions: ExclusionTerms
    obligations: tuple[ObligationText, ...]
    service: Service
    stake: Stake
    formation: Formation
    documents: tuple[Json, ...]
    section: Section = field(repr=False, compare=False)

    @property
    def document_hash(self) -> bytes:
        """Keccak-256 of the canonical JSON of all documents: layout and comments do not count, words do."""
        return self.formation.document

    def exclusions_of(self, obligation: ObligationText) -> ExclusionTerms:
        """What may be excluded of an obligation: its own, else what holds for all."""
        return self.exclusions if obligation.exclusions is None else obligation.exclusions

    def terms(self) -> Agreement:
        """The agreement as it is written, whether or not the escrow would open it."""
        return Agreement(
            parties=self.parties.accounts,
            service=self.service,
            stake=self.stake,
            formation=self.formation,
            obligations=tuple(obligation.terms for obligation in self.obligations),
        )

    def agreement(self) -> Agreement:
        """The agreement of these terms; TermsError when the escrow would refuse it whenever it is opened."""
        agreement = self.terms()
        try:
            check_agreement(agreement, now=0)
        except RuleBroken as broken:
            raise self.error(broken) from broken
        return agreement

    def error(self, broken: RuleBroken) -> TermsError:
        """A broken rule as an error about this document, with the line to mend."""
        error = terms_error(broken)
        return TermsError(error.path, error.problem, error.remedy, line_of(self.section, error.path))


def local_bounds(document: TermsDocument, period: int) -> tuple[int, int]:
    """The exact [start, end) of a period on the agreement's own clock, in seconds UTC."""
    service, zone = document.service, document.zone
    return instant_of(period_start(service, period), zone), instant_of(period_end(service, period), zone)
