"""`link`: what one agreement pays raises the escrow of the next, whose provider is our customer (R14)."""

from __future__ import annotations

import pytest

from chain.escrow import Account, AccountState
from record.events import Compensated, Credited, Deposited, DownstreamLinked, InArrears
from sla.agreement import Agreement
from tests.contracts.world import (
    BAD,
    CLAIM,
    COLLATERAL,
    KEYS,
    MONTH,
    PAYS,
    START,
    WINDOW,
    WORSE,
    WORST,
    World,
    refused,
)


def downstream(world: World, collateral: int = COLLATERAL, count: int = 12) -> Agreement:
    """An agreement whose provider is the customer of the usual one, and whose customer is the stranger."""
    return world.opened_between(
        "customer", "stranger", formation={"collateral": collateral}, service={"count": count}
    )


def upstream(world: World, below: Agreement, collateral: int = COLLATERAL) -> Agreement:
    """The usual agreement, which names the one below, in force and linked to it."""
    agreement = world.opened(
        stake={"downstream": world.escrow.id_of(below)}, formation={"collateral": collateral}
    )
    world.link(agreement, below)
    return agreement


def collateral_of(world: World, agreement: Agreement) -> int:
    return world.escrow.account_of(world.escrow.id_of(agreement)).collateral


@pytest.mark.parametrize("by", ["provider", "customer", "operator", "stranger"])
def test_link__by_anyone_once_both_are_open__is_on_record(world: World, by: str) -> None:
    below = downstream(world)
    agreement = world.opened(stake={"downstream": world.escrow.id_of(below)})
    agreement_id, below_id = world.escrow.id_of(agreement), world.escrow.id_of(below)
    assert world.escrow.downstream_of(agreement_id) is None
    world.link(agreement, below, by)
    assert world.escrow.downstream_of(agreement_id) == below_id
    assert world.escrow.downstream_of(below_id) is None
    assert world.events(DownstreamLinked) == [DownstreamLinked(agreement_id, below_id)]


def test_back_to_back__a_breach__raises_the_escrow_below(world: World) -> None:
    """R14: our customer owes it to theirs; P1: no token leaves."""
    below = downstream(world)
    agreement = upstream(world, below)
    held = world.balance(world.escrow.address)
    before = {who: world.balance(who) for who in KEYS}
    world.paid(agreement, WORSE)

    assert collateral_of(world, agreement) == COLLATERAL - PAYS[WORSE]
    assert collateral_of(world, below) == COLLATERAL + PAYS[WORSE]
    assert world.balance(world.escrow.address) == held
    assert {who: world.balance(who) for who in KEYS} == before
    agreement_id, below_id = world.escrow.id_of(agreement), world.escrow.id_of(below)
    assert world.events(Credited, Compensated) == [Credited(agreement_id, below_id, PAYS[WORSE])]


def test_back_to_back__three_in_a_row__each_pays_the_next(world: World) -> None:
    """The last one's customer is paid; each by its own claims alone."""
    last = world.opened_between("stranger", "operator")
    last_id = world.escrow.id_of(last)
    middle = world.opened_between("customer", "stranger", stake={"downstream": last_id})
    world.link(middle, last)
    first = upstream(world, middle)
    before = world.balance("operator")

    world.paid(first, WORSE)
    assert (collateral_of(world, middle), collateral_of(world, last)) == (
        COLLATERAL + PAYS[WORSE],
        COLLATERAL,
    )
    world.paid(middle, BAD)
    assert collateral_of(world, middle) == COLLATERAL + PAYS[WORSE] - PAYS[BAD]
    assert collateral_of(world, last) == COLLATERAL + PAYS[BAD]
    assert world.balance("operator") == before
    world.paid(last, WORST)
    assert world.balance("operator") == before + PAYS[WORST]
    assert collateral_of(world, last) == COLLATERAL + PAYS[BAD] - PAYS[WORST]


