"""A transaction from its fields to the bytes a node takes: EIP-1559 (type 2), signed by any Signer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import rlp

from chain.keys import Signer, checked
from record.hexes import address_bytes

TYPE = b"\x02"


@dataclass(frozen=True, slots=True)
class Transaction:
    """What is signed. ``to`` is an address, or None for a deployment; fees are in wei per gas. ``value`` is in wei: of
    ours nothing is payable (R16) but a court's cost."""

    chain_id: int
    nonce: int
    max_priority_fee: int
    max_fee: int
    gas: int
    to: str | None
    data: bytes
    value: int = 0

    def preimage(self) -> bytes:
        """What the signer is given: 0x02 and the RLP of the nine fields. Source: https://eips.ethereum.org/EIPS/eip-1559"""
        return TYPE + bytes(rlp.encode(self._fields()))

    def signed(self, signer: Signer) -> bytes:
        """The raw transaction; SignerError unless the signature is the signer's own."""
        message = self.preimage()
        signature = checked(signer.sign(message), message, signer.address)
        r, s, parity = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64] - 27
        return TYPE + bytes(rlp.encode([*self._fields(), parity, r, s]))

    def dearer(self, max_fee: int) -> Transaction | None:
        """The same for at least an eighth more, which nodes ask of a replacement; None unless fees rose that much."""
        if max_fee < self.max_fee + self.max_fee // 8 + 1:
            return None
        return replace(
            self, max_fee=max_fee, max_priority_fee=self.max_priority_fee + self.max_priority_fee // 8 + 1
        )

    def _fields(self) -> list[object]:
        to = b"" if self.to is None else address_bytes(self.to)
        fees = [self.max_priority_fee, self.max_fee, self.gas]
        access_list = list[bytes]()
        return [self.chain_id, self.nonce, *fees, to, self.value, self.data, access_list]
