"""`open`: what comes into force, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chain.artifacts import artifact
from chain.escrow import Escrow
from record.eip712 import agreement_preimage, escrow_domain
from record.events import AgreementOpened
from record.keccak import keccak256
from record.signing import sign_digest
from sla.agreement import NO_DATA, UINT96_MAX, ZERO_ADDRESS, Agreement, ScheduleUnit, Tier
from tests.contracts.world import (
    BOND,
    CHARGE,
    COLLATERAL,
    DAY,
    KEYS,
    MONTH,
    REPAIR_OBLIGATION,
    START,
    UPTIME_OBLIGATION,
    World,
    changed,
    fails,
    refused,
)

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
YEAR_AND_MORE = 400 * DAY


def test_open__signed_by_both__pulls_the_collateral_and_tells_all_terms(world: World) -> None:
    """R1, P12."""
    agreement = world.agreement()
    before = world.balance("provider")

    agreement_id = world.open(agreement)

    account = world.escrow.account_of(agreement_id)
    assert (account.collateral, account.due, account.open_claims) == (COLLATERAL, 0, 0)
    assert (account.count, account.is_open) == (12, True)
    assert world.balance("provider") == before - COLLATERAL
    assert world.balance(world.escrow.address) == COLLATERAL
    (event,) = world.events(AgreementOpened)
    assert (event.id, event.collateral) == (agreement_id, COLLATERAL)
    assert (event.provider, event.customer) == (KEYS["provider"].address, KEYS["customer"].address)
    assert event.arguments() == (agreement, *world.signatures(agreement))


@pytest.mark.parametrize("by", ["provider", "customer", "arbiter", "stranger"])
def test_open__by_anyone__is_the_same(world: World, by: str) -> None:
    agreement = world.agreement()
    world.escrow.open(KEYS[by], agreement, *world.signatures(agreement))
    assert world.escrow.account_of(world.escrow.id_of(agreement)).collateral == COLLATERAL


def test_open__without_collateral__needs_nothing_of_the_token(world: World) -> None:
    """R20: internal agreements; the token is not even a contract."""
    agreement = world.agreement(stake={"token": KEYS["stranger"].address}, formation={"collateral": 0})
    account = world.escrow.account_of(world.open(agreement))
    assert (account.collateral, account.is_open) == (0, True)


def test_open__token_that_keeps_a_fee__counts_what_arrived(world: World) -> None:
    """R18."""
    world.moods(fee_ppm=10_000)
    agreement = world.agreement(world.moody_address)
    assert world.escrow.account_of(world.open(agreement)).collateral == COLLATERAL * 99 // 100
    assert world.events(AgreementOpened)[0].collateral == COLLATERAL * 99 // 100


def test_open__a_second_time__is_refused(world: World) -> None:
    """R1: an id never becomes unused again, nor are two collaterals pulled."""
    agreement = world.opened()
    with refused("AgreementExists", id=world.escrow.id_of(agreement)):
        world.open(agreement)


def test_open__after_its_collateral_was_released__is_refused(world: World) -> None:
    """R1."""
    agreement = world.opened()
    world.travel(START + 12 * MONTH + 60 * DAY)
    world.escrow.release(KEYS["stranger"], agreement)
    with refused("AgreementExists", id=world.escrow.id_of(agreement)):
        world.open(agreement)


# Terms that could misfire

Change = Callable[[Agreement], Agreement]


def with_part(**parts: dict[str, Any]) -> Change:
    return lambda agreement: changed(agreement, **parts)


def with_uptime(**members: Any) -> Change:
    return lambda a: replace(a, obligations=(replace(UPTIME_OBLIGATION, **members), REPAIR_OBLIGATION))


def with_repair(**members: Any) -> Change:
    return lambda a: replace(a, obligations=(UPTIME_OBLIGATION, replace(REPAIR_OBLIGATION, **members)))


def tiers(*rows: tuple[int, int, int, int]) -> tuple[Tier, ...]:
    return tuple(Tier(*row) for row in rows)


PROVIDER, CUSTOMER = KEYS["provider"].address, KEYS["customer"].address
MISFIRING: list[tuple[Change, str, dict[str, Any]]] = [
    (with_part(parties={"provider": ZERO_ADDRESS}), "ZeroAddress", {"field": "provider"}),
    (with_part(parties={"customer": ZERO_ADDRESS}), "ZeroAddress", {"field": "customer"}),
    (with_part(parties={"arbiter": ZERO_ADDRESS}), "ZeroAddress", {"field": "arbiter"}),
    (with_part(stake={"token": ZERO_ADDRESS}), "ZeroAddress", {"field": "token"}),
    (with_part(service={"committee": ZERO_ADDRESS}), "ZeroAddress", {"field": "committee"}),
    (with_part(parties={"customer": PROVIDER}), "SameParty", {"account": PROVIDER.lower()}),
    (with_part(parties={"arbiter": PROVIDER}), "SameParty", {"account": PROVIDER.lower()}),
    (with_part(parties={"arbiter": CUSTOMER}), "SameParty", {"account": CUSTOMER.lower()}),
    (with_part(service={"length": 0}), "LengthOutOfRange", {"length": 0, "max": YEAR_AND_MORE}),
    (
        with_part(service={"unit": ScheduleUnit.MONTHS, "length": 14}),
        "LengthOutOfRange",
        {"length": 14, "max": 13},
    ),
    (with_part(service={"count": 0}), "CountOutOfRange", {"count": 0}),
    (
        with_part(service={"zone_lag_seconds": 50_401}),
        "ZoneLagTooLong",
        {"zoneLagSeconds": 50_401, "max": 50_400},
    ),
    *(
        (
            with_part(stake={member: YEAR_AND_MORE + 1}),
            "DurationTooLong",
            {"field": field, "duration": YEAR_AND_MORE + 1, "max": YEAR_AND_MORE},
        )
        for member, field in (
            ("dispute_window", "disputeWindow"),
            ("report_within", "reportWithin"),
            ("claim_within", "claimWithin"),
            ("rule_within", "ruleWithin"),
        )
    ),
    (
        with_part(stake={"report_within": 60 * DAY}),
        "ReportAfterClaim",
        {"reportWithin": 60 * DAY, "claimWithin": 60 * DAY},
    ),
    (with_part(stake={"rule_within": 0}), "RuleWithinZero", {}),
    (
        # The last claim deadline, then a window and a ruling: 60 + 3 + 14 days.
        with_part(service={"start": 2**40 - 12 * MONTH - 77 * DAY}),
        "TimesTooLate",
        {"time": 2**40, "limit": 2**40},
    ),
    (
        with_part(service={"start": START - MONTH + 5}),
        "FirstPeriodOver",
        {"end": START + 5, "time": START + 5},
    ),
    (with_part(formation={"open_by": START + 5}), "OpenByPassed", {"openBy": START + 5, "time": START + 5}),
    (with_part(stake={"bond": 0, "arbiter_fee": 0}), "BondZero", {}),
    (
        with_part(stake={"arbiter_fee": BOND + 1}),
        "ArbiterFeeAboveBond",
        {"arbiterFee": BOND + 1, "bond": BOND},
    ),
    (with_part(service={"charge_max": 7}), "TwoCharges", {"charge": CHARGE, "chargeMax": 7}),
    (
        with_part(formation={"exit_breaches": 3, "exit_periods": 2}),
        "ExitRuleInvalid",
        {"exitBreaches": 3, "exitPeriods": 2},
    ),
    (with_part(formation={"exit_periods": 2}), "ExitRuleInvalid", {"exitBreaches": 0, "exitPeriods": 2}),
    (lambda a: replace(a, obligations=()), "ObligationsOutOfRange", {"count": 0, "max": 64}),
    (
        lambda a: replace(a, obligations=(REPAIR_OBLIGATION,) * 65),
        "ObligationsOutOfRange",
        {"count": 65, "max": 64},
    ),
    (with_repair(tiers=()), "TiersOutOfRange", {"obligation": 1, "count": 0, "max": 16}),
    (
        with_repair(tiers=tiers(*((48 + i, 1 + i, 0, 0) for i in range(17)))),
        "TiersOutOfRange",
        {"obligation": 1, "count": 17, "max": 16},
    ),
    (
        with_repair(sane_max=NO_DATA),
        "SaneBoundsInvalid",
        {"obligation": 1, "min": 1, "max": NO_DATA},
    ),
    (with_repair(sane_max=120), "BoundOutOfSane", {"obligation": 1, "tier": 1, "bound": 120}),
    (
        with_repair(tiers=tiers((48, 5, 200, 0))),
        "StepSlopeMismatch",
        {"obligation": 1, "tier": 0},
    ),
    (with_repair(tiers=tiers((48, 0, 0, 0))), "TierPaysNothing", {"obligation": 1, "tier": 0}),
    (
        with_uptime(tiers=tiers((950_000, 1, 0, 0), (990_000, 2, 0, 0))),
        "TiersUnordered",
        {"obligation": 0, "tier": 1},
    ),
    (
        # Three steps of 24 beyond 48 pay 30 000 where the next tier begins.
        with_repair(tiers=tiers((48, 0, 10_000, 24), (120, 29_999, 20_000, 24))),
        "TierPaysLess",
        {"obligation": 1, "tier": 1},
    ),
    (with_part(service={"charge": 0}), "ChargeMissing", {"obligation": 0}),
    (
        with_repair(cap=0, tiers=tiers((999, 1, UINT96_MAX, 1))),
        "AmountTooLarge",
        {"amount": UINT96_MAX + 1, "max": UINT96_MAX},
    ),
    (
        lambda a: changed(
            replace(a, obligations=(replace(REPAIR_OBLIGATION, cap=UINT96_MAX // 12 + 1, tiers=tiers(
                (48, UINT96_MAX, 0, 0))),)), service={"period_cap": 0}),
        "ExposureTooLarge",
        {"exposure": 12 * (UINT96_MAX // 12 + 1), "max": UINT96_MAX},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "error", "values"), MISFIRING, ids=[f"{i}-{row[1]}" for i, row in enumerate(MISFIRING)]
)
def test_open__terms_that_could_misfire__are_refused_with_what_is_wrong(
    world: World, change: Change, error: str, values: dict[str, Any]
) -> None:
    """R10, R20. At START + 5; `tests/differential` compares all rules with their Python twin."""
    agreement = change(world.agreement())
    with refused(error, **values):
        world.at(START + 5).open(KEYS["operator"], agreement, *world.signatures(agreement))


@pytest.mark.parametrize(
    "parts",
    [
        {"stake": {"downstream": keccak256(b"opened later")}},
        {"formation": {"exit_breaches": 1, "exit_periods": 3}},
    ],
)
def test_open__terms_with_an_exit_rule_or_a_downstream__are_terms_as_any(
    world: World, parts: dict[str, dict[str, Any]]
) -> None:
    """What they name need not be open yet."""
    agreement = changed(world.agreement(), **parts)
    assert world.escrow.account_of(world.open(agreement)).is_open


def test_open__at_the_edges_of_its_time__is_possible_to_the_last_second(world: World) -> None:
    """R20: before the first period's end (its zone's lag included) and before `openBy`."""
    late = world.agreement(service={"zone_lag_seconds": 3_600}, formation={"open_by": START + 2 * MONTH})
    last = START + MONTH + 3_600 - 1
    world.at(last).open(KEYS["operator"], late, *world.signatures(late))
    with refused("FirstPeriodOver", end=last + 1, time=last + 1):
        world.at(last + 1).open(KEYS["operator"], late, *world.signatures(late))


def test_open__a_second_before_open_by__is_possible(world: World) -> None:
    agreement = world.agreement()
    world.land(START + 7 * DAY - 1)
    assert world.escrow.account_of(world.open(agreement)).is_open


# Signatures


def bad_signatures(world: World, agreement: Agreement) -> dict[str, tuple[bytes, bytes]]:
    provider, customer = world.signatures(agreement)
    message = agreement_preimage(agreement, world.escrow.domain)
    digest = world.escrow.id_of(agreement)
    r, s, v = provider[:32], int.from_bytes(provider[32:64]), provider[64]
    compact = r + (s | (v - 27) << 255).to_bytes(32)

    def signed(domain: Any, terms: Agreement = agreement) -> tuple[bytes, bytes]:
        other = agreement_preimage(terms, domain)
        return KEYS["provider"].sign(other), KEYS["customer"].sign(other)

    return {
        "swapped": (customer, provider),
        "provider's twice": (provider, provider),
        "a stranger's": (KEYS["stranger"].sign(message), customer),
        "the arbiter's": (provider, KEYS["arbiter"].sign(message)),
        "malleable": (r + (CURVE_ORDER - s).to_bytes(32) + bytes([55 - v]), customer),
        "compact, 64 bytes": (compact, customer),
        "66 bytes": (provider + b"\0", customer),
        "empty": (b"", customer),
        "v of 0 or 1": (provider[:64] + bytes([v - 27]), customer),
        "v of 35": (provider[:64] + b"\x23", customer),
        "zeros": (bytes(65), customer),
        "the customer's empty": (provider, b""),
        "of another chain": signed(escrow_domain(world.connection.chain_id + 1, world.escrow.address)),
        "of another escrow": signed(escrow_domain(world.connection.chain_id, world.committee.address)),
        "of other terms": signed(world.escrow.domain, changed(agreement, stake={"bond": BOND + 1})),
        "of a text message": (
            sign_digest(keccak256(b"provider"), keccak256(b"\x19Ethereum Signed Message:\n32" + digest)),
            customer,
        ),
    }


@pytest.mark.parametrize(
    ("kind", "who"),
    [
        ("swapped", "provider"),
        ("provider's twice", "customer"),
        ("a stranger's", "provider"),
        ("the arbiter's", "customer"),
        ("malleable", "provider"),
        ("compact, 64 bytes", "provider"),
        ("66 bytes", "provider"),
        ("empty", "provider"),
        ("v of 0 or 1", "provider"),
        ("v of 35", "provider"),
        ("zeros", "provider"),
        ("the customer's empty", "customer"),
        ("of another chain", "provider"),
        ("of another escrow", "provider"),
        ("of other terms", "provider"),
        ("of a text message", "provider"),
    ],
)
def test_open__signature_in_another_form_or_of_something_else__is_refused(
    world: World, kind: str, who: str
) -> None:
    """R19, P6, P10."""
    agreement = world.agreement()
    signatures = bad_signatures(world, agreement)[kind]
    with refused("SignatureInvalid", party=KEYS[who].address.lower()):
        world.escrow.open(KEYS["operator"], agreement, *signatures)


def test_open__signatures_for_one_escrow__do_not_open_in_another(world: World) -> None:
    """P6."""
    agreement = world.agreement()
    other = Escrow(world.connection, world.deploy("SLAEscrow"))
    with refused("SignatureInvalid", party=KEYS["provider"].address.lower()):
        other.open(KEYS["operator"], agreement, *world.signatures(agreement))


# Accounts that are contracts


def with_wallets(world: World) -> tuple[Agreement, str, str]:
    """Both parties are contract wallets of the usual people."""
    wallets = [world.deploy("ContractWallet", KEYS[who].address) for who in ("provider", "customer")]
    world.token.mint(KEYS["operator"], wallets[0], COLLATERAL)
    approve = world.token.contract.encode_abi("approve", [world.escrow.address, COLLATERAL])
    world.send("ContractWallet", wallets[0], "execute", world.token.address, approve, by=KEYS["provider"])
    agreement = world.agreement(parties={"provider": wallets[0], "customer": wallets[1]})
    return agreement, wallets[0], wallets[1]


def test_open__by_contract_wallets__is_accepted(world: World) -> None:
    """R19: ERC-1271 after ECDSA; the wallets say whose signature they take."""
    agreement, provider, customer = with_wallets(world)
    account = world.escrow.account_of(world.open(agreement))
    assert account.collateral == COLLATERAL
    (event,) = world.events(AgreementOpened)
    assert (event.provider, event.customer) == (provider, customer)


@pytest.mark.parametrize("manner", ["refuses", "reverts", "answers 4 bytes", "answers dirty"])
def test_open__contract_wallet_that_does_not_answer_the_magic_word__is_refused(
    world: World, manner: str
) -> None:
    """R19."""
    agreement, _, customer = with_wallets(world)
    number = ["honest", "refuses", "reverts", "answers 4 bytes", "answers dirty"].index(manner)
    world.send("ContractWallet", customer, "setManner", number)
    with refused("SignatureInvalid", party=customer.lower()):
        world.open(agreement)


def test_open__wallet_whose_signature_later_turns_invalid__leaves_the_agreement_in_force(
    world: World,
) -> None:
    """R19, PEERS.md: verified once, stored."""
    agreement, provider, _ = with_wallets(world)
    agreement_id = world.open(agreement)
    world.send("ContractWallet", provider, "setManner", 1)
    world.claimed(agreement)
    assert world.escrow.account_of(agreement_id).open_claims == 1


def test_open__contract_without_erc_1271__is_refused(world: World) -> None:
    agreement = world.agreement(parties={"customer": world.token.address})
    with refused("SignatureInvalid", party=world.token.address.lower()):
        world.open(agreement)


def test_open__account_with_delegated_code__signs_with_its_key(world: World) -> None:
    """R19: an EIP-7702 account has code, here that of a token, and still signs."""
    world.delegate("customer", world.token.address)
    code = bytes(world.connection.web3.eth.get_code(KEYS["customer"].address))  # type: ignore[arg-type]
    assert code == bytes.fromhex("ef0100" + world.token.address[2:].lower())

    agreement = world.agreement()
    assert world.escrow.account_of(world.open(agreement)).is_open


# Tokens that do not come


def test_open__without_allowance__is_refused(world: World) -> None:
    """R16: the provider's tokens are pulled only as far as the provider allowed."""
    world.token.approve(KEYS["provider"], world.escrow.address, COLLATERAL - 1)
    with fails():
        world.open(world.agreement())


