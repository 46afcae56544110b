"""A pack comes from anybody: whatever its bytes are, it is read as what it is or refused with RecordError."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import rlp
from eth_abi import encode
from eth_bloom.bloom import BloomFilter
from hypothesis import given
from hypothesis import strategies as st

from audit import Kind, read_roots, run_files
from chain.messages import agreement_argument
from record import canonical
from record.headers import read_header
from record.open_call import read_open_call
from record.pack import Pack
from record.pack_logs import Scope
from record.receipts import Log, bloom_mask, bloom_of, read_receipt, receipts_root
from sla.agreement import ZERO_ADDRESS
from sla.errors import RecordError
from tests.open_arguments import OPEN_ARGUMENTS
from tests.unit.audit.story import Story

NAMES = st.sampled_from(
    ["pack.json", "blocks.json", "history.json", f"rounds/{ZERO_ADDRESS}-1.json", "more.json"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NESTED = st.recursive(st.binary(max_size=40), lambda inner: st.lists(inner, max_size=6), max_leaves=30).map(
    rlp.encode
)

READERS: list[Callable[[bytes], Any]] = [read_header, read_receipt, read_open_call, read_roots]


@pytest.mark.parametrize("read", READERS)
@given(data=st.binary(max_size=700) | NESTED | NESTED.map(lambda data: b"\x02" + data))
def test_reader__any_bytes__raises_nothing_but_record_error(
    read: Callable[[bytes], Any], data: bytes
) -> None:
    with suppress(RecordError):
        read(data)


@pytest.mark.parametrize("read", [read_header, read_receipt])
def test_reader__bottomless_nesting__is_refused(read: Callable[[bytes], Any]) -> None:
    nested = b""
    for _ in range(5_000):
        nested = rlp.codec.length_prefix(len(nested), 0xC0) + nested
    with pytest.raises(RecordError):
        read(nested)


@given(files=st.dictionaries(NAMES, st.binary(max_size=60) | JSON.map(canonical.dumps)))
def test_pack_reader__any_files__raises_nothing_but_record_error(files: dict[str, bytes]) -> None:
    with suppress(RecordError):
        Pack.from_files(files)
    assert run_files(files, None).kind is Kind.FAIL


@given(data=st.data())
def test_audit__any_piece_of_a_real_pack__fails_and_never_falls_over(
    story: Story, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(story.files)))
    whole = story.files[name]
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    pieces = whole[:start] + data.draw(st.binary(max_size=4)) + whole[end:]

    verdict = run_files({**story.files, name: pieces}, story.roots)

    assert (verdict.kind is Kind.PASS) == (pieces == whole)


@given(data=st.data())
def test_terms_reader__any_word_changed__reads_or_refuses(story: Story, data: st.DataObject) -> None:
    call = bytearray(_call(story))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(call) // 32 - 1)) * 32
        word = data.draw(
            st.integers(0, 2**256 - 1) | st.integers(0, 2_000) | st.integers(0, 40).map(lambda n: 32 * n)
        )
        call[place : place + 32] = word.to_bytes(32)
    with suppress(RecordError):
        read_open_call(bytes(call))


def test_terms_reader__usual_encoding__is_the_agreement(story: Story) -> None:
    agreement, provider, customer = read_open_call(_call(story))

    assert agreement == story.agreements["repair"]
    assert (provider, customer) == (b"provider", b"customer")


def test_header__real_one__hashes_to_its_block(story: Story) -> None:
    web3 = story.world.connection.web3
    for block in Pack.from_files(story.files).blocks:
        header = read_header(block.header)
        real = web3.eth.get_block(header.number)
        assert (header.hash, header.parent, header.time, header.receipts_root) == (
            bytes(real["hash"]),
            bytes(real["parentHash"]),
            real["timestamp"],
            bytes(real["receiptsRoot"]),
        )


def test_receipts_root__no_receipts__is_that_of_the_empty_trie() -> None:
    """Source: the Yellow Paper's TRIE of the empty set, keccak256(rlp(""))."""
    empty = "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
    assert receipts_root([]).hex() == empty


@given(items=st.lists(st.binary(min_size=20, max_size=20) | st.binary(min_size=32, max_size=32), max_size=5))
def test_bloom__any_items__is_that_of_the_library(items: list[bytes]) -> None:
    mask = 0
    for item in items:
        mask |= bloom_mask(item)

    assert mask == int(BloomFilter.from_iterable(items))


def test_scope__block_of_others__is_not_needed() -> None:
    """Each of the three reasons to look at a block is a reason by itself."""
    escrow, committee, token = (bytes([number]) * 20 for number in (1, 2, 3))
    scope = Scope("0x" + escrow.hex(), ("0x" + committee.hex(),))
    transfer = bytes.fromhex("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")
    to_escrow, to_other = escrow.rjust(32, b"\0"), token.rjust(32, b"\0")

    def needed(address: bytes, *topics: bytes) -> bool:
        return scope.may_concern(bloom_of([Log(address, topics, b"")]))

    assert needed(escrow)
    assert needed(committee)
    assert needed(token, transfer, to_other, to_escrow)
    assert not needed(token, transfer, to_other, to_other)
    assert not needed(token, to_escrow)
    assert not scope.may_concern(0)


def _call(story: Story) -> bytes:
    return encode(OPEN_ARGUMENTS, [agreement_argument(story.agreements["repair"]), b"provider", b"customer"])
