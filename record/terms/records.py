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

from collections.abc import Callable
from dataclasses import dataclass

from record.landing.declaration import Clock, Constant, Declaration, How, Number, Rounding, Text, Time, Truth
from record.landing.errors import LandingError
from record.landing.kinds import DIMENSIONS, KINDS, Column, Type
from record.terms.section import Field, Section
from record.terms.values import duration_seconds, texts, whole_number
from sla.errors import TermsError

_BIG = 10**18


@dataclass(frozen=True, slots=True)
class Records:
    """Files in the folder ``files`` of the data folder, landed as declared."""

    files: str
    declaration: Declaration


def read_records(details: Section, name: str) -> Records:
    """The ``connectionDetails`` of a source called ``name``."""
    details.require("kind format columns", "files lateness clock notAfter delimiter encoding")
    kind = details.field("kind")
    if kind.text not in KINDS:
        raise kind.refuse("is no kind of record", f"use {', '.join(KINDS)}")
    section = details.section("columns")
    known = KINDS[kind.text]
    section.require(
        " ".join(c.name for c in known.columns if not c.optional and c.name not in DIMENSIONS),
        " ".join(c.name for c in known.columns if c.optional or c.name in DIMENSIONS),
    )
    columns = {c.name: _how(section, c) for c in known.columns if section.has(c.name)}
    pairs = details.sections("notAfter") if details.has("notAfter") else ()
    try:
        declaration = Declaration(
            source=name,
            kind=kind.text,
            format=details.text("format"),
            columns=columns,
            clock=_clock(details.section("clock")) if details.has("clock") else Clock(),
            lateness_seconds=details.optional("lateness", duration_seconds, 0),
            not_after=tuple(_pair(pair) for pair in pairs),
            delimiter=details.text("delimiter", ","),
            encoding=details.text("encoding", "utf-8"),
        )
    except LandingError as error:
        raise _placed(details, error) from None
    return Records(details.text("files", name), declaration)


def _placed(details: Section, error: LandingError) -> TermsError:
    """The error at the field it is about."""
    path, node = error.field or "", details
    names = {"lateness_seconds": "lateness", "not_after": "notAfter", "source": ""}
    for step in filter(None, names.get(path, path).split(".")):
        member = node.members.get(step)
        if member is None:
            break
        if not isinstance(member, Section):
            return TermsError(member.path, error.problem, error.remedy, member.line)
        node = member
    return TermsError(node.path, error.problem, error.remedy, node.line)


def _how(columns: Section, column: Column) -> How:
    node = columns.members[column.name]
    read = _READERS[column.type]
    if isinstance(node, Field):
        return read(Section({"column": node}, node.path, node.line))
    section = columns.section(column.name)
    if section.has("constant"):
        section.require("constant")
        return Constant(_constant(section.field("constant"), column))
    return read(section)


def _constant(field: Field, column: Column) -> str | int | bool:
    if column.type is Type.NUMBER:
        return whole_number(field, _BIG)
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
        section.optional("otherwise", lambda field: whole_number(field, _BIG), None),
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
    ahead = section.optional("aheadMilliseconds", _signed, 0)
    return Clock(ahead, section.optional("within", duration_seconds, 0))


def _signed(field: Field) -> int:
    digits = Field(field.text.removeprefix("-"), field.path, field.line)
    number = whole_number(digits, _BIG)
    return -number if field.text.startswith("-") else number


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
