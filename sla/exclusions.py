"""Time that does not count: which seconds, since which exclusion, and what was put forward in vain and why.

An exclusion excuses the provider, so it needs the customer's signature; what the agreement lets the provider do alone
(maintenance announced in time, up to an allowance) is a way of its own. Which ways there are is data. Times are whole
seconds UTC, spans half-open.

Exclusions are taken in the order in which they were announced, then by id; each second belongs to the first that
excludes it, and only that one's allowance is spent on it. Conditions of the promise that were not met (a load above the
agreed level) were agreed before anything was announced: they come first.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

from sla.errors import Kind, MakegoodError
from sla.span_sets import Taken, Window, merged, shared, without

CUSTOMER, PROVIDER = "customer", "provider"


class ExclusionError(MakegoodError):
    """Exclusions, or rules about them, that contradict themselves."""

    kind = Kind.INPUT


class ExclusionKind(StrEnum):
    """Why time does not count."""

    MAINTENANCE = "maintenance"
    FORCE_MAJEURE = "force-majeure"
    CUSTOMER_CAUSED = "customer-caused"
    DEPENDENCY = "dependency"


class Reason(StrEnum):
    """Why what was put forward does not count, or not for this exclusion."""

    NOT_AGREED = "the agreement knows no exclusion of this kind"
    OUT_OF_SCOPE = "outside the scope"
    NOT_APPROVED = "not approved"
    TOO_LATE = "announced too late"
    OVER_ALLOWANCE = "over the allowance"
    ALREADY_EXCLUDED = "excluded already"


Scope: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""What an exclusion covers: dimensions, and for each the values; of what has all of them. ``()`` is everything."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """``approvers`` are the roles whose signature under it was verified; ``announced_at`` is when the other party could
    know of it. ``id`` is the digest that was signed."""

    id: str
    kind: ExclusionKind
    scope: Scope
    start: int
    end: int
    announced_at: int
    approvers: frozenset[str]

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ExclusionError(
                f"the exclusion {self.id} lasts from {self.start} to {self.end}", "end it later"
            )


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which an exclusion counts: with the signatures of all ``approvers``, announced at least
    ``notice_seconds`` before its start (below 0: at most so long after it; None: whenever), for up to
    ``allowance_seconds`` within each window of the allowance (None: for any time)."""

    approvers: frozenset[str]
    notice_seconds: int | None = None
    allowance_seconds: int | None = None

    def __post_init__(self) -> None:
        if not self.approvers:
            raise ExclusionError("a way to exclude time asks for nobody's signature", "name who must approve")
        if self.allowance_seconds is not None and self.allowance_seconds < 0:
            raise ExclusionError(f"the allowance is {self.allowance_seconds} seconds", "give 0 or more")

    def is_in_time(self, exclusion: Exclusion) -> bool:
        """Whether the exclusion was announced early enough."""
        return self.notice_seconds is None or exclusion.announced_at + self.notice_seconds <= exclusion.start


Ways: TypeAlias = Mapping[ExclusionKind, tuple[Way, ...]]
"""For each kind the ways in which it counts, tried in order; what one leaves over, the next may cover. A kind that is
missing never counts."""


def usual_ways(notice_seconds: int, allowance_seconds: int) -> Ways:
    """Everything with the customer's signature; maintenance announced in time, up to the allowance, with the provider's
    alone. The customer's is tried first: what it approved costs no allowance."""
    approved = Way(frozenset({CUSTOMER}))
    ways = dict.fromkeys(ExclusionKind, (approved,))
    alone = Way(frozenset({PROVIDER}), notice_seconds, allowance_seconds)
    return {**ways, ExclusionKind.MAINTENANCE: (approved, alone)}


@dataclass(frozen=True, slots=True)
class Condition:
    """Time in which what the promise depends on was not so, by the agreement's own measure."""

    id: str
    spans: tuple[Window, ...]


@dataclass(frozen=True, slots=True, order=True)
class Excluded:
    """Seconds that do not count, and the exclusion or condition that excluded them first."""

    start: int
    end: int
    id: str


@dataclass(frozen=True, slots=True, order=True)
class Uncounted:
    """Seconds that an exclusion named and did not exclude, and why."""

    start: int
    end: int
    id: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Trace:
    """``excluded`` is sorted and disjoint: every excluded second once. ``uncounted`` is sorted; for each exclusion it
    and its part of ``excluded`` are together exactly the seconds it named."""

    excluded: tuple[Excluded, ...]
    uncounted: tuple[Uncounted, ...]

    def within(self, start: int, end: int) -> Trace:
        """What of it lies in ``[start, end)``."""
        return Trace(
            tuple(
                Excluded(max(start, each.start), min(end, each.end), each.id)
                for each in self.excluded
                if each.start < end and start < each.end
            ),
            tuple(
                Uncounted(max(start, each.start), min(end, each.end), each.id, each.reason)
                for each in self.uncounted
                if each.start < end and start < each.end
            ),
        )

    def spans(self) -> tuple[Window, ...]:
        """The excluded time, whatever the cause."""
        return merged((each.start, each.end) for each in self.excluded)

    def cause_at(self, instant: int) -> str | None:
        """The id of what excluded the second ``instant``; None if it counts."""
        place = bisect_right(self.excluded, instant, key=lambda each: each.start) - 1
        return self.excluded[place].id if place >= 0 and instant < self.excluded[place].end else None

    def left_of(self, windows: Iterable[Window]) -> tuple[Window, ...]:
        """What still counts of the windows."""
        return without(windows, self.spans())


