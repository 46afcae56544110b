"""Which agreements are measured, and which reports are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from chain.escrow_state import ClaimStatus
from metering.meters import Meter, SampleMeter
from oracle.ports import Block, ClaimState, Subject, View
from oracle.watching import Watched, Watching, periods_open, wanted
from record.terms import TermsDocument, load_terms
from record.terms.indicators import Ratio
from record.terms.obligations import ObligationText
from sla.agreement import Agreement
from sla.schedule import claim_deadline, deadline_end
from tests.unit.oracle.world import COMMITTEE, LENGTH, START, Measured, agreement_id, terms

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
DOCUMENT = terms()
AGREEMENT = DOCUMENT.agreement()
ID = agreement_id(AGREEMENT)
CLAIM_WITHIN = 7_200


def view(*agreements: Agreement, time: int = START, count: int = 3) -> View:
    block = Block(1, bytes(32), time)
    opened = {agreement_id(one): one for one in agreements}
    counts = dict.fromkeys(opened, count)
    return View(block, block, START, opened, (), {}, COMMITTEE, counts=counts)


def watching(told: list[str]) -> Watching:
    def tell(kind: str, details: Mapping[str, object]) -> None:
        told.append(f"{kind}: {details['problem']}")

    def source(document: TermsDocument, obligation: ObligationText) -> Meter:
        metric = obligation.indicator.metric
        assert isinstance(metric, Ratio)
        return SampleMeter(Measured(1_000), metric, None)

    leased_line = load_terms((EXAMPLES / "leased-line.yaml").read_text())
    return Watching([DOCUMENT, leased_line], source, tell)


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
    assert periods_open(AGREEMENT, time, 3) == expected


def test_periods_open__any_time__equals_asking_every_period() -> None:
    service, stake = AGREEMENT.service, AGREEMENT.stake
    for time in range(START - 10, START + 3 * LENGTH + CLAIM_WITHIN + 20, 7):
        every = [
            period
            for period in range(service.count)
            if deadline_end(service, period) <= time < claim_deadline(service, stake, period)
        ]
        assert list(periods_open(AGREEMENT, time, 3)) == every


def test_wanted__attested_after_the_end__is_done() -> None:
    attested = {Subject(ID, 0, 0): START + LENGTH}
    found = list(wanted([watched()], view(AGREEMENT, time=START + 2 * LENGTH), attested))

    assert [(one.subject, one.end) for one in found] == [(Subject(ID, 1, 0), START + 2 * LENGTH)]


def test_wanted__attested_before_the_end__is_still_missing() -> None:
    """R9: such a root does not count, so the report is brought again."""
    attested = {Subject(ID, 0, 0): START + LENGTH - 1}

    found = wanted([watched()], view(AGREEMENT, time=START + LENGTH), attested)
    assert [one.subject.period for one in found] == [0]


@pytest.mark.parametrize(("count", "periods"), [(3, [0, 1, 2]), (2, [0, 1]), (1, [0]), (0, [])])
def test_wanted__terms_cut_to_a_count__the_periods_beyond_are_measured_no_more(
    count: int, periods: list[int]
) -> None:
    """R13: amended, ended or left; those before the cut are still due."""
    found = wanted([watched()], view(AGREEMENT, time=START + 3 * LENGTH, count=count), {})
    assert [one.subject.period for one in found] == periods


@pytest.mark.parametrize(
    ("seconds", "revision", "attested", "expected"),
    [
        (CLAIM_WITHIN - 1, None, {}, 1),
        (CLAIM_WITHIN, None, {}, 1),
        (CLAIM_WITHIN + 499, None, {}, 1),
        (CLAIM_WITHIN + 500, None, {}, 0),
        (CLAIM_WITHIN, 0, {}, 0),
        (CLAIM_WITHIN, None, {Subject(ID, 0, 0): START + LENGTH}, 0),
    ],
)
def test_wanted__disputed_without_a_report__until_the_ruling_deadline(
    seconds: int, revision: int | None, attested: dict[Subject, int], expected: int
) -> None:
    """R6: an answer that comes after the claim deadline is still taken."""
    time = START + LENGTH + seconds
    due = START + LENGTH + CLAIM_WITHIN + 500
    subject = Subject(ID, 0, 0)
    disputed = {subject: ClaimState(ClaimStatus.DISPUTED, revision, due)}
    seen = replace(view(AGREEMENT, time=time), claims=disputed)
    found = [one for one in wanted([watched()], seen, attested) if one.subject == subject]
    assert len(found) == expected
