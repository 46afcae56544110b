"""Nodes in one process: four by default, the smallest committee that tolerates a liar. Threads probe, one loop runs the
cycles."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from chain.clock import Clock
from chain.committee import Committee
from chain.connection import Connection
from chain.escrow import Escrow
from chain.keys import Signer, require_safe
from metering.pulse import Pulse
from oracle.documents import DocumentFolder, Given
from oracle.exchange import InProcess
from oracle.node import Node
from oracle.onchain import OnChain
from oracle.ports import Standing, Step, Tell, no_step
from oracle.running import RunningNode, Surroundings
from oracle.settings import Settings
from oracle.steady import SteadyClock
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
        documents: Sequence[TermsDocument] | Path,
        folder: Path,
        settings: Settings,
        files: Path = Path(),
        clock: Clock | None = None,
        on_event: Tell | None = None,
        step: Step = no_step,
    ) -> None:
        """``folder`` keeps the journals, ``files`` the recorded samples that terms name. The keys sign and pay; that of
        who comes in by the pending rotation may be among them.

        ``documents`` may be a folder: what is put there while the fleet runs is picked up in the next cycle.
        """
        for key in keys:
            require_safe(connection.is_development, key)
        self.nodes: list[Node] = []
        self._clock = clock or SteadyClock()
        self._settings = settings
        self._on_event = on_event or (lambda kind, details: None)
        self._exchange = InProcess()
        self._running: list[RunningNode] = []
        self._pulse = Pulse()
        self._stopped = threading.Event()
        self._loop: threading.Thread | None = None
        around = Surroundings(folder, files, settings, self._exchange, self._clock, self._pulse, step)
        try:
            for number, key in enumerate(keys):
                chain = OnChain(
                    Escrow(connection, escrow, settings.dry_run),
                    Committee(connection, committee, settings.dry_run),
                    key,
                    settings.finality,
                    settings.first_block,
                )
                self._join(chain, key, documents, around, partial(self._tell, number))
        except BaseException:
            self.stop()
            raise

    def start(self) -> None:
        """Probe, and run cycles, in threads of their own."""
        self._pulse.start()
        for running in self._running:
            running.start()
        self._loop = threading.Thread(target=self._run, name="cycles", daemon=True)
        self._loop.start()

    def cycle(self) -> None:
        """One cycle of every node that is neither silenced nor rotated out. What goes wrong in one is told, and tried
        again in the next."""
        for number, running in enumerate(self._running):
            node = running.node
            if node.member in self._exchange.silent or node.standing is Standing.ROTATED_OUT:
                continue
            try:
                running.cycle()
            except Exception as error:
                self._tell(number, "trouble", {"problem": f"{type(error).__name__}: {error}"})
            if node.seen is not None and isinstance(self._clock, SteadyClock):
                jumped = self._clock.heed(node.seen.time)
                if jumped is not None:
                    self._tell(number, "clock", {"problem": jumped})

    def silence(self, number: int, silent: bool = True) -> None:
        """Cut a node off: it runs no cycles and answers nobody, but goes on probing. ``silent=False`` lets it back."""
        member = self.nodes[number].member
        (self._exchange.silent.add if silent else self._exchange.silent.discard)(member)

    def stop(self) -> None:
        """End the loop after the cycle under way, the probes, and the journals."""
        self._stopped.set()
        if self._loop is not None:
            self._loop.join()
        for running in self._running:
            running.stop()
        self._pulse.stop()

    def _join(
        self,
        chain: OnChain,
        key: Signer,
        documents: Sequence[TermsDocument] | Path,
        around: Surroundings,
        tell: Tell,
    ) -> None:
        live = DocumentFolder(documents, tell) if isinstance(documents, Path) else Given(())
        running = RunningNode(chain, key, live, around, tell)
        self._running.append(running)
        if not isinstance(documents, Path):
            for document in documents:
                running.take(document)
        self._exchange.join(key.address, running.node)
        self.nodes.append(running.node)

    def _run(self) -> None:
        while not self._stopped.is_set():
            until = self._clock.now() + self._settings.cycle_seconds
            self.cycle()
            # Counted as well: a clock that is set back must not make a pause of hours.
            left = self._settings.cycle_seconds
            while not self._stopped.is_set() and left > 0 and (wait := until - self._clock.now()) > 0:
                self._clock.sleep(min(wait, left, WAIT_SECONDS))
                left -= WAIT_SECONDS

    def _tell(self, number: int, kind: str, details: Mapping[str, object]) -> None:
        self._on_event(kind, {"node": number, **details})
