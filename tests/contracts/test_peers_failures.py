"""Where others than DSLA fell (see test_peers_dsla.py), tried on ours: one test a failure, its docstring says whose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chain.messages import agreement_argument, obligation_argument, terms_argument
from record.eip712 import agreement_preimage, obligation_hash, obligations_hash
from sla.agreement import MissingData
from sla.report import Report
from tests.contracts.life_world import KEY, LifeWorld
from tests.contracts.wallet_world import WalletWorld
from tests.contracts.world import (
    BAD,
    BOND,
    CHARGE,
    COLLATERAL,
    GOOD,
    KEYS,
    MONTH,
    PAYS,
    REPAIR_OBLIGATION,
    REPORT,
    RULE,
    START,
    UPTIME,
    UPTIME_OBLIGATION,
    WINDOW,
    WORSE,
    WORST,
    both_sign,
    boundary_of,
    changed,
)

PENDING, DISPUTED, SETTLED = 1, 2, 4


@pytest.fixture(scope="module")
def one() -> LifeWorld:
    return LifeWorld()


@pytest.fixture
def life(one: LifeWorld) -> LifeWorld:
    one.reset()
    return one


# Elsewhere


def test_etherisc__contract_wallets__sign_dispute_and_are_paid() -> None:
    """Etherisc: contract wallets refused. Here both parties and the arbiter are multisig wallets (more in
    test_wallets.py)."""
    wallets = WalletWorld()
    agreement = wallets.wallet_opened()
    customer = wallets.wallets["customer"].address
    before = wallets.balance(customer)
    wallets.claimed(agreement, WORSE)
    hashes = [obligation_hash(each) for each in agreement.obligations]
    part = (terms_argument(agreement), hashes, obligation_argument(agreement.obligations[UPTIME]), KEY)
    wallets.act_as("customer", "dispute", *part, (WORST, CHARGE))
    wallets.act_as("arbiter", "rule", *part, (WORST, CHARGE))
    wallets.settle(agreement, [KEY])
    assert wallets.balance(customer) - before == PAYS[WORST] - agreement.stake.arbiter_fee


@pytest.mark.parametrize("mood", ["Reverts", "BurnsGas", "ReturnsBomb"])
def test_uma__a_recipient_that_cannot_be_paid__blocks_no_settlement(life: LifeWorld, mood: str) -> None:
    """UMA warns of reverting callbacks: here every transfer may fail, and the claim is settled (R17)."""
    agreement = life.opened()
    life.due(agreement, WORSE)
    life.mood(transfer=mood, size=350_000)
    life.settle(agreement, [KEY])
    assert life.view("accountOf", life.id_of(agreement))[2] == 0
    assert life.withdrawable("customer") == PAYS[WORSE]


def test_uma_h01__disputing_oneself__voids_nothing(life: LifeWorld) -> None:
    """UMA audit H01: whoever disputed their own assertion voided its penalty. Here a breach is nobody's assertion: the
    provider's dispute of it, unruled, leaves the report as it was; no second follows; nobody concedes to oneself."""
    agreement = life.opened()
    life.claimed(agreement, WORSE)
    with life.refused("AllegationUseless", PAYS[BAD], PAYS[WORSE]):
        life.dispute(agreement, KEY, (BAD, CHARGE), "customer")
    life.dispute(agreement, KEY, (GOOD, CHARGE), "provider")
    with life.refused("CallerInvalid", KEYS["provider"].address.lower()):
        life.concede(agreement, KEY, 0, "provider")
    with life.refused("NotDisputable"):
        life.dispute(agreement, KEY, (GOOD, CHARGE), "provider")
    before = life.balance("customer")
    life.chain.travel(life.now + RULE)
    life.settle(agreement, [KEY])
    with life.refused("NotDisputable"):
        life.dispute(agreement, KEY, (GOOD, CHARGE), "provider")
    assert life.balance("customer") - before == PAYS[WORSE]


def test_uma_h01__disputing_before_anything_was_reported__keeps_no_report_out(life: LifeWorld) -> None:
    """The same by coming first: a provider has nothing to lower, a customer's dispute leaves every report welcome."""
    agreement = life.opened()
    life.chain.travel(START + MONTH + REPORT)
    with life.refused("AllegationUseless", 0, 0):
        life.dispute(agreement, KEY, (GOOD, CHARGE), "provider")
    life.dispute(agreement, KEY, (BAD, CHARGE), "customer")
    life.claimed(agreement, WORST)
    assert life.pending(agreement) == (PAYS[WORST], DISPUTED)
    before = life.balance("customer")
    life.chain.travel(life.now + RULE)
    life.settle(agreement, [KEY])
    assert life.balance("customer") - before == PAYS[WORST] + BOND


