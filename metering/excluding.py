"""What does not count of which records, and since which exclusion.

What counts of a record follows from its own dimensions: an exclusion of one region leaves the others alone. Records
that the same scopes cover form a group, and all of a group has one trace (``sla.exclusions``). A bit a scope tells the
groups apart, so a record is compared with a few texts, whatever the number of exclusions. Group 0 is the whole: what
is measured over everything that is asked about, as for the seconds in which nothing was heard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add, and_

from metering.engine import Column, Engine, Table, cases, ifelse, literal
from record.terms import TermsDocument
from record.terms.allowances import allowance_windows
from record.terms.obligations import ObligationText
from sla.exclusions import (
    Condition,
    Exclusion,
    Reason,
    Scope,
    Trace,
    Uncounted,
    Ways,
    can_count,
    trace_where,
)
from sla.span_sets import Window, merged, without

GROUP = "exclusion_group"
"""The column that tells of which group a record is."""

_BITS = 62
"""Scopes that one whole number of 64 bits tells apart; more take more numbers."""

Values = Mapping[str, Sequence[str]]
"""By dimension the values that occur."""


def _no_windows(start: int, end: int) -> tuple[Window, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an obligation lets be excluded: the ``ways``, and the ``windows`` of their allowances, those that touch a
    span of time."""

    ways: Ways
    windows: Callable[[int, int], tuple[Window, ...]] = _no_windows


NOTHING = Allowed({})


def allowed(document: TermsDocument, obligation: ObligationText) -> Allowed:
    """What the terms let be excluded of an obligation."""
    terms = document.exclusions_of(obligation)
    return Allowed(terms.ways, partial(allowance_windows, document, terms))


class Excluding:
    """The exclusions of one question. ``where``: what is measured at all, by dimension; ``[start, end)``: the seconds
    for which traces are asked. Give all exclusions, also those of other times: allowances are spent in the order in
    which they were announced, so that what is asked of a day does not change what it gets."""

    def __init__(
        self,
        exclusions: Iterable[Exclusion] = (),
        allowed: Allowed = NOTHING,
        conditions: Sequence[Condition] = (),
        where: Values | None = None,
        start: int = 0,
        end: int = 0,
    ) -> None:
        self._exclusions = list(exclusions)
        self._ways = allowed.ways
        self._conditions = conditions
        self._where = where or {}
        self._bounds = start, end
        counting = [each for each in self._exclusions if can_count(each, allowed.ways)]
        self._scopes: list[Scope] = sorted({each.scope for each in counting} - {()})
        self._windows = _windows(counting, allowed)
        self._numbers: dict[frozenset[Scope], int] = {}
        self._traces: list[Trace] = []
        self._by_mask: dict[tuple[int, ...], int] = {}
        self.group_of({})

    def learn(self, engine: Engine, records: Table) -> None:
        """Which groups there are among the records; before any of them is ``grouped``."""
        if not self._scopes:
            return
        masks = records.select(**self._masks(records)).distinct()
        for row in engine.collect(masks).to_pylist():
            mask = tuple(int(number) for number in row.values())
            covering = [
                scope for place, scope in enumerate(self._scopes) if mask[place // _BITS] >> place % _BITS & 1
            ]
            self._by_mask[mask] = self._number(frozenset(covering))

    @property
    def groups(self) -> tuple[int, ...]:
        """The groups that records are of."""
        return tuple(sorted(set(self._by_mask.values()))) or (0,)

    def group_of(self, dimensions: Mapping[str, str]) -> int:
        """The group of all that is measured and has these dimensions: a scope covers it only if it covers whatever the
        other dimensions may be."""
        values: Values = {**self._where, **{name: (value,) for name, value in dimensions.items()}}
        return self._number(frozenset(scope for scope in self._scopes if _covers(scope, values)))

    def grouped(self, records: Table) -> Table:
        """The records, which have all their dimensions, with their ``exclusion_group``."""
        if len(self.groups) == 1:
            return records.mutate(**{GROUP: literal(self.groups[0], "int64")})
        masks = list(self._masks(records).values())
        found = [
            (reduce(and_, [column == number for column, number in zip(masks, mask, strict=True)]), group)
            for mask, group in sorted(self._by_mask.items())
        ]
        # Whoever changes the dimensions of a record, so that nobody has learned its group, excuses nothing more of it
        # than of the whole.
        return records.mutate(**{GROUP: cases(*found, else_=0).cast("int64")})

    def trace(self, group: int = 0) -> Trace:
        """What is excluded of a group, in all the seconds asked for."""
        return self._traces[group]

    def in_vain(self, start: int, end: int) -> tuple[Uncounted, ...]:
        """Of ``[start, end)`` what was put forward and excluded nothing, with the reasons, sorted.

        Where a second of it counts for nobody, the reasons are of the groups that the scope covers; OUT_OF_SCOPE is
        left where it covers none.
        """
        traces = [self._traces[group].within(start, end) for group in self.groups]
        excluded: dict[str, list[Window]] = {}
        refused: dict[tuple[str, Reason], list[Window]] = {}
        covered: set[str] = set()
        for trace in traces:
            for one in trace.excluded:
                excluded.setdefault(one.id, []).append((one.start, one.end))
                covered.add(one.id)
            for each in trace.uncounted:
                refused.setdefault((each.id, each.reason), []).append((each.start, each.end))
                if each.reason is not Reason.OUT_OF_SCOPE:
                    covered.add(each.id)
        return tuple(
            sorted(
                Uncounted(*span, cause, reason)
                for (cause, reason), spans in refused.items()
                if reason is not Reason.OUT_OF_SCOPE or cause not in covered
                for span in without(spans, excluded.get(cause, ()))
            )
        )

    def _number(self, covering: frozenset[Scope]) -> int:
        if covering not in self._numbers:
            self._numbers[covering] = len(self._traces)
            trace = trace_where(
                self._exclusions,
                self._ways,
                self._windows,
                # What cannot count has another reason than its scope.
                lambda scope: scope not in self._scopes or scope in covering,
                self._conditions,
            )
            self._traces.append(trace.within(*self._bounds))
        return self._numbers[covering]

    def _masks(self, records: Table) -> dict[str, Column]:
        found = {}
        for first in range(0, len(self._scopes), _BITS):
            bits = [
                ifelse(_is_covered(records, scope), literal(1 << place, "int64"), literal(0, "int64"))
                for place, scope in enumerate(self._scopes[first : first + _BITS])
            ]
            found[f"exclusion_mask_{first // _BITS:03d}"] = reduce(add, bits)
        return found


def _is_covered(records: Table, scope: Scope) -> Column:
    return reduce(and_, [records[name].isin(values) for name, values in scope])


def _covers(scope: Scope, values: Values) -> bool:
    return all(set(values.get(name, ("",))) <= set(covered) for name, covered in scope)


def _windows(counting: Sequence[Exclusion], allowed: Allowed) -> tuple[Window, ...]:
    """The windows in which allowances may be spent: those that something touches which has one."""
    limited = [
        each for each in counting if any(way.allowance_seconds is not None for way in allowed.ways[each.kind])
    ]
    touched = merged((each.start, each.end) for each in limited)
    return tuple(sorted({window for start, end in touched for window in allowed.windows(start, end)}))
