"""The tree of a round's reports: equal to OpenZeppelin's StandardMerkleTree, so anyone's tools verify it.

Leaf types are ``["bytes32", "uint32", "uint8", "uint16", "uint64", "uint96"]``, a report's members.
Leaves are hashed twice (no inner node can pose as a leaf), sorted by hash, and stand at the end of a complete
binary tree kept in an array; pairs are hashed in ascending order, so a proof needs no directions.
Source: https://github.com/OpenZeppelin/merkle-tree
"""

from __future__ import annotations

from collections.abc import Sequence

from record.abi import encode_word
from record.keccak import keccak256
from sla.errors import RecordError
from sla.report import Report


def report_leaf(report: Report) -> bytes:
    """The leaf: keccak256 of keccak256 of the ABI-encoded report."""
    words = (
        encode_word("bytes32", report.agreement),
        encode_word("uint32", report.period),
        encode_word("uint8", report.obligation),
        encode_word("uint16", report.revision),
        encode_word("uint64", report.attained),
        encode_word("uint96", report.charge),
    )
    return keccak256(keccak256(b"".join(words)))


def hash_pair(one: bytes, other: bytes) -> bytes:
    """The parent of two nodes, whichever of them stands left."""
    return keccak256(min(one, other) + max(one, other))


class MerkleTree:
    """A round's tree. ``ordered`` are the reports by ascending leaf hash, the order of posting."""

    __slots__ = ("_nodes", "_positions", "ordered")

    def __init__(self, reports: Sequence[Report]) -> None:
        by_leaf = {report_leaf(report): report for report in reports}
        if not reports or len(by_leaf) != len(reports):
            raise RecordError("a round has no reports, or one of them twice", "give at least one, each once")
        leaves = sorted(by_leaf)
        self.ordered = tuple(by_leaf[leaf] for leaf in leaves)
        self._nodes = _complete_tree(leaves)
        self._positions = {leaf: len(self._nodes) - 1 - index for index, leaf in enumerate(leaves)}

    @property
    def root(self) -> bytes:
        """The 32 bytes a committee posts."""
        return self._nodes[0]

    def proof(self, report: Report) -> tuple[bytes, ...]:
        """The siblings from the report's leaf up to the root; RecordError when it is not in the tree."""
        position = self._positions.get(report_leaf(report))
        if position is None:
            raise RecordError(
                f"no leaf for period {report.period}, obligation {report.obligation}, rev. {report.revision}",
                "ask the round that carries this report",
            )
        siblings = []
        while position > 0:
            siblings.append(self._nodes[position + 1 if position % 2 else position - 1])
            position = (position - 1) // 2
        return tuple(siblings)


def verify(root: bytes, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof leads from the leaf to the root."""
    node = leaf
    for sibling in proof:
        node = hash_pair(node, sibling)
    return node == root


def _complete_tree(leaves: Sequence[bytes]) -> list[bytes]:
    """The nodes from the root on; children of node i are 2i + 1 and 2i + 2; leaves stand last, in reverse."""
    inner = len(leaves) - 1
    nodes = [b""] * inner + list(reversed(leaves))
    for index in reversed(range(inner)):
        nodes[index] = hash_pair(nodes[2 * index + 1], nodes[2 * index + 2])
    return nodes
