"""Measures of requests: probes, or counts of others' requests."""

from __future__ import annotations

from dataclasses import dataclass

from record.readable import duration, number
from record.terms.calendars import Calendars
from record.terms.levels import RATIO, Unit
from record.terms.measures.parts import MILLISECONDS, Form, span
from record.terms.ratios import Ratio, good_request
from record.terms.section import Section
from record.terms.sources import choice
from record.terms.values import percent_ppm
from sla.agreement import PPM


@dataclass(frozen=True, slots=True)
class Requests:
    """Good requests per request, of all in the period. ``good`` is None for counts: their source says what is good.

    Where ``due_every_seconds`` says how often a probe was due, those that did not come are missing.
    """

    good: Ratio | None
    due_every_seconds: int | None = None

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        known = "that it counts" if self.good is None else "whose outcome is known"
        due = f"; one is due every {duration(self.due_every_seconds)}" if self.due_every_seconds else ""
        return f"{_good_text(self.good)}, as a part of all requests {known}{due}"


@dataclass(frozen=True, slots=True)
class Intervals:
    """The period in intervals of ``seconds``, from its start on; the last may be shorter.

    Where ``up_from_ppm`` is given an interval is up if at least that share of its requests was good, and up intervals
    are counted per interval. Without it the intervals' shares, each floored to ppm, are averaged. An interval without
    requests is up, with all of its share, if ``empty_is_up``; else nothing is known of it.
    """

    good: Ratio | None
    seconds: int
    up_from_ppm: int | None
    empty_is_up: bool

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        length, good = duration(self.seconds), _good_text(self.good)
        if self.up_from_ppm is None:
            empty = "counts as 100%" if self.empty_is_up else "is unknown"
            return (
                f"{good}, as a part of the requests of each interval of {length}, and of these parts the mean; an "
                f"interval without requests {empty}"
            )
        empty = "counts as up" if self.empty_is_up else "is unknown"
        return (
            f"intervals of {length} that were up, as a part of all; one is up if at least "
            f"{RATIO.text(self.up_from_ppm)} of its requests were {good}; one without requests {empty}"
        )


@dataclass(frozen=True, slots=True)
class Percentile:
    """The time to answer that ``share_ppm`` of the answered requests did not exceed: the nearest rank, the least value
    that at least so many have or stay below. In whole milliseconds, rounded up, so that a limit means what it says."""

    share_ppm: int

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        return f"the milliseconds within which {RATIO.text(self.share_ppm)} of the answers came, rounded up"


def _good_text(good: Ratio | None) -> str:
    if good is None:
        return "requests that the source counts as good"
    limit = good.max_latency_milliseconds
    within = "" if limit is None else f" within {number(limit)} ms"
    return f"answers with a status below {good.status_below}{within}"


def _good(spec: Section) -> Ratio | None:
    return good_request(spec) if spec.has("count") else None


def _requests(spec: Section, _: Calendars) -> tuple[Requests, Unit]:
    spec.require("measure", "count statusBelow maxLatencyMilliseconds dueEvery")
    return Requests(_good(spec), spec.optional("dueEvery", span, None)), RATIO


def _intervals(spec: Section, _: Calendars) -> tuple[Intervals, Unit]:
    spec.require("measure every empty", "count statusBelow maxLatencyMilliseconds upFrom")
    up_from = spec.optional("upFrom", percent_ppm, None)
    if up_from is not None and not 0 < up_from <= PPM:
        raise spec.field("upFrom").refuse("is no share of requests", "write more than 0% and at most 100%")
    measure = Intervals(
        good=_good(spec),
        seconds=span(spec.field("every")),
        up_from_ppm=up_from,
        empty_is_up=choice(spec.field("empty"), "up", "unknown") == "up",
    )
    return measure, RATIO


def _percentile(spec: Section, _: Calendars) -> tuple[Percentile, Unit]:
    spec.require("measure share")
    share = spec.field("share")
    ppm = percent_ppm(share)
    if not 0 < ppm <= PPM:
        raise share.refuse("is no share of requests", "write more than 0% and at most 100%, as in 99%")
    return Percentile(ppm), MILLISECONDS


FORMS: dict[str, Form[Requests | Intervals | Percentile]] = {
    "requests": Form(("probes", "counts"), _requests),
    "intervals": Form(("probes", "counts"), _intervals),
    "percentile": Form(("probes",), _percentile),
}
