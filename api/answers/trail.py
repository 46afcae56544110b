"""The immutable trail: an agreement's events as the contract emitted them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.answers.values import Address, Answer, Place, place_answer, time_text
from index.facts import Occurrence
from record.events import Event, event_values
from record.hexes import to_hex

CLAIM_KEYS = "(uint32,uint8)[]"


class EventAnswer(Answer):
    """An event, under the name and with the values by which the contract declares it."""

    name: str = Field(examples=["Claimed"])
    contract: Address
    values: dict[str, str | int | list[dict[str, int]]] = Field(
        description="By name: amounts are decimal strings in token base units, times ISO 8601, bytes hex",
        examples=[{"period": 0, "obligation": 1, "compensation": "300000000"}],
    )
    place: Place


def event_answer(occurrence: Occurrence) -> EventAnswer:
    """The event as it is shown."""
    return EventAnswer(
        name=type(occurrence.event).__name__,
        contract=occurrence.address,
        values=_values(occurrence.event),
        place=place_answer(occurrence.place),
    )


def _values(event: Event) -> dict[str, Any]:
    kinds = [kind.rstrip("*") for kind in event.LAYOUT]
    named = event_values(event).items()
    return {_camel(name): _value(kind, value) for kind, (name, value) in zip(kinds, named, strict=True)}


def _value(kind: str, value: Any) -> str | int | list[dict[str, int]]:
    if kind == CLAIM_KEYS:
        return [{"period": period, "obligation": obligation} for period, obligation in value]
    if isinstance(value, bytes):
        return to_hex(value)
    if kind == "uint40":
        return time_text(value)
    if kind in {"uint96", "uint256", "int256"}:
        return str(value)
    return value if isinstance(value, int) else str(value)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
