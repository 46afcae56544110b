"""A folder of signed exclusions: what may be put forward, and why a file may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from metering.exclusion_files import RefusedFile, load_exclusions
from record.eip712 import agreement_digest, escrow_domain
from record.exclusion_json import MAX_BYTES, exclusion_bytes
from record.exclusions import ExclusionFile, ExclusionRecord
from record.hexes import checksum_address, to_hex
from record.signing import sign_digest
from record.terms import load_terms
from sla.errors import MeasurementError
from sla.exclusions import Exclusion, ExclusionKind
from tests.unit.record.excluding_terms import KEYS, START, excluding_terms

DOMAIN = escrow_domain(31337, checksum_address(bytes([0xC0]) * 20))
DOCUMENT = load_terms(excluding_terms())
AGREEMENT = DOCUMENT.agreement()
RECORD = ExclusionRecord(
    agreement=agreement_digest(AGREEMENT, DOMAIN),
    kind=ExclusionKind.MAINTENANCE,
    scope=(("region", ("eu",)),),
    start=START + 100,
    end=START + 200,
    announced_at=START - 1_000,
    reason="New switches",
)
ID = to_hex(RECORD.digest(DOMAIN))


def signed(*roles: str) -> bytes:
    file = ExclusionFile(RECORD)
    for role in roles:
        file = file.approved(AGREEMENT, role, sign_digest(KEYS[role], RECORD.digest(DOMAIN)))
    return exclusion_bytes(file, DOMAIN)


def exclusion(*roles: str, announced_at: int = START - 1_000) -> Exclusion:
    return Exclusion(ID, RECORD.kind, RECORD.scope, RECORD.start, RECORD.end, announced_at, frozenset(roles))


def test_folder__one_exclusion_in_several_files__has_the_approvals_of_all(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(signed("provider"))
    (tmp_path / "b.json").write_bytes(signed("customer"))
    (tmp_path / "c.json").write_bytes(signed())
    (tmp_path / "read me.txt").write_text("not an exclusion")

    assert load_exclusions(tmp_path, DOCUMENT, DOMAIN) == ([exclusion("customer", "provider")], [])


def test_folder__files_that_are_not_what_they_say__are_refused_by_name(tmp_path: Path) -> None:
    forged = bytearray(signed("customer"))
    place = forged.index(b'"signature":"0x') + 20
    forged[place : place + 1] = b"0" if forged[place : place + 1] != b"0" else b"1"
    (tmp_path / "b.json").write_bytes(bytes(forged))
    (tmp_path / "c.json").write_bytes(b"{}")
    (tmp_path / "d.json").mkdir()
    (tmp_path / "e.json").write_bytes(b" " * (MAX_BYTES + 1))
    (tmp_path / "a.json").write_bytes(signed("provider"))

    found, refused = load_exclusions(tmp_path, DOCUMENT, DOMAIN)
    assert found == [exclusion("provider")]
    assert [(each.name, each.field) for each in refused] == [
        ("b.json", "approvals[0].signature"),
        ("c.json", None),
        ("d.json", None),
        ("e.json", None),
    ]
    assert all(isinstance(each, RefusedFile) and each.problem and each.remedy for each in refused)


def test_folder__of_another_agreement_or_network__is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(signed("customer"))
    elsewhere = escrow_domain(1, DOMAIN.verifying_contract)
    other = load_terms(excluding_terms(periods=3))

    assert [each.field for each in load_exclusions(tmp_path, DOCUMENT, elsewhere)[1]] == ["chainId"]
    assert [each.field for each in load_exclusions(tmp_path, other, DOMAIN)[1]] == ["agreement"]


def test_announcement__first_seen_later_than_it_says__counts_from_then(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(signed("provider"))

    found, _ = load_exclusions(tmp_path, DOCUMENT, DOMAIN, {ID: START + 300})
    assert found == [exclusion("provider", announced_at=START + 300)]
    found, _ = load_exclusions(tmp_path, DOCUMENT, DOMAIN, {ID: START - 9_000})
    assert found == [exclusion("provider")]


def test_signature__of_a_contract__counts_as_the_chain_says(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(signed("customer"))

    found, refused = load_exclusions(
        tmp_path, DOCUMENT, DOMAIN, vouched=lambda file: {each.role: False for each in file.approvals}
    )
    assert found == []
    assert [each.field for each in refused] == ["approvals[0].signature"]


def test_folder__that_is_not_there__is_named(tmp_path: Path) -> None:
    with pytest.raises(MeasurementError, match="nowhere cannot be listed"):
        load_exclusions(tmp_path / "nowhere", DOCUMENT, DOMAIN)
