"""The committee's one action, and what it knows."""

from __future__ import annotations

from collections.abc import Sequence

from web3.types import TxReceipt

from chain.connection import Connection
from chain.keys import Signer
from chain.messages import report_argument
from record.eip712 import committee_domain
from sla.report import Report

INLINE_REPORTS = 32
"""Up to so many reports travel with their round, so that for small committees the chain alone suffices."""


class Committee:
    """The Committee at ``address``."""

    def __init__(self, connection: Connection, address: str, dry_run: bool = False) -> None:
        self.connection = connection
        self.dry_run = dry_run
        self.contract = connection.contract("Committee", address)
        self.address = str(self.contract.address)
        self.domain = committee_domain(connection.chain_id, self.address)
        self.members: tuple[str, ...] = tuple(connection.read(self.contract.functions.members()))
        self.quorum = int(connection.read(self.contract.functions.quorum()))

    def post(
        self,
        signer: Signer,
        round_number: int,
        root: bytes,
        bundle: bytes,
        reports: Sequence[Report],
        signatures: Sequence[bytes],
    ) -> TxReceipt | None:
        """Attest a root. ``reports`` in the order of the tree's leaves; they travel along up to ``INLINE_REPORTS``."""
        inline = [report_argument(report) for report in reports] if len(reports) <= INLINE_REPORTS else []
        call = self.contract.functions.post(round_number, root, bundle, inline, list(signatures))
        return self.connection.send(signer, call, self.dry_run)

    def publish(self, signer: Signer, root: bytes, reports: Sequence[Report]) -> TxReceipt | None:
        """Publish the reports of an attested root that was posted without them."""
        call = self.contract.functions.publish(root, [report_argument(report) for report in reports])
        return self.connection.send(signer, call, self.dry_run)

    def last_round(self) -> int:
        """The number of the last round posted; 0 before the first."""
        return int(self.connection.read(self.contract.functions.lastRound()))

    def attested_at(self, root: bytes) -> int:
        """When the root was attested; 0 if it was not."""
        return int(self.connection.read(self.contract.functions.attestedAt(root)))
