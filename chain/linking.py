"""Puts the addresses of libraries into compiled code, and finds them in deployed code.

A library that is called by DELEGATECALL has its own address; the compiler leaves room for it in the code of whoever
calls it. Source: https://docs.soliditylang.org/en/latest/using-the-compiler.html#library-linking
"""

from __future__ import annotations

from collections.abc import Mapping

from chain.artifacts import Artifact, Links
from record.hexes import address_bytes, checksum_address
from sla.errors import Kind, MakegoodError

ADDRESS_BYTES = 20


class LibraryMissing(MakegoodError):
    """A contract is to be linked, and the address of one of its libraries was not given."""

    kind = Kind.INPUT

    def __init__(self, contract: str, library: str) -> None:
        super().__init__(
            f"{contract} calls the library {library}, whose address was not given",
            f"deploy {library} first, and link {contract} to it",
        )


def creation_code(compiled: Artifact, addresses: Mapping[str, str]) -> bytes:
    """The code that deploys the contract, each library's address in its places. Raises LibraryMissing."""
    for library in compiled.libraries:
        if library not in addresses:
            raise LibraryMissing(compiled.name, library)
    found = {library: address_bytes(addresses[library]) for library in compiled.libraries}
    return filled(compiled.bytecode, compiled.links, found)


def runtime_code(compiled: Artifact) -> bytes:
    """The code that will stand at the contract's address, with zeros for libraries and immutables."""
    return filled(compiled.deployed_bytecode, compiled.deployed_links, {})


def filled(code: str, links: Links, addresses: Mapping[str, bytes]) -> bytes:
    """``code``, 0x-prefixed hex with placeholders, as bytes; a library without an address is zeros."""
    digits = code.removeprefix("0x")
    for library, places in links.items():
        address = addresses.get(library, bytes(ADDRESS_BYTES)).hex()
        for place in places:
            digits = digits[: 2 * place] + address + digits[2 * (place + ADDRESS_BYTES) :]
    return bytes.fromhex(digits)


def linked_addresses(compiled: Artifact, deployed: bytes) -> dict[str, str] | None:
    """The checksummed address of each library in ``deployed`` code; None when a library's places do not agree, or when
    the code is of another length."""
    addresses = {}
    if len(deployed) != len(runtime_code(compiled)):
        return None
    for library, places in compiled.deployed_links.items():
        found = {deployed[place : place + ADDRESS_BYTES] for place in places}
        if len(found) != 1:
            return None
        addresses[library] = checksum_address(found.pop())
    return addresses
