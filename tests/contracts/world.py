"""A chain with everything on it, and the moves that tests make over and over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_utils import to_checksum_address

from chain.clock import ManualClock
from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import deploy_committee, deploy_escrow, deploy_test_token
from chain.embedded import EmbeddedChain
from chain.errors import ChainError, Refused
from chain.escrow import Escrow
from chain.keys import LocalKey, Signer
from chain.logs import read_events
from chain.token import Token
from record.eip712 import agreement_preimage, round_preimage, termination_preimage
from record.events import COMMITTEE_EVENTS, ESCROW_EVENTS, Event
from record.keccak import keccak256
from record.merkle import MerkleTree
from sla.agreement import (
    Agreement,
    Comparator,
    Formation,
    MissingData,
    Obligation,
    Parties,
    PayUnit,
    ScheduleUnit,
    Service,
    Stake,
    Tier,
)
from sla.report import Report

DAY = 86_400
START = 20_833 * DAY
"""Midnight of 15 January 2027: the first second of period 0."""
MONTH = 30 * DAY
CHARGE = 1_000_000
COLLATERAL = 20_000_000
BOND, FEE = 500, 200
WINDOW, REPORT, CLAIM, RULE = 3 * DAY, 2 * DAY, 60 * DAY, 14 * DAY
MEMBERS, QUORUM = 4, 3
ROTATION_DELAY = 5 * DAY
BUNDLE = keccak256(b"bundle")

UPTIME, REPAIR = 0, 1
"""The two obligations of the usual agreement."""

GOOD, BAD, WORSE, WORST = 1_000_000, 995_000, 980_000, 0
"""Uptimes in parts per million, and what they pay of the charge of 1 000 000."""
PAYS = {GOOD: 0, BAD: 100_000, WORSE: 300_000, WORST: 1_000_000}

KEYS = {
    name: LocalKey(keccak256(name.encode()))
    for name in ("operator", "provider", "customer", "arbiter", "stranger")
}
MEMBER_KEYS = [LocalKey(keccak256(f"member {i}".encode())) for i in range(MEMBERS)]

UPTIME_OBLIGATION = Obligation(
    indicator=keccak256(b"uptime"),
    comparator=Comparator.AT_LEAST,
    pay_unit=PayUnit.CHARGE_PPM,
    missing_data=MissingData.IGNORE,
    cap=0,
    sane_min=0,
    sane_max=1_000_000,
    tiers=(Tier(999_900, 100_000, 0, 0), Tier(990_000, 300_000, 0, 0), Tier(950_000, 1_000_000, 0, 0)),
)
REPAIR_OBLIGATION = Obligation(
    indicator=keccak256(b"repair"),
    comparator=Comparator.AT_MOST,
    pay_unit=PayUnit.AMOUNT,
    missing_data=MissingData.BREACH,
    cap=900_000,
    sane_min=1,
    sane_max=1_000,
    tiers=(Tier(48, 0, 10_000, 24), Tier(120, 50_000, 20_000, 24)),
)


def usual_agreement(token: str, committee: str) -> Agreement:
    """Twelve periods of thirty days, a fixed charge, uptime and repair time, a joint cap of 1.2 charges."""
    return Agreement(
        parties=Parties(*(KEYS[name].address for name in ("provider", "customer", "arbiter"))),
        service=Service(
            committee=committee,
            start=START,
            unit=ScheduleUnit.SECONDS,
            length=MONTH,
            count=12,
            zone_lag_seconds=0,
            charge=CHARGE,
            charge_max=0,
            period_cap=1_200_000,
        ),
        stake=Stake(
            token=token,
            bond=BOND,
            arbiter_fee=FEE,
            dispute_window=WINDOW,
            report_within=REPORT,
            claim_within=CLAIM,
            rule_within=RULE,
            downstream=bytes(32),
        ),
        formation=Formation(
            document=keccak256(b"document"),
            collateral=COLLATERAL,
            predecessor=bytes(32),
            open_by=START + 7 * DAY,
            exit_breaches=0,
            exit_periods=0,
        ),
        obligations=(UPTIME_OBLIGATION, REPAIR_OBLIGATION),
    )


def changed(agreement: Agreement, **parts: dict[str, Any]) -> Agreement:
    """The agreement with members of its parts replaced: ``changed(a, stake={"bond": 1})``."""
    return replace(
        agreement, **{part: replace(getattr(agreement, part), **members) for part, members in parts.items()}
    )


def boundary_of(agreement: Agreement, k: int) -> int:
    """Boundary ``k`` of the usual schedule, in seconds UTC."""
    return agreement.service.start + k * agreement.service.length


def both_sign(message: bytes, provider: str = "provider", customer: str = "customer") -> tuple[bytes, bytes]:
    """The provider's and the customer's signature, or those of two others."""
    return KEYS[provider].sign(message), KEYS[customer].sign(message)


class World:
    """The embedded chain with an escrow, a committee and a token. The clock is moved by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        funded = [key.address for key in (*KEYS.values(), *MEMBER_KEYS)]
        self.chain = EmbeddedChain(funded, self.clock)
        self.connection = Connection(self.chain.web3)
        operator = KEYS["operator"]
        self.escrow = Escrow(self.connection, deploy_escrow(self.connection, operator))
        self.trial = Escrow(self.connection, self.escrow.address, dry_run=True)
        self.committee = self.new_committee()
        self.token = Token(
            self.connection, deploy_test_token(self.connection, operator, "Test USD", "tUSD", 6)
        )
        self.fund(self.token)
        self.moody_address, _ = self.connection.deploy(operator, "MoodyToken")
        self.fund(Token(self.connection, self.moody_address))
        self.chain.follow()
        self._tester = self.chain.web3.provider.ethereum_tester  # type: ignore[attr-defined]
        self._fresh = self._tester.take_snapshot()
        self._fresh_time = self.clock.time

    def reset(self) -> None:
        """As it was when it was made."""
        self._tester.revert_to_snapshot(self._fresh)
        self.clock.time = self._fresh_time

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Take back what happens within."""
        snapshot, time = self._tester.take_snapshot(), self.clock.time
        yield
        self._tester.revert_to_snapshot(snapshot)
        self.clock.time = time

    def new_committee(self) -> Committee:
        """A committee of the usual members."""
        members = [key.address for key in MEMBER_KEYS]
        return Committee(
            self.connection,
            deploy_committee(self.connection, KEYS["operator"], members, QUORUM, ROTATION_DELAY),
        )

    def fund(self, token: Token) -> None:
        """Both parties and the stranger hold the token and let the escrow pull it."""
        for name in ("provider", "customer", "stranger"):
            token.mint(KEYS["operator"], KEYS[name].address, 10**12)
            token.approve(KEYS[name], self.escrow.address, 10**12)

    # Time

    @property
    def now(self) -> int:
        """The clock's time."""
        return int(self.clock.now())

    def travel(self, time: int) -> None:
        """Go to ``time``. The next action is tried then, and its transaction mined a second later."""
        assert time >= self.now, "time runs forwards"
        self.clock.time = time

    def land(self, time: int) -> None:
        """Let the next transaction be mined at exactly ``time``; it is tried a second before."""
        assert time > self.now, "time runs forwards, and no two blocks share a second"
        self.clock.time = time - 1

    def at(self, time: int) -> Escrow:
        """An escrow that tries at exactly ``time``, and sends nothing."""
        assert time >= self.now, "time runs forwards"
        self.clock.time = time
        return self.trial

    # Agreements

    def agreement(self, token: str | None = None, **parts: dict[str, Any]) -> Agreement:
        """The usual agreement with changes."""
        return changed(usual_agreement(token or self.token.address, self.committee.address), **parts)

    def open(self, agreement: Agreement, *signers: str) -> bytes:
        """Signed by both, brought by the operator; its id."""
        agreement_id = self.escrow.id_of(agreement)
        self.escrow.open(KEYS["operator"], agreement, *self.signatures(agreement, *signers))
        return agreement_id

    def opened(self, token: str | None = None, **parts: dict[str, Any]) -> Agreement:
        """The usual agreement with changes, in force."""
        agreement = self.agreement(token, **parts)
        self.open(agreement)
        return agreement

    def opened_between(self, provider: str, customer: str, **parts: dict[str, Any]) -> Agreement:
        """The usual agreement with changes between others, in force."""
        parties = {"provider": KEYS[provider].address, "customer": KEYS[customer].address}
        agreement = changed(self.agreement(parties=parties), **parts)
        self.open(agreement, provider, customer)
        return agreement

    def signatures(self, agreement: Agreement, *signers: str) -> tuple[bytes, bytes]:
        """The provider's and the customer's, or those of two others."""
        return both_sign(agreement_preimage(agreement, self.escrow.domain), *signers)

    def amendment(self, predecessor: Agreement, count: int, **parts: dict[str, Any]) -> Agreement:
        """The predecessor's terms with changes, from its boundary ``count`` of the usual schedule on; nothing more is
        pulled unless ``formation`` says so. It runs for what is left of the predecessor, at least one period."""
        service, formation = parts.pop("service", {}), parts.pop("formation", {})
        start = boundary_of(predecessor, count)
        left = max(1, predecessor.service.count - count)
        return changed(
            predecessor,
            service={"start": start, "count": left, **service},
            formation={
                "predecessor": self.escrow.id_of(predecessor),
                "open_by": start,
                "collateral": 0,
                **formation,
            },
            **parts,
        )

    def amend(self, agreement: Agreement, predecessor: Agreement, count: int) -> bytes:
        """Signed by both, brought by the operator; its id."""
        signatures = self.signatures(agreement)
        self.escrow.amend(KEYS["operator"], agreement, *signatures, predecessor, count)
        return self.escrow.id_of(agreement)

    def amended(self, predecessor: Agreement, count: int, **parts: dict[str, Any]) -> Agreement:
        """The predecessor's terms with changes, in force from its boundary ``count`` on."""
        agreement = self.amendment(predecessor, count, **parts)
        self.amend(agreement, predecessor, count)
        return agreement

    def terminate(self, agreement: Agreement, count: int, valid_by: int | None = None) -> None:
        """End it after ``count`` periods: signed by both, brought by the operator."""
        until = self.now + DAY if valid_by is None else valid_by
        self.escrow.terminate(
            KEYS["operator"], agreement, count, until, *self.termination_signatures(agreement, count, until)
        )

    def termination_signatures(self, agreement: Agreement, count: int, valid_by: int) -> tuple[bytes, bytes]:
        """The provider's and the customer's."""
        agreement_id = self.escrow.id_of(agreement)
        return both_sign(termination_preimage(agreement_id, count, valid_by, self.escrow.domain))

    def exit(
        self, agreement: Agreement, count: int, *breaches: tuple[int, int], by: str = "customer"
    ) -> None:
        """Leave before period ``count``."""
        self.escrow.exit(KEYS[by], agreement, count, breaches)

    def link(self, agreement: Agreement, downstream: Agreement, by: str = "stranger") -> None:
        """Direct what the agreement pays into the downstream's escrow."""
        self.escrow.link(KEYS[by], agreement, downstream)

    # Rounds

    def report(
        self,
        agreement: Agreement,
        attained: int,
        period: int = 0,
        obligation: int = UPTIME,
        revision: int = 0,
        charge: int | None = None,
    ) -> Report:
        """A leaf about the agreement."""
        agreed = agreement.service.charge if charge is None else charge
        return Report(self.escrow.id_of(agreement), period, obligation, revision, attained, agreed)

    def post(self, *reports: Report, committee: Committee | None = None) -> MerkleTree:
        """The next round, posted now, with the reports in it, among others."""
        by = committee or self.committee
        number = by.last_round() + 1
        others = [Report(keccak256(bytes([i])), number, 0, 0, GOOD, 0) for i in range(2)]
        tree = MerkleTree([*reports, *others])
        message = round_preimage(number, tree.root, BUNDLE, by.domain)
        signatures = [key.sign(message) for key in MEMBER_KEYS[:QUORUM]]
        by.post(KEYS["operator"], number, tree.root, BUNDLE, tree.ordered, signatures)
        return tree

    # Claims

    def end_of(self, agreement: Agreement, period: int) -> int:
        """The end of a period of the usual schedule."""
        return boundary_of(agreement, period + 1) + agreement.service.zone_lag_seconds

    def claim(self, agreement: Agreement, report: Report, tree: MerkleTree, by: str = "operator") -> None:
        """Bring a report."""
        self.escrow.claim(KEYS[by], agreement, report, tree.proof(report))

    def claimed(
        self,
        agreement: Agreement,
        attained: int = BAD,
        period: int = 0,
        obligation: int = UPTIME,
        revision: int = 0,
    ) -> Report:
        """A report posted and brought; travels to the period's end where that is ahead."""
        self.land(max(self.now + 1, self.end_of(agreement, period)))
        report = self.report(agreement, attained, period, obligation, revision)
        self.claim(agreement, report, self.post(report))
        return report

    def paid(
        self, agreement: Agreement, attained: int = BAD, period: int = 0, obligation: int = UPTIME
    ) -> None:
        """A claim settled as soon as its window is over."""
        self.claimed(agreement, attained, period, obligation)
        self.travel(self.now + agreement.stake.dispute_window)
        self.settle(agreement, (period, obligation))

    def disputed(self, agreement: Agreement, attained: int = WORSE, alleged: int = BAD) -> None:
        """A claim the provider contests."""
        self.claimed(agreement, attained)
        self.dispute(agreement, "provider", alleged)

    def dispute(self, agreement: Agreement, by: str, alleged: int, period: int = 0) -> None:
        """Contest the claim of the first obligation."""
        self.escrow.dispute(KEYS[by], agreement, period, UPTIME, alleged, agreement.service.charge)

    def concede(self, agreement: Agreement, by: str, alleged: int, period: int = 0) -> None:
        """Accept the compensation alleged for the first obligation."""
        self.escrow.concede(KEYS[by], agreement, period, UPTIME, alleged)

    def rule(self, agreement: Agreement, attained: int, by: str = "arbiter", period: int = 0) -> None:
        """Rule the contest of the first obligation."""
        self.escrow.rule(KEYS[by], agreement, period, UPTIME, attained, agreement.service.charge)

    def settle(self, agreement: Agreement, *keys: tuple[int, int], by: str = "stranger") -> None:
        """Settle claims, the first obligation's in the first period unless others are named."""
        self.escrow.settle(KEYS[by], agreement, list(keys) or [(0, UPTIME)])

    # Money

    def balance(self, who: str, token: str | None = None) -> int:
        """What a person, or the account at an address, holds."""
        account = KEYS[who].address if who in KEYS else who
        return Token(self.connection, token or self.token.address).balance_of(account)

    def moods(self, transfer: str = "Plain", pull: str = "Plain", fee_ppm: int = 0, size: int = 0) -> None:
        """Tell the moody token how to behave."""
        self.send("MoodyToken", self.moody_address, "set", MOODS[transfer], MOODS[pull], fee_ppm, size)

    # Raw

    def send(self, name: str, address: str, call: str, *arguments: Any, by: Signer | None = None) -> None:
        """Call any function of any contract."""
        contract = self.connection.contract(name, address)
        self.connection.send(by or KEYS["operator"], contract.functions[call](*arguments))

    def view(self, name: str, address: str, call: str, *arguments: Any) -> Any:
        """Read any view of any contract."""
        return self.connection.read(self.connection.contract(name, address).functions[call](*arguments))

    def deploy(self, name: str, *arguments: Any) -> str:
        """The address of a new contract."""
        return self.connection.deploy(KEYS["operator"], name, *arguments)[0]

    def delegate(self, who: str, to: str) -> None:
        """Give a person's account the code at an address, or none for the zero address (EIP-7702)."""
        authorisation = Account.sign_authorization(
            {
                "chainId": self.connection.chain_id,
                "address": to,
                "nonce": self.connection.web3.eth.get_transaction_count(
                    to_checksum_address(KEYS[who].address)
                ),
            },
            keccak256(who.encode()),
        )
        to = KEYS["operator"].address
        self._send_raw("operator", {"to": to, "data": b"", "authorizationList": [authorisation]}, 1_000_000)

    def mine(self, to: str, data: bytes, gas: int, by: str = "stranger") -> bool:
        """Send without trying, with this much gas; whether it succeeded."""
        return self._send_raw(by, {"to": to_checksum_address(to), "data": data}, gas)

    def _send_raw(self, by: str, fields: Mapping[str, Any], gas: int) -> bool:
        transaction = {
            **fields,
            "value": 0,
            "gas": gas,
            "chainId": self.connection.chain_id,
            "nonce": self.connection.web3.eth.get_transaction_count(to_checksum_address(KEYS[by].address)),
            "maxFeePerGas": 10**10,
            "maxPriorityFeePerGas": 10**9,
        }
        raw = Account.sign_transaction(transaction, keccak256(by.encode())).raw_transaction
        return self.connection.wait(self.connection.web3.eth.send_raw_transaction(raw))["status"] == 1

    # Events

    def events(self, *kinds: type[Event]) -> list[Any]:
        """All events of escrow and committee since the first block, or those of some kinds."""
        contracts = {self.escrow.address: ESCROW_EVENTS, self.committee.address: COMMITTEE_EVENTS}
        last = self.connection.web3.eth.block_number
        found = [logged.event for logged in read_events(self.connection, contracts, 0, last)]
        return [event for event in found if not kinds or isinstance(event, kinds)]


MOODS = {
    name: number
    for number, name in enumerate(
        (
            "Plain",
            "ReturnsFalse",
            "ReturnsNothing",
            "ReturnsTwo",
            "ReturnsOneByte",
            "Reverts",
            "RevertsWithBomb",
            "ReturnsBomb",
            "BurnsGas",
            "Works",
            "Reenters",
        )
    )
}
"""``MoodyToken.Mood``."""


@contextmanager
def refused(name: str, **values: Any) -> Iterator[None]:
    """What happens within is refused with this custom error and, where any are given, exactly these values."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.name == name
    if values:
        assert caught.value.values_by_name == values


@contextmanager
def fails() -> Iterator[None]:
    """What happens within reverts without an error of ours: a token's own, or the compiler's check of a value."""
    with pytest.raises(ChainError) as caught:
        yield
    assert not isinstance(caught.value, Refused) or caught.value.name.startswith("ERC20")
