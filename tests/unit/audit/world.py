"""A short history on a real chain, with real evidence, and the pack it leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from solcx import compile_standard

from audit import TrustRoots, read_roots
from chain.clock import ManualClock
from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import deploy_committee, deploy_escrow
from chain.embedded import EmbeddedChain
from chain.escrow import Escrow
from chain.keys import LocalKey
from chain.pack import export_pack
from chain.pack_blocks import EmbeddedBlocks, RawBlocks
from record.bundle import Bundle, SignedObservation
from record.eip712 import (
    agreement_preimage,
    observation_preimage,
    round_preimage,
    termination_preimage,
)
from record.keccak import keccak256
from record.merkle import MerkleTree
from record.rotation import Rotation
from sla.agreeing import agree
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
from sla.report import Observation, Report

ROOT = Path(__file__).resolve().parents[3]
DAY = 86_400
START = 20_833 * DAY
"""Midnight of 15 January 2027: the first second of period 0."""
PERIOD = 30 * DAY
CHARGE = 1_000_000
BOND, FEE = 500, 200
WINDOW, CLAIM, RULE = 3 * DAY, 60 * DAY, 14 * DAY
QUORUM = 3
ROTATION_DELAY = 10 * DAY

PEOPLE = ("operator", "provider", "customer", "arbiter", "stranger")
MEMBERS = tuple(f"member {number}" for number in range(4))
NEWCOMER = "newcomer"
KEYS = {name: LocalKey(keccak256(name.encode())) for name in (*PEOPLE, *MEMBERS, NEWCOMER)}

UPTIME = Obligation(
    indicator=keccak256(b"uptime"),
    comparator=Comparator.AT_LEAST,
    pay_unit=PayUnit.CHARGE_PPM,
    missing_data=MissingData.IGNORE,
    cap=0,
    sane_min=0,
    sane_max=1_000_000,
    tiers=(Tier(999_900, 100_000, 0, 0), Tier(990_000, 300_000, 0, 0)),
)
REPAIR = Obligation(
    indicator=keccak256(b"repair"),
    comparator=Comparator.AT_MOST,
    pay_unit=PayUnit.AMOUNT,
    missing_data=MissingData.BREACH,
    cap=90_000,
    sane_min=1,
    sane_max=1_000,
    tiers=(Tier(48, 0, 10_000, 24),),
)


@cache
def token_artifact() -> dict[str, Any]:
    """The compiled token of this folder."""
    request = {
        "language": "Solidity",
        "sources": {"Token.sol": {"content": (Path(__file__).parent / "Token.sol").read_text()}},
        "settings": {"evmVersion": "prague", "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}}},
    }
    output = compile_standard(request, solc_binary=ROOT / "scripts" / "solc")
    contract: dict[str, Any] = output["contracts"]["Token.sol"]["Token"]
    return contract


@dataclass(slots=True)
class World:
    """An escrow, a committee and a token on a chain; ``travel`` moves its clock forward to a time."""

    connection: Connection
    travel: Callable[[int], None]
    blocks: RawBlocks | None = None
    clock: ManualClock | None = None
    bundles: dict[bytes, bytes] = field(default_factory=dict)
    seats: list[str] = field(default_factory=lambda: list(MEMBERS))
    escrow: Escrow = field(init=False)
    committee: Committee = field(init=False)
    token: str = field(init=False)
    token_abi: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        operator = KEYS["operator"]
        compiled = token_artifact()
        self.token_abi = compiled["abi"]
        self.token = self.new_token(compiled["evm"]["bytecode"]["object"])
        self.escrow = Escrow(self.connection, deploy_escrow(self.connection, operator))
        self.committee = self.new_committee()

    def new_token(self, bytecode: str | None = None) -> str:
        """A token of which both parties have plenty."""
        code = bytes.fromhex(bytecode or token_artifact()["evm"]["bytecode"]["object"])
        address = str(self.connection._transact(KEYS["operator"], None, code)["contractAddress"])
        for name in ("provider", "customer", "stranger"):
            self.tell(address, "mint", KEYS[name].address, 10**9)
        return address

    def new_committee(self) -> Committee:
        """A committee of the usual members."""
        members = [KEYS[name].address for name in MEMBERS]
        return Committee(
            self.connection,
            deploy_committee(self.connection, KEYS["operator"], members, QUORUM, ROTATION_DELAY),
        )

    def tell(self, token: str, call: str, *arguments: Any, by: str = "operator") -> None:
        """Call a token."""
        contract = self.connection.web3.eth.contract(token, abi=self.token_abi)  # type: ignore[call-overload]
        self.connection.send(KEYS[by], contract.functions[call](*arguments))

    # Agreements

    def agreement(self, *obligations: Obligation, collateral: int = 10 * CHARGE, **stake: Any) -> Agreement:
        """Twelve periods of thirty days, a fixed charge, a joint cap."""
        return Agreement(
            parties=Parties(*(KEYS[name].address for name in ("provider", "customer", "arbiter"))),
            service=Service(
                self.committee.address, START, ScheduleUnit.SECONDS, PERIOD, 12, 3_600, CHARGE, 0, 2 * CHARGE
            ),
            stake=replace(Stake(self.token, BOND, FEE, WINDOW, 2 * DAY, CLAIM, RULE, bytes(32)), **stake),
            formation=Formation(keccak256(b"document"), collateral, bytes(32), START + 7 * DAY, 0, 0),
            obligations=obligations,
        )

    def open(self, agreement: Agreement, *signers: str) -> bytes:
        """Signed by both, or by two others who are the parties, brought by the operator; its id."""
        signatures = self.signatures(agreement_preimage(agreement, self.escrow.domain), *signers)
        self.escrow.open(KEYS["operator"], agreement, *signatures)
        return self.escrow.id_of(agreement)

    def signatures(self, message: bytes, *signers: str) -> tuple[bytes, bytes]:
        """The provider's and the customer's under a preimage, or those of two others."""
        provider, customer = signers or ("provider", "customer")
        return KEYS[provider].sign(message), KEYS[customer].sign(message)

    def successor(self, agreement: Agreement, count: int, collateral: int = 0) -> Agreement:
        """The same terms once more, from boundary ``count`` of ``agreement`` on; other collateral is pulled."""
        start = agreement.service.start + count * PERIOD
        return replace(
            agreement,
            service=replace(agreement.service, start=start),
            formation=replace(
                agreement.formation,
                collateral=collateral,
                predecessor=self.escrow.id_of(agreement),
                open_by=start,
            ),
        )

    def amend(self, agreement: Agreement, predecessor: Agreement, count: int) -> bytes:
        """Signed by both, brought by the operator; its id."""
        signatures = self.signatures(agreement_preimage(agreement, self.escrow.domain))
        self.escrow.amend(KEYS["operator"], agreement, *signatures, predecessor, count)
        return self.escrow.id_of(agreement)

    def terminate(self, agreement: Agreement, count: int, valid_by: int) -> None:
        """Signed by both, brought by the operator."""
        agreement_id, domain = self.escrow.id_of(agreement), self.escrow.domain
        signatures = self.signatures(termination_preimage(agreement_id, count, valid_by, domain))
        self.escrow.terminate(KEYS["operator"], agreement, count, valid_by, *signatures)

    def end_of(self, agreement: Agreement, period: int) -> int:
        """When the chain counts a period as over."""
        return agreement.service.start + (period + 1) * PERIOD + agreement.service.zone_lag_seconds

    # Rounds

    def observe(
        self,
        agreement: Agreement,
        period: int,
        obligation: int,
        values: Sequence[int | None],
        revision: int = 0,
    ) -> list[SignedObservation]:
        """What each member saw, in order; None for unknown."""
        domain, signed = self.committee.domain, []
        for name, value in zip(self.seats, values, strict=False):
            observation = Observation(
                agreement=self.escrow.id_of(agreement),
                period=period,
                obligation=obligation,
                revision=revision,
                known=value is not None,
                attained=value or 0,
                charge=agreement.service.charge,
                evidence=keccak256(name.encode()),
            )
            signature = KEYS[name].sign(observation_preimage(observation, domain))
            signed.append(SignedObservation(observation, KEYS[name].address, signature))
        return signed

    def post(
        self, *subjects: tuple[Agreement, int, int, Sequence[int | None]], revision: int = 0
    ) -> MerkleTree:
        """The next round over (agreement, period, obligation, what members saw), with its evidence."""
        reports, observations = [], []
        for agreement, period, obligation, values in subjects:
            known = [value for value in values if value is not None]
            attained = agree(known, agreement.obligations[obligation].comparator, QUORUM)
            agreement_id, charge = self.escrow.id_of(agreement), agreement.service.charge
            reports.append(Report(agreement_id, period, obligation, revision, attained, charge))
            observations += self.observe(agreement, period, obligation, values, revision)
        return self.post_bundle(reports, observations)

    def post_bundle(
        self,
        reports: Sequence[Report],
        observations: Sequence[SignedObservation],
        signers: Sequence[str] | None = None,
    ) -> MerkleTree:
        """The next round, whatever it says; signed by the first of the members unless by others."""
        bundle, committee = self.bundle(reports, observations), self.committee
        number = bundle.round
        tree = MerkleTree(reports)
        message = round_preimage(number, tree.root, bundle.hash, committee.domain)
        signatures = [KEYS[name].sign(message) for name in reversed(signers or self.seats[:QUORUM])]
        committee.post(KEYS["operator"], number, tree.root, bundle.hash, tree.ordered, signatures)
        return tree

    def bundle(self, reports: Sequence[Report], observations: Sequence[SignedObservation]) -> Bundle:
        """The evidence of the next round, kept."""
        chain_id, committee = self.connection.chain_id, self.committee
        number = committee.last_round() + 1
        bundle = Bundle(chain_id, committee.address, number, QUORUM, tuple(reports), tuple(observations))
        self.bundles[bundle.hash] = bundle.to_bytes()
        return bundle

    def propose_rotation(self, outgoing: str, incoming: str = NEWCOMER) -> None:
        """By the first members."""
        rotation = Rotation(KEYS[outgoing].address, KEYS[incoming].address, self.committee.rotations())
        message = rotation.preimage(self.committee.domain)
        signatures = [KEYS[name].sign(message) for name in self.seats[:QUORUM]]
        self.committee.propose_rotation(KEYS["stranger"], rotation, signatures)

    def rotate(self, outgoing: str, incoming: str = NEWCOMER) -> None:
        """Carry out what was proposed."""
        self.committee.rotate(KEYS["stranger"])
        self.seats[self.seats.index(outgoing)] = incoming

    def report(
        self,
        agreement: Agreement,
        seen: Sequence[int | None],
        period: int = 0,
        obligation: int = 0,
        revision: int = 0,
    ) -> None:
        """Post what members saw in a round of its own, and bring the report."""
        self.claim(
            agreement, self.post((agreement, period, obligation, seen), revision=revision), period, obligation
        )

    def claim(self, agreement: Agreement, tree: MerkleTree, period: int, obligation: int = 0) -> None:
        """Bring the agreement's report out of a round."""
        agreement_id = self.escrow.id_of(agreement)
        report = next(
            found
            for found in tree.ordered
            if (found.agreement, found.period, found.obligation) == (agreement_id, period, obligation)
        )
        self.escrow.claim(KEYS["stranger"], agreement, report, tree.proof(report))

    def settle(self, agreement: Agreement, *keys: tuple[int, int]) -> None:
        """Settle claims."""
        self.escrow.settle(KEYS["stranger"], agreement, list(keys))

    # Packs

    def export(self, folder: Path, committees: Sequence[str] | None = None) -> TrustRoots:
        """Write the pack; its trust roots."""
        named = [self.committee.address] if committees is None else committees
        roots = export_pack(
            self.connection, self.escrow.address, named, 0, self.bundles.get, folder, blocks=self.blocks
        )
        return read_roots(json.dumps(roots).encode())


