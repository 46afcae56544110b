"""Local schedules: exact bounds by the zone's own clock, and one lag that covers every deadline."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.terms import load_terms, local_bounds
from sla.errors import TermsError
from sla.schedule import deadline_end

HOUR, DAY = 3_600, 86_400
TEXT = (Path(__file__).resolve().parents[3] / "examples" / "aws-compute-region.yaml").read_text()
ZONES = ["Europe/London", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Pago_Pago", "Pacific/Kiritimati",
         "Australia/Lord_Howe", "America/St_Johns", "UTC", "Etc/GMT+12"]  # fmt: skip


def terms_text(start: str, zone: str, every: str, periods: int) -> str:
    return (
        TEXT.replace("start: 2027-01-01T00:00:00", f"start: {start}")
        .replace("zone: UTC", f"zone: {zone}")
        .replace("every: 1 month", f"every: {every}")
        .replace("periods: 12", f"periods: {periods}")
        .replace("openBy: 2027-01-15T00:00:00Z", "openBy: 2100-01-01T00:00:00Z")
    )


def utc(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_local_bounds__london_across_a_year__follow_summer_time() -> None:
    document = load_terms(terms_text("2027-01-01", "Europe/London", "1 month", 12))

    assert local_bounds(document, 0) == (utc("2027-01-01T00:00"), utc("2027-02-01T00:00"))
    assert local_bounds(document, 2) == (utc("2027-03-01T00:00"), utc("2027-03-31T23:00"))
    assert local_bounds(document, 6) == (utc("2027-06-30T23:00"), utc("2027-07-31T23:00"))
    assert local_bounds(document, 9) == (utc("2027-09-30T23:00"), utc("2027-11-01T00:00"))


@pytest.mark.parametrize(
    ("zone", "lag"),
    [
        ("UTC", 0),
        ("Europe/London", 0),
        ("Asia/Kolkata", 0),
        ("America/Los_Angeles", 8 * HOUR),
        ("America/St_Johns", 3 * HOUR + 30 * 60),
        ("Etc/GMT+12", 12 * HOUR),
    ],
)
def test_zone_lag__over_a_year_of_months__is_the_zones_winter_offset_west_of_greenwich(
    zone: str, lag: int
) -> None:
    document = load_terms(terms_text("2027-01-01", zone, "1 month", 12))

    assert document.agreement().service.zone_lag_seconds == lag


def test_zone_lag__summer_only__is_the_summer_offset() -> None:
    document = load_terms(terms_text("2027-05-01", "America/Los_Angeles", "1 month", 3))

    assert document.agreement().service.zone_lag_seconds == 7 * HOUR


def test_local_bounds__a_time_that_occurs_twice__is_its_first_occurrence() -> None:
    """London, 31 October 2027: 01:30 is first 00:30 UTC (summer time), then 01:30 UTC."""
    document = load_terms(terms_text("2027-10-30T01:30", "Europe/London", "1 day", 3))

    assert local_bounds(document, 0) == (utc("2027-10-30T00:30"), utc("2027-10-31T00:30"))
    assert local_bounds(document, 1) == (utc("2027-10-31T00:30"), utc("2027-11-01T01:30"))


def test_local_bounds__a_time_that_does_not_exist__moves_forward_with_the_clocks() -> None:
    """London, 28 March 2027: clocks go from 01:00 to 02:00, so 01:30 is shown as 02:30, 01:30 UTC."""
    document = load_terms(terms_text("2027-03-27T01:30", "Europe/London", "1 day", 3))

    assert local_bounds(document, 0) == (utc("2027-03-27T01:30"), utc("2027-03-28T01:30"))
    assert local_bounds(document, 1) == (utc("2027-03-28T01:30"), utc("2027-03-29T00:30"))


def test_schedule__shorter_than_days_in_a_zone_with_clock_changes__is_refused() -> None:
    with pytest.raises(TermsError, match=r"spec\.schedule\.every.*cuts days apart in Europe/London"):
        load_terms(terms_text("2027-01-01", "Europe/London", "20 seconds", 100))

    assert load_terms(terms_text("2027-01-01", "UTC", "20 seconds", 100)).zone == "UTC"


@pytest.mark.parametrize(("start", "periods"), [("2027-01-01", 37_000), ("9998-01-01", 1_000)])
def test_schedule__too_long_or_too_late_for_a_zone__is_refused(start: str, periods: int) -> None:
    with pytest.raises(TermsError, match=r"spec\.schedule\.periods"):
        load_terms(terms_text(start, "Europe/London", "1 day", periods))


@settings(max_examples=30, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(2000, 1, 1), datetime(2080, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    every=st.sampled_from(["1 day", "1 week", "30 days", "1 month", "1 quarter"]),
    periods=st.integers(1, 40),
)
def test_local_periods__any_zone_and_schedule__are_seamless_and_over_before_their_deadline(
    zone: str, start: datetime, every: str, periods: int
) -> None:
    document = load_terms(terms_text(start.isoformat(), zone, every, periods))
    bounds = [local_bounds(document, period) for period in range(periods)]

    for (_, end), (next_start, _) in pairwise(bounds):
        assert end == next_start
    for period, (begin, end) in enumerate(bounds):
        assert begin < end
        assert end <= deadline_end(document.service, period)
    assert document.service.zone_lag_seconds <= 14 * HOUR
