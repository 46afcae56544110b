"""Each word of each log changed, each log removed, repeated, swapped, with every hash made to fit: what the replay sees
by itself, without the chain to tell. With trust roots none of it ever passes, as the head's hash is another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import rlp

from audit import Kind, run_files
from record.events import COMMITTEE_EVENTS, ESCROW_EVENTS, event_topic
from record.hexes import address_bytes
from record.pack import Pack
from record.pack_logs import TRANSFER_TOPIC
from tests.unit.audit.forging import RawLog, forge
from tests.unit.audit.story import Story, make_story

NAMES = {event_topic(event): event.__name__ for event in (*ESCROW_EVENTS, *COMMITTEE_EVENTS)} | {
    TRANSFER_TOPIC: "Transfer"
}

Change = Callable[[list[RawLog], int], None]

FREE = {
    # What a party says in a dispute is heard, not checked; that it spoke at all pays nothing.
    "EvidenceSubmitted word 2",
    "EvidenceSubmitted word 4",
    "EvidenceSubmitted removed",
    "EvidenceSubmitted twice",
    # Alleged and ruled: another attainment of the same pay.
    "Disputed word 3",
    "Ruled word 2",
    # What stands behind the last byte of a signature.
    "AgreementOpened word 51",
    "AgreementOpened word 55",
    "AgreementOpened word 59",
    # More arrived than anybody is owed, or from somebody else: a donation, as far as the token's own logs go.
    "Transfer topic 1",
    "Transfer word 0",
    "Transfer twice",
    # In which order a token and the escrow write within one call.
    "Transfer before Compensated",
    "Transfer before Transfer",
    # The reports stand in the bundle as well, and anyone may publish them again.
    "ReportsPublished removed",
    "ReportsPublished twice",
}
"""What only the chain can know."""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return make_story(tmp_path_factory.mktemp("audit"))


def test_rehashed__each_word_changed__is_recomputed(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    assert tried(story, word_changes(story), capsys) <= FREE


def test_rehashed__each_log_removed_repeated_swapped__is_missed(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tried(story, log_changes(story), capsys) <= FREE


def tried(
    story: Story,
    changes: Iterable[tuple[str, int, int, Change]],
    capsys: pytest.CaptureFixture[str],
    with_roots: bool = True,
) -> set[str]:
    """Make each change; what the replay alone does not see. ``with_roots`` nothing passes."""
    count, unseen = 0, set()
    for what, block, place, change in changes:

        def edit(
            number: int, logs: list[RawLog], block: int = block, place: int = place, change: Change = change
        ) -> None:
            if number == block:
                change(logs, place)

        files = forge(story.files, edit)
        assert not with_roots or run_files(files, story.roots).kind is Kind.FAIL, what
        if run_files(files, None).kind is not Kind.FAIL:
            unseen.add(what)
        count += 1
    with capsys.disabled():
        print(f"\n{count} rehashed changes, no PASS; consistent in themselves: {sorted(unseen)}")
    return unseen


def _logs(story: Story) -> Iterator[tuple[int, int, list[RawLog]]]:
    """Every log of ours by block and place; here each block has one transaction."""
    pack = Pack.from_files(story.files)
    ours = {address_bytes(contract) for contract in (pack.escrow, *pack.committees, story.world.token)}
    for block in pack.blocks:
        number = int.from_bytes(rlp.decode(block.header)[8])
        assert len(block.receipts) <= 1
        for raw in block.receipts:
            logs: list[Any] = rlp.decode(raw[1:])[3]
            yield from ((number, place, logs) for place, log in enumerate(logs) if log[0] in ours)


def word_changes(story: Story) -> Iterator[tuple[str, int, int, Change]]:
    """Each word of each log changed: what, in which block, which of its logs, and how."""
    for number, place, logs in _logs(story):
        _, topics, data = logs[place]
        name = NAMES[topics[0]]
        for index in range(len(topics)):
            yield f"{name} topic {index}", number, place, _topic_change(index)
        for index in range(len(data) // 32):
            yield f"{name} word {index}", number, place, _data_change(index)


def log_changes(story: Story) -> Iterator[tuple[str, int, int, Change]]:
    """Each log removed, repeated, put before the one before it; likewise."""
    for number, place, logs in _logs(story):
        name = NAMES[logs[place][1][0]]
        yield f"{name} removed", number, place, _remove
        yield f"{name} twice", number, place, _repeat
        if place:
            before = NAMES[logs[place - 1][1][0]]
            yield f"{name} before {before}", number, place, _swap


def _remove(logs: list[RawLog], place: int) -> None:
    del logs[place]


def _repeat(logs: list[RawLog], place: int) -> None:
    logs.insert(place, list(logs[place]))


def _swap(logs: list[RawLog], place: int) -> None:
    logs[place - 1 : place + 1] = logs[place], logs[place - 1]


def _topic_change(index: int) -> Change:
    def change(logs: list[RawLog], place: int) -> None:
        topics = logs[place][1]
        logs[place][1] = [*topics[:index], _next(topics[index]), *topics[index + 1 :]]

    return change


def _data_change(index: int) -> Change:
    def change(logs: list[RawLog], place: int) -> None:
        data = logs[place][2]
        start = 32 * index
        logs[place][2] = data[:start] + _next(data[start : start + 32]) + data[start + 32 :]

    return change


def _next(word: bytes) -> bytes:
    return ((int.from_bytes(word) + 1) % 2**256).to_bytes(32)
