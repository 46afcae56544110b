"""What must happen before a customer can leave: breaches, period by period, brought and settled."""

from __future__ import annotations

from record.keccak import keccak256
from sla.report import Report
from tests.invariant.arena import QUORUM
from tests.invariant.books import DISPUTED, NONE, PENDING, RULED
from tests.invariant.callers_life import ANYBODY
from tests.invariant.calls import Call, Signature
from tests.invariant.deal import Deal
from tests.invariant.model_committee import round_digest
from tests.invariant.scene import Scene, Spot


def breach_call(scene: Scene, want: str) -> Call | None:
    """The next thing that brings the agreement nearest to its exit nearer: settle, claim, or attest a breach."""
    deal = _nearest(scene)
    if deal is None:
        return None

    def is_due(spot: Spot) -> bool:
        status = spot.claim.status
        return status == RULED or (status in (PENDING, DISPUTED) and scene.now >= spot.deadline)

    due = scene.spots(is_due, [deal])
    if due:
        return Call("settle", "stranger", (deal, tuple(spot.key for spot in due)))
    fresh = scene.spots(
        lambda spot: (
            spot.claim.status == NONE
            and spot.deal.end(spot.key[0]) <= scene.now < spot.deal.claim_deadline(spot.key[0])
        ),
        [deal],
    )
    if not fresh:
        return None
    keys = [spot.key for spot in fresh]
    for one in scene.posted:
        if (
            one.deal is deal
            and one.key in keys
            and one.attested_at >= deal.end(one.key[0])
            and _pays(one.report, deal)
        ):
            found = (one.report.attained, one.report.charge)
            return Call(
                "claim", scene.source.choice(ANYBODY), (deal, one.key, one.report.revision, found, one.proof)
            )
    return _attest(scene, deal, fresh[0])


def _nearest(scene: Scene) -> Deal | None:
    """With an exit rule, a period ahead, and the most breaches."""

    def breaches(deal: Deal) -> int:
        return len({spot.key[0] for spot in scene.spots(lambda spot: spot.claim.settled > 0, [deal])})

    leavable = [
        deal
        for deal in scene.heads()
        if deal.agreement.formation.exit_breaches and deal.boundary(scene.count(deal) - 1) > scene.now
    ]
    return max(leavable, key=breaches, default=None)


def _pays(report: Report, deal: Deal) -> bool:
    service = deal.agreement.service
    right = report.charge <= service.charge_max if service.charge_max else report.charge == service.charge
    index = report.obligation
    return (
        right
        and deal.is_sane(index, report.attained)
        and deal.pays(index, report.attained, report.charge) > 0
    )


def _attest(scene: Scene, deal: Deal, spot: Spot) -> Call:
    service, index = deal.agreement.service, spot.key[1]
    charge = service.charge_max or service.charge
    level = scene.extreme(deal, index, True, charge)
    tree = scene.tree([Report(deal.id, *spot.key, 0, level, charge)])
    number, bundle = scene.books.last_round[0] + 1, keccak256(tree.root)
    digest = round_digest(scene.context.committee_domain, number, tree.root, bundle)
    signatures = tuple(Signature(name, digest) for name in scene.member_names()[:QUORUM])
    return Call("post", scene.source.choice(ANYBODY), (number, tree.root, bundle, (), signatures))
