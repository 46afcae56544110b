"""The kind SLA of ``makegood/v1``: who promises what to whom, for which money, until when."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from string import ascii_letters, digits

from record.terms.attempts import Attempts
from record.terms.pay import Purse, read_amount, read_cap
from record.terms.section import Field, Section
from record.terms.stand_ins import FAR_FUTURE, SERVICE, STAKE, account
from record.terms.values import address, bytes32, duration_seconds, instant, money, whole_number
from record.terms.zones import read_every, read_start, read_zone, zone_lag_seconds
from sla.agreement import ZERO_BYTES32, Formation, Parties, ScheduleUnit, Service, Stake
from sla.errors import TermsError
from sla.schedule import boundary

UINT16_MAX = 2**16 - 1
UINT24_MAX = 2**24 - 1
UINT32_MAX = 2**32 - 1
MAX_DECIMALS = 36

REQUIRED = (
    "service description scope parties token committee schedule collateral dispute reportWithin claimWithin "
    "openBy obligations"
)
OPTIONAL = "source workload charge periodCap exit predecessor downstream exclusions"
ROLES = ("provider", "customer", "arbiter")

MAX_SYMBOL = 16

_SYMBOL_SIGNS = frozenset(ascii_letters + digits + "._+-")


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


def read_parties(spec: Section, tries: Attempts) -> PartyNames:
    """Provider, customer and arbiter, each ``{name, address}``."""
    parties = tries.section(spec, "parties", " ".join(ROLES))
    named = []
    for place, role in enumerate(ROLES):
        party = tries.section(parties, role, "name address") if parties is not None else None
        named.append(Named(tries.text(party, "name"), read_account(party, tries, account(place))))
    return PartyNames(*named)


def read_account(holder: Section | None, tries: Attempts, stand_in: str) -> str:
    """The ``address`` of a party, token or committee."""
    if holder is None:
        return stand_in
    return tries.read(lambda: address(holder.field("address")), stand_in)


def read_token(spec: Section, tries: Attempts) -> Token | None:
    """``{address, symbol, decimals}``; None when amounts cannot be read without knowing more."""
    section = tries.section(spec, "token", "address symbol decimals")
    if section is None:
        return None
    at = read_account(section, tries, account(3))
    symbol = tries.read(lambda: _symbol(section.field("symbol")), None)
    decimals = tries.read(lambda: whole_number(section.field("decimals"), MAX_DECIMALS), None)
    return None if symbol is None or decimals is None else Token(at, symbol, decimals)


def _symbol(field: Field) -> str:
    """Letters that cannot be mistaken for others: a symbol stands beside every amount both parties read."""
    symbol = field.text
    if (
        len(symbol) > MAX_SYMBOL
        or not any(sign in ascii_letters for sign in symbol)
        or not all(map(_is_plain, symbol))
    ):
        raise field.refuse(
            "is not a plain symbol", "write 1 to 16 of A-Z, a-z, 0-9, . _ + - and currency signs, as in USDC"
        )
    return symbol


def _is_plain(sign: str) -> bool:
    """Letters and signs that look like no other: full-width forms are not, the sign of the tugrik in "USD₮" is."""
    is_currency = unicodedata.category(sign) == "Sc" and unicodedata.normalize("NFKC", sign) == sign
    return sign in _SYMBOL_SIGNS or is_currency


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


def read_service(spec: Section, purse: Purse | None, charge_max: int, tries: Attempts) -> tuple[Service, str]:
    """The service as it stands in the agreement, and its zone. Without a purse no amount is read."""
    committee = tries.section(spec, "committee", "address")
    service = replace(SERVICE, committee=read_account(committee, tries, account(4)))
    if purse is not None:
        cap = tries.read(lambda: spec.optional("periodCap", lambda field: read_cap(field, purse), 0), 0)
        service = replace(service, charge=purse.charge, charge_max=charge_max, period_cap=cap)
    schedule = tries.section(spec, "schedule", "start zone every periods")
    return (service, "UTC") if schedule is None else _scheduled(service, schedule, tries)


def _scheduled(bare: Service, schedule: Section, tries: Attempts) -> tuple[Service, str]:
    before = len(tries.errors)
    unit, length = tries.read(lambda: _every(schedule.field("every")), (bare.unit, bare.length))
    zone = tries.read(lambda: read_zone(schedule.field("zone")), "UTC")
    count = tries.read(lambda: whole_number(schedule.field("periods"), UINT24_MAX), bare.count)
    start = tries.read(lambda: read_start(schedule.field("start")), bare.start)
    service = replace(bare, start=start, unit=unit, length=length, count=count)
    if len(tries.errors) > before:
        return service, zone
    lag = tries.read(lambda: zone_lag_seconds(schedule, zone, lambda k: boundary(service, k), count), 0)
    return replace(service, zone_lag_seconds=lag), zone


def _every(field: Field) -> tuple[ScheduleUnit, int]:
    unit, length = read_every(field)
    if length > UINT32_MAX:
        raise field.refuse("is too long", "use at most 400 days or 13 months")
    return unit, length


def read_stake(spec: Section, purse: Purse | None, token: Token | None, tries: Attempts) -> Stake:
    """What is at stake, and the windows within which it moves."""
    dispute = tries.section(spec, "dispute", "window bond arbiterFee rulingWithin")
    if dispute is None or purse is None or token is None:
        return STAKE

    def seconds(section: Section, name: str, stand_in: int) -> int:
        return tries.read(lambda: duration_seconds(section.field(name)), stand_in)

    bond = tries.read(lambda: read_amount(dispute.field("bond"), purse), None)
    fee = tries.read(lambda: read_amount(dispute.field("arbiterFee"), purse), 0)
    return Stake(
        token=token.address,
        bond=max(fee, 1) if bond is None else bond,
        arbiter_fee=fee,
        dispute_window=seconds(dispute, "window", STAKE.dispute_window),
        report_within=seconds(spec, "reportWithin", STAKE.report_within),
        claim_within=seconds(spec, "claimWithin", STAKE.claim_within),
        rule_within=seconds(dispute, "rulingWithin", STAKE.rule_within),
        downstream=tries.read(lambda: spec.optional("downstream", bytes32, ZERO_BYTES32), ZERO_BYTES32),
    )


def read_formation(spec: Section, purse: Purse | None, document: bytes, tries: Attempts) -> Formation:
    """What matters only when the agreement begins or is left."""
    breaches, periods = tries.read(lambda: _exit(spec), (0, 0))
    collateral = 0 if purse is None else tries.read(lambda: read_amount(spec.field("collateral"), purse), 0)
    return Formation(
        document=document,
        collateral=collateral,
        predecessor=tries.read(lambda: spec.optional("predecessor", bytes32, ZERO_BYTES32), ZERO_BYTES32),
        open_by=tries.read(lambda: instant(spec.field("openBy")), FAR_FUTURE),
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
