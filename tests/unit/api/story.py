"""A few agreements and all that can become of them: compliant, breached, unknown, disputed, ruled, silent, withheld,
released, and one whose committee is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from record.bundle import Bundle
from record.eip712 import round_preimage
from record.keccak import keccak256
from record.merkle import MerkleTree
from record.terms import load_terms
from sla.agreement import NO_DATA, Agreement
from sla.report import Report
from tests.contracts.world import (
    BAD,
    CHARGE,
    CLAIM,
    DAY,
    GOOD,
    KEYS,
    MEMBER_KEYS,
    QUORUM,
    REPAIR,
    RULE,
    UPTIME,
    WINDOW,
    WORSE,
    WORST,
    World,
)

DOCUMENT = (Path(__file__).resolve().parents[3] / "examples" / "aws-ec2-instance.yaml").read_text()
DOCUMENT_HASH = load_terms(DOCUMENT).document_hash

REPAIR_PAYS = {72: 10_000, 120: 30_000, 480: 350_000}
"""Beyond 48 h 10 000 for each 24 h; beyond 120 h 50 000 and 20 000 for each 24 h."""


@dataclass(slots=True)
class Story:
    """The world in which it happened; bundles and documents by their hashes."""

    world: World = field(default_factory=World)
    bundles: dict[bytes, bytes] = field(default_factory=dict)
    documents: dict[bytes, str] = field(default_factory=dict)
    agreements: dict[str, Agreement] = field(default_factory=dict)

    def id_of(self, name: str) -> bytes:
        """The agreement's id."""
        return self.world.escrow.id_of(self.agreements[name])

    def report(self, name: str, attained: int, period: int, obligation: int, revision: int = 0) -> Report:
        """A leaf about an agreement of the story."""
        return self.world.report(self.agreements[name], attained, period, obligation, revision)

    def post(self, *reports: Report, publish: bool = True) -> MerkleTree:
        """The next round, with its bundle."""
        world = self.world
        committee, number = world.committee, world.committee.last_round() + 1
        bundle = Bundle(world.connection.chain_id, committee.address, number, QUORUM, reports, ())
        self.bundles[bundle.hash] = bundle.to_bytes()
        tree = MerkleTree(reports)
        message = round_preimage(number, tree.root, bundle.hash, committee.domain)
        signatures = [key.sign(message) for key in MEMBER_KEYS[1:]]
        leaves = tree.ordered if publish else ()
        committee.post(KEYS["operator"], number, tree.root, bundle.hash, leaves, signatures)
        return tree

    def claim(self, name: str, tree: MerkleTree, report: Report) -> None:
        """Bring a report to the escrow."""
        self.world.claim(self.agreements[name], report, tree)

    def open(self, name: str, token: str | None = None, **parts: Mapping[str, Any]) -> None:
        """Put an agreement of that name into force; it differs from all others by its terms."""
        self.agreements[name] = self.world.opened(token, **{key: dict(part) for key, part in parts.items()})


def tell() -> Story:
    """Let it happen; the head stands three months after the start, in period 3."""
    story = Story(documents={DOCUMENT_HASH: DOCUMENT})
    world = story.world
    story.open("main", formation={"document": DOCUMENT_HASH})
    story.open("released", service={"count": 1}, stake={"dispute_window": 0})
    story.open("silent", service={"count": 1})
    story.open("withheld", world.moody_address, stake={"dispute_window": 0})
    story.open("bogus", service={"committee": world.token.address})
    world.escrow.deposit(KEYS["stranger"], story.agreements["main"], 5)
    _first_period(story)
    _second_period(story)
    _third_period(story)
    return story


def _first_period(story: Story) -> None:
    """Claims settled at once, withheld, settled by a ruling over the joint cap, settled by the arbiter's silence."""
    world, main = story.world, story.agreements["main"]
    world.land(world.end_of(main, 0))
    uptime = {
        name: story.report(name, attained, 0, UPTIME)
        for name, attained in (("main", WORSE), ("released", WORSE), ("silent", WORSE), ("withheld", BAD))
    }
    repair = story.report("main", 480, 0, REPAIR)
    tree = story.post(*uptime.values(), repair)
    world.moods(transfer="Reverts")
    for name, report in uptime.items():
        story.claim(name, tree, report)
    story.claim("main", tree, repair)
    world.dispute(main, "customer", WORST)
    world.dispute(story.agreements["silent"], "provider", BAD)
    for party, uri in (("provider", "https://example.com/log.json"), ("customer", "ipfs://łog\0")):
        world.escrow.submit_evidence(KEYS[party], main, 0, UPTIME, keccak256(party.encode()), uri)
    world.rule(main, WORST)
    world.travel(world.now + WINDOW)
    world.settle(main, (0, UPTIME), (0, REPAIR))
    world.travel(world.now + RULE)
    world.settle(story.agreements["silent"])


def _second_period(story: Story) -> None:
    """Uptime is unknown; the repair time is corrected, and nobody has claimed it yet."""
    story.world.land(story.world.end_of(story.agreements["main"], 1))
    story.post(story.report("main", NO_DATA, 1, UPTIME), story.report("main", 48, 1, REPAIR))
    story.post(story.report("main", 72, 1, REPAIR, revision=1))


def _third_period(story: Story) -> None:
    """A claim out of a round that is not published waits for its window, another for its ruling. The same round says of
    another agreement that all was well."""
    world, main = story.world, story.agreements["main"]
    world.land(world.end_of(main, 2))
    hidden = story.report("main", BAD, 2, UPTIME)
    fine = story.report("withheld", GOOD, 2, UPTIME)
    tree = story.post(hidden, fine, publish=False)
    story.claim("main", tree, hidden)
    repair = story.report("main", 120, 2, REPAIR)
    tree = story.post(repair)
    story.claim("main", tree, repair)
    world.escrow.dispute(KEYS["provider"], main, 2, REPAIR, 72, CHARGE)
    world.travel(world.end_of(main, 0) + CLAIM + DAY)
    released = story.agreements["released"]
    world.escrow.release(KEYS["stranger"], released)


@cache
def shared() -> Story:
    """Told once in each process; tests that change it make their own."""
    return tell()
