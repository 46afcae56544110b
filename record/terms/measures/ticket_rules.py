"""Which priority tickets have, as people write it: versions of ordered rules, and major events.

classification:
  - version: "1"
    from: 2027-01-01T00:00:00Z
    otherwise: P3                 # without it, what the record itself says
    rules:
      - name: outage
        priority: P1
        when:
          - {field: component, words: [system down, outage]}
          - {field: tier, values: gold}
          - {field: area, values: it, holds: "false"}
majorEvents:
  - {name: storm, declared: 2027-03-01T10:00:00Z, start: 2027-03-01T09:00:00Z, end: 2027-03-02T09:00:00Z,
     scope: [{field: region, values: north}], priorities: {P2: P1}}
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from record.landing.kinds import TICKETS, Type
from record.terms.section import Section
from record.terms.sources import choice
from record.terms.values import instant, texts
from sla.classification import Condition, Rule, RuleBook, RuleSet
from sla.errors import MakegoodError, TermsError
from sla.major_events import MajorEvent

FIELDS = tuple(column.name for column in TICKETS.columns if column.type is Type.TEXT)
"""What conditions may be about: the texts of a ticket's record."""

T = TypeVar("T")


def read_rules(versions: Sequence[Section]) -> RuleBook:
    """The versions of a classification, in order."""
    return _placed(versions[0], lambda: RuleBook(tuple(_version(section) for section in versions)))


def read_events(events: Sequence[Section]) -> tuple[MajorEvent, ...]:
    """Declared major events; where two change a ticket's priority at a time, the first in the list does."""
    return tuple(_event(section) for section in events)


def _version(section: Section) -> RuleSet:
    section.require("version from rules", "otherwise")
    rules = tuple(_rule(rule) for rule in section.sections("rules"))
    begins = instant(section.field("from"))
    return _placed(
        section, lambda: RuleSet(section.text("version"), begins, rules, section.text("otherwise", ""))
    )


def _rule(section: Section) -> Rule:
    section.require("name priority", "when")
    return Rule(section.text("name"), section.text("priority"), _conditions(section, "when"))


def _conditions(section: Section, name: str) -> tuple[Condition, ...]:
    if not section.has(name):
        return ()
    return tuple(_condition(each) for each in section.sections(name))


def _condition(section: Section) -> Condition:
    section.require("field", "words values holds")
    field = choice(section.field("field"), *FIELDS)
    words, values = (texts(section, name) if section.has(name) else () for name in ("words", "values"))
    holds = not section.has("holds") or choice(section.field("holds"), "true", "false") == "true"
    return _placed(section, lambda: Condition(field, words, values, holds))


def _event(section: Section) -> MajorEvent:
    section.require("name declared start priorities", "end scope")
    changes = section.section("priorities")
    priorities = tuple((own, changes.text(own)) for own in changes.members)
    return _placed(
        section,
        lambda: MajorEvent(
            section.text("name"),
            instant(section.field("declared")),
            instant(section.field("start")),
            instant(section.field("end")) if section.has("end") else None,
            _conditions(section, "scope"),
            priorities,
        ),
    )


def _placed(section: Section, make: Callable[[], T]) -> T:
    """What is made, or its refusal at the section's place."""
    try:
        return make()
    except TermsError:
        raise
    except MakegoodError as error:
        raise TermsError(section.path, error.problem, error.remedy, section.line) from None
