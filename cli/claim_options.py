"""Which claim of an agreement is meant, and what somebody says was attained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from cli.agreements import Found
from sla.compensation import compensation


def claim_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand ``period`` and ``obligation``, both counted from 0, to the command."""
    for option in (
        click.option("--obligation", type=int, required=True, help="The obligation's number, from 0."),
        click.option("--period", type=int, required=True, help="The period's number, from 0."),
    ):
        function = option(function)
    return function


attained_option = click.option(
    "--attained", required=True, metavar="LEVEL", help='What was attained: "99.1%", or a whole number.'
)
charge_option = click.option(
    "--charge", metavar="AMOUNT", help="The period's charge, where the terms leave it open; else it is fixed."
)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of a claim. ``text`` is a clause for people: what, of which period, and what it pays."""

    attained: int
    charge: int
    text: str


def read_said(found: Found, period: int, obligation: int, attained: str, charge: str | None) -> Said:
    """The options as numbers; OptionError when the agreement has no such claim, or one of them cannot be read."""
    promise = found.obligation(obligation)
    level = found.level(obligation, attained, "--attained")
    base = found.agreement.service.charge if charge is None else found.money.base_units(charge, "--charge")
    pays = found.money.text(compensation(promise, level, base))
    what = (
        f"{found.level_text(obligation, level)} of {found.name(obligation)} in period {found.period(period)}"
    )
    return Said(level, base, f"{what}, which pays {pays}")
