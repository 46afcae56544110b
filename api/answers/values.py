"""The values that every answer is made of, and how each is written.

JSON names are camelCase. Identifiers are 0x and lower-case hex, accounts EIP-55, times ISO 8601 in UTC, ratios integers
in parts per million. Amounts are decimal strings in token base units, with a text for people beside them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from index.facts import Block
from index.facts import Place as FoundPlace
from index.facts import Token as FoundToken
from record.hexes import to_hex
from record.readable import amount_text, utc
from sla.agreement import NO_DATA

HASH_PATTERN = "^0x[0-9a-f]{64}$"
ADDRESS_PATTERN = "^0x[0-9a-fA-F]{40}$"
TIME_PATTERN = r"^([0-9]{4}|\+[0-9]{5})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"

EXAMPLE_HASH = "0x5c1d5d9bd0b3c2fe5e54a43c9ad63ea1eb2d2a3b6a9f43d21e7d6f4a1b0c9e8d"
EXAMPLE_ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

Hash = Annotated[str, Field(pattern=HASH_PATTERN, examples=[EXAMPLE_HASH])]
"""32 bytes."""

Address = Annotated[str, Field(pattern=ADDRESS_PATTERN, examples=[EXAMPLE_ADDRESS])]
"""An account or a contract, with the upper- and lower-case letters of EIP-55."""

Time = Annotated[str, Field(pattern=TIME_PATTERN, examples=["2026-12-01T00:00:00Z"])]
"""A second, in UTC; years above 9999 with a sign, as ISO 8601 wants."""

Count = Annotated[int, Field(ge=0, examples=[3])]


class Answer(BaseModel):
    """JSON names are camelCase; every field is always there, null where there is nothing to say."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        json_schema_serialization_defaults_required=True,
    )


class Money(Answer):
    """An amount of a token."""

    amount: str = Field(pattern="^-?[0-9]+$", description="Token base units", examples=["300000000"])
    text: str | None = Field(
        description="For people: exact, with the token's symbol; null where the token does not say its own",
        examples=["300.00 USDC"],
    )


class Token(Answer):
    """The ERC-20 in which an agreement is paid."""

    address: Address
    symbol: str | None = Field(
        description="As the contract says it; null where it says none", examples=["USDC"]
    )
    decimals: int | None = Field(
        ge=0, le=255, description="Base units of one whole, as a power of ten", examples=[6]
    )


class Place(Answer):
    """Where something stands in the chain."""

    block: Count
    block_hash: Hash
    transaction: Hash
    log_index: Count
    time: Time


def money(amount: int, token: FoundToken | None) -> Money:
    """``money(300_000_000, usdc)`` is 300000000 and "300.00 USDC". Nothing is rounded."""
    text = None
    if token is not None and token.decimals is not None and token.symbol is not None:
        text = amount_text(amount, token.decimals, token.symbol)
    return Money(amount=str(amount), text=text)


def cap_money(cap: int, token: FoundToken | None) -> Money | None:
    """A cap of 0 means no cap."""
    return money(cap, token) if cap else None


def time_text(seconds: int) -> str:
    """ISO 8601 in UTC. On-chain times run to 2**40, beyond what ``datetime`` knows."""
    written = utc(seconds).replace(" ", "T") + "Z"
    return written if written.index("-") == 4 else f"+{written}"


def token_answer(token: FoundToken) -> Token:
    """The token as it is shown."""
    return Token(address=token.address, symbol=token.symbol, decimals=token.decimals)


def place_answer(place: FoundPlace) -> Place:
    """The place as it is shown."""
    block: Block = place.block
    return Place(
        block=block.number,
        block_hash=to_hex(block.hash),
        transaction=to_hex(place.transaction),
        log_index=place.log_index,
        time=time_text(block.time),
    )


def known_attained(attained: int) -> int | None:
    """What a report says was attained; None for NO_DATA."""
    return None if attained == NO_DATA else attained
