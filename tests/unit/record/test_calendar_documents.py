"""Documents of kind Calendar: opening hours as people write them, and how the rest is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.terms.calendars import MOST_SHOWN, hours_text
from record.terms.indicators import Counted, Indicator
from sla.calendars import Calendar, open_seconds
from tests.unit.record.records_terms import CALENDAR, INDICATOR, change, indicator_of, refusal, terms

NAMED = INDICATOR + "        hours: office\n"
NINE, ONE, TWO, FIVE, SIX = (hour * 3_600 for hour in (9, 13, 14, 17, 18))


def days_since_1970(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def calendar(text: str) -> Calendar:
    metric = indicator_of(terms(indicator=NAMED, calendar=text)).metric
    assert isinstance(metric, Counted)
    assert metric.hours is not None
    return metric.hours


def test_calendar__hours_and_holidays__are_those_of_its_zone() -> None:
    split = ((NINE, ONE), (TWO, SIX))

    assert calendar(CALENDAR) == Calendar(
        "Europe/Rome",
        (split, split, split, split, ((NINE, FIVE),), (), ()),
        frozenset({days_since_1970("2027-12-25"), days_since_1970("2027-05-01")}),
    )


def test_calendar__nothing_but_hours__is_closed_on_no_holiday() -> None:
    bare = change('  holidays: ["2027-12-25", "2027-05-01"]\n', "  description: The office\n", CALENDAR)
    whole_week = change('monday-thursday: "09:00-13:00, 14:00-18:00"', "monday-sunday: 00:00-24:00", bare)

    assert calendar(change('    friday: "09:00-17:00"\n', "", whole_week)) == Calendar(
        "Europe/Rome", (((0, 86_400),),) * 7
    )


DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


@st.composite
def weeks(draw: st.DrawFn) -> dict[str, list[tuple[int, int]]]:
    """By day, (opens, closes) in minutes."""
    week = {}
    for day in draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True)):
        minutes = sorted(draw(st.lists(st.integers(0, 1_440), min_size=2, max_size=6, unique=True)))
        week[day] = list(zip(minutes[::2], minutes[1::2], strict=False))
    return week


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@settings(max_examples=15, deadline=None)
@given(
    week=weeks(),
    zone=st.sampled_from(["UTC", "Europe/Rome", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    holiday=st.dates(date(2027, 3, 20), date(2027, 4, 10)),
    start=st.integers(1_805_500_000, 1_807_000_000),
    hours=st.integers(1, 96),
)
def test_calendar__any_week__opens_when_the_clocks_on_the_wall_say_so(
    week: dict[str, list[tuple[int, int]]], zone: str, holiday: date, start: int, hours: int
) -> None:
    """Minute by minute, from March into April: clocks change within."""
    lines = [
        f'    {day}: "{", ".join(f"{clock(opens)}-{clock(closes)}" for opens, closes in spans)}"\n'
        for day, spans in week.items()
    ]
    text = f"{CALENDAR.partition('spec:')[0]}spec:\n  zone: {zone}\n  holidays: [{holiday}]\n  hours:\n"
    start -= start % 60
    minutes = 0
    for minute in range(hours * 60):
        wall = datetime.fromtimestamp(start + minute * 60, UTC).astimezone(ZoneInfo(zone))
        of_day = wall.hour * 60 + wall.minute
        is_open = any(opens <= of_day < closes for opens, closes in week.get(DAYS[wall.weekday()], []))
        minutes += is_open and wall.date() != holiday

    assert open_seconds(calendar(text + "".join(lines)), start, start + hours * 3_600) == minutes * 60


SPEC = "spec.hours"


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("zone: Europe/Rome", "zone: Mars/Olympus", "spec.zone", "'Mars/Olympus' is no time zone"),
        ("zone: Europe/Rome", "zone: europe/rome", "spec.zone", "'europe/rome' is no time zone"),
        ("zone: Europe/Rome", "zone: ../../etc/localtime", "spec.zone", "is no time zone"),
        ("zone: Europe/Rome\n", "zone:\n", "spec.zone", "is empty"),
        ("  zone: Europe/Rome\n", "", "spec.zone", "is missing"),
        ("  zone:", "  lunch: none\n  zone:", "spec.lunch", "is not a known field"),
        ("  zone:", "  description: [a]\n  zone:", "spec.description", "is not a single value"),
        ("friday:", "freitag:", f"{SPEC}.freitag", "'freitag' names no days"),
        ("friday:", "Friday:", f"{SPEC}.Friday", "'Friday' names no days"),
        ("friday:", "friday-:", f"{SPEC}.friday-", "'friday-' names no days"),
        ("friday:", "friday-monday:", f"{SPEC}.friday-monday", "names no days"),
        ("friday:", "thursday:", f"{SPEC}.thursday", "gives thursday hours again"),
        ('"09:00-17:00"', '"9-17"', f"{SPEC}.friday", "'9-17' are no opening hours"),
        ('"09:00-17:00"', '"09:00-24:01"', f"{SPEC}.friday", "are no opening hours"),
        ('"09:00-17:00"', '"09:60-17:00"', f"{SPEC}.friday", "are no opening hours"),
        ('"09:00-17:00"', '"17:00-09:00"', f"{SPEC}.friday", "are no opening hours"),
        ('"09:00-17:00"', '"09:00-09:00"', f"{SPEC}.friday", "are no opening hours"),
        ('"09:00-17:00"', '"09:00-17:00,"', f"{SPEC}.friday", "are no opening hours"),
        ('"09:00-17:00"', '"09:00-12:00, 12:00-17:00"', f"{SPEC}.friday", "overlap or touch"),
        ('"09:00-17:00"', '"14:00-17:00, 09:00-12:00"', f"{SPEC}.friday", "overlap or touch"),
        ('"09:00-17:00"', "[09:00-17:00]", f"{SPEC}.friday", "is not a single value"),
        ('"09:00-17:00"', '""', f"{SPEC}.friday", "is empty"),
        ("2027-05-01", "2027-02-29", "spec.holidays[1]", "'2027-02-29' is not in the calendar"),
        ("2027-05-01", "01.05.2027", "spec.holidays[1]", "'01.05.2027' is not a date"),
        ("2027-05-01", "1969-05-01", "spec.holidays[1]", "lies before 1970"),
        ("2027-05-01", "2027-12-25", "spec.holidays[1]", "stands twice"),
        ('["2027-12-25", "2027-05-01"]', "2027-12-25", "spec.holidays", "is not a list"),
        ('["2027-12-25", "2027-05-01"]', "[[2027-12-25]]", "spec.holidays[0]", "is not a date"),
        ("  name: office", "  name: [office]", "metadata.name", "is not a single value"),
        ("makegood/v1", "openslo/v1", "apiVersion", "does not go with kind Calendar"),
    ],
)  # fmt: skip
def test_calendar__one_thing_wrong__is_refused_by_field_and_line(
    old: str, new: str, path: str, problem: str
) -> None:
    found = refusal(terms(indicator=NAMED, calendar=change(old, new, CALENDAR)))

    assert found[0] == path
    assert problem in found[1]


def test_calendar__never_open__is_refused() -> None:
    hours = CALENDAR.partition("  hours:\n")[2].partition("  holidays:")[0]
    text = change(f"  hours:\n{hours}", "  hours: {}\n", CALENDAR)

    assert refusal(terms(indicator=NAMED, calendar=text)) == ("spec.hours", "the calendar is never open")


def test_calendar__of_another_name_or_twice__is_refused() -> None:
    path, problem = refusal(terms(indicator=change("office", "shop", NAMED)))
    assert path == "spec.thresholdMetric.metricSource.spec.hours"
    assert problem == "'shop' names no Calendar of this file"

    path, problem = refusal(terms(indicator=NAMED, calendar=f"{CALENDAR}---\n{CALENDAR}"))
    assert (path, problem) == ("metadata.name", "'office' names two documents of one kind")


def test_indicator__another_holiday__is_another_indicator_where_the_calendar_counts() -> None:
    """Who measures by other hours measures something else; hours that nobody asks for are no part of it."""

    def id_of(indicator: str, calendar: str) -> bytes:
        found: Indicator = indicator_of(terms(indicator=indicator, calendar=calendar))
        return found.id

    moved = change("2027-12-25", "2027-12-26", CALENDAR)
    assert id_of(NAMED, CALENDAR) != id_of(NAMED, moved)
    assert id_of(INDICATOR, CALENDAR) == id_of(INDICATOR, moved) == id_of(INDICATOR, "")
    assert id_of(NAMED, CALENDAR) != id_of(INDICATOR, CALENDAR)
    other = change("office", "shop", moved)
    assert id_of(NAMED, f"{CALENDAR}---\n{other}") == id_of(NAMED, CALENDAR)


def test_hours_text__a_calendar__is_read_as_one_would_say_it() -> None:
    assert hours_text(calendar(CALENDAR)) == (
        "Monday to Thursday 09:00-13:00 and 14:00-18:00, Friday 09:00-17:00, on the clocks of Europe/Rome, "
        "but not on 2027-05-01, 2027-12-25"
    )
    weekend = Calendar("UTC", ((), (), (), (), (), ((0, 86_400),), ((0, 86_400),)))
    assert hours_text(weekend) == "Saturday and Sunday 00:00-24:00, on the clocks of UTC"


def test_hours_text__more_holidays_than_a_sentence_holds__are_counted() -> None:
    first = date(2027, 1, 1)
    dates = [first + timedelta(days=each) for each in range(MOST_SHOWN + 2)]
    many = Calendar(
        "UTC", (((0, 60),),) * 7, frozenset((day - date(1970, 1, 1)).days for day in dates)
    )  # fmt: skip

    text = hours_text(many)
    assert f"{dates[MOST_SHOWN - 1]} and 2 more holidays" in text
    assert str(dates[MOST_SHOWN]) not in text
    assert text.startswith(f"Monday to Sunday {time(0, 0):%H:%M}-00:01,")
