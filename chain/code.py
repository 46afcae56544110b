"""Whether the code at an address is the contract that was compiled, whatever its constructor put into it and wherever
its libraries lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from chain.artifacts import artifact
from chain.errors import WrongContract
from chain.linking import ADDRESS_BYTES, linked_addresses, runtime_code

PUSH1, PUSH32 = 0x60, 0x7F


def check_code(name: str, address: str, code_at: Callable[[str], bytes], chain_id: int) -> None:
    """See that the contract ``name`` of this version is at ``address``, and that every library it is linked to is that
    of this version. WrongContract otherwise."""
    code = code_at(address)
    if not code:
        raise no_contract(address, chain_id)
    compiled = artifact(name)
    places = [place for found in compiled.deployed_links.values() for place in found]
    libraries = linked_addresses(compiled, code)
    if libraries is None or not is_same_code(runtime_code(compiled), code, places):
        raise WrongContract(
            f"the contract at {address} is not the {name} this version was built for",
            "check the address and the chain, or use the version it was deployed with",
        )
    for library, place in libraries.items():
        try:
            check_code(library, place, code_at, chain_id)
        except WrongContract as wrong:
            raise WrongContract(
                f"the {name} at {address} calls a library that is not ours: {wrong.problem}",
                "do not use it; deploy anew, or ask for the right address",
            ) from None


def no_contract(address: str, chain_id: int) -> WrongContract:
    """There is no code at ``address``."""
    return WrongContract(
        f"there is no contract at {address} on chain {chain_id}", "check the address and the chain"
    )


def is_same_code(compiled: bytes, deployed: bytes, library_places: Iterable[int] = ()) -> bool:
    """Whether ``deployed`` is the runtime code ``compiled`` with its immutables filled in, and libraries' addresses."""
    if len(compiled) != len(deployed):
        return False
    masked = bytearray(deployed)
    for place in immutable_places(compiled):
        masked[place : place + 32] = bytes(32)
    for place in library_places:
        masked[place : place + ADDRESS_BYTES] = bytes(ADDRESS_BYTES)
    return bytes(masked) == compiled


@cache
def immutable_places(compiled: bytes) -> tuple[int, ...]:
    """Where the constructor writes immutables, a library's own address among them: the compiler leaves a PUSH32 of zero
    there, and nowhere else, as it pushes a real zero by PUSH0."""
    places = []
    at = 0
    while at < len(compiled):
        opcode = compiled[at]
        if opcode == PUSH32 and compiled[at + 1 : at + 33] == bytes(32):
            places.append(at + 1)
        at += opcode - PUSH1 + 2 if PUSH1 <= opcode <= PUSH32 else 1
    return tuple(places)
