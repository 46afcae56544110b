"""The comparison as tables for people and as JSON for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from scripts.servicenow.compare import UNEXPLAINED, Line

_COLUMNS = ("priority", "incidents", "met, ours", "met, made_sla", "agree", "differ")


def show(lines: Sequence[Line], quarantined: Mapping[str, int], console: Console) -> None:
    """Adherence by priority, then the disagreements by class, then what could not be believed."""
    table = Table(title="Incidents resolved within their limit, by us and by the log", box=None)
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name == "priority" else "right")
    for line in lines:
        table.add_row(
            line.priority,
            str(line.incidents),
            _share(line.ours, line.incidents),
            _share(line.theirs, line.incidents),
            str(line.agree),
            str(line.incidents - line.agree),
        )
    console.print(table)
    console.print("\nWhere they differ:")
    for line in lines:
        for name, count in line.classes.items():
            console.print(f"  {line.priority}: {count:4}  {name}")
    console.print(f"  unexplained: {sum(line.classes.get(UNEXPLAINED, 0) for line in lines)}")
    console.print("\nQuarantined or in doubt:")
    for name, count in quarantined.items():
        console.print(f"  {count:4}  {name}")


def as_json(
    lines: Sequence[Line], quarantined: Mapping[str, int], attained_ppm: int | None
) -> dict[str, object]:
    """All numbers; the counts are of incidents, those of what is quarantined say of what."""
    return {
        "lines": [
            {
                "priority": line.priority,
                "incidents": line.incidents,
                "ours": line.ours,
                "theirs": line.theirs,
                "agree": line.agree,
                "disagreements": dict(line.classes),
            }
            for line in lines
        ],
        "attainedPpm": attained_ppm,
        "unexplained": sum(line.classes.get(UNEXPLAINED, 0) for line in lines),
        "quarantined": dict(quarantined),
    }


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part // whole} %)" if whole else "0"
