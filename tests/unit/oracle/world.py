"""A committee of four on a chain of one variable: the contracts' rules in a few lines, everything else is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from chain.errors import ChainError, Refused
from chain.escrow_state import ClaimStatus
from chain.keys import LocalKey
from metering.meters import Meter, SampleMeter
from metering.samples import Sample, answered, unanswered
from oracle.cycle import cycle
from oracle.exchange import InProcess
from oracle.journal import Journal, Owner
from oracle.node import Node
from oracle.pen import Pen
from oracle.ports import (
    Block,
    ClaimState,
    CommitteeTerms,
    Link,
    PostedRound,
    Sent,
    Step,
    Subject,
    View,
    no_step,
)
from oracle.settings import Settings
from oracle.watching import Watching
from record.eip712 import Domain, agreement_digest, escrow_domain, round_digest
from record.keccak import keccak256
from record.merkle import MerkleTree, report_leaf, verify
from record.rotation import PendingRotation
from record.signing import recover
from record.terms import TermsDocument, load_terms
from record.terms.indicators import Ratio
from record.terms.obligations import ObligationText
from sla.agreement import Agreement
from sla.compensation import compensation
from sla.errors import MeasurementError
from sla.report import Report
from tests.shop_terms import shop_terms

CHAIN_ID = 31337
START = 1_800_000_000
OPEN_BY = START + 16 * 3_600
LENGTH = 100
WINDOW = 50
CHARGE = 1_000
SETTINGS = Settings(
    observe_after_seconds=2, collect_after_seconds=10, turn_seconds=5, dry_run=False, finality="latest"
)
KEYS = tuple(LocalKey(keccak256(f"member {number}".encode())) for number in range(4))
MEMBERS = tuple(key.address for key in KEYS)
COMMITTEE = CommitteeTerms(CHAIN_ID, LocalKey(keccak256(b"committee")).address, MEMBERS, 3)
NEWCOMER = LocalKey(keccak256(b"newcomer"))
ESCROW = LocalKey(keccak256(b"escrow")).address


def party(name: str) -> str:
    return LocalKey(keccak256(name.encode())).address


def terms(name: str = "shop", path: str = "shop.csv", start: int = START) -> TermsDocument:
    """99 % or a tenth of the charge, 90 % or all of it; three periods of 100 seconds."""
    text = shop_terms(
        start=start,
        every=LENGTH,
        provider=party("provider"),
        customer=party("customer"),
        arbiter=party("arbiter"),
        token=party("token"),
        committee=COMMITTEE.address,
        source={"type": "replay", "connectionDetails": {"path": path, "format": "csv"}},
        name=name,
        periods=3,
        charge=CHARGE,
        collateral=3_000,
        window=WINDOW,
        claim_within="2 hours",
        open_by=OPEN_BY,
        objective=99,
        worst=90,
        symbol="TOK",
    )
    return load_terms(text)


def agreement_id(agreement: Agreement) -> bytes:
    return agreement_digest(agreement, escrow_domain(CHAIN_ID, ESCROW))


@dataclass
class Contracts:
    """What the escrow and the committee would do, as the agreements' parties see it."""

    time: int = START
    blocks: int = 1
    agreements: dict[bytes, Agreement] = field(default_factory=dict)
    rounds: list[PostedRound] = field(default_factory=list)
    claims: dict[Subject, ClaimState] = field(default_factory=dict)
    pending: dict[Subject, int] = field(default_factory=dict)
    settled: dict[Subject, int] = field(default_factory=dict)
    counts: dict[bytes, int] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    arrears: dict[bytes, int] = field(default_factory=dict)
    paid: int = 0
    members: tuple[str, ...] = MEMBERS
    rotation: PendingRotation | None = None
    rotated_out: set[str] = field(default_factory=set)
    sent: list[str] = field(default_factory=list)
    """Every transaction, those that the contracts refused after they had been sent included."""
    inline: bool = True
    lost_replies: set[int] = field(default_factory=set)
    """Which transactions take effect without the sender hearing of it, by their number."""

    def post(
        self, number: int, root: bytes, bundle: bytes, reports: Sequence[Report], signatures: Sequence[bytes]
    ) -> None:
        last = self.rounds[-1].round if self.rounds else 0
        if number <= last:
            raise Refused("RoundNotAfter", {"round": number, "last": last}, "post")
        if any(posted.root == root for posted in self.rounds):
            raise Refused("RootAlreadyAttested", {"root": root}, "post")
        digest = round_digest(number, root, bundle, COMMITTEE.domain)
        signers = {recover(digest, signature) for signature in signatures}
        if len(signers & set(self.members)) < COMMITTEE.quorum or len(signers) != len(signatures):
            raise Refused("QuorumMissing", {"signatures": len(signers), "quorum": COMMITTEE.quorum}, "post")
        carried = tuple(reports) if self.inline else None
        self.rounds.append(PostedRound(number, root, bundle, self.time, carried))

    def publish(self, root: bytes, reports: Sequence[Report]) -> None:
        assert [posted.root for posted in self.rounds].count(root) == 1
        assert MerkleTree(reports).ordered == tuple(reports)
        self.rounds = [
            replace(posted, reports=tuple(reports)) if posted.root == root else posted
            for posted in self.rounds
        ]

    def rotate(self) -> None:
        assert self.rotation is not None
        assert self.time >= self.rotation.effective_at
        outgoing, incoming = self.rotation.outgoing, self.rotation.incoming
        self.members = tuple(incoming if member == outgoing else member for member in self.members)
        self.rotated_out.add(outgoing)
        self.rotation = None

    def claim(self, agreement: Agreement, report: Report, proof: Sequence[bytes]) -> None:
        subject = Subject(report.agreement, report.period, report.obligation)
        before = self.claims.get(subject)
        if before is not None and before.revision is not None and report.revision <= before.revision:
            given = {"revision": report.revision, "highest": before.revision}
            raise Refused("RevisionNotHigher", given, "claim")
        assert any(verify(posted.root, report_leaf(report), proof) for posted in self.rounds)
        window_end = self.time + agreement.stake.dispute_window
        self.claims[subject] = ClaimState(ClaimStatus.PENDING, report.revision, window_end)
        self.pending[subject] = compensation(
            agreement.obligations[report.obligation], report.attained, report.charge
        )

    def settle(self, subjects: Sequence[Subject]) -> None:
        for subject in subjects:
            claim = self.claims[subject]
            if claim.due is not None and self.time >= claim.due:
                self.claims[subject] = replace(claim, status=ClaimStatus.SETTLED, due=None)
                self.paid += self.pending[subject] - self.settled.get(subject, 0)
                self.settled[subject] = self.pending[subject]


