"""`amend`: new terms of the same parties and token take over from a period that has not begun; the money stays."""

from __future__ import annotations

from typing import Any

import pytest

from chain.escrow import Account, AccountState, ClaimStatus
from record.eip712 import agreement_preimage
from record.events import AgreementAmended, Compensated, Settled
from sla.agreement import Agreement
from tests.contracts.fast_chain import CallFailed
from tests.contracts.fast_world import FastWorld
from tests.contracts.world import (
    BAD,
    CHARGE,
    COLLATERAL,
    DAY,
    KEYS,
    MONTH,
    PAYS,
    START,
    UPTIME,
    WINDOW,
    WORSE,
    World,
    boundary_of,
    changed,
    fails,
    refused,
)


def test_amend__signed_by_both__takes_over_from_the_boundary(world: World) -> None:
    """R13: the predecessor keeps three periods, the money stays in the account of the first."""
    first = world.opened()
    first_id = world.escrow.id_of(first)
    before = world.balance("provider")
    second = world.amendment(first, 3, service={"count": 7}, formation={"collateral": 5})

    second_id = world.amend(second, first, 3)

    money = (COLLATERAL + 5, 0, 0)
    assert world.escrow.account_of(first_id) == Account(*money, 3, AccountState.OPEN)
    assert world.escrow.account_of(second_id) == Account(0, 0, 0, 7, AccountState.VERSION)
    assert world.balance("provider") == before - 5
    assert second.service.start == START + 3 * MONTH
    (event,) = world.events(AgreementAmended)
    assert (event.first, event.predecessor, event.id) == (first_id, first_id, second_id)
    assert (event.count, event.collateral) == (3, 5)
    assert event.arguments().agreement == second
    assert event.arguments().count == 3


def test_versions__whichever_is_asked__are_all_and_in_order(world: World) -> None:
    """R13: the history stays readable."""
    first = world.opened()
    second = world.amended(first, 6)
    third = world.amended(second, 2)
    ids = tuple(world.escrow.id_of(version) for version in (first, second, third))
    for version in ids:
        assert world.escrow.first_of(version) == ids[0]
        assert world.escrow.versions_of(version) == ids
    assert [world.escrow.account_of(version).count for version in ids] == [6, 2, 4]
    unknown = bytes(32)
    assert (world.escrow.first_of(unknown), world.escrow.versions_of(unknown)) == (None, ())
    assert world.escrow.account_of(unknown) == Account(0, 0, 0, 0, AccountState.UNKNOWN)


def test_amend__at_the_predecessors_end__is_a_renewal(world: World) -> None:
    first = world.opened()
    second = world.amended(first, 12, service={"count": 24})
    assert world.escrow.account_of(world.escrow.id_of(first)).count == 12
    assert world.escrow.account_of(world.escrow.id_of(second)).count == 24


def test_amend__each_period__is_claimed_by_the_terms_that_govern_it(world: World) -> None:
    """R13: leaves are the version's, money the first's. 980 000 pays 30 % of the charge of that version."""
    first = world.opened()
    second = world.amended(first, 1, service={"charge": 2 * CHARGE, "period_cap": 0})
    first_id, second_id = (world.escrow.id_of(version) for version in (first, second))
    before = world.balance("customer")

    world.paid(first, WORSE)
    world.paid(second, WORSE)

    assert world.balance("customer") == before + 900_000
    assert world.events(Settled, Compensated) == [
        Settled(first_id, 0, UPTIME, 300_000, 300_000),
        Compensated(first_id, KEYS["customer"].address, 300_000),
        Settled(second_id, 0, UPTIME, 600_000, 600_000),
        Compensated(first_id, KEYS["customer"].address, 600_000),
    ]
    assert world.escrow.account_of(first_id).collateral == COLLATERAL - 900_000
    assert world.escrow.settled_total_of(first_id, 0) == 300_000
    assert world.escrow.settled_total_of(second_id, 0) == 600_000
    assert world.escrow.claim_of(second_id, 0, UPTIME).status == ClaimStatus.SETTLED

    report = world.report(first, WORSE, 1)
    with refused("PeriodUnknown", period=1, count=1):
        world.claim(first, report, world.post(report))


