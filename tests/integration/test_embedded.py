"""The embedded chain keeps the clock's time, and nobody else's."""

from __future__ import annotations

import pytest

from chain.clock import ManualClock
from chain.connection import Connection
from chain.embedded import EmbeddedChain
from chain.errors import ChainError
from chain.keys import LocalKey
from chain.token import Token
from record.keccak import keccak256

NOW = 1_800_000_000
KEY = LocalKey(keccak256(b"operator"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def chain(clock: ManualClock) -> EmbeddedChain:
    return EmbeddedChain([KEY.address], clock)


def deploy(chain: EmbeddedChain) -> Token:
    connection = Connection(chain.web3)
    address, _ = connection.deploy(KEY, "TestToken", "Test", "T", 6)
    return Token(connection, address)


def times(chain: EmbeddedChain) -> list[int]:
    head = chain.web3.eth.block_number
    return [chain.raw_header(number).timestamp for number in range(head + 1)]


def test_set_up__many_transactions__take_a_second_each_in_the_past(
    chain: EmbeddedChain, clock: ManualClock
) -> None:
    token = deploy(chain)
    for _ in range(25):
        token.mint(KEY, KEY.address, 1)

    assert times(chain) == [NOW - 120 + second for second in range(27)]
    assert clock.now() == NOW


def test_follow__after_the_set_up__the_head_is_at_the_clocks_time(
    chain: EmbeddedChain, clock: ManualClock
) -> None:
    token = deploy(chain)
    chain.follow()
    assert times(chain)[-1] == NOW

    clock.sleep(3_600)
    token.balance_of(KEY.address)
    assert times(chain)[-1] == NOW + 3_600


def test_transactions__in_the_same_second__wait_for_seconds_of_their_own(
    chain: EmbeddedChain, clock: ManualClock
) -> None:
    token = deploy(chain)
    chain.follow()
    for _ in range(5):
        token.mint(KEY, KEY.address, 1)
        assert abs(chain.drift()) <= 1

    mined = times(chain)
    assert mined == sorted(set(mined))
    assert mined[-1] <= clock.now() + 1


def test_follow__a_set_up_longer_than_its_head_start__is_an_error(clock: ManualClock) -> None:
    chain = EmbeddedChain([KEY.address], clock, head_start=10)
    token = deploy(chain)
    for _ in range(15):
        token.mint(KEY, KEY.address, 1)

    with pytest.raises(ChainError, match="ahead of the clock"):
        chain.follow()


def test_follow__a_clock_that_is_set_back__is_an_error(chain: EmbeddedChain, clock: ManualClock) -> None:
    token = deploy(chain)
    chain.follow()
    clock.time -= 5

    with pytest.raises(ChainError, match="ahead of the clock"):
        token.balance_of(KEY.address)
