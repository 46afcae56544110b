"""The parts of a pack as JSON: a block in its consensus encoding, the evidence of a round."""

from __future__ import annotations

from dataclasses import dataclass

from record import canonical
from record.canonical import Json
from record.hexes import from_hex, to_hex
from record.json_fields import Fields
from sla.errors import RecordError

ROUNDS_FOLDER = "rounds"


@dataclass(frozen=True, slots=True)
class Block:
    """A block's header and, where they are needed, all its receipts, in their consensus encoding."""

    header: bytes
    receipts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RoundEvidence:
    """What stands behind a round: its signatures in the order of the members, and its bundle's bytes.

    ``bundle`` is None where nobody could produce it any more.
    """

    committee: str
    round: int
    signatures: tuple[bytes, ...]
    bundle: bytes | None

    @property
    def file(self) -> str:
        """Where it lies in the pack."""
        return f"{ROUNDS_FOLDER}/{self.committee}-{self.round}.json"


def block_json(block: Block) -> dict[str, Json]:
    """A block."""
    return {"header": to_hex(block.header), "receipts": [to_hex(raw) for raw in block.receipts]}


def evidence_json(evidence: RoundEvidence) -> dict[str, Json]:
    """The evidence of a round; RecordError when its bundle is not canonical JSON."""
    return {
        "committee": evidence.committee,
        "round": str(evidence.round),
        "signatures": [to_hex(signature) for signature in evidence.signatures],
        "bundle": None if evidence.bundle is None else canonical.loads(evidence.bundle),
    }


def read_block(value: Json, path: str) -> Block:
    """The block at ``path``; RecordError when it is not exactly one."""
    fields = Fields.of(value, path, ("header", "receipts"))
    receipts = tuple(_hex(item, place) for place, item in fields.items("receipts"))
    return Block(_hex(fields.text("header"), f"{path}.header"), receipts)


def read_evidence(value: Json, path: str) -> RoundEvidence:
    """The evidence at ``path``; RecordError when it is not exactly one. What the bundle says is not looked at."""
    fields = Fields.of(value, path, ("committee", "round", "signatures", "bundle"))
    bundle = fields.members["bundle"]
    return RoundEvidence(
        committee=fields.address("committee"),
        round=fields.decimal("round", 64),
        signatures=tuple(_hex(item, place) for place, item in fields.items("signatures")),
        bundle=None if bundle is None else canonical.dumps(bundle),
    )


def _hex(value: Json, path: str) -> bytes:
    if not isinstance(value, str):
        raise RecordError(f"{path} is not a string", "write hex")
    return from_hex(value, (len(value) - 2) // 2, path)
