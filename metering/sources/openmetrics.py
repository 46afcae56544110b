"""A page of metrics that a node reads itself at every tick: what an exporter says, not whether it answers.

The exporter is not the service: whatever is wrong with its answer, the reading is unknown. A number that carries a time
of its own counts only if it was measured within one interval of the tick, before or after.
"""

from __future__ import annotations

import time

from metering.http_get import get
from metering.pulse import Pulse
from metering.readings import Reading
from metering.sources.exposition import read_value
from metering.sources.http_probe import stall_bound
from metering.wire import place_of
from record.terms.ratios import ValueRatio
from record.terms.sources import OpenMetrics
from sla.errors import MeasurementError

OPENMETRICS = "application/openmetrics-text"
PLAIN = "text/plain"
ACCEPT = f"{OPENMETRICS};version=1.0.0,{PLAIN};version=0.0.4;q=0.5"


class OpenMetricsReader:
    """Reads one number of one page. ``pulse`` says whether the process was awake meanwhile."""

    def __init__(self, page: OpenMetrics, ratio: ValueRatio, pulse: Pulse) -> None:
        place_of(page.url)
        self._page = page
        self._ratio = ratio
        self._pulse = pulse

    def sample(self, time_ms: int) -> Reading:
        """One reading, now; ``time_ms`` is the tick it is made for. MeasurementError says why nothing is known."""
        page = self._page
        begin = time.monotonic()
        answer = get(page.url, page.timeout_milliseconds, ACCEPT)
        if answer.status != 200:
            raise MeasurementError(
                f"{page.url} answers {answer.status}", "name the page itself: redirects are not followed"
            )
        exposed = read_value(answer.text(OPENMETRICS, PLAIN), answer.kind == OPENMETRICS, self._ratio)
        if exposed.time_ms is not None and abs(exposed.time_ms - time_ms) > page.interval_milliseconds:
            problem = "in the future" if exposed.time_ms > time_ms else "stale"
            raise MeasurementError(
                f"{page.url} shows {self._ratio.metric} as measured at {exposed.time_ms} ms, which is {problem} at "
                f"{time_ms} ms",
                "let it show what is measured now, its time in the unit of its format",
            )
        stalled = self._pulse.longest_gap(begin) > stall_bound(page.timeout_milliseconds)
        return self.unknown(time_ms) if stalled else Reading(time_ms, exposed.value)

    def unknown(self, time_ms: int) -> Reading:
        """A tick at which nothing was read."""
        return Reading(time_ms, None)