class FakeChain:
    """One node's way to the contracts."""

    def __init__(self, contracts: Contracts, dry_run: bool) -> None:
        self.contracts = contracts
        self.dry_run = dry_run

    @property
    def domain(self) -> Domain:
        return escrow_domain(CHAIN_ID, ESCROW)

    @property
    def committee(self) -> CommitteeTerms:
        return replace(COMMITTEE, members=self.contracts.members, rotation=self.contracts.rotation)

    def look(self) -> View:
        block = Block(self.contracts.blocks, self.contracts.time.to_bytes(32), self.contracts.time)
        return View(
            block,
            block,
            START,
            dict(self.contracts.agreements),
            tuple(self.contracts.rounds),
            dict(self.contracts.claims),
            self.committee,
            frozenset(self.contracts.rotated_out),
            dict(self.contracts.counts),
            self.contracts.links,
            dict(self.contracts.arrears),
        )

    def post(
        self,
        round_number: int,
        root: bytes,
        bundle: bytes,
        reports: Sequence[Report],
        signatures: Sequence[bytes],
    ) -> Sent | None:
        if not self.dry_run:
            self.contracts.post(round_number, root, bundle, reports, signatures)
        return self._sent("post")

    def publish(self, root: bytes, reports: Sequence[Report]) -> Sent | None:
        if not self.dry_run:
            self.contracts.publish(root, reports)
        return self._sent("publish")

    def rotate(self) -> Sent | None:
        if not self.dry_run:
            self.contracts.rotate()
        return self._sent("rotate")

    def claim(self, agreement: Agreement, report: Report, proof: Sequence[bytes]) -> Sent | None:
        if not self.dry_run:
            self.contracts.claim(agreement, report, proof)
        return self._sent("claim")

    def settle(self, agreement: Agreement, subjects: Sequence[Subject]) -> Sent | None:
        due = [one for one in subjects if self.contracts.claims[one].due is not None]
        if not due:
            return None
        if not self.dry_run:
            self.contracts.settle(due)
        return self._sent("settle")

    def pay_arrears(self, agreement: Agreement) -> Sent | None:
        if not self.dry_run:
            self.contracts.paid += self.contracts.arrears.pop(agreement_id(agreement))
        return self._sent("pay arrears")

    def link(self, agreement: Agreement, downstream: Agreement) -> Sent | None:
        if not self.dry_run:
            self.contracts.links = ()
        return self._sent("link")

    def _sent(self, what: str) -> Sent | None:
        if self.dry_run:
            return None
        self.contracts.sent.append(what)
        if len(self.contracts.sent) - 1 in self.contracts.lost_replies:
            raise ChainError("no receipt", "look it up")
        return Sent(keccak256(what.encode()), 0)


