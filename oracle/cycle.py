"""One cycle of a node: observe, sign, agree, post, claim, settle. Every step begins from what the chain says now, so a
node that was killed at any of them just runs the next cycle (P13)."""

from __future__ import annotations

from oracle.keeper import (
    bring_reports,
    link_downstream,
    pay_arrears,
    publish_reports,
    rotate_due,
    settle_due,
)
from oracle.node import Node
from oracle.ports import Standing


def cycle(node: Node) -> None:
    """Do what can be done now."""
    # The chain as it is, agreements only from finalized blocks; the reports of periods that are over and not attested.
    view, missing = node.look()

    # Whose key is no member's yet measures already, but signs nothing; whose key was replaced is done.
    if node.standing is not Standing.MEMBER:
        return

    # What the others signed; then what this node measured, written down before it is signed.
    node.gather(view, missing)
    node.observe(view, missing)

    # In this member's turn: all reports that are due in one round, medians of all observations, signed by a quorum.
    agreed = node.propose(view, missing)
    if agreed is not None:
        node.post(view, agreed)

    # What was attested is brought, and what is due is paid, each from what the chain says after the step before.
    if node.settings.keeps:
        view, _ = node.look()
        publish_reports(node, view)
        rotate_due(node, view)
        # First of all, or a claim without a window pays the customer what the downstream agreement should have.
        link_downstream(node, view)
        bring_reports(node, view)
        view, _ = node.look()
        settle_due(node, view)
        view, _ = node.look()
        pay_arrears(node, view)
