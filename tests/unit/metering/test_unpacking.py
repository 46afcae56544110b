"""One value at a time: what a text means, exactly, or why it means nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.landing import Clock, Constant, Declaration, LandingError, Number, Rounding, Text, Time, Truth
from metering.unpacking.errors import Refusal
from metering.unpacking.numbers import number_reader
from metering.unpacking.readers import Reader
from metering.unpacking.times import time_reader
from record.landing.kinds import MOST_NUMBER, Column, Type

NOW = 2_000_000_000
SECONDS = Column("time", Type.TIME, most=2**40 - 1)
MILLISECONDS = Column("time_ms", Type.TIME_MS, most=2**50)
NUMBER = Column("value", Type.NUMBER, least=-MOST_NUMBER)
NOON = 1_769_860_800
"""2026-01-31T12:00:00Z."""


EXACT = Clock()


def time_of(text: str, column: Column = SECONDS, clock: Clock = EXACT, **how: Any) -> int | str:
    """The instant, or the reason of the refusal."""
    read = time_reader(Time("t", **how), column, clock, NOW)
    first, again = read(text), read(text)
    assert first == again
    return first.reason if isinstance(first, Refusal) else first


@pytest.mark.parametrize(
    ("text", "how", "expected"),
    [
        ("2026-01-31T12:00:00Z", {}, NOON),
        ("2026-01-31 12:00:00Z", {}, NOON),
        ("2026-01-31 12:00:00 +00:00", {}, NOON),
        ("2026-01-31T12:00:00.999999999Z", {}, NOON),
        ("2026-01-31T12:00:00,5Z", {}, NOON),
        ("2026-01-31T17:45:00+05:45", {}, NOON),
        ("2026-01-31T17:45:00+0545", {}, NOON),
        ("2026-01-31T07:00:00-05", {}, NOON),
        ("2026-01-31T12:00Z", {}, NOON),
        ("2026-02-01T00:00:00+12:00", {}, NOON),
        ("2024-02-29T00:00:00Z", {}, 1_709_164_800),
        ("2026-01-31T12:00:00", {}, "no zone"),
        ("2026-01-31T12:00", {}, "no zone"),
        ("2026-01-31T12:00:00", {"zone": "UTC"}, NOON),
        ("2026-01-31T12:00:00+01:00", {"zone": "Asia/Kathmandu"}, NOON - 3_600),
        ("2026-01-31T17:45:00", {"zone": "Asia/Kathmandu"}, NOON),
        ("2026-02-30T12:00:00Z", {}, "no time"),
        ("2025-02-29T12:00:00Z", {}, "no time"),
        ("2026-13-01T12:00:00Z", {}, "no time"),
        ("2026-01-31T24:00:00Z", {}, "no time"),
        ("2026-01-31T12:60:00Z", {}, "no time"),
        ("2026-12-31T23:59:60Z", {}, "no time"),
        ("2026-01-31T12:00:00+24:00", {}, "no time"),
        ("2026-01-31T12:00:00+00:60", {}, "no time"),
        ("2026-1-31T12:00:00Z", {}, "no time"),
        ("2026-01-31T12:00:00ZZ", {}, "no time"),
        ("２０２６-01-31T12:00:00Z", {}, "no time"),
        ("2026-01-31T12:00:00Z\n", {}, "no time"),
        ("1769860800", {}, "no time"),
        ("1969-12-31T23:59:59Z", {}, "out of range"),
        ("2033-05-18T03:33:20Z", {}, NOW),
        ("2033-05-18T03:33:21Z", {}, "future"),
        ("9999-12-31T23:59:59Z", {}, "future"),
        ("1769860800", {"format": "seconds"}, NOON),
        ("1769860800999", {"format": "milliseconds"}, NOON),
        ("1769860800000000", {"format": "microseconds"}, NOON),
        ("1769860800000000000", {"format": "nanoseconds"}, NOON),
        ("-1", {"format": "seconds"}, "no time"),
        ("1.5", {"format": "seconds"}, "no time"),
        ("0x10", {"format": "seconds"}, "no time"),
        ("1769860800000", {"format": "seconds"}, "future"),
        ("31-01-2026 12:00", {"format": "%d-%m-%Y %H:%M", "zone": "UTC"}, NOON),
        ("1/31/2026 12:00:00 PM", {"format": "%m/%d/%Y %I:%M:%S %p", "zone": "UTC"}, NOON),
        ("1/31/2026 12:00:00 AM", {"format": "%m/%d/%Y %I:%M:%S %p", "zone": "UTC"}, NOON - 43_200),
        ("1/31/2026 0:00:00 AM", {"format": "%m/%d/%Y %I:%M:%S %p", "zone": "UTC"}, "no time"),
        ("31 Jan 2026 12:00:00 +0100", {"format": "%d %b %Y %H:%M:%S %z"}, NOON - 3_600),
        ("31 Foo 2026 12:00:00 +0100", {"format": "%d %b %Y %H:%M:%S %z"}, "no time"),
        ("[31/Jan/2026:12:00:00 Z]", {"format": "[%d/%b/%Y:%H:%M:%S %z]"}, NOON),
        ("31.01.2026x12:00", {"format": "%d.%m.%Y.%H:%M", "zone": "UTC"}, "no time"),
    ],
)
def test_time__as_written__is_that_instant_or_refused(
    text: str, how: Mapping[str, Any], expected: int | str
) -> None:
    assert time_of(text, **how) == expected


def test_time__milliseconds__are_kept_where_the_kind_has_them() -> None:
    assert time_of("2026-01-31T12:00:00.2509Z", MILLISECONDS) == NOON * 1_000 + 250
    assert time_of("1769860800250999", MILLISECONDS, format="microseconds") == NOON * 1_000 + 250


@pytest.mark.parametrize(
    ("text", "zone", "twice", "expected"),
    [
        # Ireland: clocks go on at 01:00 UTC on 29 March 2026, and back at 01:00 UTC on 25 October.
        ("2026-03-29 00:59:59", "Europe/Dublin", "refuse", 1_774_745_999),
        ("2026-03-29 01:00:00", "Europe/Dublin", "later", "skipped by the clock"),
        ("2026-03-29 01:59:59", "Europe/Dublin", "earlier", "skipped by the clock"),
        ("2026-03-29 02:00:00", "Europe/Dublin", "refuse", 1_774_746_000),
        ("2026-10-25 00:59:59", "Europe/Dublin", "refuse", 1_792_886_399),
        ("2026-10-25 01:00:00", "Europe/Dublin", "refuse", "twice on the clock"),
        ("2026-10-25 01:00:00", "Europe/Dublin", "earlier", 1_792_886_400),
        ("2026-10-25 01:00:00", "Europe/Dublin", "later", 1_792_890_000),
        ("2026-10-25 02:00:00", "Europe/Dublin", "refuse", 1_792_893_600),
        # Lord Howe Island goes back half an hour, at 15:00 UTC on 4 April 2026.
        ("2026-04-05 01:29:59", "Australia/Lord_Howe", "refuse", 1_775_313_000 - 1),
        ("2026-04-05 01:30:00", "Australia/Lord_Howe", "refuse", "twice on the clock"),
        ("2026-04-05 02:00:00", "Australia/Lord_Howe", "refuse", 1_775_316_600),
        # Samoa skipped 30 December 2011.
        ("2011-12-30 12:00:00", "Pacific/Apia", "refuse", "skipped by the clock"),
    ],
)
def test_time__local__follows_the_clock_of_its_zone(
    text: str, zone: str, twice: str, expected: int | str
) -> None:
    assert time_of(text, zone=zone, twice=twice) == expected


@given(
    st.integers(10**8, NOW - 10**8),
    st.sampled_from(
        ["Europe/Dublin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]
    ),
    st.integers(0, 3),
)
def test_time__any_instant_on_any_clock__is_found_again(instant: int, zone: str, near: int) -> None:
    """Among the instants that show the same wall time, found with zoneinfo; also near a change of the clocks."""
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant)).astimezone(ZoneInfo(zone))
    if near:
        local = datetime(local.year, (3, 10, 4)[near - 1], 1 + instant % 30, instant % 4, instant % 60, 0)
        local = local.replace(tzinfo=ZoneInfo(zone))
    text = f"{local:%Y-%m-%dT%H:%M:%S}"
    moments = {int(local.replace(fold=fold).timestamp()) for fold in (0, 1)}
    real = sorted(
        moment
        for moment in moments
        if f"{datetime.fromtimestamp(moment, ZoneInfo(zone)):%Y-%m-%dT%H:%M:%S}" == text
    )
    expected = "skipped by the clock" if not real else real[0] if len(real) == 1 else "twice on the clock"
    assert time_of(text, zone=zone) == expected
    if real:
        assert (time_of(text, zone=zone, twice="earlier"), time_of(text, zone=zone, twice="later")) == (
            real[0],
            real[-1],
        )


@given(st.lists(st.tuples(st.integers(0, NOW), st.sampled_from([0, 3_600, -19_800, 20_700]), st.booleans())))
def test_time__remembered_minutes__mean_the_same(looks: list[tuple[int, int, bool]]) -> None:
    read = time_reader(Time("t"), MILLISECONDS, Clock(), NOW)
    for instant, ahead, is_short in looks:
        wall = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant + ahead)
        sign, minutes = "-" if ahead < 0 else "+", abs(ahead) // 60
        zone = f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
        fraction = "" if is_short else f".{instant % 1_000:03d}"
        expected = instant * 1_000 + (0 if is_short else instant % 1_000)
        got = read(f"{wall:%Y-%m-%dT%H:%M:%S}{fraction}{zone}")
        assert got == expected or (isinstance(got, Refusal) and wall.year < 1970)


def test_clock__declared_skew__is_taken_off_and_bounded() -> None:
    fast = Clock(ahead_ms=1_500, within_seconds=2)
    assert time_of("2026-01-31T12:00:01.5Z", MILLISECONDS, fast) == NOON * 1_000
    assert time_of("2026-01-31T12:00:01.499Z", MILLISECONDS, fast) == NOON * 1_000 - 1
    assert time_of("2026-01-31T11:59:59Z", MILLISECONDS, Clock(ahead_ms=-1_000)) == NOON * 1_000
    # NOW is 03:33:20; a clock may be two seconds off beyond what is taken off.
    assert time_of("2033-05-18T03:33:22.999Z", clock=Clock(within_seconds=2)) == NOW + 2
    assert time_of("2033-05-18T03:33:23Z", clock=Clock(within_seconds=2)) == "future"
    assert time_of("2033-05-18T03:33:24.499Z", clock=fast) == NOW + 2
    assert time_of("2033-05-18T03:33:24.5Z", clock=fast) == "future"


@pytest.mark.parametrize(
    ("text", "how", "expected"),
    [
        ("0", {}, 0),
        ("-5", {}, -5),
        ("81", {"times": 1_000}, 81_000),
        ("0.081", {"times": 1_000_000}, 81_000),
        ("8.1e-2", {"times": 1_000_000}, 81_000),
        ("1E3", {}, 1_000),
        ("1.50", {"times": 2}, 3),
        ("1.5", {}, "inexact"),
        ("1.5", {"rounding": Rounding.DOWN}, 1),
        ("1.5", {"rounding": Rounding.UP}, 2),
        ("-1.5", {"rounding": Rounding.DOWN}, -2),
        ("-1.5", {"rounding": Rounding.UP}, -1),
        ("2500", {"per": 1_000, "rounding": Rounding.DOWN}, 2),
        ("2000", {"per": 1_000}, 2),
        ("1e-99", {}, "inexact"),
        ("1e99", {}, "out of range"),
        ("1000000000000000", {}, 10**15),
        ("1000000000000001", {}, "out of range"),
        ("999999999999999999999999999999", {}, "out of range"),
        ("01", {}, "no number"),
        ("+1", {}, "no number"),
        (" 1", {}, "no number"),
        ("1,5", {}, "no number"),
        ("1_000", {}, "no number"),
        (".5", {}, "no number"),
        ("5.", {}, "no number"),
        ("1e999", {}, "no number"),
        ("NaN", {}, "no number"),
        ("Infinity", {}, "no number"),
        ("0x1", {}, "no number"),
        ("٣", {}, "no number"),
        ("1" * 5_000, {}, "no number"),
        ("", {}, "missing"),
        ("", {"otherwise": 7}, 7),
        ("?", {"missing": ("?",)}, "missing"),
    ],
)
def test_number__as_written__is_exact_or_refused(
    text: str, how: Mapping[str, Any], expected: int | str
) -> None:
    (value,) = Reader(Number("n", **how), NUMBER, Clock(), NOW).read_all([text])
    assert (value.reason if isinstance(value, Refusal) else value) == expected


@given(
    st.integers(-(10**20), 10**20),
    st.integers(0, 12),
    st.integers(-12, 12),
    st.integers(1, 10**6),
    st.integers(1, 10**6),
    st.sampled_from(list(Rounding)),
)
def test_number__any_decimal__equals_its_fraction(
    digits: int, places: int, power: int, times: int, per: int, rounding: Rounding
) -> None:
    plain = f"{abs(digits):0{places + 1}d}"
    whole, fraction = plain[: len(plain) - places], plain[len(plain) - places :]
    text = f"{'-' if digits < 0 else ''}{whole}{'.' if places else ''}{fraction}e{power}"
    exact = Fraction(digits, 10**places) * Fraction(10) ** power * Fraction(times, per)
    value = number_reader(Number("n", times, per, rounding), NUMBER)(text)

    if exact.denominator != 1 and rounding is Rounding.REFUSE:
        expected: int | str = "inexact"
    else:
        expected = (
            -((-exact.numerator) // exact.denominator) if rounding is Rounding.UP else exact.__floor__()
        )
        expected = expected if abs(expected) <= MOST_NUMBER else "out of range"
    assert (value.reason if isinstance(value, Refusal) else value) == expected


@pytest.mark.parametrize(
    ("text", "how", "optional", "expected"),
    [
        ("up", Text("c", words={"up": "good"}), False, "good"),
        ("UP", Text("c", words={"up": "good"}), False, "unknown word"),
        ("up", Text("c"), False, "up"),
        ("?", Text("c", missing=("?",)), False, ""),
        (None, Text("c"), False, ""),
        ("é" * 500, Text("c"), False, "é" * 500),
        ("é" * 501, Text("c"), False, "too long"),
        ("a\x00b", Text("c"), False, "malformed"),
        ("a\udcffb", Text("c"), False, "malformed"),
        ("yes", Truth("c", ("yes",), ("no",)), False, True),
        ("no", Truth("c", ("yes",), ("no",)), False, False),
        ("YES", Truth("c", ("yes",), ("no",)), False, "no truth value"),
        ("", Truth("c"), False, "missing"),
        ("", Truth("c"), True, None),
        (None, Number("c"), True, None),
        ("?", Time("c", missing=("?",)), True, None),
        ("?", Time("c", missing=("?",)), False, "missing"),
    ],
)
def test_reader__texts_truths_and_nothing__mean_what_is_declared(
    text: str | None, how: Any, optional: bool, expected: object
) -> None:
    type_of = {Text: Type.TEXT, Truth: Type.TRUTH, Number: Type.NUMBER, Time: Type.TIME}[type(how)]
    column = Column("x", type_of, most=2**40, optional=optional)
    first, second = Reader(how, column, Clock(), NOW).read_all([text, text])
    assert first == second
    assert (first.reason if isinstance(first, Refusal) else first) == expected


def test_reader__name_that_is_empty__is_refused() -> None:
    column = Column("ticket", Type.TEXT, name_it=True)
    (value,) = Reader(Text("number"), column, Clock(), NOW).read_all([""])
    assert value == Refusal("missing", "ticket (number): nothing is written")


GOOD: dict[str, Any] = {
    "source": "shop",
    "kind": "probes",
    "format": "csv",
    "columns": {
        "time_ms": Time("at"),
        "known": Constant(True),
        "status": Number("status"),
        "latency_us": Number("ms", times=1_000),
    },
}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"source": "../shop"}, "source: '../shop' cannot name a source"),
        ({"kind": "dreams"}, "kind: 'dreams' is no kind of record; use probes, counts"),
        ({"format": "xlsx"}, "format: 'xlsx' is no format"),
        ({"encoding": "utf-7"}, "encoding: 'utf-7' is not read"),
        ({"delimiter": '"'}, "delimiter: '\"' delimits nothing"),
        ({"delimiter": ";;"}, "delimiter: ';;' delimits nothing"),
        ({"clock": Clock(ahead_ms=3_600_001)}, "clock.ahead_ms: '3600001' ms is no skew"),
        ({"clock": Clock(within_seconds=3_601)}, "clock.within_seconds: '3601' s is no bound"),
        ({"clock": Clock(within_seconds=-1)}, "clock.within_seconds: '-1' s is no bound"),
        ({"lateness_seconds": -1}, "lateness_seconds: '-1' is out of range"),
        (
            {"not_after": ((Time("a"), Time("b", zone="Mars")),)},
            r"not_after\[0\].later: 'Mars' is not a time zone",
        ),
        ({"columns": {}}, "columns.time_ms: is not declared"),
        ({"color": Text("c")}, "columns.color: 'color' is no column of probes"),
        ({"status": Text("c")}, "columns.status: 'Text' does not make a number; use Constant or Number"),
        ({"time_ms": Constant(5)}, "columns.time_ms: 'Constant' does not make a time-ms; use Time"),
        ({"known": Constant(1)}, "columns.known: '1' is no truth"),
        ({"status": Constant(True)}, "columns.status: 'True' is no number"),
        ({"status": Constant(99)}, "columns.status: '99' is out of range"),
        ({"client": Constant("a\nb")}, "columns.client: .* is no text that is kept"),
        ({"client": Text("c", {"a": "x" * 1_001})}, "columns.client: .* is no text that is kept"),
        ({"status": Number("c", otherwise=600)}, "columns.status: '600' is out of range"),
        ({"client": Text("")}, "columns.client: names no column"),
        ({"latency_us": Number("c", times=0)}, "columns.latency_us: '0/1' converts nothing"),
        ({"known": Truth("c", ("1",), ("1",))}, "does not tell true from false"),
        ({"known": Truth("c", (), ("1",))}, "does not tell true from false"),
        ({"time_ms": Time("c", format="unix")}, "columns.time_ms: 'unix' is no format of times"),
        (
            {"time_ms": Time("c", zone="Europe/Atlantis")},
            "columns.time_ms: 'Europe/Atlantis' is not a time zone",
        ),
        ({"time_ms": Time("c", twice="both")}, "columns.time_ms: 'both' does not say which"),
        (
            {"time_ms": Time("c", format="%Y-%m-%d %H:%M")},
            "columns.time_ms: .* has no zone; declare the zone",
        ),
        ({"time_ms": Time("c", format="%Y-%j", zone="UTC")}, "columns.time_ms: '%Y-%j' has %j"),
        ({"time_ms": Time("c", format="%Y %Y", zone="UTC")}, "columns.time_ms: '%Y %Y' has %Y"),
        ({"time_ms": Time("c", format="%H:%M", zone="UTC")}, "columns.time_ms: .* does not tell a moment"),
        ({"time_ms": Time("c", format="%Y-%m-%d %I", zone="UTC")}, "does not tell a moment"),
        ({"time_ms": Time("c", format="%Y-%m-%d %H%", zone="UTC")}, "columns.time_ms: .* has %, which"),
        ({"time_ms": Time("c", format="%Y-%m-%d", zone="UTC")}, "does not tell a moment"),
        ({"time_ms": Time("c", format="%Y-%m-%d %H %S", zone="UTC")}, "does not tell a moment"),
    ],
)
def test_declaration__cannot_be_meant__names_the_field(changes: dict[str, Any], complaint: str) -> None:
    fields = {name: value for name, value in changes.items() if name in Declaration.__dataclass_fields__}
    columns = {name: value for name, value in changes.items() if name not in fields}
    with pytest.raises(LandingError, match=complaint):
        Declaration(**{**GOOD, "columns": GOOD["columns"] | columns, **fields})
