"""Calls that bring reports, contest them, rule and settle, honest and hostile."""

from __future__ import annotations

from sla.report import Report
from tests.invariant.arena import PARTIES
from tests.invariant.books import DISPUTED, FINAL, NOBODY, NONE, PENDING, PROVIDER, RULED, SETTLED
from tests.invariant.callers_life import ANYBODY
from tests.invariant.calls import Call
from tests.invariant.deal import Deal
from tests.invariant.scene import Key, Posted, Scene, Spot


def claim_call(scene: Scene, want: str) -> Call | None:
    """A report that was posted, as it is or not quite; the newest ones first."""
    source = scene.source
    if want == "AgreementUnknown":
        one = scene.pick(scene.posted)
        if one is None:
            return None
        other = source.choice(scene.live) if scene.live else one.deal
        deal = source.choice(
            (one.deal.altered(service={"period_cap": 1}), one.deal.with_obligations_of(other))
        )
        return _bring(scene, Posted(deal, one.report, one.proof))
    if want == "ObligationUnknown":
        if not scene.live:
            return None
        deal = source.choice(scene.live)
        index = len(deal.agreement.obligations) + source.choice(
            (0, 0, 1, 200 - len(deal.agreement.obligations))
        )
        return _bring(scene, Posted(deal, Report(deal.id, 0, index, 0, 0, 0), ()))
    if want == "PeriodUnknown":
        if not scene.live:
            return None
        deal = source.choice([*scene.live, *scene.retired])
        period = scene.count(deal) + source.choice((0, 0, 1, 2**32 - 1 - scene.count(deal)))
        return _bring(scene, Posted(deal, Report(deal.id, period, 0, 0, 0, 0), ()))
    if want == "RootNotAttested":
        return _unattested(scene)
    fit = _fitting(scene, want)
    if want.startswith("claim ") and not fit:
        return None
    one = scene.pick(fit if fit and source.random() < 0.9 else scene.posted)
    return _bring(scene, one) if one else None


def _bring(scene: Scene, one: Posted) -> Call:
    report = one.report
    found = (report.attained, report.charge)
    by = scene.source.choice(ANYBODY)
    return Call("claim", by, (one.deal, one.key, report.revision, found, one.proof))


def _unattested(scene: Scene) -> Call | None:
    spot = scene.pick(_claimable(scene))
    if spot is None:
        return None
    charge = scene.charge(spot.deal)
    report = Report(spot.deal.id, *spot.key, 60_000, scene.level(spot.deal, spot.key[1]), charge)
    proof = () if scene.source.random() < 0.3 else (scene.source.randbytes(32),)
    return _bring(scene, Posted(spot.deal, report, proof))


def _claimable(scene: Scene) -> list[Spot]:
    return scene.spots(
        lambda spot: (
            spot.claim.status not in (RULED, FINAL)
            and spot.deal.end(spot.key[0]) <= scene.now < spot.deal.claim_deadline(spot.key[0])
        )
    )


def _fitting(scene: Scene, want: str) -> list[Posted]:
    """Posted reports that come close to what is wanted."""
    return [one for one in scene.posted if _fits(scene, one, want)]


def _fits(scene: Scene, one: Posted, want: str) -> bool:
    spot, report = scene.spot(one.deal, one.key), one.report
    status, before = spot.claim.status, spot.claim
    late = scene.now >= (spot.deadline if spot.is_contested else one.deal.claim_deadline(report.period))
    if want == "RulingFinal":
        return status in (RULED, FINAL)
    if want == "DisputeOver":
        return spot.is_contested and late
    if want == "ClaimTooLate":
        return late and status not in (RULED, FINAL) and not spot.is_contested
    if late or status in (RULED, FINAL):
        return False
    early = one.attested_at < one.deal.end(report.period)
    if want == "RootTooEarly" or early:
        return early and want == "RootTooEarly"
    higher = before.window_end == 0 or report.revision > before.revision
    if want == "RevisionNotHigher" or not higher:
        return want == "RevisionNotHigher" and not higher
    service = one.deal.agreement.service
    right = report.charge <= service.charge_max if service.charge_max else report.charge == service.charge
    if want == "ChargeMismatch" or not right:
        return want == "ChargeMismatch" and not right
    sane = one.deal.is_sane(report.obligation, report.attained)
    if want == "claim revised":
        return status == PENDING
    if want == "claim corrects what was settled":
        return status == SETTLED
    if want == "claim answers a dispute":
        return spot.is_contested
    if want == "claim opens a case":
        return not sane and not spot.is_contested
    if want == "NothingOwed":
        return (
            status == NONE and sane and one.deal.pays(report.obligation, report.attained, report.charge) == 0
        )
    return True


