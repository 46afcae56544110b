"""Real schedules as terms files: the money of every table, worked out by hand from what was published.

Amounts are in the token's base units: cents of USDX are 10 000 (6 decimals), pence of GBPX 1 (2 decimals).
"""

from pathlib import Path

import pytest

from record.terms import load_terms
from sla.agreement import Agreement, Comparator
from sla.compensation import compensation, worst_compensation
from sla.errors import TermsError

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
REFUSED = "telus-wavelength"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml") if path.stem != REFUSED)
THIRTY_DAYS, THIRTY_ONE_DAYS = 43_200, 44_640


def agreement(name: str) -> Agreement:
    return load_terms((EXAMPLES / f"{name}.yaml").read_text()).agreement()


def attained_ppm(minutes: int, down: int) -> int:
    """Floored parts per million of a month in whole minutes."""
    return (minutes - down) * 1_000_000 // minutes


def percent_paid(name: str, attained: int) -> int:
    """What is paid, as whole percent of the period's charge."""
    terms = agreement(name)
    percent, rest = divmod(
        compensation(terms.obligations[0], attained, terms.service.charge) * 100, terms.service.charge
    )
    assert rest == 0
    return percent


# For each table: down-minutes of a 30-day month (43 200 minutes) -> percent of the charge.
# 0.01 % of the month is 4.32 minutes, 0.05 % 21.6, 0.1 % 43.2, 0.5 % 216, 1 % 432, 2 % 864, 5 % 2 160.
UPTIME_TABLES = {
    "aws-compute-region": {0: 0, 4: 0, 5: 10, 432: 10, 433: 30, 2_160: 30, 2_161: 100, 43_200: 100},
    "aws-ec2-instance": {0: 0, 216: 0, 217: 10, 432: 10, 433: 30, 2_160: 30, 2_161: 100, 43_200: 100},
    "aws-dynamodb-standard": {0: 0, 4: 0, 5: 10, 432: 10, 433: 25, 2_160: 25, 2_161: 100, 43_200: 100},
    "aws-rds-multi-az": {0: 0, 21: 0, 22: 10, 432: 10, 433: 25, 2_160: 25, 2_161: 100, 43_200: 100},
    "gce-2018-style": {0: 0, 4: 0, 5: 10, 432: 10, 433: 25, 2_160: 25, 2_161: 50, 43_200: 50},
    "leased-line": {0: 0, 4: 0, 5: 5, 216: 5, 217: 10, 432: 10, 433: 20, 43_200: 20},
    "okkami": {0: 0, 43: 0, 44: 2, 216: 2, 217: 5, 864: 5, 865: 10, 43_200: 10},
}


@pytest.mark.parametrize(
    ("name", "down", "percent"),
    [(name, down, percent) for name, table in UPTIME_TABLES.items() for down, percent in table.items()],
)
def test_uptime_schedule__down_minutes_of_a_30_day_month__pay_the_published_band(
    name: str, down: int, percent: int
) -> None:
    assert percent_paid(name, attained_ppm(THIRTY_DAYS, down)) == percent


def test_band__exactly_99_percent__is_the_better_one() -> None:
    """432 of 43 200 minutes down is 99.0 % exactly: the 99.0 to 99.99 band, not the one below 99.0."""
    assert attained_ppm(THIRTY_DAYS, 432) == 990_000
    assert percent_paid("aws-compute-region", 990_000) == 10
    assert percent_paid("aws-compute-region", 989_999) == 30


@pytest.mark.parametrize(
    ("minutes", "still_met"),
    [
        (THIRTY_DAYS, {999_900: 4, 999_500: 21, 999_000: 43, 995_000: 216, 990_000: 432, 950_000: 2_160}),
        (THIRTY_ONE_DAYS, {999_900: 4, 999_500: 22, 999_000: 44, 995_000: 223, 990_000: 446, 950_000: 2_232}),
    ],
)
def test_down_minutes__the_published_table__still_meet_the_objective_and_one_more_does_not(
    minutes: int, still_met: dict[int, int]
) -> None:
    for objective, down in still_met.items():
        assert attained_ppm(minutes, down) >= objective
        assert attained_ppm(minutes, down + 1) < objective


@pytest.mark.parametrize(
    ("day", "pence"),
    [(0, 0), (12, 0), (13, 200), (14, 400), (15, 600), (16, 1_600), (17, 2_000), (19, 2_800), (60, 19_200)],
)
def test_openreach__day_of_the_first_appointment__pays_2_then_4_pounds_a_day(day: int, pence: int) -> None:
    """Days 13 to 15 £2 a day; beyond day 15 £4 a day from day 13: day 15 = £6, day 19 = £28."""
    assert compensation(agreement("openreach-first-appointment").obligations[0], day, 0) == pence


