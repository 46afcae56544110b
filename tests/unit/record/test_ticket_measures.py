"""Measures of tickets as terms declare them: what is read, in which words it is told, what is refused and where."""

from __future__ import annotations

import pytest

from record.terms import load_terms
from record.terms.calendars import read_calendar
from record.terms.indicators import Counted, read_indicator, read_source
from record.terms.measures import Measure
from record.terms.measures.tickets import Adherence, BacklogAge, ClockTime, UpdateTime
from record.terms.yaml_reading import read_documents
from sla.calendars import ALWAYS
from sla.classification import Condition
from sla.clock_rules import Begins, ClockRules, OnPriority, OnReassignment, OnReopening
from sla.errors import TermsError
from sla.escalation import BusinessDaysAfterBreach, OpenSecondsAfterBreach, SecondsAfterBreach, Share, Step
from sla.major_events import MajorEvent
from sla.targets import Target
from tests.unit.record.records_terms import CALENDAR, INDICATOR, change, terms

SOURCE = """\
apiVersion: openslo/v1
kind: DataSource
metadata:
  name: gateway
spec:
  type: records
  connectionDetails:
    kind: tickets
    format: csv
    columns: {ticket: number, time: at, sequence: entry, state: state, priority: priority, group: team, opened: opened}
"""
CLOCK = """\
        clock:
          pausing: held
          stopping: [resolved, closed]
"""
ADHERENCE = f"""\
        measure: adherence
{CLOCK}\
        limits:
          P1: {{within: 4 hours, hours: always}}
          P3: {{within: 3 business days, hours: office}}
"""
EVERYTHING = """\
        measure: adherence
        clock:
          pausing: held
          stopping: [resolved, closed]
          cancelling: cancelled
          begins: at opening
          priority: each for itself
          reassignment: restarts
          reopening: stays stopped
        limits:
          P1:
            within: 15 minutes
        priorities: P1
        classification:
          - version: "1"
            from: 2027-01-01T00:00:00Z
            rules:
              - name: outage
                priority: P1
                when:
                  - field: component
                    words: system down
                  - field: tier
                    values: [gold, silver]
                    holds: "false"
          - version: "2"
            from: 2027-02-01T00:00:00Z
            otherwise: P3
            rules:
              - name: all
                priority: P1
        majorEvents:
          - name: storm
            declared: 2027-03-01T00:00:00Z
            start: 2027-03-01T00:00:00Z
            end: 2027-03-02T00:00:00Z
            scope:
              - field: region
                values: north
            priorities: {P3: P1}
        escalation:
          P1:
            - to: engineer
              at: 50%
            - to: director
              after: 30 minutes
            - to: senior
              after: 2 hours
              counting: open
            - to: lead
              after: 1 business day
"""


def written(spec: str) -> str:
    return terms(SOURCE, change("        measure: requests\n", spec, INDICATOR))


def read(spec: str) -> Measure:
    (document,), (source,), (calendar,) = (
        read_documents(text)
        for text in (change("        measure: requests\n", spec, INDICATOR), SOURCE, CALENDAR)
    )
    indicator = read_indicator(
        document, {"gateway": read_source(source)}, {"office": read_calendar(calendar)}
    )
    assert isinstance(indicator.metric, Counted)
    return indicator.metric.measure


def test_adherence__limits__are_read_with_the_policies_that_go_without_saying() -> None:
    measure = read(ADHERENCE)

    assert isinstance(measure, Adherence)
    assert measure.clock.rules == ClockRules(frozenset({"held"}), frozenset({"resolved", "closed"}))
    (p1, critical), (p3, standard) = measure.limits
    assert (p1, critical.target, critical.calendar) == ("P1", Target(seconds=14_400), ALWAYS)
    assert (p3, standard.target, standard.calendar.zone) == ("P3", Target(business_days=3), "Europe/Rome")
    assert measure.sentence.startswith("tickets whose clock was stopped within its limit (P1: 4 hours")
    for said in (
        "P3: 3 business days",
        "Europe/Rome",
        "held in 'held'",
        "'closed' or 'resolved'",
        "last decides",
    ):
        assert said in measure.sentence


