"""One size in a process of its own: the seconds its questions take, and the most memory it ever held.

``python -m benchmarks.metering.growth LAKE`` prints both as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.metering.lakes import END, START
from benchmarks.metering.questions import PROBES
from metering.engine import open_engine
from metering.lake import Lake


@dataclass(frozen=True, slots=True)
class Size:
    """All questions of probes once, one after the other."""

    rows: int
    seconds: float
    peak_bytes: int


def measured(lake: Lake, rows: int) -> Size:
    """In a process of its own: the peak of this one may be of something else."""
    command = [sys.executable, "-m", "benchmarks.metering.growth", str(lake.root)]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return Size(rows, said["seconds"], said["peak_bytes"])


def main(root: str) -> None:
    """Ask and print."""
    lake = Lake(Path(root))
    with open_engine() as engine:
        start = time.perf_counter()
        for asked in PROBES:
            engine.collect(asked.ask(engine, lake.read(engine, [asked.source], START, END)))
        seconds = time.perf_counter() - start
    # Not getrusage: its peak is at first that of the process this one was started by.
    (line,) = (
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    peak = int(line.split()[1]) * 1_024
    print(json.dumps({"seconds": seconds, "peak_bytes": peak}))


if __name__ == "__main__":
    main(sys.argv[1])
