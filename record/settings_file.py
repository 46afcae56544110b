"""Settings files: small TOML files that people write, read strictly, refused with file, field and remedy."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from record.hexes import parse_address
from sla.errors import Kind, MakegoodError, RecordError

T = TypeVar("T")

MAX_BYTES = 1_000_000


class SettingsError(MakegoodError):
    """A settings file that cannot be used; ``file`` and ``field`` say where ("" is the file as a whole)."""

    kind = Kind.INPUT

    def __init__(self, file: str, field: str, problem: str, remedy: str) -> None:
        self.file: str = file
        self.field: str = field
        super().__init__(problem, remedy)

    def __str__(self) -> str:
        place = f"{self.file}: {self.field}" if self.field else self.file
        return f"{place}: {self.problem}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a settings file whose members are all known. Readers raise SettingsError."""

    file: str
    path: str
    members: Mapping[str, Any]

    def has(self, name: str) -> bool:
        """Whether an optional member is given."""
        return name in self.members

    def refuse(self, name: str, problem: str, remedy: str) -> SettingsError:
        """The error to raise about a member."""
        return SettingsError(self.file, f"{self.path}.{name}" if self.path else name, problem, remedy)

    def text(self, name: str) -> str:
        """A text that is not blank."""
        value = self.members[name]
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(name, f"{shown(value)} is no text", 'write it in quotes, as in "text"')
        return value

    def number(self, name: str, least: int, most: int) -> int:
        """A whole number from ``least`` to ``most``."""
        value = self.members[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.refuse(
                name, f"{shown(value)} is not a whole number in range", f"{least} to {most} will do"
            )
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.members[name]
        if not isinstance(value, bool):
            raise self.refuse(name, f"{shown(value)} is neither true nor false", "write one of them")
        return value

    def address(self, name: str) -> str:
        """A checksummed address."""
        text = self.text(name)
        try:
            return parse_address(text)
        except RecordError as error:
            raise self.refuse(name, f"{shown(text)} is not a checksummed address", error.remedy) from None

    def url(self, name: str) -> str:
        """A web address, without a slash at its end."""
        text = self.text(name)
        if not text.startswith(("http://", "https://")) or any(mark.isspace() for mark in text):
            raise self.refuse(name, f"{shown(text)} is not a web address", "begin with http:// or https://")
        return text.rstrip("/")

    def optional(self, name: str, read: Callable[[str], T]) -> T | None:
        """What ``read`` makes of a member; None where it is not given."""
        return read(name) if name in self.members else None

    def table(self, name: str, required: str = "", optional: str = "") -> Table:
        """A nested table with exactly these members, the names separated by spaces."""
        value = self.members[name]
        if not isinstance(value, dict):
            raise self.refuse(name, f"{shown(value)} is not a table", f"write [{name}] and its fields below")
        path = f"{self.path}.{name}" if self.path else name
        return _known(Table(self.file, path, value), required, optional)


def read_settings(data: bytes, file: str, required: str, optional: str = "") -> Table:
    """The table of a TOML file with exactly these members, the names separated by spaces; ``file`` is its name."""
    if len(data) > MAX_BYTES:
        raise SettingsError(file, "", f"has {len(data)} bytes", f"stay below {MAX_BYTES}")
    try:
        members = tomllib.loads(data.decode())
    except UnicodeDecodeError:
        raise SettingsError(file, "", "is not UTF-8", "save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(file, "", f"is not TOML: {error}", "mend the line it names") from None
    return _known(Table(file, "", members), required, optional)


def shown(value: object) -> str:
    """A value as an error shows it: at most 80 characters, nothing that a terminal would obey."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _known(table: Table, required: str, optional: str) -> Table:
    known = [*required.split(), *optional.split()]
    for name in table.members:
        if name not in known:
            raise table.refuse(shown(name)[1:-1], "is not a known field", f"use {', '.join(known)}")
    for name in required.split():
        if name not in table.members:
            raise table.refuse(name, "is missing", "add it")
    return table
