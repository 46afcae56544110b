"""`multicall` and `permit`: an allowance by signature together with the call that uses it (ERC-2612), and a keeper's
many calls in one transaction (R16)."""

from __future__ import annotations

import pytest

from chain.escrow import Call, ClaimStatus
from chain.permits import permit_call, permit_signature, token_domain
from chain.token import Token
from record.events import AgreementOpened, Compensated
from sla.agreement import Agreement
from tests.contracts.world import (
    BAD,
    BOND,
    COLLATERAL,
    DAY,
    KEYS,
    PAYS,
    REPAIR,
    UPTIME,
    WINDOW,
    WORSE,
    World,
    fails,
    refused,
)


@pytest.fixture
def permitting(world: World) -> str:
    """A token with permits that provider and customer hold, and of which the escrow may pull nothing."""
    address = world.deploy("PermitToken")
    for name in ("provider", "customer"):
        world.send("PermitToken", address, "mint", KEYS[name].address, 10**12)
    return address


def permit(world: World, token: str, who: str, amount: int, deadline: int | None = None) -> Call:
    until = world.now + DAY if deadline is None else deadline
    call = permit_call(world.escrow, token, KEYS[who], amount, until)
    assert call is not None
    return call


def allowance(world: World, token: str, who: str) -> int:
    return Token(world.connection, token).allowance(KEYS[who].address, world.escrow.address)


# Permits


def test_open__with_a_permit__pulls_what_was_never_approved(world: World, permitting: str) -> None:
    agreement = world.agreement(permitting)
    opened = world.escrow.calls.open(agreement, *world.signatures(agreement))
    with fails():
        world.escrow.multicall(KEYS["provider"], opened)
    world.escrow.multicall(KEYS["provider"], permit(world, permitting, "provider", COLLATERAL), opened)

    assert world.escrow.account_of(world.escrow.id_of(agreement)).collateral == COLLATERAL
    assert world.balance("provider", permitting) == 10**12 - COLLATERAL
    assert allowance(world, permitting, "provider") == 0
    (event,) = world.events(AgreementOpened)
    assert event.arguments() == (agreement, *world.signatures(agreement)), (
        "the call itself, not the multicall"
    )


def test_deposit_and_dispute__with_permits__pull_from_who_signed_and_calls(
    world: World, permitting: str
) -> None:
    """R16: tokens are pulled only from the caller."""
    calls = world.escrow.calls
    agreement = world.agreement(permitting, formation={"collateral": 0})
    world.open(agreement)
    world.escrow.multicall(
        KEYS["provider"], permit(world, permitting, "provider", 5), calls.deposit(agreement, 5)
    )
    assert world.escrow.account_of(world.escrow.id_of(agreement)).collateral == 5

    world.claimed(agreement, WORSE)
    contest = calls.dispute(agreement, 0, UPTIME, 0, 1_000_000)
    world.escrow.multicall(KEYS["customer"], permit(world, permitting, "customer", BOND), contest)
    assert world.escrow.dispute_of(world.escrow.id_of(agreement), 0, UPTIME).bond == BOND


def test_permit__of_somebody_else__lets_nobody_else_pull(world: World, permitting: str) -> None:
    """R16, P9: a stranger who brings the provider's permit still deposits the stranger's own tokens."""
    agreement = world.agreement(permitting, formation={"collateral": 0})
    world.open(agreement)
    signed = permit(world, permitting, "provider", 1_000)
    with fails():
        world.escrow.multicall(KEYS["stranger"], signed, world.escrow.calls.deposit(agreement, 1_000))
    assert world.balance("provider", permitting) == 10**12


def test_permit__brought_first_by_a_stranger__does_not_stop_the_call(world: World, permitting: str) -> None:
    """R16: tried, and may fail: whoever sees a permit may bring it."""
    agreement = world.agreement(permitting, formation={"collateral": 0})
    world.open(agreement)
    signed = permit(world, permitting, "provider", 1_000)
    world.escrow.send(KEYS["stranger"], signed)
    assert allowance(world, permitting, "provider") == 1_000
    world.escrow.multicall(KEYS["provider"], signed, world.escrow.calls.deposit(agreement, 1_000))
    assert world.escrow.account_of(world.escrow.id_of(agreement)).collateral == 1_000


@pytest.mark.parametrize(
    "what", ["expired", "another amount", "another owner", "no such function", "no contract"]
)
def test_permit__that_fails__leaves_it_to_the_allowance(world: World, permitting: str, what: str) -> None:
    agreement = world.agreement(permitting, formation={"collateral": 0})
    world.open(agreement)
    calls, provider = world.escrow.calls, KEYS["provider"]
    until = world.now - 1 if what == "expired" else world.now + DAY
    signature = permit_signature(world.connection, permitting, provider, world.escrow.address, 7, until)
    assert signature is not None
    token = {"no such function": world.token.address, "no contract": KEYS["operator"].address}.get(
        what, permitting
    )
    owner = KEYS["customer"].address if what == "another owner" else provider.address
    amount = 8 if what == "another amount" else 7
    failing = calls.permit(token, owner, amount, until, signature)

    world.escrow.send(KEYS["stranger"], failing)
    assert allowance(world, permitting, "provider") == 0
    with fails():
        world.escrow.multicall(provider, failing, calls.deposit(agreement, 7))
    Token(world.connection, permitting).approve(provider, world.escrow.address, 7)
    world.escrow.multicall(provider, failing, calls.deposit(agreement, 7))
    assert world.escrow.account_of(world.escrow.id_of(agreement)).collateral == 7


