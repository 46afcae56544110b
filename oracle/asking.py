"""One question to several peers: those elsewhere are asked all at once, so that no slow one holds up a cycle."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar, runtime_checkable

from oracle.errors import PeerSilent
from oracle.ports import Peer

T = TypeVar("T")


@runtime_checkable
class Remote(Peer, Protocol):
    """A peer whose answers take a time of their own."""

    within_seconds: float
    """After so long it gives none any more."""


def answers(peers: Sequence[Peer], question: Callable[[Peer], T]) -> Iterator[T]:
    """The answers as they come; silent peers are passed over.

    Nodes in this process are asked one after the other, and only while who asks still wants to hear. ``question`` may
    raise PeerSilent only, and must have an end of its own.
    """
    remote = [peer for peer in peers if isinstance(peer, Remote)]
    for peer in peers:
        if peer not in remote:
            try:
                yield question(peer)
            except PeerSilent:
                continue
    yield from _at_once(remote, question)


def _at_once(peers: Sequence[Remote], question: Callable[[Peer], T]) -> Iterator[T]:
    answered: queue.SimpleQueue[list[T]] = queue.SimpleQueue()

    def ask(peer: Peer) -> None:
        found: list[T] = []
        try:
            found.append(question(peer))
        except PeerSilent:
            pass
        finally:
            answered.put(found)

    for peer in peers:
        threading.Thread(target=ask, args=[peer], name="question", daemon=True).start()
    end = time.monotonic() + max((peer.within_seconds for peer in peers), default=0.0)
    for _ in peers:
        with suppress(queue.Empty):
            yield from answered.get(timeout=max(0.001, end - time.monotonic()))