def dispute_call(scene: Scene, want: str) -> Call | None:
    """A party against a claim, a case or silence; or where there is nothing to contest."""
    source = scene.source

    def is_silent(spot: Spot) -> bool:
        deal, period = spot.deal, spot.key[0]
        return spot.claim.status == NONE and deal.overdue(period) <= scene.now < deal.claim_deadline(period)

    match want:
        case "NotOverdue":
            spots = scene.spots(lambda s: s.claim.status == NONE and scene.now < s.deal.overdue(s.key[0]))
        case "ClaimTooLate":
            spots = scene.spots(
                lambda s: s.claim.status == NONE and scene.now >= s.deal.claim_deadline(s.key[0])
            )
        case "NotDisputable":
            spots = scene.spots(lambda s: s.claim.status != NONE and not scene.is_contestable(s))
        case "PeriodUnknown" | "ObligationUnknown":
            spots = [scene.spot(deal, _beyond(want, deal, scene.count(deal))) for deal in scene.live]
        case "dispute a claim" | "dispute a case":
            status = PENDING if want == "dispute a claim" else DISPUTED
            spots = scene.spots(lambda s: s.claim.status == status and scene.is_contestable(s))
        case _:
            spots = scene.spots(scene.is_contestable)
            if not spots or source.random() < 0.35:
                spots = [*scene.spots(is_silent), *spots[:1]]
    spot = scene.pick(spots)
    if spot is None:
        return None
    deal, index = spot.deal, min(spot.key[1], len(spot.deal.agreement.obligations) - 1)
    by_customer = spot.claim.status == NONE or spot.claim.pending == 0 or source.random() < 0.5
    if want == "AllegationUseless" and source.random() < 0.5:
        by_customer = not by_customer
    parties = deal.agreement.parties
    by = scene.names.get(parties.customer if by_customer else parties.provider, "stranger")
    charge = scene.charge(deal)
    level = scene.level(deal, index, 0)
    if want.startswith("dispute") or source.random() < 0.3:
        level = scene.extreme(deal, index, by_customer, charge)
    if want == "AllegationUseless":
        level = scene.extreme(deal, index, not by_customer, charge)
    if want == "OutsideSaneBounds":
        level = scene.level(deal, index, 1)
    if want == "ChargeMismatch":
        charge = scene.wrong_charge(deal)
    if want == "CallerInvalid":
        by = source.choice((*PARTIES, "stranger", "arbiter"))
    if want == "AgreementUnknown":
        deal = deal.altered(stake={"bond": deal.agreement.stake.bond + 1})
    return Call("dispute", by, (deal, spot.key, (level, charge)))


def _beyond(want: str, deal: Deal, count: int) -> Key:
    return (count, 0) if want == "PeriodUnknown" else (0, len(deal.agreement.obligations))


def _contested(scene: Scene, want: str) -> Spot | None:
    """A dispute or a case that fits."""
    match want:
        case "RulingTooLate":
            spots = scene.spots(lambda s: s.claim.status == DISPUTED and scene.now >= s.deadline)
        case "NotDisputed":
            spots = scene.spots(lambda s: s.claim.status != DISPUTED)
        case "concede" | "AllegationDiffers":
            spots = scene.spots(lambda s: s.is_contested and scene.now < s.deadline)
        case "rule a case":
            spots = scene.spots(
                lambda s: s.claim.status == DISPUTED and not s.is_contested and scene.now < s.deadline
            )
        case _:
            spots = scene.spots(lambda s: s.claim.status == DISPUTED and scene.now < s.deadline)
            if scene.source.random() < 0.3:
                spots = [spot for spot in spots if not spot.is_contested] or spots
    return scene.pick(spots)