class Measured:
    """A node's source: of every 1 000 samples so many are good (in steps of 5); None cannot be read."""

    def __init__(self, good: int | None) -> None:
        self.good = good

    def samples(self, start_ms: int, end_ms: int) -> Sequence[Sample]:
        if self.good is None:
            raise MeasurementError("the source is away", "bring it back")
        times = range(start_ms, end_ms, (end_ms - start_ms) // 200)
        good = self.good // 5
        return [answered(time, 200, 1_000) for time in times[:good]] + [
            unanswered(time) for time in times[good:]
        ]


class World:
    """Four nodes, their journals in ``folder``; ``good[n]`` is what node n measures. ``keys`` may be five."""

    def __init__(
        self, folder: Path, good: Sequence[int | None] = (1_000,) * 4, settings: Settings = SETTINGS
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.contracts = Contracts()
        self.keys: tuple[LocalKey, ...] = KEYS
        self.sources = [Measured(number) for number in good]
        self.documents: list[TermsDocument] = []
        self.asked: dict[int, dict[Subject, int]] = {}
        self.unknown_to: dict[int, set[bytes]] = {}
        self.exchange = InProcess()
        self.nodes: list[Node] = []
        self.journals: list[Journal] = []
        self.events: list[tuple[int, str, Mapping[str, object]]] = []
        self.step: Step = no_step
        self.signed: list[bytes] = []
        """Every digest that any member signed, in any life."""

    def open(self, document: TermsDocument | None = None) -> bytes:
        document = document or terms()
        agreement = document.agreement()
        self.documents.append(document)
        self.contracts.agreements[agreement_id(agreement)] = agreement
        return agreement_id(agreement)

    def start(self) -> None:
        """Start all nodes, with the journals they left."""
        self.stop()
        self.exchange.silent.clear()
        for number in range(len(self.keys)):
            self._start(number)

    def stop(self) -> None:
        for journal in self.journals:
            journal.close()
        self.journals, self.nodes = [], []

    def _start(self, number: int) -> None:
        key = self.keys[number]

        def tell(kind: str, details: Mapping[str, object]) -> None:
            self.events.append((number, kind, details))

        def source(document: TermsDocument, obligation: ObligationText) -> Meter:
            metric = obligation.indicator.metric
            assert isinstance(metric, Ratio)
            return SampleMeter(self.sources[number], metric, None)

        journal = Journal(self.folder / f"{number}.sqlite", Owner(CHAIN_ID, COMMITTEE.address, key.address))
        unknown = self.unknown_to.get(number, set())
        documents = [document for document in self.documents if document.document_hash not in unknown]
        node = Node(
            FakeChain(self.contracts, self.settings.dry_run),
            journal,
            Pen(journal, _Watched(key, self.signed), COMMITTEE, lambda name: self.step(name)),
            Watching(documents, source, tell),
            self.exchange,
            self.settings,
            tell,
            lambda name: self.step(name),
            lambda: self.asked.get(number, {}),
        )
        self.exchange.join(key.address, node)
        self.journals.append(journal)
        self.nodes.append(node)

    def silence(self, *numbers: int) -> None:
        self.exchange.silent = {MEMBERS[number] for number in numbers}

    def cycle(self) -> None:
        """One cycle of every node that is not silent."""
        self.contracts.blocks += 1
        for node in self.nodes:
            if node.member not in self.exchange.silent:
                cycle(node)

    def run(self, until: int, step: int = 1) -> None:
        """Cycle until ``until`` seconds after the first period's start."""
        while self.contracts.time < START + until:
            self.contracts.time += step
            self.cycle()

    def told(self, kind: str) -> list[Mapping[str, object]]:
        return [details for _, told, details in self.events if told == kind]

    def reports(self) -> list[Report]:
        """All reports attested, in order."""
        return [report for posted in self.contracts.rounds for report in posted.reports or ()]


class _Watched:
    """A key whose signatures are counted."""

    def __init__(self, key: LocalKey, signed: list[bytes]) -> None:
        self.address = key.address
        self._key = key
        self._signed = signed

    def sign(self, message: bytes) -> bytes:
        self._signed.append(self._key.address.encode() + keccak256(message))
        return self._key.sign(message)
