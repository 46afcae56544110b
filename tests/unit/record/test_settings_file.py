"""Settings files: read strictly, refused with file, field and remedy."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.settings_file import SettingsError, read_settings

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # of EIP-55


def test_read_settings__good_file__gives_its_values() -> None:
    text = f'name = "x"\nport = 8_545\non = true\nto = "{ADDRESS}"\nat = "http://h:1/"\n[peers]\na = 1\n'
    table = read_settings(text.encode(), "f.toml", "name port on to at peers", "rest")
    assert table.text("name") == "x"
    assert table.number("port", 1, 65_535) == 8_545
    assert table.flag("on") is True
    assert table.address("to") == ADDRESS
    assert table.url("at") == "http://h:1"
    assert table.table("peers", "a").number("a", 0, 1) == 1
    assert table.optional("rest", table.text) is None


def read_name_and_port(text: str) -> tuple[str, int]:
    table = read_settings(text.encode(), "f.toml", "name", "port")
    return table.text("name"), table.number("port", 1, 65_535)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "f.toml: name: is missing"),
        ("name = 1", "f.toml: name: 1 is no text"),
        ('name = " "', "f.toml: name: ' ' is no text"),
        ('name = "a"\nnane = "b"', "f.toml: nane: is not a known field; use name, port"),
        (
            'name = "a"\nport = "8545"',
            "f.toml: port: '8545' is not a whole number in range; 1 to 65535 will do",
        ),
        ('name = "a"\nport = true', "f.toml: port: True is not a whole number"),
        ('name = "a"\nport = 65536', "f.toml: port: 65536 is not a whole number in range"),
        ('name = "a"\nport = 1e400', "f.toml: port: inf is not a whole number"),
        ('name = "a"\nport = nan', "f.toml: port: nan is not a whole number"),
        ('name = "a"\nname = "b"', "f.toml: is not TOML"),
        ("name = ", "f.toml: is not TOML"),
    ],
)
def test_read_settings__wrong_file__names_file_field_and_remedy(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_name_and_port(text)
    assert str(refused.value).startswith(told)
    assert refused.value.remedy


@pytest.mark.parametrize("data", [b"\xff\xfe", b"name = '\xe9'", b"[" * 5_000, b"x" * 1_000_001])
def test_read_settings__not_text_too_deep_or_too_long__is_refused(data: bytes) -> None:
    with pytest.raises(SettingsError):
        read_settings(data, "f.toml", "name")


def test_address__other_letter_case__is_refused() -> None:
    table = read_settings(f'to = "{ADDRESS.lower()}"'.encode(), "f.toml", "to")
    with pytest.raises(SettingsError, match="is not a checksummed address"):
        table.address("to")


@pytest.mark.parametrize("url", ["ftp://x", "localhost:8545", "http://a b", "javascript:alert(1)"])
def test_url__no_web_address__is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="is not a web address"):
        read_settings(f'at = "{url}"'.encode(), "f.toml", "at").url("at")


@given(st.binary(max_size=300))
def test_read_settings__any_bytes__settings_error_or_a_table(data: bytes) -> None:
    with suppress(SettingsError):
        read_settings(data, "f.toml", "", "a b c")
