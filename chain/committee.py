"""The committee's actions, and what it knows."""

from __future__ import annotations

from collections.abc import Sequence

from web3.types import TxReceipt

from chain.connection import Connection
from chain.keys import Signer
from chain.messages import report_argument
from record.eip712 import committee_domain
from record.rotation import PendingRotation, Rotation
from sla.report import Report

INLINE_REPORTS = 32
"""Up to so many reports travel with their round, so that for small committees the chain alone suffices."""


class Committee:
    """The Committee at ``address``. Quorum and rotation delay (in seconds) never change; the members may."""

    def __init__(self, connection: Connection, address: str, dry_run: bool = False) -> None:
        self.connection = connection
        self.dry_run = dry_run
        self.contract = connection.contract("Committee", address)
        self.address = str(self.contract.address)
        self.domain = committee_domain(connection.chain_id, self.address)
        self.quorum = int(connection.read(self.contract.functions.quorum()))
        self.rotation_delay = int(connection.read(self.contract.functions.rotationDelay()))

    @property
    def members(self) -> tuple[str, ...]:
        """All members now, in the order of their index."""
        return self.members_at()

    def members_at(self, block: int | None = None) -> tuple[str, ...]:
        """All members after that block; now without one."""
        return tuple(map(str, self.connection.read(self.contract.functions.members(), block)))

    def pending_rotation(self, block: int | None = None) -> PendingRotation | None:
        """The rotation that waits after that block, or now; None when none does."""
        outgoing, incoming, effective_at = self.connection.read(
            self.contract.functions.pendingRotation(), block
        )
        return PendingRotation(str(outgoing), str(incoming), int(effective_at)) if effective_at else None

    def rotations(self) -> int:
        """How many rotations were proposed so far: the number of the next."""
        return int(self.connection.read(self.contract.functions.rotations()))

    def propose_rotation(
        self, signer: Signer, rotation: Rotation, signatures: Sequence[bytes]
    ) -> TxReceipt | None:
        """Bring a quorum's signatures for replacing a member. The chain counts: signatures of another number are
        no member's."""
        call = self.contract.functions.proposeRotation(rotation.outgoing, rotation.incoming, list(signatures))
        return self.connection.send(signer, call, self.dry_run)

    def rotate(self, signer: Signer) -> TxReceipt | None:
        """Carry out the pending rotation, once its delay is over."""
        return self.connection.send(signer, self.contract.functions.rotate(), self.dry_run)

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
