"""Terms in plain English: amounts with their symbol, tiers as sentences."""

from __future__ import annotations

from record.readable import amount_text
from record.terms import TermsDocument
from record.terms.levels import Unit
from record.terms.obligations import ObligationText
from sla.agreement import PPM, Comparator, PayUnit, Tier
from sla.compensation import worst_attained


def paid(document: TermsDocument, amount: int) -> str:
    """An amount in the agreement's token: "300.00 USDC"."""
    return amount_text(amount, document.token.decimals, document.token.symbol)


def percent(ppm: int) -> str:
    """Parts per million as people write them, above 100 % too: 100 000 is "10%"."""
    whole, fraction = divmod(ppm, PPM // 100)
    decimals = f"{fraction:04d}".rstrip("0")
    return f"{whole}.{decimals}%" if decimals else f"{whole}%"


def level_words(unit: Unit, level: int) -> str:
    """ "99.5%", "1 day"."""
    if unit.is_ratio or level != 1:
        return unit.text(level)
    return unit.text(level).removesuffix("s")


def tier_sentences(document: TermsDocument, obligation: ObligationText) -> list[str]:
    """Each tier as a sentence: where it begins and ends, what it pays."""
    terms, unit = obligation.terms, obligation.indicator.unit
    at_least = terms.comparator == Comparator.AT_LEAST
    beyond, until = ("below", "down to") if at_least else ("above", "up to")
    sentences = []
    for place, tier in enumerate(terms.tiers):
        last = place + 1 == len(terms.tiers)
        far = worst_attained(terms) if last else terms.tiers[place + 1].bound
        reach = f"{beyond} {level_words(unit, tier.bound)}, {until} {level_words(unit, far)}"
        sentences.append(f"Tier {place + 1}, {reach}: {tier_pay(document, obligation, tier)}.")
    return sentences


def tier_pay(document: TermsDocument, obligation: ObligationText, tier: Tier) -> str:
    """ "10% of the charge", "12.00 GBPX and 4.00 GBPX more for each whole working day beyond 15 working days"."""
    unit = obligation.indicator.unit
    parts = [_pay(document, obligation, tier.base)] if tier.base else []
    if tier.step:
        step = level_words(unit, tier.step)
        if not unit.is_ratio:
            step = step.removeprefix("1 ")
        more = " more" if tier.base else ""
        slope = _pay(document, obligation, tier.slope)
        parts.append(f"{slope}{more} for each whole {step} beyond {level_words(unit, tier.bound)}")
    return " and ".join(parts)


def examples_title(document: TermsDocument, place: int) -> str:
    """What a table of examples is about: the obligation, and the charge it takes a part of."""
    obligation, service = document.obligations[place], document.service
    if obligation.terms.pay_unit is not PayUnit.CHARGE_PPM:
        return f"{obligation.name}, by examples"
    most = "fixed" if service.charge else "largest"
    charge = paid(document, service.charge or service.charge_max)
    return f"{obligation.name}, by examples at the {most} charge of {charge}"


def _pay(document: TermsDocument, obligation: ObligationText, number: int) -> str:
    if obligation.terms.pay_unit is PayUnit.CHARGE_PPM:
        return f"{percent(number)} of the charge"
    return paid(document, number)