def concede_call(scene: Scene, want: str) -> Call | None:
    """The opponent accepts, or somebody else, or something else."""
    source, spot = scene.source, _contested(scene, want)
    if spot is None:
        return None
    parties, deal = spot.deal.agreement.parties, spot.deal
    opponent = parties.customer if spot.contest.disputer == PROVIDER else parties.provider
    by = scene.names.get(opponent, "stranger")
    alleged = spot.contest.alleged
    if want == "CallerInvalid":
        by = source.choice((*PARTIES, "stranger", "arbiter"))
    if want == "AllegationDiffers":
        alleged = max(0, alleged + source.choice((-1, 1, 1)))
    if want == "AgreementUnknown":
        deal = deal.altered(parties={"customer": scene.context.addresses["stranger"]})
    return Call("concede", by, (deal, spot.key, alleged))


def evidence_call(scene: Scene, want: str) -> Call | None:
    """A party adds a document."""
    source, spot = scene.source, _contested(scene, want)
    if spot is None:
        return None
    parties, deal = spot.deal.agreement.parties, spot.deal
    by = scene.names.get(source.choice((parties.provider, parties.customer)), "stranger")
    if want == "CallerInvalid":
        by = source.choice((*PARTIES, "stranger", "arbiter"))
    if want == "AgreementUnknown":
        deal = deal.altered(formation={"collateral": 1})
    uri = "ipfs://" + "e" * source.randint(0, 60)
    return Call("submitEvidence", by, (deal, spot.key, source.randbytes(32), uri))


def rule_call(scene: Scene, want: str) -> Call | None:
    """The arbiter judges, anywhere within the sane bounds; or another does, or otherwise."""
    source, spot = scene.source, _contested(scene, want)
    if spot is None:
        return None
    deal, key = spot.deal, spot.key
    level, charge = scene.level(deal, key[1], float(want == "OutsideSaneBounds")), scene.charge(deal)
    if want == "ChargeMismatch":
        charge = scene.wrong_charge(deal)
    by = source.choice((*PARTIES, "stranger")) if want == "CallerInvalid" else "arbiter"
    if want == "ObligationUnknown":
        key = (key[0], len(deal.agreement.obligations))
    if want == "AgreementUnknown":
        deal = deal.altered(parties={"arbiter": scene.context.addresses["stranger"]})
    low = want == "GasTooLow" and spot.contest.disputer != NOBODY
    return Call("rule", by, (deal, key, (level, charge)), with_low_gas=low)


def settle_call(scene: Scene, want: str) -> Call | None:
    """Some of an agreement's claims: due or not, twice or not there at all."""
    source = scene.source

    def is_due(spot: Spot) -> bool:
        status = spot.claim.status
        return status == RULED or (status in (PENDING, DISPUTED) and scene.now >= spot.deadline)

    due = scene.spots(is_due)
    owing = [deal for deal in scene.live if scene.context.account(scene.books.firsts[deal.id]).due > 0]
    spot = scene.pick(due)
    deal = spot.deal if spot else scene.pick(owing) or scene.pick(scene.live)
    if deal is None:
        return None
    keys = [one.key for one in due if one.deal is deal and source.random() < 0.8]
    others = scene.spots(lambda one: one.claim.status in (PENDING, DISPUTED, SETTLED, FINAL), [deal])
    keys += [one.key for one in others if source.random() < 0.3]
    keys += [(source.randint(0, 3), source.randint(0, 3))] * (source.random() < 0.2)
    source.shuffle(keys)
    if want == "AgreementUnknown":
        deal = deal.altered(stake={"token": source.choice(list(scene.context.tokens))}, service={"count": 9})
    return Call("settle", source.choice(ANYBODY), (deal, tuple(keys)), with_low_gas=want == "GasTooLow")
