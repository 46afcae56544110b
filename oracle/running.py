"""A member's node with all that belongs to it: journal, sources, documents. A process runs one, or a fleet of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chain.clock import Clock
from chain.keys import Signer
from metering.pulse import Pulse
from oracle.cycle import cycle
from oracle.documents import Documents
from oracle.errors import OracleError
from oracle.journal import Journal, Owner
from oracle.node import Node
from oracle.pen import Pen
from oracle.ports import Chain, CommitteeTerms, Exchange, Step, Tell
from oracle.remeasuring import asked_in
from oracle.settings import Settings
from oracle.sourcing import NodeSources
from oracle.watching import Watching
from record.terms import TermsDocument
from sla.errors import MakegoodError

REMEASURE = "remeasure"
"""The folder beside the journals where operators ask for another measurement (``oracle.remeasuring``)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the nodes of one process share. ``folder`` keeps the journals, ``files`` the recorded samples that terms
    name."""

    folder: Path
    files: Path
    settings: Settings
    exchange: Exchange
    clock: Clock
    pulse: Pulse
    step: Step


class RunningNode:
    """One member at work. ``start`` probes; ``cycle`` does what can be done now; ``stop`` leaves the journal free."""

    def __init__(
        self, chain: Chain, key: Signer, documents: Documents, around: Surroundings, tell: Tell
    ) -> None:
        """JournalError when another node has the journal, OracleError when the key is no member's and will not be."""
        committee = chain.committee
        seat = require_seat(committee, key.address)
        self.journal = Journal(
            journal_path(around.folder, key.address),
            Owner(committee.chain_id, committee.address, key.address),
        )
        self._documents = documents
        self._settings = around.settings
        self._tell = tell
        phase_ppm = seat * 1_000_000 // len(committee.members)
        self._sources = NodeSources(
            self.journal, around.files, around.clock, around.pulse, tell, phase_ppm, chain.domain
        )
        self._watching = Watching([], self._sources.source, tell)
        pen = Pen(self.journal, key, committee, around.step)
        self.node = Node(
            chain,
            self.journal,
            pen,
            self._watching,
            around.exchange,
            around.settings,
            tell,
            around.step,
            partial(asked_in, around.folder / REMEASURE),
        )

    def start(self) -> None:
        """Begin to probe."""
        self._sources.start()

    def cycle(self) -> None:
        """Take in new documents, then one cycle of the node."""
        for document in self._documents.new():
            try:
                self.take(document)
            except MakegoodError as error:
                self._tell("document skipped", {"name": document.name, "problem": str(error)})
        self._sources.look()
        cycle(self.node)

    def take(self, document: TermsDocument) -> None:
        """Measure what a document promises; MakegoodError when this node cannot."""
        self._sources.prepare([document], self._settings.observe_after_seconds)
        self._watching.add(document)

    def stop(self) -> None:
        """End the probes, and let another node have the journal."""
        self._sources.stop()
        self.journal.close()


def journal_path(folder: Path, member: str) -> Path:
    """Where a member's journal lies."""
    return folder / f"{member}.sqlite"


def require_seat(committee: CommitteeTerms, address: str) -> int:
    """The index of a member, or of the one that the pending rotation brings in; OracleError for anybody else."""
    seat = committee.seat(address)
    if seat is None:
        raise OracleError(
            f"{address} is no member of committee {committee.address}, and no pending rotation brings it in",
            f"use the key of one of {', '.join(committee.members)}",
        )
    return seat