def test_amend__while_a_claim_waits__leaves_it_its_window_and_its_terms(world: World) -> None:
    """P10: what is pending under the old terms is theirs."""
    first = world.opened()
    world.claimed(first, WORSE)
    end = world.now + WINDOW
    world.amended(first, 2, stake={"dispute_window": 10 * DAY}, service={"charge": 7})
    assert world.escrow.claim_of(world.escrow.id_of(first), 0, UPTIME).window_end == end
    assert world.escrow.account_of(world.escrow.id_of(first)).open_claims == 1
    before = world.balance("customer")
    world.travel(end)
    world.settle(first)
    assert world.balance("customer") == before + PAYS[WORSE]


def test_amend__its_collateral__pays_arrears_first(world: World) -> None:
    """R4."""
    first = world.opened(formation={"collateral": 100})
    world.paid(first, BAD)
    first_id = world.escrow.id_of(first)
    assert world.escrow.account_of(first_id).due == PAYS[BAD] - 100
    before = world.balance("customer")
    world.amended(first, 3, formation={"collateral": PAYS[BAD]})
    account = world.escrow.account_of(first_id)
    assert (account.collateral, account.due) == (100, 0)
    assert world.balance("customer") == before + PAYS[BAD] - 100


def test_amend__a_token_that_keeps_a_fee__counts_what_arrives(world: World) -> None:
    """R18."""
    first = world.opened(world.moody_address)
    world.moods(fee_ppm=100_000)
    world.amended(first, 3, formation={"collateral": 1_000})
    (event,) = world.events(AgreementAmended)
    assert event.collateral == 900
    assert world.escrow.account_of(world.escrow.id_of(first)).collateral == COLLATERAL + 900


# When, and from what


def test_amend__until_the_boundary_begins__and_not_from_then_on(world: World) -> None:
    """R13: the first period they govern has not begun."""
    first = world.opened()
    begins = START + 3 * MONTH
    second = world.amendment(first, 3, formation={"open_by": begins + DAY})
    call = (second, *world.signatures(second), first, 3)
    world.at(begins - 1).amend(KEYS["operator"], *call)
    with refused("PeriodBegun", boundary=begins, time=begins):
        world.at(begins).amend(KEYS["operator"], *call)


def test_amend__after_its_open_by__is_refused(world: World) -> None:
    """R1, R13: an amendment names a validity."""
    first = world.opened()
    second = world.amendment(first, 3, formation={"open_by": START + DAY})
    call = (second, *world.signatures(second), first, 3)
    world.at(START + DAY - 1).amend(KEYS["operator"], *call)
    with refused("OpenByPassed", openBy=START + DAY, time=START + DAY):
        world.at(START + DAY).amend(KEYS["operator"], *call)


@pytest.mark.parametrize("shift", [-1, 1, MONTH])
def test_amend__that_starts_elsewhere_than_the_cut__is_refused(world: World, shift: int) -> None:
    """No gap and no overlap."""
    first = world.opened()
    begins = START + 3 * MONTH
    second = world.amendment(first, 3, service={"start": begins + shift})
    with refused("StartMismatch", start=begins + shift, boundary=begins):
        world.amend(second, first, 3)


def test_amend__beyond_what_the_predecessor_governs__is_refused(world: World) -> None:
    first = world.opened()
    with refused("NothingToCut", count=13, current=12):
        world.amended(first, 13)
    world.terminate(first, 5)
    with refused("NothingToCut", count=6, current=5):
        world.amended(first, 6)
    world.amended(first, 5)


def test_amend__not_the_head__is_refused(world: World) -> None:
    """R13: neither the first again, nor one in the middle."""
    first = world.opened()
    second = world.amended(first, 6)
    third = world.amended(second, 3)
    ids = [world.escrow.id_of(version) for version in (first, second, third)]
    for predecessor, its_id in ((first, ids[0]), (second, ids[1])):
        with refused("NotHead", id=its_id, head=ids[2]):
            world.amended(predecessor, 2, formation={"document": bytes(32)})


def test_amend__twice__exists(world: World) -> None:
    """R1: an id never becomes unused again."""
    first = world.opened()
    second = world.amended(first, 6)
    with refused("AgreementExists", id=world.escrow.id_of(second)):
        world.amend(second, first, 6)
    with refused("PredecessorMismatch", given=bytes(32), signed=world.escrow.id_of(first)):
        world.open(second)


def test_amend__with_other_terms_than_those_it_names__is_refused(world: World) -> None:
    first = world.opened()
    other = world.opened(formation={"document": bytes(32)})
    second = world.amendment(first, 3)
    given, signed = world.escrow.id_of(other), world.escrow.id_of(first)
    with refused("PredecessorMismatch", given=given, signed=signed):
        world.amend(second, other, 3)
    with refused("PredecessorMismatch", given=signed, signed=bytes(32)):
        world.amend(changed(second, formation={"predecessor": bytes(32)}), first, 3)


