"""The kinds of records and their columns: what landing writes, and what indicators may count on.

A record says one thing that was seen. Its columns are typed and bounded here, once, so that no expression has to check
them again. Every kind begins with the dimensions: whose record it is, for which service, where. What a record belongs
to is its first time column; by its UTC day the lake is partitioned.

=============  =========================================================================================================
probes         one look at a service: ``time_ms`` the moment it was due, whether it could tell, the HTTP status (0: no
               answer), ``latency_us`` to the end of the answer
counts         ``total`` requests in the ``seconds`` from ``time``, of which ``good`` were good
states         from ``time`` on, until the next, the ``subject`` (a host, a link) is in this ``state``
readings       a gauge stood at ``value_micro`` millionths of its unit
tickets        at ``time`` the ticket took this ``state``, ``priority`` and ``group``; ``sequence`` orders what happened
               in the same second, ``opened`` is when it was opened; ``text`` is what it says and ``origin`` where it
               came from (phone, a monitoring system), for rules that classify
deliveries     an order ``due`` by then was ``done`` then (null: not yet), right first time or not, with so many missed
               appointments
faults         a fault of a ``subject`` from ``start`` to ``end`` (null: it lasts)
surveys        the ``response`` of that name gave a score of ``score_milli`` thousandths
=============  =========================================================================================================

Times are whole seconds UTC since 1970, those of probes milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

SOURCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
"""What a source may be called: it names a folder, on every system."""

MOST_TIME = 2**40
"""Times are below it, as on the chain (R20): in seconds the year 36812."""
MOST_NUMBER = 10**15
"""Of any count or measure; 9 000 of them still add up within 64 bits."""
MOST_TEXT_BYTES = 1_000


class Type(Enum):
    """What a column holds."""

    TIME = "time"
    """Whole seconds UTC since 1970."""
    TIME_MS = "time-ms"
    """Whole milliseconds UTC since 1970."""
    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"

    @property
    def is_time(self) -> bool:
        """Whether the column holds an instant."""
        return self in (Type.TIME, Type.TIME_MS)

    @property
    def per_second(self) -> int:
        """What the numbers of a time column count: 1 or 1 000 a second."""
        return 1_000 if self is Type.TIME_MS else 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a kind. Numbers lie in ``[least, most]``, or are 0 if ``or_zero``; texts that ``name_it`` are not
    empty; only ``optional`` ones may be null, and only ``spared`` ones (and dimensions) left out of a declaration: they
    are empty then."""

    name: str
    type: Type
    least: int = 0
    most: int = MOST_NUMBER
    or_zero: bool = False
    optional: bool = False
    spared: bool = False
    name_it: bool = False

    def holds(self, number: int) -> bool:
        """Whether the number is one this column may have."""
        return self.least <= number <= self.most or (self.or_zero and number == 0)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record.

    ``key``: what tells two records apart. Two that agree on it and differ elsewhere contradict each other. A record
    whose ``open_until`` column is null gives way to the one of the same key in which it is filled in.
    ``in_order``: pairs of columns of which the first is never more than the second. ``zero_unless``: pairs of which the
    first is 0 unless the second is true.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    open_until: str | None = None
    in_order: tuple[tuple[str, str], ...] = ()
    zero_unless: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def time(self) -> Column:
        """The column by which records belong to a day and a period."""
        return next(column for column in self.columns if column.type.is_time)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        return {column.name: column for column in self.columns}[name]


DIMENSIONS = ("client", "tier", "service", "region", "area", "component", "impact")
"""Texts, empty where they do not apply: the client and its tier, the service, the region (which is also the record's
residency tag), the operational area (assurance, fulfilment, network, it), the component, and the impact
(infrastructure or customer)."""


def _kind(
    name: str,
    *columns: Column,
    key: tuple[str, ...],
    open_until: str | None = None,
    in_order: tuple[tuple[str, str], ...] = (),
    zero_unless: tuple[tuple[str, str], ...] = (),
) -> Kind:
    dimensions = tuple(Column(dimension, Type.TEXT) for dimension in DIMENSIONS)
    return Kind(name, dimensions + columns, key, open_until, in_order, zero_unless)


def _name(name: str) -> Column:
    return Column(name, Type.TEXT, name_it=True)


def _time(name: str, optional: bool = False) -> Column:
    return Column(name, Type.TIME, most=MOST_TIME - 1, optional=optional)


PROBES = _kind(
    "probes",
    Column("time_ms", Type.TIME_MS, most=MOST_TIME * 1_000 - 1),
    Column("known", Type.TRUTH),
    Column("status", Type.NUMBER, least=100, most=599, or_zero=True),
    Column("latency_us", Type.NUMBER),
    key=("time_ms", *DIMENSIONS),
    zero_unless=(("status", "known"),),
)
COUNTS = _kind(
    "counts",
    _time("time"),
    Column("seconds", Type.NUMBER, least=1, most=400 * 86_400),
    Column("good", Type.NUMBER),
    Column("total", Type.NUMBER),
    key=("time", *DIMENSIONS),
    in_order=(("good", "total"),),
)
STATES = _kind(
    "states",
    _time("time"),
    Column("subject", Type.TEXT),
    _name("state"),
    key=("time", "subject", *DIMENSIONS),
)
READINGS = _kind(
    "readings",
    _time("time"),
    Column("value_micro", Type.NUMBER, least=-MOST_NUMBER),
    key=("time", *DIMENSIONS),
)
TICKETS = _kind(
    "tickets",
    _name("ticket"),
    _time("time"),
    Column("sequence", Type.NUMBER),
    _name("state"),
    Column("priority", Type.TEXT),
    Column("group", Type.TEXT),
    _time("opened"),
    Column("text", Type.TEXT, spared=True),
    Column("origin", Type.TEXT, spared=True),
    key=("ticket", "time", "sequence"),
    in_order=(("opened", "time"),),
)
DELIVERIES = _kind(
    "deliveries",
    _name("order"),
    _time("due"),
    _time("done", optional=True),
    Column("right_first_time", Type.TRUTH, optional=True),
    Column("missed_appointments", Type.NUMBER),
    key=("order",),
    open_until="done",
)
FAULTS = _kind(
    "faults",
    _name("fault"),
    _time("start"),
    _time("end", optional=True),
    Column("subject", Type.TEXT),
    key=("fault",),
    open_until="end",
    in_order=(("start", "end"),),
)
SURVEYS = _kind(
    "surveys",
    _name("response"),
    _time("time"),
    Column("score_milli", Type.NUMBER, least=-MOST_NUMBER),
    key=("response", "time", *DIMENSIONS),
)

KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for kind in (PROBES, COUNTS, STATES, READINGS, TICKETS, DELIVERIES, FAULTS, SURVEYS)}
)
"""All kinds, by name."""
