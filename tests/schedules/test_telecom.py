"""Schedules of networks: orders, faults and visits, from raw records to the published money."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from metering.engine import Engine
from tests.schedules.agreed import Agreed, at_most, example, indicator, source, terms, uptime

ORDERS = {
    "client": "client",
    "order": "order",
    "due": {"column": "due", "format": "%Y-%m-%d %H:%M", "zone": "Europe/London"},
    "done": {"column": "done", "format": "%Y-%m-%d %H:%M", "zone": "Europe/London"},
    "missed_appointments": {"constant": "0"},
}
FAULTS = {
    "client": "client",
    "fault": "fault",
    "subject": "line",
    "start": {"column": "start", "format": "%Y-%m-%d %H:%M", "zone": "Europe/London"},
    "end": {"column": "end", "format": "%Y-%m-%d %H:%M", "zone": "Europe/London"},
}


def weekdays_after(first: date, number: int) -> date:
    """Counted on the fingers, Saturdays and Sundays left out."""
    day = first
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5
    return day


def test_ofcom__the_example_of_2022__pays_a_day_a_visit_and_a_day(tmp_path: Path, engine: Engine) -> None:
    """A fault of Thursday 1 April 2027: its two working days are Friday and Monday, and it ends on Friday the 9th:
    three days at 8.40, Tuesday to Thursday. A start promised for 28 April and made on 2 May missed three days of April
    and one of May at 5.25. Two visits missed at 26.24."""
    files = {
        "faults": ["fault,line,reported,restored", "F1,L1,2027-04-01 09:30,2027-04-09 10:00"],
        "orders": ["order,promised,started", "O1,2027-04-28 00:00,2027-05-02 11:00"],
        "visits": [
            "visit,agreed,closed,missed",
            "V1,2027-04-12 13:00,2027-04-12 18:00,1",
            "V2,2027-04-14 13:00,2027-04-14 13:40,0",
            "V3,2027-04-15 08:00,2027-04-14 09:00,1",
        ],
    }
    agreed = Agreed(example("ofcom-2022"), tmp_path, files, engine)

    assert [agreed.paid(place)[:3] for place in range(3)] == [
        [3 * 840, 0, 0],
        [2 * 2_624, 0, 0],
        [3 * 525, 525, 0],
    ]


RATES = (
    ("2019-04-01", "2021-04-01", "8.00", "25.00", "5.00"),
    ("2021-04-01", "2022-04-01", "8.06", "25.18", "5.04"),
    ("2022-04-01", "2023-04-01", "8.40", "26.24", "5.25"),
    ("2023-04-01", "", "10.34", "32.31", "6.46"),
)
"""From, before, a day of repair, a missed appointment, a day of late start. Published is that 8.06 ended and 8.40 began
with April 2022; the other changes were in earlier or later years, here one follows each year. 10.34 is second-hand."""


def rated() -> str:
    zone = "Europe/London"
    appointments = {key: how for key, how in ORDERS.items() if key != "missed_appointments"}
    documents = [
        source("faults", FAULTS),
        {**source("deliveries", ORDERS), "metadata": {"name": "orders"}},
        {
            **source("deliveries", appointments | {"missed_appointments": "missed"}),
            "metadata": {"name": "visits"},
        },
    ]
    obligations = []
    for since, before, *amounts in RATES:
        bounds = {"from": since} | ({"before": before} if before else {})
        late = {"measure": "late-days", "unit": "days", "lateDay": "missed", "zone": zone, **bounds}
        counted = (
            ("faults", late | {"grace": "2 days"}, "days"),
            ("visits", {"measure": "missed-appointments", "zone": zone, **bounds}, "appointments"),
            ("orders", late, "days"),
        )
        for (records, measure, unit), amount in zip(counted, amounts, strict=True):
            name = f"{records} {since}"
            documents.append(indicator(name, records, **measure))
            tier = {"above": f"0 {unit}", "plus": f"{amount} per {unit}"}
            obligations.append(at_most(name, name, unit, tier))
    return terms(
        documents,
        obligations,
        {"start": "2021-02-15T00:00:00", "zone": zone, "every": "1 year", "periods": "3"},
    )


def test_ofcom__rates_with_effective_dates__pay_each_day_what_is_in_force_on_it(
    tmp_path: Path, engine: Engine
) -> None:
    """Years from 15 February on straddle each change of 1 April. A start promised for 29 March and made on 3 April:
    three days at the old rate, two at the new one. A fault of the 28th with two days of grace: 31 March at the old one,
    1 to 3 April at the new one. A visit of 31 March, closed two days later, is March's; one of 1 April is not."""
    orders = ["client,order,due,done"]
    faults = ["client,fault,line,start,end"]
    visits = ["client,order,due,done,missed"]
    for year in (2021, 2022, 2023):
        orders.append(f"a,O{year},{year}-03-29 00:00,{year}-04-03 12:00")
        faults.append(f"a,F{year},L,{year}-03-28 08:00,{year}-04-04 12:00")
        visits.append(f"a,V{year},{year}-03-31 17:00,{year}-04-02 09:00,1")
        visits.append(f"a,W{year},{year}-04-01 08:00,{year}-04-02 09:00,1")
    files = {"orders": orders, "faults": faults, "visits": visits}
    agreed = Agreed(rated(), tmp_path, files, engine)

    paid = {
        (2021 + year, RATES[rate][0][:4], ("faults", "visits", "orders")[what]): amount
        for rate in range(4)
        for what in range(3)
        for year, amount in enumerate(agreed.paid(3 * rate + what))
        if amount
    }

    assert paid == {
        (2021, "2019", "faults"): 800,
        (2021, "2019", "visits"): 2_500,
        (2021, "2019", "orders"): 3 * 500,
        (2021, "2021", "faults"): 3 * 806,
        (2021, "2021", "visits"): 2_518,
        (2021, "2021", "orders"): 2 * 504,
        (2022, "2021", "faults"): 806,
        (2022, "2021", "visits"): 2_518,
        (2022, "2021", "orders"): 3 * 504,
        (2022, "2022", "faults"): 3 * 840,
        (2022, "2022", "visits"): 2_624,
        (2022, "2022", "orders"): 2 * 525,
        (2023, "2022", "faults"): 840,
        (2023, "2022", "visits"): 2_624,
        (2023, "2022", "orders"): 3 * 525,
        (2023, "2023", "faults"): 3 * 1_034,
        (2023, "2023", "visits"): 3_231,
        (2023, "2023", "orders"): 2 * 646,
    }


