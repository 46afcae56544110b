"""Password files as people's editors write them, and what is said when others can read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from chain.errors import KeyFileError
from chain.keystore import create_keystore
from cli.key_options import KeyChoice, password


@pytest.mark.parametrize(
    "content",
    [
        "pass wörd ".encode(),
        "pass wörd \n".encode(),
        "pass wörd \r\nmore\n".encode(),
        "\ufeffpass wörd \r\n".encode(),
    ],
)
def test_password__files_of_all_editors__hold_the_same_first_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "password").write_bytes(content)
    assert password(tmp_path / "password", "") == "pass wörd "


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("wörd".encode("latin-1"), "is not UTF-8"),
        (b"\x00\xff" * 10, "is not UTF-8"),
        (b"x" * 4_097, "more than 4096"),
    ],
)
def test_password__files_that_are_none__are_refused_without_their_content(
    content: bytes, told: str, tmp_path: Path
) -> None:
    (tmp_path / "password").write_bytes(content)
    with pytest.raises(KeyFileError, match=told) as refused:
        password(tmp_path / "password", "")
    assert "0xf6" not in str(refused.value)


@pytest.mark.parametrize(("mode", "noted"), [(0o600, False), (0o640, True), (0o604, True)])
def test_signer__password_file_that_others_can_read__is_told(
    mode: int, noted: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keystore, secret = tmp_path / "key.json", tmp_path / "password"
    create_keystore(keystore, "pw")
    secret.write_text("pw\n")
    secret.chmod(mode)
    KeyChoice(keystore, secret, None, None, None).signer(is_development=False)
    assert ("password; chmod 600 it" in capsys.readouterr().err) == noted