def test_back_to_back__arrears_below__wait_for_a_call_of_their_own(world: World) -> None:
    """R14: nothing is forwarded in the same call; then anyone settles, naming no claim."""
    below = downstream(world, collateral=1)
    below_id = world.escrow.id_of(below)
    agreement = upstream(world, below)
    before = world.balance("stranger")
    world.paid(below, WORSE)
    assert world.balance("stranger") == before + 1
    assert world.events(InArrears) == [InArrears(below_id, PAYS[WORSE] - 1)]

    world.paid(agreement, BAD)
    account = world.escrow.account_of(below_id)
    assert (account.collateral, account.due) == (PAYS[BAD], PAYS[WORSE] - 1)
    assert world.balance("stranger") == before + 1

    world.escrow.settle(KEYS["operator"], below, [])
    account = world.escrow.account_of(below_id)
    assert (account.collateral, account.due) == (0, PAYS[WORSE] - 1 - PAYS[BAD])
    assert world.balance("stranger") == before + 1 + PAYS[BAD]
    assert world.events(InArrears)[-1] == InArrears(below_id, PAYS[WORSE] - 1 - PAYS[BAD])


def test_back_to_back__our_own_arrears__go_below_as_well(world: World) -> None:
    """Whatever the account pays: here a deposit."""
    below = downstream(world)
    agreement = upstream(world, below, collateral=0)
    agreement_id, below_id = world.escrow.id_of(agreement), world.escrow.id_of(below)
    world.paid(agreement, WORSE)
    assert collateral_of(world, below) == COLLATERAL
    world.escrow.deposit(KEYS["provider"], agreement, PAYS[WORSE] + 5)
    assert collateral_of(world, below) == COLLATERAL + PAYS[WORSE]
    assert collateral_of(world, agreement) == 5
    assert world.events(Deposited, Credited) == [
        Deposited(agreement_id, KEYS["provider"].address, PAYS[WORSE] + 5),
        Credited(agreement_id, below_id, PAYS[WORSE]),
    ]


def test_back_to_back__before_it_is_linked__pays_the_customer(world: World) -> None:
    below = downstream(world)
    agreement = world.opened(stake={"downstream": world.escrow.id_of(below)})
    before = world.balance("customer")
    world.paid(agreement, WORSE)
    assert world.balance("customer") == before + PAYS[WORSE]
    world.link(agreement, below)
    world.paid(agreement, WORSE, 1)
    assert world.balance("customer") == before + PAYS[WORSE]
    assert collateral_of(world, below) == COLLATERAL + PAYS[WORSE]


def test_back_to_back__when_the_one_below_was_released__pays_the_customer(world: World) -> None:
    """R14: still open, else the customer is paid."""
    below = downstream(world, count=1)
    agreement = upstream(world, below)
    world.claimed(agreement, WORSE)
    world.travel(START + MONTH + CLAIM)
    world.escrow.release(KEYS["customer"], below)
    before = world.balance("customer")
    world.settle(agreement)
    assert world.balance("customer") == before + PAYS[WORSE]
    assert collateral_of(world, below) == 0


def test_back_to_back__released_in_arrears__still_receives_what_its_customer_is_owed(world: World) -> None:
    """R14, R15: a provider that owes cannot close the account below and keep what comes from above."""
    below = downstream(world, collateral=0, count=1)
    agreement = upstream(world, below)
    world.paid(below, WORSE)
    world.claimed(agreement, BAD)
    world.travel(START + MONTH + CLAIM)
    world.escrow.release(KEYS["customer"], below)
    below_id = world.escrow.id_of(below)
    assert world.escrow.account_of(below_id) == Account(0, PAYS[WORSE], 0, 1, AccountState.OPEN)

    before = {who: world.balance(who) for who in KEYS}
    world.settle(agreement)
    world.escrow.settle(KEYS["operator"], below, [])
    paid = {who: world.balance(who) - before[who] for who in KEYS}
    assert paid == {who: PAYS[BAD] * (who == "stranger") for who in KEYS}
    assert world.escrow.account_of(below_id) == Account(0, PAYS[WORSE] - PAYS[BAD], 0, 1, AccountState.OPEN)


