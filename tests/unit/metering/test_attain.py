"""From samples to attainment: exact, floored, half-open, and explained."""

from __future__ import annotations

import json
import random

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from metering.attain import attained, evidence
from metering.samples import Sample, answered, unanswered, unknown
from record.terms.indicators import Ratio

UP = Ratio("up", 400, None)
FAST = Ratio("fast", 400, 250)


def series(*parts: tuple[int, int]) -> list[Sample]:
    """``(count, status)``, one a second from 0; status 0 is no answer, -1 unknown."""
    statuses = [status for count, status in parts for _ in range(count)]
    return [
        unknown(time * 1_000) if status < 0 else Sample(time * 1_000, True, status, 1_000 if status else 0)
        for time, status in enumerate(statuses)
    ]


@pytest.mark.parametrize(
    ("good", "bad", "ppm"),
    [
        (999, 1, 999_000),
        # 432 of 43 200 minutes down are exactly 99 %: the band 99.0 to 99.99 (schedule aws-compute-region).
        (42_768, 432, 990_000),
        (42_767, 433, 989_976),
        (1, 2, 333_333),
        (2, 1, 666_666),
        (0, 5, 0),
        (5, 0, 1_000_000),
    ],
)
def test_attained__good_of_known__is_floored_to_ppm(good: int, bad: int, ppm: int) -> None:
    found = attained(series((good, 200), (bad, 503)), UP, 0, good + bad)

    assert (found.known, found.attained, found.good, found.counted) == (True, ppm, good, good + bad)


def test_attained__bounds__are_half_open_to_the_millisecond() -> None:
    times = (999, 1_000, 1_999, 2_000)
    found = attained([answered(time, 200, 1) for time in times], UP, 1, 2)

    assert (found.good, found.counted) == (2, 2)


@pytest.mark.parametrize(
    ("sample", "up", "fast"),
    [
        (answered(0, 200, 250_000), True, True),
        (answered(0, 200, 250_001), True, False),
        (answered(0, 399, 1), True, True),
        (answered(0, 400, 1), False, False),
        (answered(0, 503, 1), False, False),
        (unanswered(0), False, False),
        (unknown(0), False, False),
    ],
)
def test_sample__good__as_the_indicator_says(sample: Sample, up: bool, fast: bool) -> None:
    assert (sample.is_good(UP), sample.is_good(FAST)) == (up, fast)


def test_attained__unknown_samples__are_neither_good_nor_bad() -> None:
    found = attained(series((9, 200), (1, 0), (10, -1)), UP, 0, 20)

    assert (found.known, found.attained, found.missing) == (True, 900_000, 10)


@pytest.mark.parametrize(("known", "is_known"), [(49, False), (50, True), (51, True), (0, False)])
def test_attained__fewer_than_half_of_the_expected__is_unknown(known: int, is_known: bool) -> None:
    """A node that slept through most of a period must not judge it by the rest."""
    found = attained(series((known, 200)), UP, 0, 100, interval_ms=1_000)

    assert (found.known, found.expected, found.missing) == (is_known, 100, 100 - known)
    assert found.attained == (1_000_000 if is_known else 0)


def test_attained__nothing_recorded__is_unknown() -> None:
    found = attained([], UP, 0, 100)

    assert (found.known, found.attained, found.expected) == (False, 0, 0)


def test_evidence__of_a_period__is_the_hash_of_exactly_these_bytes() -> None:
    samples = [answered(2_000, 200, 1_500), unanswered(1_000), unknown(3_000), answered(9_000, 200, 1)]
    rows = [[1_000, True, 0, 0], [2_000, True, 200, 1_500], [3_000, False, 0, 0]]
    document = {"end": 9, "format": "makegood-samples/1", "samples": rows, "start": 1}

    found = attained(samples, UP, 1, 9)

    assert found.evidence == keccak(json.dumps(document, separators=(",", ":")).encode())


@given(
    st.lists(st.sampled_from([200, 302, 404, 503, 0, -1]), max_size=200), st.randoms(use_true_random=False)
)
def test_attained__any_samples_in_any_order__equals_counting_by_hand(
    statuses: list[int], order: random.Random
) -> None:
    samples = series(*((1, status) for status in statuses))
    shuffled = samples.copy()
    order.shuffle(shuffled)
    counted = [status for status in statuses if status >= 0]
    good = sum(status in (200, 302) for status in counted)

    found = attained(shuffled, UP, 0, len(samples))

    assert found == attained(samples, UP, 0, len(samples))
    assert (found.good, found.counted, found.expected) == (good, len(counted), len(statuses))
    if found.known:
        assert found.attained * len(counted) <= good * 1_000_000 < (found.attained + 1) * len(counted)
    else:
        assert 2 * len(counted) < len(statuses) or not counted


def test_evidence__another_sample__is_another_document() -> None:
    assert evidence([answered(0, 200, 1)], 0, 1) != evidence([answered(0, 200, 2)], 0, 1)
