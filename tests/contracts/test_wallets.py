"""Who can be a party: a key, a key with delegated code (EIP-7702), a contract with owners of its own (ERC-1271)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from chain.keys import LocalKey
from chain.messages import agreement_argument
from record.eip712 import agreement_digest, agreement_preimage, termination_digest
from sla.agreement import ZERO_ADDRESS
from tests.contracts.life_world import KEY
from tests.contracts.wallet_world import THRESHOLD, WalletWorld, fixed, with_uptime
from tests.contracts.world import (
    BAD,
    BOND,
    CHARGE,
    CLAIM,
    COLLATERAL,
    DAY,
    FEE,
    GOOD,
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

Chosen = Callable[[Sequence[LocalKey]], Sequence[LocalKey]]


@pytest.fixture(scope="module")
def one() -> WalletWorld:
    return WalletWorld()


@pytest.fixture
def wallets(one: WalletWorld) -> WalletWorld:
    one.reset()
    return one


# Contracts with owners


def test_multisig__as_both_parties_and_arbiter__lives_through_a_disputed_breach(wallets: WalletWorld) -> None:
    """R19: opens, disputes, names evidence, rules and is paid, all by `execute` of two owners of three."""
    provider, customer, arbiter = (wallets.wallets[name].address for name in wallets.wallets)
    agreement = wallets.wallet_opened()
    before = {who: wallets.balance(who) for who in (provider, customer, arbiter)}
    wallets.claimed(agreement, BAD)
    wallets.act_as("customer", "dispute", *with_uptime(agreement), KEY, (WORST, CHARGE))
    wallets.act_as("provider", "submitEvidence", *fixed(agreement), KEY, bytes(32), "logs")
    wallets.act_as("arbiter", "rule", *with_uptime(agreement), KEY, (WORSE, CHARGE))
    wallets.settle(agreement, [KEY])
    assert wallets.balance(customer) - before[customer] == PAYS[WORSE] - FEE
    assert wallets.balance(arbiter) - before[arbiter] == FEE
    wallets.chain.travel(START + 12 * MONTH + CLAIM)
    wallets.act_as("provider", "release", *fixed(agreement))
    assert wallets.balance(provider) - before[provider] == COLLATERAL - PAYS[WORSE]


def test_multisig__concedes_deposits_amends_and_terminates(wallets: WalletWorld) -> None:
    """The rest of what parties do."""
    agreement = wallets.wallet_opened()
    wallets.claimed(agreement, WORSE)
    wallets.act_as("provider", "dispute", *with_uptime(agreement), KEY, (GOOD, CHARGE))
    wallets.act_as("customer", "concede", *fixed(agreement), KEY, 0)
    wallets.act_as("provider", "deposit", *fixed(agreement), 77)
    first = wallets.id_of(agreement)
    assert wallets.view("claimOf", first, *KEY)[0] == 0
    assert wallets.view("accountOf", first)[0] == COLLATERAL + 77

    start = START + 6 * MONTH
    formation = {"predecessor": first, "collateral": 0, "open_by": start}
    follower = wallets.wallet_agreement(service={"start": start, "count": 3}, formation=formation)
    signatures = wallets.wallet_signatures(agreement_digest(follower, wallets.domain))
    wallets.act("amend", agreement_argument(follower), *signatures, *fixed(agreement), 6, by="operator")
    assert wallets.view("versionsOf", first) == (first, wallets.id_of(follower))

    until = wallets.now + DAY
    digest = termination_digest(wallets.id_of(follower), 2, until, wallets.domain)
    signatures = wallets.wallet_signatures(digest)
    wallets.act("terminate", *fixed(follower), 2, until, *signatures, by="operator")
    assert wallets.view("accountOf", wallets.id_of(follower))[3] == 2


def test_multisig_customer__leaves_by_the_exit_rule(wallets: WalletWorld) -> None:
    agreement = wallets.wallet_opened(formation={"exit_breaches": 1, "exit_periods": 1})
    wallets.claimed(agreement, WORSE)
    wallets.chain.travel(wallets.now + WINDOW)
    wallets.settle(agreement, [KEY])
    formation = agreement_argument(agreement)[3]
    with wallets.refused("CallerInvalid"):
        wallets.act_as("provider", "exit", *fixed(agreement), formation, 2, [KEY])
    wallets.act_as("customer", "exit", *fixed(agreement), formation, 2, [KEY])
    assert wallets.view("accountOf", wallets.id_of(agreement))[3] == 2


def test_multisig__whose_pay_was_withheld__names_another_recipient(wallets: WalletWorld) -> None:
    """R17: also a contract that the token blocks."""
    customer = wallets.wallets["customer"].address
    agreement = wallets.wallet_opened()
    wallets.claimed(agreement, WORSE)
    wallets.chain.travel(wallets.now + WINDOW)
    wallets.chain.call("MoodyToken", wallets.token, "setBlocked", customer, True)
    wallets.settle(agreement, [KEY])
    assert wallets.withdrawable(customer) == PAYS[WORSE]
    before = wallets.balance("stranger")
    wallets.act_as("customer", "withdraw", wallets.token, customer, KEYS["stranger"].address)
    assert wallets.balance("stranger") - before == PAYS[WORSE]


@pytest.mark.parametrize(
    ("case", "chosen"),
    [
        ("one too few", lambda owners: owners[:1]),
        ("one too many", lambda owners: owners),
        ("in the wrong order", lambda owners: (owners[1], owners[0])),
        ("one twice", lambda owners: (owners[0], owners[0])),
        ("a stranger among them", lambda owners: sorted(
            (owners[0], KEYS["stranger"]), key=lambda key: int(key.address, 16))),
    ],
)  # fmt: skip
def test_multisig__signatures_that_the_wallet_refuses__open_nothing(
    wallets: WalletWorld, case: str, chosen: Chosen
) -> None:
    agreement = wallets.wallet_agreement()
    digest = agreement_digest(agreement, wallets.domain)
    wallet = wallets.wallets["customer"]
    signatures = (
        wallets.wallets["provider"].signature(digest),
        wallet.signature(digest, chosen(wallet.owners)),
    )
    with wallets.refused("SignatureInvalid"):
        wallets.act("open", agreement_argument(agreement), *signatures, by="operator")


def test_multisig__signature_for_another_wallet_of_the_same_owners__opens_nothing(
    wallets: WalletWorld,
) -> None:
    """Nor what two owners signed as themselves."""
    agreement = wallets.wallet_agreement()
    digest = agreement_digest(agreement, wallets.domain)
    twin = wallets.new_wallet("customer")
    provider = wallets.wallets["provider"].signature(digest)
    message = agreement_preimage(agreement, wallets.domain)
    plain = b"".join(key.sign(message) for key in twin.owners[:THRESHOLD])
    for signature in (twin.signature(digest), plain, plain[:65]):
        with wallets.refused("SignatureInvalid"):
            wallets.act("open", agreement_argument(agreement), provider, signature, by="operator")


def test_multisig__signature_that_turns_invalid_later__changes_nothing(wallets: WalletWorld) -> None:
    """Verified once, at open (R19): the agreement lives on, and pays."""
    agreement = wallets.wallet_opened()
    digest = agreement_digest(agreement, wallets.domain)
    for name in ("provider", "customer"):
        signature = wallets.wallets[name].signature(digest)
        address = wallets.wallets[name].address
        valid = wallets.chain.call("MultiSigWallet", address, "isValidSignature", digest, signature)
        wallets.swap_owner(name)
        now = wallets.chain.call("MultiSigWallet", address, "isValidSignature", digest, signature)
        assert (valid, now) == (bytes.fromhex("1626ba7e"), b"\xff" * 4)
    customer = wallets.wallets["customer"].address
    before = wallets.balance(customer)
    wallets.claimed(agreement, WORSE)
    wallets.chain.travel(wallets.now + WINDOW)
    wallets.settle(agreement, [KEY])
    assert wallets.balance(customer) - before == PAYS[WORSE]


def test_multisig__signature_that_turned_invalid_before__opens_nothing(wallets: WalletWorld) -> None:
    agreement = wallets.wallet_agreement()
    signatures = wallets.wallet_signatures(agreement_digest(agreement, wallets.domain))
    wallets.swap_owner("provider")
    with wallets.refused("SignatureInvalid"):
        wallets.act("open", agreement_argument(agreement), *signatures, by="operator")


# Keys with delegated code: real set-code transactions (EIP-7702)


def test_delegated_account__still_signs_and_acts_with_its_key(world: World) -> None:
    """R19: ECDSA first, whatever the code it delegated to says. Provider, customer and arbiter at once."""
    wallet = world.deploy("ContractWallet", KEYS["stranger"].address)
    for who in ("provider", "customer", "arbiter"):
        world.delegate(who, wallet)
        code = bytes(world.connection.web3.eth.get_code(KEYS[who].address))  # type: ignore[arg-type]
        assert code == bytes.fromhex("ef0100" + wallet[2:])
    agreement = world.opened()
    world.claimed(agreement, WORSE)
    world.dispute(agreement, "provider", BAD)
    before = {who: world.balance(who) for who in ("provider", "customer", "arbiter")}
    world.rule(agreement, BAD)
    world.settle(agreement)
    paid = {who: world.balance(who) - before[who] for who in before}
    assert paid == {"provider": BOND - FEE, "customer": PAYS[BAD], "arbiter": FEE}


def test_delegated_account__may_sign_by_its_code_instead__once(world: World) -> None:
    """ERC-1271 second: the code's owner signs for the account. Later it takes the code back, and nothing changes."""
    world.delegate("customer", world.deploy("ContractWallet", KEYS["stranger"].address))
    agreement = world.agreement()
    message = agreement_preimage(agreement, world.escrow.domain)
    signatures = (KEYS["provider"].sign(message), KEYS["stranger"].sign(message))
    with world.undone():
        world.delegate("customer", ZERO_ADDRESS)
        with refused("SignatureInvalid", party=KEYS["customer"].address.lower()):
            world.escrow.open(KEYS["operator"], agreement, *signatures)
    world.escrow.open(KEYS["operator"], agreement, *signatures)
    world.delegate("customer", ZERO_ADDRESS)
    world.claimed(agreement, WORSE)
    before = world.balance("customer")
    world.land(world.now + WINDOW)
    world.settle(agreement)
    assert world.balance("customer") - before == PAYS[WORSE]


