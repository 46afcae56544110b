"""What the events add up to: claims, the periods that are left, accounts, links."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_abi import encode

from chain.escrow_state import ClaimStatus
from chain.messages import agreement_argument, terms_argument
from oracle.ledger import Ledger
from oracle.ports import ClaimState, Subject
from record.eip712 import obligations_hash
from record.events import (
    AgreementAmended,
    AgreementExited,
    AgreementOpened,
    AgreementTerminated,
    BondReturned,
    Claimed,
    Compensated,
    Conceded,
    Credited,
    Deposited,
    Disputed,
    DownstreamLinked,
    Event,
    InArrears,
    Released,
    Ruled,
    Settled,
)
from record.hexes import parse_address
from sla.agreement import Agreement
from tests.unit.oracle.test_rounds import AGREEMENT_TYPE
from tests.unit.oracle.world import COMMITTEE, LENGTH, START, agreement_id, party, terms

AGREEMENT = terms().agreement()
ID = agreement_id(AGREEMENT)
SUBJECT = Subject(ID, 0, 0)
END = START + LENGTH
RULING = END + 500
PROVIDER, CUSTOMER = AGREEMENT.parties.provider, AGREEMENT.parties.customer
PENDING, DISPUTED = int(ClaimStatus.PENDING), int(ClaimStatus.DISPUTED)
TERMS_TYPE = (
    "((address,address,address),(address,uint40,uint8,uint32,uint24,uint32,uint96,uint96,uint96),"
    "(address,uint96,uint96,uint32,uint32,uint32,uint32,bytes32),bytes32)"
)


def opened(agreement: Agreement, collateral: int = 3_000) -> AgreementOpened:
    call = encode([AGREEMENT_TYPE, "bytes", "bytes"], [agreement_argument(agreement), b"", b""])
    parties = agreement.parties
    return AgreementOpened(agreement_id(agreement), parties.provider, parties.customer, collateral, call)


def amended(first: bytes, before: Agreement, agreement: Agreement, count: int) -> AgreementAmended:
    call = encode(
        [AGREEMENT_TYPE, "bytes", "bytes", TERMS_TYPE, "bytes32", "uint24"],
        [
            agreement_argument(agreement),
            b"",
            b"",
            terms_argument(before),
            obligations_hash(before.obligations),
            count,
        ],
    )
    return AgreementAmended(first, agreement_id(before), agreement_id(agreement), count, 40, call)


def ledger(*events: Event) -> Ledger:
    made = Ledger(COMMITTEE.address)
    for event in events:
        made.take(event, lambda: END)
    return made


def claimed(revision: int, status: int, deadline: int) -> Claimed:
    return Claimed(ID, 0, 0, revision, 1, 1, 1, status, deadline, bytes(32))


def disputed() -> Disputed:
    return Disputed(ID, 0, 0, CUSTOMER, 1, 1, 1, 1, 10, RULING)


SETTLED = Settled(ID, 0, 0, 100, 100)
LIVES: dict[str, list[tuple[Event, ClaimState]]] = {
    "report, dispute, report during it, ruling": [
        (claimed(0, PENDING, END + 50), ClaimState(ClaimStatus.PENDING, 0, END + 50)),
        (disputed(), ClaimState(ClaimStatus.DISPUTED, 0, RULING)),
        (claimed(2, DISPUTED, RULING), ClaimState(ClaimStatus.DISPUTED, 2, RULING)),
        (Ruled(ID, 0, 0, 1, 1, 1, CUSTOMER), ClaimState(ClaimStatus.RULED, 2, 0)),
        (SETTLED, ClaimState(ClaimStatus.FINAL, 2, None)),
    ],
    "no report, dispute, silence, late report": [
        (disputed(), ClaimState(ClaimStatus.DISPUTED, None, RULING)),
        (BondReturned(ID, 0, 0, CUSTOMER, 10), ClaimState(ClaimStatus.DISPUTED, None, RULING)),
        (SETTLED, ClaimState(ClaimStatus.SETTLED, None, None)),
        (claimed(0, PENDING, END + 90), ClaimState(ClaimStatus.PENDING, 0, END + 90)),
    ],
    "no report, dispute, answer, concession": [
        (disputed(), ClaimState(ClaimStatus.DISPUTED, None, RULING)),
        (claimed(0, DISPUTED, RULING), ClaimState(ClaimStatus.DISPUTED, 0, RULING)),
        (Conceded(ID, 0, 0, 1, CUSTOMER, 10), ClaimState(ClaimStatus.RULED, 0, 0)),
        (SETTLED, ClaimState(ClaimStatus.FINAL, 0, None)),
    ],
    "case, another case, correction, settled, case again, disputed": [
        (claimed(0, DISPUTED, 7), ClaimState(ClaimStatus.DISPUTED, 0, 7, is_case=True)),
        (claimed(1, DISPUTED, 9), ClaimState(ClaimStatus.DISPUTED, 1, 9, is_case=True)),
        (claimed(2, PENDING, END + 50), ClaimState(ClaimStatus.PENDING, 2, END + 50)),
        (SETTLED, ClaimState(ClaimStatus.SETTLED, 2, None)),
        (claimed(3, DISPUTED, 11), ClaimState(ClaimStatus.DISPUTED, 3, 11, is_case=True)),
        (disputed(), ClaimState(ClaimStatus.DISPUTED, 3, RULING)),
    ],
}


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
def test_ledger__claim_through_its_life__says_what_became_of_it(life: list[tuple[Event, ClaimState]]) -> None:
    made = ledger(opened(AGREEMENT))
    for event, expected in life:
        before = made.copy()
        kept = dict(before.claims)
        made.take(event, lambda: END)
        assert made.claims == {SUBJECT: expected}
        assert before.claims == kept


def successor(committee: str = COMMITTEE.address) -> Agreement:
    formation = replace(AGREEMENT.formation, predecessor=ID)
    service = replace(AGREEMENT.service, start=START + LENGTH, committee=committee, count=5)
    return replace(AGREEMENT, formation=formation, service=service)


def test_ledger__amended__both_versions_are_ours_and_the_first_is_cut() -> None:
    new = successor()
    made = ledger(opened(AGREEMENT), amended(ID, AGREEMENT, new, 1))
    assert made.agreements == {ID: AGREEMENT, agreement_id(new): new}
    assert made.counts == {ID: 1}


def test_ledger__amended_to_another_committee__ours_ends_and_theirs_is_not_ours() -> None:
    made = ledger(opened(AGREEMENT), amended(ID, AGREEMENT, successor(party("others")), 2))
    assert made.agreements == {ID: AGREEMENT}
    assert made.counts == {ID: 2}


@pytest.mark.parametrize("event", [AgreementTerminated(ID, 2, b""), AgreementExited(ID, 2, ((0, 0),))])
def test_ledger__ended_or_left__is_cut(event: Event) -> None:
    assert ledger(opened(AGREEMENT), event).counts == {ID: 2}


# Accounts


def test_accounts__arrears__are_payable_as_far_as_collateral_came_in() -> None:
    """R4. 120 owed of 100: 20 are missing; 15 arrive and 15 are paid; 8 are credited."""
    made = ledger(opened(AGREEMENT, 100), Settled(ID, 0, 0, 120, 120))
    assert made.arrears() == {ID: 100}
    made.take(InArrears(ID, 20), lambda: END)
    made.take(Compensated(ID, CUSTOMER, 100), lambda: END)
    assert made.arrears() == {}
    made.take(Deposited(ID, PROVIDER, 15), lambda: END)
    made.take(Compensated(ID, CUSTOMER, 15), lambda: END)
    assert made.arrears() == {}

    above = replace(AGREEMENT, formation=replace(AGREEMENT.formation, document=b"u" * 32))
    made.take(opened(above, 8), lambda: END)
    made.take(Credited(agreement_id(above), ID, 8), lambda: END)
    assert made.arrears() == {ID: 5}


def test_accounts__overpaid__nothing_is_payable() -> None:
    """R4: what is left negative is netted by later entitlement."""
    made = ledger(opened(AGREEMENT, 100), SETTLED, Compensated(ID, CUSTOMER, 100), Settled(ID, 0, 0, 0, -100))
    made.take(Deposited(ID, PROVIDER, 50), lambda: END)
    assert made.arrears() == {}
    made.take(Settled(ID, 1, 0, 120, 120), lambda: END)
    assert made.arrears() == {ID: 20}


def test_accounts__arrears_of_an_amendment__are_paid_by_the_terms_that_settled_last() -> None:
    """R13: one account, kept under the first version's id."""
    new = successor()
    made = ledger(opened(AGREEMENT, 60), amended(ID, AGREEMENT, new, 1))
    made.take(Settled(agreement_id(new), 0, 0, 300, 300), lambda: END)
    assert made.arrears() == {agreement_id(new): 100}
    made.take(Compensated(ID, CUSTOMER, 100), lambda: END)
    made.take(Released(ID, PROVIDER, 0), lambda: END)
    made.take(Deposited(ID, PROVIDER, 70), lambda: END)
    assert made.arrears() == {agreement_id(new): 70}


