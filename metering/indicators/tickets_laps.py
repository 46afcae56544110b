"""How long a ticket's clock has run when each of its entries comes, against which limit, and when it runs beyond it.

A lap is what counts against one limit: all of a ticket's time, or that of one priority, or of one assignment. The
policies are those of ``sla.clock_rules``; ``sla.tickets.read_ticket`` says the same of one ticket in plain steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metering.engine import (
    Column,
    Engine,
    Table,
    cases,
    coalesce,
    cumulative_window,
    ifelse,
    literal,
    null,
    window,
)
from metering.excluding import GROUP
from metering.indicators.clock_calendar import ClockCalendar, Days
from metering.indicators.tickets_log import BY_TIME, RUNNING, Seen, first_said, rows_of, with_past
from metering.indicators.tickets_slots import Slots
from sla.calendars import Calendar
from sla.clock_rules import Begins, ClockRules, OnPriority, OnReassignment
from sla.span_sets import Window
from sla.targets import Limit

_ROOM = 2**40
"""More than any limit's seconds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits by priority, in order, and what of calendars they need."""

    each: tuple[tuple[str, Limit], ...]

    @property
    def priorities(self) -> tuple[str, ...]:
        """Those with a limit; the first is number 1."""
        return tuple(priority for priority, _ in self.each)

    @property
    def calendars(self) -> tuple[Calendar, ...]:
        """Each once."""
        return tuple(dict.fromkeys(limit.calendar for _, limit in self.each))

    @property
    def days(self) -> tuple[Days, ...]:
        """The business days that are allowed, each once."""
        return tuple(dict.fromkeys(days for _, limit in self.each if (days := self.days_of(limit))))

    def days_of(self, limit: Limit) -> Days | None:
        """The business days of a limit that is given in them."""
        days = limit.target.business_days
        return None if days is None else Days(self.calendars.index(limit.calendar), days)


def calendar_of(
    engine: Engine, limits: Limits, seen: Seen, end: int, excluded: Mapping[int, Sequence[Window]]
) -> ClockCalendar:
    """The limits' calendars, from the first opening until all that is asked about is over."""
    span = (min(seen.first_opened, end), end)
    return ClockCalendar(engine, limits.calendars, limits.days, span, excluded)


def is_one_lap(rules: ClockRules) -> bool:
    """Whether all of a ticket's time since its opening counts together, against the priority that it has last."""
    return (
        rules.begins is Begins.AT_OPENING
        and rules.priority is OnPriority.LAST_DECIDES
        and rules.reassignment is OnReassignment.GOES_ON
    )


def clocked(
    records: Table,
    rules: ClockRules,
    limits: Limits,
    calendar: ClockCalendar,
    seen: Seen,
    end: int,
    keep: Sequence[str],
) -> Table:
    """The rows of the log with, for each calendar K of the limits, ``worked_K``, the open seconds until the entry, and
    ``run_K``, those that the clock runs from it to the next one or the ``end``, if it has begun by the ``rules``."""
    known = calendar.at(records.filter(records.time < end), "time", "now")
    added = calendar.added("now")
    ahead = [name for name in added if name.startswith("now_worked_")]
    rows = rows_of(known, rules, limits.priorities, seen, [*keep, *added], ahead)
    runs = rows.doing == RUNNING
    if not is_one_lap(rules):
        rows = with_past(rows)
        runs = rows.doing == RUNNING
        if rules.begins is Begins.AT_PRIORITY:
            runs = runs & rows.began
    columns: dict[str, Column] = {}
    for k in range(len(limits.calendars)):
        worked = calendar.worked_by(rows, "time", "now", k)
        following = rows[f"next_now_worked_{k}"] if f"now_worked_{k}" in ahead else rows.until
        run = ifelse(runs, coalesce(following, calendar.worked_at(rows, k, end)) - worked, 0)
        columns |= {f"run_{k}": run, f"worked_{k}": worked}
    return rows.mutate(**columns)


