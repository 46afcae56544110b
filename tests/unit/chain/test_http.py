"""What a service is told of us."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from chain.http import ask
from tests.unit.chain.header_server import heard


@pytest.mark.parametrize(("user", "told"), [("", None), ("me:own@", b64encode(b"me:own").decode())])
def test_ask__netrc_for_everybody__only_what_the_address_says_is_told(
    user: str, told: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login me password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with heard() as (address, headers):
        assert ask("POST", f"http://{user}{address}", b"{}", 5, 100).body == b"{}"
    assert headers[0].get("Authorization") == (None if told is None else f"Basic {told}")
