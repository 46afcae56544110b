"""One cycle of a node: observe, sign, agree, post, claim, settle. Every step begins from what the chain says now, so a
node that was killed at any of them just runs the next cycle (P13)."""

from __future__ import annotations

from oracle.keeper import claim_breaches, publish_reports, settle_due
from oracle.node import Node


def cycle(node: Node) -> None:
    """Do what can be done now."""
    # The chain as it is, agreements only from finalized blocks; the reports of periods that are over and not attested.
    view, missing = node.look()

    # What the others signed; then what this node measured, written down before it is signed.
    node.gather(view, missing)
    node.observe(view, missing)

    # In this member's turn: all reports that are due in one round, medians of all observations, signed by a quorum.
    agreed = node.propose(view, missing)
    if agreed is not None:
        node.post(view, agreed)

    # Breaches are claimed, and claims paid, from what the chain says after that.
    if node.settings.keeps:
        view, _ = node.look()
        publish_reports(node, view)
        claim_breaches(node, view)
        view, _ = node.look()
        settle_due(node, view)