def test_trustlink__what_was_agreed__is_edited_by_nobody(life: LifeWorld) -> None:
    """TrustLink: the KPI was editable by anyone. Kinder tiers are another agreement, which nobody signed (P10)."""
    agreement = life.opened()
    life.claimed(agreement, WORSE)
    softer = replace(UPTIME_OBLIGATION, tiers=UPTIME_OBLIGATION.tiers[:1])
    edited = replace(agreement, obligations=(softer, REPAIR_OBLIGATION))
    with life.refused("AgreementUnknown", life.id_of(edited)):
        life.dispute(edited, KEY, (GOOD, CHARGE), "provider")
    with life.refused("AgreementUnknown", life.id_of(edited)):
        life.act(
            "settle", terms_argument(agreement), obligations_hash(edited.obligations), [KEY], by="provider"
        )
    start = boundary_of(agreement, 2)
    alone = changed(
        edited,
        service={"start": start, "count": 10},
        formation={"predecessor": life.id_of(agreement), "collateral": 0, "open_by": start},
    )
    only_provider = both_sign(agreement_preimage(alone, life.domain), "provider", "provider")
    with life.refused("SignatureInvalid", KEYS["customer"].address.lower()):
        life.act("amend", agreement_argument(alone), *only_provider, *life.fixed(agreement), 2, by="provider")


def test_filecoin__stale_data__is_not_believed(life: LifeWorld) -> None:
    """Filecoin: no staleness check. What was attained last period is a leaf of last period, whenever it is posted."""
    agreement = life.opened()
    life.claimed(agreement, WORSE)
    life.chain.travel(START + 2 * MONTH)
    report = Report(life.id_of(agreement), 0, UPTIME, 1, WORSE, CHARGE)
    tree = life.post(report)
    stale = replace(report, period=1)
    with life.refused("RootNotAttested"):
        life.claim(agreement, stale, tree.proof(report))
    assert life.collateral(agreement) == COLLATERAL


def test_filecoin__no_data_to_divide_by__is_a_case_and_no_failure(life: LifeWorld) -> None:
    """Filecoin: a division by zero when nothing was measured. Here NO_DATA is a word of its own; under each policy the
    period ends, and pays what the policy says."""
    paid = {}
    for policy in MissingData:
        with life.chain.undone():
            judged = replace(UPTIME_OBLIGATION, missing_data=policy)
            agreement = life.at_once(judged)
            assert life.brought(agreement, 2**64 - 1) == 0
            before = life.balance("customer")
            life.chain.travel(life.now + RULE)
            life.settle(agreement, [KEY])
            paid[policy] = life.balance("customer") - before
            assert life.pending(agreement) == (0, SETTLED)
        life.chain.travel(START)
    assert paid == {MissingData.IGNORE: 0, MissingData.BREACH: PAYS[WORST], MissingData.ARBITER: 0}


def test_kleros_pr_28__a_deposit_that_never_comes__keeps_nobody_waiting(life: LifeWorld) -> None:
    """Kleros PR 28: a party's deposit had no deadline. Here no state waits for one: collateral and bond come in the
    call that needs them, signed terms lapse at `openBy`, and each wait for a word ends at a time of its own (P8)."""
    lapsed = life.agreement()
    life.chain.travel(lapsed.formation.open_by)
    with life.refused("OpenByPassed", lapsed.formation.open_by, lapsed.formation.open_by):
        life.open(lapsed)
    life.chain.travel(START)
    agreement = life.opened(formation={"collateral": 0})
    life.claimed(agreement, WORSE)
    poor = KEYS["customer"].address
    life.chain.call("MoodyToken", life.token, "approve", life.escrow, BOND - 1, sender=poor)
    with pytest.raises(Exception, match="Revert"):
        life.dispute(agreement, KEY, (WORST, CHARGE), "customer")
    assert life.pending(agreement) == (PAYS[WORSE], PENDING)
    life.chain.travel(life.now + WINDOW)
    life.settle(agreement, [KEY])
    # Without collateral it is settled all the same, and owed.
    assert life.view("accountOf", life.id_of(agreement))[1:3] == (PAYS[WORSE], 0)


def test_contract_signature__that_turns_invalid_later__voids_nothing_that_was_opened() -> None:
    """Seen in more than one: contract signatures are checked again later. Here once, at open; the wallet may change its
    owners, and its obligations stay (R19; more in test_wallets.py)."""
    wallets = WalletWorld()
    agreement = wallets.wallet_opened()
    wallets.swap_owner("provider")
    wallets.due(agreement, WORSE)
    before = wallets.balance(wallets.wallets["customer"].address)
    wallets.settle(agreement, [KEY])
    assert wallets.balance(wallets.wallets["customer"].address) - before == PAYS[WORSE]
