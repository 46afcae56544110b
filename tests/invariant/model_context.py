"""What the model's rules share: the books, the tokens, the call that is running, and how tokens move."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from record.typed_data import Domain
from tests.invariant.books import Account, Books
from tests.invariant.calls import Call, Signature, address_of
from tests.invariant.deal import Deal

PPM = 1_000_000
UINT96_MAX = 2**96 - 1
GAS_NEEDED = 300_000 * 64 // 63 + 60_000
"""What must be left where the escrow sends tokens (R17)."""

Emitted = tuple[str, str, tuple[Any, ...]]
"""Address, event, values in the order of its declaration."""

FAILING_TRANSFERS = ("ReturnsFalse", "ReturnsTwo", "ReturnsOneByte", "Reverts")


class Refused(Exception):
    """The custom error a call is refused with."""

    def __init__(self, name: str, *values: Any) -> None:
        super().__init__(f"{name}{values}")
        self.name, self.values = name, values


@dataclass
class Token:
    """How a token behaves at present: what stays on the way, its moods (``MoodyToken.Mood``), whom it refuses."""

    name: str
    address: str
    fee_ppm: int = 0
    transfer_mood: str = "Plain"
    pull_mood: str = "Plain"
    blocked: set[str] = field(default_factory=set)

    def after_fee(self, amount: int) -> int:
        """What arrives."""
        return amount - amount * self.fee_ppm // PPM


class Context:
    """``owners`` are the wallets that are contracts, and whose signatures count for them."""

    def __init__(
        self, escrow: str, committee: str, domain: Domain, committee_domain: Domain, quorum: int, delay: int
    ) -> None:
        self.escrow, self.committee = escrow, committee
        self.domain, self.committee_domain = domain, committee_domain
        self.quorum, self.delay = quorum, delay
        self.books = Books()
        self.tokens: dict[str, Token] = {}
        self.owners: dict[str, str] = {}
        self.addresses: dict[str, str] = {}
        self.now = 0
        self.part = Call("", "", ())
        self.has_low_gas = False
        self.events: list[Emitted] = []

    def begin(self, now: int, call: Call) -> None:
        """A call comes in."""
        self.now, self.part, self.has_low_gas = now, call, call.with_low_gas
        self.caller = self.addresses[call.by]
        self.events = []

    def emit(self, name: str, *values: Any) -> None:
        """An event of the escrow."""
        self.events.append((self.escrow, name, values))

    # Agreements

    def require_known(self, deal: Deal) -> bytes:
        """The first version's id; only what was opened is known."""
        if not self.books.firsts[deal.id].strip(b"\0"):
            raise Refused("AgreementUnknown", deal.id)
        return self.books.firsts[deal.id]

    def account(self, first: bytes) -> Account:
        """The money under a first version."""
        account = self.books.accounts[first]
        assert account is not None
        return account

    def head(self, first: bytes) -> bytes:
        """The version that no other has taken over from."""
        return self.books.chains[first][-1]

    def require_signed(self, party: str, digest: bytes, signature: Signature) -> None:
        """The party's own signature of exactly this; a contract's by its owner."""
        signer = self.owners.get(party, party)
        if signature.digest != digest or not signature.by or address_of(signature.by) != signer:
            raise Refused("SignatureInvalid", party)

    # Tokens

    def move(self, token: Token, giver: str, to: str, amount: int) -> None:
        """What a token that works does."""
        balances = self.books.balances
        if balances[token.address, giver] < amount:
            raise Refused("Panic", 0x11)
        balances[token.address, giver] -= amount
        balances[token.address, to] += token.after_fee(amount)

    def pull(self, address: str, giver: str, amount: int) -> int:
        """Into the escrow; what arrives counts (R18)."""
        token = self.tokens[address]
        if amount == 0:
            return 0
        if token.pull_mood == "Reverts":
            raise Refused("Blocked", giver)
        if token.pull_mood in FAILING_TRANSFERS:
            raise Refused("SafeERC20FailedOperation", address)
        self.move(token, giver, self.escrow, amount)
        arrived = token.after_fee(amount)
        if arrived > UINT96_MAX:
            raise Refused("SafeCastOverflowedUintDowncast", 96, arrived)
        return arrived

    def try_send(self, address: str, to: str, amount: int) -> bool:
        """Out of the escrow; whether the token did it. Nobody starves the transfer of gas (R17)."""
        if self.has_low_gas:
            raise Refused("GasTooLow")
        token = self.tokens[address]
        if to in token.blocked or token.transfer_mood in FAILING_TRANSFERS:
            return False
        self.move(token, self.escrow, to, amount)
        return True

    def send(self, address: str, to: str, amount: int) -> None:
        """Out of the escrow, or else withdrawable (R17)."""
        if amount == 0 or self.try_send(address, to, amount):
            return
        self.books.withdrawable[address, to] += amount
        self.emit("TransferWithheld", address, to, amount)
