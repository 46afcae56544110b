"""How often something is looked at in a period, and whether that can tell its tiers apart."""

from __future__ import annotations

from collections.abc import Iterator

from record.readable import duration
from record.terms.bands import bands, is_reachable
from record.terms.document import TermsDocument
from record.terms.findings import Finding, Severity
from record.terms.indicators import Indicator
from record.terms.obligations import ObligationText
from record.terms.records import Records
from record.terms.section import line_of
from record.terms.sources import Prometheus, Replay, StatusLog
from sla.agreement import ScheduleUnit
from sla.schedule import boundary

FEW_SAMPLES = 20
"""With fewer, one unlucky probe moves the attainment by more than 5 %."""

MOST_TICKS = 1_000_000
"""How many values of one period a node asks a Prometheus server for: it answers with some ten thousand at a time."""

KEPT_SECONDS = 15 * 86_400
"""How long a Prometheus server keeps what it measured, unless it is told otherwise."""

_PERIODS_LOOKED_AT = 48
"""Four years of months: every length a calendar month can have."""


def samples_a_period(document: TermsDocument, indicator: Indicator) -> int | None:
    """How many samples the shortest period holds, a millisecond of a status log being one; None where the source does
    not say."""
    connection = indicator.source.connection
    if isinstance(connection, Records | Replay):
        return None
    interval = 1 if isinstance(connection, StatusLog) else connection.interval_milliseconds
    return shortest_period(document) * 1_000 // interval


def shortest_period(document: TermsDocument) -> int:
    """Seconds. Of calendar months February's, when one is among them."""
    return min(_lengths(document))


def longest_period(document: TermsDocument) -> int:
    """Seconds."""
    return max(_lengths(document))


def ticks_a_period(document: TermsDocument, server: Prometheus) -> int:
    """How many values a node asks the server for, of the longest period."""
    return longest_period(document) * 1_000 // server.interval_milliseconds


def _lengths(document: TermsDocument) -> list[int]:
    service = document.service
    if service.unit == ScheduleUnit.SECONDS:
        return [service.length]
    looked_at = range(min(service.count, _PERIODS_LOOKED_AT))
    return [boundary(service, k + 1) - boundary(service, k) for k in looked_at]


def check_sampling(document: TermsDocument) -> Iterator[Finding]:
    """Obligations that cannot be measured, or not finely enough for their tiers."""
    for place, obligation in enumerate(document.obligations):
        for finding in _check_obligation(document, obligation, f"spec.obligations[{place}]"):
            severity, path, problem, remedy = finding
            yield Finding(severity, path, line_of(document.section, path), problem, remedy)


def _check_obligation(
    document: TermsDocument, obligation: ObligationText, path: str
) -> Iterator[tuple[Severity, str, str, str]]:
    indicator = obligation.indicator
    samples = samples_a_period(document, indicator)
    if samples is None:
        yield (
            Severity.HINT,
            f"{path}.indicator",
            f"{indicator.name!r} is measured from files, whose records decide how fine it can be: whether every "
            "tier can be reached was not checked",
            "see that there are many more records a period than 1 / (1 - objective)"
            if indicator.unit.is_ratio
            else "see that records of each period can come to it",
        )
        return
    yield from _check_samples(document, obligation, path, samples)
    if isinstance(indicator.source.connection, Prometheus):
        yield from _check_server(document, obligation, path, indicator.source.connection)


def _check_server(
    document: TermsDocument, obligation: ObligationText, path: str, server: Prometheus
) -> Iterator[tuple[Severity, str, str, str]]:
    """What a server is asked for when a period is over, in one go."""
    name, period = obligation.indicator.name, duration(longest_period(document))
    if ticks_a_period(document, server) > MOST_TICKS:
        yield (
            Severity.ERROR,
            f"{path}.indicator",
            f"{name!r} takes {ticks_a_period(document, server)} values of Prometheus in {period}, and nodes ask for "
            f"{MOST_TICKS} at most",
            "make the source's intervalMilliseconds longer, or the periods shorter",
        )
    elif longest_period(document) >= KEPT_SECONDS:
        yield (
            Severity.HINT,
            f"{path}.indicator",
            f"{name!r} is asked of Prometheus when a period of {period} is over; unless it is told otherwise, it keeps "
            f"{duration(KEPT_SECONDS)}, and what it no longer has is unknown",
            "see that its retention is longer than a period and reportWithin together",
        )


def _check_samples(
    document: TermsDocument, obligation: ObligationText, path: str, samples: int
) -> Iterator[tuple[Severity, str, str, str]]:
    period = duration(shortest_period(document))
    if samples < 2:
        yield (
            Severity.ERROR,
            "spec.schedule.every",
            f"a period of {period} holds {samples} sample{'' if samples == 1 else 's'} of "
            f"{obligation.indicator.name!r}: it cannot be measured",
            "make the periods longer or the source's intervalMilliseconds shorter",
        )
        return
    if samples < FEW_SAMPLES:
        yield (
            Severity.WARNING,
            "spec.schedule.every",
            f"a period of {period} holds {samples} samples of {obligation.indicator.name!r}: a single bad one "
            f"moves the attainment by {_percent(samples)}",
            "make the periods longer or the source's intervalMilliseconds shorter",
        )
    unit = obligation.indicator.unit
    for band in bands(obligation.terms):
        if not is_reachable(band, samples):
            yield (
                Severity.WARNING,
                f"{path}.tiers[{band.tier}]",
                f"can never be reached: {samples} samples in {period}, all known, move the attainment in steps of "
                f"{_percent(samples)}, and none of them falls between {unit.text(band.low)} and {unit.text(band.high)}",
                "take more samples a period, or merge it with its neighbour",
            )


def _percent(samples: int) -> str:
    """One of so many, in percent, to three decimals: 1 of 20 is "5%", 1 of 30 "3.333%"."""
    whole, thousandths = divmod(100_000 // samples, 1_000)
    decimals = f"{thousandths:03d}".rstrip("0")
    return f"{whole}.{decimals}%" if decimals else f"{whole}%"
