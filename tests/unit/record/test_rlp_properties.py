"""RLP, headers and receipts from anybody: read as the library reads them, or refused."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest
import rlp
from hypothesis import given, settings
from hypothesis import strategies as st
from rlp.exceptions import DecodingError

from record.headers import Header, read_header
from record.keccak import keccak256
from record.pack_rlp import MAX_DEPTH, Item, read_list
from record.receipts import Log, bloom_of, read_receipt, receipts_root
from tests.unit.record.hostile import damaged, refused_or_read, uint

BYTES = st.binary(max_size=8) | st.integers(50, 70).map(bytes) | st.just(bytes(300))
ITEMS: st.SearchStrategy[Any] = st.recursive(BYTES, lambda inner: st.lists(inner, max_size=4), max_leaves=10)
ENCODED = ITEMS.map(rlp.encode)

LOGS = st.builds(
    Log,
    st.binary(min_size=20, max_size=20),
    st.lists(st.binary(min_size=32, max_size=32), max_size=4).map(tuple),
    st.binary(max_size=70),
)
RECEIPTS = st.tuples(st.sampled_from([b"", b"\x01"]), uint(64), st.lists(LOGS, max_size=3))
TYPES = st.sampled_from([b"", b"\x01", b"\x02", b"\x04"])

FIELDS = st.tuples(
    *(st.binary(min_size=length, max_size=length) for length in (32, 32, 20, 32, 32, 32, 256)),
    *(uint(bits).map(lambda number: number.to_bytes(32).lstrip(b"\0")) for bits in (256, 64, 64, 64, 64)),
    st.binary(max_size=32),
    *(st.binary(min_size=length, max_size=length) for length in (32, 8)),
).flatmap(lambda usual: st.lists(st.binary(max_size=32), max_size=6).map(lambda later: [*usual, *later]))
"""The fields of the first headers, and those that later forks append."""


def depth_of(item: Any) -> int:
    return 1 + max(map(depth_of, item), default=0) if isinstance(item, list) else 0


def of_library(data: bytes) -> Any:
    """What the library reads; None where it refuses, where it is no list, or one of more levels than a receipt."""
    try:
        item = rlp.decode(data)
    except DecodingError:
        return None
    return item if isinstance(item, list) and depth_of(item) <= MAX_DEPTH else None


def read(data: bytes) -> list[Item]:
    return read_list(data, "it")


def receipt(kind: bytes, status: bytes, gas: int, logs: list[Log]) -> bytes:
    written = [[log.address, list(log.topics), log.data] for log in logs]
    return kind + bytes(rlp.encode([status, gas, bloom_of(logs).to_bytes(256), written]))


WRITTEN_RECEIPTS = st.sampled_from(
    [
        receipt(b"\x02", b"\x01", 21_000, []),
        receipt(b"", b"", 2**63, [Log(bytes(20), (), b"")]),
        receipt(
            b"\x04",
            b"\x01",
            90_000,
            [Log(b"\1" * 20, (b"\2" * 32,) * topics, bytes(40)) for topics in range(5)],
        ),
    ]
)
WRITTEN_HEADER = st.just(
    rlp.encode(
        [bytes([length % 251]) * length for length in (32, 32, 20, 32, 32, 32, 256)]
        + [number.to_bytes(8).lstrip(b"\0") for number in (0, 2**64 - 1, 30_000_000, 0, 1_800_000_000)]
        + [b"", bytes(32), bytes(8), b"\x07", bytes(32)]
    )
)


@settings(max_examples=150)
@given(
    data=ENCODED
    | damaged(ENCODED)
    | st.binary(max_size=40)
    | st.text("\x00\x01\x80\x81\xb8\xbf\xc0\xc1\xf8\xff").map(lambda text: text.encode("latin-1"))
)
def test_read_list__any_bytes__are_read_as_by_the_library_in_one_form(data: bytes) -> None:
    found = refused_or_read(read, data)

    assert found == of_library(data)
    assert found is None or rlp.encode(found) == data


def test_read_list__lengths_that_are_not_there__are_refused() -> None:
    for length in (0, 1, 55, 56, 2**16, 2**32, 2**63 - 1, 2**63, 2**64 - 1):
        for kind in (0xB7, 0xF7):
            for width in range(1, 9):
                written = length.to_bytes(8)[8 - width :]
                for rest in (b"", b"\x01", b"\xc0" * 3):
                    data = bytes([kind + width]) + written + rest
                    assert refused_or_read(read, data) is None
                    assert refused_or_read(read, rlp.codec.length_prefix(len(data), 0xC0) + data) is None
                    assert of_library(data) is None


@pytest.mark.parametrize("kind", [0xB7, 0xF7])
@pytest.mark.parametrize("length", [0, 1, 55, 56, 255, 256, 65_536])
def test_read_list__a_length_written_longer_than_needed__is_refused(kind: int, length: int) -> None:
    """The payload is there: only the form of its length is wrong."""
    for width in range(max(1, (length.bit_length() + 7) // 8), 9):
        item = bytes([kind + width]) + length.to_bytes(width) + b"\x01" * length
        data = rlp.codec.length_prefix(len(item), 0xC0) + item
        is_shortest = length > 55 and width == (length.bit_length() + 7) // 8

        assert (refused_or_read(read, data) is not None) == is_shortest
        assert (of_library(data) is not None) == is_shortest


def test_read_list__one_byte_with_a_length__is_refused_where_it_stands_for_itself() -> None:
    for byte in range(256):
        data = b"\xc2\x81" + bytes([byte])
        assert (refused_or_read(read, data) is not None) == (of_library(data) is not None) == (byte >= 0x80)


@pytest.mark.parametrize(
    ("place", "most", "least"), [(0, 32, 32), (5, 32, 32), (6, 256, 256), (8, 8, 0), (11, 8, 0)]
)
def test_read_header__a_field_of_another_length__is_refused(place: int, most: int, least: int) -> None:
    """Hashes and the bloom filter have one length; numbers stay below 2**64."""
    fields = [bytes(length) for length in (32, 32, 20, 32, 32, 32, 256, 0, 1, 1, 1, 1, 0, 32, 8)]
    for length in range(most + 3):
        fields[place] = b"\x01" * length
        assert (refused_or_read(read_header, rlp.encode(fields)) is not None) == (least <= length <= most)


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1, 5_000, 200_000])
def test_read_list__nesting__ends_below_the_topics_of_a_log(depth: int) -> None:
    """Each level's length is right, so only the depth is wrong."""
    prefixes, length = [], 0
    for _ in range(depth):
        prefix = rlp.codec.length_prefix(length, 0xC0)
        prefixes.append(prefix)
        length += len(prefix)

    found = refused_or_read(read, b"".join(reversed(prefixes)))
    assert found == ([[[[]]]] if depth == MAX_DEPTH else None)


