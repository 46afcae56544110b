"""Calls that open, amend, end, leave and link agreements, honest and hostile."""

from __future__ import annotations

from dataclasses import replace

from tests.invariant.arena import PARTIES
from tests.invariant.books import FINAL, SETTLED
from tests.invariant.calls import Call, Signature
from tests.invariant.census import TERMS_ERRORS
from tests.invariant.deal import Deal
from tests.invariant.model_life import termination_digest
from tests.invariant.scene import Key, Scene, with_predecessor
from tests.invariant.terms_source import DAY, misfiring

ANYBODY = (*PARTIES, "stranger", "arbiter")
FAR = 9_000 * DAY
"""From now to where the long agreement starts."""


def open_call(scene: Scene, want: str) -> Call | None:
    """Terms without a predecessor; sometimes back to back with others, sometimes bad, badly signed or old."""
    source = scene.source
    by = source.choice(ANYBODY)
    if want == "AgreementExists":
        deal = scene.pick([*scene.live, *scene.retired])
        if deal is None or deal.agreement.formation.predecessor.strip(b"\0"):
            return None
        return Call("open", by, (deal, *scene.signatures(deal)))
    deal = _back_to_back(scene) if source.random() < 0.6 else scene.fresh()
    if want in TERMS_ERRORS:
        deal = scene.named(Deal("", misfiring(source, deal.agreement, scene.now, want), deal.domain))
    if want == "PredecessorMismatch":
        deal = scene.named(deal.altered(formation={"predecessor": source.randbytes(32)}))
    signatures = scene.signatures(deal)
    if want == "SignatureInvalid":
        signatures = _spoilt(scene, signatures)
    if want == "pull refused":
        deal = scene.named(deal.altered(formation={"collateral": 2**90}))
        signatures = scene.signatures(deal)
    return Call("open", by, (deal, *signatures))


def _spoilt(scene: Scene, signatures: tuple[Signature, Signature]) -> tuple[Signature, Signature]:
    one, other = signatures
    bad = (
        (other, one),
        (Signature("stranger", one.digest), other),
        (one, Signature("", other.digest)),
        (one, Signature(other.by, scene.source.randbytes(32))),
    )
    return scene.source.choice(bad)


def _back_to_back(scene: Scene) -> Deal:
    """Terms whose compensation is directed into a live agreement's escrow; now and then one that does not fit."""
    source = scene.source
    linked = [deal for deal in scene.live if scene.books.links[deal.id].strip(b"\0")]
    downstream = scene.pick(linked if linked and source.random() < 0.5 else scene.live)
    if downstream is None:
        return scene.fresh()
    fits = source.random() < 0.75
    deal = scene.fresh(token=downstream.agreement.stake.token if fits or source.random() < 0.5 else None)
    parties = deal.agreement.parties
    if fits:
        provider = source.choice(PARTIES)
        parties = replace(parties, customer=downstream.agreement.parties.provider)
        parties = replace(parties, provider=scene.context.addresses[provider])
        if parties.provider == parties.customer:
            return deal
    return scene.named(
        Deal(
            "",
            replace(
                deal.agreement,
                parties=parties,
                stake=replace(deal.agreement.stake, downstream=downstream.id),
            ),
            deal.domain,
        )
    )


def amend_call(scene: Scene, want: str) -> Call | None:
    """Terms that take over from a head; the long agreement again and again, until it may not."""
    source, by = scene.source, scene.source.choice(ANYBODY)
    if want == "VersionsOutOfRange":
        return _lengthen(scene)
    before = scene.pick(scene.heads())
    if want == "NotHead":
        before = scene.pick([deal for deal in [*scene.live, *scene.long[:-1]] if not scene.is_head(deal)])
    if want == "AgreementUnknown" and scene.live:
        before = scene.source.choice(scene.live).altered(stake={"bond": 7})
    if before is None:
        return None
    count = _cut_of(scene, before, want)
    parties, token = before.agreement.parties, before.agreement.stake.token
    deal = scene.fresh(token, parties)
    if want == "PartyChanged":
        deal = scene.fresh(*source.choice(((None, parties), (token, None))))
    deal = with_predecessor(deal, before, count)
    if source.random() < 0.4:
        # Over before what it takes over from is: its predecessor's claims keep the collateral in.
        brief = {"report_within": 0, "claim_within": 1, "dispute_window": 0}
        deal = deal.altered(
            service={"count": 1}, stake=brief, formation={"exit_breaches": 0, "exit_periods": 0}
        )
    if want == "StartMismatch":
        start = deal.agreement.service.start + source.choice((-1, 1))
        deal = deal.altered(service={"start": start})
    if want == "PeriodBegun":
        deal = deal.altered(service={"length": 200 * DAY if deal.agreement.service.unit == 0 else 7})
    deal = scene.named(deal)
    signatures = scene.signatures(deal)
    if want == "SignatureInvalid":
        signatures = _spoilt(scene, signatures)
    if want == "PredecessorMismatch":
        before = source.choice([*scene.live, before])
    return Call("amend", by, (deal, *signatures, before, count))


