"""Bundles for an audit pack come from an API that may be anybody's."""

from __future__ import annotations

import socket

import pytest

from cli.exporting import ExportError, bundles_of
from record.keccak import keccak256
from tests.unit.chain.server import Said, serving

BUNDLE = b'{"a":"1"}'


def test_bundles_of__the_bundle_itself__is_kept_and_nothing_else() -> None:
    with serving(lambda method, path, body: Said(body=BUNDLE)) as api:
        assert bundles_of(f"{api}/")(keccak256(BUNDLE)) == BUNDLE
        assert bundles_of(api)(bytes(32)) is None
    with serving(lambda method, path, body: Said(404)) as api:
        assert bundles_of(api)(bytes(32)) is None
    assert bundles_of(None)(bytes(32)) is None


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (Said(500), "answers 500"),
        # A service does not choose whom we talk to.
        (Said(302, {"Location": "http://127.0.0.1:1/"}), "answers 302"),
        (Said(200, {"Content-Length": "100"}, iter([b"abc"])), "does not answer"),
        (Said(200, {"Transfer-Encoding": "chunked"}, iter([b"ZZ\r\n"])), "does not answer"),
        (Said(200, {"Content-Encoding": "gzip"}, b"x"), "does not answer: it packs its answers"),
    ],
)
def test_bundles_of__an_answer_that_is_none__is_one_error(said: Said, told: str) -> None:
    with serving(lambda method, path, body: said) as api, pytest.raises(ExportError, match=told):
        bundles_of(api)(bytes(32))


def test_bundles_of__nobody_there__keeps_the_secrets_of_its_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ExportError, match="Connection refused") as failed:
        bundles_of(f"http://me:secret@127.0.0.1:{port}/key-of-mine")(bytes(32))
    assert "secret" not in str(failed.value)
    assert "key-of-mine" not in str(failed.value)
