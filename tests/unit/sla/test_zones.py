"""Offsets as integers, against ``zoneinfo`` and the zone files themselves."""

import struct
from importlib import import_module
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.civil import DAY
from sla.zones import CalendarError, local_day, offset_at, require_zone, stretches, zone_data_version
from tests.reference.wall_time import day, instant, utc, wall

CYCLE = 146_097 * DAY
ZONES = [
    "UTC", "Europe/Berlin", "Europe/Dublin", "America/St_Johns", "America/New_York", "Africa/Casablanca",
    "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kwajalein", "Antarctica/Troll", "Asia/Gaza",
    "Africa/Monrovia",
]  # fmt: skip


def offset_of(zone: str, at: int) -> float:
    offset = wall(zone, at).utcoffset()
    assert offset is not None
    return offset.total_seconds()


def changes_in_file(zone: str) -> list[tuple[int, int]]:
    """(instant, offset from then on) of every change of the offset that the zone's file lists (RFC 8536, version 2)."""
    data = files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()
    at = 0
    for size in (4, 8):
        marks, standards, leaps, times, types, letters = struct.unpack(">6l", data[at + 20 : at + 44])
        body = at + 44
        at = body + times * (size + 1) + types * 6 + letters + leaps * (size + 4) + marks + standards
    instants = struct.unpack(f">{times}q", data[body : body + 8 * times])
    kinds = data[body + 8 * times : body + 9 * times]
    table = body + 9 * times
    offsets = [struct.unpack(">l", data[table + 6 * n : table + 6 * n + 4])[0] for n in range(types)]
    found, now = [], offsets[0]
    for time, kind in zip(instants, kinds, strict=True):
        if offsets[kind] != now:
            now = offsets[kind]
            found.append((time, now))
    return found


@pytest.mark.parametrize("zone", [zone for zone in ZONES if zone not in ("UTC", "Antarctica/Troll")])
def test_offset__every_change_a_zone_file_lists__is_found_to_the_second(zone: str) -> None:
    changes = changes_in_file(zone)

    assert len(changes) > 1
    assert [(at, offset_at(zone, at)) for at, _ in changes] == changes
    assert [offset_at(zone, at - 1) for at, _ in changes[1:]] == [offset for _, offset in changes[:-1]]


def test_zones__all_of_the_database__never_change_twice_within_two_days() -> None:
    """What the search for changes relies on."""
    names = files("tzdata").joinpath("zones").read_text().split()
    gaps = [after - at for name in names for (at, _), (after, _) in pairwise(changes_in_file(name))]

    assert len(gaps) > 10_000
    assert min(gaps) > 2 * DAY


@given(zone=st.sampled_from(ZONES), at=st.integers(utc("1800-01-01"), utc("2790-01-01")))
def test_offset__any_instant__is_that_of_zoneinfo(zone: str, at: int) -> None:
    assert offset_at(zone, at) == offset_of(zone, at)
    assert local_day(zone, at) == day(wall(zone, at).date().isoformat())


@given(zone=st.sampled_from(ZONES), at=st.integers(utc("2400-01-01"), 2**40), cycles=st.integers(1, 60))
def test_offset__beyond_what_datetime_knows__repeats_every_400_years(zone: str, at: int, cycles: int) -> None:
    like = utc("2400-01-01") + (at - utc("2400-01-01")) % CYCLE

    assert offset_at(zone, at) == offset_at(zone, at + cycles * CYCLE)
    assert offset_at(zone, at) == offset_of(zone, like)


def test_offset__before_the_year_2__is_the_first() -> None:
    assert offset_at("Europe/Berlin", -(10**12)) == 53 * 60 + 28


@given(zone=st.sampled_from(ZONES), start=st.integers(0, 2**33), length=st.integers(1, 5 * 366 * DAY))
def test_stretches__any_span__cut_it_without_a_gap_and_say_its_offsets(
    zone: str, start: int, length: int
) -> None:
    found = list(stretches(zone, start, start + length))

    assert found[0][0] == start
    assert found[-1][1] == start + length
    assert all(before[1] == after[0] for before, after in pairwise(found))
    for since, until, offset in found:
        assert since < until
        for at in (since, (since + until) // 2, until - 1):
            assert offset_of(zone, at) == offset


def test_stretches__of_nothing__are_none() -> None:
    assert list(stretches("Europe/Berlin", 1_000, 1_000)) == []
    assert list(stretches("Europe/Berlin", 1_000, 10)) == []


def test_local_day__around_a_date_line__follows_the_clocks_of_the_place() -> None:
    noon = utc("2027-06-01T12:00")

    assert local_day("Pacific/Kiritimati", noon) == day("2027-06-02")
    assert local_day("Pacific/Pago_Pago", utc("2027-06-01T10:59:59")) == day("2027-05-31")
    assert local_day("Pacific/Apia", instant("Pacific/Apia", "2011-12-29T23:59:59") + 1) == day("2011-12-31")


@pytest.mark.parametrize(
    "name", ["Europe/Atlantis", "", "europe/berlin", "Factory", "../zones", "localtime", "Etc"]
)
def test_zone__that_is_none__is_refused_with_the_release(name: str) -> None:
    with pytest.raises(CalendarError, match=f"IANA database {zone_data_version()}.*as in Europe/London"):
        require_zone(name)


def test_zone_data_version__as_installed__is_that_of_the_package() -> None:
    assert zone_data_version() == import_module("tzdata").IANA_VERSION
