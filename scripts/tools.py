"""Brings the tools that tests run into build/tools: no root, nothing installed.

``python -m scripts.tools`` brings the monitors: Prometheus, its blackbox exporter and nginx, from Debian's packages.
With ``--spark``, and on CI, Spark too, with a Java of its own.
"""

from __future__ import annotations

import os
import sys

from scripts import spark
from scripts.debian import ToolsError, Unpacked

MONITORS = Unpacked(
    "root",
    "the monitors",
    (("prometheus",), ("prometheus-blackbox-exporter",), ("nginx",)),
    ("usr/bin/prometheus", "usr/bin/prometheus-blackbox-exporter", "usr/sbin/nginx"),
)
PROMETHEUS, BLACKBOX, NGINX = (MONITORS.root / program for program in MONITORS.programs)


def main(*options: str) -> None:
    """Exit 0 when the tools are there, else 1 with a sentence."""
    wanted = [(MONITORS.is_current, MONITORS.bring)]
    if "--spark" in options or os.environ.get("CI"):
        wanted.append((spark.is_current, spark.bring))
    problems = []
    for is_current, bring in wanted:
        try:
            if not is_current():
                bring()
        except ToolsError as error:
            # What can be had is brought, also when something else cannot.
            problems.append(str(error))
        except OSError as error:
            problems.append(
                f"The tools cannot be kept in {error.filename or 'build/tools'} ({error.strerror}): correct that and "
                "try again."
            )
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main(*sys.argv[1:])
