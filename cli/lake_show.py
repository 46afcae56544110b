"""``makegood lake show``: sources, days, watermarks and freezes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich import box
from rich.table import Table

from cli.base import Command, console, json_option, print_json
from cli.exits import EXIT_HELP
from cli.lake_folder import lake_argument, open_lake
from metering.days import date_of
from metering.lake import Day, Lake
from metering.retention import Freeze, freezes
from record.readable import harmless, number, utc

EPILOG = f"""\b
Examples:
    makegood lake show lake/
    makegood lake show lake/ --json
\b
{EXIT_HELP}
"""


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    kind: str
    watermark: int | None
    days: Sequence[Day]

    @property
    def span(self) -> str:
        return f"{date_of(self.days[0].day)} to {date_of(self.days[-1].day)}" if self.days else ""

    def count(self, what: str) -> int:
        """Of the days that have raw records: records, contradictory ones, days, or days rolled up."""
        raw = [day for day in self.days if day.records]
        return {
            "records": sum(day.rows for day in raw),
            "contradictory": sum(day.contradictory_rows for day in raw),
            "rawDays": len(raw),
            "rolledUpDays": sum(day.rolled_up is not None for day in self.days),
        }[what]


_COUNTS = {
    "records": "records",
    "contradictory": "contradictory",
    "rawDays": "raw days",
    "rolledUpDays": "rolled up",
}


@click.command(cls=Command, epilog=EPILOG)
@lake_argument
@json_option
def show(folder: Path, as_json: bool) -> None:
    """Show what a lake holds: of each source its records, the days they are of, and up to when they are complete."""
    lake = open_lake(folder)
    sources = [_source(lake, name) for name in lake.sources()]
    frozen = freezes(lake)
    if as_json:
        print_json(
            {
                "region": lake.region,
                "sources": [_source_json(one) for one in sources],
                "freezes": [freeze_json(one) for one in frozen],
            }
        )
        return
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("source", "kind", "days", *_COUNTS.values(), "complete to"):
        table.add_column(name, justify="right" if name in _COUNTS.values() else "left")
    for one in sources:
        counts = (number(one.count(what)) for what in _COUNTS)
        mark = "" if one.watermark is None else utc(one.watermark)
        table.add_row(one.name, one.kind, one.span, *counts, mark)
    screen = console()
    screen.print(table)
    for each in frozen:
        screen.print(freeze_line(each), soft_wrap=True)


def freeze_line(frozen: Freeze) -> str:
    """A freeze in a sentence."""
    return (
        f"Frozen as {frozen.name}: {', '.join(frozen.sources)} from {utc(frozen.start)} to {utc(frozen.end)} UTC, "
        f"{len(frozen.files)} files: {harmless(frozen.reason)}"
    )


def freeze_json(frozen: Freeze) -> dict[str, object]:
    """A freeze for machines; times are seconds UTC."""
    return {
        "name": frozen.name,
        "sources": list(frozen.sources),
        "start": frozen.start,
        "end": frozen.end,
        "since": frozen.since,
        "reason": frozen.reason,
        "files": list(frozen.files),
    }


def _source(lake: Lake, name: str) -> _Source:
    days = [lake.day(name, day) for day in lake.days(name)]
    return _Source(name, lake.kind(name).name, lake.watermark(name), days)


def _source_json(one: _Source) -> dict[str, object]:
    first, last = (date_of(one.days[place].day) if one.days else None for place in (0, -1))
    return {
        "source": one.name,
        "kind": one.kind,
        "first": first,
        "last": last,
        "watermark": one.watermark,
        **{what: one.count(what) for what in _COUNTS},
    }