def at_slot_ends(
    rows: Table, limits: Limits, calendar: ClockCalendar, slots: Slots, keep: Sequence[str]
) -> Table:
    """Of a clock with one lap, a ticket's last row in each slot, with ``before_K``, the open seconds that ran before
    it, ``disputed``, and what ``limited`` asks for; adding up whole slots spares a look back from every entry."""
    rows = rows.mutate(slot=slots.of(rows.time), is_last=slots.ends(rows.time, rows.until))
    count = range(len(limits.calendars))
    own = [name for name in (GROUP, *keep) if name in rows.columns and name not in ("ticket", "opened")]
    of_last = [
        "time",
        "until",
        "doing",
        "said",
        *(f"run_{k}" for k in count),
        *(f"worked_{k}" for k in count),
    ]
    parts = {name: ifelse(rows.is_last, rows[name], None).max() for name in dict.fromkeys([*own, *of_last])}
    for k in count:
        parts[f"ran_{k}"] = rows[f"run_{k}"].sum()
        parts[f"first_{k}"] = rows[f"worked_{k}"].min()
    ends = rows.group_by(["ticket", "slot"]).agg(
        **parts, first_opened=rows.opened.min(), last_opened=rows.opened.max()
    )
    so_far = cumulative_window(group_by="ticket", order_by="slot")
    opened, last_opened = ends.first_opened.min().over(so_far), ends.last_opened.max().over(so_far)
    ends = ends.mutate(
        opened=opened,
        disputed=last_opened != opened,
        **{f"first_{k}": ends[f"first_{k}"].min().over(so_far) for k in count},
        **{f"ran_{k}": ends[f"ran_{k}"].sum().over(so_far) - ends[f"run_{k}"] for k in count},
    )
    ends = calendar.at(ends, "opened", "opened")
    return ends.mutate(
        **{
            f"before_{k}": ends[f"ran_{k}"]
            + ends[f"first_{k}"]
            - calendar.worked_by(ends, "opened", "opened", k)
            for k in count
        }
    )


def row_by_row(rows: Table, rules: ClockRules, limits: Limits, calendar: ClockCalendar) -> Table:
    """The rows of a clock of any rules with ``prelude_K``, the open seconds from the opening to the first entry where
    they count, and ``before_K``, those of its stint before the entry."""
    count = range(len(limits.calendars))
    if rules.begins is Begins.AT_OPENING:
        rows = calendar.at(rows, "opened", "opened")
        rows = rows.mutate(**{f"prelude_{k}": _prelude(rows, calendar, k) for k in count})
    else:
        rows = rows.mutate(**{f"prelude_{k}": literal(0, "int64") for k in count})
    if rules.priority is OnPriority.EACH_FOR_ITSELF:
        return rows
    so_far = cumulative_window(group_by=_lap(rules), order_by=BY_TIME)
    return rows.mutate(
        **{
            f"before_{k}": (rows[f"run_{k}"] + rows[f"prelude_{k}"]).sum().over(so_far) - rows[f"run_{k}"]
            for k in count
        }
    )


