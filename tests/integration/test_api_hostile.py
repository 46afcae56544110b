"""What callers and chains can do to the API, and what it says then: one clear sentence, never a trace."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.server import Server, ServerError, serve
from chain.clock import ManualClock
from record.hexes import to_hex
from tests.contracts.world import KEYS
from tests.unit.api.story import Story, shared

LONG = "9" * 10_000
UNKNOWN = "0x" + "00" * 32


@pytest.fixture(scope="module")
def story() -> Story:
    return shared()


@pytest.fixture(scope="module")
def client(story: Story) -> TestClient:
    app = create_app(story.world.escrow, 0, story.bundles.get, story.documents.get, story.world.clock)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def server(story: Story) -> Iterator[Server]:
    app = create_app(story.world.escrow, 0, story.bundles.get, story.documents.get, story.world.clock)
    with serve(app) as running:
        yield running


def spoken(server: Server, request: bytes) -> bytes:
    """The answer to raw bytes on the wire."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(request)
        answer = b""
        while part := line.recv(65_536):
            answer += part
    return answer


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (f"/agreements/{UNKNOWN}", 404, "no agreement 0x0000"),
        ("/agreements/0x12", 422, "64 lower-case hex digits"),
        ("/agreements/" + "0x" + "G0" * 32, 422, "64 lower-case hex digits"),
        ("/agreements/" + "0x" + "AB" * 32, 422, "64 lower-case hex digits"),
        ("/agreements/ü", 422, "64 lower-case hex digits"),
        ("/agreements/%00", 422, "64 lower-case hex digits"),
        (f"/agreements/{UNKNOWN}%0A", 422, "64 lower-case hex digits"),
        (f"/agreements/{LONG}", 422, "64 lower-case hex digits"),
        ("/agreements/..%2f..%2fetc%2fpasswd", 404, "nothing at"),
        ("/documents/..%2F..%2Fetc%2Fpasswd", 404, "nothing at"),
        ("/bundles/%2e%2e", 422, "64 lower-case hex digits"),
        ("/agreements/", 404, "nothing at /agreements/"),
        ("/agreements?limit=0", 422, "from 1 to 200"),
        ("/agreements?limit=201", 422, "from 1 to 200"),
        ("/agreements?limit=-1", 422, "from 1 to 200"),
        ("/agreements?limit=1e2", 422, "from 1 to 200"),
        ("/agreements?limit=1.0", 422, "from 1 to 200"),
        ("/agreements?limit=1_0", 422, "from 1 to 200"),
        ("/agreements?limit=%D9%A1", 422, "from 1 to 200"),
        ("/agreements?limit=", 422, "from 1 to 200"),
        (f"/agreements?limit={LONG}", 422, "from 1 to 200"),
        ("/agreements?offset=-1", 422, "from 0 to"),
        (f"/agreements?offset={2**53}", 422, "from 0 to"),
        ("/agreements?open=1", 422, "true or false"),
        ("/agreements?open=True", 422, "true or false"),
        ("/agreements?provider=0x12", 422, "40 hex digits"),
        (
            "/agreements?custmer=0x12",
            422,
            "use provider, customer, open, head, inArrears, underCollateralised, limit, offset",
        ),
        ("/agreements?limit=1&limit=2", 422, "give it once"),
        ("/health?x", 422, "no parameters"),
        (f"/rounds/0x{'0' * 40}/1", 404, "no agreement names a committee"),
        (f"/rounds/0x{'0' * 40}/{2**64}", 422, "18446744073709551615"),
        (f"/rounds/0x{'0' * 40}/{LONG}", 422, "18446744073709551615"),
        (f"/rounds/0x{'0' * 40}/-1", 422, "18446744073709551615"),
        ("/contracts/TestToken/abi", 422, "SLAEscrow or Committee"),
        ("/contracts/..%2FTestToken/abi", 404, "nothing at"),
        (f"/bundles/{UNKNOWN}", 404, "nobody here has the bundle"),
        (f"/documents/{UNKNOWN}", 404, "nobody here has the document"),
        ("/docs", 404, "nothing at /docs"),
    ],
)
def test_path__hostile_or_wrong__is_a_problem_with_its_remedy(
    client: TestClient, path: str, status: int, words: str
) -> None:
    answer = client.get(path)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert words in f"{problem['detail']}; {problem['remedy']}" or words in str(problem["errors"])
    assert len(answer.content) < 1_000, "what was sent is not sent back whole"


def test_round__of_a_number_not_posted__is_not_there(client: TestClient, story: Story) -> None:
    answer = client.get(f"/rounds/{story.world.committee.address}/{2**64 - 1}")

    assert (answer.status_code, answer.json()["name"]) == (404, "NotFound")


def test_every_wrong_parameter__at_once__is_named(client: TestClient) -> None:
    problem = client.get("/agreements?limit=x&offset=y").json()

    assert [one["field"] for one in problem["errors"]] == ["limit", "offset"]
    assert problem["errors"][1]["remedy"] == f"write a whole number from 0 to {2**53 - 1}"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_method__that_would_write__is_not_allowed(client: TestClient, method: str) -> None:
    answer = client.request(method, "/agreements")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json()["name"] == "MethodNotAllowed"


