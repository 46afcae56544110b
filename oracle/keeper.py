"""Claims what is owed and settles what is due, by itself. Every node may: the first one does it, the others see it."""

from __future__ import annotations

from collections import defaultdict

from chain.errors import ChainError
from oracle.node import Node
from oracle.ports import Subject, View, subject_of
from record.hexes import to_hex

CLAIMS_AT_ONCE = 200
"""One settled claim takes about 30 000 gas: so many fit into a transaction of any chain."""


def claim_breaches(node: Node, view: View) -> None:
    """Bring every attested report that pays and that nobody has claimed; compliant periods cost nothing."""
    for breach in node.book.breaches(view):
        report = breach.report
        subject = subject_of(report)
        details = {**subject.shown(), "attained": report.attained, "compensation": breach.amount}
        try:
            sent = node.chain.claim(breach.agreement, report, breach.proof)
        except ChainError as error:
            node.tell("not claimed", {**details, "problem": str(error)})
            continue
        if sent is not None:
            node.step("claimed")
        node.done(view, "claimed", details, sent)


def settle_due(node: Node, view: View) -> None:
    """Pay what waits for nothing any more: windows that ended, rulings, disputes whose arbiter stayed silent."""
    due: defaultdict[bytes, list[Subject]] = defaultdict(list)
    for subject, since in view.claims.items():
        if since is not None and view.time >= since and subject.agreement in view.agreements:
            due[subject.agreement].append(subject)
    batches = (
        (agreement_id, subjects[start : start + CLAIMS_AT_ONCE])
        for agreement_id, subjects in due.items()
        for start in range(0, len(subjects), CLAIMS_AT_ONCE)
    )
    for agreement_id, subjects in batches:
        claims = [(subject.period, subject.obligation) for subject in subjects]
        details = {"agreement": to_hex(agreement_id), "claims": claims}
        node.step("settling")
        try:
            sent = node.chain.settle(view.agreements[agreement_id], subjects)
        except ChainError as error:
            node.tell("not settled", {**details, "problem": str(error)})
            continue
        if sent is not None:
            node.step("settled")
        node.done(view, "settled", details, sent)