@pytest.mark.parametrize("mood", ["ReturnsFalse", "ReturnsTwo", "ReturnsOneByte", "Reverts", "BurnsGas"])
def test_open__token_that_does_not_pull__is_refused(world: World, mood: str) -> None:
    world.moods(pull=mood)
    agreement = world.agreement(world.moody_address)
    if mood.startswith("Returns"):
        with refused("SafeERC20FailedOperation", token=world.moody_address.lower()):
            world.open(agreement)
    else:
        with fails():
            world.open(agreement)


def test_open__token_that_returns_nothing__is_as_good_as_any(world: World) -> None:
    """R18: tokens from before the standard."""
    world.moods(transfer="ReturnsNothing", pull="ReturnsNothing")
    agreement_id = world.open(world.agreement(world.moody_address))
    assert world.escrow.account_of(agreement_id).collateral == COLLATERAL


def test_open__token_without_code__is_refused(world: World) -> None:
    with fails():
        world.open(world.agreement(KEYS["stranger"].address))


def test_functions__none_of_them__takes_ether() -> None:
    """R16."""
    for name in ("SLAEscrow", "Committee"):
        kinds = {entry["type"]: entry.get("stateMutability") for entry in artifact(name).abi}
        payable = [e for e in artifact(name).abi if e.get("stateMutability") == "payable"]
        assert payable == []
        assert not {"receive", "fallback"} & set(kinds)
