"""A claim's whole life, out of its events alone (P12)."""

from __future__ import annotations

import pytest

from chain.errors import ChainError
from chain.escrow import ClaimStatus
from index.facts import Finding, Outcome
from record.events import (
    BondReturned,
    Claimed,
    Conceded,
    Disputed,
    Event,
    EvidenceSubmitted,
    Ruled,
    Settled,
)
from sla.agreement import NO_DATA, ZERO_ADDRESS
from tests.unit.index.telling import (
    CUSTOMER,
    DISPUTED,
    ID,
    PENDING,
    PROVIDER,
    ROOT,
    account_of,
    claim_of,
    record_of,
)


def claimed(compensation: int, revision: int = 0, status: int = PENDING, attained: int = 5) -> Claimed:
    return Claimed(ID, 0, 0, revision, attained, 9, compensation, status, 2_000 + revision, ROOT)


def disputed(alleged: int, standing: int, by: str = PROVIDER) -> Disputed:
    return Disputed(ID, 0, 0, by, 4, 9, alleged, standing, 50, 3_000)


def settled(compensation: int, change: int) -> Settled:
    return Settled(ID, 0, 0, compensation, change)


RETURNED = BondReturned(ID, 0, 0, PROVIDER, 50)


def test_claim__corrected_before_settlement__keeps_its_history_and_pays_the_newest() -> None:
    claim = claim_of(claimed(30), claimed(70, revision=2), settled(70, 70))

    assert [(one.revision, one.finding.compensation, one.deadline) for one in claim.reports] == [
        (0, 30, 2_000),
        (2, 70, 2_002),
    ]
    assert (claim.status, claim.settled, claim.compensation) == (ClaimStatus.SETTLED, 70, 70)


def test_claim__corrected_after_settlement__is_open_again_and_moves_the_difference() -> None:
    events = claimed(30), settled(30, 30), claimed(10, revision=1)
    reopened = claim_of(*events)
    assert (reopened.status, reopened.pending, reopened.settled) == (ClaimStatus.PENDING, 10, 30)
    assert (account_of(*events).open_claims, account_of(*events).due) == (1, 30)

    ended = (*events, settled(10, -20))
    assert [one.compensation for one in claim_of(*ended).settlements] == [30, 10]
    assert (account_of(*ended).open_claims, account_of(*ended).due) == (0, 10)
    assert record_of(*ended).settled_totals == {0: 10}
    assert record_of(*ended).entitlements == {0: 10}


def test_claim__report_during_a_dispute__is_recorded_and_moves_nothing_else() -> None:
    claim = claim_of(claimed(30), disputed(0, 30), claimed(40, revision=1, status=DISPUTED))

    assert (claim.status, claim.pending, len(claim.reports)) == (ClaimStatus.DISPUTED, 40, 2)
    assert claim.dispute is not None
    assert (claim.dispute.contested, claim.dispute.outcome) == (30, Outcome.AWAITED)
    assert claim.dispute.reported == Finding(5, 9, 30)


def test_claim__silent_arbiter__can_still_be_corrected() -> None:
    claim = claim_of(claimed(30), disputed(0, 30), RETURNED, settled(30, 30))

    assert claim.status == ClaimStatus.SETTLED
    assert [one.outcome for one in claim.disputes] == [Outcome.UNRULED]


def test_claim__ruled__is_final_once_it_is_settled() -> None:
    events = claimed(30), disputed(0, 30), Ruled(ID, 0, 0, 4, 9, 20, CUSTOMER)
    ruled = claim_of(*events)
    assert (ruled.status, ruled.pending, ruled.ruling) == (ClaimStatus.RULED, 20, Finding(4, 9, 20))
    assert ruled.dispute is not None
    assert ruled.dispute.winner == CUSTOMER

    final = claim_of(*events, settled(20, 20))
    assert (final.status, final.compensation, final.ruling) == (ClaimStatus.FINAL, 20, Finding(4, 9, 20))


