"""Where one node's measurements come from: what it asks itself, by way of its journal; monitors; files that others
recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from chain.clock import Clock
from metering.excluding import allowed
from metering.meters import Meter, QueryMeter, ReadingMeter, RecordsMeter, SampleMeter, TimeMeter
from metering.pulse import Pulse
from metering.readings import Reading
from metering.recorder import Recorder, Sampler
from metering.samples import Sample
from metering.sources.http_probe import HttpProber, stall_bound
from metering.sources.openmetrics import OpenMetricsReader
from metering.sources.prometheus import PrometheusSource
from metering.sources.replay import ReplaySource
from metering.sources.status_log import StatusLogSource
from oracle.announced import Announced
from oracle.errors import OracleError
from oracle.journal import Journal
from oracle.ports import Tell
from record.terms import TermsDocument
from record.terms.indicators import Counted
from record.terms.obligations import ObligationText
from record.terms.ratios import QueryRatio, Ratio, TimeRatio, ValueRatio
from record.terms.records import Records
from record.terms.sampling import MOST_TICKS, ticks_a_period
from record.terms.sources import HttpProbe, OpenMetrics, Prometheus, Replay, StatusLog
from record.typed_data import Domain
from sla.errors import MeasurementError

T = TypeVar("T")

AGAIN_SECONDS = 60
"""How long a kind of trouble with the same source is not told of again."""
MOST_WAITING = 1_000
"""How many questions to one source may wait for their answers at once: each takes a thread."""


class RecordedSamples:
    """The samples that this node's own probe left in its journal."""

    def __init__(self, journal: Journal, name: str) -> None:
        self._journal = journal
        self._name = name

    def samples(self, start_ms: int, end_ms: int) -> Sequence[Sample]:
        """All samples of ``[start_ms, end_ms)``."""
        return self._journal.samples(self._name, start_ms, end_ms)


class RecordedReadings:
    """The readings that this node left in its journal."""

    def __init__(self, journal: Journal, name: str) -> None:
        self._journal = journal
        self._name = name

    def readings(self, start_ms: int, end_ms: int) -> Sequence[Reading]:
        """All readings of ``[start_ms, end_ms)``."""
        return self._journal.readings(self._name, start_ms, end_ms)


class NodeSources:
    """The sources of one node: recorders for what it asks itself, monitors and files for the rest."""

    def __init__(
        self,
        journal: Journal,
        files: Path,
        clock: Clock,
        pulse: Pulse,
        tell: Tell,
        phase_ppm: int,
        domain: Domain,
    ) -> None:
        """``files`` holds the recorded measurements that terms name; what lands of them is kept beside the journal."""
        self._lakes = journal.path.with_suffix(".lakes")
        self._recorders: dict[str, Recorder[Sample] | Recorder[Reading]] = {}
        self._journal = journal
        self._files = files
        self._clock = clock
        self._pulse = pulse
        self._tell = tell
        self._phase_ppm = phase_ppm
        self._started = False
        self._documents: list[TermsDocument] = []
        ledger = self._lakes / "exclusions.json"
        self._announced = Announced(files, ledger, domain, self._now, tell)

    def source(self, document: TermsDocument, obligation: ObligationText) -> Meter:
        """How an obligation is measured; MeasurementError when its source cannot be asked at all."""
        indicator = obligation.indicator
        connection = indicator.source.connection
        match connection, indicator.metric:
            case Records(), Counted():
                # Two documents may call different sources alike: each has a lake of its own.
                lake = self._lakes / indicator.id.hex()
                exclusions = partial(self._announced.of, document)
                lets = allowed(document, obligation)
                return RecordsMeter(indicator, self._files, lake, self._now, exclusions, lets)
            case HttpProbe(), Ratio() as ratio:
                samples = RecordedSamples(self._journal, probe_name(connection))
                return SampleMeter(samples, ratio, connection.interval_milliseconds)
            case Replay(), Ratio() as ratio:
                return SampleMeter(ReplaySource(connection, self._files, self._now_ms), ratio, None)
            case OpenMetrics(), ValueRatio() as ratio:
                readings = RecordedReadings(self._journal, reading_name(connection, ratio))
                return ReadingMeter(readings, ratio, connection.interval_milliseconds)
            case Prometheus(), QueryRatio() as ratio:
                return QueryMeter(PrometheusSource(connection, ratio), connection.interval_milliseconds)
            case StatusLog(), TimeRatio() as ratio:
                return TimeMeter(StatusLogSource(connection, ratio, self._files, self._now_ms))
        raise OracleError(
            f"{indicator.name} cannot be measured by {indicator.source.name}", "correct the terms"
        )

    def look(self) -> None:
        """Note what was announced; to be called often."""
        self._announced.look(self._documents)

    def start(self) -> None:
        """Begin to probe; what is prepared later begins at once."""
        self._started = True
        for recorder in self._recorders.values():
            recorder.start()

    def stop(self) -> None:
        """End all probes: all are asked before any is waited for."""
        for recorder in self._recorders.values():
            recorder.end()
        for recorder in self._recorders.values():
            recorder.stop()

    def prepare(self, documents: Sequence[TermsDocument], observe_after_seconds: int) -> None:
        """A recorder for everything the documents let this node ask itself; equal questions are asked once.

        OracleError when an answer may come after the period was observed, or asking would keep the node from its other
        work.
        """
        self._documents += documents
        for document in documents:
            require_bearable(document, observe_after_seconds)
            for obligation in document.obligations:
                indicator = obligation.indicator
                connection, metric = indicator.source.connection, indicator.metric
                if isinstance(connection, HttpProbe):
                    prober = HttpProber(connection, self._pulse)
                    name = probe_name(connection)
                    self._ask(name, connection, prober, self._journal.record)
                elif isinstance(connection, OpenMetrics) and isinstance(metric, ValueRatio):
                    reader = OpenMetricsReader(connection, metric, self._pulse)
                    name = reading_name(connection, metric)
                    self._ask(name, connection, reader, self._journal.record_reading)
                elif isinstance(connection, Prometheus) and isinstance(metric, QueryRatio):
                    PrometheusSource(connection, metric)

    def _ask(
        self,
        name: str,
        connection: HttpProbe | OpenMetrics,
        sampler: Sampler[T],
        record: Callable[[str, T], None],
    ) -> None:
        interval, timeout = connection.interval_milliseconds, connection.timeout_milliseconds
        if name in self._recorders:
            return
        recorder = Recorder(
            sampler=sampler,
            record=partial(record, name),
            trouble=_Trouble(connection.url, self._clock, self._tell),
            clock=self._clock,
            interval_ms=interval,
            phase_ms=interval * self._phase_ppm // 1_000_000,
            late_ms=int(stall_bound(timeout) * 1_000),
            most=timeout // interval + 2,
        )
        self._recorders[name] = recorder  # type: ignore[assignment]
        if self._started:
            recorder.start()

    def _now(self) -> int:
        return int(self._clock.now())

    def _now_ms(self) -> int:
        return int(self._clock.now() * 1_000)


