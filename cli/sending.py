"""What is sent is told: tried with ``--dry-run``, asked for on a terminal, and shown with its transaction and gas."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from chain.connection import Receipt
from cli.base import notes, print_json
from record.hexes import to_hex
from record.readable import harmless, number


def send_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--dry-run`` and ``--yes``."""
    for option in (
        click.option("--yes", is_flag=True, help="Do not ask before sending."),
        click.option("--dry-run", is_flag=True, help="Only try it: nothing is sent."),
    ):
        function = option(function)
    return function


def confirm(question: str, yes: bool, dry_run: bool) -> None:
    """Ask, where somebody can answer; exit code 1 when the answer is no."""
    if not (yes or dry_run) and sys.stdin.isatty() and sys.stdout.isatty():
        click.confirm(harmless(question), abort=True)


def try_only_allowance(as_json: bool, what: str, details: Mapping[str, object]) -> None:
    """A dry run that ends where the token's allowance would come first."""
    if as_json:
        print_json({**details, "dryRun": True, "tried": "allowance"})
    else:
        click.echo(
            f"Would allow the escrow to pull it, then {what}. Nothing was sent; only the first can be tried now."
        )


def tell_sent(receipt: Receipt | None, done: str, details: Mapping[str, object], as_json: bool) -> None:
    """``done`` is a sentence about what is true now. ``receipt`` is None when it was only tried."""
    if receipt is None:
        sent: dict[str, object] = {"dryRun": True}
        line = f"Would succeed, nothing was sent: {done}"
    else:
        transaction = to_hex(bytes(receipt["transactionHash"]))
        sent = {"transaction": transaction, "block": receipt["blockNumber"], "gasUsed": receipt["gasUsed"]}
        line = f"{done}\n  transaction {transaction}, block {receipt['blockNumber']}, {number(receipt['gasUsed'])} gas"
    if as_json:
        print_json({**details, **sent})
    else:
        click.echo(line)


@contextmanager
def working(what: str, as_json: bool = False) -> Iterator[None]:
    """A sign of life on a terminal while something takes its time."""
    screen = notes()
    if as_json or not screen.is_terminal:
        yield
    else:
        with screen.status(what):
            yield
