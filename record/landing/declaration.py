"""How a source's records become records of a kind: which of its columns is which, in which unit, on which clock.

Nothing is guessed. A time without zone needs the zone declared, a number in another unit needs the conversion, words
for good and bad need their meaning. What a declaration does not cover is refused record by record, with its reason.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from record.landing.errors import LandingError
from record.landing.kinds import DIMENSIONS, KINDS, MOST_TEXT_BYTES, SOURCE, Column, Kind, Type
from record.landing.patterns import ISO, pattern_of
from sla.errors import MakegoodError
from sla.zones import require_zone

MOST_SKEW_SECONDS = 3_600
MOST_LATENESS_SECONDS = 400 * 86_400
FORMATS = {"csv": ".csv", "jsonl": ".jsonl", "parquet": ".parquet"}
"""The formats, and how their files' names end."""

EPOCHS = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000, "nanoseconds": 1_000_000_000}


class Rounding(Enum):
    """What becomes of a number finer than its column."""

    REFUSE = "refuse"
    DOWN = "down"
    """Towards minus infinity."""
    UP = "up"


@dataclass(frozen=True, slots=True)
class Constant:
    """The same in every record: a dimension the source does not name, for instance."""

    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Text:
    """The column's text as it is; with ``words``, what each stands for, and others are refused.

    ``missing``: what the source writes for nothing; it becomes the empty text.
    """

    column: str
    words: Mapping[str, str] | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number in another unit: multiplied by ``times`` and divided by ``per``, exactly.

    Milliseconds into microseconds: ``Number("response_ms", times=1_000)``. ``otherwise``: what it is where nothing is
    written; without it such a record is refused, unless the kind's column may be empty.
    """

    column: str
    times: int = 1
    per: int = 1
    rounding: Rounding = Rounding.REFUSE
    missing: tuple[str, ...] = ("",)
    otherwise: int | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """True and false by the source's words for them."""

    column: str
    true: tuple[str, ...] = ("true",)
    false: tuple[str, ...] = ("false",)
    missing: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class Time:
    """An instant; what is finer than the kind's unit is cut off.

    ``format``: ``iso`` (2026-01-31T12:00:00Z, also with an offset, a fraction, or a blank for the T); ``seconds``,
    ``milliseconds``, ``microseconds`` or ``nanoseconds`` since 1970; or a pattern as ``%d-%m-%Y %H:%M``.
    ``zone``: the IANA zone of times that bear none. Without it they are refused.
    ``twice``: which is meant by a local time that occurs twice as clocks go back: ``refuse``, ``earlier`` or ``later``.
    """

    column: str
    format: str = ISO
    zone: str | None = None
    twice: str = "refuse"
    missing: tuple[str, ...] = ("",)


How: TypeAlias = Constant | Text | Number | Truth | Time

_FITTING: dict[Type, tuple[type, ...]] = {
    Type.TEXT: (Constant, Text),
    Type.NUMBER: (Constant, Number),
    Type.TRUTH: (Constant, Truth),
    Type.TIME: (Time,),
    Type.TIME_MS: (Time,),
}
_CONSTANTS: dict[Type, type] = {Type.TEXT: str, Type.NUMBER: int, Type.TRUTH: bool}


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known of the source's clock: it is ``ahead_ms`` ahead of UTC (negative: behind), by which its times are
    set right, and off by no more than ``within_seconds`` beyond that. A record later than that is refused: it would
    come from the future."""

    ahead_ms: int = 0
    within_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Declaration:
    """How the files of one source land.

    ``columns``: for each column of the kind, where it comes from. Dimensions may be left out (they are empty then), and
    so may columns that may be null. ``not_after``: pairs of the source's own times of which the first is never after
    the second, in a record that does not contradict itself. ``lateness_seconds``: how long after a record others of
    earlier times may still come; the watermark stays so far behind.
    """

    source: str
    kind: str
    format: str
    columns: Mapping[str, How]
    clock: Clock = Clock()
    lateness_seconds: int = 0
    not_after: tuple[tuple[Time, Time], ...] = ()
    delimiter: str = ","
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        if not SOURCE.match(self.source):
            raise _wrong("source", self.source, "cannot name a source", "use up to 64 of a-z, 0-9 and . _ -")
        if self.kind not in KINDS:
            raise _wrong("kind", self.kind, "is no kind of record", f"use {', '.join(KINDS)}")
        if self.format not in FORMATS:
            raise _wrong("format", self.format, "is no format of files", f"use {', '.join(FORMATS)}")
        if self.encoding not in ("utf-8", "latin-1"):
            raise _wrong("encoding", self.encoding, "is not read here", "use utf-8 or latin-1")
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n' or not self.delimiter.isascii():
            raise _wrong("delimiter", self.delimiter, "delimits nothing", "use one character, as , or ;")
        if abs(self.clock.ahead_ms) > MOST_SKEW_SECONDS * 1_000:
            raise _wrong(
                "clock.ahead_ms",
                self.clock.ahead_ms,
                "ms is no skew",
                "set the clock: an hour at most is accepted",
            )
        if not 0 <= self.clock.within_seconds <= MOST_SKEW_SECONDS:
            raise _wrong(
                "clock.within_seconds", self.clock.within_seconds, "s is no bound", "use from 0 to an hour"
            )
        if not 0 <= self.lateness_seconds <= MOST_LATENESS_SECONDS:
            raise _wrong("lateness_seconds", self.lateness_seconds, "is out of range", "use 0 to 400 days")
        for name in self.columns:
            if name not in self.of_kind.names:
                there = ", ".join(self.of_kind.names)
                raise _wrong(f"columns.{name}", name, f"is no column of {self.kind}", f"use {there}")
        for column in self.of_kind.columns:
            _check(column, self.columns.get(column.name))
        for place, (earlier, later) in enumerate(self.not_after):
            _check_time(f"not_after[{place}].earlier", earlier)
            _check_time(f"not_after[{place}].later", later)

    @property
    def of_kind(self) -> Kind:
        """The kind of its records."""
        return KINDS[self.kind]

    @property
    def taken(self) -> tuple[str, ...]:
        """The source's columns that are read, each once."""
        hows = [*self.columns.values(), *(time for pair in self.not_after for time in pair)]
        return tuple(dict.fromkeys(how.column for how in hows if not isinstance(how, Constant)))


