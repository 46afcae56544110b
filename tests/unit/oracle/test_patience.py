"""Longer and longer waits, and telling things once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from chain.errors import ChainError
from oracle.errors import OracleError
from oracle.patience import Patience
from oracle.telling import AGAIN_SECONDS, Quiet, in_words

KEY = bytes(32)


def test_patience__failures__double_up_to_an_hour() -> None:
    patience, now, waits = Patience(60), 0, []
    for _ in range(9):
        assert patience.may("claim", KEY, now)
        wait = patience.failed("claim", KEY, now)
        assert not patience.may("claim", KEY, now + wait - 1)
        waits.append(wait)
        now += wait
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_patience__success__begins_anew() -> None:
    patience = Patience(60)
    patience.failed("claim", KEY, 0)
    patience.failed("claim", KEY, 0)
    patience.succeeded("claim", KEY)
    assert patience.may("claim", KEY, 0)
    assert patience.failed("claim", KEY, 0) == 60


def test_patience__other_things__are_not_held_back() -> None:
    patience = Patience(60)
    patience.failed("claim", KEY, 0)
    assert patience.may("settle", KEY, 0)
    assert patience.may("claim", b"\x01" * 32, 0)


@pytest.mark.parametrize(("left", "wait"), [(1_000, 60), (100, 50), (3, 1), (1, 1), (0, 1), (-50, 1)])
def test_patience__deadline_is_near__there_is_time_for_another_try(left: int, wait: int) -> None:
    assert Patience(60).failed("claim", KEY, 0, left) == wait


class Heard:
    def __init__(self) -> None:
        self.events: list[str] = []
        self.now = 0.0
        self.quiet = Quiet(self.hear, lambda: self.now)

    def hear(self, kind: str, details: Mapping[str, object]) -> None:
        self.events.append(f"{kind} {details.get('problem', '')}".strip())


def test_telling__same_trouble_with_other_numbers__is_told_again_only_after_a_while() -> None:
    heard = Heard()
    for number in range(100):
        heard.quiet("trouble", {"problem": f"port {number} of 0x{number:04x} is away"})
    assert len(heard.events) == 1
    heard.quiet("trouble", {"problem": "something else"})
    assert len(heard.events) == 2
    heard.now += AGAIN_SECONDS
    heard.quiet("trouble", {"problem": "something else"})
    assert len(heard.events) == 3


def test_telling__what_happens_once__is_always_told() -> None:
    heard = Heard()
    for number in range(3):
        heard.quiet("posted", {"round": number})
    assert heard.events == ["posted"] * 3


def test_telling__trouble_was_over__is_told_anew() -> None:
    heard = Heard()
    for _ in range(2):
        heard.quiet("trouble", {"problem": "away"})
        heard.quiet.over("trouble")
    assert len(heard.events) == 2


def test_telling__ever_new_troubles__are_forgotten_not_hoarded() -> None:
    heard = Heard()
    for number in range(3_000):
        heard.quiet("not answered", {"problem": "x" * number})
    assert len(heard.quiet._told) <= 1_000


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OracleError("it is so", "do that"), "it is so; do that"),
        (ChainError("away", "wait"), "away; wait"),
        (ConnectionError("HTTPConnectionPool(...)"), "the chain's node does not answer (ConnectionError)"),
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (ZeroDivisionError("bug"), "ZeroDivisionError: bug"),
    ],
)
def test_error__in_words__is_for_people(error: Exception, words: str) -> None:
    assert in_words(error).startswith(words)