def by_client(name: str) -> str:
    """The example, whose orders are told apart as clients: each is priced as if it had terms of its own."""
    return example(name).replace("      order: ", "      client: client\n      order: ", 1)


OPENREACH = {12: 0, 13: 2, 14: 4, 15: 6, 16: 16, 19: 28, 30: 72}
"""Days 13 to 15 £2 a day; beyond day 15 £4 a day from day 13 on."""


def test_openreach__one_order_or_all__pays_2_then_4_pounds_a_day(tmp_path: Path, engine: Engine) -> None:
    """Orders of Wednesday 1 September 2027, each first seen to so many working days later: no holiday lies between."""
    placed = date(2027, 9, 1)
    lines = ["client,order,placed,first_appointment"]
    for day in OPENREACH:
        lines.append(f"day {day},{day},{placed} 10:00,{weekdays_after(placed, day)} 09:00")
    one = by_client("openreach-first-appointment").replace("start: 2027-01-04", "start: 2027-09-01")

    each = Agreed(one, tmp_path / "one", {"orders": lines}, engine).paid(0, ["client"])
    months = Agreed(example("openreach-orders"), tmp_path / "all", {"orders": lines}, engine).paid(0)

    assert each == [100 * pounds for pounds in OPENREACH.values()]
    assert sum(months) == 100 * sum(OPENREACH.values())
    # Months run from the 4th: of the order of 30 days, until 13 October, the last 8 days are in another month.
    assert months[8:10] == [100 * (sum(OPENREACH.values()) - 32), 3_200]


LEVEL3 = {0: 0, 1: 1, 10: 1, 11: 3, 30: 3, 31: 5}
"""Business days late, and the percent of the one-off charge."""


