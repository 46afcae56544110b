"""``python -m scripts.servicenow --data FOLDER``: a service desk's log, our adherence beside its own ``made_sla``.

Exit 0 when every disagreement falls into a class, 1 when some are unexplained, 2 when the replay could not run.
"""

from __future__ import annotations

import json
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from scripts.servicenow.compare import UNEXPLAINED, compare, made_sla, out_of_order
from scripts.servicenow.replay import Replayed, replay
from scripts.servicenow.show import as_json, show
from sla.errors import MakegoodError

LOG = "servicenow_incident_events.csv"
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay, compare, print."""
    parser = ArgumentParser(
        prog="python -m scripts.servicenow",
        description="Measure a service desk's log and explain the differences.",
    )
    parser.add_argument("--data", type=Path, default=DATA, help=f"the folder of {LOG}")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    log = options.data / LOG
    theirs = made_sla(log)
    with tempfile.TemporaryDirectory() as folder:
        replayed = replay(log, Path(folder))
    lines, quarantined = compare(replayed, theirs), _quarantined(replayed, theirs)
    if options.json:
        print(json.dumps(as_json(lines, quarantined, replayed.attained.attained), indent=2))
    else:
        show(lines, quarantined, Console(width=160 if not sys.stdout.isatty() else None))
    return 1 if any(line.classes.get(UNEXPLAINED) for line in lines) else 0


def _quarantined(replayed: Replayed, theirs: Mapping[str, bool]) -> dict[str, int]:
    """What was refused, by its reason, and what is believed only because it has to be."""
    return {
        **{f"records refused, {why}": count for why, count in replayed.why.items()},
        "records kept apart, another of the same number says otherwise": replayed.landed.contradictions,
        "incidents whose entries' numbers and times are in different orders": sum(
            out_of_order(log) for log in replayed.logs.values()
        ),
        "incidents without a verdict": len(theirs.keys() - replayed.incidents.keys()),
    }


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (MakegoodError, OSError, KeyError, ValueError) as error:
        print(f"The replay could not run: {error}", file=sys.stderr)
        sys.exit(2)
