"""From a column's texts to its values, or to why not: one reader a column, each text read once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from metering.unpacking.errors import (
    MALFORMED,
    MISSING,
    NO_TRUTH,
    NO_WORD,
    TOO_LONG,
    Refusal,
)
from metering.unpacking.numbers import number_reader
from metering.unpacking.times import time_reader
from record.landing.declaration import Clock, Constant, How, Number, Text, Time, Truth
from record.landing.kinds import MOST_TEXT_BYTES, Column

Read: TypeAlias = "int | str | bool | Refusal | None"

_MOST_REMEMBERED = 200_000
_LONGEST_REMEMBERED = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Reader(dict[str | None, Read]):
    """Remembers what it read: most columns say the same few things over and over. Times don't."""

    def __init__(self, how: How, column: Column, clock: Clock, now_seconds: int) -> None:
        super().__init__()
        self._read = _reader(how, column, clock, now_seconds)
        self._remembers = not isinstance(how, Time)
        self._prefix = column.name if isinstance(how, Constant) else f"{column.name} ({how.column})"
        self._nothing = _nothing(how, column)
        for missing in (None, *getattr(how, "missing", ())):
            self[missing] = self._named(self._nothing)

    def read_all(self, texts: Sequence[str | None]) -> list[Read]:
        """What the texts say, in their order."""
        if len(self) > _MOST_REMEMBERED:
            self.clear()
        return list(map(self.__getitem__, texts))

    def __missing__(self, text: str | None) -> Read:
        value = self._read(text) if text is not None else self._nothing
        if value == "":
            value = self._nothing
        if value.__class__ is Refusal:
            value = self._named(value)
        if self._remembers and (text is None or len(text) <= _LONGEST_REMEMBERED):
            self[text] = value
        return value

    def _named(self, value: Read) -> Read:
        if isinstance(value, Refusal):
            return Refusal(value.reason, f"{self._prefix}: {value.detail}")
        return value


def _nothing(how: How, column: Column) -> Read:
    """What it means that nothing is written."""
    otherwise: int | None = getattr(how, "otherwise", None)
    if otherwise is not None or column.optional:
        return otherwise
    if isinstance(how, Constant | Text) and not column.name_it:
        return ""
    return Refusal(MISSING, "nothing is written")


def _reader(how: How, column: Column, clock: Clock, now_seconds: int) -> Callable[[str], Read]:
    if isinstance(how, Number):
        return number_reader(how, column)
    if isinstance(how, Time):
        return time_reader(how, column, clock, now_seconds)
    if isinstance(how, Truth):
        return _truth_reader(how)
    if isinstance(how, Text):
        return _text_reader(how)
    constant = how.value
    return lambda _: constant


def _truth_reader(how: Truth) -> Callable[[str], Read]:
    words = dict.fromkeys(how.true, True) | dict.fromkeys(how.false, False)

    def read(text: str) -> Read:
        return words.get(text, Refusal(NO_TRUTH, f"{text[:40]!r} is neither declared true nor false"))

    return read


def _text_reader(how: Text) -> Callable[[str], Read]:
    words = how.words

    def read(text: str) -> Read:
        if words is not None:
            return words.get(text, Refusal(NO_WORD, f"{text[:40]!r} is not among the words declared"))
        try:
            size = len(text.encode())
        except UnicodeEncodeError:
            return Refusal(MALFORMED, "not in the file's encoding")
        if size > MOST_TEXT_BYTES:
            return Refusal(TOO_LONG, f"a text of {size} bytes; at most {MOST_TEXT_BYTES} are kept")
        if _CONTROL.search(text):
            return Refusal(MALFORMED, f"{text[:40]!r} holds a control character")
        return text

    return read
