"""P13: nodes killed anywhere, replies lost, members silent at random; and in the end one post per round, one claim and
one payment per breach, and nothing signed that the journals do not know."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.journal import Journal
from oracle.ports import Subject
from record.eip712 import observation_digest, round_digest
from tests.unit.oracle.world import CHARGE, COMMITTEE, LENGTH, SETTINGS, WINDOW, World

STEPS = {
    "observation written", "observation signed", "bundle stored", "round written", "round signed", "posted",
    "claimed", "settling", "settled",
}  # fmt: skip


MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Nobody pulls the plug here: what must survive is a killed process, and memory is quicker than the disk."""


class Killed(BaseException):
    """The process ends here: nothing below may catch it."""


def live(folder: Path, kills: set[int], lost: set[int], silences: list[int | None]) -> tuple[World, set[str]]:
    """A world with one breach in each of three periods, killed at the steps ``kills``; and the steps it took."""
    world = World(folder, (980, 985, 970, 990))
    world.open()
    world.contracts.lost_replies = lost
    taken: list[str] = []

    def step(name: str) -> None:
        taken.append(name)
        if len(taken) - 1 in kills:
            raise Killed

    world.step = step
    world.start()
    end = 3 * LENGTH + SETTINGS.collect_after_seconds + WINDOW + 12 * SETTINGS.turn_seconds
    for second in range(LENGTH, end, 2):
        world.contracts.time += LENGTH if second == LENGTH else 2
        silent = silences[second * len(silences) // end] if silences else None
        world.silence(*([] if silent is None else [silent]))
        try:
            world.cycle()
        except Killed:
            world.start()
    return world, set(taken)


def check(world: World) -> None:
    subjects = [(report.period, report.obligation) for report in world.reports()]
    assert {period for period, _ in subjects} == {0, 1, 2}
    assert len(
        {(*subject, report.revision) for subject, report in zip(subjects, world.reports(), strict=True)}
    ) == len(subjects)
    numbers = [posted.round for posted in world.contracts.rounds]
    assert numbers == sorted(set(numbers))
    assert world.contracts.sent.count("post") == len(numbers)
    assert world.contracts.sent.count("claim") == 3
    assert world.contracts.paid == 3 * CHARGE // 10

    known = [digest for journal in world.journals for digest in digests(journal)]
    # One row per thing that can be signed: whatever was signed in any life is one of them.
    assert len(known) == len(set(known))
    assert set(world.signed) <= set(known)


def digests(journal: Journal) -> list[bytes]:
    """What a member's journal allows it to sign, as ``World.signed`` keeps it."""
    observations = [
        observation_digest(signed.observation, COMMITTEE.domain)
        for row in journal._file.rows("SELECT DISTINCT agreement, period, obligation FROM observations", ())
        for signed in journal.observations(Subject(*row))
        if signed.member == journal.owner.member
    ]
    rounds = [
        round_digest(row["round"], row["root"], row["bundle"], COMMITTEE.domain)
        for row in journal._file.rows("SELECT * FROM rounds", ())
    ]
    return [journal.owner.member.encode() + digest for digest in (*observations, *rounds)]


def test_life__nothing_happens__takes_every_step() -> None:
    """The steps at which the other tests kill are really there."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        world, taken = live(Path(folder), set(), set(), [])
        check(world)
        world.stop()

    assert taken == STEPS


@settings(max_examples=20, deadline=None)
@given(
    kills=st.sets(st.integers(0, 90), max_size=8),
    lost=st.sets(st.integers(0, 8), max_size=3),
    silences=st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=6),
)
def test_life__killed_anywhere__ends_the_same(
    kills: set[int], lost: set[int], silences: list[int | None]
) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        world, _ = live(Path(folder), kills, lost, silences)
        check(world)
        world.stop()


def test_member__its_journal_is_lost__learns_from_its_peers_what_it_signed(tmp_path: Path) -> None:
    """P13: the journal is what keeps a member from signing twice; without it the peers' copies still do."""
    world = World(tmp_path, (980, 985, 970, 990))
    world.open()
    world.start()
    world.run(LENGTH + SETTINGS.observe_after_seconds + 1)
    signed = list(world.signed)
    world.stop()
    for path in tmp_path.glob("0.sqlite*"):
        path.unlink()
    world.sources[0].good = 500

    world.start()
    world.run(LENGTH + SETTINGS.collect_after_seconds - 1)
    world.stop()

    assert world.signed == signed
