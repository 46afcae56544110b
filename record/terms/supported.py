"""Terms this version cannot keep: the escrow refuses them (``FieldUnsupported``), or no node would measure them. Nobody
should sign a right that cannot be exercised."""

from __future__ import annotations

from collections.abc import Iterator

from record.terms.document import TermsDocument
from record.terms.findings import Finding, Severity
from record.terms.section import line_of
from sla.agreement import ZERO_BYTES32


def unsupported(document: TermsDocument) -> Iterator[Finding]:
    """An error for each."""
    for path, problem, remedy in _uses(document):
        yield Finding(Severity.ERROR, path, line_of(document.section, path), problem, remedy)


def _uses(document: TermsDocument) -> Iterator[tuple[str, str, str]]:
    refused = "which the escrow of this version refuses (FieldUnsupported)"
    if document.service.charge_max:
        yield (
            "spec.charge.max",
            "makes the charge metered, which this version's nodes do not measure",
            "write a fixed charge",
        )
    if document.formation.exit_breaches or document.formation.exit_periods:
        yield "spec.exit", f"lets the customer leave early, {refused}", "remove it"
    if document.formation.predecessor != ZERO_BYTES32:
        yield "spec.predecessor", f"amends another agreement, {refused}", "remove it and open a new agreement"
    if document.stake.downstream != ZERO_BYTES32:
        yield "spec.downstream", f"directs compensation into another agreement, {refused}", "remove it"
