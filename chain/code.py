"""Whether the code at an address is the contract that was compiled, whatever its constructor put into it."""

from __future__ import annotations

from functools import cache

PUSH1, PUSH32 = 0x60, 0x7F


def is_same_code(compiled: bytes, deployed: bytes) -> bool:
    """Whether ``deployed`` is the runtime code ``compiled`` with its immutables filled in."""
    if len(compiled) != len(deployed):
        return False
    masked = bytearray(deployed)
    for place in immutable_places(compiled):
        masked[place : place + 32] = bytes(32)
    return bytes(masked) == compiled


@cache
def immutable_places(compiled: bytes) -> tuple[int, ...]:
    """Where the constructor writes immutables: the compiler leaves a PUSH32 of zero there, and nowhere else, as it
    pushes a real zero by PUSH0."""
    places = []
    at = 0
    while at < len(compiled):
        opcode = compiled[at]
        if opcode == PUSH32 and compiled[at + 1 : at + 33] == bytes(32):
            places.append(at + 1)
        at += opcode - PUSH1 + 2 if PUSH1 <= opcode <= PUSH32 else 1
    return tuple(places)
