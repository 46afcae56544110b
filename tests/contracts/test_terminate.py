"""`terminate`: both parties sign after how many periods the agreement ends; none that has begun is dropped."""

from __future__ import annotations

import pytest

from chain.escrow import Account, AccountState
from record.eip712 import Domain, agreement_preimage, termination_preimage
from record.events import AgreementTerminated
from sla.agreement import Agreement
from tests.contracts.world import (
    COLLATERAL,
    DAY,
    KEYS,
    MONTH,
    PAYS,
    START,
    WORSE,
    World,
    both_sign,
    refused,
)


def test_terminate__signed_by_both__cuts_the_count(world: World) -> None:
    agreement = world.opened()
    agreement_id = world.escrow.id_of(agreement)
    until = world.now + 7
    world.terminate(agreement, 4, until)

    assert world.escrow.account_of(agreement_id) == Account(COLLATERAL, 0, 0, 4, AccountState.OPEN)
    (event,) = world.events(AgreementTerminated)
    assert (event.id, event.count) == (agreement_id, 4)
    brought = event.arguments()
    assert (brought.count, brought.valid_by) == (4, until)
    assert (
        brought.provider_signature,
        brought.customer_signature,
    ) == world.termination_signatures(agreement, 4, until)


@pytest.mark.parametrize("by", ["provider", "customer", "arbiter", "stranger"])
def test_terminate__brought_by_anyone__is_what_was_signed(world: World, by: str) -> None:
    agreement = world.opened()
    until = world.now + DAY
    signatures = world.termination_signatures(agreement, 1, until)
    world.escrow.terminate(KEYS[by], agreement, 1, until, *signatures)
    assert world.escrow.account_of(world.escrow.id_of(agreement)).count == 1


def test_terminate__what_it_drops__can_no_longer_be_claimed(world: World) -> None:
    agreement = world.opened()
    world.terminate(agreement, 1)
    before = world.balance("customer")
    world.paid(agreement, WORSE)
    assert world.balance("customer") == before + PAYS[WORSE]

    world.land(START + 2 * MONTH)
    report = world.report(agreement, WORSE, 1)
    with refused("PeriodUnknown", period=1, count=1):
        world.claim(agreement, report, world.post(report))


def test_terminate__before_it_starts__leaves_nothing(world: World) -> None:
    agreement = world.opened(service={"start": START + 10 * DAY})
    world.terminate(agreement, 0)
    assert world.escrow.account_of(world.escrow.id_of(agreement)).count == 0
    world.land(START + 10 * DAY + MONTH)
    report = world.report(agreement, WORSE)
    with refused("PeriodUnknown", period=0, count=0):
        world.claim(agreement, report, world.post(report))


# When


def test_terminate__until_the_first_period_dropped_begins__and_not_from_then_on(world: World) -> None:
    agreement = world.opened()
    begins = START + 2 * MONTH
    until = begins + DAY
    call = (agreement, 2, until, *world.termination_signatures(agreement, 2, until))
    world.at(begins - 1).terminate(KEYS["operator"], *call)
    with refused("PeriodBegun", boundary=begins, time=begins):
        world.at(begins).terminate(KEYS["operator"], *call)


def test_terminate__while_it_is_valid__and_not_from_then_on(world: World) -> None:
    agreement = world.opened()
    until = world.now + 50
    call = (agreement, 2, until, *world.termination_signatures(agreement, 2, until))
    world.at(until - 1).terminate(KEYS["operator"], *call)
    with refused("ValidityOver", validBy=until, time=until):
        world.at(until).terminate(KEYS["operator"], *call)


@pytest.mark.parametrize("count", [12, 13, 2**24 - 1])
def test_terminate__that_cuts_nothing__is_refused(world: World, count: int) -> None:
    agreement = world.opened()
    with refused("NothingToCut", count=count, current=12):
        world.terminate(agreement, count)


def test_terminate__again__only_cuts_further(world: World) -> None:
    """P6, R13: no replay, and nothing is ever given back."""
    agreement = world.opened()
    until = world.now + DAY
    world.terminate(agreement, 5, until)
    for count in (5, 6, 12):
        with refused("NothingToCut", count=count, current=5):
            world.terminate(agreement, count, until)
    world.terminate(agreement, 3, until)
    assert world.escrow.account_of(world.escrow.id_of(agreement)).count == 3


def test_terminate__a_version_that_was_succeeded__is_refused(world: World) -> None:
    """The head alone: the terms before it were cut already."""
    first = world.opened()
    second = world.amended(first, 6)
    first_id, second_id = world.escrow.id_of(first), world.escrow.id_of(second)
    with refused("NotHead", id=first_id, head=second_id):
        world.terminate(first, 3)
    world.terminate(second, 3)
    assert [world.escrow.account_of(version).count for version in (first_id, second_id)] == [6, 3]
    assert [event.id for event in world.events(AgreementTerminated)] == [second_id]


def test_terminate__never_opened__is_unknown(world: World) -> None:
    agreement = world.agreement()
    with refused("AgreementUnknown", id=world.escrow.id_of(agreement)):
        world.terminate(agreement, 3)


# What was signed


@pytest.mark.parametrize("absent", ["provider", "customer"])
def test_terminate__without_one_signature__is_refused(world: World, absent: str) -> None:
    """P10."""
    agreement = world.opened()
    until = world.now + DAY
    message = termination_preimage(world.escrow.id_of(agreement), 3, until, world.escrow.domain)
    signers = {"provider": "provider", "customer": "customer", absent: "stranger"}
    signatures = both_sign(message, signers["provider"], signers["customer"])
    with refused("SignatureInvalid", party=KEYS[absent].address.lower()):
        world.escrow.terminate(KEYS["operator"], agreement, 3, until, *signatures)


@pytest.mark.parametrize("what", ["count", "valid_by", "agreement", "escrow", "chain", "committee", "terms"])
def test_terminate__signed_for_anything_else__is_refused(world: World, what: str) -> None:
    """P6: the digest binds chain, contract, agreement, count and validity."""
    agreement = world.opened()
    until = world.now + DAY
    message = signed_for(world, agreement, until, what)
    with refused("SignatureInvalid", party=KEYS["provider"].address.lower()):
        world.escrow.terminate(KEYS["operator"], agreement, 3, until, *both_sign(message))


def signed_for(world: World, agreement: Agreement, until: int, what: str) -> bytes:
    """A preimage that differs from the right one in one thing."""
    agreement_id, domain = world.escrow.id_of(agreement), world.escrow.domain
    chain_id, escrow = domain.chain_id, domain.verifying_contract
    return {
        "count": termination_preimage(agreement_id, 4, until, domain),
        "valid_by": termination_preimage(agreement_id, 3, until + 1, domain),
        "agreement": termination_preimage(bytes(32), 3, until, domain),
        "escrow": termination_preimage(
            agreement_id, 3, until, Domain("Makegood", "1", chain_id, KEYS["operator"].address)
        ),
        "chain": termination_preimage(agreement_id, 3, until, Domain("Makegood", "1", 1, escrow)),
        "committee": termination_preimage(agreement_id, 3, until, world.committee.domain),
        "terms": agreement_preimage(agreement, domain),
    }[what]
