"""A source is corrected after its period was reported: how a quorum says so, and that nobody else can (R5, R11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from oracle.ports import Subject
from oracle.remeasuring import ask_again, asked_in
from sla.agreement import NO_DATA
from tests.unit.oracle.world import LENGTH, SETTINGS, WINDOW, World

DUE = LENGTH + SETTINGS.collect_after_seconds
LATER = DUE + WINDOW + 5
"""The first period is reported, claimed and settled."""
ALL = (0, 1, 2, 3)


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[list[World]]:
    made: list[World] = []
    yield made
    for world in made:
        world.stop()


def settled(worlds: list[World], folder: Path, good: int = 980) -> tuple[World, Subject]:
    """98 % attained in the first period: a tenth of the charge, 100, paid."""
    world = World(folder, (good,) * 4)
    worlds.append(world)
    opened = world.open()
    world.start()
    world.run(LATER)
    return world, Subject(opened, 0, 0)


def ask(world: World, subject: Subject, members: Sequence[int], stamp: int = 1) -> None:
    for number in members:
        world.asked[number] = {subject: stamp}


def correct(world: World, good: int, members: Sequence[int] = ALL) -> None:
    for number in members:
        world.sources[number].good = good


def revisions(world: World, subject: Subject) -> list[tuple[int, int]]:
    return [
        (report.revision, report.attained)
        for report in world.reports()
        if Subject(report.agreement, report.period, report.obligation) == subject
    ]


def test_source_corrected__a_quorum_is_asked__posts_the_next_revision_and_the_difference_is_paid(
    worlds: list[World], tmp_path: Path
) -> None:
    """100 was paid for 98 %; it was 85 %, which pays the whole charge of 1 000."""
    world, subject = settled(worlds, tmp_path)
    assert world.contracts.paid == 100
    correct(world, 850)
    ask(world, subject, (0, 1, 2))
    world.run(LATER + 25 + WINDOW)

    assert revisions(world, subject) == [(0, 980_000), (1, 850_000)]
    assert world.contracts.paid == 1_000
    # The second period's round and claim come in between.
    assert world.contracts.sent == [*["post", "claim", "settle"], *["post", "claim"] * 2, "settle"]


def test_source_corrected__in_the_providers_favour__is_brought_as_well(
    worlds: list[World], tmp_path: Path
) -> None:
    """R5: also when it lowers pay to 0."""
    world, subject = settled(worlds, tmp_path)
    correct(world, 1_000)
    ask(world, subject, ALL)
    world.run(LATER + 25 + WINDOW)

    assert revisions(world, subject)[-1] == (1, 1_000_000)
    assert world.contracts.paid == 0


def test_source_corrected__fewer_than_a_quorum_are_asked__nothing_is_posted(
    worlds: list[World], tmp_path: Path
) -> None:
    """Two of four can neither raise a revision nor turn the period into "no data"."""
    world, subject = settled(worlds, tmp_path)
    correct(world, 850)
    ask(world, subject, (0, 1))
    world.run(LATER + 80)

    assert (1, NO_DATA) not in revisions(world, subject)
    assert revisions(world, subject) == [(0, 980_000)]
    assert world.contracts.paid == 100


def test_source_corrected__nobody_is_asked__what_was_attested_stands(
    worlds: list[World], tmp_path: Path
) -> None:
    world, subject = settled(worlds, tmp_path)
    correct(world, 850)
    world.run(LATER + 30)
    assert revisions(world, subject) == [(0, 980_000)]


def test_source_unchanged__all_are_asked__say_so_once_and_sign_nothing(
    worlds: list[World], tmp_path: Path
) -> None:
    world, subject = settled(worlds, tmp_path)
    signed = len(world.signed)
    ask(world, subject, ALL)
    world.run(LATER + 15)

    assert len(world.told("unchanged")) == 4
    assert len(world.signed) == signed


def test_source_changed_for_one_only__the_others_follow_with_what_they_measure(
    worlds: list[World], tmp_path: Path
) -> None:
    """Their median stands, whatever one of them says."""
    world, subject = settled(worlds, tmp_path)
    correct(world, 850, (1,))
    ask(world, subject, ALL)
    world.run(LATER + 30)

    assert revisions(world, subject) == [(0, 980_000), (1, 980_000)]


def test_asked_once_more__after_the_source_changed__is_measured_again(
    worlds: list[World], tmp_path: Path
) -> None:
    world, subject = settled(worlds, tmp_path)
    ask(world, subject, ALL)
    world.run(LATER + 10)
    correct(world, 850)
    world.run(LATER + 20)
    assert revisions(world, subject) == [(0, 980_000)]

    ask(world, subject, ALL, stamp=2)
    world.run(LATER + 45)
    assert revisions(world, subject) == [(0, 980_000), (1, 850_000)]


def test_source_unreadable__asked__nothing_is_signed_until_it_answers(
    worlds: list[World], tmp_path: Path
) -> None:
    """ "Unknown" would take the place of what is known."""
    world, subject = settled(worlds, tmp_path)
    signed = len(world.signed)
    for source in world.sources:
        source.good = None
    ask(world, subject, ALL)
    world.run(LATER + 12)
    assert len(world.signed) == signed
    assert 4 <= len(world.told("unreadable")) <= 8

    correct(world, 850)
    world.run(LATER + 50)
    assert revisions(world, subject)[-1] == (1, 850_000)


def test_source_lost_its_samples__asked__takes_nothing_back(
    worlds: list[World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a monitor keeps for a month only was known all the same."""
    world, subject = settled(worlds, tmp_path)
    signed = len(world.signed)
    for source in world.sources:
        monkeypatch.setattr(source, "samples", lambda start, end: [])
    ask(world, subject, ALL)
    world.run(LATER + 15)
    assert len(world.signed) == signed
    assert "too little is known" in str(world.told("unreadable")[0]["problem"])


def test_source_corrected__nodes_restarted_meanwhile__never_sign_twice_for_one_revision(
    worlds: list[World], tmp_path: Path
) -> None:
    """P13."""
    world, subject = settled(worlds, tmp_path)
    correct(world, 850)
    ask(world, subject, ALL)
    world.run(LATER + 3)
    correct(world, 700)
    world.start()
    world.run(LATER + 30)
    world.start()
    world.run(LATER + 40)

    assert revisions(world, subject)[:2] == [(0, 980_000), (1, 850_000)]
    assert world.told("equivocation") == []


def test_source_corrected__too_late_to_claim__is_not_measured_again(
    worlds: list[World], tmp_path: Path
) -> None:
    world, subject = settled(worlds, tmp_path)
    world.run(LENGTH + 7_200, step=LENGTH)
    signed = len(world.signed)
    correct(world, 850)
    ask(world, subject, ALL)
    world.run(LENGTH + 7_290)
    assert len(world.signed) == signed
    assert [told["problem"] for told in world.told("not measured again")] == [
        "its period is not over, was cut off, or can be claimed no more"
    ] * 4


def test_requests__of_a_folder__are_read_with_their_times(tmp_path: Path) -> None:
    folder = tmp_path / "remeasure"
    assert asked_in(folder) == {}
    subject = Subject(b"\xab" * 32, 12, 3)
    path = ask_again(folder, subject)
    assert path.name == "ab" * 32 + "-12-3"
    (folder / "README").write_text("not a request")
    (folder / ("ab" * 32 + "-12-3.bak")).write_text("")
    assert asked_in(folder) == {subject: path.stat().st_mtime_ns}
