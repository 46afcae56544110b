"""The contracts as a node sees them: the Chain port over web3.

Events up to the finalized block are read once and kept, pinned by that block's hash; what lies above is read anew at
every look and may change. What was read is taken only if the head still has the hash it had before.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial

from chain.committee import Committee
from chain.connection import Receipt
from chain.errors import ChainError
from chain.escrow import ClaimStatus, Escrow
from chain.keys import Signer
from chain.logs import LoggedEvent, read_events
from oracle.ledger import Ledger
from oracle.ports import Block, CommitteeTerms, Sent, Subject, View
from record.eip712 import Domain, agreement_digest
from record.events import COMMITTEE_EVENTS, ESCROW_EVENTS, AgreementAmended, AgreementOpened
from sla.agreement import Agreement
from sla.report import Report

BLOCKS_AT_ONCE = 5_000


class OnChain:
    """One committee and one escrow through one RPC node; ``signer`` pays for the transactions. Safe for threads."""

    def __init__(
        self,
        escrow: Escrow,
        committee: Committee,
        signer: Signer,
        finality: str = "finalized",
        first_block: int = 0,
    ) -> None:
        self._escrow = escrow
        self._contract = committee
        self._signer = signer
        self._finality = finality
        self._first = first_block
        self._connection = committee.connection
        self._lock = threading.Lock()
        self._pinned: Block | None = None
        self._ledger = Ledger(committee.address)
        self._view: View | None = None
        self._committee = self._committee_at(None)
        self._formed_at = int(self._connection.read(committee.contract.functions.formedAt()))

    @property
    def domain(self) -> Domain:
        """See ``Chain``."""
        return self._escrow.domain

    @property
    def committee(self) -> CommitteeTerms:
        """The committee as the last look saw it; before the first, as it was when this was made."""
        return self._committee if self._view is None else self._view.committee

    def look(self) -> View:
        """The chain as it is now. ChainError when it moved meanwhile: the next look will do."""
        with self._lock:
            head, final = self._block("latest"), self._block(self._finality)
            if final.number > head.number:
                # A block came in between; what was the head is final by now.
                final = head
            if self._view is None or (self._view.head, self._view.final) != (head, final):
                self._view = self._read(head, final)
            return self._view

    def post(
        self,
        round_number: int,
        root: bytes,
        bundle: bytes,
        reports: Sequence[Report],
        signatures: Sequence[bytes],
    ) -> Sent | None:
        """Attest a root; Refused when the committee would not have it."""
        return _sent(self._contract.post(self._signer, round_number, root, bundle, reports, signatures))

    def publish(self, root: bytes, reports: Sequence[Report]) -> Sent | None:
        """Publish an attested root's reports; Refused when they are not all of them."""
        return _sent(self._contract.publish(self._signer, root, reports))

    def rotate(self) -> Sent | None:
        """Carry out the pending rotation; Refused when somebody else did, or it is too early."""
        return _sent(self._contract.rotate(self._signer))

    def claim(self, agreement: Agreement, report: Report, proof: Sequence[bytes]) -> Sent | None:
        """Bring a report; Refused when somebody else did, or the escrow does not take it (any more)."""
        return _sent(self._escrow.claim(self._signer, agreement, report, proof))

    def settle(self, agreement: Agreement, subjects: Sequence[Subject]) -> Sent | None:
        """Pay what is still due: the escrow skips the rest without a word, so it is asked first."""
        time = self._block("latest").time
        keys = [(one.period, one.obligation) for one in subjects if self._is_due(one, time)]
        return _sent(self._escrow.settle(self._signer, agreement, keys)) if keys else None

    def pay_arrears(self, agreement: Agreement) -> Sent | None:
        """Pay arrears out of collateral that arrived since: somebody else may have, so it is asked first."""
        agreement_id = self._escrow.id_of(agreement)
        first = self._escrow.first_of(agreement_id)
        account = self._escrow.account_of(first if first is not None else agreement_id)
        if account.due <= 0 or account.collateral == 0:
            return None
        return _sent(self._escrow.settle(self._signer, agreement, []))

    def link(self, agreement: Agreement, downstream: Agreement) -> Sent | None:
        """Direct what an agreement pays into the escrow of its downstream, unless somebody did."""
        if self._escrow.downstream_of(self._escrow.id_of(agreement)) is not None:
            return None
        return _sent(self._escrow.link(self._signer, agreement, downstream))

    def purse(self) -> tuple[int, int]:
        """The signer's wei, and what a unit of gas may cost now: twice the base fee, as transactions offer."""
        eth = self._connection.web3.eth
        fee = eth.get_block("latest")["baseFeePerGas"]
        return int(eth.get_balance(self._signer.address)), 2 * int(fee) + 10**9  # type: ignore[arg-type]

    def _is_due(self, subject: Subject, time: int) -> bool:
        claim = self._escrow.claim_of(*subject)
        if claim.status == ClaimStatus.PENDING:
            return time >= claim.window_end
        if claim.status == ClaimStatus.DISPUTED:
            return time >= self._escrow.dispute_of(*subject).ruling_deadline
        return claim.status == ClaimStatus.RULED

    def _read(self, head: Block, final: Block) -> View:
        """Take in the events since the last look; those up to ``final`` for good."""
        pinned = self._pinned
        if pinned is not None and (
            final.number < pinned.number or self._block(pinned.number).hash != pinned.hash
        ):
            # Another chain than before, or finality was broken: nothing read so far counts.
            pinned = None
        committee = self._committee_at(head.number)
        ledger = Ledger(self._contract.address) if pinned is None else self._ledger.copy()
        events = self._events(self._first if pinned is None else pinned.number + 1, head)
        for logged in events:
            if logged.block <= final.number:
                self._take(ledger, logged)
        tip = ledger.copy()
        for logged in events:
            if logged.block > final.number:
                self._take(tip, logged)
        self._ledger, self._pinned = ledger, final
        return View(
            head=head,
            final=final,
            formed_at=self._formed_at,
            agreements=dict(ledger.agreements),
            rounds=tuple(tip.rounds),
            claims=dict(tip.claims),
            committee=committee,
            rotated_out=frozenset(ledger.rotated_out),
            counts=dict(ledger.counts),
            links=tuple(tip.links()),
            arrears=tip.arrears(),
        )

    def _committee_at(self, block: int | None) -> CommitteeTerms:
        """By its state, not by its events: it may have been formed long before the first block that is read."""
        contract = self._contract
        return CommitteeTerms(
            self._connection.chain_id,
            contract.address,
            contract.members_at(block),
            contract.quorum,
            contract.pending_rotation(block),
        )

    def _events(self, first: int, head: Block) -> list[LoggedEvent]:
        """The events of blocks ``first`` to ``head``. If ``head`` is still there afterwards, so is all below it."""
        allowed = {self._escrow.address: ESCROW_EVENTS, self._contract.address: COMMITTEE_EVENTS}
        events: list[LoggedEvent] = []
        for start in range(first, head.number + 1, BLOCKS_AT_ONCE):
            end = min(start + BLOCKS_AT_ONCE - 1, head.number)
            events += read_events(self._connection, allowed, start, end)
        if self._block(head.number).hash != head.hash:
            raise ChainError(f"block {head.number} was replaced while it was read", "look again")
        return events

    def _take(self, ledger: Ledger, logged: LoggedEvent) -> None:
        """Take in an event; an agreement only if it is what its id says, whatever the RPC node says."""
        event = logged.event
        if isinstance(event, AgreementOpened | AgreementAmended):
            brought = event.arguments()
            agreement = brought[0] if isinstance(brought, tuple) else brought.agreement
            if agreement_digest(agreement, self._escrow.domain) != event.id:
                raise ChainError(
                    f"the RPC node shows other terms for agreement 0x{event.id.hex()}", "use another RPC node"
                )
        ledger.take(event, partial(self._time_of, logged.block))

    def _time_of(self, number: int) -> int:
        return self._block(number).time

    def _block(self, identifier: str | int) -> Block:
        block = self._connection.web3.eth.get_block(identifier)  # type: ignore[arg-type]
        return Block(int(block["number"]), bytes(block["hash"]), int(block["timestamp"]))


def _sent(receipt: Receipt | None) -> Sent | None:
    return None if receipt is None else Sent(bytes(receipt["transactionHash"]), int(receipt["gasUsed"]))