def _check(column: Column, how: How | None) -> None:
    path = f"columns.{column.name}"
    if how is None:
        if column.name not in DIMENSIONS and not column.optional and not column.spared:
            raise LandingError("is not declared", "say which of the source's columns it is", path)
        return
    if not isinstance(how, _FITTING[column.type]):
        wanted = " or ".join(fitting.__name__ for fitting in _FITTING[column.type])
        raise _wrong(path, type(how).__name__, f"does not make a {column.type.value}", f"use {wanted}")
    if isinstance(how, Constant):
        wanted_type = _CONSTANTS[column.type]
        if type(how.value) is not wanted_type:
            raise _wrong(path, how.value, f"is no {column.type.value}", f"write a {wanted_type.__name__}")
        if isinstance(how.value, int) and column.type is Type.NUMBER and not column.holds(how.value):
            raise _wrong(path, how.value, "is out of range", f"use {column.least} to {column.most}")
        if isinstance(how.value, str):
            _check_text(path, column, how.value)
    elif not how.column:
        raise LandingError("names no column of the source", "write its name as the files do", path)
    if isinstance(how, Text) and how.words is not None:
        for meaning in how.words.values():
            _check_text(path, column, meaning)
    if isinstance(how, Number) and not (0 < how.times <= 10**18 and 0 < how.per <= 10**18):
        raise _wrong(path, f"{how.times}/{how.per}", "converts nothing", "use whole numbers from 1 to 10**18")
    if isinstance(how, Number) and how.otherwise is not None and not column.holds(how.otherwise):
        raise _wrong(path, how.otherwise, "is out of range", f"use {column.least} to {column.most}")
    if isinstance(how, Truth) and (not how.true or not how.false or set(how.true) & set(how.false)):
        raise _wrong(
            path, (how.true, how.false), "does not tell true from false", "give each words of its own"
        )
    if isinstance(how, Time):
        _check_time(path, how)


def _check_text(path: str, column: Column, text: str) -> None:
    """What lands without being read from a file keeps the rules of what is."""
    if column.name_it and not text:
        raise LandingError("is the same empty name for all", "name the source's column", path)
    if len(text.encode()) > MOST_TEXT_BYTES or any(
        unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in text
    ):
        raise _wrong(path, text, "is no text that is kept", f"use one line of up to {MOST_TEXT_BYTES} bytes")


def _check_time(path: str, how: Time) -> None:
    if how.twice not in ("refuse", "earlier", "later"):
        raise _wrong(path, how.twice, "does not say which is meant", "use refuse, earlier or later")
    if how.format != ISO and how.format not in EPOCHS and "%" not in how.format:
        raise _wrong(
            path, how.format, "is no format of times", f"use iso, {', '.join(EPOCHS)} or a %Y-%m-%d pattern"
        )
    try:
        if how.format not in EPOCHS:
            pattern_of(how.format)
        if how.zone is not None:
            require_zone(how.zone)
    except MakegoodError as error:
        raise LandingError(error.problem, error.remedy, path) from None
    if how.zone is None and "%" in how.format and "%z" not in how.format:
        raise _wrong(path, how.format, "has no zone", "declare the zone its times are in")


def _wrong(path: str, value: object, problem: str, remedy: str) -> LandingError:
    return LandingError(f"{str(value)[:60]!r} {problem}", remedy, path)
