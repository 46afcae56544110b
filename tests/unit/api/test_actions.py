"""Who may do what with a claim until when, by the rules R5 to R8."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.answers.actions import (
    Action,
    ContestKind,
    Doing,
    Role,
    actions_of,
    actions_without_claim,
    contest_of,
)
from chain.escrow import ClaimStatus
from index.facts import AgreementRecord, Block, Brought, Claim, ClaimKey, Dispute, Finding, Place
from tests.contracts.world import CLAIM, DAY, MONTH, REPORT, START
from tests.unit.index.fake_node import agreed, id_of

AGREEMENT = agreed(1)
KEY = ClaimKey(0, 0)
PLACE = Place(Block(1, bytes(32), START), bytes(32), 0)
RECORD = AgreementRecord(id_of(AGREEMENT), id_of(AGREEMENT), AGREEMENT, PLACE, 12)
END = START + MONTH
NOW, WINDOW_END, RULING = END + DAY, END + 3 * DAY, END + 14 * DAY
PROVIDER, CUSTOMER = AGREEMENT.parties.provider, AGREEMENT.parties.customer
BOTH = (Role.PROVIDER, Role.CUSTOMER)
ANYONE = (Role.ANYONE,)

Shown = tuple[Doing, tuple[Role, ...], str | None, str | None]


def claim(status: ClaimStatus, disputer: str | None = None, case: bool = False) -> Claim:
    finding = Finding(995_000, 1, 5)
    brought = Brought(0, finding, status, RULING if case else WINDOW_END, bytes(32), PLACE)
    disputes: tuple[Dispute, ...] = ()
    if disputer or case:
        alleged = None if case else finding
        disputes = (Dispute(KEY, disputer, finding, alleged, 5, 5, 0, RULING, PLACE),)
    return Claim(KEY, PLACE, status, 5, (brought,), disputes)


def shown(actions: list[Action]) -> list[Shown]:
    return [(one.action, tuple(one.by), one.since, one.until) for one in actions]


def utc(day: int) -> str:
    """The period ends with 13 February 2027; ``day`` after it."""
    return f"2027-02-{14 + day}T00:00:00Z"


LAST_CLAIM = "2027-04-15T00:00:00Z"
"""60 days later."""

EVIDENCE: Shown = (Doing.SUBMIT_EVIDENCE, BOTH, None, utc(14))
RULE: Shown = (Doing.RULE, (Role.ARBITER,), None, utc(14))
SETTLE_UNRULED: Shown = (Doing.SETTLE, ANYONE, utc(14), None)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            claim(ClaimStatus.PENDING),
            [
                (Doing.CLAIM, ANYONE, None, LAST_CLAIM),
                (Doing.DISPUTE, BOTH, None, utc(3)),
                (Doing.SETTLE, ANYONE, utc(3), None),
            ],
        ),
        (
            claim(ClaimStatus.DISPUTED, CUSTOMER),
            [
                (Doing.CLAIM, ANYONE, None, utc(14)),
                (Doing.CONCEDE, (Role.PROVIDER,), None, utc(14)),
                EVIDENCE,
                RULE,
                SETTLE_UNRULED,
            ],
        ),
        (
            claim(ClaimStatus.DISPUTED, PROVIDER),
            [
                (Doing.CLAIM, ANYONE, None, utc(14)),
                (Doing.CONCEDE, (Role.CUSTOMER,), None, utc(14)),
                EVIDENCE,
                RULE,
                SETTLE_UNRULED,
            ],
        ),
        (
            claim(ClaimStatus.DISPUTED, case=True),
            [
                (Doing.CLAIM, ANYONE, None, LAST_CLAIM),
                (Doing.DISPUTE, BOTH, None, utc(14)),
                EVIDENCE,
                RULE,
                SETTLE_UNRULED,
            ],
        ),
        (claim(ClaimStatus.RULED, CUSTOMER), [(Doing.SETTLE, ANYONE, None, None)]),
        (claim(ClaimStatus.SETTLED), [(Doing.CLAIM, ANYONE, None, LAST_CLAIM)]),
        (claim(ClaimStatus.FINAL, CUSTOMER), []),
    ],
    ids=["pending", "by the customer", "by the provider", "case", "ruled", "settled", "final"],
)
def test_actions__of_a_claim__are_those_the_escrow_would_take(found: Claim, expected: list[Shown]) -> None:
    assert shown(actions_of(found, RECORD, NOW)) == expected


def test_actions__once_their_time_is_over__are_gone() -> None:
    """P7: at any time exactly one of dispute and settle is possible."""
    pending = claim(ClaimStatus.PENDING)
    last, after = (
        {one.action: one.since for one in actions_of(pending, RECORD, t)}
        for t in (WINDOW_END - 1, WINDOW_END)
    )
    assert (Doing.DISPUTE in last, last[Doing.SETTLE]) == (True, utc(3))
    assert (Doing.DISPUTE in after, after[Doing.SETTLE]) == (False, None)

    disputed = claim(ClaimStatus.DISPUTED, CUSTOMER)
    assert [one.action for one in actions_of(disputed, RECORD, RULING)] == [Doing.SETTLE]
    assert actions_of(claim(ClaimStatus.SETTLED), RECORD, END + CLAIM) == []


def test_actions__where_nothing_was_claimed__are_a_report_or_a_dispute_that_it_is_overdue() -> None:
    before, after = (shown(actions_without_claim(KEY, RECORD, t)) for t in (NOW, END + REPORT))

    assert before == [
        (Doing.CLAIM, ANYONE, None, LAST_CLAIM),
        (Doing.DISPUTE, BOTH, utc(2), LAST_CLAIM),
    ]
    assert after[1] == (Doing.DISPUTE, BOTH, None, LAST_CLAIM)
    assert actions_without_claim(KEY, RECORD, END + CLAIM) == []


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (claim(ClaimStatus.PENDING), ContestKind.NONE),
        (claim(ClaimStatus.DISPUTED, case=True), ContestKind.CASE),
        (claim(ClaimStatus.DISPUTED, PROVIDER), ContestKind.DISPUTE),
        (replace(claim(ClaimStatus.DISPUTED, PROVIDER), status=ClaimStatus.FINAL), ContestKind.NONE),
    ],
)
def test_contest__of_a_claim__is_what_waits_for_a_ruling(found: Claim, kind: ContestKind) -> None:
    assert contest_of(found) is kind
