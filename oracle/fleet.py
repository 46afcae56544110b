"""Nodes in one process: four by default, the smallest committee that tolerates a liar. Threads probe, one loop runs the
cycles."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from chain.clock import Clock, SystemClock
from chain.committee import Committee
from chain.connection import Connection
from chain.escrow import Escrow
from chain.keys import LocalKey, Signer
from metering.pulse import Pulse
from oracle.cycle import cycle
from oracle.errors import OracleError
from oracle.exchange import InProcess
from oracle.journal import Journal, Owner
from oracle.node import Node
from oracle.onchain import OnChain
from oracle.pen import Pen
from oracle.ports import Step, Tell, no_step
from oracle.settings import Settings
from oracle.sourcing import NodeSources
from oracle.watching import Watching
from record.terms import TermsDocument

WAIT_SECONDS = 0.2
"""How long the loop sleeps at a stretch, so that it stops soon."""


class Fleet:
    """The nodes of one committee whose keys are here. ``start`` it, or call ``cycle`` by hand; ``stop`` it at the end.

    ``on_event(kind, details)`` hears of everything that happens; ``details["node"]`` is the node's number, from 0.
    """

    def __init__(
        self,
        connection: Connection,
        escrow: str,
        committee: str,
        keys: Sequence[Signer],
        documents: Sequence[TermsDocument],
        folder: Path,
        settings: Settings,
        files: Path = Path(),
        clock: Clock | None = None,
        on_event: Tell | None = None,
        step: Step = no_step,
    ) -> None:
        """``folder`` keeps the journals, ``files`` the recorded samples that terms name. The keys sign and pay."""
        _require_safe(connection, keys)
        self.nodes: list[Node] = []
        self._clock = clock or SystemClock()
        self._settings = settings
        self._on_event = on_event or (lambda kind, details: None)
        self._exchange = InProcess()
        self._journals: list[Journal] = []
        self._pulse = Pulse()
        self._sources: list[NodeSources] = []
        self._stopped = threading.Event()
        self._loop: threading.Thread | None = None
        try:
            for number, key in enumerate(keys):
                chain = OnChain(
                    Escrow(connection, escrow, settings.dry_run),
                    Committee(connection, committee, settings.dry_run),
                    key,
                    settings.finality,
                    settings.first_block,
                )
                phase_ppm = number * 1_000_000 // len(keys)
                self._join(number, key, chain, documents, folder, files, phase_ppm, step)
        except BaseException:
            self.stop()
            raise

    def start(self) -> None:
        """Probe, and run cycles, in threads of their own."""
        self._pulse.start()
        for sources in self._sources:
            sources.start()
        self._loop = threading.Thread(target=self._run, name="cycles", daemon=True)
        self._loop.start()

    def cycle(self) -> None:
        """One cycle of every node that is not silenced. What goes wrong in one is told, and tried again in the next."""
        for number, node in enumerate(self.nodes):
            if node.member in self._exchange.silent:
                continue
            try:
                cycle(node)
            except Exception as error:
                self._tell(number, "trouble", {"problem": f"{type(error).__name__}: {error}"})

    def silence(self, number: int, silent: bool = True) -> None:
        """Cut a node off: it runs no cycles and answers nobody, but goes on probing. ``silent=False`` lets it back."""
        member = self.nodes[number].member
        (self._exchange.silent.add if silent else self._exchange.silent.discard)(member)

    def stop(self) -> None:
        """End the loop after the cycle under way, the probes, and the journals."""
        self._stopped.set()
        for sources in self._sources:
            sources.stop()
        self._pulse.stop()
        if self._loop is not None:
            self._loop.join()
        for journal in self._journals:
            journal.close()

    def _join(
        self,
        number: int,
        key: Signer,
        chain: OnChain,
        documents: Sequence[TermsDocument],
        folder: Path,
        files: Path,
        phase_ppm: int,
        step: Step,
    ) -> None:
        committee = chain.committee
        tell = partial(self._tell, number)
        journal = Journal(
            folder / f"{key.address}.sqlite", Owner(committee.chain_id, committee.address, key.address)
        )
        self._journals.append(journal)
        sources = NodeSources(journal, files, self._clock, self._pulse, tell, phase_ppm)
        sources.prepare(documents, self._settings.observe_after_seconds)
        self._sources.append(sources)
        watching = Watching(documents, sources.source, tell)
        pen = Pen(journal, key, committee, step)
        node = Node(chain, journal, pen, watching, self._exchange, self._settings, tell, step)
        self._exchange.join(key.address, node)
        self.nodes.append(node)

    def _run(self) -> None:
        while not self._stopped.is_set():
            until = self._clock.now() + self._settings.cycle_seconds
            self.cycle()
            while not self._stopped.is_set() and (wait := until - self._clock.now()) > 0:
                self._clock.sleep(min(wait, WAIT_SECONDS))

    def _tell(self, number: int, kind: str, details: Mapping[str, object]) -> None:
        self._on_event(kind, {"node": number, **details})


def _require_safe(connection: Connection, keys: Sequence[Signer]) -> None:
    if any(isinstance(key, LocalKey) for key in keys) and not connection.is_development:
        raise OracleError(
            f"a bare key is to sign on chain {connection.chain_id}, which is not a development chain",
            "use an external signer",
        )
