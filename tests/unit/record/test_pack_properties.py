"""Packs and bundles from anybody: refused, or the one form of what they say."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from record import canonical
from record.bundle import Bundle, SignedObservation
from record.canonical import Json
from record.hexes import checksum_address
from record.pack import Block, Pack, RoundEvidence
from sla.report import Observation, Report
from tests.unit.record.hostile import JSON, JSON_TEXT, TEXT, damaged, refused_or_read, uint

ACCOUNTS = st.binary(min_size=20, max_size=20).map(checksum_address)
BLOBS = st.binary(max_size=70)
BUNDLES = st.none() | JSON.filter(lambda value: value is not None).map(canonical.dumps)
EVIDENCE = st.builds(RoundEvidence, ACCOUNTS, uint(64), st.lists(BLOBS, max_size=3).map(tuple), BUNDLES)
PACKS = st.builds(
    Pack,
    uint(53),
    ACCOUNTS,
    st.lists(ACCOUNTS, max_size=3, unique=True).map(tuple),
    st.lists(st.builds(Block, BLOBS, st.lists(BLOBS, max_size=2).map(tuple)), max_size=3).map(tuple),
    st.lists(EVIDENCE, max_size=3, unique_by=lambda evidence: evidence.file).map(tuple),
    BLOBS,
)

COMMITTEE, MEMBERS = checksum_address(b"\xcc" * 20), [checksum_address(bytes([n]) * 20) for n in (1, 2, 3, 4)]
OBSERVED = Observation(b"\x01" * 32, 7, 0, 0, True, 999_900, 10**20, b"\x02" * 32)
BUNDLE = Bundle(
    chain_id=31_337,
    committee=COMMITTEE,
    round=2**63,
    quorum=3,
    reports=tuple(Report(b"\x01" * 32, period, 0, 0, 2**64 - 1, 2**96 - 1) for period in (6, 7)),
    observations=(
        SignedObservation(OBSERVED, MEMBERS[0], b"\x03" * 65),
        SignedObservation(OBSERVED, MEMBERS[1], b"\x04" * 65),
        SignedObservation(replace(OBSERVED, known=False, attained=0), MEMBERS[2], b"\x05" * 65),
    ),
)
PACK = Pack(
    chain_id=31_337,
    escrow=checksum_address(b"\xee" * 20),
    committees=(COMMITTEE, MEMBERS[3]),
    blocks=(Block(b"\xc0", ()), Block(b"\xc1\x80", (b"\x02\xc0", b""))),
    rounds=(
        RoundEvidence(COMMITTEE, 1, (b"\x03" * 65, b""), BUNDLE.to_bytes()),
        RoundEvidence(COMMITTEE, 2**64 - 1, (), None),
    ),
    history=b"[]",
)
FILES = PACK.to_files()
NAMES = st.sampled_from(sorted(FILES))


@settings(max_examples=40)
@given(pack=PACKS)
def test_pack__what_it_wrote__is_the_same_pack(pack: Pack) -> None:
    assert Pack.from_files(pack.to_files()) == pack


@settings(max_examples=100)
@given(name=NAMES, data=st.data())
def test_pack__one_file_damaged__is_refused_or_the_form_of_another_pack(
    name: str, data: st.DataObject
) -> None:
    files = {**FILES, name: data.draw(damaged(st.just(FILES[name])))}
    pack = refused_or_read(Pack.from_files, files)

    assert pack is None or (pack.to_files() == files and (pack == PACK) == (files == FILES))


@settings(max_examples=75)
@given(name=NAMES, written=JSON_TEXT | JSON.map(canonical.dumps))
def test_pack__one_file_of_any_json__is_refused_or_the_form_of_another_pack(
    name: str, written: bytes
) -> None:
    files = {**FILES, name: written}
    pack = refused_or_read(Pack.from_files, files)

    assert pack is None or pack.to_files() == files


@settings(max_examples=60)
@given(
    gone=st.sets(NAMES, max_size=2),
    moved=st.dictionaries(NAMES, NAMES | TEXT | TEXT.map(lambda text: f"rounds/{text}.json"), max_size=2),
)
def test_pack__files_that_are_missing_or_misnamed__are_refused(gone: set[str], moved: dict[str, str]) -> None:
    files = {moved.get(name, name): data for name, data in FILES.items() if name not in gone}
    pack = refused_or_read(Pack.from_files, files)

    assert pack is None or pack.to_files() == files


def places(value: Json) -> list[list[str | int]]:
    """The path of every value in a document."""
    members: list[tuple[str | int, Json]] = []
    if isinstance(value, dict):
        members = list(value.items())
    if isinstance(value, list):
        members = list(enumerate(value))
    return [[], *([step, *rest] for step, inner in members for rest in places(inner))]


DOCUMENTS = {name: json.loads(FILES[name]) for name in FILES} | {"a bundle": json.loads(BUNDLE.to_bytes())}
PLACES = [(name, path) for name, document in DOCUMENTS.items() for path in places(document)[1:]]


@settings(max_examples=150)
@given(
    place=st.sampled_from(PLACES),
    written=JSON_TEXT | JSON.map(canonical.dumps) | uint(256).map(lambda number: f'"{number}"'.encode()),
)
def test_document__any_text_at_any_place__is_refused_or_the_form_of_what_it_says(
    place: tuple[str, list[str | int]], written: bytes
) -> None:
    """The file as a stranger would write it, so that text no JSON writer makes stands there as well."""
    name, path = place
    document = json.loads(json.dumps(DOCUMENTS[name]))
    inside = document
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = "<here>"
    data = canonical.dumps(document).replace(b'"<here>"', written)

    bundle = refused_or_read(Bundle.from_bytes, data)
    assert bundle is None or bundle.to_bytes() == data
    if name in FILES:
        files = {**FILES, name: data}
        pack = refused_or_read(Pack.from_files, files)
        assert pack is None or pack.to_files() == files


@settings(max_examples=150)
@given(data=damaged(st.just(BUNDLE.to_bytes())))
def test_bundle__damaged__is_refused_or_the_form_of_another(data: bytes) -> None:
    bundle = refused_or_read(Bundle.from_bytes, data)

    assert bundle is None or (bundle.to_bytes() == data and (bundle == BUNDLE) == (data == BUNDLE.to_bytes()))


@settings(max_examples=40)
@given(listed=st.sampled_from(["reports", "observations"]), data=st.data())
def test_bundle__its_lists_in_another_order__are_refused(listed: str, data: st.DataObject) -> None:
    document = json.loads(BUNDLE.to_bytes())
    order = data.draw(st.lists(st.sampled_from(document[listed]), max_size=4))
    is_sorted = order == [item for item in document[listed] if item in order]
    document[listed] = order

    found = refused_or_read(Bundle.from_bytes, canonical.dumps(document))
    assert (found is not None) == is_sorted
