"""Which agreements are measured, and which reports are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from metering.meters import Meter, SampleMeter
from oracle.ports import Block, Subject, View
from oracle.watching import Watched, Watching, periods_open, wanted
from record.terms import load_terms
from record.terms.indicators import Indicator, Ratio
from sla.agreement import Agreement
from sla.schedule import claim_deadline, deadline_end
from tests.unit.oracle.world import LENGTH, START, Measured, agreement_id, terms

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
DOCUMENT = terms()
AGREEMENT = DOCUMENT.agreement()
ID = agreement_id(AGREEMENT)
CLAIM_WITHIN = 7_200


def view(*agreements: Agreement) -> View:
    block = Block(1, bytes(32), START)
    return View(block, block, START, {agreement_id(one): one for one in agreements}, (), {})


def watching(told: list[str]) -> Watching:
    def tell(kind: str, details: Mapping[str, object]) -> None:
        told.append(f"{kind}: {details['problem']}")

    def source(indicator: Indicator) -> Meter:
        assert isinstance(indicator.metric, Ratio)
        return SampleMeter(Measured(1_000), indicator.metric, None)

    examples = [load_terms((EXAMPLES / f"{name}.yaml").read_text()) for name in ("leased-line", "faster-io")]
    return Watching([DOCUMENT, *examples], source, tell)


def watched() -> Watched:
    (one,) = watching([]).watched(view(AGREEMENT))
    return one


def test_watched__agreement_of_a_known_document__is_measured() -> None:
    told: list[str] = []

    (one,) = watching(told).watched(view(AGREEMENT))

    assert (one.id, one.agreement, list(one.meters)) == (ID, AGREEMENT, [0])
    assert one.bounds(1) == (START + LENGTH, START + 2 * LENGTH)
    assert told == []


@pytest.mark.parametrize(
    ("agreement", "problem"),
    [
        (replace(AGREEMENT, formation=replace(AGREEMENT.formation, document=bytes(32))), "no terms document"),
        (replace(AGREEMENT, service=replace(AGREEMENT.service, length=99)), "not those of its document"),
        (replace(AGREEMENT, obligations=AGREEMENT.obligations * 2), "not those of its document"),
    ],
)
def test_watched__terms_other_than_the_document__are_told_of_once_and_not_measured(
    agreement: Agreement, problem: str
) -> None:
    told: list[str] = []
    one = watching(told)

    assert one.watched(view(agreement)) == []
    assert one.watched(view(agreement, AGREEMENT)) == [watched_like(one)]
    assert len(told) == 1
    assert problem in told[0]


def watched_like(one: Watching) -> Watched:
    return next(found for found in one.watched(view(AGREEMENT)) if found.id == ID)


def test_watched__number_of_a_source__is_told_of_and_not_measured() -> None:
    told: list[str] = []
    number = load_terms((EXAMPLES / "faster-io.yaml").read_text()).agreement()

    (one,) = watching(told).watched(view(number))

    assert dict(one.meters) == {}
    assert "does not read" in told[0]


def test_end__zone_west_of_greenwich__waits_for_the_chain_and_for_the_local_clock() -> None:
    """R9: the period is over by both. London in summer is ahead of UTC: the label's end is the later one."""
    document = load_terms((EXAMPLES / "leased-line.yaml").read_text())
    agreement = document.agreement()
    (one,) = watching([]).watched(view(agreement))
    start, end = one.bounds(0)

    assert deadline_end(agreement.service, 0) - end == 3_600
    assert one.end_of(0) == deadline_end(agreement.service, 0)
    assert start < end


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (START, range(0)),
        (START + LENGTH - 1, range(0)),
        (START + LENGTH, range(1)),
        (START + 3 * LENGTH + 10**6, range(3, 3)),
        (START + LENGTH + CLAIM_WITHIN - 1, range(3)),
        (START + LENGTH + CLAIM_WITHIN, range(1, 3)),
    ],
)
def test_periods_open__at_the_edges__are_those_over_and_still_claimable(time: int, expected: range) -> None:
    assert periods_open(AGREEMENT, time) == expected


def test_periods_open__any_time__equals_asking_every_period() -> None:
    service, stake = AGREEMENT.service, AGREEMENT.stake
    for time in range(START - 10, START + 3 * LENGTH + CLAIM_WITHIN + 20, 7):
        every = [
            period
            for period in range(service.count)
            if deadline_end(service, period) <= time < claim_deadline(service, stake, period)
        ]
        assert list(periods_open(AGREEMENT, time)) == every


def test_wanted__attested_after_the_end__is_done() -> None:
    attested = {Subject(ID, 0, 0): START + LENGTH}
    found = list(wanted([watched()], START + 2 * LENGTH, attested))

    assert [(one.subject, one.end) for one in found] == [(Subject(ID, 1, 0), START + 2 * LENGTH)]


def test_wanted__attested_before_the_end__is_still_missing() -> None:
    """R9: such a root does not count, so the report is brought again."""
    attested = {Subject(ID, 0, 0): START + LENGTH - 1}

    assert [one.subject.period for one in wanted([watched()], START + LENGTH, attested)] == [0]
