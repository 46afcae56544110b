"""``makegood attain``: from raw records to attainments, each number with the records behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from chain.network import Network
from cli.attain_exclusions import put_forward_in
from cli.attain_json import attainments_json
from cli.attain_text import print_attainments
from cli.attaining import Answer, Asked, Unmeasured, answers
from cli.base import Command, OptionError, console, json_option, notes, print_json
from cli.exits import EXIT_HELP
from cli.moments import moment
from cli.terms_file import current_time, read_terms
from cli.terms_network import maybe_network
from metering.engine import open_engine
from metering.measuring import Measuring
from metering.residency import Homes
from record.landing.kinds import DIMENSIONS
from record.terms import TermsDocument

EPILOG = f"""\b
Examples:
    makegood attain --terms agreement.yaml --data records/
    makegood attain --terms agreement.yaml --data records/ --by day --by region
    makegood attain --terms agreement.yaml --data records/ --explain --json
\b
Sources of the types records, replay and upptime are read from files in the data folder. What lands of them is kept in
a temporary folder, or in that of --lake, where only new files are read the next time.
{EXIT_HELP}
"""

BY = ("period", "day", *DIMENSIONS)


def _homes(values: Sequence[str]) -> dict[str, Path | None]:
    homes: dict[str, Path | None] = {}
    for value in values:
        region, equals, folder = value.partition("=")
        if not region or not equals:
            raise OptionError(
                "--home", f"{value[:80]!r} is no home", "write REGION=FOLDER, or REGION= for elsewhere"
            )
        homes[region] = Path(folder) if folder else None
    return homes


@click.command(cls=Command, epilog=EPILOG, short_help="Compute attainments from files of records.")
@click.option("--terms", "file", required=True, type=click.Path(path_type=Path), help="The terms file.")
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of the files that the terms name.",
)
@click.option(
    "--by",
    multiple=True,
    type=click.Choice(BY),
    help="One answer for each; may be given several times.  [default: period]",
)
@click.option(
    "--obligation", "names", multiple=True, metavar="NAME", help="Only this one; may be given several times."
)
@click.option(
    "--explain", is_flag=True, help="Show the records behind each answer, and what each was taken for."
)
@click.option(
    "--engine",
    type=click.Choice(("duckdb", "spark")),
    default="duckdb",
    show_default=True,
    help="What evaluates; the answers are the same. Spark is an extra.",
)
@click.option(
    "--as-of",
    metavar="TIME",
    help="What came later is not known yet.  [default: now]",
)
@click.option(
    "--lake", type=click.Path(path_type=Path), help="Keep what lands in this folder.  [default: nowhere]"
)
@click.option(
    "--exclusions",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of the exclusions that were put forward; see makegood exclude.",
)
@click.option(
    "--contract-wallets",
    is_flag=True,
    help="Ask the chain whether parties that are contracts approved the exclusions (ERC-1271).",
)
@maybe_network
@click.option(
    "--home",
    "homes",
    multiple=True,
    metavar="REGION=FOLDER",
    help="Keep the records of a region in a folder of their own; REGION= if they are on other machines.",
)
@json_option
def attain(
    file: Path,
    data: Path,
    by: Sequence[str],
    names: Sequence[str],
    explain: bool,
    engine: str,
    as_of: str | None,
    lake: Path | None,
    exclusions: Path | None,
    contract_wallets: bool,
    network: Network | None,
    homes: Sequence[str],
    as_json: bool,
) -> None:
    """Compute what was attained by each obligation in each period, from the files of records in a folder."""
    until = current_time() if as_of is None else moment(as_of, "--as-of")
    places = _homes(homes)
    document = read_terms(file)
    obligations = _chosen(document, names)
    asked = Asked(
        document, obligations, by_day="day" in by, dimensions=[one for one in by if one in DIMENSIONS]
    )
    put_forward, refused = put_forward_in(exclusions, document, network, contract_wallets)
    with TemporaryDirectory(prefix="makegood-lake-") as temporary, open_engine(engine) as opened:
        measuring = Measuring(data, Homes(lake or Path(temporary), places), opened, until, put_forward)
        found = list(_told(answers(measuring, asked, until, explain=explain), as_json))
        if as_json:
            print_json(attainments_json(document, found, refused, opened.version, until))
        else:
            print_attainments(console(), document, found, refused, until)


def _told(found: Iterator[Answer | Unmeasured], as_json: bool) -> Iterator[Answer | Unmeasured]:
    """Says on stderr which obligation is at work: landing many files takes its time."""
    screen = notes()
    last = None
    for one in found:
        if one.obligation.name != last and not as_json and screen.is_terminal:
            screen.print(f"{one.obligation.name} ...", soft_wrap=True)
        last = one.obligation.name
        yield one


def _chosen(document: TermsDocument, names: Sequence[str]) -> list[int]:
    there = [obligation.name for obligation in document.obligations]
    for name in names:
        if name not in there:
            raise OptionError(
                "--obligation", f"{name[:80]!r} is no obligation here", f"use {', '.join(there)}"
            )
    return [place for place, name in enumerate(there) if not names or name in names]
