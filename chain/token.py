"""The few things Makegood asks of an ERC-20 token."""

from __future__ import annotations

from web3.types import TxReceipt

from chain.connection import Connection
from chain.keys import Signer


class Token:
    """The ERC-20 at ``address``; amounts in base units. ``mint`` is the test token's own."""

    def __init__(self, connection: Connection, address: str) -> None:
        self.connection = connection
        self.contract = connection.contract("TestToken", address)
        self.address = str(self.contract.address)

    def balance_of(self, account: str) -> int:
        """What ``account`` holds."""
        return int(self.connection.read(self.contract.functions.balanceOf(account)))

    def symbol(self) -> str:
        """The name people know it by, "USDC"."""
        return str(self.connection.read(self.contract.functions.symbol()))

    def decimals(self) -> int:
        """How many base units, as a power of ten, make one whole."""
        return int(self.connection.read(self.contract.functions.decimals()))

    def approve(self, signer: Signer, spender: str, amount: int) -> TxReceipt | None:
        """Let ``spender`` pull up to ``amount``."""
        return self.connection.send(signer, self.contract.functions.approve(spender, amount))

    def mint(self, signer: Signer, to: str, amount: int) -> TxReceipt | None:
        """Make tokens out of nothing: the test token only."""
        return self.connection.send(signer, self.contract.functions.mint(to, amount))
