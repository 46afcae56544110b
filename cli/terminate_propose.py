"""``makegood terminate propose``: the offer of a termination, as a file for both parties to sign."""

from __future__ import annotations

from pathlib import Path

import click

from chain.network import Network
from cli.agreements import agreement_argument, find_head
from cli.base import Command, OptionError, json_option, print_json
from cli.cutting import next_period
from cli.exits import EXIT_HELP
from cli.moments import moment
from cli.network_option import network_option, reach
from cli.sending import working
from cli.terminating import Ending
from cli.terms_file import FileRefused, write_new
from record.readable import harmless, utc
from record.termination import Termination, offer_bytes
from sla.schedule import boundary

EPILOG = f"""\b
Examples: end it with the period that goes on at that time; end it after three periods.
    makegood terminate propose 0x1f2e end.json --valid-by 2027-03-20T00:00:00Z
    makegood terminate propose 0x1f2e end.json --valid-by 2027-03-20T00:00:00Z --count 3
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@agreement_argument
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--valid-by",
    required=True,
    metavar="TIME",
    help="Until when it can be submitted, as in 2027-01-01T00:00:00Z.",
)
@click.option(
    "--count", type=int, help="How many periods are kept.  [default: those that begin until --valid-by]"
)
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
@network_option
@json_option
def propose(
    agreement: str,
    file: Path,
    valid_by: str,
    count: int | None,
    dry_run: bool,
    network: Network,
    as_json: bool,
) -> None:
    """Write the offer FILE: AGREEMENT ends after some of its periods. It binds nobody until both parties signed it."""
    with working("reading the chain", as_json):
        _, escrow = reach(network)
        found, history = find_head(network, escrow, agreement)
    until = moment(valid_by, "--valid-by")
    if until <= history.head.time:
        raise OptionError(
            "--valid-by", f"is over: it is {utc(history.head.time)} UTC", "give both parties time to sign"
        )
    record = found.record
    kept = next_period(record, until) if count is None else count
    if not 0 <= kept < record.count:
        raise OptionError(
            "--count" if count is not None else "--valid-by",
            f"{kept} periods would be kept, and the agreement has {record.count} left",
            f"keep fewer than {record.count}" if record.count else "nothing is left to end",
        )
    if boundary(record.agreement.service, kept) <= history.head.time:
        first = next_period(record, history.head.time)
        raise OptionError(
            "--count",
            f"the first period that would be dropped, {kept}, began at "
            f"{utc(boundary(record.agreement.service, kept))} UTC",
            f"keep {first} or more: only periods that have not begun can be dropped",
        )
    ending = Ending(found, Termination(record.id, kept, until))
    if file.exists():
        raise FileRefused(str(file), "", "is there already", "move it away, or name another file")
    if not dry_run:
        write_new(file, offer_bytes(ending.termination, escrow.domain))
    if as_json:
        print_json({"file": str(file), "written": not dry_run, **ending.details})
        return
    shown, done = harmless(str(file)), "would be written" if dry_run else "written"
    click.echo(
        f"{shown} {done}: {ending.text}, if both sign and it is submitted before {utc(until)} UTC.\n"
        f"Next: makegood terminate sign {shown} --as provider, and --as customer"
    )
