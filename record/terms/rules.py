"""All rules an agreement breaks, not only the first: what broke a rule is replaced by something sound, and the rest is
checked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from record.terms.stand_ins import FAR_FUTURE, OBLIGATION, SERVICE, STAKE, account
from sla.agreement import Agreement, Parties
from sla.errors import RuleBroken
from sla.validation import MAX_OBLIGATIONS, check_agreement

Mend = Callable[[Agreement], Agreement]

_MOST_RULES = 2 * MAX_OBLIGATIONS + 40
"""Each mend ends its rule for good; this only bounds the loop should one ever fail to."""


def broken_rules(agreement: Agreement, now: int) -> list[RuleBroken]:
    """Every independent rule the escrow would refuse the agreement for at ``now`` (seconds UTC), in its order."""
    found: list[RuleBroken] = []
    while len(found) < _MOST_RULES:
        try:
            check_agreement(agreement, now)
        except RuleBroken as broken:
            found.append(broken)
            agreement = _mended(agreement, broken)
        else:
            return found
    return found


def _mended(agreement: Agreement, broken: RuleBroken) -> Agreement:
    if broken.rule in _MENDS:
        return _MENDS[broken.rule](agreement)
    if broken.rule in ("ZeroAddress", "DurationTooLong"):
        return _field_mended(agreement, str(broken.values[0]))
    index = int(broken.values[0])
    obligations = agreement.obligations
    return replace(agreement, obligations=(*obligations[:index], OBLIGATION, *obligations[index + 1 :]))


def _field_mended(agreement: Agreement, name: str) -> Agreement:
    if name == "token":
        return replace(agreement, stake=replace(agreement.stake, token=account(3)))
    if name == "committee":
        return replace(agreement, service=replace(agreement.service, committee=account(4)))
    if name in ("disputeWindow", "ruleWithin", "reportWithin", "claimWithin"):
        return _windows_mended(agreement)
    places = {"provider": account(0), "customer": account(1), "arbiter": account(2)}
    parties = agreement.parties
    named = {"provider": parties.provider, "customer": parties.customer, "arbiter": parties.arbiter}
    return replace(agreement, parties=Parties(**{**named, name: places[name]}))


def _windows_mended(agreement: Agreement) -> Agreement:
    stake = agreement.stake
    return replace(
        agreement, stake=replace(STAKE, token=stake.token, bond=stake.bond, arbiter_fee=stake.arbiter_fee)
    )


def _schedule_mended(agreement: Agreement) -> Agreement:
    service = agreement.service
    return replace(
        agreement,
        service=replace(
            service,
            start=FAR_FUTURE,
            unit=SERVICE.unit,
            length=SERVICE.length,
            count=SERVICE.count,
            zone_lag_seconds=0,
        ),
    )


def _money_mended(agreement: Agreement) -> Agreement:
    return replace(agreement, obligations=(OBLIGATION,))


_MENDS: dict[str, Mend] = {
    "SameParty": lambda a: replace(a, parties=Parties(account(0), account(1), account(2))),
    "LengthOutOfRange": _schedule_mended,
    "CountOutOfRange": _schedule_mended,
    "ZoneLagTooLong": _schedule_mended,
    "TimesTooLate": _schedule_mended,
    "FirstPeriodOver": _schedule_mended,
    "ReportAfterClaim": _windows_mended,
    "RuleWithinZero": _windows_mended,
    "OpenByPassed": lambda a: replace(a, formation=replace(a.formation, open_by=FAR_FUTURE)),
    "BondZero": lambda a: replace(a, stake=replace(a.stake, bond=max(1, a.stake.arbiter_fee))),
    "ArbiterFeeAboveBond": lambda a: replace(a, stake=replace(a.stake, arbiter_fee=0)),
    "TwoCharges": lambda a: replace(a, service=replace(a.service, charge_max=0)),
    "ExitRuleInvalid": lambda a: replace(a, formation=replace(a.formation, exit_breaches=0, exit_periods=0)),
    "ObligationsOutOfRange": lambda a: replace(
        a, obligations=a.obligations[:MAX_OBLIGATIONS] or (OBLIGATION,)
    ),
    "AmountTooLarge": _money_mended,
    "ExposureTooLarge": lambda a: replace(a, service=replace(a.service, period_cap=1)),
}
"""Rule -> what makes it hold. Where several fields share a rule, all of them give way: no second error follows."""
