"""Trust roots are written by hand: read whatever their spelling, refused whatever else they are."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from audit.roots import TrustRoots, read_roots
from record.hexes import checksum_address
from tests.unit.record.hostile import JSON, JSON_TEXT, damaged, refused_or_read, uint

ACCOUNTS = st.binary(min_size=20, max_size=20).map(checksum_address)
LISTS = st.lists(ACCOUNTS, max_size=3, unique=True).map(tuple)
ROOTS = st.builds(
    TrustRoots, uint(53), ACCOUNTS, LISTS, st.binary(min_size=32, max_size=32), st.none() | LISTS
)
ONE = TrustRoots(31_337, checksum_address(b"\1" * 20), (checksum_address(b"\2" * 20),), b"\3" * 32, ())


def document(roots: TrustRoots) -> dict[str, Any]:
    written = {
        "chainId": roots.chain_id,
        "escrow": roots.escrow,
        "committees": list(roots.committees),
        "blockHash": "0x" + roots.block_hash.hex(),
    }
    return written if roots.tokens is None else {**written, "tokens": list(roots.tokens)}


@settings(max_examples=50)
@given(
    roots=ROOTS,
    indent=st.sampled_from([None, 0, 2, "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    data=st.data(),
)
def test_read_roots__in_any_spelling__are_the_roots(
    roots: TrustRoots, indent: int | str | None, encoding: str, data: st.DataObject
) -> None:
    """Editors choose spaces, order and encoding."""
    members = data.draw(st.permutations(list(document(roots).items())))

    assert read_roots(json.dumps(dict(members), indent=indent).encode(encoding)) == roots


@settings(max_examples=120)
@given(data=damaged(st.just(json.dumps(document(ONE)).encode())) | JSON_TEXT | st.binary(max_size=50))
def test_read_roots__any_bytes__are_refused_or_mean_what_every_reader_reads(data: bytes) -> None:
    roots = refused_or_read(read_roots, data)

    assert roots is None or json.loads(data) == document(roots)


@settings(max_examples=80)
@given(
    name=st.sampled_from(list(document(ONE))),
    value=JSON_TEXT | JSON.map(lambda value: json.dumps(value).encode()),
)
def test_read_roots__any_text_as_a_member__is_refused_or_read_as_it_stands(name: str, value: bytes) -> None:
    data = json.dumps({**document(ONE), name: "<here>"}).encode().replace(b'"<here>"', value)
    roots = refused_or_read(read_roots, data)

    assert roots is None or json.loads(data) == document(roots)


@given(name=st.sampled_from(list(document(ONE))))
def test_read_roots__a_member_twice__are_refused(name: str) -> None:
    """Two readers could take one each."""
    whole = json.dumps(document(ONE))
    twice = whole[:-1] + f', "{name}": {json.dumps(document(ONE)[name])}}}'

    assert refused_or_read(read_roots, twice.encode()) is None
    assert refused_or_read(read_roots, whole.encode()) == ONE


@given(depth=st.sampled_from([17, 1_000, 100_000]), sign=st.sampled_from(["[", '{"a":', "[[", "\u5b5b["]))
def test_read_roots__nesting__is_refused_before_it_is_followed(depth: int, sign: str) -> None:
    for encoding in ("utf-8", "utf-16", "utf-32"):
        assert refused_or_read(read_roots, (sign * depth).encode(encoding)) is None
