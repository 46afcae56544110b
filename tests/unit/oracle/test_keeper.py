"""What a node does for everybody: publishing what was left out, and not trying for ever what fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from chain.errors import Refused
from oracle.keeper import bring_reports
from oracle.ports import Link, PostedRound, Subject
from record.merkle import MerkleTree
from sla.agreement import Agreement
from sla.report import Report
from tests.unit.oracle.world import (
    CHARGE,
    LENGTH,
    SETTINGS,
    START,
    WINDOW,
    Contracts,
    FakeChain,
    World,
    terms,
)

DUE = LENGTH + SETTINGS.collect_after_seconds
TURN = SETTINGS.turn_seconds


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[list[World]]:
    made: list[World] = []
    yield made
    for world in made:
        world.stop()


def begin(worlds: list[World], folder: Path, **changes: object) -> World:
    world = World(folder, (900,) * 4, replace(SETTINGS, **changes))  # type: ignore[arg-type]
    worlds.append(world)
    world.open()
    world.start()
    return world


# Reports that somebody left out


def test_round_without_its_reports__is_published_once_by_whose_turn_it_is(
    worlds: list[World], tmp_path: Path
) -> None:
    world = begin(worlds, tmp_path)
    world.contracts.inline = False
    world.run(DUE + 4 * TURN)

    assert world.contracts.sent.count("publish") == 1
    assert [len(posted.reports or ()) for posted in world.contracts.rounds] == [1]
    assert len(world.told("published")) == 1


def test_round_without_its_reports__publishing_fails__each_node_tries_it_once(
    worlds: list[World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[bytes] = []

    def publish(self: Contracts, root: bytes, reports: Sequence[Report]) -> None:
        assert MerkleTree(reports).root == root
        tried.append(root)
        raise Refused("ReportsNotOfRoot", {}, "publish")

    monkeypatch.setattr(Contracts, "publish", publish)
    world = begin(worlds, tmp_path)
    world.contracts.inline = False
    world.run(DUE + 12 * TURN)

    assert len(tried) == 4
    assert len(world.told("not published")) == 4


def test_round_without_its_reports__more_than_a_posting_carries__are_left_out(
    worlds: list[World], tmp_path: Path
) -> None:
    """33 agreements of one obligation: what is too large for a posting is too large to publish."""
    world = World(tmp_path, (1_000,) * 4)
    worlds.append(world)
    for number in range(33):
        world.open(terms(f"shop-{number}"))
    world.contracts.inline = False
    world.start()
    world.contracts.time += DUE - 3
    world.run(DUE + 2 * TURN, step=3)

    assert [posted.reports for posted in world.contracts.rounds] == [None]
    assert world.contracts.sent == ["post"]


def test_round_without_its_reports__dry_run__sends_and_tells_nothing(
    worlds: list[World], tmp_path: Path
) -> None:
    world = begin(worlds, tmp_path)
    world.contracts.inline = False
    world.run(DUE + 1)
    assert world.contracts.sent[:1] == ["post"]
    before = world.contracts.sent.count("publish")
    for node in world.nodes:
        node.settings = replace(node.settings, dry_run=True)
        node.published.clear()
    world.contracts.rounds = [replace(posted, reports=None) for posted in world.contracts.rounds]
    world.run(DUE + 5 * TURN)

    assert world.contracts.sent.count("publish") == before


# What fails


class Stubborn:
    """Counts when something is tried, and refuses it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.times: list[int] = []
        self.refuses = True

    def tried(self) -> None:
        time = self.world.contracts.time - START
        if time not in self.times:
            self.times.append(time)
        if self.refuses:
            raise Refused("TransferFailed", {}, "settle")


