"""What a tier pays, as people write it: "10% of charge", "8.40", "8.40 per day", "0.1% of charge per day"."""

from __future__ import annotations

from dataclasses import dataclass

from record.terms.levels import Unit
from record.terms.section import Field
from record.terms.values import money, percent_ppm
from sla.agreement import PPM, UINT96_MAX, PayUnit

_OF_CHARGE = " of charge"


@dataclass(frozen=True, slots=True)
class Purse:
    """What amounts are counted in: the token's symbol and decimals, and the fixed charge (0 when metered)."""

    symbol: str
    decimals: int
    charge: int


@dataclass(frozen=True, slots=True)
class Pay:
    """A part of the charge in ppm, or an amount in base units. ``unit`` None is nothing at all."""

    unit: PayUnit | None
    number: int


def read_pay(field: Field, text: str, purse: Purse) -> Pay:
    """ "10% of charge" is 100 000 ppm; "8.40" or "8.40 GBP" is an amount of the token."""
    if text.endswith(_OF_CHARGE):
        ppm = percent_ppm(field, text.removesuffix(_OF_CHARGE))
        if ppm > UINT96_MAX:
            raise field.refuse("is too large", "lower it")
        return Pay(PayUnit.CHARGE_PPM, ppm)
    return Pay(PayUnit.AMOUNT, read_amount(field, purse, text))


def read_amount(field: Field, purse: Purse, text: str | None = None) -> int:
    """ "8.40", or "8.40 GBP" when GBP is the token's symbol, in base units."""
    shown = field.text if text is None else text
    return money(field, purse.decimals, shown.removesuffix(f" {purse.symbol}"))


def read_plus(field: Field, unit: Unit, purse: Purse) -> tuple[Pay, int]:
    """What is added for every whole step beyond the tier's bound: "8.40 per day", "1% of charge per 0.5%"."""
    paid, per, step = field.text.rpartition(" per ")
    if not per:
        raise field.refuse(
            "does not say per what", f"write it as in 8.00 per {'0.1%' if unit.is_ratio else unit.name}"
        )
    return read_pay(field, paid, purse), unit.step(field, step)


def read_cap(field: Field, purse: Purse) -> int:
    """An amount, or a part of the fixed charge that comes to whole base units; 0 would mean no cap."""
    if not field.text.endswith(_OF_CHARGE):
        cap = read_amount(field, purse)
    else:
        product = percent_ppm(field, field.text.removesuffix(_OF_CHARGE)) * purse.charge
        if purse.charge == 0:
            raise field.refuse("is a part of a charge that is not fixed", "write an amount")
        cap, rest = divmod(product, PPM)
        if rest:
            raise field.refuse("of this charge is not a whole number of base units", "write an amount")
        if cap > UINT96_MAX:
            raise field.refuse("is more than the contracts can keep", "lower it")
    if cap == 0:
        raise field.refuse("would mean no cap at all", "leave the cap out, or make it larger than zero")
    return cap
