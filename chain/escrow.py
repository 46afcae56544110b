"""The escrow's actions, one method each, named as in ``ISLAEscrow``."""

from __future__ import annotations

from collections.abc import Sequence

from web3.types import TxReceipt

from chain.connection import Connection
from chain.escrow_calls import Call as Call
from chain.escrow_calls import EscrowCalls, Keys
from chain.escrow_state import NO_DISPUTE as NO_DISPUTE
from chain.escrow_state import Account as Account
from chain.escrow_state import AccountState as AccountState
from chain.escrow_state import Claim as Claim
from chain.escrow_state import ClaimStatus as ClaimStatus
from chain.escrow_state import Dispute as Dispute
from chain.escrow_state import Disputer as Disputer
from chain.escrow_views import EscrowViews
from chain.keys import Signer
from sla.agreement import Agreement
from sla.report import Report


class Escrow(EscrowViews):
    """The SLAEscrow at ``address``. Writers return the receipt; None when ``dry_run`` only tried."""

    def __init__(self, connection: Connection, address: str, dry_run: bool = False) -> None:
        super().__init__(connection, address)
        self.dry_run = dry_run
        self.calls = EscrowCalls(self.contract)

    def trial(self) -> Escrow:
        """The same escrow, where everything is only tried."""
        return Escrow(self.connection, self.address, dry_run=True)

    # The life of an agreement

    def open(
        self, signer: Signer, agreement: Agreement, provider_signature: bytes, customer_signature: bytes
    ) -> TxReceipt | None:
        """Put the terms into force and pull the collateral they name from the provider."""
        return self.send(signer, self.calls.open(agreement, provider_signature, customer_signature))

    def amend(
        self,
        signer: Signer,
        agreement: Agreement,
        provider_signature: bytes,
        customer_signature: bytes,
        predecessor: Agreement,
        count: int,
    ) -> TxReceipt | None:
        """Put terms into force that take over from ``predecessor``, the head, after ``count`` of its periods.

        A later ``count`` is not possible, its current one is a renewal; there ``agreement`` starts.
        """
        signatures = (provider_signature, customer_signature)
        return self.send(signer, self.calls.amend(agreement, *signatures, predecessor, count))

    def terminate(
        self,
        signer: Signer,
        agreement: Agreement,
        count: int,
        valid_by: int,
        provider_signature: bytes,
        customer_signature: bytes,
    ) -> TxReceipt | None:
        """End the agreement after ``count`` periods, as both parties signed by ``valid_by``."""
        signatures = (provider_signature, customer_signature)
        return self.send(signer, self.calls.terminate(agreement, count, valid_by, *signatures))

    def exit(self, signer: Signer, agreement: Agreement, count: int, breaches: Keys) -> TxReceipt | None:
        """Leave by the exit rule; the customer only. ``count`` is the number of the next period."""
        return self.send(signer, self.calls.exit(agreement, count, breaches))

    def link(self, signer: Signer, agreement: Agreement, downstream: Agreement) -> TxReceipt | None:
        """Direct what ``agreement`` pays into the escrow of ``downstream``, which its terms name."""
        return self.send(signer, self.calls.link(agreement, downstream))

    def deposit(self, signer: Signer, agreement: Agreement, amount: int) -> TxReceipt | None:
        """Add the caller's tokens; arrears are paid first."""
        return self.send(signer, self.calls.deposit(agreement, amount))

    # Claims

    def claim(
        self, signer: Signer, agreement: Agreement, report: Report, proof: Sequence[bytes]
    ) -> TxReceipt | None:
        """Bring a report: a first one that pays, a higher revision, or one that opens or answers a contest."""
        return self.send(signer, self.calls.claim(agreement, report, proof))

    def dispute(
        self, signer: Signer, agreement: Agreement, period: int, obligation: int, attained: int, charge: int
    ) -> TxReceipt | None:
        """Contest a claim or a case, or a period whose report is overdue, naming what was attained instead."""
        return self.send(signer, self.calls.dispute(agreement, period, obligation, attained, charge))

    def concede(
        self, signer: Signer, agreement: Agreement, period: int, obligation: int, alleged: int
    ) -> TxReceipt | None:
        """Accept exactly the compensation that the opponent alleged."""
        return self.send(signer, self.calls.concede(agreement, period, obligation, alleged))

    def submit_evidence(
        self,
        signer: Signer,
        agreement: Agreement,
        period: int,
        obligation: int,
        content_hash: bytes,
        uri: str,
    ) -> TxReceipt | None:
        """Name a document by its keccak256 and where it lies."""
        call = self.calls.submit_evidence(agreement, period, obligation, content_hash, uri)
        return self.send(signer, call)

    def rule(
        self, signer: Signer, agreement: Agreement, period: int, obligation: int, attained: int, charge: int
    ) -> TxReceipt | None:
        """Rule a dispute or a case; the arbiter only."""
        return self.send(signer, self.calls.rule(agreement, period, obligation, attained, charge))

    # Money

    def settle(self, signer: Signer, agreement: Agreement, keys: Keys) -> TxReceipt | None:
        """Pay the claims ``(period, obligation)`` that are due, and arrears; other claims are skipped."""
        return self.send(signer, self.calls.settle(agreement, keys))

    def release(self, signer: Signer, agreement: Agreement) -> TxReceipt | None:
        """Give what is left back to the provider; ``agreement`` is the head."""
        return self.send(signer, self.calls.release(agreement))

    def withdraw(self, signer: Signer, token: str, account: str, to: str) -> TxReceipt | None:
        """Pay out what a failed transfer left."""
        return self.send(signer, self.calls.withdraw(token, account, to))

    # Several at once

    def multicall(self, signer: Signer, *calls: Call) -> TxReceipt | None:
        """Do several of ``calls`` in one transaction: all of them, or none.

        ``escrow.multicall(key, escrow.calls.permit(...), escrow.calls.deposit(agreement, amount))``
        """
        return self.send(signer, self.calls.multicall(calls))

    def send(self, signer: Signer, call: Call) -> TxReceipt | None:
        """Send a call of this escrow, or only try it."""
        return self.connection.send(signer, call, self.dry_run)
