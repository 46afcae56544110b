"""Contracts on an embedded chain whose clock is moved by hand, several agreements, and a fleet that reads files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from audit import TrustRoots
from audit.folder import read_folder
from chain.clock import ManualClock
from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import ROTATION_DELAY_SECONDS, deploy_committee, deploy_escrow, deploy_test_token
from chain.embedded import EmbeddedChain
from chain.escrow import Escrow
from chain.keys import LocalKey
from chain.pack import export_pack
from chain.pack_blocks import EmbeddedBlocks
from chain.token import Token
from oracle.fleet import Fleet
from oracle.settings import Settings
from record.eip712 import agreement_preimage, termination_preimage
from record.hexes import parse_address, to_hex
from record.keccak import keccak256
from record.terms import TermsDocument, load_terms
from sla.agreement import Agreement
from tests.shop_terms import moment, shop_terms

START = 1_800_000_000
OPEN_BY = START + 16 * 3_600
LENGTH, WINDOW, RULING, REPORT_WITHIN = 100, 20, 60, 4
"""Seconds. A report is overdue before the fleet posts it, so that a leafless dispute can begin."""
CHARGE, BOND = 1_000, 10
MEMBERS = [LocalKey(keccak256(f"member {number}".encode())) for number in range(4)]
OPERATOR, PROVIDER, CUSTOMER, ARBITER, RESELLER, READER = (
    LocalKey(keccak256(name.encode()))
    for name in ("operator", "provider", "customer", "arbiter", "reseller", "reader")
)
SETTINGS = Settings(
    observe_after_seconds=2, collect_after_seconds=8, turn_seconds=6, dry_run=False, finality="latest"
)


class Market:
    """``documents`` are what the fleet is given; each agreement reads the file of its own name. ``newcomers`` may
    come into the committee, after ``delay`` seconds; ``funded`` are who have money to begin with."""

    def __init__(
        self,
        folder: Path,
        *,
        newcomers: Sequence[LocalKey] = (),
        delay: int = ROTATION_DELAY_SECONDS,
        funded: Sequence[LocalKey] = (PROVIDER, CUSTOMER, RESELLER),
    ) -> None:
        self.folder = folder
        self.clock = ManualClock(START - 40)
        people = (*MEMBERS, *newcomers, OPERATOR, PROVIDER, CUSTOMER, ARBITER, RESELLER, READER)
        self.chain = EmbeddedChain([key.address for key in people], self.clock)
        self.connection = Connection(self.chain.web3)
        members = [key.address for key in MEMBERS]
        self.committee = Committee(
            self.connection, deploy_committee(self.connection, OPERATOR, members, 3, delay)
        )
        self.escrow = Escrow(self.connection, deploy_escrow(self.connection, OPERATOR))
        self.token = Token(self.connection, deploy_test_token(self.connection, OPERATOR, "Test", "TUSD", 0))
        for key in funded:
            self.token.mint(OPERATOR, key.address, 50_000)
            self.token.approve(key, self.escrow.address, 50_000)
        self.chain.follow()
        self.documents: list[TermsDocument] = []
        self.told: list[tuple[int, str, Mapping[str, object]]] = []
        self.fleet: Fleet | None = None

    # The parties' part

    def open(self, document: TermsDocument, provider: LocalKey, customer: LocalKey) -> Agreement:
        """Both sign, anybody brings it."""
        agreement = document.agreement()
        message = agreement_preimage(agreement, self.escrow.domain)
        self.escrow.open(OPERATOR, agreement, provider.sign(message), customer.sign(message))
        return agreement

    def amend(self, before: Agreement, document: TermsDocument, count: int) -> Agreement:
        """The provider and the customer sign terms that take over after ``count`` periods."""
        agreement = document.agreement()
        message = agreement_preimage(agreement, self.escrow.domain)
        signatures = PROVIDER.sign(message), CUSTOMER.sign(message)
        self.escrow.amend(OPERATOR, agreement, *signatures, before, count)
        return agreement

    def terminate(self, agreement: Agreement, count: int) -> None:
        """The provider and the customer end it after ``count`` periods."""
        until = int(self.clock.now()) + 100
        message = termination_preimage(self.id_of(agreement), count, until, self.escrow.domain)
        signatures = PROVIDER.sign(message), CUSTOMER.sign(message)
        self.escrow.terminate(OPERATOR, agreement, count, until, *signatures)

    def leave(self, agreement: Agreement, count: int, breach: tuple[int, int]) -> None:
        """The customer exits after ``count`` periods."""
        self.escrow.exit(CUSTOMER, agreement, count, [breach])

    def id_of(self, agreement: Agreement) -> bytes:
        return self.escrow.id_of(agreement)

    def balance(self, key: LocalKey) -> int:
        return self.token.balance_of(key.address)

    # The fleet's part

    def start(self, *keys: LocalKey) -> Fleet:
        """A node for each key, the four members' if none is named; of all documents made so far."""
        self.fleet = Fleet(
            self.connection,
            self.escrow.address,
            self.committee.address,
            keys or MEMBERS,
            self.documents,
            self.folder,
            SETTINGS,
            files=self.folder,
            clock=self.clock,
            on_event=lambda kind, details: self.told.append((int(str(details["node"])), kind, details)),
        )
        return self.fleet

    def run(self, *moments: int) -> None:
        """A cycle of every node at each of these seconds after the start."""
        assert self.fleet is not None
        for seconds in moments:
            self.to(seconds)
            self.fleet.cycle()

    def to(self, seconds: int) -> None:
        """Let time pass."""
        self.clock.time = max(self.clock.time + 1, START + seconds)

    def samples(self, name: str, good_ppm: int, periods: int = 1, first: int = 0) -> None:
        """What the monitor saw of an agreement's service in ``periods`` periods from ``first`` on: a sample every two
        seconds, so many of them good."""
        each = LENGTH // 2
        good = good_ppm * each // 1_000_000
        seen = {
            START + period * LENGTH + 2 * number: 200 if number < good else 503
            for period in range(first, first + periods)
            for number in range(each)
        }
        self.record(name, seen)

    def record(self, name: str, seen: Mapping[int, int]) -> None:
        """The monitor's file: the status at each of these times."""
        rows = [f"{moment(time)}Z,true,{status},0" for time, status in seen.items()]
        text = "\n".join(["time,known,status,latency_us", *rows]) + "\n"
        (self.folder / f"{name}.csv").write_text(text)

    def details(self, kind: str, agreement: Agreement | None = None) -> list[Mapping[str, object]]:
        """What the nodes told of one kind, about one agreement or all."""
        shown = None if agreement is None else to_hex(self.id_of(agreement))
        return [
            details
            for _, told, details in self.told
            if told == kind and shown in (None, details.get("agreement"))
        ]

    def export(self) -> tuple[dict[str, bytes], TrustRoots]:
        """The pack's files, and the roots to check it against."""
        fleet = self.fleet
        assert fleet is not None

        def find(bundle: bytes) -> bytes | None:
            return next((data for node in fleet.nodes if (data := node.bundle(bundle)) is not None), None)

        folder = self.folder / "pack"
        blocks = EmbeddedBlocks(self.chain)
        made = export_pack(
            self.connection, self.escrow.address, [self.committee.address], 0, find, folder, blocks=blocks
        )
        roots = TrustRoots(
            made["chainId"],
            made["escrow"],
            (parse_address(self.committee.address),),
            bytes.fromhex(made["blockHash"][2:]),
        )
        return dict(read_folder(folder)), roots

    def terms(
        self,
        name: str,
        provider: LocalKey = PROVIDER,
        customer: LocalKey = CUSTOMER,
        *,
        begins: int = 0,
        periods: int = 1,
        charge: int = CHARGE,
        collateral: int = 5_000,
        ruling: str = f"{RULING} seconds",
        report_within: str = f"{REPORT_WITHIN} seconds",
        missing: str = "ignore",
        more: Sequence[str] = (),
    ) -> TermsDocument:
        """95 % or a tenth of the charge, 10 % or all of it; ``begins`` seconds after the start. The fleet is given
        them."""
        text = shop_terms(
            start=START + begins,
            every=LENGTH,
            provider=provider.address,
            customer=customer.address,
            arbiter=ARBITER.address,
            token=self.token.address,
            committee=self.committee.address,
            source={"type": "replay", "connectionDetails": {"path": f"{name}.csv", "format": "csv"}},
            name=name,
            periods=periods,
            charge=charge,
            collateral=collateral,
            window=WINDOW,
            bond=BOND,
            ruling=ruling,
            report_within=report_within,
            claim_within="2 hours",
            open_by=OPEN_BY,
            missing=missing,
            more=more,
        )
        document = load_terms(text)
        self.documents.append(document)
        return document
