"""Whether the pack's evidence is that of the rounds that were posted: each once, none besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audit.difference import Difference, differ, place_of
from record.events import RoundPosted
from record.keccak import keccak256
from record.pack import RoundEvidence
from record.pack_logs import Entry

Rounds = Mapping[tuple[str, int], tuple[RoundEvidence, bytes]]
"""The evidence and the bundle of each round, by committee and number."""


def match_evidence(entries: Sequence[Entry], given: Sequence[RoundEvidence]) -> Rounds:
    """The evidence of every round in scope; its bundle is the one whose hash was signed and posted."""
    waiting = {(evidence.committee, evidence.round): evidence for evidence in given}
    found: dict[tuple[str, int], tuple[RoundEvidence, bytes]] = {}
    for entry in entries:
        event = entry.event
        if not isinstance(event, RoundPosted):
            continue
        key = (entry.address, event.round)
        evidence = waiting.pop(key, None)
        if evidence is None:
            differ(entry, "the evidence of this round is not in the pack")
        if evidence.bundle is None:
            raise Difference(evidence.file, "the bundle of this round is missing")
        if keccak256(evidence.bundle) != event.bundle:
            raise Difference(evidence.file, f"the bundle is not the one that {place_of(entry)} names")
        found[key] = (evidence, evidence.bundle)
    if waiting:
        raise Difference(next(iter(waiting.values())).file, "no such round was posted")
    return found