def test_adherence__everything_said__is_read() -> None:
    measure = read(EVERYTHING)

    assert isinstance(measure, Adherence)
    assert measure.priorities == ("P1",)
    rules = measure.clock.rules
    assert (rules.begins, rules.priority, rules.reassignment, rules.reopening) == (
        Begins.AT_OPENING,
        OnPriority.EACH_FOR_ITSELF,
        OnReassignment.RESTARTS,
        OnReopening.STAYS_STOPPED,
    )
    assert measure.clock.book is not None
    first, second = measure.clock.book.versions
    assert (first.version, first.effective_from, first.otherwise) == ("1", 1_798_761_600, "")
    assert first.rules[0].conditions == (
        Condition("component", words=("system down",)),
        Condition("tier", values=("gold", "silver"), holds=False),
    )
    assert (second.version, second.otherwise, second.rules[0].conditions) == ("2", "P3", ())
    day = 1_803_859_200
    north = Condition("region", values=("north",))
    assert measure.clock.events == (MajorEvent("storm", day, day, day + 86_400, (north,), (("P3", "P1"),)),)
    assert measure.steps == (
        (
            "P1",
            (
                Step("engineer", Share(500_000)),
                Step("director", SecondsAfterBreach(1_800)),
                Step("senior", OpenSecondsAfterBreach(7_200)),
                Step("lead", BusinessDaysAfterBreach(1)),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("name", "form"),
    [("clock-time", ClockTime), ("update-time", UpdateTime), ("backlog-age", BacklogAge)],
)
def test_times__of_one_statistic__are_read(
    name: str, form: type[ClockTime | UpdateTime | BacklogAge]
) -> None:
    measure = read(f"        measure: {name}\n{CLOCK}        statistic: percentile\n        share: 95%\n")

    assert isinstance(measure, form)
    assert measure.statistic.share_ppm == 950_000
    assert "do not exceed, of the" in measure.sentence


def test_clock_time__hours__are_the_clocks_own() -> None:
    spec = f"        measure: clock-time\n{CLOCK}          hours: office\n        statistic: mean\n"
    measure = read(spec)

    assert isinstance(measure, ClockTime)
    assert measure.hours.zone == "Europe/Rome"
    with pytest.raises(TermsError, match=r"spec\.hours .* cannot cut what this counts"):
        read(change("          hours: office\n", "", spec) + "        hours: office\n")


@pytest.mark.parametrize(
    ("spec", "old", "new", "path", "problem"),
    [
        (ADHERENCE, "pausing: held", "pausing: closed", "clock", "'closed' does two things"),
        (ADHERENCE, "4 hours", "4 business hours", "limits.P1.within", "is not a duration"),
        (ADHERENCE, "3 business days", "401 business days", "limits.P3.within", "is out of range"),
        (ADHERENCE, "hours: office", "hours: shop", "limits.P3.hours", "names no Calendar"),
        (ADHERENCE, "pausing: held", "reopening: never", "clock", "is no policy"),
        (
            ADHERENCE,
            "        limits:",
            "        priorities: P2\n        limits:",
            "priorities",
            "has no limit",
        ),
        (EVERYTHING, "field: region", "field: weather", "scope[0].field", "is not known here"),
        (EVERYTHING, "2027-02-01", "2026-02-01", "classification[0]", "before it"),
        (EVERYTHING, "end: 2027-03-02", "end: 2027-02-02", "majorEvents[0]", "ends at"),
        (EVERYTHING, "declared: 2027-03-01T00", "declared: 2027-03-01T01", "majorEvents", "after its start"),
        (EVERYTHING, "at: 50%", "at: 0%", "escalation.P1[0].at", "before any time"),
        (
            EVERYTHING,
            "after: 1 business day",
            "at: 1%\n              after: 1 hour",
            "P1[3]",
            "does not say when",
        ),
        (EVERYTHING, "words: system down", 'words: "?!"', "when[0]", "has no letter"),
    ],
)
def test_measure__what_cannot_be_meant__is_refused_where_it_stands(
    spec: str, old: str, new: str, path: str, problem: str
) -> None:
    with pytest.raises(TermsError) as refused:
        load_terms(written(change(old, new, spec)))

    error = refused.value
    assert path in error.path
    assert problem in error.problem
    assert error.line is not None
