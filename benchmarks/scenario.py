"""The scenario of every gas figure: obligations of three tiers, a joint period cap, 1 024 reports in the round, 3 of 5
signatures, fresh slots, OpenZeppelin's ERC-20, whole transactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from chain.clock import ManualClock
from chain.committee import Committee
from chain.connection import Connection, Receipt
from chain.deploy import deploy_committee, deploy_escrow, deploy_test_token
from chain.embedded import EmbeddedChain
from chain.escrow import Escrow
from chain.keys import LocalKey
from chain.logs import read_events
from chain.token import Token
from record.eip712 import agreement_preimage, round_preimage
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

START = 1_800_000_000
REPORTS = 1024
MEMBERS = 5
QUORUM = 3
WINDOW = 3 * 86_400
CHARGE = 1_000_000_000
COLLATERAL = 100 * CHARGE
BREACH_PPM = 985_000

# AWS compute SLA: below 99.99 % 10 %, below 99.0 % 30 %, below 95 % 100 % of the charge.
TIERS = (Tier(999_900, 100_000, 0, 0), Tier(990_000, 300_000, 0, 0), Tier(950_000, 1_000_000, 0, 0))


EventType = TypeVar("EventType", bound=Event)


class Scenario:
    """A chain with an escrow, a committee and a funded provider; the clock is moved by hand."""

    def __init__(self, fresh_tokens: bool) -> None:
        names = ("operator", "provider", "customer", "arbiter", *(f"member {i}" for i in range(MEMBERS)))
        self.keys = {name: LocalKey(keccak256(name.encode())) for name in names}
        self.clock = ManualClock(START)
        self.chain = EmbeddedChain([key.address for key in self.keys.values()], self.clock)
        self.connection = Connection(self.chain.web3)
        operator = self.keys["operator"]
        members = [self.keys[f"member {i}"].address for i in range(MEMBERS)]
        self.escrow = Escrow(self.connection, deploy_escrow(self.connection, operator))
        self.committee = Committee(
            self.connection, deploy_committee(self.connection, operator, members, QUORUM)
        )
        self.token = Token(
            self.connection, deploy_test_token(self.connection, operator, "Test USD", "tUSD", 6)
        )
        self.token.mint(operator, self.keys["provider"].address, 10**18)
        self.token.approve(self.keys["provider"], self.escrow.address, COLLATERAL)
        if not fresh_tokens:
            for account in (
                self.escrow.address,
                *(self.keys[name].address for name in ("customer", "arbiter")),
            ):
                self.token.mint(operator, account, 1)
        self.chain.follow()

    def agreement(self, obligations: int, periods: int = 36) -> Agreement:
        """Monthly periods, a fixed charge, a joint cap of twice the charge."""
        one = Obligation(
            indicator=keccak256(b"availability"),
            comparator=Comparator.AT_LEAST,
            pay_unit=PayUnit.CHARGE_PPM,
            missing_data=MissingData.IGNORE,
            cap=0,
            sane_min=0,
            sane_max=1_000_000,
            tiers=TIERS,
        )
        start = int(self.clock.now()) // 86_400 * 86_400
        return Agreement(
            parties=Parties(*(self.keys[name].address for name in ("provider", "customer", "arbiter"))),
            service=Service(
                committee=self.committee.address,
                start=start,
                unit=ScheduleUnit.MONTHS,
                length=1,
                count=periods,
                zone_lag_seconds=0,
                charge=CHARGE,
                charge_max=0,
                period_cap=2 * CHARGE,
            ),
            stake=Stake(
                token=self.token.address,
                bond=50_000_000,
                arbiter_fee=20_000_000,
                dispute_window=WINDOW,
                report_within=2 * 86_400,
                claim_within=400 * 86_400,
                rule_within=14 * 86_400,
                downstream=bytes(32),
            ),
            formation=Formation(
                document=keccak256(b"document"),
                collateral=COLLATERAL,
                predecessor=bytes(32),
                open_by=start + 7 * 86_400,
                exit_breaches=0,
                exit_periods=0,
            ),
            obligations=(one,) * obligations,
        )

    def open(self, agreement: Agreement) -> Receipt:
        """Signed by both, brought by an operator."""
        return sent(self.escrow.open(self.keys["operator"], agreement, *self._signed(agreement)))

    def amend(self, agreement: Agreement, predecessor: Agreement, count: int) -> Receipt:
        """The same for terms that take over from others after ``count`` of their periods."""
        signatures = self._signed(agreement)
        self.token.approve(self.keys["provider"], self.escrow.address, COLLATERAL)
        return sent(self.escrow.amend(self.keys["operator"], agreement, *signatures, predecessor, count))

    def _signed(self, agreement: Agreement) -> tuple[bytes, bytes]:
        message = agreement_preimage(agreement, self.escrow.domain)
        return self.keys["provider"].sign(message), self.keys["customer"].sign(message)

    def post(
        self, round_number: int, reports: Sequence[Report], size: int = REPORTS
    ) -> tuple[MerkleTree, Receipt]:
        """The round padded to ``size`` reports by those of other agreements, signed by three members."""
        padding = [
            Report(keccak256(f"agreement {i}".encode()), round_number, 0, 0, 1_000_000, CHARGE)
            for i in range(size - len(reports))
        ]
        tree = MerkleTree([*reports, *padding])
        bundle = keccak256(b"bundle")
        message = round_preimage(round_number, tree.root, bundle, self.committee.domain)
        signatures = [self.keys[f"member {i}"].sign(message) for i in range(QUORUM)]
        receipt = self.committee.post(
            self.keys["operator"], round_number, tree.root, bundle, tree.ordered, signatures
        )
        return tree, sent(receipt)

    def events(self, receipt: Receipt, kind: type[EventType]) -> list[EventType]:
        """The events of one kind in a transaction's block, which holds nothing else."""
        contracts = {self.escrow.address: ESCROW_EVENTS, self.committee.address: COMMITTEE_EVENTS}
        block = receipt["blockNumber"]
        logged = read_events(self.connection, contracts, block, block)
        return [entry.event for entry in logged if isinstance(entry.event, kind)]

    def pass_time(self, seconds: int) -> None:
        """Move the one clock."""
        self.clock.sleep(seconds)


def sent(receipt: Receipt | None) -> Receipt:
    """The receipt of what was really sent."""
    assert receipt is not None
    return receipt
