"""The comparison as a table for people and as JSON for machines."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from scripts.upptime.explain import Finding, Line, minutes, shown

COLUMNS = (
    "service",
    "day",
    "oracle min:s",
    "published min",
    "difference min:s",
    "explanation, by the log's lines",
)


def show(lines: Sequence[Line], finding: Finding, notes: Sequence[str], console: Console) -> None:
    """Days with an outage in either; then what all days have in common, and what is unexplained."""
    table = Table(
        title="Minutes down by service and day: the oracle's reports beside the published summary", box=None
    )
    for name in COLUMNS:
        table.add_column(name, justify="right" if "min" in name else "left", overflow="fold")
    quiet = [
        line for line in lines if line.measured == 0 and not line.published and not line.unexplained_minutes
    ]
    unknown = [line for line in lines if line.measured is None and not line.unexplained_minutes]
    for line in lines:
        if line in quiet or line in unknown:
            continue
        table.add_row(
            line.service,
            line.day.isoformat(),
            "unknown" if line.measured is None else shown(line.measured),
            str(line.published),
            "" if line.difference is None else shown(line.difference),
            line.why
            + (
                f" [bold red]({line.unexplained_minutes} min unexplained)" if line.unexplained_minutes else ""
            ),
        )
    console.print(table)
    console.print(
        f"\n{len(quiet)} service-days have no outage in either, and {len(unknown)} are unknown to the oracle:"
    )
    for note in notes:
        console.print(f"  {note}")
    console.print(
        f"\nAll days: the longest outage left out of the published numbers took {shown(finding.longest_left_out)}, the "
        f"shortest counted {shown(finding.shortest_counted)}."
    )
    if finding.is_one_rule:
        console.print(
            "So one rule fits all days: an outage was published, whole, if it took longer than a time between the two."
        )
    else:
        console.print("[bold red]So it is not one rule by length: what was left out needs another reason.")
    total = sum(line.unexplained_minutes for line in lines)
    console.print(
        f"Unexplained: {total} minutes on {sum(line.unexplained_minutes > 0 for line in lines)} service-days."
    )


def as_json(
    lines: Sequence[Line], finding: Finding, notes: Sequence[str], paid: int, rounds: int
) -> dict[str, object]:
    """All lines, in seconds and published minutes."""
    return {
        "lines": [
            {
                "service": line.service,
                "day": line.day.isoformat(),
                "oracleSeconds": line.measured,
                "publishedMinutes": line.published,
                "differenceSeconds": line.difference,
                "counted": [
                    [each.opened.line, each.closed.line if each.closed else None] for each in line.counted
                ],
                "leftOut": [
                    [each.opened.line, each.closed.line if each.closed else None] for each in line.left_out
                ],
                "unexplainedMinutes": line.unexplained_minutes,
                "explanation": line.why,
            }
            for line in lines
        ],
        "oracleMinutes": minutes(sum(line.measured or 0 for line in lines)),
        "publishedMinutes": sum(line.published for line in lines),
        "unexplainedMinutes": sum(line.unexplained_minutes for line in lines),
        "longestLeftOutSeconds": finding.longest_left_out,
        "shortestCountedSeconds": finding.shortest_counted,
        "notes": list(notes),
        "paid": str(paid),
        "rounds": rounds,
    }
