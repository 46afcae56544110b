"""Records as a source: a folder of files, and what is what in them.

type: records
connectionDetails:
  kind: tickets
  format: csv
  files: incidents              # a folder; without it the source's name
  columns:
    ticket: number              # the files' column of that name, as it is
    time: {column: sys_updated_at, format: "%d-%m-%Y %H:%M", zone: Europe/Rome, twice: earlier}
    state: {column: incident_state, words: {"Awaiting Vendor": held, New: open}}
    client: {constant: acme}
  lateness: 2 days              # how long after a record earlier ones may still come
  clock: {aheadMilliseconds: 250, within: 2 seconds}
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from record.landing.declaration import Clock, Constant, Declaration, How, Number, Rounding, Text, Time, Truth
from record.landing.errors import LandingError
from record.landing.kinds import DIMENSIONS, KINDS, Column, Type
from record.terms.section import Field, Listing, Node, Section
from record.terms.values import duration_seconds, texts, whole_number
from sla.errors import TermsError

_BIG = 10**18
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_WRITTEN = {
    "lateness_seconds": "lateness",
    "not_after": "notAfter",
    "clock.ahead_ms": "clock.aheadMilliseconds",
    "clock.within_seconds": "clock.within",
}
"""What a declaration's fields are called in terms."""


@dataclass(frozen=True, slots=True)
class Records:
    """Files in the folder ``files`` of the data folder, landed as declared."""

    files: str
    declaration: Declaration


def read_records(details: Section, name: Field) -> Records:
    """The ``connectionDetails`` of a source called ``name``."""
    details.require("kind format columns", "files lateness clock notAfter delimiter encoding")
    kind = details.field("kind")
    if kind.text not in KINDS:
        raise kind.refuse("is no kind of record", f"use {', '.join(KINDS)}")
    file_format = details.text("format")
    if details.has("delimiter") and file_format != "csv":
        delimiter = details.members["delimiter"]
        raise TermsError(delimiter.path, f"says nothing about {file_format}", "leave it out", delimiter.line)
    if details.has("encoding") and file_format == "parquet":
        raise details.field("encoding").refuse("says nothing about parquet", "leave it out")
    section = details.section("columns")
    known = KINDS[kind.text]
    section.require(
        " ".join(c.name for c in known.columns if not _may_lack(c)),
        " ".join(c.name for c in known.columns if _may_lack(c)),
    )
    columns = {c.name: _how(section, c) for c in known.columns if section.has(c.name)}
    pairs = details.sections("notAfter") if details.has("notAfter") else ()
    try:
        declaration = Declaration(
            source=name.text,
            kind=kind.text,
            format=file_format,
            columns=columns,
            clock=_clock(details.section("clock")) if details.has("clock") else Clock(),
            lateness_seconds=details.optional("lateness", duration_seconds, 0),
            not_after=tuple(_pair(pair) for pair in pairs),
            delimiter=_raw(details, "delimiter").text if details.has("delimiter") else ",",
            encoding=details.text("encoding", "utf-8"),
        )
    except LandingError as error:
        raise _placed(details, name, error) from None
    return Records(details.optional("files", _files, name.text), declaration)


def _files(field: Field) -> str:
    """A folder, or a file, of the data folder: terms name no other place of anybody's machine."""
    parts = field.text.replace("\\", "/").split("/")
    if field.text.startswith("/") or ".." in parts or ":" in parts[0]:
        raise field.refuse("may lie outside the data folder", "write a path inside it, as in desk/tickets")
    return field.text


def _may_lack(column: Column) -> bool:
    return column.optional or column.spared or column.name in DIMENSIONS


def _placed(details: Section, name: Field, error: LandingError) -> TermsError:
    """The error at the field it is about, or the nearest thing around it."""
    path = error.field or ""
    if path == "source":
        return TermsError(name.path, error.problem, error.remedy, name.line)
    for said, written in _WRITTEN.items():
        path = path.replace(said, written)
    node: Node = details
    for step in filter(None, path.replace("[", ".").replace("]", "").split(".")):
        if isinstance(node, Section) and step in node.members:
            node = node.members[step]
        elif isinstance(node, Listing) and step.isdecimal():
            node = node.items[int(step)]
    return TermsError(node.path, error.problem, error.remedy, node.line)


