"""A round's evidence: every report and every signed observation behind it, content-addressed.

The file is canonical JSON. Reports stand by (agreement, period, obligation, revision), observations likewise
and then by member, each once, so a bundle has exactly one form and its Keccak-256 names it: the ``bundle`` of
the signed round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from record import canonical
from record.bundle_json import (
    SignedObservation,
    observation_json,
    observation_key,
    read_observation,
    read_report,
    report_json,
    report_key,
)
from record.json_fields import Fields
from record.keccak import keccak256
from record.merkle import MerkleTree
from sla.errors import RecordError
from sla.report import Report

__all__ = ["FORMAT", "Bundle", "SignedObservation", "observation_key", "report_key", "reports_under"]

FORMAT = "makegood-bundle/1"

_MEMBERS = ("format", "chainId", "committee", "round", "quorum", "reports", "observations")


@dataclass(frozen=True, slots=True)
class Bundle:
    """The evidence of one round. Reports and observations may be given in any order; they are kept sorted.

    Whether signatures are the members' and medians are right is for the reader to check, not for the format.
    """

    chain_id: int
    committee: str
    round: int
    quorum: int
    reports: tuple[Report, ...]
    observations: tuple[SignedObservation, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "reports", tuple(sorted(self.reports, key=report_key)))
        object.__setattr__(self, "observations", tuple(sorted(self.observations, key=observation_key)))

    @property
    def hash(self) -> bytes:
        """Keccak-256 of the canonical bytes: the ``bundle`` a committee signs. Computed at every call."""
        return keccak256(self.to_bytes())

    def to_bytes(self) -> bytes:
        """The canonical bytes; RecordError when a value does not fit or stands twice."""
        data = canonical.dumps(
            {
                "format": FORMAT,
                "chainId": self.chain_id,
                "committee": self.committee,
                "round": str(self.round),
                "quorum": self.quorum,
                "reports": [report_json(report) for report in self.reports],
                "observations": [observation_json(signed) for signed in self.observations],
            }
        )
        if Bundle.from_bytes(data) != self:
            raise RecordError("the bundle does not read back as written", "give every field in its own form")
        return data

    @staticmethod
    def from_bytes(data: bytes) -> Bundle:
        """The bundle of canonical bytes. RecordError for anything ``to_bytes`` would not have written."""
        fields = Fields.of(canonical.loads(data), "$", _MEMBERS)
        if fields.text("format") != FORMAT:
            raise RecordError(f"$.format is {fields.text('format')[:80]!r}", f"write {FORMAT}")
        reports = tuple(read_report(item, path) for path, item in fields.items("reports"))
        observations = tuple(read_observation(item, path) for path, item in fields.items("observations"))
        _require_ascending([report_key(report) for report in reports], "$.reports")
        _require_ascending([observation_key(signed) for signed in observations], "$.observations")
        return Bundle(
            chain_id=fields.number("chainId", 53),
            committee=fields.address("committee"),
            round=fields.decimal("round", 64),
            quorum=fields.number("quorum", 16),
            reports=reports,
            observations=observations,
        )


def _require_ascending(keys: Sequence[tuple[bytes | int, ...]], path: str) -> None:
    for index in range(1, len(keys)):
        if not keys[index - 1] < keys[index]:
            raise RecordError(f"{path}[{index}] is out of order or stands twice", "sort them, each once")


def reports_under(root: bytes, data: bytes) -> tuple[Report, ...] | None:
    """The reports of a bundle's bytes, if it can be read and they are what ``root`` attests."""
    try:
        reports = Bundle.from_bytes(data).reports
        return reports if MerkleTree(reports).root == root else None
    except RecordError:
        return None
