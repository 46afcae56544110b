"""An audit pack: all that is needed to recompute a history of payments, and nothing that has to be believed.

A folder of canonical JSON:

- ``pack.json`` says which chain, escrow and committees it is about;
- ``blocks.json`` holds every block header from the first of these contracts to the head, and all receipts of every
  block that may hold a log of theirs or a transfer of the escrow's;
- ``rounds/COMMITTEE-ROUND.json`` holds a round's signatures and its bundle;
- ``history.json`` is what the receipts say, in words.

Headers and receipts are the chain's own bytes: headers hash to one another, receipts to their header. One pack has one
form, so any byte that differs is refused or makes a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from record import canonical
from record.canonical import Json, shown_key
from record.hexes import address_bytes, parse_address
from record.json_fields import Fields
from record.pack_json import (
    Block,
    RoundEvidence,
    block_json,
    evidence_json,
    read_block,
    read_evidence,
)
from sla.errors import RecordError

__all__ = ["FORMAT", "Block", "Pack", "RoundEvidence"]

FORMAT = "makegood-audit-pack/1"

PACK_FILE = "pack.json"
BLOCKS_FILE = "blocks.json"
HISTORY_FILE = "history.json"
_FIXED_FILES = {PACK_FILE, BLOCKS_FILE, HISTORY_FILE}


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack. Committees and rounds may be given in any order; they are kept sorted. ``history`` stands as its bytes:
    whoever reads it must derive it anyway."""

    chain_id: int
    escrow: str
    committees: tuple[str, ...]
    blocks: tuple[Block, ...]
    rounds: tuple[RoundEvidence, ...]
    history: bytes

    def __post_init__(self) -> None:
        object.__setattr__(self, "committees", tuple(sorted(self.committees, key=address_bytes)))
        object.__setattr__(self, "rounds", tuple(sorted(self.rounds, key=_round_key)))

    def to_files(self) -> dict[str, bytes]:
        """The bytes of each file by its path in the pack."""
        about: dict[str, Json] = {
            "format": FORMAT,
            "chainId": self.chain_id,
            "escrow": self.escrow,
            "committees": list(self.committees),
        }
        return {
            PACK_FILE: canonical.dumps(about),
            BLOCKS_FILE: canonical.dumps([block_json(block) for block in self.blocks]),
            HISTORY_FILE: self.history,
            **{evidence.file: canonical.dumps(evidence_json(evidence)) for evidence in self.rounds},
        }

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> Pack:
        """The pack of these files; RecordError, with the file's name, for anything ``to_files`` would not write."""
        values = {name: _loads(name, data) for name, data in files.items() if name != HISTORY_FILE}
        for name in _FIXED_FILES:
            if name not in files:
                raise RecordError(f"{name} is missing", "export the pack again")
        about = Fields.of(values[PACK_FILE], PACK_FILE, ("format", "chainId", "escrow", "committees"))
        if about.text("format") != FORMAT:
            raise RecordError(f"{PACK_FILE}.format is {about.text('format')[:80]!r}", f"write {FORMAT}")
        blocks = Fields({BLOCKS_FILE: values[BLOCKS_FILE]}, "$").items(BLOCKS_FILE)
        rounds = sorted(values.keys() - _FIXED_FILES)
        return Pack(
            chain_id=about.number("chainId", 53),
            escrow=about.address("escrow"),
            committees=_read_committees(about),
            blocks=tuple(read_block(item, path) for path, item in blocks),
            rounds=tuple(_read_round(name, values[name]) for name in rounds),
            history=files[HISTORY_FILE],
        )


def _loads(name: str, data: bytes) -> Json:
    try:
        return canonical.loads(data)
    except RecordError as error:
        raise RecordError(f"{shown_key(name)}: {error.problem}", error.remedy) from None


def _read_committees(about: Fields) -> tuple[str, ...]:
    committees = []
    for path, item in about.items("committees"):
        if not isinstance(item, str):
            raise RecordError(f"{path} is not a string", "write an address")
        committees.append(parse_address(item, path))
    if committees != sorted(set(committees), key=address_bytes):
        raise RecordError(f"{PACK_FILE}.committees are out of order or stand twice", "sort them, each once")
    return tuple(committees)


def _read_round(name: str, value: Json) -> RoundEvidence:
    evidence = read_evidence(value, shown_key(name))
    if evidence.file != name:
        raise RecordError(
            f"{shown_key(name)} is the evidence of {evidence.file}", "give the file its own name"
        )
    return evidence


def _round_key(evidence: RoundEvidence) -> tuple[bytes, int]:
    return address_bytes(evidence.committee), evidence.round
