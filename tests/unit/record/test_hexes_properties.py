"""Hex and addresses: exactly one text for the same bytes."""

from __future__ import annotations

from eth_utils import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from record.hexes import address_bytes, checksum_address, from_hex, parse_address, to_hex
from record.json_fields import Fields
from tests.unit.record.hostile import refused_or_read

ADDRESSES = st.binary(min_size=20, max_size=20)
LIKE_HEX = (
    st.binary(max_size=40).map(to_hex)
    | st.text("0xX123abcABCfFgG \n٣", max_size=70)
    | st.text(max_size=70)
    | st.text(st.characters(categories=["Cs"]), max_size=3)
)


@given(data=st.binary(max_size=80))
def test_from_hex__what_to_hex_wrote__is_the_same_bytes(data: bytes) -> None:
    assert from_hex(to_hex(data), len(data)) == data == bytes.fromhex(to_hex(data)[2:])


@given(text=LIKE_HEX, length=st.sampled_from([0, 1, 20, 32, 65]))
def test_from_hex__any_text__is_refused_or_the_one_text_of_its_bytes(text: str, length: int) -> None:
    data = refused_or_read(lambda given: from_hex(given, length), text)

    assert data is None or (to_hex(data) == text and len(data) == length)


@given(address=ADDRESSES)
def test_checksum_address__any_address__is_that_of_eth_utils(address: bytes) -> None:
    text = to_checksum_address(address)

    assert checksum_address(address) == checksum_address(text.lower()) == parse_address(text) == text
    assert address_bytes(text) == address


@given(address=ADDRESSES, place=st.integers(2, 41))
def test_parse_address__one_letter_in_the_other_case__is_refused(address: bytes, place: int) -> None:
    text = to_checksum_address(address)
    other = text[:place] + text[place].swapcase() + text[place + 1 :]

    assert refused_or_read(parse_address, other) == (text if other == text else None)


@given(text=LIKE_HEX | ADDRESSES.map(to_checksum_address).flatmap(lambda text: st.text(text, max_size=44)))
def test_parse_address__any_text__is_refused_or_itself(text: str) -> None:
    assert refused_or_read(parse_address, text) in (None, text)
    is_hex = text[:2] == "0x" and len(text) == 42 and set(text[2:]) <= set("0123456789abcdefABCDEF")
    assert refused_or_read(checksum_address, text) == (to_checksum_address(text) if is_hex else None)
    assert refused_or_read(address_bytes, text) == (bytes.fromhex(text[2:]) if is_hex else None)


@given(
    value=st.none() | st.booleans() | st.integers() | st.text(max_size=70) | st.lists(st.text(max_size=3)),
    bits=st.sampled_from([8, 16, 32, 53]),
)
def test_fields__any_member_read_as_any_kind__is_refused_or_exactly_that_kind(
    value: object, bits: int
) -> None:
    fields = Fields({"x": value}, "$")  # type: ignore[dict-item]

    assert refused_or_read(fields.text, "x") == (value if isinstance(value, str) else None)
    assert refused_or_read(fields.flag, "x") == (value if isinstance(value, bool) else None)
    is_number = type(value) is int and 0 <= value < 2**bits
    assert refused_or_read(lambda name: fields.number(name, bits), "x") == (value if is_number else None)
    items = [(f"$.x[{index}]", item) for index, item in enumerate(value)] if isinstance(value, list) else None
    assert refused_or_read(lambda name: list(fields.items(name)), "x") == items


@given(
    value=st.dictionaries(st.sampled_from(["a", "b", "c"]) | st.text(max_size=5), st.none(), max_size=4)
    | st.none()
    | st.lists(st.none())
    | st.text(max_size=3)
)
def test_fields__any_value__is_refused_unless_it_has_exactly_the_members(value: object) -> None:
    fields = refused_or_read(lambda given: Fields.of(given, "$", ("a", "b")), value)

    assert (fields is not None) == (isinstance(value, dict) and value.keys() == {"a", "b"})