def _cut_of(scene: Scene, deal: Deal, want: str) -> int:
    """A boundary ahead, unless another is wanted."""
    current = scene.count(deal)
    if want == "NothingToCut":
        return current + scene.source.randint(0, 2)
    ahead = [k for k in range(current + 1) if deal.boundary(k) > scene.now]
    behind = [k for k in range(current + 1) if deal.boundary(k) <= scene.now]
    choices = behind if want == "PeriodBegun" else ahead
    return scene.source.choice(choices) if choices else current


def _lengthen(scene: Scene) -> Call | None:
    """One more version of the long agreement: every version starts where the one before starts, far away."""
    if not scene.long:
        far = scene.fresh().altered(
            service={"start": scene.now + FAR, "count": 1},
            formation={"collateral": 0, "open_by": scene.now + FAR - 1},
        )
        return Call("open", "stranger", (scene.named(far), *scene.signatures(far)))
    before = scene.long[-1]
    deal = scene.named(
        before.altered(formation={"predecessor": before.id, "document": scene.source.randbytes(32)})
    )
    return Call("amend", "stranger", (deal, *scene.signatures(deal), before, 0))


def terminate_call(scene: Scene, want: str) -> Call | None:
    """Both end it, or somebody says so."""
    source = scene.source
    deal = scene.pick(scene.heads())
    if want == "NotHead":
        deal = scene.pick([one for one in [*scene.live, *scene.long[:-1]] if not scene.is_head(one)])
    if want == "AgreementUnknown" and deal is not None:
        deal = deal.altered(service={"period_cap": 1})
    if deal is None:
        return None
    count = _cut_of(scene, deal, want)
    if want == "terminate":
        count = min(count, max(0, scene.count(deal) - 1))
    valid_by = scene.now + (source.choice((0, -1)) if want == "ValidityOver" else source.choice((1, 1_000)))
    digest = termination_digest(scene.context.domain, deal.id, count, valid_by)
    signatures = scene.signatures(deal, digest)
    if want == "SignatureInvalid":
        signatures = _spoilt(scene, signatures)
    return Call("terminate", source.choice(ANYBODY), (deal, count, valid_by, *signatures))


def exit_call(scene: Scene, want: str) -> Call | None:
    """The customer leaves, or tries to."""
    source = scene.source
    needs_rule = want != "ExitRuleMissing"
    deals = [deal for deal in scene.heads() if bool(deal.agreement.formation.exit_breaches) == needs_rule]
    if want == "PeriodBegun":
        deals = [*deals, *scene.retired]
    source.shuffle(deals)
    for deal in deals:
        breaches = _breaches(scene, deal, want)
        if breaches is not None:
            break
    else:
        return None
    count = next((k for k in range(scene.count(deal)) if deal.boundary(k) > scene.now), scene.count(deal))
    if want == "PeriodNotNext":
        count += 1
    if want == "PeriodBegun":
        count = max(0, count - 1)
    if want == "NothingToCut":
        count = scene.count(deal) + source.randint(0, 1)
    formation = deal.agreement.formation
    if want == "FormationMismatch":
        formation = replace(formation, exit_breaches=formation.exit_breaches + 1)
    customer = scene.names.get(deal.agreement.parties.customer, "stranger")
    by = source.choice(ANYBODY) if want == "CallerInvalid" else customer
    return Call("exit", by, (deal, formation, count, tuple(breaches)))


def _breaches(scene: Scene, deal: Deal, want: str) -> list[Key] | None:
    """Paid periods that fit the exit rule, or do not in the way that is wanted."""
    formation = deal.agreement.formation
    spots = scene.spots(lambda spot: spot.claim.settled > 0, [deal])
    paid = {spot.key[0]: spot.key for spot in spots if spot.claim.status in (SETTLED, FINAL)}
    keys, needed = [paid[period] for period in sorted(paid)], max(1, formation.exit_breaches)
    match want:
        case (
            "ExitRuleMissing"
            | "FormationMismatch"
            | "CallerInvalid"
            | "PeriodNotNext"
            | "PeriodBegun"
            | "NothingToCut"
        ):
            return keys[:needed]
        case "BreachesTooFew":
            return keys[: needed - 1]
        case "BreachNotFinal":
            periods = [period for period in range(scene.count(deal)) if period not in paid]
            return [(period, 0) for period in periods[:needed]] if len(periods) >= needed else None
        case "BreachesNotAscending":
            return [keys[-1], scene.source.choice(keys)] if keys else None
        case "BreachesTooFarApart":
            return keys if keys and keys[-1][0] - keys[0][0] >= formation.exit_periods else None
    for start in range(len(keys) - needed + 1):
        chosen = keys[start : start + needed]
        if chosen[-1][0] - chosen[0][0] < formation.exit_periods:
            return chosen
    return None


def link_call(scene: Scene, want: str) -> Call | None:
    """Show where the money goes; or show another agreement."""
    source = scene.source
    deals = [deal for deal in scene.live if deal.agreement.stake.downstream.strip(b"\0")]
    source.shuffle(deals)
    for deal in deals:
        downstream = scene.arena.deals.get(deal.agreement.stake.downstream)
        fits = downstream is not None and (
            downstream.agreement.parties.provider == deal.agreement.parties.customer
            and downstream.agreement.stake.token == deal.agreement.stake.token
        )
        if want == "NotDownstream" or fits == (want == "link"):
            break
    else:
        return None
    if want == "NotDownstream" or downstream is None:
        downstream = source.choice(scene.live)
    return Call("link", source.choice(ANYBODY), (deal, downstream))
