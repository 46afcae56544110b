"""Rounds and rotations, and those who would fake them."""

from __future__ import annotations

from sla.report import Report
from tests.invariant.arena import CANDIDATES, QUORUM
from tests.invariant.books import FINAL, NONE, RULED
from tests.invariant.callers_life import ANYBODY
from tests.invariant.calls import Call, Signature, address_of
from tests.invariant.model_committee import rotation_digest, round_digest
from tests.invariant.scene import Scene, Spot


def some_reports(scene: Scene) -> list[Report]:
    """What a committee says of agreements that live: of what is over, and at times of what is not."""
    source, goal = scene.source, scene.goal
    too_early = goal == "RootTooEarly" or source.random() < 0.1

    def is_meant(spot: Spot) -> bool:
        if spot.claim.status in (RULED, FINAL):
            return source.random() < 0.2
        over = spot.deal.end(spot.key[0]) <= scene.now
        return over != too_early and scene.now < spot.deal.claim_deadline(spot.key[0])

    spots = scene.spots(is_meant)
    reports = []
    for spot in source.sample(spots, min(len(spots), source.randint(1, 4))):
        index, before = spot.key[1], spot.claim
        higher = before.revision + source.randint(1, 2) if before.window_end else source.randint(0, 2)
        revision = higher if source.random() < 0.85 else before.revision
        wrong = goal == "ChargeMismatch" or source.random() < 0.03
        charge = scene.wrong_charge(spot.deal) if wrong else scene.charge(spot.deal)
        for_customer = source.random() < 0.35
        level = scene.level(spot.deal, index, 0.2)
        if before.settled and source.random() < 0.5:
            level, for_customer = scene.extreme(spot.deal, index, False, charge), False
        if goal == "NothingOwed":
            level, for_customer = scene.extreme(spot.deal, index, False, charge), False
        elif for_customer:
            level = scene.extreme(spot.deal, index, True, charge)
        reports.append(Report(spot.deal.id, *spot.key, min(revision, 2**16 - 1), level, charge))
    return reports


def post_call(scene: Scene, want: str) -> Call | None:
    """A round, in order or not; a quorum's, or nearly."""
    source = scene.source
    number = scene.books.last_round[0] + source.choice((1, 1, 1, 7))
    if want == "RoundNotAfter":
        number = max(0, scene.books.last_round[0] - source.choice((0, 0, 1)))
    return _round(scene, want, number, some_reports(scene))


def revised_call(scene: Scene, want: str) -> Call | None:
    """A round of higher revisions only: of what was claimed, and what is disputed."""

    def can_be_revised(spot: Spot) -> bool:
        late = scene.now >= (spot.deadline if spot.is_contested else spot.deal.claim_deadline(spot.key[0]))
        return spot.claim.status not in (NONE, RULED, FINAL) and not late

    spots, source = scene.spots(can_be_revised), scene.source
    if not spots:
        return None
    reports = []
    for spot in source.sample(spots, min(len(spots), 3)):
        charge = scene.charge(spot.deal)
        good = source.random() < 0.4
        level = (
            scene.extreme(spot.deal, spot.key[1], False, charge)
            if good
            else scene.level(spot.deal, spot.key[1], 0.2)
        )
        higher = spot.claim.revision + 1 if spot.claim.window_end else source.randint(0, 2)
        revision = min(higher, 2**16 - 1)
        reports.append(Report(spot.deal.id, *spot.key, revision, level, charge))
    return _round(scene, "post", scene.books.last_round[0] + 1, reports)


def _round(scene: Scene, want: str, number: int, reports: list[Report]) -> Call | None:
    source = scene.source
    tree = scene.tree(reports)
    root, ordered = tree.root, tree.ordered
    if want == "RootAlreadyAttested":
        if not scene.rounds:
            return None
        root, ordered = source.choice(scene.rounds)
    if want == "RootEmpty":
        root = bytes(32)
    if want == "ReportsNotOfRoot":
        ordered = (*ordered, ordered[0])
    bundle = source.randbytes(32)
    digest = round_digest(scene.context.committee_domain, number, root, bundle)
    told = ordered if want == "ReportsNotOfRoot" or source.random() < 0.4 else ()
    by = source.choice(ANYBODY)
    return Call("post", by, (number, root, bundle, told, _signatures(scene, digest, want)))


def _signatures(scene: Scene, digest: bytes, want: str) -> tuple[Signature, ...]:
    source, members = scene.source, scene.member_names()
    signers = source.sample(members, source.choice((QUORUM, QUORUM, len(members))))
    match want:
        case "QuorumMissing":
            signers = signers[: source.randint(0, QUORUM - 1)]
        case "SignerRepeated":
            signers = [*signers[:2], signers[0], *signers[2:]]
        case "SignerNotMember":
            outsiders = [name for name in (*CANDIDATES, "stranger") if name not in members]
            signers = [*signers[:2], source.choice(outsiders)]
            if source.random() < 0.3:
                return tuple(Signature(name, source.randbytes(32)) for name in members)
    return tuple(Signature(name, digest) for name in signers)


def publish_call(scene: Scene, want: str) -> Call | None:
    """The reports of a round that was posted, or others."""
    source, known = scene.source, scene.pick(scene.rounds)
    if want == "RootNotAttested" or known is None:
        tree = scene.tree(some_reports(scene))
        known = tree.root, tree.ordered
    root, reports = known
    if want == "ReportsNotOfRoot":
        reports = source.choice(((), (*reports, reports[0]), source.choice(scene.rounds or [known])[1]))
    return Call("publish", source.choice(ANYBODY), (root, reports))


def propose_call(scene: Scene, want: str) -> Call | None:
    """One member for another; sometimes none, or by too few."""
    source, members = scene.source, scene.member_names()
    outsiders = [name for name in CANDIDATES if name not in members]
    outgoing, incoming = source.choice(members), source.choice(outsiders)
    if want == "MemberInvalid":
        incoming = source.choice(members)
    if want == "SignerNotMember" and source.random() < 0.5:
        outgoing = source.choice(outsiders)
    number = scene.books.rotations[0] - (want == "SignerNotMember" and scene.books.rotations[0] > 0)
    pair = address_of(outgoing), address_of(incoming)
    digest = rotation_digest(scene.context.committee_domain, *pair, number)
    return Call("proposeRotation", source.choice(ANYBODY), (*pair, _signatures(scene, digest, want)))


def rotate_call(scene: Scene, want: str) -> Call | None:
    """Anybody, in time or too early."""
    return Call("rotate", scene.source.choice(ANYBODY), ())
