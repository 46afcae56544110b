"""The Merkle tree of a round, quickly; `test_encoding.py` compares it with ``record/merkle.py``."""

from __future__ import annotations

from collections.abc import Sequence

from record.keccak import keccak256
from record.merkle import hash_pair
from sla.report import Report
from tests.invariant.encoding import static


def leaf_of(report: Report) -> bytes:
    """Hashed twice."""
    return keccak256(keccak256(static(report)))


def nodes_over(leaves: Sequence[bytes]) -> list[bytes]:
    """A complete tree in an array, leaves last and in reverse."""
    nodes = [b""] * (len(leaves) - 1) + list(reversed(leaves))
    for index in reversed(range(len(leaves) - 1)):
        nodes[index] = hash_pair(nodes[2 * index + 1], nodes[2 * index + 2])
    return nodes


class Tree:
    """Reports by ascending leaf, and the way from each to the root."""

    def __init__(self, reports: Sequence[Report]) -> None:
        by_leaf = sorted((leaf_of(report), report) for report in reports)
        self.ordered = tuple(report for _, report in by_leaf)
        self._nodes = nodes_over([leaf for leaf, _ in by_leaf])
        self.root = self._nodes[0]

    def proof(self, index: int) -> tuple[bytes, ...]:
        """The siblings of the report at ``index`` of ``ordered``."""
        position, siblings = len(self._nodes) - 1 - index, []
        while position > 0:
            siblings.append(self._nodes[position + 1 if position % 2 else position - 1])
            position = (position - 1) // 2
        return tuple(siblings)
