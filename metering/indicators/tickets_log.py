"""A ticket's log as rows that say what holds from each entry to the next, in whole numbers.

What a priority means is a number: 0 for none said, n for the n-th of those with a limit, one more for all others. So is
what a clock does: RUNNING, PAUSED, STOPPED, CANCELLED. Everything of a row is known when its entry comes, so a ticket
read as of some instant is the rows before it, and later entries change none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metering.engine import (
    Column,
    Engine,
    Table,
    cases,
    coalesce,
    cumulative_window,
    greatest,
    ifelse,
    literal,
    row_number,
    window,
)
from metering.excluding import GROUP
from sla.clock_rules import ClockRules, OnReassignment, OnReopening
from sla.clocks import State

RUNNING, PAUSED, STOPPED, CANCELLED = range(4)
CODES = {
    State.RUNNING: RUNNING,
    State.PAUSED: PAUSED,
    State.STOPPED: STOPPED,
    State.CANCELLED: CANCELLED,
}

_PLACE = 4_096
"""Room for a priority's number beside that of a row, in one whole number."""

Order = Sequence[str]
BY_TIME: Order = ("time", "sequence")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of all records before any is looked at: when the first ticket was opened and the first entry came,
    seconds UTC, and whether every record says the priority."""

    first_opened: int
    first_time: int
    has_all_priorities: bool


NOTHING = Seen(2**40, 2**40, True)
"""Of no records at all, as if they came after everything."""


def look_over(engine: Engine, records: Table) -> Seen | None:
    """In one pass; None if there are no records."""
    (found,) = engine.collect(
        records.aggregate(
            first_opened=records.opened.min(),
            first_time=records.time.min(),
            without=ifelse(records.priority == "", 1, 0).sum(),
        )
    ).to_pylist()
    if found["first_opened"] is None:
        return None
    return Seen(found["first_opened"], found["first_time"], not found["without"])


def rows_of(
    records: Table,
    rules: ClockRules,
    priorities: Sequence[str],
    seen: Seen,
    keep: Sequence[str],
    ahead: Sequence[str] = (),
) -> Table:
    """The entries with what holds from each on:

    ``doing``: what the clock does. ``said``: the priority by its number, of this entry or the last one that says it;
    ``names``: whether this one says one of the priorities. ``stint``: how many reassignments came before, where these
    matter. ``row``: its number in its ticket, the first being 0; ``until``: the time of the next entry, null for the
    last. ``keep``: the columns to go along; of those ``ahead`` the next entry's value too, as ``next_NAME``.
    """
    meaning = cases(
        *((records.state == state, CODES[rules.meaning(state)]) for state in sorted(_named(rules))),
        else_=RUNNING,
    )
    named = [(records.priority == name, number) for number, name in enumerate(priorities, 1)]
    said = cases((records.priority == "", 0), *named, else_=len(priorities) + 1)
    own = [name for name in ("ticket", "time", "sequence", "opened", GROUP) if name in records.columns]
    extra = [name for name in keep if name not in own]
    log = records.mutate(doing=meaning.cast("int64"), said=said.cast("int64"))
    restarts = rules.reassignment is OnReassignment.RESTARTS
    log = log.select(*own, *extra, "doing", "said", *(["group"] if restarts and "group" not in extra else []))

    ordered = window(group_by="ticket", order_by=BY_TIME)
    columns: dict[str, Column] = {
        "until": log.time.lead().over(ordered),
        "row": row_number().over(ordered).cast("int64"),
        "names": (log.said > 0) & (log.said <= len(priorities)),
        **{f"next_{name}": log[name].lead().over(ordered) for name in ahead},
    }
    if rules.reopening is OnReopening.STAYS_STOPPED:
        so_far = cumulative_window(group_by="ticket", order_by=BY_TIME)
        was_stopped = ifelse(log.doing == STOPPED, 1, 0).max().over(so_far) > 0
        columns["doing"] = ifelse(was_stopped & (log.doing != CANCELLED), STOPPED, log.doing)
    rows = log.mutate(**columns)
    if not seen.has_all_priorities:
        rows = rows.mutate(said=_last_said(rows, rows.said))
    return _with_stints(rows) if restarts else rows.mutate(stint=literal(0, "int64"))


def with_past(rows: Table) -> Table:
    """With ``disputed``, whether the records so far name different times of opening, and ``began``, whether one of them
    has said one of the priorities."""
    so_far = cumulative_window(group_by="ticket", order_by=BY_TIME)
    return rows.mutate(
        disputed=rows.opened.max().over(so_far) != rows.opened.min().over(so_far),
        began=ifelse(rows.names, 1, 0).max().over(so_far) > 0,
    )


def first_said(rows: Table) -> Column:
    """The first priority a ticket is ever given; 0 if none is."""
    whole = window(group_by="ticket")
    packed = ifelse(rows.said > 0, rows.row * _PLACE + rows.said, None).min().over(whole)
    return coalesce(packed % _PLACE, 0)


def _last_said(rows: Table, said: Column) -> Column:
    so_far = cumulative_window(group_by="ticket", order_by=BY_TIME)
    return greatest(ifelse(said > 0, rows.row * _PLACE + said, 0).max().over(so_far) % _PLACE, 0)


def _with_stints(rows: Table) -> Table:
    """How often the group has changed so far: an entry without one leaves it, and the first one is no change."""
    rows = rows.mutate(has_group=rows.group != "")
    before = rows.group.lag().over(window(group_by=["ticket", "has_group"], order_by=BY_TIME))
    rows = rows.mutate(is_handed=ifelse(rows.has_group & (before != rows.group), 1, 0))
    so_far = cumulative_window(group_by="ticket", order_by=BY_TIME)
    return rows.mutate(stint=coalesce(rows.is_handed, 0).sum().over(so_far).cast("int64"))


def _named(rules: ClockRules) -> frozenset[str]:
    return rules.pausing | rules.stopping | rules.cancelling
