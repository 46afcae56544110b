"""What an agreement lets be excluded: for each kind of exclusion the ways in which it counts.

exclusions:
  maintenance:
    - approvedBy: [customer]           # whatever the customer signs
    - approvedBy: [provider]           # alone: announced in time, and no more than that
      notice: 5 days
      allowance: 4 hours
      per: month                       # a calendar month of the agreement's zone; or period
  force-majeure:
    - approvedBy: [customer]
      notifiedWithin: 2 days           # after its start

It stands in ``spec`` for all obligations, or in one obligation, in place of the other; ``exclusions: none`` there lets
nothing be excluded. What is not named never counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from record.readable import duration
from record.terms.durations import span
from record.terms.section import Field, Section
from record.terms.values import texts
from sla.errors import TermsError
from sla.exclusions import CUSTOMER, PROVIDER, ExclusionKind, Way

_ROLES = (CUSTOMER, PROVIDER)
_WORDS: Mapping[ExclusionKind, str] = {
    ExclusionKind.MAINTENANCE: "Maintenance",
    ExclusionKind.FORCE_MAJEURE: "Force majeure",
    ExclusionKind.CUSTOMER_CAUSED: "What the customer caused",
    ExclusionKind.DEPENDENCY: "What something outside of the service caused",
}


class Per(StrEnum):
    """What an allowance is for."""

    MONTH = "month"
    PERIOD = "period"


@dataclass(frozen=True, slots=True)
class ExclusionTerms:
    """By kind the ways in which an exclusion counts, in their order; allowances are for a calendar month of the
    agreement's zone or for a period of it, all alike."""

    kinds: tuple[tuple[ExclusionKind, tuple[Way, ...]], ...] = ()
    per: Per = Per.MONTH

    @property
    def ways(self) -> dict[ExclusionKind, tuple[Way, ...]]:
        """As the rules take them."""
        return dict(self.kinds)

    def sentences(self) -> Iterator[str]:
        """In words, one for each way; one that says so where nothing is excluded."""
        if not self.kinds:
            yield "Nothing is excluded: all time counts."
        for kind, ways in self.kinds:
            for way in ways:
                signed = " and the ".join(sorted(way.approvers))
                yield f"{_WORDS[kind]} does not count where the {signed} signed it{self._bounds(way)}."

    def _bounds(self, way: Way) -> str:
        said = ""
        if way.notice_seconds is not None and way.notice_seconds >= 0:
            said += f", announced at least {duration(way.notice_seconds)} before"
        if way.notice_seconds is not None and way.notice_seconds < 0:
            said += f", announced within {duration(-way.notice_seconds)} of its start"
        if way.allowance_seconds is not None:
            said += f", up to {duration(way.allowance_seconds)} a {self.per}"
        return said


NO_EXCLUSIONS = ExclusionTerms()


def read_exclusions(holder: Section) -> ExclusionTerms:
    """The ``exclusions`` of a section that has them."""
    node = holder.members["exclusions"]
    if isinstance(node, Field) and node.text == "none":
        return NO_EXCLUSIONS
    section = holder.section("exclusions")
    section.require("", " ".join(ExclusionKind))
    if not section.members:
        raise TermsError(section.path, "names no kind of exclusion", "name one, or write none", section.line)
    pers: set[Per] = set()
    kinds = []
    for kind in ExclusionKind:
        if section.has(kind):
            ways = tuple(_way(item, pers) for item in section.sections(kind))
            if len(set(ways)) < len(ways):
                raise TermsError(
                    section.child_path(kind), "says the same way twice", "write it once", section.line
                )
            kinds.append((kind, ways))
    return ExclusionTerms(tuple(kinds), pers.pop() if pers else Per.MONTH)


def _way(section: Section, pers: set[Per]) -> Way:
    section.require("approvedBy", "notice notifiedWithin allowance per")
    approvers = texts(section, "approvedBy")
    for role in approvers:
        if role not in _ROLES:
            raise TermsError(
                section.child_path("approvedBy"),
                f"names {role[:40]!r}, who approves nothing",
                f"use {' or '.join(_ROLES)}",
                section.line,
            )
    if section.has("allowance") != section.has("per"):
        raise TermsError(
            section.child_path("allowance"),
            "and per do not go together",
            "give both, as in allowance: 4 hours, per: month",
            section.line,
        )
    if section.has("per"):
        _add_per(section.field("per"), pers)
    way = Way(
        approvers=frozenset(approvers),
        notice_seconds=_notice(section),
        allowance_seconds=section.optional("allowance", span, None),
    )
    limited = section.has("notice") or section.has("allowance")
    if way.approvers == {PROVIDER} and not limited:
        raise TermsError(
            section.path,
            "lets the provider excuse itself without a limit",
            "add a notice or an allowance, or have the customer approve",
            section.line,
        )
    return way


def _notice(section: Section) -> int | None:
    if section.has("notice") and section.has("notifiedWithin"):
        raise section.field("notifiedWithin").refuse("and notice exclude each other", "give one of them")
    if section.has("notifiedWithin"):
        return -span(section.field("notifiedWithin"))
    return section.optional("notice", span, None)


def _add_per(field: Field, pers: set[Per]) -> None:
    if field.text not in [*Per]:
        raise field.refuse("is nothing an allowance is for", f"use {' or '.join(Per)}")
    pers.add(Per(field.text))
    if len(pers) > 1:
        raise field.refuse("is not what another allowance here is for", "use month or period throughout")
