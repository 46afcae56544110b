"""``makegood exclude propose``: an exclusion as a file for its parties to approve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from chain.network import Network
from cli.base import Command, OptionError, json_option, print_json
from cli.excluding import details, sentence
from cli.exits import EXIT_HELP
from cli.moments import moment
from cli.network_option import network_option
from cli.terms_file import current_time, read_terms, write_new
from record.eip712 import agreement_digest, escrow_domain
from record.exclusion_fields import ExclusionFileError
from record.exclusion_json import exclusion_bytes
from record.exclusions import ExclusionFile, ExclusionRecord
from record.landing.kinds import DIMENSIONS
from record.readable import harmless
from sla.exclusions import ExclusionKind, Scope

EPILOG = f"""\b
Example:
    makegood exclude propose agreement.yaml racks.json --kind maintenance --reason "Racks are moved" \\
        --start 2027-03-06T22:00:00Z --end 2027-03-07T02:00:00Z --scope region=eu
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG, short_help="Write down an exclusion.")
@click.argument("terms", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in ExclusionKind]),
    required=True,
    help="Why the time is not to count.",
)
@click.option("--start", required=True, metavar="TIME", help="The first second that is not to count, UTC.")
@click.option("--end", required=True, metavar="TIME", help="The first second that counts again, UTC.")
@click.option("--announced-at", metavar="TIME", help="When the other party was told.  [default: now]")
@click.option("--reason", required=True, help="One line for whoever reads it years later.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="DIMENSION=VALUE",
    help="Only records with this value; several of one dimension are alternatives.  [default: everything]",
)
@network_option
@json_option
def propose(
    terms: Path,
    file: Path,
    kind: str,
    start: str,
    end: str,
    announced_at: str | None,
    reason: str,
    scopes: Sequence[str],
    network: Network,
    as_json: bool,
) -> None:
    """Write the exclusion FILE for the agreement of TERMS. It excludes nothing until it is approved as TERMS ask."""
    domain = escrow_domain(network.chain_id, network.escrow)
    announced = current_time() if announced_at is None else moment(announced_at, "--announced-at")
    try:
        record = ExclusionRecord(
            agreement=agreement_digest(read_terms(terms).agreement(), domain),
            kind=ExclusionKind(kind),
            scope=_scope(scopes),
            start=moment(start, "--start"),
            end=moment(end, "--end"),
            announced_at=announced,
            reason=reason,
        )
    except ExclusionFileError as error:
        raise OptionError(f"--{(error.field or 'kind').split('.')[0]}", error.problem, error.remedy) from None
    write_new(file, exclusion_bytes(ExclusionFile(record), domain))
    if as_json:
        return print_json({"file": str(file), **details(record, domain)})
    shown = harmless(str(file))
    click.echo(
        f"{shown} written. {sentence(record)}.\n"
        f"Next: makegood exclude approve {shown} --terms {harmless(str(terms))} --as provider, or --as customer"
    )


def _scope(scopes: Sequence[str]) -> Scope:
    values: dict[str, set[str]] = {}
    for each in scopes:
        name, equals, value = each.partition("=")
        if name not in DIMENSIONS or not equals:
            raise OptionError(
                "--scope",
                f"{each[:80]!r} is no dimension with a value",
                f"write NAME=VALUE: {', '.join(DIMENSIONS)}",
            )
        values.setdefault(name, set()).add(value)
    return tuple((name, tuple(sorted(found))) for name, found in sorted(values.items()))
