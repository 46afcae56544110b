"""What is sent is told: tried with ``--dry-run``, asked for on a terminal, and shown with its transaction and gas."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from chain.connection import Receipt
from chain.errors import ChainError
from cli.base import notes, print_json
from record.hexes import to_hex
from record.readable import harmless, number

T = TypeVar("T")


def send_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--dry-run`` and ``--yes``."""
    for option in (
        click.option(
            "--yes", is_flag=True, help="Do not ask before sending. Without a terminal nobody is asked."
        ),
        click.option("--dry-run", is_flag=True, help="Only try it: nothing is sent."),
    ):
        function = option(function)
    return function


def confirm(question: str, yes: bool, dry_run: bool) -> None:
    """Ask, where somebody can answer; exit code 1 when the answer is no. On stderr: results may go into a pipe."""
    if not (yes or dry_run) and sys.stdin.isatty() and sys.stderr.isatty():
        click.confirm(harmless(question), abort=True, err=True)


def try_only_allowance(as_json: bool, what: str, details: Mapping[str, object]) -> None:
    """A dry run that ends where the token's allowance would come first."""
    if as_json:
        print_json({**details, "dryRun": True, "tried": "allowance"})
    else:
        click.echo(
            f"Would allow the escrow to pull the tokens, then {what}. Nothing was sent; all but the transfer was tried."
        )


def tell_sent(receipt: Receipt | None, done: str, details: Mapping[str, object], as_json: bool) -> None:
    """``done`` is a sentence about what is true now. ``receipt`` is None when it was only tried."""
    if receipt is None:
        sent: dict[str, object] = {"dryRun": True}
        line = f"Would succeed, nothing was sent: {harmless(done, 4_000)}"
    else:
        transaction = to_hex(bytes(receipt["transactionHash"]))
        sent = {"transaction": transaction, "block": receipt["blockNumber"], "gasUsed": receipt["gasUsed"]}
        told = harmless(done, 4_000)
        line = f"{told}\n  transaction {transaction}, block {receipt['blockNumber']}, {number(receipt['gasUsed'])} gas"
    if as_json:
        print_json({**details, **sent})
    else:
        click.echo(line)


def afterwards(read: Callable[[], T]) -> T | None:
    """What the chain says once something was sent; None when it does not. That it was sent is told all the same: who
    hears only of an error sends again."""
    try:
        return read()
    except ChainError:
        return None


@contextmanager
def working(what: str, as_json: bool = False) -> Iterator[None]:
    """A sign of life on a terminal while something takes its time."""
    screen = notes()
    if as_json or not screen.is_terminal:
        yield
    else:
        with screen.status(what):
            yield
