"""How a committee's observations become one number."""

from __future__ import annotations

from collections.abc import Sequence

from sla.agreement import NO_DATA, Comparator


def agree(known: Sequence[int], comparator: Comparator, quorum: int) -> int:
    """The median of the known attainments, in the indicator's unit; NO_DATA below a quorum of them.

    Unknown observations are left out by the caller. Of an even number the middle value that favours the
    customer is taken: the lower for "at least", the higher for "at most".
    ``agree([990_000, 999_000], Comparator.AT_LEAST, 2) == 990_000``.
    """
    if len(known) < max(quorum, 1):
        return NO_DATA
    ascending = sorted(known)
    if comparator == Comparator.AT_LEAST:
        return ascending[(len(ascending) - 1) // 2]
    return ascending[len(ascending) // 2]
