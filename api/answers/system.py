"""What runs here: the chain's head, the contracts, their interfaces."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from api.answers.values import Address, Answer, Count, Hash, Place, Time


class ContractName(StrEnum):
    """The contracts whose interface is shown."""

    ESCROW = "SLAEscrow"
    COMMITTEE = "Committee"


class Health(Answer):
    """The chain answers, and how far it is."""

    status: Annotated[str, Field(pattern="^ok$", examples=["ok"])]
    version: str = Field(description="Of this API", examples=["0.1.0"])
    chain_id: int = Field(ge=1, examples=[31337])
    head_block: Count
    head_hash: Hash
    head_time: Time
    head_lag_seconds: int = Field(
        description="How far the head's time is behind this machine's; negative when ahead", examples=[2]
    )


class EscrowAnswer(Answer):
    """The escrow whose agreements are shown."""

    address: Address
    first_block: Count = Field(description="From which on events are read")


class RotationAnswer(Answer):
    """One member of a committee replaced by another."""

    outgoing: Address
    incoming: Address
    proposed: Place | None = Field(
        description="Where a quorum proposed it; null when that was before the first block that is read"
    )
    effective_at: Time | None = Field(description="From then on anyone may carry it out; null likewise")
    rotated: Place | None = Field(description="Where it was carried out; null while it is pending")


class CommitteeAnswer(Answer):
    """A committee that an agreement names."""

    address: Address
    genuine: bool = Field(
        description="False for a contract that does not speak as a Committee: nothing is read of it",
        examples=[True],
    )
    members: list[Address] = Field(description="Those of now, in the order of their index")
    quorum: Count = Field(description="How many must sign")
    rounds: Count = Field(description="How many it posted")
    rotations: list[RotationAnswer] = Field(description="Members replaced, or to be, in order")


class Contracts(Answer):
    """Where everything is."""

    chain_id: int = Field(ge=1, examples=[31337])
    version: str = Field(description="Of this API", examples=["0.1.0"])
    escrow: EscrowAnswer
    committees: list[CommitteeAnswer] = Field(description="In the order in which agreements first named them")


class Interface(Answer):
    """A contract's ABI, as the compiler wrote it."""

    name: ContractName = Field(examples=["Committee"])
    abi: list[dict[str, Any]] = Field(
        min_length=1,
        description="As in the Solidity documentation's JSON format",
        examples=[[{"type": "function", "name": "quorum", "inputs": [], "outputs": []}]],
    )
