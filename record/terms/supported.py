"""Terms this version cannot keep: no node would measure them. Nobody should sign what cannot be carried out."""

from __future__ import annotations

from collections.abc import Iterator

from record.terms.document import TermsDocument
from record.terms.findings import Finding, Severity
from record.terms.section import line_of


def unsupported(document: TermsDocument) -> Iterator[Finding]:
    """An error for each."""
    if document.service.charge_max:
        path = "spec.charge.max"
        yield Finding(
            Severity.ERROR,
            path,
            line_of(document.section, path),
            "makes the charge metered, which this version's nodes do not measure",
            "write a fixed charge",
        )
