"""What terms let be excluded: each way as it is written, and every refusal with its place."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from record.terms import load_terms
from record.terms.allowances import allowance_windows
from record.terms.exclusions import ExclusionTerms, Per
from sla.errors import TermsError
from sla.exclusions import ExclusionKind, Way
from tests.unit.record.excluding_terms import DAY, START, excluding_terms

CUSTOMER, PROVIDER = frozenset({"customer"}), frozenset({"provider"})
MAINTENANCE = [
    "maintenance:",
    "  - approvedBy: [customer]",
    "  - {approvedBy: [provider], notice: 5 days, allowance: 4 hours, per: month}",
    "force-majeure: [{approvedBy: customer, notifiedWithin: 2 days}]",
]


def test_exclusions__written_for_all__are_read_way_by_way() -> None:
    document = load_terms(excluding_terms(exclusions=MAINTENANCE))

    assert document.exclusions == ExclusionTerms(
        (
            (ExclusionKind.MAINTENANCE, (Way(CUSTOMER), Way(PROVIDER, 5 * DAY, 4 * 3_600))),
            (ExclusionKind.FORCE_MAJEURE, (Way(CUSTOMER, -2 * DAY),)),
        ),
        Per.MONTH,
    )
    assert document.exclusions_of(document.obligations[0]) == document.exclusions
    assert list(document.exclusions.sentences()) == [
        "Maintenance does not count where the customer signed it.",
        "Maintenance does not count where the provider signed it, announced at least 5 days before, "
        "up to 4 hours a month.",
        "Force majeure does not count where the customer signed it, announced within 2 days of its start.",
    ]


def test_exclusions__an_obligations_own__stand_in_place_of_those_for_all() -> None:
    own = "exclusions: {dependency: [{approvedBy: [provider, customer], allowance: 1 hour, per: period}]}"
    document = load_terms(excluding_terms(exclusions=MAINTENANCE, of_obligation=[own]))
    found = document.exclusions_of(document.obligations[0])

    assert found.kinds == ((ExclusionKind.DEPENDENCY, (Way(CUSTOMER | PROVIDER, None, 3_600),)),)
    assert found.per is Per.PERIOD

    none = load_terms(excluding_terms(exclusions=MAINTENANCE, of_obligation=["exclusions: none"]))
    assert none.exclusions_of(none.obligations[0]).kinds == ()


def test_exclusions__not_written__are_none() -> None:
    document = load_terms(excluding_terms())

    assert document.exclusions.ways == {}
    assert list(document.exclusions.sentences()) == ["Nothing is excluded: all time counts."]


@pytest.mark.parametrize(
    ("lines", "path", "problem"),
    [
        (["weather: [{approvedBy: customer}]"], "spec.exclusions.weather", "is not a known field"),
        (["maintenance: customer"], "spec.exclusions.maintenance", "is not a list"),
        (["maintenance: [{notice: 5 days}]"], "spec.exclusions.maintenance[0].approvedBy", "is missing"),
        (
            ["maintenance: [{approvedBy: arbiter}]"],
            "spec.exclusions.maintenance[0].approvedBy",
            "names 'arbiter', who approves nothing",
        ),
        (
            ["maintenance: [{approvedBy: customer, allowance: 1 hour}]"],
            "spec.exclusions.maintenance[0].allowance",
            "and per do not go together",
        ),
        (
            ["maintenance: [{approvedBy: customer, allowance: 1 hour, per: week}]"],
            "spec.exclusions.maintenance[0].per",
            "'week' is nothing an allowance is for",
        ),
        (
            [
                "maintenance: [{approvedBy: customer, allowance: 1 hour, per: month}]",
                "dependency: [{approvedBy: customer, allowance: 1 hour, per: period}]",
            ],
            "spec.exclusions.dependency[0].per",
            "'period' is not what another allowance here is for",
        ),
        (
            ["maintenance: [{approvedBy: customer, notice: 1 day, notifiedWithin: 1 day}]"],
            "spec.exclusions.maintenance[0].notifiedWithin",
            "'1 day' and notice exclude each other",
        ),
        (
            ["maintenance: [{approvedBy: customer, notice: 0 days}]"],
            "spec.exclusions.maintenance[0].notice",
            "'0 days' is out of range",
        ),
        (
            ["maintenance: [{approvedBy: provider, notifiedWithin: 2 days}]"],
            "spec.exclusions.maintenance[0]",
            "lets the provider excuse itself without a limit",
        ),
        (
            ["maintenance: [{approvedBy: customer}, {approvedBy: customer}]"],
            "spec.exclusions.maintenance",
            "says the same way twice",
        ),
    ],
)
def test_exclusions__that_cannot_be_meant__are_refused_at_their_place(
    lines: list[str], path: str, problem: str
) -> None:
    with pytest.raises(TermsError) as refused:
        load_terms(excluding_terms(exclusions=lines))

    assert (refused.value.path, refused.value.problem) == (path, problem)
    assert refused.value.remedy
    assert refused.value.line


def instant(zone: str, year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC).timestamp())


@pytest.mark.parametrize("zone", ["UTC", "Europe/Rome", "Pacific/Kiritimati", "America/Adak"])
def test_allowances__of_months__are_those_of_the_agreements_zone(zone: str) -> None:
    document = load_terms(excluding_terms(exclusions=MAINTENANCE, zone=zone))
    march, april, may, june = (instant(zone, 2027, month) for month in (3, 4, 5, 6))

    def windows(start: int, end: int) -> tuple[tuple[int, int], ...]:
        return allowance_windows(document, document.exclusions, start, end)

    assert windows(march, march + 1) == ((march, april),)
    assert windows(april - 1, may + 1) == ((march, april), (april, may), (may, june))
    assert windows(april, may) == ((april, may),)


def test_allowances__of_periods__are_those_of_the_schedule() -> None:
    lines = ["maintenance: [{approvedBy: customer, allowance: 1 hour, per: period}]"]
    document = load_terms(excluding_terms(exclusions=lines, periods=4))

    def windows(start: int, end: int) -> list[tuple[int, int]]:
        found = allowance_windows(document, document.exclusions, START + start, START + end)
        return [(one - START, other - START) for one, other in found]

    assert windows(-DAY, 1) == [(0, DAY)]
    assert windows(DAY - 1, DAY + 1) == [(0, DAY), (DAY, 2 * DAY)]
    assert windows(DAY, 2 * DAY) == [(DAY, 2 * DAY)]
    assert windows(3 * DAY, 9 * DAY) == [(3 * DAY, 4 * DAY)]
    assert windows(4 * DAY, 9 * DAY) == []
