"""What a node knows of exclusions, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from oracle.announced import Announced
from record.eip712 import agreement_digest, escrow_domain
from record.exclusion_json import exclusion_bytes
from record.exclusions import ExclusionFile, ExclusionRecord
from record.signing import sign_digest
from record.terms import load_terms
from sla.errors import MakegoodError
from sla.exclusions import ExclusionKind
from tests.unit.cli.terms_hostile import SOUND

DOMAIN = escrow_domain(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
DOCUMENT = load_terms(SOUND)
AGREEMENT = DOCUMENT.agreement()
PROVIDER_KEY = (1001).to_bytes(32)
DATED, SEEN = 1_800_000_000, 1_800_900_000


def exclusion(agreement: bytes | None = None) -> ExclusionFile:
    id = agreement or agreement_digest(AGREEMENT, DOMAIN)
    record = ExclusionRecord(
        id, ExclusionKind.MAINTENANCE, (), SEEN + 86_400, SEEN + 90_000, DATED, "Racks are moved"
    )
    file = ExclusionFile(record)
    return file.approved(AGREEMENT, "provider", sign_digest(PROVIDER_KEY, record.digest(DOMAIN)))


class Node:
    """What one node has on its disk, and its clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = SEEN
        self.told: list[tuple[str, str]] = []
        self.start()

    def start(self) -> None:
        ledger = self.folder / "node.lakes" / "exclusions.json"
        self.announced = Announced(self.folder, ledger, DOMAIN, lambda: self.time, self.tell)

    def tell(self, kind: str, details: Mapping[str, object]) -> None:
        self.told.append((kind, str(details.get("problem", ""))))

    def bring(self, data: bytes, name: str = "racks.json") -> None:
        (self.folder / "exclusions").mkdir(exist_ok=True)
        (self.folder / "exclusions" / name).write_bytes(data)

    def announced_at(self) -> list[int]:
        return [each.announced_at for each in self.announced.of(DOCUMENT)]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def test_announced__a_file_dated_back__counts_from_when_it_came(node: Node) -> None:
    node.announced.look([DOCUMENT])
    node.bring(exclusion_bytes(exclusion(), DOMAIN))
    node.announced.look([DOCUMENT])
    node.time += 5_000

    assert node.announced_at() == [SEEN]
    node.start()
    assert node.announced_at() == [SEEN]
    assert [kind for kind, _ in node.told] == ["exclusion noticed"]


def test_announced__nobody_looked_before__counts_from_the_measurement_on(node: Node) -> None:
    node.bring(exclusion_bytes(exclusion(), DOMAIN))
    node.time += 7

    assert node.announced_at() == [SEEN + 7]


def test_announced__without_the_folder__is_nothing(node: Node) -> None:
    assert node.announced_at() == []
    assert node.told == []


def test_announced__files_that_are_none__are_told_of_once(node: Node) -> None:
    node.bring(b"{}", "junk.json")
    node.bring(exclusion_bytes(exclusion(bytes(31) + b"\x01"), DOMAIN), "others.json")
    node.bring(exclusion_bytes(exclusion(), DOMAIN))

    for _ in range(2):
        assert node.announced_at() == [SEEN]

    assert [kind for kind, _ in node.told] == ["exclusion noticed", "exclusion refused"]


def test_announced__garbled_ledger__is_no_reason_to_begin_anew(node: Node) -> None:
    node.bring(exclusion_bytes(exclusion(), DOMAIN))
    assert node.announced_at() == [SEEN]
    (node.folder / "node.lakes" / "exclusions.json").write_text("[]")

    with pytest.raises(MakegoodError, match=r"exclusions\.json is garbled"):
        node.announced_at()
