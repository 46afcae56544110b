"""Escrow, committee and moody tokens on a bare EVM, for sweeps and state machines; actions named as in the escrow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from eth_abi import encode

from chain.messages import agreement_argument, claim_arguments, obligation_argument, terms_argument
from record.eip712 import (
    agreement_digest,
    agreement_preimage,
    committee_domain,
    escrow_domain,
    obligation_hash,
    obligations_hash,
    round_preimage,
    termination_preimage,
)
from record.events import COMMITTEE_EVENTS, ESCROW_EVENTS, Event
from record.merkle import MerkleTree
from sla.agreement import Agreement
from sla.report import Report
from tests.contracts.fast_chain import CHAIN_ID, GAS, FastChain, function
from tests.contracts.world import (
    BUNDLE,
    KEYS,
    MEMBER_KEYS,
    QUORUM,
    ROTATION_DELAY,
    START,
    both_sign,
    changed,
    usual_agreement,
)

FUNDS = 10**15


class FastWorld:
    """``now`` is the chain's time; an action is a call by ``by`` within ``gas``, or CallFailed."""

    def __init__(self) -> None:
        self.chain = FastChain(START)
        self.escrow = self.chain.deploy("SLAEscrow")
        members = [key.address for key in MEMBER_KEYS]
        self.committee = self.chain.deploy("Committee", members, QUORUM, ROTATION_DELAY)
        self.domain = escrow_domain(CHAIN_ID, self.escrow)
        self.committee_domain = committee_domain(CHAIN_ID, self.committee)
        self.round = 0
        self.token = self.new_token()

    # Set-up

    def new_token(self) -> str:
        """A moody token that provider, customer and stranger hold, and let the escrow pull."""
        token = self.chain.deploy("MoodyToken")
        for name in ("provider", "customer", "stranger"):
            holder = KEYS[name].address
            self.chain.call("MoodyToken", token, "mint", holder, FUNDS)
            self.chain.call("MoodyToken", token, "approve", self.escrow, 2**255, sender=holder)
        return token

    def moods(self, token: str, transfer: int = 0, pull: int = 0, fee_ppm: int = 0, size: int = 0) -> None:
        """Tell a token how to behave: see ``MOODS``."""
        self.chain.call("MoodyToken", token, "set", transfer, pull, fee_ppm, size)

    def agreement(self, token: str | None = None, **parts: dict[str, Any]) -> Agreement:
        """The usual agreement with changes."""
        return changed(usual_agreement(token or self.token, self.committee), **parts)

    def id_of(self, agreement: Agreement) -> bytes:
        """The digest both parties sign."""
        return agreement_digest(agreement, self.domain)

    @property
    def now(self) -> int:
        """The chain's time."""
        return self.chain.time

    # Actions

    def open(self, agreement: Agreement, by: str = "operator") -> bytes:
        """The id of the agreement, signed by both and brought."""
        digest = self.id_of(agreement)
        signatures = both_sign(agreement_preimage(agreement, self.domain))
        self.act("open", agreement_argument(agreement), *signatures, by=by)
        return digest

    def amend(
        self,
        agreement: Agreement,
        predecessor: Agreement,
        count: int,
        by: str = "operator",
        gas: int = GAS,
    ) -> bytes:
        """The id of terms that take over from the predecessor after ``count`` periods, signed by both and brought."""
        signatures = both_sign(agreement_preimage(agreement, self.domain))
        arguments = (agreement_argument(agreement), *signatures, *self.fixed(predecessor), count)
        self.act("amend", *arguments, by=by, gas=gas)
        return self.id_of(agreement)

    def terminate(
        self, agreement: Agreement, count: int, valid_by: int, by: str = "operator", gas: int = GAS
    ) -> None:
        """End the agreement after ``count`` periods, signed by both and brought."""
        digest = self.id_of(agreement)
        signatures = both_sign(termination_preimage(digest, count, valid_by, self.domain))
        self.act("terminate", *self.fixed(agreement), count, valid_by, *signatures, by=by, gas=gas)

    def exit(
        self,
        agreement: Agreement,
        count: int,
        breaches: Sequence[tuple[int, int]],
        by: str = "customer",
        gas: int = GAS,
    ) -> None:
        """Leave before period ``count``."""
        formation = agreement_argument(agreement)[3]
        self.act("exit", *self.fixed(agreement), formation, count, list(breaches), by=by, gas=gas)

    def link(self, agreement: Agreement, downstream: Agreement, by: str = "stranger", gas: int = GAS) -> None:
        """Direct what the agreement pays into the downstream's escrow."""
        self.act("link", *self.fixed(agreement), *self.fixed(downstream), by=by, gas=gas)

    def deposit(self, agreement: Agreement, amount: int, by: str = "provider", gas: int = GAS) -> None:
        """Add to the collateral."""
        self.act("deposit", *self.fixed(agreement), amount, by=by, gas=gas)

    def post(self, *reports: Report) -> MerkleTree:
        """The next round, with these reports."""
        self.round += 1
        tree = MerkleTree(reports)
        message = round_preimage(self.round, tree.root, BUNDLE, self.committee_domain)
        signatures = [key.sign(message) for key in MEMBER_KEYS[:QUORUM]]
        self.chain.call(
            "Committee", self.committee, "post", self.round, tree.root, BUNDLE, [], signatures,
            sender=KEYS["operator"].address,
        )  # fmt: skip
        return tree

    def claim(
        self,
        agreement: Agreement,
        report: Report,
        proof: Sequence[bytes],
        by: str = "operator",
        gas: int = GAS,
    ) -> None:
        """Bring a report."""
        part = _with_obligation(agreement, report.obligation)
        self.act("claim", *part, *claim_arguments(report), list(proof), by=by, gas=gas)

    def dispute(
        self, agreement: Agreement, key: tuple[int, int], found: tuple[int, int], by: str, gas: int = GAS
    ) -> None:
        """Contest a claim."""
        self.act("dispute", *_with_obligation(agreement, key[1]), key, found, by=by, gas=gas)

    def concede(
        self, agreement: Agreement, key: tuple[int, int], alleged: int, by: str, gas: int = GAS
    ) -> None:
        """Accept the compensation alleged."""
        self.act("concede", *self.fixed(agreement), key, alleged, by=by, gas=gas)

    def submit_evidence(
        self,
        agreement: Agreement,
        key: tuple[int, int],
        content_hash: bytes,
        uri: str,
        by: str,
        gas: int = GAS,
    ) -> None:
        """Name a document."""
        self.act("submitEvidence", *self.fixed(agreement), key, content_hash, uri, by=by, gas=gas)

    def rule(
        self,
        agreement: Agreement,
        key: tuple[int, int],
        found: tuple[int, int],
        by: str = "arbiter",
        gas: int = GAS,
    ) -> None:
        """Rule a dispute."""
        self.act("rule", *_with_obligation(agreement, key[1]), key, found, by=by, gas=gas)

    def settle(
        self, agreement: Agreement, keys: Sequence[tuple[int, int]], by: str = "stranger", gas: int = GAS
    ) -> None:
        """Settle claims."""
        self.act("settle", *self.fixed(agreement), list(keys), by=by, gas=gas)

    def release(self, agreement: Agreement, by: str = "stranger", gas: int = GAS) -> None:
        """Give the rest back."""
        self.act("release", *self.fixed(agreement), by=by, gas=gas)

    def withdraw(self, token: str, account: str, to: str, by: str = "stranger", gas: int = GAS) -> None:
        """Pay out what was withheld."""
        self.act("withdraw", token, account, to, by=by, gas=gas)

    def act(self, name: str, *arguments: Any, by: str, gas: int = GAS) -> None:
        """Any action of the escrow."""
        selector, inputs, _ = function("SLAEscrow", name)
        sender = KEYS[by].address if by in KEYS else by
        self.chain.send(self.escrow, selector + encode(inputs, arguments), sender, gas)

    @staticmethod
    def fixed(agreement: Agreement) -> tuple[Any, ...]:
        """The terms and the obligations' hash, as most actions bring them."""
        return _fixed(agreement)

    # What is

    def events(self) -> list[Event]:
        """What escrow and committee emitted in the last call."""
        return [
            *self.chain.events(self.committee, COMMITTEE_EVENTS),
            *self.chain.events(self.escrow, ESCROW_EVENTS),
        ]

    def view(self, name: str, *arguments: Any) -> Any:
        """A view of the escrow."""
        return self.chain.view("SLAEscrow", self.escrow, name, *arguments)

    def balance(self, account: str, token: str | None = None) -> int:
        """What an account holds."""
        holder = KEYS[account].address if account in KEYS else account
        return int(self.chain.view("MoodyToken", token or self.token, "balanceOf", holder))

    def withdrawable(self, account: str, token: str | None = None) -> int:
        """What an account may withdraw."""
        holder = KEYS[account].address if account in KEYS else account
        return int(self.view("withdrawable", token or self.token, holder))


@lru_cache(maxsize=1_000)
def _fixed(agreement: Agreement) -> tuple[Any, ...]:
    return terms_argument(agreement), obligations_hash(agreement.obligations)


@lru_cache(maxsize=1_000)
def _with_obligation(agreement: Agreement, index: int) -> tuple[Any, ...]:
    hashes = [obligation_hash(obligation) for obligation in agreement.obligations]
    return terms_argument(agreement), hashes, obligation_argument(agreement.obligations[index])
