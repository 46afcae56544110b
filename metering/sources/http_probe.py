"""A probe of one URL: a fresh connection each time, so that a server that stopped is seen at once.

The service is down, and that is known, when
- the connection is refused, reset or closed early, or a router on the way says that the host is unreachable;
- no whole answer arrives within the timeout, however slowly it drips;
- what arrives is not HTTP, or the TLS handshake or the certificate fails;
- the resolver says that there is no such name.

Nothing is known, because the node itself is at fault, when
- it has no network or route of its own, or a local firewall stops it;
- it lacks a port, a buffer, memory, a thread or a file descriptor;
- its resolver does not answer, or answers too late;
- it slept while the probe was under way (see ``Pulse``), whatever the probe saw.

Redirects are not followed: a 302 is an answer of status 302. The latency counts from the first packet, after the name
was resolved, to the last byte of the answer: the resolver is the node's own.
"""

from __future__ import annotations

import http.client
import ssl
import time

from metering.pulse import Pulse
from metering.samples import Sample, answered, unanswered, unknown
from metering.wire import LOCAL_FAULTS, OwnFault, line_to, place_of, read_body
from record.terms.sources import HttpProbe

MAX_ANSWER_BYTES = 1 << 20
"""A longer answer counts as whole once so much has arrived."""


def stall_bound(timeout_milliseconds: int) -> float:
    """How long the node may sleep during a probe and still be believed: a quarter of the timeout, in seconds,
    but between 0.1 and 0.5."""
    return min(0.5, max(0.1, timeout_milliseconds / 4_000))


class HttpProber:
    """Probes one URL as the terms describe it. ``pulse`` says whether the process was awake meanwhile."""

    def __init__(self, probe: HttpProbe, pulse: Pulse) -> None:
        self.probe = probe
        self._pulse = pulse
        self._place = place_of(probe.url)

    def sample(self, time_ms: int) -> Sample:
        """One request, now; ``time_ms`` is the tick it is made for. Never raises."""
        begin = time.monotonic()
        try:
            sample = answered(time_ms, *self._request())
        except (OwnFault, RuntimeError, MemoryError):
            return unknown(time_ms)
        except (ssl.SSLError, http.client.HTTPException, ValueError):
            sample = unanswered(time_ms)
        except OSError as error:
            sample = unknown(time_ms) if error.errno in LOCAL_FAULTS else unanswered(time_ms)
        if self._pulse.longest_gap(begin) > stall_bound(self.probe.timeout_milliseconds):
            return unknown(time_ms)
        return sample

    def unknown(self, time_ms: int) -> Sample:
        """A tick at which nothing was asked."""
        return unknown(time_ms)

    def _request(self) -> tuple[int, int]:
        """Status and microseconds of a whole answer; what is raised says why there was none."""
        timeout = self.probe.timeout_milliseconds / 1_000
        with line_to(self._place, timeout) as line:
            headers = {"User-Agent": "makegood", "Connection": "close"}
            line.http.request(self.probe.method, self._place.target, headers=headers)
            response = line.http.getresponse()
            read_body(response, MAX_ANSWER_BYTES)
        seconds = time.monotonic() - line.begin
        if seconds > timeout:
            raise TimeoutError("answered too late")
        return response.status, round(seconds * 1_000_000)