def test_amend__of_terms_never_opened__is_refused(world: World) -> None:
    first = world.agreement()
    with refused("AgreementUnknown", id=world.escrow.id_of(first)):
        world.amended(first, 3)


def test_open__terms_with_a_predecessor__is_refused(world: World) -> None:
    second = world.agreement(formation={"predecessor": b"\x01" * 32})
    with refused("PredecessorMismatch", given=bytes(32), signed=b"\x01" * 32):
        world.open(second)


# By whom


@pytest.mark.parametrize("field", ["provider", "customer"])
def test_amend__with_another_party__is_refused(world: World, field: str) -> None:
    """R13: though the new one signs."""
    first = world.opened()
    second = world.amendment(first, 3, parties={field: KEYS["stranger"].address})
    signers = {"provider": "provider", "customer": "customer", field: "stranger"}
    signatures = world.signatures(second, signers["provider"], signers["customer"])
    with refused("PartyChanged", field=field):
        world.escrow.amend(KEYS["operator"], second, *signatures, first, 3)


def test_amend__with_another_token__is_refused(world: World) -> None:
    """R13: one account holds one token."""
    first = world.opened()
    with refused("PartyChanged", field="token"):
        world.amended(first, 3, stake={"token": world.moody_address})


@pytest.mark.parametrize(
    "parts",
    [
        {"parties": {"arbiter": KEYS["stranger"].address}},
        {"stake": {"dispute_window": 0, "bond": 1, "arbiter_fee": 0}},
        {"service": {"period_cap": 7, "charge": 0, "charge_max": CHARGE}},
    ],
)
def test_amend__anything_else__may_change(world: World, parts: dict[str, Any]) -> None:
    first = world.opened()
    second = world.amended(first, 3, **parts)
    assert world.escrow.account_of(world.escrow.id_of(second)).state == AccountState.VERSION


@pytest.mark.parametrize("absent", ["provider", "customer"])
def test_amend__without_one_signature__is_refused(world: World, absent: str) -> None:
    """P10."""
    first = world.opened()
    second = world.amendment(first, 3)
    signers = {"provider": "provider", "customer": "customer", absent: "stranger"}
    signatures = world.signatures(second, signers["provider"], signers["customer"])
    with refused("SignatureInvalid", party=KEYS[absent].address.lower()):
        world.escrow.amend(KEYS["operator"], second, *signatures, first, 3)


def test_amend__signed_for_another_escrow__is_refused(world: World) -> None:
    """P6."""
    first = world.opened()
    second = world.amendment(first, 3)
    elsewhere = agreement_preimage(second, world.committee.domain)
    signatures = (KEYS["provider"].sign(elsewhere), KEYS["customer"].sign(elsewhere))
    with refused("SignatureInvalid"):
        world.escrow.amend(KEYS["operator"], second, *signatures, first, 3)


def test_amend__terms_that_could_misfire__are_refused(world: World) -> None:
    """R10: as in `open`."""
    first = world.opened()
    with refused("RuleWithinZero"):
        world.amended(first, 3, stake={"rule_within": 0})


def test_amend__collateral_that_does_not_come__changes_nothing(world: World) -> None:
    first = world.opened()
    with fails():
        world.amended(first, 3, formation={"collateral": 10**13})
    assert world.escrow.account_of(world.escrow.id_of(first)).count == 12
    assert world.escrow.versions_of(world.escrow.id_of(first)) == (world.escrow.id_of(first),)


def test_amend__a_hundred_and_twenty_eighth_version__is_refused() -> None:
    """With 127 versions no sum of what they can pay leaves the account's type."""
    world = FastWorld()
    version = world.agreement(service={"count": 1})
    first = world.open(version)
    for _ in range(126):
        version, predecessor = next_of(world, version), version
        world.amend(version, predecessor, 1)
    assert len(world.view("versionsOf", first)) == 127

    with pytest.raises(CallFailed) as failure:
        world.amend(next_of(world, version), version, 1)
    assert world.chain.refusal("SLAEscrow", failure.value) == ("VersionsOutOfRange", (128, 127))


def next_of(world: FastWorld, version: Agreement) -> Agreement:
    """A renewal for one more period."""
    begins = boundary_of(version, 1)
    formation = {"predecessor": world.id_of(version), "open_by": begins, "collateral": 0}
    return changed(version, service={"start": begins}, formation=formation)
