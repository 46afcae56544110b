"""Brings reports to the escrow, settles what is due, pays arrears, links agreements, publishes what was left out and
carries out rotations, by itself. Every node may: the first one does it, the others see it. What fails is tried again
after longer and longer waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import groupby

from chain.committee import INLINE_REPORTS
from chain.errors import ChainError
from oracle.node import Node
from oracle.ports import Sent, Subject, View, subject_of
from oracle.proposal import round_now
from oracle.rounds import Claimable
from record.hexes import to_hex

CLAIMS_AT_ONCE = 200
"""One settled claim takes about 30 000 gas: so many fit into a transaction of any chain."""


def publish_reports(node: Node, view: View) -> None:
    """Publish small rounds that somebody posted without their reports, so that the chain alone suffices.

    By the member whose turn it is, or all would do it at once; each root is tried once.
    """
    if node.settings.dry_run or not _has_turn(node, view):
        return
    for tree in list(node.book.unpublished(view.rounds, INLINE_REPORTS)):
        if tree.root in node.published:
            continue
        node.published.add(tree.root)
        details = {"root": to_hex(tree.root), "reports": len(tree.ordered)}
        try:
            sent = node.chain.publish(tree.root, tree.ordered)
        except ChainError as error:
            node.tell("not published", {**details, "problem": str(error)})
            continue
        node.done(view, "published", details, sent)


def rotate_due(node: Node, view: View) -> None:
    """Let a new member in once the rotation's delay is over. By the member whose turn it is, or all would at once."""
    rotation, key = view.committee.rotation, view.committee.address.encode()
    if rotation is None or view.time < rotation.effective_at or not _has_turn(node, view):
        return
    details = {"outgoing": rotation.outgoing, "incoming": rotation.incoming}
    _try(node, view, "rotate", key, "rotated", details, node.chain.rotate)


def _has_turn(node: Node, view: View) -> bool:
    return view.committee.proposer(round_now(view, node.settings.turn_seconds)) == node.member


def link_downstream(node: Node, view: View) -> None:
    """Direct what agreements pay into the escrow of the downstream ones that their terms name (R14)."""
    for link in view.links:
        details = {"agreement": to_hex(link.id), "downstream": to_hex(link.agreement.stake.downstream)}
        send = partial(node.chain.link, link.agreement, link.downstream)
        _try(node, view, "link", link.id, "linked", details, send)


def bring_reports(node: Node, view: View) -> None:
    """Bring every attested report that moves money: breaches, corrections, cases, and what answers a dispute. Compliant
    periods that nobody contests cost nothing."""
    for agreement_id, reports in groupby(
        sorted(node.book.claimable(view), key=lambda found: subject_of(found.report)),
        key=lambda found: found.report.agreement,
    ):
        if node.patience.may("claim", agreement_id, view.time):
            _bring(node, view, agreement_id, reports)


def _bring(node: Node, view: View, agreement_id: bytes, reports: Iterable[Claimable]) -> None:
    """All reports of one agreement: one that is refused does not hold back the others."""
    failed = []
    for found in reports:
        report = found.report
        subject = subject_of(report)
        details = {**subject.shown(), "attained": report.attained, "compensation": found.amount}
        if report.revision:
            details["revision"] = report.revision
        try:
            sent = node.chain.claim(found.agreement, report, found.proof)
        except ChainError as error:
            failed.append(found)
            node.tell("not claimed", {**details, "problem": str(error)})
            continue
        if sent is not None:
            node.step("claimed")
        node.done(view, "claimed", details, sent)
    if not failed:
        node.patience.succeeded("claim", agreement_id)
        return
    deadline = min(found.deadline for found in failed)
    node.patience.failed("claim", agreement_id, view.time, deadline)


def settle_due(node: Node, view: View) -> None:
    """Pay what waits for nothing any more: windows that ended, rulings, concessions, disputes and cases on which nobody
    ruled in time."""
    due: defaultdict[bytes, list[Subject]] = defaultdict(list)
    for subject, claim in view.claims.items():
        if claim.due is not None and view.time >= claim.due and subject.agreement in view.agreements:
            due[subject.agreement].append(subject)
    for agreement_id, subjects in due.items():
        if node.patience.may("settle", agreement_id, view.time):
            _settle(node, view, agreement_id, subjects)


def _settle(node: Node, view: View, agreement_id: bytes, subjects: list[Subject]) -> None:
    """One agreement's claims, in transactions of a size that every chain takes."""
    failed = False
    for start in range(0, len(subjects), CLAIMS_AT_ONCE):
        batch = subjects[start : start + CLAIMS_AT_ONCE]
        claims = [(subject.period, subject.obligation) for subject in batch]
        details = {"agreement": to_hex(agreement_id), "claims": claims}
        node.step("settling")
        try:
            sent = node.chain.settle(view.agreements[agreement_id], batch)
        except ChainError as error:
            failed = True
            node.tell("not settled", {**details, "problem": str(error)})
            continue
        if sent is not None:
            node.step("settled")
        node.done(view, "settled", details, sent)
    if failed:
        node.patience.failed("settle", agreement_id, view.time)
    else:
        node.patience.succeeded("settle", agreement_id)


def pay_arrears(node: Node, view: View) -> None:
    """Pay what is owed where collateral arrived since: an upstream agreement's credit forwards nothing by itself."""
    for agreement_id, amount in view.arrears.items():
        if agreement_id in view.agreements:
            details = {"agreement": to_hex(agreement_id), "arrears": amount}
            send = partial(node.chain.pay_arrears, view.agreements[agreement_id])
            _try(node, view, "pay arrears", agreement_id, "paid", details, send)


def _try(
    node: Node,
    view: View,
    what: str,
    key: bytes,
    done: str,
    details: Mapping[str, object],
    send: Callable[[], Sent | None],
) -> None:
    """Do one thing on the chain, unless it failed a short while ago."""
    if not node.patience.may(what, key, view.time):
        return
    try:
        sent = send()
    except ChainError as error:
        node.patience.failed(what, key, view.time)
        node.tell(f"not {done}", {**details, "problem": str(error)})
        return
    node.patience.succeeded(what, key)
    node.done(view, done, details, sent)
