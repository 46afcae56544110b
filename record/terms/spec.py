"""The kind SLA of ``makegood/v1``: who promises what to whom, for which money, until when."""

from __future__ import annotations

from dataclasses import dataclass, replace

from record.terms.pay import Purse, read_amount, read_cap
from record.terms.section import Section
from record.terms.values import address, bytes32, duration_seconds, instant, money, whole_number
from record.terms.zones import read_every, read_start, read_zone, zone_lag_seconds
from sla.agreement import ZERO_BYTES32, Formation, Parties, Service, Stake
from sla.errors import TermsError
from sla.schedule import boundary

UINT16_MAX = 2**16 - 1
UINT24_MAX = 2**24 - 1
UINT32_MAX = 2**32 - 1

REQUIRED = (
    "service description scope parties token committee schedule collateral dispute reportWithin claimWithin "
    "openBy obligations"
)
OPTIONAL = "source workload charge periodCap exit predecessor downstream"


@dataclass(frozen=True, slots=True)
class Named:
    """An account with the name people know it by."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class PartyNames:
    """The parties as people know them; ``accounts`` are their addresses."""

    provider: Named
    customer: Named
    arbiter: Named

    @property
    def accounts(self) -> Parties:
        """The parties as they stand in the agreement."""
        return Parties(self.provider.address, self.customer.address, self.arbiter.address)


@dataclass(frozen=True, slots=True)
class Token:
    """The token amounts are paid in. One whole token is 10**decimals base units."""

    address: str
    symbol: str
    decimals: int


def read_parties(section: Section) -> PartyNames:
    """Provider, customer and arbiter, each ``{name, address}``."""
    section.require("provider customer arbiter")
    named = []
    for role in ("provider", "customer", "arbiter"):
        party = section.section(role)
        party.require("name address")
        named.append(Named(party.text("name"), address(party.field("address"))))
    return PartyNames(*named)


def read_token(section: Section) -> Token:
    """``{address, symbol, decimals}``."""
    section.require("address symbol decimals")
    return Token(
        address(section.field("address")),
        section.text("symbol"),
        whole_number(section.field("decimals"), 36),
    )


def read_charge(spec: Section, decimals: int) -> tuple[int, int]:
    """(charge, charge_max): a fixed charge, the most a metered one may be, or neither."""
    if not spec.has("charge"):
        return 0, 0
    charge = spec.section("charge")
    charge.require("", "fixed max")
    if charge.has("fixed") == charge.has("max"):
        raise TermsError(charge.path, "is not either fixed or max", "give one of them", charge.line)
    field = charge.field("fixed" if charge.has("fixed") else "max")
    amount = money(field, decimals)
    if amount == 0:
        raise field.refuse("is no charge", "leave the charge out, or make it larger than zero")
    return (amount, 0) if charge.has("fixed") else (0, amount)


def read_service(spec: Section, purse: Purse, charge_max: int) -> tuple[Service, str]:
    """The service as it stands in the agreement, and its zone."""
    schedule = spec.section("schedule")
    schedule.require("start zone every periods")
    unit, length = read_every(schedule.field("every"))
    if length > UINT32_MAX:
        raise schedule.field("every").refuse("is too long", "use at most 400 days or 13 months")
    zone = read_zone(schedule.field("zone"))
    committee = spec.section("committee")
    committee.require("address")
    count = whole_number(schedule.field("periods"), UINT24_MAX)
    bare = Service(
        committee=address(committee.field("address")),
        start=read_start(schedule.field("start")),
        unit=unit,
        length=length,
        count=count,
        zone_lag_seconds=0,
        charge=purse.charge,
        charge_max=charge_max,
        period_cap=spec.optional("periodCap", lambda field: read_cap(field, purse), 0),
    )
    lag = zone_lag_seconds(schedule, zone, lambda k: boundary(bare, k), count)
    return replace(bare, zone_lag_seconds=lag), zone


def read_stake(spec: Section, purse: Purse, token: Token) -> Stake:
    """What is at stake, and the windows within which it moves."""
    dispute = spec.section("dispute")
    dispute.require("window bond arbiterFee rulingWithin")
    return Stake(
        token=token.address,
        bond=read_amount(dispute.field("bond"), purse),
        arbiter_fee=read_amount(dispute.field("arbiterFee"), purse),
        dispute_window=duration_seconds(dispute.field("window")),
        report_within=duration_seconds(spec.field("reportWithin")),
        claim_within=duration_seconds(spec.field("claimWithin")),
        rule_within=duration_seconds(dispute.field("rulingWithin")),
        downstream=spec.optional("downstream", bytes32, ZERO_BYTES32),
    )


def read_formation(spec: Section, purse: Purse, document: bytes) -> Formation:
    """What matters only when the agreement begins or is left."""
    breaches, periods = _exit(spec)
    return Formation(
        document=document,
        collateral=read_amount(spec.field("collateral"), purse),
        predecessor=spec.optional("predecessor", bytes32, ZERO_BYTES32),
        open_by=instant(spec.field("openBy")),
        exit_breaches=breaches,
        exit_periods=periods,
    )


def _exit(spec: Section) -> tuple[int, int]:
    """(breaches, periods) of ``exit``: the customer may leave after so many paid periods within so many."""
    if not spec.has("exit"):
        return 0, 0
    rule = spec.section("exit")
    rule.require("breaches periods")
    return whole_number(rule.field("breaches"), UINT16_MAX), whole_number(rule.field("periods"), UINT16_MAX)