def _how(columns: Section, column: Column) -> How:
    node = columns.members[column.name]
    read = _READERS[column.type]
    if isinstance(node, Field):
        return read(Section({"column": node}, node.path, node.line))
    section = columns.section(column.name)
    if section.has("constant"):
        section.require("constant")
        return Constant(_constant(_raw(section, "constant"), column))
    return read(section)


def _raw(section: Section, name: str) -> Field:
    """A scalar that may be blank: a tab, or the empty text."""
    node = section.members[name]
    return node if isinstance(node, Field) and not node.is_placeholder else section.field(name)


def _constant(field: Field, column: Column) -> str | int | bool:
    if column.type.is_time:
        raise field.refuse("is no time of each record", "name the column that holds it")
    if column.type is Type.NUMBER:
        return _integer(field)
    if column.type is Type.TRUTH:
        if field.text not in ("true", "false"):
            raise field.refuse("is neither true nor false", "write one of them")
        return field.text == "true"
    return field.text


def _text(section: Section) -> Text:
    section.require("column", "words missing")
    words = None
    if section.has("words"):
        meanings = section.section("words")
        if not meanings.members:
            raise TermsError(
                meanings.path, "gives no word a meaning", "name some, or leave it out", meanings.line
            )
        words = {word: meanings.field(word).text for word in meanings.members}
    return Text(section.text("column"), words, _missing(section, ()))


def _number(section: Section) -> Number:
    section.require("column", "times per rounding missing otherwise")
    rounding = section.text("rounding", "refuse")
    if rounding not in [each.value for each in Rounding]:
        raise section.field("rounding").refuse("is no rounding", "use refuse, down or up")
    return Number(
        section.text("column"),
        section.optional("times", lambda field: whole_number(field, _BIG), 1),
        section.optional("per", lambda field: whole_number(field, _BIG), 1),
        Rounding(rounding),
        _missing(section, ("",)),
        section.optional("otherwise", _integer, None),
    )


def _truth(section: Section) -> Truth:
    section.require("column", "true false missing")
    true, false = (texts(section, each) if section.has(each) else (each,) for each in ("true", "false"))
    return Truth(section.text("column"), true, false, _missing(section, ("",)))


def _time(section: Section) -> Time:
    section.require("column", "format zone twice missing")
    return Time(
        section.text("column"),
        section.text("format", "iso"),
        section.text("zone") if section.has("zone") else None,
        section.text("twice", "refuse"),
        _missing(section, ("",)),
    )


def _missing(section: Section, default: tuple[str, ...]) -> tuple[str, ...]:
    """What the source writes for nothing; the empty text is nothing anyway."""
    return (*default, *texts(section, "missing")) if section.has("missing") else default


def _clock(section: Section) -> Clock:
    section.require("", "aheadMilliseconds within")
    ahead = section.optional("aheadMilliseconds", _integer, 0)
    return Clock(ahead, section.optional("within", duration_seconds, 0))


def _integer(field: Field) -> int:
    if not _INTEGER.match(field.text):
        raise field.refuse("is not a whole number in range", "write one of at most 18 digits, as in -250")
    return int(field.text)


def _pair(section: Section) -> tuple[Time, Time]:
    section.require("earlier later")
    earlier, later = (
        _time(section.section(name))
        if isinstance(section.members[name], Section)
        else Time(section.text(name))
        for name in ("earlier", "later")
    )
    return earlier, later


_READERS: dict[Type, Callable[[Section], How]] = {
    Type.TEXT: _text,
    Type.NUMBER: _number,
    Type.TRUTH: _truth,
    Type.TIME: _time,
    Type.TIME_MS: _time,
}
