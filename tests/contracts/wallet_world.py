"""Multisig wallets as provider, customer and arbiter, on a bare EVM: they act only by what their owners signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi import encode

from chain.keys import LocalKey
from chain.messages import agreement_argument, obligation_argument, terms_argument
from record.eip712 import agreement_digest, obligation_hash, obligations_hash
from record.keccak import keccak256
from record.typed_data import Domain, Types, typed_preimage
from sla.agreement import Agreement
from tests.contracts.fast_chain import CHAIN_ID, function
from tests.contracts.fast_world import FUNDS
from tests.contracts.life_world import LifeWorld
from tests.contracts.world import UPTIME, changed

MESSAGE_TYPES: Types = {"Message": (("digest", "bytes32"),)}
CALL_TYPES: Types = {
    "Call": (("target", "address"), ("value", "uint256"), ("dataHash", "bytes32"), ("number", "uint256"))
}
THRESHOLD = 2


@dataclass(frozen=True, slots=True)
class Wallet:
    """Two of ``owners`` act; they are in the order of their addresses."""

    address: str
    owners: tuple[LocalKey, ...]

    @property
    def domain(self) -> Domain:
        """What the owners' signatures are bound to."""
        return Domain("Multisig Wallet", "1", CHAIN_ID, self.address)

    def signature(self, digest: bytes, signers: Sequence[LocalKey] | None = None) -> bytes:
        """What the wallet accepts as its own under a digest (ERC-1271)."""
        message = typed_preimage(self.domain, "Message", MESSAGE_TYPES, {"digest": digest})
        return b"".join(key.sign(message) for key in signers or self.owners[:THRESHOLD])


class WalletWorld(LifeWorld):
    """Three wallets; provider and customer hold the token."""

    def __init__(self) -> None:
        super().__init__()
        self.wallets = {name: self.new_wallet(name) for name in ("provider", "customer", "arbiter")}
        for name in ("provider", "customer"):
            self.chain.call("MoodyToken", self.token, "mint", self.wallets[name].address, FUNDS)
            self.execute(name, self.token, _encoded("MoodyToken", "approve", self.escrow, FUNDS))

    def new_wallet(self, name: str) -> Wallet:
        """A wallet of three owners of its own."""
        owners = owners_of(name)
        keys = [key.address for key in owners]
        return Wallet(self.chain.deploy("MultiSigWallet", keys, THRESHOLD), owners)

    def execute(self, name: str, target: str, data: bytes) -> None:
        """Do something in the wallet's name, brought by anyone."""
        wallet = self.wallets[name]
        number = self.chain.call("MultiSigWallet", wallet.address, "calls")
        call = {"target": target, "value": 0, "dataHash": keccak256(data), "number": number}
        message = typed_preimage(wallet.domain, "Call", CALL_TYPES, call)
        signatures = b"".join(key.sign(message) for key in wallet.owners[:THRESHOLD])
        self.chain.call("MultiSigWallet", wallet.address, "execute", target, 0, data, signatures)

    def swap_owner(self, name: str) -> None:
        """The first owner of a wallet is replaced, so that what that one signed is no longer valid."""
        incoming = owners_of("somebody else")[0].address
        arguments = (self.wallets[name].owners[0].address, incoming)
        self.execute(name, self.wallets[name].address, _encoded("MultiSigWallet", "swapOwner", *arguments))

    def act_as(self, name: str, action: str, *arguments: Any) -> None:
        """An action of the escrow in the wallet's name."""
        self.execute(name, self.escrow, _encoded("SLAEscrow", action, *arguments))

    def wallet_agreement(self, **parts: dict[str, Any]) -> Agreement:
        """The usual agreement between the wallets."""
        parties = {name: wallet.address for name, wallet in self.wallets.items()}
        return changed(self.agreement(), parties=parties, **parts)

    def wallet_signatures(self, digest: bytes) -> tuple[bytes, bytes]:
        """Both parties'."""
        return self.wallets["provider"].signature(digest), self.wallets["customer"].signature(digest)

    def wallet_opened(self, **parts: dict[str, Any]) -> Agreement:
        """The usual agreement between the wallets, in force."""
        agreement = self.wallet_agreement(**parts)
        signatures = self.wallet_signatures(agreement_digest(agreement, self.domain))
        self.act("open", agreement_argument(agreement), *signatures, by="operator")
        return agreement


def owners_of(name: str) -> tuple[LocalKey, ...]:
    """Three keys in the order of their addresses."""
    keys = [LocalKey(keccak256(f"{name} owner {number}".encode())) for number in range(3)]
    return tuple(sorted(keys, key=lambda key: int(key.address, 16)))


def fixed(agreement: Agreement) -> tuple[Any, ...]:
    """The terms and the obligations' hash."""
    return terms_argument(agreement), obligations_hash(agreement.obligations)


def with_uptime(agreement: Agreement) -> tuple[Any, ...]:
    """The terms, the obligations' hashes, the first obligation."""
    hashes = [obligation_hash(each) for each in agreement.obligations]
    return terms_argument(agreement), hashes, obligation_argument(agreement.obligations[UPTIME])


def _encoded(contract: str, name: str, *arguments: Any) -> bytes:
    selector, inputs, _ = function(contract, name)
    return selector + encode(inputs, arguments)
