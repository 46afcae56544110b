"""The few things Makegood asks of an ERC-20 token."""

from __future__ import annotations

from web3.types import TxReceipt

from chain.connection import Connection
from chain.errors import ChainError
from chain.keys import Signer
from record.readable import amount_text
from sla.errors import Kind


class TokensMissing(ChainError):
    """An account holds fewer tokens than it is to give."""

    kind = Kind.REFUSED


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

    def allowance(self, owner: str, spender: str) -> int:
        """What ``spender`` may still pull from ``owner``."""
        return int(self.connection.read(self.contract.functions.allowance(owner, spender)))

    def allow(self, signer: Signer, spender: str, amount: int, dry_run: bool = False) -> bool:
        """See to it that ``spender`` may pull ``amount``: exactly that, unless more is allowed already.

        False when that was only tried (``dry_run``). TokensMissing when the signer does not hold so much, before
        anything is sent. Some tokens change an allowance only from zero.
        """
        held = self.balance_of(signer.address)
        if held < amount:
            shown = [amount_text(each, self.decimals(), self.symbol()) for each in (held, amount)]
            raise TokensMissing(
                f"{signer.address} holds {shown[0]} of the {shown[1]} needed", "fetch the rest first"
            )
        allowed = self.allowance(signer.address, spender)
        if allowed >= amount:
            return True
        if allowed and not dry_run:
            self.approve(signer, spender, 0)
        return (
            self.connection.send(signer, self.contract.functions.approve(spender, amount), dry_run)
            is not None
        )

    def mint(self, signer: Signer, to: str, amount: int) -> TxReceipt | None:
        """Make tokens out of nothing: the test token only."""
        return self.connection.send(signer, self.contract.functions.mint(to, amount))
