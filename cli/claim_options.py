"""``--period`` and ``--obligation``: which claim of an agreement is meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


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
