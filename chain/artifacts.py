"""Reads the compiled contracts that `make setup` leaves in build/contracts/."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "build" / "contracts"


class ArtifactMissing(Exception):
    """There is no compiled contract of that name."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(f"No compiled contract {name} in {folder}: run make setup.")


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract. Bytecodes are 0x-prefixed hex; those of an interface are "0x"."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    deployed_bytecode: str


@cache
def artifact(name: str, folder: Path = FOLDER) -> Artifact:
    """Load a contract by its name, "Escrow". Raises ArtifactMissing."""
    try:
        content = json.loads((folder / f"{name}.json").read_text())
    except FileNotFoundError:
        raise ArtifactMissing(name, folder) from None
    return Artifact(name, content["abi"], content["bytecode"], content["deployedBytecode"])
