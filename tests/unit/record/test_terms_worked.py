"""Worked examples: what published tables pay, recomputed from the tables themselves, and what random tables pay."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings

from record.terms import TermsDocument, load_terms
from record.terms.periods import every_text, period_name
from record.terms.worked import Example, worked_examples
from tests.unit.cli.terms_hostile import SOUND, change
from tests.unit.record.terms_drawing import Drawn, drawn

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"

# As published: below so many percent, so many percent of the charge; the last row that applies counts.
UPTIME: dict[str, tuple[str, list[tuple[str, int]]]] = {
    "aws-compute-region": ("1000", [("99.99", 10), ("99.0", 30), ("95", 100)]),
    "aws-ec2-instance": ("140.16", [("99.5", 10), ("99.0", 30), ("95", 100)]),
    "aws-dynamodb-standard": ("2500", [("99.99", 10), ("99", 25), ("95", 100)]),
    "aws-rds-multi-az": ("640", [("99.95", 10), ("99", 25), ("95", 100)]),
    "gce-2018-style": ("5000", [("99.99", 10), ("99", 25), ("95", 50)]),
    "leased-line": ("450", [("99.99", 5), ("99.5", 10), ("99", 20)]),
    "okkami": ("1200", [("99.9", 2), ("99.5", 5), ("98", 10)]),
}


def example(name: str) -> TermsDocument:
    return load_terms((EXAMPLES / f"{name}.yaml").read_text())


def whole_tokens(document: TermsDocument, amount: int) -> Fraction:
    return Fraction(amount, 10**document.token.decimals)


@pytest.mark.parametrize("name", sorted(UPTIME))
def test_worked_examples__of_published_uptime_tables__pay_what_the_table_says(name: str) -> None:
    charge, rows = UPTIME[name]
    document = example(name)
    worked = worked_examples(document, 0)

    for each in worked:
        attained = Fraction(each.attained, 10_000)
        percent = max([share for bound, share in rows if attained < Fraction(bound)], default=0)
        assert whole_tokens(document, each.amount) == Fraction(charge) * percent / 100
    levels = [Fraction(each.attained, 10_000) for each in worked]
    assert {Fraction(bound) for bound, _ in rows} < set(levels)
    edges = [Fraction(bound) for bound, _ in rows] + [Fraction(0)]
    for near, far in pairwise(edges):
        assert [level for level in levels if far < level < near], f"nothing strictly between {far} and {near}"
    assert worked[0].amount == 0
    assert [each.tier for each in worked if Fraction(each.attained, 10_000) == Fraction(rows[0][0])] == [None]


def openreach(day: int) -> int:
    """Days 13 to 15 pay GBP 2 a day; later than day 15, GBP 4 a day from day 13 on."""
    late = list(range(13, day + 1))
    return len(late) * (2 if day <= 15 else 4)


def italian(day: int) -> int:
    """0.1 % of 250 000 a day, at most 10 % of it."""
    return min(sum(250 for _ in range(day)), 25_000)


@pytest.mark.parametrize(
    ("name", "place", "pays"),
    [
        ("openreach-first-appointment", 0, openreach),
        ("italian-public-works", 0, italian),
        ("faster-io", 0, lambda day: min(100 * day, 1_000)),
        ("level3-late-install", 0, lambda day: 0 if day == 0 else 80 if day <= 10 else 240 if day <= 30 else 400),
        ("ofcom-2022", 0, lambda day: Fraction("8.40") * day),
        ("ofcom-2022", 1, lambda missed: Fraction("26.24") * missed),
        ("ofcom-2022", 2, lambda day: Fraction("5.25") * day),
    ],
)  # fmt: skip
def test_worked_examples__of_published_numbers__pay_what_the_text_says(name, place, pays) -> None:  # type: ignore[no-untyped-def]
    document = example(name)
    for each in worked_examples(document, place):
        assert whole_tokens(document, each.amount) == pays(each.attained)


def test_worked_examples__of_the_compute_table__are_these() -> None:
    assert worked_examples(example("aws-compute-region"), 0) == (
        Example(1_000_000, None, 0),
        Example(999_900, None, 0),
        Example(995_000, 0, 100_000_000),
        Example(990_000, 0, 100_000_000),
        Example(970_000, 1, 300_000_000),
        Example(950_000, 1, 300_000_000),
        Example(500_000, 2, 1_000_000_000),
        Example(0, 2, 1_000_000_000),
    )


@settings(max_examples=60)
@given(terms=drawn())
def test_worked_examples__of_any_table__are_read_off_it_and_never_pay_less_for_worse(terms: Drawn) -> None:
    document = load_terms(terms.text())
    document.agreement()
    worked = worked_examples(document, 0)

    for each in worked:
        assert whole_tokens(document, each.amount) == terms.pays(Fraction(each.attained, 1_000_000))
    assert [each.attained for each in worked] == sorted({each.attained for each in worked}, reverse=True)
    assert [each.amount for each in worked] == sorted(each.amount for each in worked)
    assert {each.tier for each in worked} == {None, *range(len(terms.bounds))}


@pytest.mark.parametrize(
    ("start", "every", "period", "name", "length"),
    [
        ("2027-05-01T00:00:00", "1 month", 0, "May 2027", "1 month"),
        ("2027-05-01T00:00:00", "1 month", 8, "January 2028", "1 month"),
        ("2027-05-01", "3 months", 0, "May to July 2027", "3 months"),
        ("2027-11-01", "3 months", 0, "November 2027 to January 2028", "3 months"),
        ("2028-01-01", "1 year", 1, "2029", "1 year"),
        ("2027-05-15", "1 month", 0, "2027-05-15 to 2027-06-14", "1 month"),
        ("2027-05-01", "1 day", 2, "2027-05-03", "1 day"),
        ("2027-05-03", "1 week", 1, "2027-05-10 to 2027-05-16", "1 week"),
        ("2027-05-01T08:00:00", "20 seconds", 1, "2027-05-01 08:00:20 to 08:00:40", "20 seconds"),
        ("2027-05-01T23:59:59", "2 seconds", 0, "2027-05-01 23:59:59 to 2027-05-02 00:00:01", "2 seconds"),
    ],
)
def test_period_name__of_every_kind_of_schedule__is_what_people_say(
    start: str, every: str, period: int, name: str, length: str
) -> None:
    text = change(
        "start: 2027-05-01T00:00:00", f"start: {start}", change("every: 1 month", f"every: {every}")
    )
    document = load_terms(change("periods: 3", "periods: 12", text))

    assert period_name(document, period) == name
    assert every_text(document) == length


def test_sound_terms__are_those_of_the_compute_table() -> None:
    ours, theirs = load_terms(SOUND), example("aws-compute-region")

    assert [each.tiers for each in ours.agreement().obligations] == [
        each.tiers for each in theirs.agreement().obligations
    ]
