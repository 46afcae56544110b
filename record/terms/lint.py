"""Everything to be said about a terms file before anybody signs it: what the rules refuse, what this version cannot
keep, and what would disappoint one of the parties."""

from __future__ import annotations

from dataclasses import dataclass

from record.terms.document import TermsDocument
from record.terms.exposure import check_exposure
from record.terms.findings import Finding, Severity, error_finding
from record.terms.loading import Gathered, gather_terms
from record.terms.rules import broken_rules
from record.terms.sampling import check_sampling
from record.terms.supported import unsupported
from record.terms.wording import check_wording

_ABOUT_TIME = {"FirstPeriodOver", "OpenByPassed"}


@dataclass(frozen=True, slots=True)
class Inspection:
    """``document`` is None when it could not be read whole; ``findings`` stand in the order of the file."""

    document: TermsDocument | None
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        """How many findings have this weight."""
        return sum(finding.severity is severity for finding in self.findings)


def inspect_terms(text: str, now: int) -> Inspection:
    """All that is wrong with a terms text at ``now`` (seconds UTC), and all that could be better."""
    return inspect_gathered(gather_terms(text), now)


def inspect_gathered(gathered: Gathered, now: int) -> Inspection:
    """As ``inspect_terms``, of what was read already.

    Nothing is linted before the document can be read and keeps the rules: it would speak of values that will change.
    """
    found = [error_finding(error) for error in gathered.errors]
    document = gathered.document
    if document is None:
        return Inspection(None, tuple(found))
    broken = broken_rules(document.terms(), now)
    found += [error_finding(document.error(rule)) for rule in broken]
    found += unsupported(document)
    if not gathered.errors and all(rule.rule in _ABOUT_TIME for rule in broken):
        found += lint(document)
    found.sort(key=lambda finding: finding.line or 0)
    return Inspection(None if gathered.errors else document, tuple(found))


def lint(document: TermsDocument) -> list[Finding]:
    """What the rules allow and a careful reader would still ask about."""
    return [*check_wording(document), *check_sampling(document), *check_exposure(document)]
