"""Where one node's samples come from: its own probes, by way of its journal, or files that others recorded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from chain.clock import Clock
from metering.pulse import Pulse
from metering.recorder import Recorder
from metering.samples import Sample
from metering.sources.http_probe import HttpProber, stall_bound
from metering.sources.replay import ReplaySource
from oracle.errors import OracleError
from oracle.journal import Journal
from oracle.ports import Source, Tell
from record.terms import TermsDocument
from record.terms.indicators import HttpProbe, Replay


class Recorded:
    """The samples that this node's own probe left in its journal."""

    def __init__(self, journal: Journal, name: str) -> None:
        self._journal = journal
        self._name = name

    def samples(self, start_ms: int, end_ms: int) -> Sequence[Sample]:
        """All samples of ``[start_ms, end_ms)``."""
        return self._journal.samples(self._name, start_ms, end_ms)


class NodeSources:
    """The sources of one node: recorders for what it probes itself, files for what others recorded."""

    def __init__(
        self, journal: Journal, files: Path, clock: Clock, pulse: Pulse, tell: Tell, phase_ppm: int
    ) -> None:
        self._recorders: list[Recorder] = []
        self._journal = journal
        self._files = files
        self._clock = clock
        self._pulse = pulse
        self._tell = tell
        self._phase_ppm = phase_ppm
        self._probed: set[HttpProbe] = set()

    def source(self, connection: HttpProbe | Replay) -> Source:
        """The source that terms describe."""
        if isinstance(connection, Replay):
            return ReplaySource(connection, self._files)
        return Recorded(self._journal, probe_name(connection))

    def start(self) -> None:
        """Begin to probe."""
        for recorder in self._recorders:
            recorder.start()

    def stop(self) -> None:
        """End all probes."""
        for recorder in self._recorders:
            recorder.stop()

    def prepare(self, documents: Sequence[TermsDocument], observe_after_seconds: int) -> None:
        """A recorder for every probe the documents speak of; equal probes are made once.

        OracleError when a probe's answer may come after the period was observed.
        """
        for document in documents:
            for obligation in document.obligations:
                connection = obligation.indicator.source.connection
                if isinstance(connection, HttpProbe) and connection not in self._probed:
                    if connection.timeout_milliseconds > observe_after_seconds * 1_000:
                        raise OracleError(
                            f"{connection.url} has {connection.timeout_milliseconds} ms to answer, but periods are "
                            f"observed {observe_after_seconds} s after their end",
                            "observe later: raise observe_after_seconds",
                        )
                    self._probed.add(connection)
                    self._recorders.append(self._recorder(connection))

    def _recorder(self, probe: HttpProbe) -> Recorder:
        interval, timeout = probe.interval_milliseconds, probe.timeout_milliseconds
        return Recorder(
            sampler=HttpProber(probe, self._pulse),
            record=partial(self._journal.record, probe_name(probe)),
            trouble=lambda error: self._tell("not recorded", {"url": probe.url, "problem": str(error)}),
            clock=self._clock,
            interval_ms=interval,
            phase_ms=interval * self._phase_ppm // 1_000_000,
            late_ms=int(stall_bound(timeout) * 1_000),
            most=timeout // interval + 2,
        )


def probe_name(probe: HttpProbe) -> str:
    """What a probe's samples are kept under: all that makes it this probe."""
    return f"{probe.method} {probe.url} every {probe.interval_milliseconds} within {probe.timeout_milliseconds} ms"
