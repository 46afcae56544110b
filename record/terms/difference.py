"""Two terms files compared: field by field, and in what each obligation pays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from record.canonical import Json
from record.terms.document import TermsDocument
from record.terms.worked import attainments
from sla.agreement import Comparator
from sla.compensation import compensation
from sla.validation import largest_charge


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs; None where one of the files does not have it. ``path`` begins with the document's kind."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Payment:
    """What an attainment pays, in base units, before and after."""

    attained: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ObligationChange:
    """An obligation of both files, matched by name: ``old`` and ``new`` are its places. ``payments`` are compared only
    where both measure in the same unit and direction and pay in the same token."""

    name: str
    old: int | None
    new: int | None
    payments: tuple[Payment, ...]
    is_comparable: bool

    @property
    def pays_differently(self) -> bool:
        """Whether some attainment pays another amount, or none can be compared."""
        return not self.is_comparable or any(payment.before != payment.after for payment in self.payments)


def field_changes(old: TermsDocument, new: TermsDocument) -> list[FieldChange]:
    """All fields that differ, in the order of the old file, then those only the new one has."""
    before, after = dict(_fields(old)), dict(_fields(new))
    paths = [*before, *(path for path in after if path not in before)]
    return [
        FieldChange(path, before.get(path), after.get(path))
        for path in paths
        if before.get(path) != after.get(path)
    ]


def obligation_changes(old: TermsDocument, new: TermsDocument) -> list[ObligationChange]:
    """Every obligation of either file."""
    places = {obligation.name: place for place, obligation in enumerate(old.obligations)}
    later = {obligation.name: place for place, obligation in enumerate(new.obligations)}
    names = [*places, *(name for name in later if name not in places)]
    return [_obligation_change(old, new, name, places.get(name), later.get(name)) for name in names]


def _obligation_change(
    old: TermsDocument, new: TermsDocument, name: str, before: int | None, after: int | None
) -> ObligationChange:
    if before is None or after is None:
        return ObligationChange(name, before, after, (), is_comparable=False)
    first, second = old.obligations[before], new.obligations[after]
    is_comparable = (first.indicator.unit, first.terms.comparator, old.token.decimals) == (
        second.indicator.unit,
        second.terms.comparator,
        new.token.decimals,
    ) and old.token.address == new.token.address
    if not is_comparable:
        return ObligationChange(name, before, after, (), is_comparable=False)
    levels = {
        *attainments(first.terms, first.indicator.unit),
        *attainments(second.terms, second.indicator.unit),
    }
    payments = tuple(
        Payment(
            attained,
            compensation(first.terms, attained, largest_charge(old.service)),
            compensation(second.terms, attained, largest_charge(new.service)),
        )
        for attained in sorted(levels, reverse=first.terms.comparator is Comparator.AT_LEAST)
    )
    return ObligationChange(name, before, after, payments, is_comparable=True)


def _fields(document: TermsDocument) -> Iterator[tuple[str, str]]:
    """(path, text) of every field. Lists of named things are told apart by name, so that a new one in front does not
    shift the others; what stands in a second place of the same name is told apart by its number."""
    order = []
    for place, each in enumerate(document.documents):
        kind, name = _text(each, "kind"), _name(each)
        # There is one SLA: its name is a field like others.
        prefix = kind if kind == "SLA" else f"{kind} {name}" if name else f"{kind}[{place}]"
        order.append(prefix)
        yield from _flat(prefix, each)
    yield "documents", ", ".join(order)


def _flat(path: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _flat(f"{path}.{name}", child)
    elif isinstance(value, list):
        names = [_text(child, "name") for child in value]
        if any(names):
            yield path, ", ".join(names)
        for place, child in enumerate(value):
            is_named = names.count(names[place]) == 1 and not names[place].isdecimal() and names[place] != ""
            yield from _flat(f"{path}[{names[place] if is_named else place}]", child)
    else:
        yield path, str(value)


def _name(document: Json) -> str:
    return (
        _text(document["metadata"], "name") if isinstance(document, dict) and "metadata" in document else ""
    )


def _text(value: Json, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
