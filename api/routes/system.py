"""Health, contracts, their interfaces."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from api.answers.system import (
    CommitteeAnswer,
    ContractName,
    Contracts,
    EscrowAnswer,
    Health,
    Interface,
    RotationAnswer,
)
from api.answers.values import place_answer, time_text
from api.reading import VERSION, At, Look, Read
from api.routes import router
from chain.artifacts import artifact
from index.committees import CommitteeRecord, RotationRecord
from record.hexes import to_hex

routes = router("System")


@routes.get("/health", summary="Whether the chain answers, and how far it is", operation_id="getHealth")
def health(read: Read, at: Look, response: Response) -> Health:
    """A 503 when the chain cannot be read."""
    head = at.head
    response.headers["Cache-Control"] = "no-store"
    return Health(
        status="ok",
        version=VERSION,
        chain_id=read.chain_id,
        head_block=head.number,
        head_hash=to_hex(head.hash),
        head_time=time_text(head.time),
        head_lag_seconds=int(read.clock.now()) - head.time,
    )


@routes.get("/contracts", summary="Where everything is", operation_id="getContracts")
def contracts(read: Read, at: At) -> Contracts:
    """The escrow, and every committee that an agreement names."""
    return Contracts(
        chain_id=read.chain_id,
        version=VERSION,
        escrow=EscrowAnswer(address=read.escrow, first_block=read.first_block),
        committees=[_committee(one) for one in at.committees.values()],
    )


@routes.get("/contracts/{name}/abi", summary="A contract's interface", operation_id="getContractInterface")
def interface(
    name: Annotated[ContractName, Path(description="The contract", examples=["SLAEscrow"])],
) -> Interface:
    """The ABI with which the contracts can be called directly."""
    return Interface(name=name, abi=artifact(name.value).abi)


def _committee(committee: CommitteeRecord) -> CommitteeAnswer:
    terms = committee.terms
    return CommitteeAnswer(
        address=terms.address,
        genuine=terms.is_genuine,
        members=list(committee.members),
        quorum=terms.quorum,
        rounds=len(committee.rounds),
        rotations=[_rotation(rotation) for rotation in committee.rotations],
    )


def _rotation(rotation: RotationRecord) -> RotationAnswer:
    at, proposed, rotated = rotation.effective_at, rotation.proposed, rotation.rotated
    return RotationAnswer(
        outgoing=rotation.outgoing,
        incoming=rotation.incoming,
        proposed=None if proposed is None else place_answer(proposed),
        effective_at=None if at is None else time_text(at),
        rotated=None if rotated is None else place_answer(rotated),
    )
