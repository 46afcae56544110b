"""``makegood lake retain``: what is old enough is rolled up and deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from cli.base import Command, console, json_option, print_json
from cli.exits import EXIT_HELP
from cli.lake_folder import lake_argument, open_lake
from cli.terms_file import current_time, read_terms
from metering.days import date_of
from metering.engine import open_engine
from metering.lake import Lake
from metering.retention import Decision, Need, Retention, carry_out, plan, roll_up
from record.readable import harmless
from record.terms import TermsDocument
from record.terms.document import local_bounds
from record.terms.measures.parts import LONGEST_SECONDS
from sla.schedule import claim_deadline

EPILOG = f"""\b
Examples:
    makegood lake retain lake/ --raw-days 400 --rolled-up-days 2000 --terms agreement.yaml --dry-run
    makegood lake retain lake/ --raw-days 30 --rolled-up-days 400 --json
\b
Days of raw records go once they are old enough, complete, needed by no period that can still be claimed, and not
frozen. Before that they are rolled up: probes to counts by the hour. What was rolled up goes later.
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@lake_argument
@click.option("--raw-days", type=int, required=True, help="Keep raw records for so many days.")
@click.option("--rolled-up-days", type=int, required=True, help="Keep what was rolled up for so many days.")
@click.option(
    "--superseded-days",
    type=int,
    default=1,
    show_default=True,
    help="Keep versions of a day that others took the place of.",
)
@click.option(
    "--terms",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Keep what this agreement may still be claimed by; may be given several times.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be done; delete nothing.")
@json_option
def retain(
    folder: Path,
    raw_days: int,
    rolled_up_days: int,
    superseded_days: int,
    files: Sequence[Path],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Roll up and delete the records of a lake that are old enough, and say of each day what became of it and why."""
    lake, now = open_lake(folder), current_time()
    rules = Retention(raw_days, rolled_up_days, superseded_days)
    needs = [need for file in files for need in needs_of(read_terms(file))]
    planned = plan(lake, rules, needs, now)
    waiting = [one for one in planned if one.waits_for_roll_up]
    decisions = planned
    if not dry_run:
        _roll_up(lake, waiting)
        decisions = carry_out(lake, rules, needs, now)
    if as_json:
        print_json({"dryRun": dry_run, "decisions": [_decision_json(one, dry_run) for one in decisions]})
        return
    screen = console()
    for one in decisions:
        screen.print(_line(one, dry_run), soft_wrap=True)
    if not decisions:
        screen.print("The lake holds nothing.")


def needs_of(document: TermsDocument) -> Iterator[Need]:
    """What an agreement's periods are measured from, until they can no longer be claimed: what began as long before as
    measuring looks back may still hold in them."""
    for period in range(document.service.count):
        start, end = local_bounds(document, period)
        until = claim_deadline(document.service, document.stake, period)
        reason = f"period {period} of {document.display_name}"
        yield Need(max(0, start - LONGEST_SECONDS), end, until, reason)


def _roll_up(lake: Lake, waiting: Iterable[Decision]) -> None:
    days = list(waiting)
    if days:
        with open_engine("duckdb") as engine:
            for one in days:
                roll_up(lake, engine, one.source, one.day)


def _what(decision: Decision, dry_run: bool) -> str:
    if dry_run and decision.waits_for_roll_up:
        return "would roll up and delete"
    if decision.deletes:
        return "would delete" if dry_run else "deleted"
    return "keeps" if dry_run else "kept"


def _line(decision: Decision, dry_run: bool) -> str:
    day = f"{decision.source} {date_of(decision.day)} {decision.form.value}"
    why = "" if decision.waits_for_roll_up else f": {harmless(decision.why)}"
    return f"{_what(decision, dry_run)} {day}{why}"


def _decision_json(decision: Decision, dry_run: bool) -> dict[str, object]:
    return {
        "source": decision.source,
        "day": date_of(decision.day),
        "form": decision.form.value,
        "deletes": decision.deletes or (dry_run and decision.waits_for_roll_up),
        "why": decision.why,
        "files": list(decision.files),
    }
