"""Each event of an agreement's whole life, changed word by word with every hash made to fit: the replay sees it by
itself, without the chain to tell. And what a forger would most like to write, with what the audit says to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from audit import Kind, run_files
from record.events import (
    AgreementAmended,
    AgreementExited,
    AgreementTerminated,
    Claimed,
    Compensated,
    Conceded,
    Credited,
    Disputed,
    DownstreamLinked,
    Event,
    InArrears,
    Settled,
    event_topic,
)
from tests.integration.test_audit_rehashed import log_changes, tried, word_changes
from tests.unit.audit.forging import RawLog, forge
from tests.unit.audit.life import make_life
from tests.unit.audit.story import Story
from tests.unit.audit.world import DAY, KEYS, PERIOD

NEW = {
    "AgreementAmended",
    "AgreementTerminated",
    "AgreementExited",
    "DownstreamLinked",
    "Conceded",
    "Credited",
    "InArrears",
    "Claimed",
    "Disputed",
    "Ruled",
    "Settled",
    "BondReturned",
    "Deposited",
}

MOST_OF_A_KIND = 3

FREE = {
    # Alleged and ruled: another attainment of the same pay.
    "Disputed word 3",
    "Ruled word 2",
    # What stands behind the last byte of a signature.
    "AgreementAmended word 93",
    "AgreementAmended word 97",
    "AgreementTerminated word 32",
    "AgreementTerminated word 36",
    # Who topped it up is not the escrow's concern.
    "Deposited topic 2",
    # Nothing that came later rests on it.
    "AgreementExited removed",
    "AgreementTerminated removed",
    "DownstreamLinked twice",
    # A report that pays nothing, where the missing-data policy pays nothing.
    "Claimed removed",
    # The last correction: it lowers what is due, and nothing was paid after it.
    "Settled removed",
    # Two claims settled by one call, and paid together.
    "Settled before Settled",
}
"""What only the chain can know."""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return make_life(tmp_path_factory.mktemp("life"))


@pytest.mark.parametrize("name", sorted(NEW))
def test_life__each_word_of_an_event_changed__is_recomputed(
    life: Story, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of each kind the first ones: what comes later is like them."""
    ours = [one for one in word_changes(life) if one[0].split()[0] == name]
    logs = list(dict.fromkeys((block, place) for _, block, place, _ in ours))[:MOST_OF_A_KIND]
    changes = (one for one in ours if one[1:3] in logs)
    assert logs

    assert tried(life, changes, capsys, with_roots=False) <= FREE