def test_permit__of_tokens_without__is_not_signed(world: World) -> None:
    """Then an allowance does it."""
    until = world.now + DAY
    for token in (world.token.address, world.moody_address, KEYS["operator"].address, world.escrow.address):
        assert token_domain(world.connection, token) is None
        assert permit_call(world.escrow, token, KEYS["provider"], 1, until) is None


def test_token_domain__of_a_token_with_permits__is_its_own(world: World, permitting: str) -> None:
    domain = token_domain(world.connection, permitting)
    assert domain is not None
    assert domain.verifying_contract == permitting
    assert domain.chain_id == world.connection.chain_id
    separator = world.view("PermitToken", permitting, "DOMAIN_SEPARATOR")
    assert domain.separator() == separator


def test_token_domain__that_names_another_token__is_nobodys(
    world: World, permitting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token could give out another's domain, and have its holders sign a permit for that one."""
    victim = world.deploy("PermitToken")
    separator = world.view("PermitToken", victim, "DOMAIN_SEPARATOR")
    answers = {"DOMAIN_SEPARATOR": separator, "name": "Permit USD", "nonces": 0, "version": "1"}
    monkeypatch.setattr("chain.permits._asked", lambda _chain, _token, view, *_: answers[view])
    assert token_domain(world.connection, victim) is not None
    assert token_domain(world.connection, permitting) is None


# Several at once


def due(world: World, *periods: int) -> list[Agreement]:
    """Two agreements with claims whose window is over."""
    agreements = [world.opened(), world.opened(formation={"document": bytes(32)})]
    for period in periods:
        for agreement in agreements:
            world.claimed(agreement, WORSE, period)
    world.travel(world.now + WINDOW)
    return agreements


def test_multicall__a_keepers_settlements__go_in_one_transaction(world: World) -> None:
    agreements = due(world, 0, 1)
    before = world.balance("customer")
    keys = [(0, UPTIME), (1, UPTIME), (0, REPAIR)]
    receipt = world.escrow.multicall(
        KEYS["stranger"], *(world.escrow.calls.settle(agreement, keys) for agreement in agreements)
    )
    assert receipt is not None
    assert world.balance("customer") == before + 4 * PAYS[WORSE]
    assert [event.amount for event in world.events(Compensated)] == [2 * PAYS[WORSE]] * 2


def test_multicall__claim_and_settle_together__with_a_window_of_zero(world: World) -> None:
    agreement = world.opened(stake={"dispute_window": 0})
    world.land(world.end_of(agreement, 0))
    reports = [world.report(agreement, BAD), world.report(agreement, 500, obligation=REPAIR)]
    tree = world.post(*reports)
    before = world.balance("customer")
    claims = [world.escrow.calls.claim(agreement, report, tree.proof(report)) for report in reports]
    world.escrow.multicall(KEYS["operator"], *claims)
    assert world.balance("customer") == before + 100_000 + 350_000


def test_multicall__one_that_is_refused__undoes_them_all_and_is_named(world: World) -> None:
    settled, other = due(world, 0)
    calls = world.escrow.calls
    with refused("NothingToWithdraw"):
        world.escrow.multicall(
            KEYS["stranger"],
            calls.settle(settled, [(0, UPTIME)]),
            calls.withdraw(world.token.address, KEYS["stranger"].address, KEYS["stranger"].address),
            calls.settle(other, [(0, UPTIME)]),
        )
    for agreement in (settled, other):
        claim = world.escrow.claim_of(world.escrow.id_of(agreement), 0, UPTIME)
        assert claim.status == ClaimStatus.PENDING


@pytest.mark.parametrize("data", [b"", b"\xde\xad\xbe\xef", b"\x00" * 100])
def test_multicall__of_bytes_that_are_no_call__is_refused(world: World, data: bytes) -> None:
    with refused("FailedCall"):
        world.escrow.send(KEYS["stranger"], world.escrow.contract.functions.multicall([data]))


def test_multicall__of_a_party__is_that_partys(world: World) -> None:
    """Who calls is who is asked, not the escrow itself."""
    agreement = world.opened()
    world.claimed(agreement, WORSE)
    contest = world.escrow.calls.dispute(agreement, 0, UPTIME, BAD, 1_000_000)
    with refused("CallerInvalid", caller=KEYS["stranger"].address.lower()):
        world.escrow.multicall(KEYS["stranger"], contest)
    before = world.balance("provider")
    world.escrow.multicall(KEYS["provider"], contest)
    assert world.balance("provider") == before - BOND


def test_multicall__of_nothing_and_of_itself__is_harmless(world: World) -> None:
    agreement = due(world, 0)[0]
    calls = world.escrow.calls
    world.escrow.multicall(KEYS["stranger"])
    before = world.balance("customer")
    inner = calls.multicall([calls.settle(agreement, [(0, UPTIME)])] * 2)
    world.escrow.multicall(KEYS["stranger"], inner, inner)
    assert world.balance("customer") == before + PAYS[WORSE]


def test_multicall__without_sending__is_only_tried(world: World) -> None:
    agreement = due(world, 0)[0]
    trial = world.escrow.trial()
    assert trial.multicall(KEYS["stranger"], trial.calls.settle(agreement, [(0, UPTIME)])) is None
    assert world.events(Compensated) == []
