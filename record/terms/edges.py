"""Where tiers meet. A far edge that is stated must be the next tier's bound: no gap, no overlap."""

from __future__ import annotations

from itertools import pairwise

from record.terms.levels import Unit
from record.terms.section import Section
from sla.agreement import Comparator, Tier


def check_edges(
    section: Section, comparator: Comparator, unit: Unit, worst: int, tiers: tuple[Tier, ...]
) -> None:
    """TermsError naming both numbers where a stated edge (``atLeast``, ``upTo``) misses the next bound.

    The last tier's edge, when stated, must be the worst sane level: what lies beyond would pay like it.
    """
    at_least = comparator == Comparator.AT_LEAST
    far = "atLeast" if at_least else "upTo"
    bounds = [*(tier.bound for tier in tiers), worst]
    for item, (_, next_bound) in zip(section.sections("tiers"), pairwise(bounds), strict=True):
        if not item.has(far):
            continue
        edge = unit.level(item.field(far))
        if edge == next_bound:
            continue
        gap = edge > next_bound if at_least else edge < next_bound
        ends = " and ".join(unit.text(level) for level in sorted((edge, next_bound)))
        raise item.field(far).refuse(
            f"leaves {'a gap' if gap else 'an overlap'} between {ends}",
            "end each tier where the next begins, the last at the worst sane level",
        )
