"""An agreement out of the ABI-encoded arguments of ``open``."""

from __future__ import annotations

from typing import Any

from record.hexes import checksum_address
from sla.agreement import (
    Agreement,
    Comparator,
    Formation,
    MissingData,
    Obligation,
    Parties,
    PayUnit,
    ScheduleUnit,
    Service,
    Stake,
    Tier,
)

PARTIES = "(address,address,address)"
SERVICE = "(address,uint40,uint8,uint32,uint24,uint32,uint96,uint96,uint96)"
STAKE = "(address,uint96,uint96,uint32,uint32,uint32,uint32,bytes32)"
FORMATION = "(bytes32,uint96,bytes32,uint40,uint16,uint16)"
TIER = "(uint64,uint96,uint96,uint64)"
OBLIGATION = f"(bytes32,uint8,uint8,uint8,uint96,uint64,uint64,{TIER}[])"
AGREEMENT = f"({PARTIES},{SERVICE},{STAKE},{FORMATION},{OBLIGATION}[])"
OPEN_ARGUMENTS = [AGREEMENT, "bytes", "bytes"]


def agreement_of(decoded: Any) -> Agreement:
    """The agreement that ``eth_abi`` decoded as ``AGREEMENT``."""
    parties, service, stake, formation, obligations = decoded
    committee, start, unit, *rest = service
    token, *stakes = stake
    return Agreement(
        parties=Parties(*map(checksum_address, parties)),
        service=Service(checksum_address(committee), start, ScheduleUnit(unit), *rest),
        stake=Stake(checksum_address(token), *stakes),
        formation=Formation(*formation),
        obligations=tuple(map(_obligation_of, obligations)),
    )


def _obligation_of(decoded: Any) -> Obligation:
    indicator, comparator, pay_unit, missing_data, cap, sane_min, sane_max, tiers = decoded
    return Obligation(
        indicator=indicator,
        comparator=Comparator(comparator),
        pay_unit=PayUnit(pay_unit),
        missing_data=MissingData(missing_data),
        cap=cap,
        sane_min=sane_min,
        sane_max=sane_max,
        tiers=tuple(Tier(*tier) for tier in tiers),
    )
