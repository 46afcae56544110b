"""The calldata of ``open`` from anybody: the same agreement for every encoding the general decoder knows."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi import decode, encode
from eth_abi.exceptions import DecodingError
from hypothesis import given, settings
from hypothesis import strategies as st

from record.hexes import checksum_address
from record.open_call import read_open_call
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
from sla.obligation_validation import MAX_TIERS
from sla.validation import MAX_OBLIGATIONS
from tests.open_arguments import OPEN_ARGUMENTS
from tests.unit.record.hostile import damaged, refused_or_read, uint

Read = tuple[Agreement, bytes, bytes]

ACCOUNTS = st.binary(min_size=20, max_size=20).map(checksum_address)
WORDS = st.binary(min_size=32, max_size=32)
TIERS = st.builds(Tier, uint(64), uint(96), uint(96), uint(64))
OBLIGATIONS = st.builds(
    Obligation,
    WORDS,
    st.sampled_from(Comparator),
    st.sampled_from(PayUnit),
    st.sampled_from(MissingData),
    uint(96),
    uint(64),
    uint(64),
    st.lists(TIERS, min_size=1, max_size=3).map(tuple),
)
AGREEMENTS = st.builds(
    Agreement,
    st.builds(Parties, ACCOUNTS, ACCOUNTS, ACCOUNTS),
    st.builds(
        Service,
        ACCOUNTS,
        uint(40),
        st.sampled_from(ScheduleUnit),
        uint(32),
        uint(24),
        uint(32),
        uint(96),
        uint(96),
        uint(96),
    ),
    st.builds(Stake, ACCOUNTS, uint(96), uint(96), uint(32), uint(32), uint(32), uint(32), WORDS),
    st.builds(Formation, WORDS, uint(96), WORDS, uint(40), uint(16), uint(16)),
    st.lists(OBLIGATIONS, min_size=1, max_size=3).map(tuple),
)
SIGNATURES = st.binary(max_size=70)


def members(value: Any) -> Any:
    """A dataclass as the ABI sees it: its members in order."""
    if isinstance(value, tuple):
        return [members(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return tuple(members(getattr(value, name)) for name in value.__dataclass_fields__)
    return value


def written(agreement: Agreement, provider: bytes, customer: bytes) -> bytes:
    return encode(OPEN_ARGUMENTS, [members(agreement), provider, customer])


TIER = Tier(999_000, 50_000, 1, 100)
PROMISE = Obligation(
    b"\7" * 32, Comparator.AT_LEAST, PayUnit.AMOUNT, MissingData.ARBITER, 2**96 - 1, 0, 10**6, (TIER,) * 3
)
SMALL = Agreement(
    Parties(*(checksum_address(bytes([number]) * 20) for number in (0xA1, 0xB2, 0xC3))),
    Service(checksum_address(b"\4" * 20), 2**40 - 1, ScheduleUnit.MONTHS, 1, 12, 50_400, 10**20, 0, 0),
    Stake(checksum_address(b"\5" * 20), 10**18, 10**17, 86_400, 3_600, 7_200, 86_400, bytes(32)),
    Formation(b"\6" * 32, 10**21, bytes(32), 2**31, 0, 0),
    (PROMISE, PROMISE),
)
CALLS = st.just(written(SMALL, b"provider", b"c" * 65))


def of_library(data: bytes) -> Any:
    """What the general decoder reads; None where it refuses."""
    try:
        return decode(OPEN_ARGUMENTS, data)
    except (DecodingError, OverflowError, ValueError):
        return None


@settings(max_examples=25)
@given(agreement=AGREEMENTS, provider=SIGNATURES, customer=SIGNATURES)
def test_read_open_call__the_usual_encoding__is_the_agreement(
    agreement: Agreement, provider: bytes, customer: bytes
) -> None:
    assert read_open_call(written(agreement, provider, customer)) == (agreement, provider, customer)


@settings(max_examples=150)
@given(data=damaged(CALLS) | st.binary(max_size=200))
def test_read_open_call__damaged__is_refused_or_an_agreement_of_these_types(data: bytes) -> None:
    found = refused_or_read(read_open_call, data)
    if found is None:
        return
    again = written(*found)
    assert read_open_call(again) == found
    usual = of_library(data)
    assert usual is None or usual == of_library(again)


def words(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(32) for number in numbers)


HUGE = [2**32, 2**64, 2**255, 2**256 - 1]


@pytest.mark.parametrize("obligations", [0, 1, MAX_OBLIGATIONS, MAX_OBLIGATIONS + 1, *HUGE])
@pytest.mark.parametrize("tiers", [0, 1, MAX_TIERS, MAX_TIERS + 1, *HUGE])
def test_read_open_call__any_number_of_obligations_and_tiers__is_read_up_to_the_limits(
    obligations: int, tiers: int
) -> None:
    """Short calldata can point to one obligation as often as it likes: the most it can make are 64 of 16 tiers."""
    head = words(3 * 32, 27 * 32, 27 * 32) + words(*[0] * 26, 27 * 32)
    offsets = words(*[66 * 32] * 66)
    obligation = words(*[0] * 7, 8 * 32, tiers, *[1] * (4 * MAX_TIERS + 4))
    found = refused_or_read(read_open_call, head + words(obligations) + offsets + obligation)

    is_allowed = 1 <= obligations <= MAX_OBLIGATIONS and 1 <= tiers <= MAX_TIERS
    assert (found is not None) == is_allowed
    if found is not None:
        assert [len(obligation.tiers) for obligation in found[0].obligations] == [tiers] * obligations


def test_read_open_call__pointers_to_anywhere__are_refused_or_lead_into_the_call() -> None:
    data = written(SMALL, b"p", b"c")
    for place in (0, 1, 2, 3 + 26):
        for pointer in (0, 32, 2**31, 2**32, 2**63, 2**64 - 32, 2**64, 2**255, 2**256 - 32, 2**256 - 1):
            changed = data[: 32 * place] + words(pointer) + data[32 * place + 32 :]
            assert refused_or_read(read_open_call, changed) is None or pointer < len(data)


ACCOUNT, AMOUNT, DURATION, WORD = 2**160, 2**96, 2**32, 2**256
HEAD = [
    *[ACCOUNT] * 3,
    *[ACCOUNT, 2**40, len(ScheduleUnit), 2**32, 2**24, DURATION, AMOUNT, AMOUNT, AMOUNT],
    *[ACCOUNT, AMOUNT, AMOUNT, DURATION, DURATION, DURATION, DURATION, WORD],
    *[WORD, AMOUNT, WORD, 2**40, 2**16, 2**16],
]
FIRST = [WORD, len(Comparator), len(PayUnit), len(MissingData), AMOUNT, 2**64, 2**64]
"""How many values each word may have, from the parties on, and from the first obligation on."""


def test_read_open_call__each_word__holds_the_values_of_its_type_and_no_other() -> None:
    data = written(SMALL, b"p", b"c")
    places = [*enumerate(HEAD, 3), *enumerate(FIRST, 33), *enumerate([2**64, AMOUNT, AMOUNT, 2**64], 42)]
    for place, limit in places:
        for value in {0, 1, limit - 1, limit, limit + 1, WORD - 1}:
            if value >= WORD:
                continue
            changed = data[: 32 * place] + words(value) + data[32 * place + 32 :]
            assert (refused_or_read(read_open_call, changed) is not None) == (value < limit), (place, value)


def test_read_open_call__cut_short_anywhere__is_refused() -> None:
    """The last word's padding is nobody's."""
    data = written(SMALL, b"p", b"c" * 65)
    padding = -65 % 32

    for end in range(0, len(data) - padding, 7):
        assert refused_or_read(read_open_call, data[:end]) is None
    assert refused_or_read(read_open_call, data[: len(data) - padding - 1]) is None
    assert refused_or_read(read_open_call, data[: len(data) - padding]) is not None
