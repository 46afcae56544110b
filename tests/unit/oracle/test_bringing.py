"""Which reports a keeper brings, and until when: the decision by itself (R5, R6, R21, R22)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chain.escrow_state import ClaimStatus
from oracle.bringing import brought_until
from oracle.ports import ClaimState
from sla.agreement import NO_DATA, Agreement, MissingData
from sla.report import Report
from tests.unit.oracle.world import CHARGE, LENGTH, START, agreement_id, terms

IGNORING = terms().agreement()
END = START + LENGTH
CLAIM_DEADLINE = END + 7_200
RULING_DEADLINE = CLAIM_DEADLINE + 900
"""Of a dispute that began late: longer than claims are taken otherwise."""
FINE = Report(agreement_id(IGNORING), 0, 0, 1, 990_000, CHARGE)
BREACH = replace(FINE, attained=985_000)
UNKNOWN = replace(FINE, attained=NO_DATA)
OUTSIDE = replace(FINE, attained=1_000_001)

CASE = ClaimState(ClaimStatus.DISPUTED, 0, RULING_DEADLINE, is_case=True)
DISPUTED = replace(CASE, is_case=False)
LEAFLESS = replace(DISPUTED, revision=None)
PENDING = ClaimState(ClaimStatus.PENDING, 0, END + 50)
SETTLED = ClaimState(ClaimStatus.SETTLED, 0, None)
SILENT = ClaimState(ClaimStatus.SETTLED, None, None)
"""Settled by the missing-data policy: nobody answered a leafless dispute."""


def with_policy(policy: MissingData) -> Agreement:
    return replace(IGNORING, obligations=(replace(IGNORING.obligations[0], missing_data=policy),))


def until(report: Report, claim: ClaimState | None, policy: MissingData = MissingData.IGNORE) -> int | None:
    return brought_until(with_policy(policy), 3, report, END, claim)


@pytest.mark.parametrize("policy", MissingData)
def test_brought__nothing_claimed__what_pays_is_and_what_is_fine_is_not(policy: MissingData) -> None:
    assert until(BREACH, None, policy) == CLAIM_DEADLINE
    assert until(FINE, None, policy) is None


@pytest.mark.parametrize("report", [UNKNOWN, OUTSIDE])
def test_brought__nothing_claimed_and_no_sane_value__opens_a_case_where_there_are_cases(
    report: Report,
) -> None:
    """R22: under "ignore" it would pay nothing, and nobody is to rule."""
    assert until(report, None, MissingData.IGNORE) is None
    assert until(report, None, MissingData.BREACH) == CLAIM_DEADLINE
    assert until(report, None, MissingData.ARBITER) == CLAIM_DEADLINE


@pytest.mark.parametrize("report", [FINE, BREACH, UNKNOWN, OUTSIDE])
@pytest.mark.parametrize("claim", [PENDING, SETTLED, CASE])
def test_brought__a_higher_revision_of_what_was_claimed__whatever_it_pays(
    report: Report, claim: ClaimState
) -> None:
    """R5."""
    assert until(report, claim) == CLAIM_DEADLINE


@pytest.mark.parametrize("revision", [1, 2])
@pytest.mark.parametrize("claim", [PENDING, SETTLED, CASE, DISPUTED])
def test_brought__no_higher_revision_than_was_claimed__is_not(claim: ClaimState, revision: int) -> None:
    assert until(BREACH, replace(claim, revision=revision)) is None


@pytest.mark.parametrize("report", [FINE, BREACH, UNKNOWN, replace(FINE, revision=0)])
def test_brought__to_a_leafless_dispute__any_leaf_until_the_ruling_deadline(report: Report) -> None:
    """R6."""
    assert until(report, LEAFLESS) == RULING_DEADLINE


def test_brought__during_a_dispute_of_a_report__a_higher_one_stands_if_nobody_rules() -> None:
    assert until(FINE, DISPUTED) == RULING_DEADLINE


@pytest.mark.parametrize("report", [replace(FINE, revision=0), replace(BREACH, revision=0)])
def test_brought__after_a_leafless_dispute_that_nobody_answered__a_late_first_report(report: Report) -> None:
    """R9: valid until the claim deadline, unless ruled."""
    assert until(report, SILENT) == CLAIM_DEADLINE


@pytest.mark.parametrize("revision", [None, 0])
@pytest.mark.parametrize(("status", "due"), [(ClaimStatus.RULED, 0), (ClaimStatus.FINAL, None)])
def test_brought__ruled_or_conceded__nothing_any_more(
    status: ClaimStatus, due: int | None, revision: int | None
) -> None:
    assert until(BREACH, ClaimState(status, revision, due)) is None


@pytest.mark.parametrize("claim", [None, PENDING, LEAFLESS])
@pytest.mark.parametrize(
    "report",
    [
        replace(BREACH, charge=CHARGE + 1),
        replace(BREACH, charge=CHARGE - 1),
        replace(BREACH, obligation=1),
        replace(BREACH, period=3),
    ],
    ids=["more", "less", "obligation", "period"],
)
def test_brought__what_the_escrow_refuses__is_not(claim: ClaimState | None, report: Report) -> None:
    assert until(report, claim) is None


@pytest.mark.parametrize(("charge", "expected"), [(0, None), (CHARGE, CLAIM_DEADLINE), (CHARGE + 1, None)])
def test_brought__metered_charge__up_to_the_most_that_was_signed(charge: int, expected: int | None) -> None:
    """R21. A tenth of nothing is nothing."""
    service = replace(IGNORING.service, charge=0, charge_max=CHARGE)
    metered = replace(IGNORING, service=service)
    assert brought_until(metered, 3, replace(BREACH, charge=charge), END, None) == expected


@pytest.mark.parametrize("claim", [None, PENDING, LEAFLESS])
def test_brought__period_was_cut_off__is_not(claim: ClaimState | None) -> None:
    """R13."""
    later = replace(BREACH, period=1)
    assert brought_until(IGNORING, 2, later, END + LENGTH, claim) is not None
    assert brought_until(IGNORING, 1, later, END + LENGTH, claim) is None


@pytest.mark.parametrize("claim", [None, PENDING, LEAFLESS])
def test_brought__root_of_before_the_periods_end__is_not(claim: ClaimState | None) -> None:
    """R9."""
    assert brought_until(IGNORING, 3, BREACH, END - 1, claim) is None
