"""Contracts on an embedded chain whose clock is moved by hand, several agreements, and a fleet that reads files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from audit import TrustRoots
from audit.folder import read_folder
from chain.clock import ManualClock
from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import deploy_committee, deploy_escrow, deploy_test_token
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

START = 1_800_000_000
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
    """``documents`` are what the fleet is given; each agreement reads the file of its own name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock(START - 40)
        people = (*MEMBERS, OPERATOR, PROVIDER, CUSTOMER, ARBITER, RESELLER, READER)
        self.chain = EmbeddedChain([key.address for key in people], self.clock)
        self.connection = Connection(self.chain.web3)
        members = [key.address for key in MEMBERS]
        self.committee = Committee(self.connection, deploy_committee(self.connection, OPERATOR, members, 3))
        self.escrow = Escrow(self.connection, deploy_escrow(self.connection, OPERATOR))
        self.token = Token(self.connection, deploy_test_token(self.connection, OPERATOR, "Test", "TUSD", 0))
        for key in (PROVIDER, CUSTOMER, RESELLER):
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

    def start(self) -> Fleet:
        """Four nodes, of all documents made so far."""
        self.fleet = Fleet(
            self.connection,
            self.escrow.address,
            self.committee.address,
            MEMBERS,
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
        for moment in moments:
            self.to(moment)
            self.fleet.cycle()

    def to(self, moment: int) -> None:
        """Let time pass."""
        self.clock.time = max(self.clock.time + 1, START + moment)

    def samples(self, name: str, good_ppm: int, periods: int = 1, first: int = 0) -> None:
        """What the monitor saw of an agreement's service in ``periods`` periods from ``first`` on: a sample every two
        seconds, so many of them good."""
        each = LENGTH // 2
        good = good_ppm * each // 1_000_000
        rows = [
            f"{_moment(START + period * LENGTH + 2 * number)}Z,true,{200 if number < good else 503},0"
            for period in range(first, first + periods)
            for number in range(each)
        ]
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
        missing: str = "ignore",
        more: Sequence[str] = (),
    ) -> TermsDocument:
        """95 % or a tenth of the charge, 10 % or all of it; ``begins`` seconds after the start. The fleet is given
        them."""
        document = load_terms(f"""
apiVersion: openslo/v1
kind: Service
metadata: {{name: {name}}}
spec: {{description: A shop.}}
---
apiVersion: openslo/v1
kind: DataSource
metadata: {{name: source}}
spec:
  type: replay
  connectionDetails: {{path: {name}.csv, format: csv}}
---
apiVersion: openslo/v1
kind: SLI
metadata: {{name: availability}}
spec:
  ratioMetric:
    counter: true
    good: {{metricSource: {{metricSourceRef: source, spec: {{count: up}}}}}}
    total: {{metricSource: {{metricSourceRef: source, spec: {{count: known}}}}}}
---
apiVersion: makegood/v1
kind: SLA
metadata: {{name: {name}}}
spec:
  service: {name}
  description: Availability of a shop.
  scope: All of it.
  parties:
    provider: {{name: P, address: "{provider.address}"}}
    customer: {{name: C, address: "{customer.address}"}}
    arbiter: {{name: A, address: "{ARBITER.address}"}}
  token: {{address: "{self.token.address}", symbol: TUSD, decimals: 0}}
  committee: {{address: "{self.committee.address}"}}
  schedule: {{start: "{_moment(START + begins)}", zone: UTC, every: {LENGTH} seconds, periods: {periods}}}
  charge: {{fixed: "{charge}"}}
  collateral: "{collateral}"
  dispute: {{window: {WINDOW} seconds, bond: "{BOND}", arbiterFee: "5", rulingWithin: {RULING} seconds}}
  reportWithin: {REPORT_WITHIN} seconds
  claimWithin: 2 hours
  openBy: 2027-01-16T00:00:00Z
{"".join(f"  {line}{chr(10)}" for line in more)}  obligations:
    - name: Availability
      indicator: availability
      objective: at least 95%
      missingData: {missing}
      tiers:
        - {{below: 95%, pay: 10% of charge}}
        - {{below: 10%, pay: 100% of charge}}
""")
        self.documents.append(document)
        return document


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