@pytest.mark.parametrize(("weighed", "pence"), [(0, 0), (1, 200), (3, 600), (14, 2_800)])
def test_openreach__weighed_days_of_any_number_of_orders__pay_2_pounds_each(weighed: int, pence: int) -> None:
    """Day 19 of one order weighs 14 days, £28; so do 14 orders of day 13."""
    assert compensation(agreement("openreach-orders").obligations[0], weighed, 0) == pence


@pytest.mark.parametrize(("weighed", "dollars"), [(0, 0), (2, 240), (6, 720)])
def test_orange__late_installations__pay_20_percent_of_the_charge_each(weighed: int, dollars: int) -> None:
    """Of 600.00; where less than 80 % were on time, each weighs two: 3 late ones of 10 are 6."""
    terms = agreement("orange-installs")
    assert compensation(terms.obligations[0], weighed, terms.service.charge) == dollars * 10**6


def test_ofcom__across_a_change_of_rates__has_each_promise_at_both() -> None:
    """8.06 / 25.18 / 5.04 until March, 8.40 / 26.24 / 5.25 from April."""
    obligations = agreement("ofcom-rates").obligations
    assert [compensation(each, 1, 0) for each in obligations] == [806, 840, 2_518, 2_624, 504, 525]


@pytest.mark.parametrize(("days", "percent"), [(0, 0), (1, 1), (10, 1), (11, 3), (30, 3), (31, 5), (120, 5)])
def test_level3__business_days_late__pay_1_3_5_percent_of_the_one_off_charge(days: int, percent: int) -> None:
    assert percent_paid("level3-late-install", days) == percent


@pytest.mark.parametrize(
    ("obligation", "count", "pence"),
    [
        (0, 0, 0),
        (0, 1, 840),
        (0, 5, 4_200),
        (1, 0, 0),
        (1, 1, 2_624),
        (1, 2, 5_248),
        (2, 1, 525),
        (2, 10, 5_250),
    ],
)
def test_ofcom__rates_from_april_2022__pay_840_2624_525_pence(
    obligation: int, count: int, pence: int
) -> None:
    assert compensation(agreement("ofcom-2022").obligations[obligation], count, 0) == pence


@pytest.mark.parametrize(
    ("days", "euros"),
    [(0, 0), (1, 250), (17, 4_250), (99, 24_750), (100, 25_000), (101, 25_000), (1_000, 25_000)],
)
def test_italian_public_works__days_late__pay_1_per_mille_a_day_up_to_10_percent(
    days: int, euros: int
) -> None:
    """Of EUR 250 000.00."""
    terms = agreement("italian-public-works")
    assert compensation(terms.obligations[0], days, terms.service.charge) == euros * 100


@pytest.mark.parametrize(("days", "dollars"), [(0, 0), (1, 100), (10, 1_000), (11, 1_000), (31, 1_000)])
def test_faster_io__days_late__pay_a_days_charge_up_to_ten_days(days: int, dollars: int) -> None:
    """A thirtieth of 3 000.00 a day."""
    assert compensation(agreement("faster-io").obligations[0], days, 0) == dollars * 10**6


def test_telus__its_published_table__is_refused_for_the_gap_it_leaves() -> None:
    with pytest.raises(TermsError, match=r"gap between 96\.89% and 97\.9%") as refusal:
        load_terms((EXAMPLES / f"{REFUSED}.yaml").read_text())
    assert refusal.value.path == "spec.obligations[0].tiers[0].atLeast"
    assert refusal.value.line is not None


def test_examples__all_of_them__are_at_least_ten() -> None:
    assert len(NAMES) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_example__as_written__names_its_source_and_becomes_an_agreement(name: str) -> None:
    document = load_terms((EXAMPLES / f"{name}.yaml").read_text())
    terms = document.agreement()

    assert document.source
    assert terms.formation.document == document.document_hash
    for obligation in terms.obligations:
        charge = terms.service.charge
        best = obligation.sane_max if obligation.comparator is Comparator.AT_LEAST else obligation.sane_min
        assert compensation(obligation, best, charge) == 0
        assert worst_compensation(obligation, charge) > 0


def test_gce__months_of_pacific_time__wait_eight_hours() -> None:
    assert agreement("gce-2018-style").service.zone_lag_seconds == 8 * 3_600
    assert agreement("leased-line").service.zone_lag_seconds == 0
    assert agreement("okkami").service.zone_lag_seconds == 0