class Counted(bytes):
    """Counts the bytes that are taken out of it."""

    taken = 0

    def __getitem__(self, place: Any) -> Any:
        part = super().__getitem__(place)
        self.taken += 1 if isinstance(part, int) else len(part)
        return part


@settings(max_examples=50)
@given(data=damaged(st.just(rlp.encode([[[[b"", bytes(20)] * 9, [b"\1"] * 99] * 3, bytes(99)]] * 3))))
def test_read_list__long_input__is_looked_at_once(data: bytes) -> None:
    """Packs come from strangers: what is longer takes longer, and nothing else takes long."""
    counted = Counted(data)

    assert refused_or_read(read, counted) == of_library(data)
    assert counted.taken <= 3 * len(data)


def test_read_list__a_million_items__are_as_many() -> None:
    """The library copies all that it has read for every item it reads: quadratic, so an attack by length alone."""
    data = rlp.codec.length_prefix(1_000_000, 0xC0) + b"\x01" * 1_000_000

    assert read(data) == [b"\x01"] * 1_000_000


@settings(max_examples=40)
@given(fields=FIELDS)
def test_read_header__any_fields__stand_where_they_belong(fields: list[bytes]) -> None:
    data = rlp.encode(fields)

    assert read_header(data) == Header(
        hash=keccak256(data),
        parent=fields[0],
        receipts_root=fields[5],
        bloom=int.from_bytes(fields[6]),
        number=int.from_bytes(fields[8]),
        time=int.from_bytes(fields[11]),
    )