def test_life__each_of_its_events_removed_repeated_swapped__is_missed(
    life: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = (one for one in log_changes(life) if one[0].split()[0] in NEW)

    assert tried(life, changes, capsys, with_roots=False) <= FREE


Change = Callable[[RawLog], None]


def word(index: int, value: int | bytes) -> Change:
    """Write a word of a log's data."""

    def change(log: RawLog) -> None:
        written = value if isinstance(value, bytes) else value.to_bytes(32)
        log[2] = log[2][: 32 * index] + written + log[2][32 * (index + 1) :]

    return change


def topic(index: int, value: bytes) -> Change:
    """Write a topic of a log."""

    def change(log: RawLog) -> None:
        log[1] = [*log[1][:index], value, *log[1][index + 1 :]]

    return change


def becomes(event: type[Event], *topics: bytes) -> Change:
    """Another event, with the same data."""

    def change(log: RawLog) -> None:
        log[1] = [event_topic(event), log[1][1], *topics]

    return change


def found(life: Story, event: type[Event], place: int, change: Change) -> str:
    """What the audit says when the event of that place among its kind is changed, and every hash made to fit."""
    seen = 0

    def edit(number: int, logs: list[RawLog]) -> None:
        nonlocal seen
        for log in logs:
            if log[1][0] == event_topic(event):
                if seen == place:
                    change(log)
                seen += 1

    files = forge(life.files, edit)
    assert seen > place
    assert run_files(files, life.roots).kind is Kind.FAIL
    verdict = run_files(files, None)
    assert verdict.kind is Kind.FAIL
    return str(verdict.first_difference)


CUSTOMER = bytes.fromhex(KEYS["customer"].address[2:]).rjust(32, b"\0")
PROVIDER = bytes.fromhex(KEYS["provider"].address[2:]).rjust(32, b"\0")

FORGERIES: dict[str, tuple[type[Event], int, Change, str]] = {
    "a case that only waits for its window": (
        Claimed,
        1,
        word(6, 1),
        "the claim's status is 1, recomputed 2",
    ),
    "a case that pays less than the policy says": (
        Claimed,
        1,
        word(5, 89_999),
        "the compensation is 89999, recomputed 90000",
    ),
    "a correction with a longer window": (Claimed, 4, word(7, 2_000_000_000), "the deadline is 2000000000"),
    "a correction that is none": (Claimed, 4, word(2, 0), "revision 0 was claimed for this period before"),
    "a correction that takes nothing back": (
        Settled,
        5,
        word(3, 0),
        "the change of the entitlement is 0, recomputed -10000",
    ),
    "a dispute over what would stand": (Disputed, 1, word(6, 1), "what stands is 1, recomputed 0"),
    "a concession of less": (Conceded, 0, word(2, 299_999), "what was alleged is 299999, recomputed 300000"),
    "a concession to somebody else": (Conceded, 0, word(3, PROVIDER), "the disputer is"),
    "a concession that keeps the bond": (Conceded, 0, word(4, 0), "the bond is 0, recomputed 500"),
    "smaller arrears": (InArrears, 0, word(0, 159_999), "the arrears is 159999, recomputed 160000"),
    "a larger credit": (Credited, 0, word(0, 150_001), "the amount is 150001, recomputed 150000"),
    "a credit to somebody else": (Credited, 0, topic(2, b"\7" * 32), "the terms direct nothing to"),
    "a payment past the downstream": (
        Credited,
        0,
        becomes(Compensated, CUSTOMER),
        "direct it into the escrow of their downstream",
    ),
    "a credit where the customer is paid": (Compensated, 0, becomes(Credited, b"\7" * 32), "direct nothing"),
    "another downstream": (DownstreamLinked, 0, topic(2, b"\7" * 32), "the downstream's first version is"),
    "more collateral in an amendment": (AgreementAmended, 0, word(1, 10**9), "the escrow owes"),
    "fewer periods kept by an amendment": (
        AgreementAmended,
        0,
        word(0, 2),
        "the number of periods kept is 2, recomputed 3",
    ),
    "an amendment of another first version": (
        AgreementAmended,
        0,
        topic(1, b"\7" * 32),
        "the first version is",
    ),
    "an amendment of another predecessor": (AgreementAmended, 0, topic(2, b"\7" * 32), "the predecessor is"),
    "an amendment under another id": (
        AgreementAmended,
        0,
        topic(3, b"\7" * 32),
        "not those of the agreement's id",
    ),
    "an amendment that brings other old terms": (
        AgreementAmended,
        0,
        word(13, PERIOD + DAY),
        "the terms it was called with are not those that were signed",
    ),
    "a later end by termination": (
        AgreementTerminated,
        0,
        word(0, 7),
        "the number of periods kept is 7, recomputed 6",
    ),
    "a termination signed by another": (
        AgreementTerminated,
        0,
        word(30, b"\7" * 32),
        "the provider's signature is not by the key",
    ),
    "a termination valid for longer": (
        AgreementTerminated,
        0,
        word(26, 2**39),
        "the provider's signature is not by the key",
    ),
    "an exit a period later": (AgreementExited, 0, word(0, 3), "the period before begins at"),
    "an exit at once": (AgreementExited, 0, word(0, 1), "period 1 began at"),
    "an exit because of nothing": (AgreementExited, 0, word(2, 0), "0 breaches, the rule asks for 1"),
    "an exit because of another period": (AgreementExited, 0, word(3, 1), "was not settled, or paid nothing"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_life__a_forgery__is_told_clearly(life: Story, name: str) -> None:
    event, place, change, said = FORGERIES[name]

    assert said in found(life, event, place, change)
