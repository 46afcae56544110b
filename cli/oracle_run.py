"""``makegood oracle run``: one node until it is told to stop."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.base import Command
from cli.exits import EXIT_HELP
from cli.oracle_options import bare_key_option, node_option
from cli.telling import event_line
from oracle.node_file import read_node_file
from oracle.opening_keys import open_key
from oracle.process import NodeProcess

EPILOG = f"""\b
Examples:
    makegood oracle run
    makegood oracle run --node node.toml --send --json
\b
SIGINT or SIGTERM stops it after the cycle under way; a second one at once. It can be killed at any moment and started
again: the journal knows what it signed.
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@node_option
@click.option(
    "--send/--dry-run", default=None, help="Send transactions, or only try them; default: as the file says."
)
@bare_key_option
@click.option("--json", "as_json", is_flag=True, help="Tell what happens as lines of JSON.")
def run(node_path: Path, send: bool | None, allow_bare_key: bool, as_json: bool) -> None:
    """Run one oracle node: measure, agree with the peers, post, claim, settle."""
    config = read_node_file(node_path)
    if send is not None:
        config = replace(config, settings=replace(config.settings, dry_run=not send))
    key = open_key(config, allow_bare_key)
    with _stop_on_signals() as stopped:
        NodeProcess(config, key, json_lines if as_json else _lines).run(stopped)


@contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """The first signal asks to stop; the next one has its usual effect."""
    stopped = threading.Event()

    def stop(number: int, frame: object) -> None:
        stopped.set()
        signal.signal(number, usual[signal.Signals(number)])

    usual = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


def json_lines(kind: str, details: Mapping[str, object]) -> None:
    """One JSON object a line."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    click.echo(json.dumps({"time": now, "kind": kind, **details}, default=str))


def _lines(kind: str, details: Mapping[str, object]) -> None:
    click.echo(event_line(kind, details))