def test_settlement__fails_on_and_on__is_tried_after_longer_and_longer_waits(
    worlds: list[World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = begin(worlds, tmp_path)
    stubborn = Stubborn(world)
    settle = Contracts.settle

    def refusing(self: Contracts, subjects: Sequence[Subject]) -> None:
        stubborn.tried()
        settle(self, subjects)

    monkeypatch.setattr(Contracts, "settle", refusing)
    for number in (1, 2, 3):
        world.exchange.silent.add(world.nodes[number].member)
    world.silence()
    world.run(DUE + WINDOW + 2)
    first = stubborn.times[0]
    world.silence(1, 2, 3)
    world.run(first + 100)

    # 5 seconds, then twice as long each time.
    assert stubborn.times == [first, first + 5, first + 15, first + 35, first + 75]
    told = [details for node, kind, details in world.events if kind == "not settled" and node == 0]
    assert len(told) == 5

    stubborn.refuses = False
    world.run(first + 160)
    assert world.contracts.paid > 0


def test_claim__fails_on_and_on__is_tried_more_often_before_its_deadline(
    worlds: list[World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terms give two hours after the period's end: the waits grow, but never over the last moment."""
    world = begin(worlds, tmp_path)
    stubborn = Stubborn(world)

    def refusing(self: Contracts, agreement: Agreement, report: Report, proof: Sequence[bytes]) -> None:
        if report.period == 0:
            stubborn.tried()

    monkeypatch.setattr(Contracts, "claim", refusing)
    world.run(DUE + 1)
    world.silence(1, 2, 3)
    stubborn.times.clear()
    deadline = LENGTH + 7_200
    while world.contracts.time < START + deadline:
        world.contracts.time += 1
        view, _ = world.nodes[0].look()
        bring_reports(world.nodes[0], view)

    waits = [after - before for before, after in zip(stubborn.times, stubborn.times[1:], strict=False)]
    assert waits[:8] == [10, 20, 40, 80, 160, 320, 640, 1280]
    assert len(stubborn.times) < 30
    assert deadline - stubborn.times[-1] <= 2
    assert stubborn.times[-1] < deadline


# What moves money besides reports


def test_arrears__collateral_came_in__are_paid_once_by_the_first_node(
    worlds: list[World], tmp_path: Path
) -> None:
    """R14: a credit forwards nothing by itself."""
    world = begin(worlds, tmp_path)
    (opened,) = world.contracts.agreements
    world.contracts.arrears[opened] = 70
    world.run(3)

    assert world.contracts.sent == ["pay arrears"]
    assert world.contracts.paid == 70
    assert len(world.told("paid")) == 1


def test_link__downstream_is_open__is_sent_once_and_before_anything_is_claimed(
    worlds: list[World], tmp_path: Path
) -> None:
    world = begin(worlds, tmp_path)
    ((opened, agreement),) = world.contracts.agreements.items()
    world.run(DUE - 1)
    world.contracts.links = (Link(opened, agreement, agreement),)
    world.run(DUE + 1)

    assert [sent for sent in world.contracts.sent if sent != "post"] == ["link", "claim"]


@pytest.mark.parametrize("what", ["link", "pay arrears"])
def test_link_or_arrears__fails_on_and_on__is_tried_after_longer_and_longer_waits(
    worlds: list[World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    world = begin(worlds, tmp_path)
    ((opened, agreement),) = world.contracts.agreements.items()
    stubborn = Stubborn(world)

    def refusing(*arguments: object) -> None:
        stubborn.tried()

    monkeypatch.setattr(FakeChain, what.replace(" ", "_"), refusing)
    if what == "link":
        world.contracts.links = (Link(opened, agreement, agreement),)
    else:
        world.contracts.arrears[opened] = 70
    world.silence(1, 2, 3)
    world.run(90)

    # 5 seconds, then twice as long each time.
    assert stubborn.times == [1, 6, 16, 36, 76]
    assert len(world.told("not linked" if what == "link" else "not paid")) == 5


def test_correction__is_brought_and_only_the_difference_settled(worlds: list[World], tmp_path: Path) -> None:
    """R5: a higher revision that somebody attested, whatever was claimed before."""
    world = begin(worlds, tmp_path)
    ((opened, _),) = world.contracts.agreements.items()
    world.run(DUE + WINDOW + 3)
    before = world.contracts.paid
    corrected = Report(opened, 0, 0, 3, 1_000_000, CHARGE)
    tree = MerkleTree([corrected])
    last = world.contracts.rounds[-1].round
    now = world.contracts.time
    world.contracts.rounds.append(PostedRound(last + 1, tree.root, b"b" * 32, now, (corrected,)))
    world.run(DUE + 2 * WINDOW + 5)

    assert before > 0
    assert world.contracts.paid == 0
    brought = [details for details in world.told("claimed") if details["period"] == 0]
    assert [details.get("revision", 0) for details in brought] == [0, 3]