@pytest.mark.parametrize("path", ["/health", "/agreements", f"/agreements/{UNKNOWN}", "/nothing"])
def test_head__of_anything__is_get_without_the_body(client: TestClient, path: str) -> None:
    head, whole = client.head(path), client.get(path)

    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert dict(head.headers) == dict(whole.headers)


@pytest.mark.parametrize("accept", ["text/html", "image/png;q=0.1", "\x7f", "*/*, nonsense"])
def test_accept__whatever_it_asks_for__is_answered_with_json(client: TestClient, accept: str) -> None:
    """There is one form of each answer; RFC 9110 lets a server send it where another was preferred."""
    answer = client.get("/contracts", headers={"Accept": accept})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /agreements/\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /agreements?limit=%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /agreements/%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
    ],
)
def test_wire__bytes_that_are_no_request__are_refused_and_the_next_is_answered(
    server: Server, request_: bytes
) -> None:
    try:
        answer = spoken(server, request_)
    except ConnectionError:
        answer = b"HTTP/1.1 4"  # cut off before it was all sent
    good = spoken(server, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 4")
    assert b"Traceback" not in answer
    assert good.startswith(b"HTTP/1.1 200")


def test_chain__away_in_the_middle__is_503_until_it_is_back(
    client: TestClient, story: Story, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert client.get("/health").status_code == 200
    with monkeypatch.context() as patch:

        def refuse(*_: Any) -> None:
            raise ConnectionError("POST http://user:secret@node:8545/key refused")

        patch.setattr(story.world.chain, "before", refuse)
        for path in ("/health", "/agreements", f"/agreements/{UNKNOWN}/periods", "/rounds"):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            problem = answer.json()
            assert (problem["kind"], problem["title"]) == ("outside", "The chain cannot be read now")
            assert problem["detail"]
            assert problem["remedy"]
            assert "secret" not in answer.text
        assert client.get("/contracts/Committee/abi").status_code == 200, "needs no chain"

    assert client.get("/health").status_code == 200
    assert "node:8545" in caplog.text, "the operator is told"


def test_store__that_fails__is_503(story: Story) -> None:
    def fail(_: bytes) -> None:
        raise OSError("/var/lib/makegood/journal: disk I/O error")

    client = TestClient(create_app(story.world.escrow, 0, fail, fail, story.world.clock))

    for kind in ("bundles", "documents"):
        answer = client.get(f"/{kind}/{UNKNOWN}")
        assert (answer.status_code, answer.json()["name"]) == (503, "StoreAway")
        assert "/var" not in answer.text


def test_health__a_chain_that_stands_still__shows_its_lag(story: Story) -> None:
    late = ManualClock(story.world.now + 500)
    client = TestClient(create_app(story.world.escrow, clock=late))

    assert client.get("/health").json()["headLagSeconds"] == 500 + story.world.now - _head_time(story)


def _head_time(story: Story) -> int:
    return int(story.world.connection.web3.eth.get_block("latest")["timestamp"])


def test_requests__many_while_the_chain_moves__each_add_up(client: TestClient, story: Story) -> None:
    """Collateral is what arrived less what was paid, in every single answer."""
    world, path = story.world, f"/agreements/{to_hex(story.id_of('main'))}"
    before = int(client.get(path).json()["collateral"]["amount"])
    stop = threading.Event()

    def read() -> set[int]:
        seen = set()
        while not stop.is_set():
            answer = client.get(path)
            assert answer.status_code == 200, answer.text
            seen.add(int(answer.json()["collateral"]["amount"]) - before)
        return seen

    with world.undone(), ThreadPoolExecutor(3) as pool:
        reading = [pool.submit(read) for _ in range(3)]
        for _ in range(5):
            world.escrow.deposit(KEYS["stranger"], story.agreements["main"], 10)
        stop.set()
        seen = set.union(*(one.result() for one in reading))

    assert seen <= {0, 10, 20, 30, 40, 50}
    assert len(seen) > 1


def test_server__stopped__gives_its_port_back(story: Story) -> None:
    app = create_app(story.world.escrow, clock=story.world.clock)
    first = serve(app)
    port = int(first.url.rsplit(":", 1)[1])
    with pytest.raises(ServerError, match=f"cannot listen on 127.0.0.1:{port}"):
        serve(app, port=port)
    started = time.monotonic()
    first.stop()
    first.stop()

    assert time.monotonic() - started < 5
    with serve(app, port=port) as second:
        assert second.url == first.url == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("no such host", 0), ("127.0.0.1", 70_000)])
def test_server__a_place_that_cannot_be_had__is_told(story: Story, host: str, port: int) -> None:
    with pytest.raises(ServerError, match="cannot listen on"):
        serve(create_app(story.world.escrow), host, port)