# Versions


def test_link__to_a_version__credits_the_account_of_the_first(world: World) -> None:
    """R13: the money is there."""
    first = downstream(world)
    second = world.amendment(first, 6)
    signatures = world.signatures(second, "customer", "stranger")
    world.escrow.amend(KEYS["operator"], second, *signatures, first, 6)
    agreement = upstream(world, second)
    first_id = world.escrow.id_of(first)
    assert world.escrow.downstream_of(world.escrow.id_of(agreement)) == first_id
    world.paid(agreement, WORSE)
    assert collateral_of(world, first) == COLLATERAL + PAYS[WORSE]
    assert collateral_of(world, second) == 0


def test_link__of_one_version__is_not_that_of_the_next(world: World) -> None:
    """Each version's terms say where its compensation goes."""
    below = downstream(world)
    first = upstream(world, below)
    second = world.amended(first, 1)
    third = world.amended(second, 1, stake={"downstream": bytes(32)})
    before = world.balance("customer")
    world.paid(first, WORSE)
    assert (world.balance("customer"), collateral_of(world, below)) == (before, COLLATERAL + PAYS[WORSE])
    world.claimed(second, WORSE)
    world.link(second, below)
    world.travel(world.now + WINDOW)
    world.settle(second)
    assert collateral_of(world, below) == COLLATERAL + 2 * PAYS[WORSE]
    world.paid(third, WORSE)
    assert world.balance("customer") == before + PAYS[WORSE]
    events = world.events(Credited)
    assert [event.id for event in events] == [world.escrow.id_of(first)] * 2


# Refusals


def test_link__another_than_the_terms_name__is_refused(world: World) -> None:
    below, other = downstream(world), downstream(world, collateral=7)
    agreement = world.opened(stake={"downstream": world.escrow.id_of(below)})
    given, signed = world.escrow.id_of(other), world.escrow.id_of(below)
    with refused("NotDownstream", given=given, signed=signed):
        world.link(agreement, other)
    plain = world.opened()
    with refused("NotDownstream", given=signed, signed=bytes(32)):
        world.link(plain, below)


def test_link__to_an_agreement_of_another_provider__is_refused(world: World) -> None:
    """R14: its provider is our customer."""
    below = world.opened_between("stranger", "operator")
    agreement = world.opened(stake={"downstream": world.escrow.id_of(below)})
    with refused("PartyChanged", field="provider"):
        world.link(agreement, below)


def test_link__to_an_agreement_in_another_token__is_refused(world: World) -> None:
    """R14."""
    below = world.opened_between("customer", "stranger", stake={"token": world.moody_address})
    agreement = world.opened(stake={"downstream": world.escrow.id_of(below)})
    with refused("PartyChanged", field="token"):
        world.link(agreement, below)


def test_link__either_never_opened__is_refused(world: World) -> None:
    parties = {"provider": KEYS["customer"].address, "customer": KEYS["stranger"].address}
    below = world.agreement(parties=parties)
    below_id = world.escrow.id_of(below)
    agreement = world.agreement(stake={"downstream": below_id})
    with refused("AgreementUnknown", id=world.escrow.id_of(agreement)):
        world.link(agreement, below)
    world.open(agreement)
    with refused("AgreementUnknown", id=below_id):
        world.link(agreement, below)
    world.open(below, "customer", "stranger")
    world.link(agreement, below)


def test_link__again__changes_nothing(world: World) -> None:
    below = downstream(world)
    agreement = upstream(world, below)
    world.link(agreement, below)
    assert world.escrow.downstream_of(world.escrow.id_of(agreement)) == world.escrow.id_of(below)
