"""Measures of a whole that is made of parts: services of our own, and what others agreed to deliver to us.

measure: composite
partsBy: component              # or subject: what in a record names the part
levels: {up: 100%, slow: 50%, down: 0%}
holdsFor: 10 minutes
rule: serial                    # or parallel, weighted, worst-of
parts:
  - service: shop
  - rule: parallel
    parts:
      - agreement: lines-a      # an underpinning agreement
      - agreement: lines-b
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from record.readable import number
from record.terms.calendars import Calendars
from record.terms.durations import span
from record.terms.levels import RATIO, Unit
from record.terms.measures.parts import Form
from record.terms.measures.states import held_text, read_levels
from record.terms.section import Section
from record.terms.sources import choice
from record.terms.values import whole_number
from sla.composites import MAX_DEPTH, Component, Composite, Part, Rule, Source
from sla.errors import TermsError

MOST_WEIGHT = 1_000_000
MOST_PARTS = 64
"""Components of a composite, however they lie in it."""

_JOINED = {
    Rule.SERIAL: "all of",
    Rule.PARALLEL: "any of",
    Rule.WEIGHTED: "the weighted mean of",
    Rule.WORST_OF: "the worst of",
}


@dataclass(frozen=True, slots=True)
class CompositeUptime:
    """Time weighted by the level of the whole, per time in which that is known, by the rules of ``sla.composites``.

    Records whose ``parts_by`` (subject or component) names a part tell of it: a state is worth its level in ppm and
    holds until the next one of its subject, ``holds_for_seconds`` at most. Where several subjects tell of one part, it
    is as bad as the worst of those that are known. What is excluded of a part is no evidence about it; of the time in
    which some part is excluded, that counts in which the whole is certainly good or bad all the same.
    """

    whole: Composite
    parts_by: str
    levels: tuple[tuple[str, int], ...]
    holds_for_seconds: int

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        return (
            f"time, weighted by the state of the whole, as a part of the time in which that is known; the whole is "
            f"{_words(self.whole)}, told apart by the {self.parts_by} of the records; "
            f"{held_text(self.levels, self.holds_for_seconds)}"
        )


def _words(part: Part) -> str:
    if isinstance(part, Component):
        return f"the {'agreement' if part.source is Source.AGREEMENT else 'service'} {part.name}"
    if part.rule is Rule.WEIGHTED:
        weighted = zip(part.parts, part.weights, strict=True)
        listed = [f"{_words(each)} (weight {number(weight)})" for each, weight in weighted]
    else:
        listed = [_words(each) for each in part.parts]
    return f"{_JOINED[part.rule]} [{', '.join(listed)}]"


def _composite_uptime(spec: Section, _: Calendars) -> tuple[CompositeUptime, Unit]:
    spec.require("measure levels holdsFor rule parts", "partsBy")
    whole = _composite(spec, 1)
    sources: dict[str, Source] = {}
    for component in _components(whole):
        if sources.setdefault(component.name, component.source) is not component.source:
            raise TermsError(
                spec.child_path("parts"),
                f"calls {component.name!r} a service and an agreement",
                "give them names of their own: records tell them apart by name",
                spec.line,
            )
    if len(sources) > MOST_PARTS:
        raise TermsError(
            spec.child_path("parts"), f"names {len(sources)} parts", f"name at most {MOST_PARTS}", spec.line
        )
    measure = CompositeUptime(
        whole=whole,
        parts_by=spec.optional("partsBy", lambda field: choice(field, "component", "subject"), "component"),
        levels=read_levels(spec.section("levels")),
        holds_for_seconds=span(spec.field("holdsFor")),
    )
    return measure, RATIO


def _composite(section: Section, depth: int) -> Composite:
    if depth > MAX_DEPTH:
        raise TermsError(
            section.path, f"lies deeper than {MAX_DEPTH} composites", "flatten them", section.line
        )
    rule = section.field("rule")
    kind = Rule(choice(rule, *Rule))
    items = section.sections("parts")
    weights = tuple(_weight(item, kind) for item in items)
    parts = tuple(_part(item, depth) for item in items)
    return Composite(kind, parts, weights if kind is Rule.WEIGHTED else ())


def _part(section: Section, depth: int) -> Part:
    if section.has("rule"):
        section.require("rule parts", "weight")
        return _composite(section, depth + 1)
    section.require("", "service agreement weight")
    if section.has("service") == section.has("agreement"):
        raise TermsError(
            section.path,
            "is not either a service or an agreement",
            "name one of them, or write rule and parts",
            section.line,
        )
    source = Source.AGREEMENT if section.has("agreement") else Source.SERVICE
    return Component(section.text(source), source)


def _weight(section: Section, rule: Rule) -> int:
    if rule is not Rule.WEIGHTED:
        if section.has("weight"):
            raise section.field("weight").refuse(f"weighs nothing in a {rule} composite", "leave it out")
        return 1
    field = section.field("weight")
    weight = whole_number(field, MOST_WEIGHT)
    if weight == 0:
        raise field.refuse("weighs nothing", "leave out parts that do not count")
    return weight


def _components(part: Part) -> Iterator[Component]:
    if isinstance(part, Component):
        yield part
    else:
        for each in part.parts:
            yield from _components(each)


FORMS: dict[str, Form[CompositeUptime]] = {"composite": Form(("states",), _composite_uptime)}
