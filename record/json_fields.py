"""Reading a JSON object strictly: exactly the expected members, each of exactly the expected kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from record.canonical import Json, parse_decimal, shown_key
from record.hexes import from_hex, parse_address
from sla.errors import RecordError


@dataclass(frozen=True, slots=True)
class Fields:
    """An object whose members are known to be the expected ones; every reader names the path it refuses."""

    members: dict[str, Json]
    path: str

    @staticmethod
    def of(value: Json, path: str, names: tuple[str, ...]) -> Fields:
        """The object at ``path``; RecordError unless its members are exactly ``names``."""
        if not isinstance(value, dict):
            raise RecordError(f"{path} is not an object", "write an object")
        for name in value:
            if name not in names:
                raise RecordError(f"{path}.{shown_key(name)} is not known", f"use only {', '.join(names)}")
        for name in names:
            if name not in value:
                raise RecordError(f"{path}.{name} is missing", "give every member")
        return Fields(value, path)

    def text(self, name: str) -> str:
        """A string."""
        value = self.members[name]
        if not isinstance(value, str):
            raise RecordError(f"{self.path}.{name} is not a string", "write a string")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.members[name]
        if not isinstance(value, bool):
            raise RecordError(f"{self.path}.{name} is not a flag", "write true or false")
        return value

    def number(self, name: str, bits: int) -> int:
        """A JSON number from 0 that fits ``bits`` bits."""
        value = self.members[name]
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << bits:
            raise RecordError(f"{self.path}.{name} is not a number below 2**{bits}", "write a whole number")
        return value

    def decimal(self, name: str, bits: int) -> int:
        """A decimal string that fits ``bits`` bits."""
        return parse_decimal(self.text(name), bits, f"{self.path}.{name}")

    def hex(self, name: str, length: int) -> bytes:
        """``length`` bytes of lower-case hex."""
        return from_hex(self.text(name), length, f"{self.path}.{name}")

    def address(self, name: str) -> str:
        """A checksummed address."""
        return parse_address(self.text(name), f"{self.path}.{name}")

    def items(self, name: str) -> Iterator[tuple[str, Json]]:
        """The items of a list, each with its path."""
        value = self.members[name]
        if not isinstance(value, list):
            raise RecordError(f"{self.path}.{name} is not a list", "write a list")
        for index, item in enumerate(value):
            yield f"{self.path}.{name}[{index}]", item
