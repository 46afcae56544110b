"""RFC 8785: one value, one form."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from record.canonical import dumps, loads, parse_decimal
from sla.errors import RecordError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=20,
)


def test_dumps__keys_of_the_rfc__stand_by_utf16_code_units() -> None:
    """The example of RFC 8785, section 3.2.3."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]

    written = json.loads(dumps({key: key for key in keys}), object_pairs_hook=list)
    assert [key for key, _ in written] == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_dumps__text_of_the_rfc__is_escaped_as_little_as_possible() -> None:
    """The string of RFC 8785, section 3.2.2."""
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"

    assert dumps(text) == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()
    assert dumps("\b\t\n\f\r\x00\x1f\x7f\u2028") == '"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\u2028"'.encode()


def test_dumps__a_nested_value__has_no_spaces() -> None:
    assert dumps({"b": [1, True, None], "a": {}}) == b'{"a":{},"b":[1,true,null]}'


@given(value=VALUES)
def test_loads__what_dumps_wrote__is_the_same_value(value: Any) -> None:
    assert loads(dumps(value)) == value


@given(value=VALUES)
def test_dumps__any_value__reads_the_same_in_any_json_reader(value: Any) -> None:
    assert json.loads(dumps(value)) == value


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'{"a":1,"a":2}', r"\$\.a occurs twice"),
        (b'{"x":{"a":[0,{"b":1,"b":1}]}}', r"\$\.x\.a\[1\]\.b occurs twice"),
        (b'{"a":1.0}', r"\$\.a is the number 1\.0"),
        (b'{"a":[1e3]}', r"\$\.a\[0\] is the number 1e3"),
        (b'{"a":NaN}', r"\$\.a is the number NaN"),
        (b"-Infinity", r"\$ is the number -Infinity"),
        (b'{"a":9007199254740992}', r"\$\.a is beyond 2\*\*53 - 1"),
        (b'{"a":-9007199254740992}', r"\$\.a is beyond"),
        (b"9" * 5_000, r"\$ is the number 999"),
        (b'{"b":1,"a":2}', "canonical form"),
        (b'{"a": 1}', "canonical form"),
        (b'{"a":1}\n', "canonical form"),
        (b'"\\u0041"', "canonical form"),
        (b'"\\/"', "canonical form"),
        (b"-0", "canonical form"),
        (b'"\\ud800"', "half of a surrogate pair"),
        (b'{"\\udc00":1}', "half of a surrogate pair"),
        (b"\xff", "not JSON"),
        (b"\xef\xbb\xbf1", "not JSON"),
        (b"", "not JSON"),
        (b"01", "not JSON"),
        (b"[" * 70 + b"]" * 70, "deeper than 64"),
        (b"[" * 200_000, "deeper than 64"),
        (b'["]' + b"[" * 70, "not JSON"),
        (b'"' + b'\\"' * 200_000, "not JSON"),
    ],
)
def test_loads__any_other_form__is_refused_by_path(data: bytes, problem: str) -> None:
    with pytest.raises(RecordError, match=problem):
        loads(data)


@given(data=st.one_of(st.binary(), st.text(alphabet='{}[]",:0123456789.eE-+\\untrfals ').map(str.encode)))
@example(b'{"a":1e400}')
def test_loads__arbitrary_bytes__are_refused_or_already_canonical(data: bytes) -> None:
    try:
        value = loads(data)
    except RecordError:
        return
    assert dumps(value) == data


@pytest.mark.parametrize("value", [2**53, -(2**53), 10**400, 1.5, b"x", {1: 2}, {"a": object()}])
def test_dumps__what_json_cannot_keep__is_refused(value: Any) -> None:
    with pytest.raises(RecordError):
        dumps(value)


@pytest.mark.parametrize("text", ["", "01", "-1", "+1", "1.0", " 1", "1\n", "٣", "256", "1" * 5_000])
def test_parse_decimal__not_a_plain_number_in_range__is_refused(text: str) -> None:
    with pytest.raises(RecordError, match=r"\$\.x"):
        parse_decimal(text, 8, "$.x")


def test_parse_decimal__in_range__is_the_number() -> None:
    assert [parse_decimal(text, 8) for text in ("0", "7", "255")] == [0, 7, 255]