def test_level3__business_days_late__pay_1_3_5_percent_of_the_one_off_charge(
    tmp_path: Path, engine: Engine
) -> None:
    """Of 8 000.00, from Friday 5 March 2027 on; the example's only holidays are 31 May and 5 July."""
    lines = ["client,order,agreed,installed"]
    for late in LEVEL3:
        lines.append(f"{late:02},{late},2027-03-05 00:00,{weekdays_after(date(2027, 3, 5), late)} 15:00")

    paid = Agreed(by_client("level3-late-install"), tmp_path, {"orders": lines}, engine).paid(0, ["client"])

    # Who is not late has no late day to be told of.
    assert paid == [800_000 * percent // 100 for percent in LEVEL3.values() if percent]


def test_orange__installations_on_time__pay_for_each_that_is_not(tmp_path: Path, engine: Engine) -> None:
    """Of 600.00 an installation, 20 % for each failed one of a quarter with 80 to 89.99 % on time, 40 % below 80 %. Of
    ten in each quarter one is late (90 %), two (80 %), three (70 %); of the last, none."""
    lines = ["order,agreed,installed"]
    for quarter, late in enumerate((1, 2, 3, 0)):
        for number in range(10):
            day = 11 if number < late else 10
            lines.append(
                f"{quarter}-{number},2027-{3 * quarter + 2:02}-10 00:00,2027-{3 * quarter + 2:02}-{day} 16:00"
            )

    paid = Agreed(example("orange-installs"), tmp_path, {"orders": lines}, engine).paid(0)

    assert paid == [0, 2 * 12_000, 3 * 24_000, 0]


def test_faster_io__late_days__pay_a_days_charge_each_up_to_ten_a_month(
    tmp_path: Path, engine: Engine
) -> None:
    """A thirtieth of 3 000.00 a day. Agreed for 27 January, delivered on 20 February: 4 days of January, 20 of
    February, of which ten are paid."""
    files = {"orders": ["order,agreed,delivered", "O,2027-01-27 00:00,2027-02-20 08:00"]}

    assert Agreed(example("faster-io"), tmp_path, files, engine).paid(0)[:3] == [40_000, 100_000, 0]


def test_faster_io__files_in_another_order_twice_and_in_parts__pay_the_same(
    tmp_path: Path, engine: Engine
) -> None:
    """An order that was open when the first file was written is done in the second."""
    header = "order,agreed,delivered"
    first = [header, "O,2027-01-27 00:00,", "P,2027-03-01 00:00,2027-03-03 08:00"]
    second = ["P,2027-03-01 00:00,2027-03-03 08:00", "O,2027-01-27 00:00,2027-02-20 08:00"]
    parts = tmp_path / "parts" / "files" / "orders"
    parts.mkdir(parents=True)
    (parts / "later.csv").write_text("\n".join([header, *second, *second]) + "\n")

    apart = Agreed(example("faster-io"), tmp_path / "parts", {"orders": first}, engine).paid(0)
    whole = Agreed(example("faster-io"), tmp_path / "whole", {"orders": [header, *second]}, engine).paid(0)

    assert apart[:4] == whole[:4] == [40_000, 100_000, 20_000, 0]


PUBLIC_WORKS = {1: 250, 17: 4_250, 99: 24_750, 100: 25_000, 120: 25_000}
"""Days late, and euros: 1 per mille of 250 000.00 a day, at most 10 percent."""


def test_italian_public_works__days_late__pay_1_per_mille_a_day_up_to_10_percent(
    tmp_path: Path, engine: Engine
) -> None:
    """Over the change to summer time a day is a day."""
    lines = ["client,works,agreed,certified"]
    for days in PUBLIC_WORKS:
        lines.append(f"{days:03},{days},2027-03-01 00:00,{date(2027, 3, 1) + timedelta(days=days)} 12:00")

    paid = Agreed(by_client("italian-public-works"), tmp_path, {"register": lines}, engine).paid(
        0, ["client"]
    )

    assert paid == [100 * euros for euros in PUBLIC_WORKS.values()]


def test_computercentric__fault_hours__pay_a_days_charge_each_up_to_27_5_percent_a_quarter(
    tmp_path: Path, engine: Engine
) -> None:
    """Of 9 000.00 a quarter a day's charge is 100.00: two faults of 3:40 and 2:30 are six whole hours; 25 hours of the
    next quarter come to the cap of 2 475.00."""
    files = {
        "faults": [
            "client,fault,line,start,end",
            "a,1,L,2027-01-05 08:00,2027-01-05 11:40",
            "a,2,L,2027-02-05 23:00,2027-02-06 01:30",
            "a,3,L,2027-04-05 08:00,2027-04-06 09:00",
        ]
    }
    hours = indicator("hours", "faults", measure="fault-time", unit="hours", rounded="down")
    tier = {"above": "0 hours", "plus": "100.00 per hour"}
    text = terms(
        [source("faults", FAULTS), hours],
        [at_most("faults", "hours", "hours", tier, cap="27.5% of charge")],
        {"start": "2027-01-01T00:00:00", "every": "3 months", "periods": "2"},
        charge={"fixed": "9000.00"},
    )

    assert Agreed(text, tmp_path, files, engine).paid(0) == [60_000, 247_500]


def test_agcom__provisioning__95_percent_by_the_date_and_all_three_working_days_later(
    tmp_path: Path, engine: Engine
) -> None:
    """20 orders of Thursday 1 April 2027. In April one is done a day late, 95 %; in May two are, and one of them after
    the third working day: due on Monday 3 May, that is Thursday the 6th."""
    lines = ["client,order,due,done"]
    for month, day, late in (("04", "01", ("02",)), ("05", "03", ("06", "07"))):
        for number in range(20):
            done = late[number] if number < len(late) else day
            lines.append(f"a,{month}-{number},2027-{month}-{day} 00:00,2027-{month}-{done} 17:00")
    office = {"metadata": {"name": "office"}, "apiVersion": "makegood/v1", "kind": "Calendar"}
    week = {"zone": "Europe/London", "hours": {"monday-friday": "00:00-24:00"}, "holidays": ["2027-04-05"]}
    text = terms(
        [
            source("deliveries", ORDERS),
            {**office, "spec": week},
            indicator("by the date", "deliveries", measure="on-time", zone="Europe/London"),
            indicator(
                "at last", "deliveries", measure="on-time", calendar="office", within="3 business days"
            ),
        ],
        [uptime("95 %", "by the date", ("95%", "10%")), uptime("all", "at last", ("100%", "5%"))],
        {"start": "2027-04-01T00:00:00", "zone": "Europe/London", "every": "1 month", "periods": "2"},
        charge={"fixed": "1000.00"},
    )
    agreed = Agreed(text, tmp_path, {"deliveries": lines}, engine)

    assert [one.attained for one in agreed.measured(0)] == [950_000, 900_000]
    assert [one.attained for one in agreed.measured(1)] == [1_000_000, 950_000]
    assert (agreed.paid(0), agreed.paid(1)) == ([0, 10_000], [0, 5_000])


def test_eir__faults__77_percent_in_two_days_and_92_in_five(tmp_path: Path, engine: Engine) -> None:
    """100 faults of 10 May 2027: 77 mended by the 12th and 92 by the 15th are enough; one fewer of each in June is not.
    What missing it pays is not published: 5 % here."""
    lines = ["client,fault,line,start,end"]
    for month, soon, later in (("05", 77, 92), ("06", 76, 91)):
        for number in range(100):
            day = 12 if number < soon else 15 if number < later else 16
            lines.append(f"a,{month}-{number},L{number},2027-{month}-10 12:00,2027-{month}-{day} 23:00")
    zone = "Europe/London"
    text = terms(
        [
            source("faults", FAULTS),
            indicator("two", "faults", measure="repaired-within", within="2 days", zone=zone),
            indicator("five", "faults", measure="repaired-within", within="5 days", zone=zone),
        ],
        [uptime("in two days", "two", ("77%", "5%")), uptime("in five days", "five", ("92%", "5%"))],
        {"start": "2027-05-01T00:00:00", "zone": zone, "every": "1 month", "periods": "2"},
        charge={"fixed": "1000.00"},
    )
    agreed = Agreed(text, tmp_path, {"faults": lines}, engine)

    assert (agreed.paid(0), agreed.paid(1)) == ([0, 5_000], [0, 5_000])
