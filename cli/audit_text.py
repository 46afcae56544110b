"""How amounts came about, in words and numbers."""

from __future__ import annotations

from audit.findings import Basis, Place, Settlement
from record.readable import number, utc
from sla.agreement import Comparator, Obligation, PayUnit
from sla.schedule import period_end, period_start

_BASIS = {
    Basis.REPORT: "report",
    Basis.RULING: "ruling",
    Basis.CONCESSION: "conceded by the opponent",
    Basis.SILENCE: "no ruling in time on the report",
    Basis.MISSING_DATA: "no sane report and no ruling: the missing-data policy counts this",
}


def where(place: Place) -> str:
    """``block 17, transaction 0, 2027-02-14 00:00:00 UTC``."""
    return f"block {place.block}, transaction {place.transaction}, {utc(place.time)} UTC"


def settlement_lines(settlement: Settlement) -> list[str]:
    """The derivation of one settlement, a step a line."""
    promise, found = settlement.promise, settlement.derivation
    service = settlement.agreement.service
    start, end = period_start(service, settlement.period), period_end(service, settlement.period)
    lag = f", its zone up to {number(service.zone_lag_seconds)} s behind" if service.zone_lag_seconds else ""
    return [
        f"period {settlement.period}: {utc(start)} to {utc(end)} UTC{lag}",
        f"obligation {settlement.obligation}: {_promised(promise)}; attained {number(found.attained)} "
        f"({_basis(settlement)})",
        *_observed(settlement),
        _tier(settlement),
        *_amount(settlement),
        _entitlement(settlement),
    ]


def _promised(promise: Obligation) -> str:
    relation = "at least" if promise.comparator is Comparator.AT_LEAST else "at most"
    return f"{relation} {number(promise.tiers[0].bound)} promised"


def _basis(settlement: Settlement) -> str:
    basis = _BASIS[settlement.basis]
    if settlement.revision is None:
        return f"{basis}; no report"
    attested = "" if settlement.round is None else f" of round {settlement.round}"
    if settlement.basis is Basis.REPORT:
        return f"{basis}{attested}, revision {settlement.revision}"
    return f"{basis}; the last report{attested} has revision {settlement.revision}"


def _observed(settlement: Settlement) -> list[str]:
    if not settlement.observed:
        return []
    seen = sorted(value for value in settlement.observed if value is not None)
    unknown = settlement.observed.count(None)
    rest = f"; unknown to {unknown}" if unknown else ""
    return [f"members observed {', '.join(map(number, seen))}{rest}: their median was reported"]


def _tier(settlement: Settlement) -> str:
    promise, found = settlement.promise, settlement.derivation
    if found.tier is None:
        return "within the objective: no tier is passed"
    tier = promise.tiers[found.tier]
    beyond = "below" if promise.comparator is Comparator.AT_LEAST else "above"
    passed = f"tier {found.tier + 1} of {len(promise.tiers)}, {beyond} {number(tier.bound)}"
    unit = "ppm of the charge" if promise.pay_unit is PayUnit.CHARGE_PPM else "base units"
    if tier.step == 0:
        return f"{passed}: {number(tier.base)} {unit}"
    return (
        f"{passed}: {number(tier.base)} + {number(tier.slope)} × ⌊|{number(tier.bound)} − {number(found.attained)}| / "
        f"{number(tier.step)}⌋ = {number(found.rate)} {unit}"
    )


def _amount(settlement: Settlement) -> list[str]:
    promise, found = settlement.promise, settlement.derivation
    lines = []
    if promise.pay_unit is PayUnit.CHARGE_PPM:
        product = f"{number(found.rate)} ppm × charge {number(found.charge)} = {number(found.uncapped)}"
        lines.append(f"{product}, rounded down")
    cap = f"at most {number(promise.cap)}" if promise.cap else "no cap of its own"
    return [*lines, f"compensation: {number(found.compensation)} ({cap})"]


def _entitlement(settlement: Settlement) -> str:
    cap = settlement.agreement.service.period_cap
    joint = f"joint cap {number(cap)}" if cap else "no joint cap"
    others = f"{number(settlement.others)} settled for others in this period before"
    sign = "-" if settlement.change < 0 else "+"
    corrected = f"; instead of {number(settlement.before)} settled before" if settlement.before else ""
    return f"entitlement: {sign} {number(abs(settlement.change))} ({joint}; {others}{corrected})"
