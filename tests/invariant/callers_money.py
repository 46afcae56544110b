"""Calls that deposit, release, withdraw and permit, and several in one, honest and hostile."""

from __future__ import annotations

from collections.abc import Callable

from tests.invariant.arena import PARTIES, WALLET
from tests.invariant.callers_claims import settle_call
from tests.invariant.callers_life import ANYBODY
from tests.invariant.calls import Call, address_of
from tests.invariant.deal import Deal
from tests.invariant.model_context import FAILING_TRANSFERS
from tests.invariant.scene import Scene

RICH = (*PARTIES, "stranger", WALLET)


def deposit_call(scene: Scene, want: str) -> Call | None:
    """More collateral, from anybody; to whom it is owed first."""
    source = scene.source
    deals = scene.live
    owing = [deal for deal in deals if scene.context.account(scene.books.firsts[deal.id]).due > 0]
    late = [deal for deal in scene.retired if scene.context.account(scene.books.firsts[deal.id]).due > 0]
    choices = owing if owing and source.random() < 0.6 else [*deals, *late]
    deal = scene.pick(choices)
    if deal is None:
        return None
    amount, by = source.choice((0, 1, 12_345, 100_000, 2_000_000)), source.choice(RICH)
    if want == "pull refused":
        by, amount = source.choice((("arbiter", 1), ("whale", 2**96), ("whale", 2**96 - 1), ("ann", 2**100)))
    if want == "AgreementUnknown":
        deal = deal.altered(formation={"document": source.randbytes(32)})
    return Call("deposit", by, (deal, amount), with_low_gas=want == "GasTooLow")


def release_call(scene: Scene, want: str) -> Call | None:
    """What is left goes back, or not yet."""
    source = scene.source

    heads = scene.heads()
    ready = [deal for deal in heads if _is_ready(scene, deal)]
    match want:
        case "NotHead":
            deal = scene.pick([one for one in [*scene.live, *scene.long[:-1]] if not scene.is_head(one)])
        case "NotReleasable":
            waiting = [one for one in heads if one not in ready]
            deal = scene.pick([one for one in waiting if _waits_for_another(scene, one)]) or scene.pick(
                waiting
            )
        case "GasTooLow":
            deal = scene.pick([*ready, *heads])
        case _:
            ready += [one for one in scene.retired if _is_ready(scene, one)]
            credited = [one for one in ready if _is_credited_in_arrears(scene, one)]
            deal = scene.pick(credited) or scene.pick(ready)
    if deal is None:
        return None
    if want == "AgreementUnknown":
        deal = deal.altered(stake={"claim_within": deal.agreement.stake.report_within + 1})
    return Call("release", source.choice(ANYBODY), (deal,), with_low_gas=want == "GasTooLow")


def _is_ready(scene: Scene, deal: Deal) -> bool:
    first = scene.books.firsts[deal.id]
    last = max(deal.last_claim_deadline(scene.count(deal)), scene.books.floors[first])
    return scene.is_head(deal) and scene.now >= last and scene.context.account(first).open_claims == 0


def _waits_for_another(scene: Scene, deal: Deal) -> bool:
    """Nothing can be claimed under the head any more, but under a version before it."""
    first = scene.books.firsts[deal.id]
    return deal.last_claim_deadline(scene.count(deal)) <= scene.now < scene.books.floors[first]


def _is_credited_in_arrears(scene: Scene, deal: Deal) -> bool:
    """What an upstream agreement put there is owed to the customer."""
    account = scene.context.account(scene.books.firsts[deal.id])
    return account.due > 0 and account.collateral > 0


def withdraw_call(scene: Scene, want: str) -> Call | None:
    """What waits, to whom it belongs or where they say; or what does not."""
    source, books = scene.source, scene.books
    waiting = [place for place, amount in books.withdrawable.items() if amount]
    moved = [
        (token, account)
        for token, account in waiting
        if account not in scene.context.tokens[token].blocked
        and scene.context.tokens[token].transfer_mood in ("Plain", "ReturnsNothing", "Reenters")
    ]
    stuck = [place for place in waiting if place not in moved]
    match want:
        case "NothingToWithdraw":
            account = scene.context.addresses[source.choice(ANYBODY)]
            token = source.choice(list(scene.context.tokens))
            return Call("withdraw", source.choice(ANYBODY), (token, account, account))
        case "CallerInvalid":
            account = address_of(source.choice(PARTIES))
            token = source.choice(list(scene.context.tokens))
            return Call("withdraw", "stranger", (token, account, address_of("stranger")))
        case "TransferFailed":
            place = scene.pick(stuck)
        case "GasTooLow":
            place = scene.pick(waiting)
        case _:
            place = scene.pick(moved) or scene.pick(stuck)
    if place is None:
        return None
    token, account = place
    owner = scene.names[account]
    elsewhere = source.random() < (0.9 if place in stuck else 0.2) and want != "TransferFailed"
    open_to = [name for name in ANYBODY if address_of(name) not in scene.context.tokens[token].blocked]
    to = address_of(source.choice(open_to or ["stranger"])) if elsewhere else account
    by = owner if elsewhere else source.choice(ANYBODY)
    low = want == "GasTooLow" and by != WALLET
    return Call("withdraw", by, (token, account, to), with_low_gas=low)


def withheld_call(scene: Scene, want: str) -> Call | None:
    """A little for a customer who cannot be paid at present: it waits to be withdrawn."""

    def fails(deal: Deal) -> bool:
        token = scene.token_of(deal)
        return token.transfer_mood in FAILING_TRANSFERS or deal.agreement.parties.customer in token.blocked

    if any(amount for _, amount in scene.books.withdrawable.items()):
        return None
    deal = scene.pick([deal for deal in scene.owing() if fails(deal)])
    return Call("deposit", "stranger", (deal, scene.source.randint(10, 1_000))) if deal else None


def permit_call(scene: Scene, want: str) -> Call | None:
    """Tried, and it fails quietly; also where there is no token at all."""
    source = scene.source
    token = source.choice([*scene.context.tokens, address_of("stranger")])
    owner = address_of(source.choice(PARTIES))
    values = (
        token,
        owner,
        source.randint(0, 10**9),
        scene.now + 1,
        27,
        source.randbytes(32),
        source.randbytes(32),
    )
    return Call("permit", source.choice(ANYBODY), values)


def several(scene: Scene, want: str, others: list[Callable[[Scene, str], Call | None]]) -> Call | None:
    """A keeper's multicall: all or nothing."""
    source = scene.source
    parts = [maker(scene, "") for maker in source.sample(others, min(len(others), source.randint(1, 3)))]
    calls = [settle_call(scene, "settle"), *parts] if source.random() < 0.5 else parts
    by = source.choice(ANYBODY)
    # Nobody can be somebody else within one call, and gas is the whole call's.
    inner = tuple(Call(call.function, by, call.arguments) for call in calls if call is not None)
    return Call("multicall", by, (inner,)) if inner else None