def test_claim__conceded__pays_what_was_alleged() -> None:
    claim = claim_of(claimed(30), disputed(0, 30), Conceded(ID, 0, 0, 0, PROVIDER, 50))

    assert (claim.status, claim.pending, claim.ruling) == (ClaimStatus.RULED, 0, Finding(4, 9, 0))
    assert claim.dispute is not None
    assert (claim.dispute.outcome, claim.dispute.winner) == (Outcome.CONCEDED, None)


def test_claim__without_a_report__is_disputed_over_what_the_policy_says() -> None:
    events = (disputed(80, 100, by=CUSTOMER),)
    claim = claim_of(*events)
    assert (claim.status, claim.pending, claim.report) == (ClaimStatus.DISPUTED, 100, None)
    assert claim.dispute is not None
    assert (claim.dispute.contested, claim.dispute.standing, claim.dispute.reported) == (0, 100, None)
    assert account_of(*events).open_claims == 1

    answered = claim_of(*events, claimed(0, revision=0, status=DISPUTED), RETURNED, settled(0, 0))
    assert (answered.status, answered.settled) == (ClaimStatus.SETTLED, 0)


def test_claim__outside_the_sane_bounds__is_a_case_without_a_bond() -> None:
    claim = claim_of(claimed(100, status=DISPUTED, attained=NO_DATA))

    case = claim.dispute
    assert case is not None
    assert case.is_case
    assert (case.disputer, case.alleged, case.bond, case.standing) == (None, None, 0, 100)
    assert (case.ruling_deadline, claim.is_due(1_999), claim.is_due(2_000)) == (2_000, False, True)


@pytest.mark.parametrize(
    ("event", "outcome", "status"),
    [
        (claimed(40, revision=1), Outcome.CORRECTED, ClaimStatus.PENDING),
        (
            claimed(100, revision=1, status=DISPUTED, attained=NO_DATA),
            Outcome.CORRECTED,
            ClaimStatus.DISPUTED,
        ),
        (disputed(0, 100), Outcome.DISPUTED, ClaimStatus.DISPUTED),
        (Ruled(ID, 0, 0, 4, 9, 20, ZERO_ADDRESS), Outcome.RULED, ClaimStatus.RULED),
        (settled(100, 100), Outcome.UNRULED, ClaimStatus.SETTLED),
    ],
    ids=["report", "another case", "dispute", "ruling", "silence"],
)
def test_claim__a_case__ends_in_its_own_way(event: Event, outcome: Outcome, status: ClaimStatus) -> None:
    claim = claim_of(claimed(100, status=DISPUTED, attained=NO_DATA), event)

    assert (claim.disputes[0].outcome, claim.status) == (outcome, status)
    assert claim.disputes[0].winner is None
    assert claim.disputes[0].decided is not None
    assert (len(claim.disputes) == 2) == (status == ClaimStatus.DISPUTED)


def test_claim__evidence__is_that_of_the_dispute_that_runs() -> None:
    named = EvidenceSubmitted(ID, 0, 0, CUSTOMER, ROOT, "ipfs://log")
    claim = claim_of(
        claimed(30),
        disputed(0, 30),
        named,
        RETURNED,
        settled(30, 30),
        claimed(40, revision=1),
        disputed(0, 40),
        named,
    )

    assert [len(one.evidence) for one in claim.disputes] == [1, 1]


@pytest.mark.parametrize(
    "event",
    [
        settled(1, 1),
        RETURNED,
        Ruled(ID, 0, 0, 4, 9, 20, CUSTOMER),
        Conceded(ID, 0, 0, 0, PROVIDER, 50),
        EvidenceSubmitted(ID, 0, 0, CUSTOMER, ROOT, ""),
    ],
)
def test_claim__an_event_without_its_cause__is_refused(event: Event) -> None:
    with pytest.raises(ChainError, match=f"left out what came before {type(event).__name__}"):
        claim_of(event)
    if not isinstance(event, Settled):
        with pytest.raises(ChainError, match="left out what came before"):
            claim_of(claimed(30), event)


def test_claim__of_a_status_no_report_has__is_refused() -> None:
    """P13: a lying RPC node."""
    for status in (0, 3, 4, 5, 255):
        with pytest.raises(ChainError, match=f"a claim of status {status}"):
            claim_of(claimed(30, status=status))
