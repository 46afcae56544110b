"""An obligation as people write it: an objective, and tiers that say what missing it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from record.terms.edges import check_edges
from record.terms.exclusions import ExclusionTerms, read_exclusions
from record.terms.indicators import Indicator
from record.terms.levels import Unit, objective
from record.terms.pay import Pay, Purse, read_cap, read_pay, read_plus
from record.terms.section import Field, Section
from sla.agreement import PPM, Comparator, MissingData, Obligation, PayUnit, Tier
from sla.errors import TermsError

_POLICIES = {"ignore": MissingData.IGNORE, "breach": MissingData.BREACH, "arbiter": MissingData.ARBITER}

NO_PAY = Pay(None, 0)


@dataclass(frozen=True, slots=True)
class ObligationText:
    """An obligation with the words around it. ``terms`` is what stands in the agreement. ``exclusions`` are its own,
    None where those of all obligations hold."""

    name: str
    owner: str
    scope: str
    objective: str
    indicator: Indicator
    terms: Obligation
    exclusions: ExclusionTerms | None = None


def read_obligation(section: Section, indicators: Mapping[str, Indicator], purse: Purse) -> ObligationText:
    """One item of ``spec.obligations``."""
    section.require("name indicator objective missingData tiers", "owner scope sane cap exclusions")
    reference = section.field("indicator")
    if reference.text not in indicators:
        raise reference.refuse("names no SLI of this file", "add a document of kind SLI")
    indicator = indicators[reference.text]
    comparator, bound = objective(section.field("objective"), indicator.unit)
    sane_min, sane_max = _sane(section, indicator.unit)
    pay_unit, tiers = _tiers(section, comparator, indicator.unit, purse)
    if tiers[0].bound != bound:
        raise section.field("objective").refuse(
            f"is not where the first tier begins ({indicator.unit.text(tiers[0].bound)})",
            "begin the first tier at the objective",
        )
    worst = sane_min if comparator == Comparator.AT_LEAST else sane_max
    check_edges(section, comparator, indicator.unit, worst, tiers)
    terms = Obligation(
        indicator=indicator.id,
        comparator=comparator,
        pay_unit=pay_unit,
        missing_data=_policy(section.field("missingData")),
        cap=section.optional("cap", lambda field: read_cap(field, purse), 0),
        sane_min=sane_min,
        sane_max=sane_max,
        tiers=tiers,
    )
    return ObligationText(
        name=section.text("name"),
        owner=section.text("owner", ""),
        scope=section.text("scope", ""),
        objective=section.text("objective"),
        indicator=indicator,
        terms=terms,
        exclusions=read_exclusions(section) if section.has("exclusions") else None,
    )


def _sane(section: Section, unit: Unit) -> tuple[int, int]:
    """The sane bounds; a ratio that states none may be anything from 0 % to 100 %."""
    if not section.has("sane"):
        if unit.is_ratio:
            return 0, PPM
        raise TermsError(
            section.child_path("sane"), "is missing", "say what can be true at all", section.line
        )
    sane = section.section("sane")
    sane.require("min max")
    return unit.level(sane.field("min")), unit.level(sane.field("max"))


def _policy(field: Field) -> MissingData:
    if field.text not in _POLICIES:
        raise field.refuse("is no policy for missing data", f"use {', '.join(_POLICIES)}")
    return _POLICIES[field.text]


def _tiers(
    section: Section, comparator: Comparator, unit: Unit, purse: Purse
) -> tuple[PayUnit, tuple[Tier, ...]]:
    near, far = ("below", "atLeast") if comparator == Comparator.AT_LEAST else ("above", "upTo")
    pay_units: set[PayUnit] = set()
    tiers = []
    for item in section.sections("tiers"):
        item.require(near, f"{far} pay plus")
        base = item.optional("pay", lambda field: read_pay(field, field.text, purse), NO_PAY)
        slope, step = item.optional("plus", lambda field: read_plus(field, unit, purse), (NO_PAY, 0))
        pay_units |= {pay.unit for pay in (base, slope) if pay.unit is not None}
        if len(pay_units) > 1:
            raise item.field("plus" if item.has("plus") else "pay").refuse(
                "mixes amounts with parts of the charge", "use one of them throughout the obligation"
            )
        tiers.append(Tier(unit.level(item.field(near)), base.number, slope.number, step))
    return pay_units.pop() if pay_units else PayUnit.AMOUNT, tuple(tiers)
