"""A node as a process of its own: one member, its peers over HTTP, until it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

from chain.committee import Committee
from chain.connection import Connection, connect
from chain.errors import RateLimited, Unanswered
from chain.escrow import Escrow
from chain.keys import Signer, require_safe
from metering.pulse import Pulse
from oracle.documents import DocumentFolder
from oracle.errors import OracleError
from oracle.node import Node
from oracle.node_file import NodeFile
from oracle.onchain import OnChain
from oracle.ports import CommitteeTerms, Standing, Step, Tell, no_step
from oracle.running import RunningNode, Surroundings, require_seat
from oracle.settings import Settings
from oracle.steady import SteadyClock
from oracle.telling import Quiet, in_words
from oracle.wire import NodeServer, OverHttp

MOST_WAIT_SECONDS = 60.0


class NodeProcess:
    """The node of ``config``, signing with ``key``. ``run`` it once.

    What goes wrong in a cycle is told once, and tried again after longer and longer pauses; the first cycle that works
    again is told too.
    """

    def __init__(
        self,
        config: NodeFile,
        key: Signer,
        tell: Tell,
        clock: SteadyClock | None = None,
        step: Step = no_step,
        reach: Callable[[str, int], Connection] = connect,
    ) -> None:
        self._config = config
        self._key = key
        self._tell = Quiet(tell)
        self._clock = clock or SteadyClock()
        self._step = step
        self._reach = reach
        self._failures = 0

    def run(self, stopped: threading.Event) -> None:
        """Work until ``stopped``, or until another has the member's place; the cycle under way is finished.
        MakegoodError when it cannot begin."""
        chain = self._chain(stopped)
        if chain is not None:
            self._work(chain, stopped)
        self._tell("stopped", {"member": self._key.address})

    def _work(self, chain: OnChain, stopped: threading.Event) -> None:
        config, settings = self._config, self._config.settings
        peers = exchange(lambda: chain.committee, config.peers, settings)
        pulse = Pulse()
        around = Surroundings(config.data, config.files, settings, peers, self._clock, pulse, self._step)
        running = RunningNode(
            chain, self._key, DocumentFolder(config.documents, self._tell), around, self._tell
        )
        for member in config.peers:
            if chain.committee.seat(member) is None:
                self._tell("peer ignored", {"peer": member, "problem": "it is no member of the committee"})
        try:
            server = serve(config, running.node, lambda: chain.committee, self._tell)
            try:
                pulse.start()
                running.start()
                self._tell(
                    "started",
                    {
                        "member": self._key.address,
                        "chain": chain.committee.chain_id,
                        "listens": f"{config.host}:{server.port}",
                        "peers": len(config.peers),
                        "dry run": settings.dry_run,
                    },
                )
                self._cycles(running, stopped)
            finally:
                server.stop()
        finally:
            running.stop()
            pulse.stop()

    def _cycles(self, running: RunningNode, stopped: threading.Event) -> None:
        while not stopped.is_set():
            self._try(running.cycle)
            seen = running.node.seen
            jumped = self._clock.heed(seen.time) if seen is not None else None
            if jumped is not None:
                self._tell("clock", {"problem": jumped})
            if running.node.standing is Standing.ROTATED_OUT:
                return
            # Counted by the event, whatever the clock does meanwhile.
            stopped.wait(self._pause())

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:
            self._failures += 1
            self._tell("trouble", {"problem": in_words(error)})
        else:
            self._recovered()

    def _recovered(self) -> None:
        if self._failures:
            self._tell.over("trouble")
            self._tell("recovered", {"failures": self._failures})
        self._failures = 0

    def _pause(self) -> float:
        """Twice as long after each failure, up to eight cycles: a node that limits its callers is left alone."""
        cycle = self._config.settings.cycle_seconds
        return max(cycle, min(cycle * (1, 2, 4, 8)[min(self._failures, 3)], MOST_WAIT_SECONDS))

    def _chain(self, stopped: threading.Event) -> OnChain | None:
        """The chain, as soon as it answers; None when the node is stopped before. ChainError when it is another chain,
        or the contracts are not there."""
        while not stopped.is_set():
            try:
                chain = open_chain(self._config, self._key, self._reach)
            except (Unanswered, RateLimited, OSError) as error:
                self._failures += 1
                self._tell("trouble", {"problem": in_words(error)})
                stopped.wait(self._pause())
            else:
                self._recovered()
                return chain
        return None


def open_chain(config: NodeFile, key: Signer, reach: Callable[[str, int], Connection] = connect) -> OnChain:
    """The contracts of a node, written to by its key. OracleError when the key is no member's and will not be."""
    network, settings = config.network, config.settings
    connection = reach(network.rpc, network.chain_id)
    require_safe(connection.is_development, key)
    chain = OnChain(
        Escrow(connection, network.escrow, settings.dry_run),
        Committee(connection, config.committee, settings.dry_run),
        key,
        settings.finality,
        settings.first_block,
    )
    require_seat(chain.committee, key.address)
    return chain


def exchange(committee: Callable[[], CommitteeTerms], urls: dict[str, str], settings: Settings) -> OverHttp:
    """The other nodes. Short turns leave them less time: one that hangs must not take a whole turn."""
    return OverHttp(
        committee,
        urls,
        answer_seconds=max(1.0, min(5.0, settings.turn_seconds / 4)),
        sign_seconds=max(2.0, min(15.0, settings.turn_seconds / 2)),
    )


def serve(config: NodeFile, node: Node, committee: Callable[[], CommitteeTerms], tell: Tell) -> NodeServer:
    """A server that answers the peers; OracleError when the port cannot be had."""
    try:
        server = NodeServer(config.host, config.port, node, committee, tell)
    except OSError as error:
        raise OracleError(
            f"{config.host}:{config.port} cannot be listened on ({error.strerror or error})",
            "stop what uses it, or choose another listen address",
        ) from None
    server.start()
    return server
