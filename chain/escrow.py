"""The escrow's actions, one method each, named as in ``ISLAEscrow``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from web3.types import TxReceipt

from chain.connection import Connection
from chain.errors import ChainError
from chain.keys import Signer
from chain.messages import (
    agreement_argument,
    claim_arguments,
    obligation_argument,
    terms_argument,
)
from record.eip712 import agreement_digest, escrow_domain, obligation_hash, obligations_hash
from sla.agreement import Agreement
from sla.report import Report


class ClaimStatus(IntEnum):
    """Where a claim stands."""

    NONE = 0
    PENDING = 1
    DISPUTED = 2
    RULED = 3
    SETTLED = 4


@dataclass(frozen=True, slots=True)
class Account:
    """An agreement's account. ``due`` is entitled minus paid: positive is arrears."""

    collateral: int
    due: int
    open_claims: int
    count: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as the escrow keeps it."""

    pending: int
    settled: int
    window_end: int
    revision: int
    status: ClaimStatus


@dataclass(frozen=True, slots=True)
class Dispute:
    """An allegation as the escrow keeps it."""

    alleged: int
    bond: int
    ruling_deadline: int
    by_customer: bool


class Escrow:
    """The SLAEscrow at ``address``. Writers return the receipt; None when ``dry_run`` only tried."""

    def __init__(self, connection: Connection, address: str, dry_run: bool = False) -> None:
        self.connection = connection
        self.dry_run = dry_run
        self.contract = connection.contract("SLAEscrow", address)
        self.address = str(self.contract.address)
        self.domain = escrow_domain(connection.chain_id, self.address)

    def trial(self) -> Escrow:
        """The same escrow, where everything is only tried."""
        return Escrow(self.connection, self.address, dry_run=True)

    def id_of(self, agreement: Agreement) -> bytes:
        """The digest both parties sign."""
        return agreement_digest(agreement, self.domain)

    def open(
        self, signer: Signer, agreement: Agreement, provider_signature: bytes, customer_signature: bytes
    ) -> TxReceipt | None:
        """Put the terms into force. Refused by us outside development chains until the protocol is complete."""
        if not self.connection.is_development:
            raise ChainError(
                f"chain {self.connection.chain_id} is not a development chain, and this version of the protocol lacks "
                "corrections, amendments, silence defaults, rotation and exit",
                "use a development chain until a complete version is deployed",
            )
        call = (agreement_argument(agreement), provider_signature, customer_signature)
        return self._send(signer, "open", *call)

    def deposit(self, signer: Signer, agreement: Agreement, amount: int) -> TxReceipt | None:
        """Add the caller's tokens; arrears are paid first."""
        return self._send(signer, "deposit", *self._fixed(agreement), amount)

    def claim(
        self, signer: Signer, agreement: Agreement, report: Report, proof: Sequence[bytes]
    ) -> TxReceipt | None:
        """Bring a report that pays."""
        part = self._with_obligation(agreement, report.obligation)
        return self._send(signer, "claim", *part, *claim_arguments(report), list(proof))

    def dispute(
        self, signer: Signer, agreement: Agreement, period: int, obligation: int, attained: int, charge: int
    ) -> TxReceipt | None:
        """Contest a pending claim, naming what was attained instead."""
        return self._contest(signer, "dispute", agreement, period, obligation, attained, charge)

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
        key = (period, obligation)
        return self._send(signer, "submitEvidence", *self._fixed(agreement), key, content_hash, uri)

    def rule(
        self, signer: Signer, agreement: Agreement, period: int, obligation: int, attained: int, charge: int
    ) -> TxReceipt | None:
        """Rule a dispute; the arbiter only."""
        return self._contest(signer, "rule", agreement, period, obligation, attained, charge)

    def settle(
        self, signer: Signer, agreement: Agreement, keys: Sequence[tuple[int, int]]
    ) -> TxReceipt | None:
        """Pay the claims ``(period, obligation)`` that are due; others are skipped."""
        return self._send(signer, "settle", *self._fixed(agreement), [tuple(key) for key in keys])

    def release(self, signer: Signer, agreement: Agreement) -> TxReceipt | None:
        """Give what is left back to the provider."""
        return self._send(signer, "release", *self._fixed(agreement))

    def withdraw(self, signer: Signer, token: str, account: str, to: str) -> TxReceipt | None:
        """Pay out what a failed transfer left."""
        return self._send(signer, "withdraw", token, account, to)

    def account_of(self, agreement_id: bytes) -> Account:
        """The agreement's account."""
        collateral, due, open_claims, count, state = self._read("accountOf", agreement_id)
        return Account(collateral, due, open_claims, count, state == 1)

    def claim_of(self, agreement_id: bytes, period: int, obligation: int) -> Claim:
        """A claim; its status is NONE if there is none."""
        pending, settled, window_end, revision, status = self._read(
            "claimOf", agreement_id, period, obligation
        )
        return Claim(pending, settled, window_end, revision, ClaimStatus(status))

    def dispute_of(self, agreement_id: bytes, period: int, obligation: int) -> Dispute:
        """A dispute that waits for its ruling; zeros if there is none."""
        return Dispute(*self._read("disputeOf", agreement_id, period, obligation))

    def withdrawable(self, token: str, account: str) -> int:
        """What a failed transfer left for ``account``, in token base units."""
        return int(self._read("withdrawable", token, account))

    def _contest(
        self,
        signer: Signer,
        name: str,
        agreement: Agreement,
        period: int,
        obligation: int,
        attained: int,
        charge: int,
    ) -> TxReceipt | None:
        part = self._with_obligation(agreement, obligation)
        return self._send(signer, name, *part, (period, obligation), (attained, charge))

    @staticmethod
    def _fixed(agreement: Agreement) -> tuple[Any, ...]:
        return terms_argument(agreement), obligations_hash(agreement.obligations)

    @staticmethod
    def _with_obligation(agreement: Agreement, index: int) -> tuple[Any, ...]:
        hashes = [obligation_hash(obligation) for obligation in agreement.obligations]
        hashes[index] = bytes(32)  # filled in by the contract
        return terms_argument(agreement), hashes, obligation_argument(agreement.obligations[index])

    def _send(self, signer: Signer, name: str, *arguments: Any) -> TxReceipt | None:
        return self.connection.send(signer, self.contract.functions[name](*arguments), self.dry_run)

    def _read(self, name: str, *arguments: Any) -> Any:
        return self.connection.read(self.contract.functions[name](*arguments))