def test_accounts__arrears_of_another_committees_agreement__are_theirs_to_pay() -> None:
    theirs = replace(AGREEMENT, service=replace(AGREEMENT.service, committee=party("others")))
    made = ledger(opened(theirs, 10), Settled(agreement_id(theirs), 0, 0, 50, 50))
    assert made.arrears() == {}


# Back to back

BELOW = replace(AGREEMENT, parties=replace(AGREEMENT.parties, provider=CUSTOMER, customer=party("reader")))
ABOVE = replace(AGREEMENT, stake=replace(AGREEMENT.stake, downstream=agreement_id(BELOW)))


def test_links__both_open__could_be_linked_until_somebody_does() -> None:
    """R14."""
    made = ledger(opened(ABOVE))
    assert list(made.links()) == []
    made.take(opened(BELOW), lambda: END)
    (link,) = made.links()
    assert (link.id, link.agreement, link.downstream) == (agreement_id(ABOVE), ABOVE, BELOW)
    made.take(DownstreamLinked(agreement_id(ABOVE), agreement_id(BELOW)), lambda: END)
    assert list(made.links()) == []


@pytest.mark.parametrize("which", [ABOVE, BELOW], ids=["upstream", "downstream"])
def test_links__one_of_both_gave_its_collateral_back__there_is_nothing_to_link(which: Agreement) -> None:
    made = ledger(opened(ABOVE), opened(BELOW), Released(agreement_id(which), PROVIDER, 0))
    assert list(made.links()) == []


def test_links__downstream_of_another_committee__is_linked_all_the_same() -> None:
    theirs = replace(BELOW, service=replace(BELOW.service, committee=party("others")))
    ours = replace(ABOVE, stake=replace(ABOVE.stake, downstream=agreement_id(theirs)))
    assert [link.downstream for link in ledger(opened(theirs), opened(ours)).links()] == [theirs]
    assert list(ledger(opened(BELOW), opened(replace(ABOVE, service=theirs.service))).links()) == []


@pytest.mark.parametrize("change", ["token", "provider"])
def test_links__what_the_escrow_would_refuse__is_not_tried(change: str) -> None:
    below = (
        replace(BELOW, stake=replace(BELOW.stake, token=party("other token")))
        if change == "token"
        else replace(BELOW, parties=replace(BELOW.parties, provider=party("stranger")))
    )
    above = replace(ABOVE, stake=replace(ABOVE.stake, downstream=agreement_id(below)))
    assert list(ledger(opened(above), opened(below)).links()) == []


def test_addresses__of_these_tests__are_distinct() -> None:
    """Or "another party" would mean nothing."""
    assert len({*map(parse_address, (PROVIDER, CUSTOMER, party("reader"), party("others")))}) == 4