@settings(max_examples=100)
@given(data=damaged(WRITTEN_HEADER) | damaged(WRITTEN_RECEIPTS))
def test_read_header__damaged__is_refused_or_another_block(data: bytes) -> None:
    header = refused_or_read(read_header, data)
    if header is None:
        return
    fields = rlp.decode(data)
    assert header.hash == keccak256(data)
    assert [header.parent, header.receipts_root, header.bloom.to_bytes(256)] == [fields[i] for i in (0, 5, 6)]
    assert max(header.number, header.time) < 2**64


@settings(max_examples=40)
@given(kind=TYPES, given=RECEIPTS)
def test_read_receipt__what_a_chain_writes__has_its_logs(
    kind: bytes, given: tuple[bytes, int, list[Log]]
) -> None:
    assert read_receipt(receipt(kind, *given)) == tuple(given[2])


@settings(max_examples=100)
@given(data=damaged(WRITTEN_RECEIPTS) | ENCODED.map(lambda data: b"\x02" + data))
def test_read_receipt__damaged__is_refused_or_exactly_what_it_says(data: bytes) -> None:
    logs = refused_or_read(read_receipt, data)
    if logs is None:
        return
    said = rlp.decode(data[1:] if data[0] < 0x80 else data)[3]
    assert [[log.address, list(log.topics), log.data] for log in logs] == said
    assert all(len(log.address) == 20 and {len(topic) for topic in log.topics} <= {32} for log in logs)


# The trie, once more, as the Yellow Paper defines it (appendix D): a function of the pairs alone


def compact(nibbles: list[int], is_leaf: bool) -> bytes:
    flag = 2 * is_leaf + len(nibbles) % 2
    padded = [flag, *nibbles] if len(nibbles) % 2 else [flag, 0, *nibbles]
    return bytes(16 * high + low for high, low in zip(padded[::2], padded[1::2], strict=True))


def structure(pairs: list[tuple[list[int], bytes]], at: int) -> list[Any]:
    """c(J, i): the node over pairs of nibbles and values, sorted, that agree before ``at``."""
    if len(pairs) == 1:
        key, value = pairs[0]
        return [compact(key[at:], is_leaf=True), value]
    first, last = pairs[0][0], pairs[-1][0]
    shared = next(place for place in range(at, 99) if first[place] != last[place])
    if shared > at:
        return [compact(first[at:shared], is_leaf=False), node(pairs, shared)]
    branch: list[Any] = [b""] * 17
    for nibble, group in groupby(pairs, key=lambda pair: pair[0][at]):
        branch[nibble] = node(list(group), at + 1)
    return branch


def node(pairs: list[tuple[list[int], bytes]], at: int) -> Any:
    """n(J, i): the node itself where it is shorter than a hash."""
    made = structure(pairs, at)
    written = rlp.encode(made)
    return made if len(written) < 32 else keccak256(written)


@settings(max_examples=25)
@given(
    raws=st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=20),
    more=st.sampled_from([0, 110, 250]),
)
def test_receipts_root__any_receipts__is_that_of_the_yellow_paper(raws: list[bytes], more: int) -> None:
    """Keys are RLP numbers, none of which begins another: from 128 on they have two bytes."""
    raws = raws + [bytes([1 + index % 255]) * 40 for index in range(more)]
    keys = [rlp.encode(index) for index in range(len(raws))]
    pairs = [
        ([n for byte in key for n in divmod(byte, 16)], raw) for key, raw in zip(keys, raws, strict=True)
    ]

    assert receipts_root(raws) == keccak256(rlp.encode(structure(sorted(pairs), 0)))


def test_read_receipt__of_any_type__has_at_most_four_topics_a_log() -> None:
    for kind in range(256):
        raw = bytes([kind]) + receipt(b"", b"\x01", 1, [])
        assert (refused_or_read(read_receipt, raw) is not None) == (kind < 0x80)
    for count in range(7):
        raw = receipt(b"", b"\x01", 1, [Log(bytes(20), (bytes(32),) * count, b"")])
        assert (refused_or_read(read_receipt, raw) is not None) == (count <= 4)
