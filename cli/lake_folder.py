"""What the commands of ``makegood lake`` share: the folder they are about, and instants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cli import moments
from cli.base import OptionError
from metering.days import day_of_name
from metering.lake import Lake
from metering.lake.files import read_json
from sla.civil import DAY


def lake_argument(command: Any) -> Any:
    """The folder of a lake, the first argument."""
    return click.argument("folder", type=click.Path(path_type=Path))(command)


def open_lake(folder: Path) -> Lake:
    """The lake in a folder, of whatever region it is."""
    marker = read_json(folder / "lake.json")
    if marker is None:
        raise OptionError("FOLDER", f"{folder} is no lake", "name the folder given to makegood attain --lake")
    return Lake(folder, str(marker.get("region", "")))


def moment(text: str, option: str) -> int:
    """Seconds UTC: an instant as in 2027-03-01T12:00:00Z, or the first of a UTC day."""
    day = day_of_name(f"day={text}")
    if day is not None:
        return day * DAY
    try:
        return moments.moment(text, option)
    except OptionError as error:
        raise OptionError(option, error.problem, f"{error.remedy}, or a day as in 2027-03-01") from None
