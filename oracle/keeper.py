"""Claims what is owed, settles what is due and publishes what was left out, by itself. Every node may: the first one
does it, the others see it. What fails is tried again after longer and longer waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby

from chain.committee import INLINE_REPORTS
from chain.errors import ChainError
from oracle.node import Node
from oracle.ports import Subject, View, subject_of
from oracle.proposal import round_now
from oracle.rounds import Breach
from record.hexes import to_hex
from sla.schedule import claim_deadline

CLAIMS_AT_ONCE = 200
"""One settled claim takes about 30 000 gas: so many fit into a transaction of any chain."""


def publish_reports(node: Node, view: View) -> None:
    """Publish small rounds that somebody posted without their reports, so that the chain alone suffices.

    By the member whose turn it is, or all would do it at once; each root is tried once.
    """
    turn = node.chain.committee.proposer(round_now(view, node.settings.turn_seconds))
    if node.settings.dry_run or turn != node.member:
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


def claim_breaches(node: Node, view: View) -> None:
    """Bring every attested report that pays and that nobody has claimed; compliant periods cost nothing."""
    for agreement_id, breaches in groupby(
        sorted(node.book.breaches(view), key=lambda breach: subject_of(breach.report)),
        key=lambda breach: breach.report.agreement,
    ):
        if node.patience.may("claim", agreement_id, view.time):
            _claim(node, view, agreement_id, breaches)


def _claim(node: Node, view: View, agreement_id: bytes, breaches: Iterable[Breach]) -> None:
    """All breaches of one agreement: one that is refused does not hold back the others."""
    failed = []
    for breach in breaches:
        report = breach.report
        subject = subject_of(report)
        details = {**subject.shown(), "attained": report.attained, "compensation": breach.amount}
        try:
            sent = node.chain.claim(breach.agreement, report, breach.proof)
        except ChainError as error:
            failed.append(breach)
            node.tell("not claimed", {**details, "problem": str(error)})
            continue
        if sent is not None:
            node.step("claimed")
        node.done(view, "claimed", details, sent)
    if not failed:
        node.patience.succeeded("claim", agreement_id)
        return
    deadline = min(
        claim_deadline(breach.agreement.service, breach.agreement.stake, breach.report.period)
        for breach in failed
    )
    node.patience.failed("claim", agreement_id, view.time, deadline)


def settle_due(node: Node, view: View) -> None:
    """Pay what waits for nothing any more: windows that ended, rulings, disputes whose arbiter stayed silent."""
    due: defaultdict[bytes, list[Subject]] = defaultdict(list)
    for subject, since in view.claims.items():
        if since is not None and view.time >= since and subject.agreement in view.agreements:
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