def limited(rows: Table, rules: ClockRules, limits: Limits) -> Table:
    """The rows with what counts of each: ``is_limited``, whether its priority has a limit, ``calendar``,
    the open seconds ``allowed``, those that ran ``before`` and those until the next entry (``run``), ``over``: whether
    they were too many when the entry came, ``crosses``: whether they become so before the next, and ``past``: whether
    an earlier lap ended so. Open seconds until the entry are ``worked``."""
    each = rules.priority is OnPriority.EACH_FOR_ITSELF
    restarts = rules.reassignment is OnReassignment.RESTARTS
    lap = rows.said
    if each or restarts:
        # What a ticket had no priority for counts against the first it is given.
        rows = rows.mutate(lap=ifelse(rows.said > 0, rows.said, first_said(rows)))
        lap = rows.lap
    place = {limit: limits.calendars.index(limit.calendar) for _, limit in limits.each}
    numbered = list(enumerate((limit for _, limit in limits.each), 1))
    names = ("run", "prelude", "worked") if each else ("run", "worked")
    chosen = {name: _chosen(rows, lap, name, numbered, place) for name in names}
    rows = rows.mutate(
        **chosen,
        lap=lap,
        is_limited=(lap > 0) & (lap <= len(limits.each)),
        calendar=cases(*((lap == n, place[limit]) for n, limit in numbered), else_=0).cast("int64"),
    )
    if each:
        so_far = cumulative_window(group_by=_lap(rules, "lap"), order_by=BY_TIME)
        rows = rows.mutate(before=(rows.run + rows.prelude).sum().over(so_far) - rows.run)
    else:
        rows = rows.mutate(before=_chosen(rows, rows.lap, "before", numbered, place))
    rows = rows.mutate(allowed=_allowed(rows, rules, limits))
    over = rows.is_limited & (rows.before > rows.allowed)
    crosses = rows.is_limited & (rows.before <= rows.allowed) & (rows.before + rows.run > rows.allowed)
    rows = rows.mutate(over=over, crosses=crosses)
    if not each and not restarts:
        return rows.mutate(past=literal(False))
    ended = rows.over | rows.crosses
    if not each:
        following = rows.stint.lead().over(window(group_by="ticket", order_by=BY_TIME))
        ended = ended & following.notnull() & (following != rows.stint)
    rows = rows.mutate(ended_over=ifelse(ended, 1, 0))
    so_far = cumulative_window(group_by="ticket", order_by=BY_TIME)
    return rows.mutate(past=rows.ended_over.sum().over(so_far) > rows.ended_over)


def _prelude(rows: Table, calendar: ClockCalendar, k: int) -> Column:
    opened = calendar.worked_by(rows, "opened", "opened", k)
    return ifelse(rows.row == 0, rows[f"worked_{k}"] - opened, 0)


def _allowed(rows: Table, rules: ClockRules, limits: Limits) -> Column:
    rooms = {days: _room(rows, rules, j) for j, days in enumerate(limits.days)}
    branches = []
    for number, (_, limit) in enumerate(limits.each, 1):
        days = limits.days_of(limit)
        allowed = rooms[days] if days is not None else literal(limit.target.seconds, "int64")
        branches.append((rows.lap == number, allowed))
    return cases(*branches, else_=0).cast("int64")


def _room(rows: Table, rules: ClockRules, j: int) -> Column:
    """The open seconds that business days allow, from the start of the lap: its first row that lasts, or this one."""
    if is_one_lap(rules):
        return rows[f"opened_room_{j}"]
    from_opening = rules.begins is Begins.AT_OPENING
    begins, room = rows.time, rows[f"now_room_{j}"]
    lasts = rows.began
    if from_opening:
        begins = ifelse(rows.row == 0, rows.opened, rows.time)
        room = ifelse(rows.row == 0, rows[f"opened_room_{j}"], room)
        lasts = literal(True)
    lasts = lasts & (rows.until.isnull() | (begins < rows.until))
    of_lap = _lap(rules, *(["lap"] if rules.priority is OnPriority.EACH_FOR_ITSELF else []))
    packed = ifelse(lasts, rows.row * _ROOM + room, null("int64"))
    first = packed.min().over(cumulative_window(group_by=of_lap, order_by=BY_TIME))
    return coalesce(first % _ROOM, room)


def _chosen(
    rows: Table,
    lap: Column,
    name: str,
    numbered: Sequence[tuple[int, Limit]],
    place: Mapping[Limit, int],
) -> Column:
    """The column of the calendar that a lap's limit counts by; of the first, where it has none."""
    columns = {place[limit]: rows[f"{name}_{place[limit]}"] for _, limit in numbered}
    if len(columns) == 1:
        return columns[0]
    return cases(*((lap == n, columns[place[limit]]) for n, limit in numbered), else_=columns[0])


def _lap(rules: ClockRules, *keys: str) -> list[str]:
    stint = ["stint"] if rules.reassignment is OnReassignment.RESTARTS else []
    return ["ticket", *stint, *keys]