def require_bearable(document: TermsDocument, observe_after_seconds: int) -> None:
    """OracleError when an answer may come after the period was observed, or when asking would keep a node from its
    other work."""
    for obligation in document.obligations:
        asked = obligation.indicator.source.connection
        if not isinstance(asked, HttpProbe | OpenMetrics | Prometheus):
            continue
        interval, timeout = asked.interval_milliseconds, asked.timeout_milliseconds
        if timeout > observe_after_seconds * 1_000:
            raise OracleError(
                f"{asked.url} has {timeout} ms to answer, but periods are observed {observe_after_seconds} s after "
                "their end",
                "observe later: raise observe_after_seconds",
            )
        shorter = "leave this document out, or agree on a longer intervalMilliseconds"
        if isinstance(asked, Prometheus):
            if ticks_a_period(document, asked) > MOST_TICKS:
                raise OracleError(
                    f"{asked.url} would be asked for {ticks_a_period(document, asked)} values a period, and a node "
                    f"asks for {MOST_TICKS} at most",
                    shorter,
                )
        elif timeout // interval > MOST_WAITING:
            raise OracleError(
                f"{asked.url} is asked every {interval} ms and has {timeout} ms to answer: more than {MOST_WAITING} "
                "questions could wait at once",
                shorter,
            )


class _Trouble:
    """Tells what goes wrong with one source, each kind of trouble once a minute."""

    def __init__(self, url: str, clock: Clock, tell: Tell) -> None:
        self._url = url
        self._clock = clock
        self._tell = tell
        self._told: dict[str, float] = {}

    def __call__(self, error: Exception) -> None:
        now, kind = self._clock.now(), "unreadable" if isinstance(error, MeasurementError) else "not recorded"
        if abs(now - self._told.get(kind, float("-inf"))) >= AGAIN_SECONDS:
            self._told[kind] = now
            self._tell(kind, {"url": self._url, "problem": str(error)})


def probe_name(probe: HttpProbe) -> str:
    """What a probe's samples are kept under: all that makes it this probe."""
    return f"{probe.method} {probe.url} every {probe.interval_milliseconds} within {probe.timeout_milliseconds} ms"


def reading_name(page: OpenMetrics, ratio: ValueRatio) -> str:
    """What readings are kept under: all that makes them these, not what counts as good."""
    labels = ",".join(f"{name}={value!r}" for name, value in ratio.labels)
    return (
        f"{ratio.metric}{{{labels}}} of {page.url} every {page.interval_milliseconds} within "
        f"{page.timeout_milliseconds} ms"
    )
