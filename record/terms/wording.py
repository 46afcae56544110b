"""Whether the words say enough: who, what, where from. A person in a dispute reads them years later."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from record.terms.document import TermsDocument
from record.terms.findings import Finding, Severity
from record.terms.section import Section, line_of

_UNFINISHED = re.compile(r"\b(?:todo|tbd|tba|tbc|fixme|xxx+|lorem ipsum)\b|\?\?+", re.IGNORECASE)
_LOOK_ALIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL"}
"""Alphabets with letters that look like those of another one."""

_NOTHING = {
    "",
    "n/a",
    "na",
    "none",
    "nil",
    "nothing",
    "any",
    "anything",
    "various",
    "see above",
    "-",
    "?",
    ".",
}


def check_wording(document: TermsDocument) -> Iterator[Finding]:
    """Warnings about words that are missing, unfinished or say nothing."""
    yield from _texts(document)
    yield from _obligations(document)
    yield from _indicators(document)
    yield from _names(document)


def _texts(document: TermsDocument) -> Iterator[Finding]:
    for path, text in (("spec.description", document.description), ("spec.scope", document.scope)):
        yield from _specific(document.section, path, text)
    yield from _unfinished(document.section, "spec.workload", document.workload)
    if not document.source:
        yield _told(
            document.section,
            "spec.source",
            "is missing: nobody can look up where these terms come from",
            "name the contract, tariff or policy they restate",
            Severity.HINT,
        )


def _obligations(document: TermsDocument) -> Iterator[Finding]:
    seen: set[str] = set()
    for place, obligation in enumerate(document.obligations):
        path = f"spec.obligations[{place}]"
        yield from _specific(document.section, f"{path}.name", obligation.name)
        if obligation.name in seen:
            yield _told(
                document.section,
                f"{path}.name",
                f"{obligation.name!r} names two obligations",
                "give each a name of its own",
            )
        seen.add(obligation.name)
        for field, text, remedy in (
            ("owner", obligation.owner, "name the team or person who answers for it"),
            ("scope", obligation.scope, "say what exactly it covers"),
        ):
            if text:
                yield from _specific(document.section, f"{path}.{field}", text)
            else:
                yield _told(document.section, f"{path}.{field}", "is missing", remedy)


def _indicators(document: TermsDocument) -> Iterator[Finding]:
    """Each source and indicator that an obligation uses, once."""
    used = {
        obligation.indicator.source.name: obligation.indicator.source for obligation in document.obligations
    }
    for source in used.values():
        if not source.description:
            yield _told(
                source.section,
                "spec.description",
                f"of the DataSource {source.name!r} is missing",
                "say what is asked",
            )
        else:
            yield from _specific(source.section, "spec.description", source.description)
    for indicator in {
        obligation.indicator.name: obligation.indicator for obligation in document.obligations
    }.values():
        if not indicator.description or _says_nothing(indicator.description):
            place = next(
                k for k, each in enumerate(document.obligations) if each.indicator.name == indicator.name
            )
            yield _told(
                document.section,
                f"spec.obligations[{place}].indicator",
                f"{indicator.name!r} has no description of what counts",
                "describe it in its document of kind SLI",
            )


def _names(document: TermsDocument) -> Iterator[Finding]:
    """Names in letters of several alphabets: nobody sees that the "а" of a bank is Cyrillic."""
    for role in ("provider", "customer", "arbiter"):
        name = getattr(document.parties, role).name
        path = f"spec.parties.{role}.name"
        yield from _specific(document.section, path, name)
        alphabets = {unicodedata.name(sign, "?").split()[0] for sign in name if sign.isalpha()} & _LOOK_ALIKE
        if len(alphabets) > 1:
            yield _told(
                document.section,
                path,
                f"mixes letters of {' and '.join(sorted(alphabets)).title()}",
                "see that it is not another name that looks alike",
            )


def _specific(section: Section, path: str, text: str) -> Iterator[Finding]:
    if _says_nothing(text):
        yield _told(section, path, f"says nothing: {text!r}", "say what is meant")
    else:
        yield from _unfinished(section, path, text)


def _unfinished(section: Section, path: str, text: str) -> Iterator[Finding]:
    match = _UNFINISHED.search(text)
    if match:
        yield _told(section, path, f"is not finished: it says {match[0]!r}", "write what both parties agreed")


def _says_nothing(text: str) -> bool:
    return text.strip().strip(".").lower() in _NOTHING


def _told(
    section: Section, path: str, problem: str, remedy: str, severity: Severity = Severity.WARNING
) -> Finding:
    return Finding(severity, path, line_of(section, path), problem, remedy)
