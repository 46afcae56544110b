"""One node: what it does by itself, in the order of ``oracle/cycle.py``, and what it answers to its peers."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from chain.errors import ChainError
from oracle.asking import answers
from oracle.convening import AgreedRound, Convener
from oracle.observing import Observer
from oracle.patience import Patience
from oracle.pen import Pen
from oracle.ports import Chain, Exchange, Peer, Proposal, Sent, Standing, Step, Subject, Tell, View
from oracle.remeasuring import Again, Asked, nothing_asked
from oracle.rounds import RoundBook
from oracle.settings import Settings
from oracle.store import Store
from oracle.watching import Wanted, Watching, wanted
from record.bundle import SignedObservation
from record.hexes import to_hex
from record.keccak import keccak256

FINDING_SECONDS = 10.0
"""How long one look at the chain asks for missing bundles at most; the next look goes on."""

_STANDINGS = {
    Standing.MEMBER: ("rotated in", "it is a member, and signs"),
    Standing.WAITING: (
        "waiting",
        "it is no member yet, or the chain may take back that it left: it signs nothing",
    ),
    Standing.ROTATED_OUT: ("rotated out", "another has its place for good: it is done"),
}


class Node:
    """A member of a committee at work. It decides by what it reads from the chain and its journal, nothing else."""

    def __init__(
        self,
        chain: Chain,
        store: Store,
        pen: Pen,
        watching: Watching,
        exchange: Exchange,
        settings: Settings,
        tell: Tell,
        step: Step,
        asked: Asked = nothing_asked,
    ) -> None:
        """``asked`` says what this member's operator wants measured again."""
        self.member = pen.address
        self.chain = chain
        self.settings = settings
        self.tell = tell
        self.step = step
        self.book = RoundBook(self._find_bundle)
        self.patience = Patience(settings.turn_seconds)
        self.published: set[bytes] = set()
        self.seen: View | None = None
        self.standing = Standing.MEMBER
        self._find_until = 0.0
        self._store = store
        self._watching = watching
        self._exchange = exchange
        self._again = Again(asked, tell)
        self._observer = Observer(store, pen, settings, tell)
        self._convener = Convener(store, pen, self._observer, settings, tell)

    @property
    def last_round(self) -> int:
        """The last round it saw on the chain; 0 before it looked."""
        return self.seen.last_round if self.seen is not None else 0

    # What it does by itself

    def look(self) -> tuple[View, list[Wanted]]:
        """The chain as it is now, and the reports that are missing on it."""
        view = self.chain.look()
        self.seen = view
        self._stand(view)
        self._find_until = time.monotonic() + FINDING_SECONDS
        for posted in self.book.read(view.rounds):
            self.tell("bundle missing", {"round": posted.round, "bundle": to_hex(posted.bundle)})
        watched = self._watching.watched(view)
        missing = list(wanted(watched, view, self.book.attested))
        return view, missing + list(self._again.wanted(watched, view, self.book))

    def gather(self, view: View, missing: Sequence[Wanted]) -> None:
        """Keep what the peers observed."""
        self._observer.gather(view, missing, self._peers())

    def observe(self, view: View, missing: Sequence[Wanted]) -> None:
        """Sign what was measured."""
        self._observer.observe(view, missing)

    def propose(self, view: View, missing: Sequence[Wanted]) -> AgreedRound | None:
        """In its turn, a round that a quorum has signed."""
        return self._convener.propose(view, missing, self._peers())

    def post(self, view: View, agreed: AgreedRound) -> None:
        """Bring the round to the chain: one transaction, whatever it carries."""
        reports = agreed.tree.ordered
        details = {"round": agreed.round, "reports": len(reports)}
        try:
            sent = self.chain.post(agreed.round, agreed.tree.root, agreed.bundle, reports, agreed.signatures)
        except ChainError as error:
            self.tell("not posted", {**details, "problem": str(error)})
            return
        if sent is not None:
            self.step("posted")
        self.done(view, "posted", details, sent)

    def done(self, view: View, kind: str, details: Mapping[str, object], sent: Sent | None) -> None:
        """Tell what was done on the chain, and note it for people; in a dry run it only would have been."""
        if sent is not None:
            details = {**details, "transaction": to_hex(sent.transaction), "gas": sent.gas}
            self._store.note(view.time, kind, details)
            self.tell(kind, details)
        elif self.settings.dry_run:
            self.tell(f"would be {kind}", details)

    # What it answers to its peers

    def observations(self, subjects: Sequence[Subject]) -> Sequence[SignedObservation]:
        """All signed observations it holds about these."""
        return [signed for subject in subjects for signed in self._store.observations(subject)]

    def countersign(self, proposal: Proposal) -> bytes:
        """Its signature of a round; RoundRefused says why not."""
        return self._convener.countersign(self.chain.look(), proposal)

    def bundle(self, bundle_hash: bytes) -> bytes | None:
        """The bytes of a bundle it keeps."""
        return self._store.bundle(bundle_hash)

    # How

    def _stand(self, view: View) -> None:
        """Notice, and tell, when this node's key came in or was replaced (R12)."""
        standing = view.standing(self.member)
        if standing is not self.standing:
            self.standing = standing
            kind, meaning = _STANDINGS[standing]
            self.tell(kind, {"member": self.member, "meaning": meaning})

    def _peers(self) -> Sequence[Peer]:
        return self._exchange.peers(self.member)

    def _find_bundle(self, bundle_hash: bytes) -> bytes | None:
        """A bundle from the journal, or from whichever peer has it."""
        kept = self._store.bundle(bundle_hash)
        if kept is not None:
            return kept
        if time.monotonic() > self._find_until:
            return None
        for data in answers(self._peers(), lambda peer: peer.bundle(bundle_hash)):
            if data is not None and keccak256(data) == bundle_hash:
                self._store.keep_bundle(data)
                return data
        return None
