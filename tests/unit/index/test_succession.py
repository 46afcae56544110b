"""Versions of an agreement, what cuts them, whom they pay: out of the events alone (P12), reorgs included."""

from __future__ import annotations

import pytest

from chain.errors import ChainError
from index.facts import ClaimKey, CutReason
from index.follower import Follower
from record.events import (
    AgreementExited,
    AgreementTerminated,
    Claimed,
    Compensated,
    Credited,
    Deposited,
    DownstreamLinked,
    InArrears,
    Released,
    Settled,
)
from tests.unit.index.fake_node import ESCROW, OTHER, FakeNode, agreed, id_of, opening
from tests.unit.index.telling import (
    CUSTOMER,
    FIRST,
    ID,
    PROVIDER,
    ROOT,
    account_of,
    amending,
    record_of,
    successor,
    told,
)

NEW = id_of(successor())
BELOW = id_of(agreed(9))
OTHER_ID = b"\7" * 32


def test_amendment__of_an_agreement__is_a_version_of_its_own_with_the_first_one_s_money() -> None:
    history = told(amending(4, collateral=7), Deposited(ID, PROVIDER, 5))

    old, new = history.agreements[ID], history.agreements[NEW]
    assert (old.count, old.cuts[0].reason, old.cuts[0].successor) == (4, CutReason.AMENDED, NEW)
    assert (new.first, new.count, new.agreement) == (ID, 12, successor())
    account = history.account_of(new)
    assert account is history.account_of(old)
    assert (account.head, account.versions, account.collateral) == (NEW, (ID, NEW), 20_000_012)
    assert [one.id for one in history.versions_of(old)] == [ID, NEW]
    assert [type(one.event).__name__ for one in account.trail] == [
        "AgreementOpened",
        "AgreementAmended",
        "Deposited",
    ]


def test_cuts__of_one_version__are_all_remembered() -> None:
    record = record_of(AgreementTerminated(ID, 8, b""), AgreementExited(ID, 3, ((0, 1), (2, 0))), amending(2))

    assert [(cut.reason, cut.count) for cut in record.cuts] == [
        (CutReason.TERMINATED, 8),
        (CutReason.EXITED, 3),
        (CutReason.AMENDED, 2),
    ]
    assert record.cuts[1].breaches == (ClaimKey(0, 1), ClaimKey(2, 0))
    assert record.count == 2


def test_amendment__of_an_agreement_nobody_opened__is_refused() -> None:
    with pytest.raises(ChainError, match="left out what came before AgreementAmended"):
        told(amending(first=OTHER_ID))


def test_claims__of_a_later_version__are_its_own_and_move_the_first_one_s_money() -> None:
    history = told(
        amending(4),
        Claimed(NEW, 0, 0, 0, 5, 9, 30, 1, 2_000, ROOT),
        Settled(NEW, 0, 0, 30, 30),
        Compensated(ID, CUSTOMER, 30),
    )

    assert not history.agreements[ID].claims
    assert history.agreements[NEW].settled_totals == {0: 30}
    account = history.accounts[ID]
    assert (account.due, account.paid, account.collateral) == (0, 30, 20_000_000 - 30)


def test_credit__into_a_downstream__leaves_one_escrow_for_the_other() -> None:
    history = told(
        opening(agreed(9))[1],
        DownstreamLinked(ID, BELOW),
        Claimed(ID, 0, 0, 0, 5, 9, 30, 1, 2_000, ROOT),
        Settled(ID, 0, 0, 30, 30),
        Credited(ID, BELOW, 30),
    )

    above, below = history.accounts[ID], history.accounts[BELOW]
    assert history.agreements[ID].downstream == BELOW
    assert (above.collateral, above.due, above.credited, above.credits) == (20_000_000 - 30, 0, 30, 0)
    assert (below.collateral, below.due, below.credited, below.credits) == (20_000_030, 0, 0, 30)


def test_arrears__what_was_not_covered__are_seen_until_they_are_paid() -> None:
    """20 000 000 in escrow, 20 000 030 owed."""
    owed = 20_000_030
    events = (
        Claimed(ID, 0, 0, 0, 5, 9, owed, 1, 2_000, ROOT),
        Settled(ID, 0, 0, owed, owed),
        InArrears(ID, 30),
        Compensated(ID, CUSTOMER, 20_000_000),
    )
    account = account_of(*events)
    assert (account.arrears, account.due, account.collateral) == (30, 30, 0)
    assert told(*events).is_under_collateralised(record_of(*events))

    paid = (*events, Deposited(ID, PROVIDER, 40), Compensated(ID, CUSTOMER, 30))
    assert (account_of(*paid).arrears, account_of(*paid).collateral) == (0, 10)
    assert not told(*paid).is_under_collateralised(record_of(*paid))


@pytest.mark.parametrize(
    ("pending", "is_under"), [(1_000_000, False), (1_000_001, True)], ids=["covered", "not covered"]
)
def test_under_collateralised__a_pending_claim__counts_from_the_first_unit_not_covered(
    pending: int, is_under: bool
) -> None:
    """Of 20 000 000 in escrow, 1 000 000 are left."""
    taken = Released(ID, PROVIDER, 19_000_000)
    one = Claimed(ID, 0, 0, 0, 5, 9, pending, 1, 2_000, ROOT)

    assert told(taken, one).is_under_collateralised(record_of(taken, one)) == is_under


def test_pending__two_claims_of_a_period__move_no_more_than_its_joint_cap() -> None:
    """900 000 and 700 000 are capped at 1 200 000; 200 000 were settled before, and are corrected to 700 000."""
    first = Claimed(ID, 0, 0, 0, 5, 9, 900_000, 1, 2_000, ROOT)
    second = Claimed(ID, 0, 1, 0, 5, 9, 200_000, 1, 2_000, ROOT)
    settled = Settled(ID, 0, 1, 200_000, 200_000)
    corrected = Claimed(ID, 0, 1, 1, 5, 9, 700_000, 1, 2_000, ROOT)

    assert FIRST.service.period_cap == 1_200_000
    assert record_of(first, second).pending_entitlement() == 1_100_000
    assert record_of(first, second, settled).pending_entitlement() == 900_000
    assert record_of(first, second, settled, corrected).pending_entitlement() == 1_000_000


def test_look__a_reorg_over_an_amendment_and_a_credit__takes_back_both() -> None:
    node = FakeNode()
    follower = Follower(node)
    node.mine(opening(FIRST), opening(agreed(9)))
    follower.look()
    node.mine((ESCROW, amending(4, collateral=7)), (ESCROW, Credited(ID, BELOW, 30)))
    assert follower.look().accounts[ID].versions == (ID, NEW)
    node.cut(1)
    node.mine((ESCROW, Deposited(ID, OTHER, 1)), salt="other")

    history = follower.look()

    assert (history.accounts[ID].versions, history.agreements[ID].cuts) == ((ID,), ())
    assert NEW not in history.agreements
    assert history.accounts[ID].collateral == 20_000_001
    assert history.accounts[BELOW].collateral == 20_000_000


def test_look__an_amendment_whose_terms_are_not_those_of_its_id__is_refused() -> None:
    """P13: a lying RPC node."""
    node = FakeNode()
    event = amending(4)
    lie = type(event)(event.first, event.predecessor, OTHER_ID, event.count, event.collateral, event.call)
    node.mine(opening(FIRST), (ESCROW, lie))

    with pytest.raises(ChainError, match="other terms"):
        Follower(node).look()