def can_count(exclusion: Exclusion, ways: Ways) -> bool:
    """Whether some way is open to the exclusion, for what its scope covers and as far as its allowance goes."""
    return any(
        way.approvers <= exclusion.approvers and way.is_in_time(exclusion)
        for way in ways.get(exclusion.kind, ())
    )


def covers(scope: Scope, dimensions: Mapping[str, str]) -> bool:
    """Whether the scope holds all of what has these dimensions: a scope of one region does not cover what is measured
    over all regions, whose ``region`` is ""."""
    return all(dimensions.get(name, "") in values for name, values in scope)


def trace(
    exclusions: Iterable[Exclusion],
    ways: Ways,
    allowance_windows: Sequence[Window],
    dimensions: Mapping[str, str],
    conditions: Iterable[Condition] = (),
) -> Trace:
    """What is excluded for that which has these dimensions.

    ``allowance_windows`` are the agreed months, disjoint: each has its allowance anew, for each way of each kind; time
    outside them has none. Allowances are spent from a month's first exclusion on, so give all that touch a window, and
    take ``within`` of the result. An exclusion given twice counts once.
    """
    return trace_where(
        exclusions, ways, allowance_windows, lambda scope: covers(scope, dimensions), conditions
    )


def trace_where(
    exclusions: Iterable[Exclusion],
    ways: Ways,
    allowance_windows: Sequence[Window],
    is_covered: Callable[[Scope], bool],
    conditions: Iterable[Condition] = (),
) -> Trace:
    """``trace`` for all that the same scopes cover: ``is_covered`` says which."""
    windows = tuple(sorted(allowance_windows))
    for one, following in pairwise(windows):
        if following[0] < one[1]:
            raise ExclusionError(f"two windows of the allowance overlap at {following[0]}", "give each once")
    tracing = _Tracing(ways, windows, is_covered)
    for condition in sorted(conditions, key=lambda each: each.id):
        tracing.add_condition(condition)
    for exclusion in _in_order(exclusions):
        tracing.add(exclusion)
    return Trace(tuple(sorted(tracing.excluded)), tuple(sorted(tracing.uncounted)))


def _in_order(exclusions: Iterable[Exclusion]) -> list[Exclusion]:
    each_once: dict[str, Exclusion] = {}
    for exclusion in exclusions:
        if each_once.setdefault(exclusion.id, exclusion) != exclusion:
            raise ExclusionError(f"two exclusions are called {exclusion.id}", "give each its own id")
    return sorted(each_once.values(), key=lambda each: (each.announced_at, each.id))


class _Tracing:
    def __init__(self, ways: Ways, windows: Sequence[Window], is_covered: Callable[[Scope], bool]) -> None:
        self.excluded: list[Excluded] = []
        self.uncounted: list[Uncounted] = []
        self._ways = ways
        self._windows = windows
        self._is_covered = is_covered
        self._taken = Taken()
        self._spent: Counter[tuple[ExclusionKind, int, Window]] = Counter()

    def add_condition(self, condition: Condition) -> None:
        for start, end in merged(condition.spans):
            already = self._taken.among(start, end)
            self._refuse(already, condition.id, Reason.ALREADY_EXCLUDED)
            self._exclude(without([(start, end)], already), condition.id)

    def add(self, exclusion: Exclusion) -> None:
        named = [(exclusion.start, exclusion.end)]
        usable = self._usable(exclusion)
        if isinstance(usable, Reason):
            self._refuse(named, exclusion.id, usable)
            return
        already = self._taken.among(exclusion.start, exclusion.end)
        rest = without(named, already)
        granted: list[Window] = []
        for place, way in usable:
            granted += self._granted((exclusion.kind, place), way, rest)
            rest = without(rest, granted)
        self._exclude(merged(granted), exclusion.id)
        self._refuse(already, exclusion.id, Reason.ALREADY_EXCLUDED)
        self._refuse(rest, exclusion.id, Reason.OVER_ALLOWANCE)

    def _usable(self, exclusion: Exclusion) -> list[tuple[int, Way]] | Reason:
        """The ways that are open to it, with their places; else the reason, of the way that it came furthest on."""
        if exclusion.kind not in self._ways:
            return Reason.NOT_AGREED
        if not self._is_covered(exclusion.scope):
            return Reason.OUT_OF_SCOPE
        ways = enumerate(self._ways[exclusion.kind])
        approved = [(place, way) for place, way in ways if way.approvers <= exclusion.approvers]
        in_time = [(place, way) for place, way in approved if way.is_in_time(exclusion)]
        return in_time or (Reason.TOO_LATE if approved else Reason.NOT_APPROVED)

    def _granted(self, key: tuple[ExclusionKind, int], way: Way, spans: Sequence[Window]) -> list[Window]:
        """What the way covers of the spans, the earliest first, spending its allowance."""
        if way.allowance_seconds is None or not spans:
            return list(spans)
        found = []
        first = bisect_right(self._windows, spans[0][0], key=lambda window: window[1])
        last = bisect_left(self._windows, spans[-1][1], key=lambda window: window[0])
        for window in self._windows[first:last]:
            for start, end in shared(spans, [window]):
                left = way.allowance_seconds - self._spent[*key, window]
                stop = min(end, start + left)
                if start < stop:
                    found.append((start, stop))
                    self._spent[*key, window] += stop - start
        return found

    def _exclude(self, spans: Iterable[Window], cause: str) -> None:
        for start, end in spans:
            self._taken.take(start, end)
            self.excluded.append(Excluded(start, end, cause))

    def _refuse(self, spans: Iterable[Window], cause: str, reason: Reason) -> None:
        self.uncounted += [Uncounted(start, end, cause, reason) for start, end in spans]
