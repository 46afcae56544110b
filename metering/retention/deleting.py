"""What may be deleted when, and deleting it. Days are UTC days since 1970, times seconds UTC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from metering.lake import Day, Lake
from metering.retention.errors import RetentionError
from metering.retention.freezing import Freeze, alone, freezes
from sla.civil import DAY

_NOT_ROLLED_UP = "not rolled up yet"


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many whole days each form stays after the day it is of.

    ``superseded_days``: how long a version stays that another took the place of, for evaluations that still read it.
    """

    raw_days: int
    rolled_up_days: int
    superseded_days: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.raw_days <= self.rolled_up_days:
            raise RetentionError(
                f"raw records for {self.raw_days} days and rolled up for {self.rolled_up_days} cannot be meant",
                "keep raw records for at least a day, and what is rolled up no shorter",
            )
        if self.superseded_days < 1:
            raise RetentionError(
                f"superseded versions for {self.superseded_days} days would fail evaluations that read them",
                "keep them for at least a day",
            )


@dataclass(frozen=True, slots=True)
class Need:
    """Records of ``[start, end)`` may be asked for until ``until``: a period's claim deadline, usually."""

    start: int
    end: int
    until: int
    reason: str


class Form(Enum):
    """In which form a day is kept."""

    RAW = "raw"
    ROLLED_UP = "rolled up"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one form of a source's day, and why. ``files``: their names in the day's folder."""

    source: str
    day: int
    form: Form
    deletes: bool
    why: str
    files: tuple[str, ...]

    @property
    def waits_for_roll_up(self) -> bool:
        """Whether it would be deleted, were the day rolled up."""
        return self.why == _NOT_ROLLED_UP


def plan(lake: Lake, retention: Retention, needs: Sequence[Need], now_seconds: int) -> list[Decision]:
    """What ``carry_out`` would do now, of every source, day and form, what stays included."""
    frozen = freezes(lake)
    return [
        decision
        for source in lake.sources()
        for decision in _of_source(lake, source, retention, needs, frozen, now_seconds)
    ]


def carry_out(lake: Lake, retention: Retention, needs: Sequence[Need], now_seconds: int) -> list[Decision]:
    """Deletes what may be deleted; the same decisions as ``plan``, taken again. LakeError while a source lands."""
    decisions: list[Decision] = []
    for source in lake.sources():
        with alone(lake), lake.landing(source, lake.kind(source)):
            taken = list(_of_source(lake, source, retention, needs, freezes(lake), now_seconds))
            for decision in taken:
                if decision.deletes:
                    _delete(lake, decision)
            decisions += taken
    return decisions


def _of_source(
    lake: Lake,
    source: str,
    retention: Retention,
    needs: Sequence[Need],
    frozen: Sequence[Freeze],
    now_seconds: int,
) -> Iterator[Decision]:
    complete_until = lake.watermark(source) or 0
    for number in lake.days(source):
        day = lake.day(source, number)
        age = now_seconds // DAY - number - 1
        held = _held(source, number, needs, frozen, now_seconds)
        raw = tuple(sorted(day.files - {day.rolled_up}))
        if raw:
            why = held or _too_young(age, retention.raw_days)
            if not why and complete_until < (number + 1) * DAY:
                why = "records of it may still come"
            if not why and day.rolled_up is None:
                why = _NOT_ROLLED_UP
            yield Decision(source, number, Form.RAW, not why, why or f"{age} days old and rolled up", raw)
        if day.rolled_up is not None:
            why = held or _too_young(age, retention.rolled_up_days)
            if not why and raw:
                why = "its raw records are there"
            yield Decision(
                source, number, Form.ROLLED_UP, not why, why or f"{age} days old", (day.rolled_up,)
            )
        yield from _superseded(lake, source, day, retention, frozen, now_seconds)


def _held(source: str, number: int, needs: Sequence[Need], frozen: Sequence[Freeze], now_seconds: int) -> str:
    for one in frozen:
        if one.holds(source, number):
            return f"frozen by {one.name}: {one.reason}"
    for need in needs:
        if need.start < (number + 1) * DAY and number * DAY < need.end and now_seconds < need.until:
            return f"needed until {need.until}: {need.reason}"
    return ""


def _too_young(age: int, days: int) -> str:
    return f"{max(age, 0)} days old of {days}" if age < days else ""


def _superseded(
    lake: Lake, source: str, day: Day, retention: Retention, frozen: Sequence[Freeze], now_seconds: int
) -> Iterator[Decision]:
    folder = lake.day_folder(source, day.day)
    kept = {name for one in frozen for name in one.files}
    # They were superseded at the latest when the day's present state was written.
    age = now_seconds - int((folder / "current.json").stat().st_mtime)
    for path in sorted(folder.glob("*.parquet")):
        if path.name in day.files:
            continue
        why = ""
        if str(path.relative_to(lake.root)) in kept:
            why = "frozen as it was"
        elif age < retention.superseded_days * DAY:
            why = "may still be read"
        yield Decision(source, day.day, Form.SUPERSEDED, not why, why or "superseded", (path.name,))


def _delete(lake: Lake, decision: Decision) -> None:
    """First the day forgets the files, then they go: a crash in between leaves a file that nobody points to."""
    day = lake.day(decision.source, decision.day)
    if decision.form is Form.RAW:
        lake.set_day(decision.source, replace(day, records=None, contradictions=None))
    elif decision.form is Form.ROLLED_UP:
        lake.set_day(decision.source, replace(day, rolled_up=None))
    for name in decision.files:
        (lake.day_folder(decision.source, decision.day) / name).unlink(missing_ok=True)
