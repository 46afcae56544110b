"""What a custom error means to the person who gets it: a problem, a remedy, and the part of the call it is about.

A sentence's placeholders are the error's parameters by their Solidity names, ``{windowEnd:time}``; what stands after
the colon says how the value is shown:

- nothing: whole numbers grouped by threes, bytes as hex, text as it is
- ``plain``: a whole number ungrouped (an index, a chain's or a round's number)
- ``time``: seconds since 1970 as UTC; 0 is what a contract has where no time was set
- ``span``: seconds as days when they are whole days
- ``status``: a ``ClaimStatus`` by name
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Formatter

CLAIM_STATUSES = ("not brought yet", "pending", "disputed", "ruled", "settled", "final")
"""``ISLAEscrow.ClaimStatus``, in order."""

DAY = 86_400
TEXT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Sentence:
    """``parameters`` are the error's, in order, as Solidity names them; ``field`` is the part of a call concerned, by
    the option that gives it. Fields of a terms document are in ``record.terms.rule_paths``."""

    parameters: str
    problem: str
    remedy: str
    field: str | None = None

    def named(self, values: tuple[object, ...]) -> dict[str, object]:
        """Values in order as values by name."""
        return dict(zip(self.parameters.split(), values, strict=False))

    def filled(self, values: Mapping[str, object]) -> tuple[str, str]:
        """Problem and remedy with the values in their places; a value that is not there shows as "?"."""
        filler = _Filler(values)
        return filler.format(self.problem), filler.format(self.remedy)


class _Filler(Formatter):
    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def get_value(self, key: int | str, args: object, kwargs: object) -> object:
        return self._values.get(str(key), "?")

    def format_field(self, value: object, format_spec: str) -> str:
        return shown(value, format_spec)


def shown(value: object, how: str = "") -> str:
    """A value as a person reads it; ``how`` as in the module's docstring. 1_800_000_000 as a time is
    "2027-01-15 08:00:00 UTC"."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(int(value), how)
    text = str(value)
    clean = "".join(letter if letter.isprintable() else "�" for letter in text[:TEXT_LIMIT])
    return clean + ("…" if len(text) > TEXT_LIMIT else "")


def _number(value: int, how: str) -> str:
    if how == "time":
        if value == 0:
            return "no time yet"
        try:
            return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        except (ValueError, OverflowError, OSError):
            return f"second {_grouped(value)} since 1970"
    if how == "span":
        days, rest = divmod(value, DAY)
        return f"{_grouped(days)} days" if days > 1 and not rest else f"{_grouped(value)} s"
    if how == "status" and 0 <= value < len(CLAIM_STATUSES):
        return CLAIM_STATUSES[value]
    return str(value) if how == "plain" else _grouped(value)


def _grouped(value: int) -> str:
    return f"{value:,}".replace(",", " ")
