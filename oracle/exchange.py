"""How nodes in one process reach each other. Between processes the same questions travel over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from oracle.errors import PeerSilent, RoundRefused
from oracle.ports import Peer, Proposal, Subject
from record.bundle import SignedObservation

T = TypeVar("T")


class InProcess:
    """All nodes of a committee by their members' addresses. A silent one neither asks nor answers."""

    def __init__(self) -> None:
        self._nodes: dict[str, Peer] = {}
        self.silent: set[str] = set()

    def join(self, member: str, node: Peer) -> None:
        """Let the others reach a node."""
        self._nodes[member] = node

    def peers(self, member: str) -> Sequence[Peer]:
        """All other nodes, the next by turn first."""
        names = list(self._nodes)
        place = names.index(member)
        return [_Reached(self, name, self._nodes[name]) for name in (*names[place + 1 :], *names[:place])]


class _Reached:
    """A node as the others see it: whatever goes wrong with it, to them it is silent."""

    def __init__(self, exchange: InProcess, member: str, node: Peer) -> None:
        self._exchange = exchange
        self._member = member
        self._node = node

    def observations(self, subjects: Sequence[Subject]) -> Sequence[SignedObservation]:
        """See ``Peer``."""
        node = self._reach()
        try:
            return node.observations(subjects)
        except Exception as error:
            raise self._silent(error) from error

    def countersign(self, proposal: Proposal) -> bytes:
        """See ``Peer``."""
        node = self._reach()
        try:
            return node.countersign(proposal)
        except RoundRefused:
            raise
        except Exception as error:
            raise self._silent(error) from error

    def bundle(self, bundle_hash: bytes) -> bytes | None:
        """See ``Peer``."""
        node = self._reach()
        try:
            return node.bundle(bundle_hash)
        except Exception as error:
            raise self._silent(error) from error

    def _reach(self) -> Peer:
        if self._member in self._exchange.silent:
            raise self._silent(None)
        return self._node

    def _silent(self, error: Exception | None) -> PeerSilent:
        return PeerSilent(f"{self._member} gives no answer{f': {error}' if error else ''}", "try it again")
