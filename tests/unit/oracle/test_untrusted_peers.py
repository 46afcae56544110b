"""Peers that answer wrongly: what they say is checked before it counts."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oracle.ports import Proposal, Subject
from oracle.proposal import most_reports
from oracle.wire import NodeServer, OverHttp
from record.bundle import Bundle
from record.eip712 import round_preimage
from record.keccak import keccak256
from record.merkle import MerkleTree
from tests.unit.oracle.world import COMMITTEE, KEYS, LENGTH, MEMBERS, SETTINGS, World, terms

DUE = LENGTH + SETTINGS.collect_after_seconds
TURN = SETTINGS.turn_seconds


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, (980, 985, 970, 990))
    yield made
    made.stop()


def digest_of(proposal: Proposal) -> bytes:
    bundle = Bundle.from_bytes(proposal.data)
    root = MerkleTree(bundle.reports).root
    return round_preimage(bundle.round, root, keccak256(proposal.data), COMMITTEE.domain)


STRANGER = type(KEYS[0])(keccak256(b"stranger"))
LIES: dict[str, Callable[[Proposal], bytes]] = {
    "no signature at all": lambda proposal: b"",
    "of nothing": lambda proposal: bytes(65),
    "of another message": lambda proposal: KEYS[1].sign(b"something else"),
    "of somebody else": lambda proposal: STRANGER.sign(digest_of(proposal)),
    "the proposer's own": lambda proposal: proposal.signature,
    "another member's": lambda proposal: KEYS[2].sign(digest_of(proposal)),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_proposer__peer_gives_a_wrong_signature__posts_with_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, lie: Callable[[Proposal], bytes]
) -> None:
    """A posting with one wrong signature is refused as a whole: a single liar would stop the committee."""
    world.open()
    world.start()
    monkeypatch.setattr(world.nodes[1], "countersign", lie)
    world.run(DUE + 8 * TURN)

    assert [report.attained for report in world.reports()] == [980_000]
    assert world.contracts.sent.count("post") == 1


def test_round__more_reports_than_a_bundle_holds__the_rest_follows_in_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oracle.proposal.MAX_BUNDLE_BYTES", 2 * 2_700)
    assert most_reports(4) == 2
    opened = [world.open(terms(f"shop-{number}")) for number in range(3)]
    world.start()
    world.run(DUE + 8 * TURN)

    assert [len(posted.reports or ()) for posted in world.contracts.rounds] == [2, 1]
    assert sorted(report.agreement for report in world.reports()) == sorted(opened)


def test_node__bundle_cannot_be_found_for_long__goes_on_with_its_cycle(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many rounds whose bundles nobody gives: one look asks for ten seconds at most."""
    world.open()
    world.start()
    now = [0.0]
    asked: list[bytes] = []

    def slow(bundle_hash: bytes) -> None:
        asked.append(bundle_hash)
        now[0] += 4.0

    monkeypatch.setattr("oracle.node.time.monotonic", lambda: now[0])
    for node in world.nodes[1:]:
        monkeypatch.setattr(node, "bundle", slow)
    world.nodes[0]._find_until = now[0] + 10.0

    assert [world.nodes[0]._find_bundle(bytes([number]) * 32) for number in range(5)] == [None] * 5
    assert len(asked) == 3
    assert MEMBERS[0] == world.nodes[0].member


def test_gather__one_peer_hangs__the_cycle_waits_for_one_patience_only(world: World) -> None:
    """Remote peers are asked side by side; what the others say is kept."""
    opened = world.open()
    world.start()
    world.silence(3)
    world.contracts.time += LENGTH + SETTINGS.observe_after_seconds
    world.cycle()
    world.silence(0, 1, 2)
    world.contracts.time += (
        SETTINGS.collect_after_seconds // 2
    )  # without its peers, the last waits for them so long
    world.cycle()
    asker, others = world.nodes[0], world.nodes[1:]
    hanging = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    server = NodeServer("127.0.0.1", 0, others[2], lambda: COMMITTEE, lambda *_: None)
    server.start()
    ports = [one.getsockname()[1] for one in hanging] + [server.port]
    urls = {node.member: f"http://127.0.0.1:{port}" for node, port in zip(others, ports, strict=True)}
    world.exchange.peers = OverHttp(lambda: COMMITTEE, urls, 0.6, 0.6).peers  # type: ignore[method-assign]
    begin = time.monotonic()

    view, missing = asker.look()
    asker.gather(view, missing)

    assert time.monotonic() - begin < 1.1
    assert MEMBERS[3] in {signed.member for signed in asker.observations([Subject(opened, 0, 0)])}
    server.stop()
    for one in hanging:
        one.close()


def test_watching__document_comes_later__its_agreement_is_measured_from_then_on(world: World) -> None:
    """Told once that it cannot be measured; then the document is put into the folder."""
    late = terms("late")
    world.unknown_to = {number: {late.document_hash} for number in range(4)}
    opened = world.open(late)
    world.start()
    world.run(DUE + TURN)
    assert world.reports() == []
    assert len(world.told("unmeasured")) == 4

    for node in world.nodes:
        node._watching.add(late)
    world.run(DUE + 12 * TURN)

    assert [report.agreement for report in world.reports()] == [opened]
    assert len(world.told("unmeasured")) == 4