def embedded_world() -> World:
    """On a chain in this process, whose clock is moved by hand."""
    clock = ManualClock(START)
    chain = EmbeddedChain([key.address for key in KEYS.values()], clock)
    connection = Connection(chain.web3)

    def travel(time: int) -> None:
        clock.time = max(clock.time, time)

    world = World(connection, travel, EmbeddedBlocks(chain), clock)
    chain.follow()
    return world


def live(world: World) -> Mapping[str, Agreement]:
    """A compliant and a breached period; a claim settled, one disputed, ruled, and its payment withheld. In between one
    member of the committee is replaced."""
    uptime, repair = world.agreement(UPTIME), world.agreement(REPAIR)
    world.open(uptime)
    world.open(repair)
    world.travel(world.end_of(uptime, 0))
    first = world.post(
        (uptime, 0, 0, [999_950, 1_000_000, 999_900, None]), (repair, 0, 0, [150, 130, 120, 170])
    )
    world.claim(repair, first, 0)
    world.escrow.dispute(KEYS["provider"], repair, 0, 0, 60, CHARGE)
    world.escrow.submit_evidence(KEYS["customer"], repair, 0, 0, keccak256(b"log"), "ipfs://log")
    world.escrow.rule(KEYS["arbiter"], repair, 0, 0, 130, CHARGE)
    world.tell(world.token, "set", KEYS["customer"].address, True, 0, False)
    world.settle(repair, (0, 0))
    world.tell(world.token, "set", KEYS["customer"].address, False, 0, False)
    world.propose_rotation(MEMBERS[2])
    world.travel(world.end_of(uptime, 1))
    world.rotate(MEMBERS[2])
    second = world.post((uptime, 1, 0, [985_000, 995_000, 990_000, 985_000]))
    world.claim(uptime, second, 1)
    world.travel(world.end_of(uptime, 1) + WINDOW + DAY)
    world.settle(uptime, (1, 0))
    return {"uptime": uptime, "repair": repair}