def test_delegated_account__whose_code_refuses_everything__is_refused_only_what_its_key_did_not_sign(
    world: World,
) -> None:
    """The code reverts on every signature: no signature but the key's own counts."""
    wallet = world.deploy("ContractWallet", KEYS["stranger"].address)
    world.delegate("provider", wallet)
    world.send("ContractWallet", KEYS["provider"].address, "setManner", 2)
    agreement = world.agreement()
    message = agreement_preimage(agreement, world.escrow.domain)
    customer = KEYS["customer"].sign(message)
    with refused("SignatureInvalid", party=KEYS["provider"].address.lower()):
        world.escrow.open(KEYS["operator"], agreement, KEYS["stranger"].sign(message), customer)
    world.escrow.open(KEYS["operator"], agreement, KEYS["provider"].sign(message), customer)
    assert world.escrow.account_of(world.escrow.id_of(agreement)).is_open


def test_delegated_customer__to_code_that_takes_nothing__is_paid(world: World) -> None:
    """An ERC-20 asks no recipient: the code of the account cannot block its pay."""
    world.delegate("customer", world.deploy("SmallCourt", 1))
    agreement = world.opened()
    world.claimed(agreement, WORSE)
    before = world.balance("customer")
    world.land(world.now + WINDOW)
    world.settle(agreement)
    assert world.balance("customer") - before == PAYS[WORSE]
