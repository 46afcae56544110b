"""Sound values that stand where a part of a document could not be read, so that the rest can be checked in the same
run. No document with a stand-in ever becomes an agreement: its errors are raised first."""

from __future__ import annotations

from record.hexes import checksum_address
from record.terms.indicators import Counted, Indicator
from record.terms.levels import RATIO, Unit
from record.terms.measures import Requests
from record.terms.obligations import ObligationText
from record.terms.ratios import Ratio
from record.terms.section import Section
from record.terms.sources import Connection, DataSource, HttpProbe, OpenMetrics, Prometheus, Replay, StatusLog
from sla.agreement import (
    ZERO_BYTES32,
    Comparator,
    MissingData,
    Obligation,
    PayUnit,
    ScheduleUnit,
    Service,
    Stake,
    Tier,
)
from sla.errors import TermsError

FAR_FUTURE = 2**33
"""In the year 2242: no rule about the present time is broken by it."""


def account(place: int) -> str:
    """An address that nobody has, another one for each place."""
    return checksum_address((0xDEAD_0000 + place).to_bytes(20))


SERVICE = Service(
    committee=account(4),
    start=FAR_FUTURE,
    unit=ScheduleUnit.SECONDS,
    length=1,
    count=1,
    zone_lag_seconds=0,
    charge=1,
    charge_max=0,
    period_cap=0,
)

STAKE = Stake(
    token=account(3),
    bond=1,
    arbiter_fee=0,
    dispute_window=1,
    report_within=0,
    claim_within=400 * 86_400,
    rule_within=1,
    downstream=ZERO_BYTES32,
)

OBLIGATION = Obligation(
    indicator=ZERO_BYTES32,
    comparator=Comparator.AT_MOST,
    pay_unit=PayUnit.AMOUNT,
    missing_data=MissingData.IGNORE,
    cap=0,
    sane_min=0,
    sane_max=1,
    tiers=(Tier(0, 1, 0, 0),),
)


_URL = "https://stand-in.invalid"
_CONNECTIONS: dict[str, Connection] = {
    "http-probe": HttpProbe(_URL, "GET", 1, 1),
    "openmetrics": OpenMetrics(_URL, 1, 1),
    "prometheus": Prometheus(_URL, 1, 1),
    "replay": Replay("-", "csv"),
    "upptime": StatusLog("-", "csv", "-", 1),
}


def data_source(document: Section) -> DataSource | None:
    """For a DataSource that could not be read: indicators that name it are checked all the same. None when not even
    its type is known."""
    try:
        kind = document.section("spec").text("type")
    except TermsError:
        return None
    connection = _CONNECTIONS.get(kind)
    return None if connection is None else DataSource("", "", connection, document)


def indicator(document: Section) -> Indicator | None:
    """For an SLI that could not be read: the tiers of a ratio are checked all the same. None when it is no ratio, whose
    unit nobody knows."""
    try:
        is_ratio = document.section("spec").has("ratioMetric")
    except TermsError:
        return None
    source = DataSource("", "", Replay("-", "csv"), document)
    return Indicator("", "", source, Ratio("up", 400, None), RATIO, ZERO_BYTES32) if is_ratio else None


def obligation_text(section: Section) -> ObligationText:
    """For an obligation that could not be read: the others keep their places."""
    unit = Unit("units")
    source = DataSource("", "", Replay("-", "csv"), section)
    indicator = Indicator("", "", source, Counted(Requests(None)), unit, ZERO_BYTES32)
    return ObligationText("", "", "", "", indicator, OBLIGATION)
