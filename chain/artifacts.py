"""Reads the compiled contracts that `make setup` leaves in build/contracts/."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "build" / "contracts"

Links = Mapping[str, tuple[int, ...]]
"""Name of a library -> where its 20 bytes of address stand in the code, counted in bytes."""


class ArtifactMissing(Exception):
    """There is no compiled contract of that name."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(f"No compiled contract {name} in {folder}: run make setup.")


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract. Bytecodes are 0x-prefixed hex; those of an interface are "0x". Where a library is linked at
    deployment they hold the compiler's placeholder instead, which is no hex: see ``chain.linking``."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    deployed_bytecode: str
    links: Links
    deployed_links: Links

    @property
    def libraries(self) -> list[str]:
        """The names of the libraries it calls by DELEGATECALL."""
        return sorted({*self.links, *self.deployed_links})


@cache
def artifact(name: str, folder: Path = FOLDER) -> Artifact:
    """Load a contract by its name, "Escrow". Raises ArtifactMissing."""
    try:
        content = json.loads((folder / f"{name}.json").read_text())
    except FileNotFoundError:
        raise ArtifactMissing(name, folder) from None
    return Artifact(
        name,
        content["abi"],
        content["bytecode"],
        content["deployedBytecode"],
        _links(content["linkReferences"]),
        _links(content["deployedLinkReferences"]),
    )


def abis_of(name: str) -> list[list[dict[str, Any]]]:
    """The ABI of a contract and those of its libraries, whose errors come out of its calls as well."""
    compiled = artifact(name)
    return [compiled.abi, *(abi for library in compiled.libraries for abi in abis_of(library))]


def _links(references: Mapping[str, Mapping[str, list[Mapping[str, int]]]]) -> Links:
    """The compiler's references, by source file and library; artifacts are found by name alone."""
    return {
        library: tuple(place["start"] for place in places)
        for libraries in references.values()
        for library, places in libraries.items()
    }
