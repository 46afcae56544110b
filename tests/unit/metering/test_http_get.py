"""One bounded question: whatever the other side does, the node gets a whole small answer or one sentence."""

from __future__ import annotations

import gzip
import re
import socket
import time
from collections.abc import Callable

import pytest

from metering.http_get import MAX_BYTES, Answer, get
from sla.errors import MeasurementError
from tests.unit.metering.serving import Serve, replying


def head(*lines: str, status: str = "200 OK") -> bytes:
    return ("\r\n".join([f"HTTP/1.1 {status}", *lines]) + "\r\n\r\n").encode()


def refusal(serve: Serve, answer: Callable[[socket.socket], None], timeout: int = 5_000) -> str:
    with pytest.raises(MeasurementError) as refused:
        get(serve(answer).url, timeout, "text/plain")
    return refused.value.problem


def test_get__whole_answer__is_what_was_sent(serve: Serve) -> None:
    asked: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        asked.append(connection.recv(4_096))
        connection.sendall(
            head("Content-Type: Text/Plain; version=0.0.4", "Content-Length: 3") + "é\n".encode()
        )

    server = serve(answer)
    found = get(server.url, 5_000, "text/plain")

    assert found == Answer(server.url, 200, "text/plain", "é\n".encode())
    assert found.text("text/plain") == "é\n"
    lines = asked[0].decode().split("\r\n")
    assert lines[0] == "GET /health?deep=1 HTTP/1.1"
    assert "Accept-Encoding: identity" in lines
    assert sum(line.startswith("Accept-Encoding") for line in lines) == 1


def test_get__chunked_answer__is_put_together(serve: Serve) -> None:
    chunks = b"2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"
    found = get(serve(replying(head("Transfer-Encoding: chunked") + chunks)).url, 5_000, "text/plain")

    assert (found.kind, found.body) == ("", b"abcde")


def test_get__other_status__is_an_answer_and_redirects_are_not_followed(serve: Serve) -> None:
    text = head("Location: http://127.0.0.1:1/", "Content-Length: 0", status="302 Found")

    assert get(serve(replying(text)).url, 5_000, "text/plain").status == 302


def test_get__gzip_bomb__is_refused_unopened(serve: Serve) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    lines = ("Content-Type: text/plain", "Content-Encoding: gzip", f"Content-Length: {len(bomb)}")

    assert "Content-Encoding 'gzip'" in refusal(serve, replying(head(*lines) + bomb))
    assert "Transfer-Encoding 'gzip, chunked'" in refusal(
        serve, replying(head("Transfer-Encoding: gzip, chunked") + bomb)
    )


def flood(declared: bool, sent: list[int]) -> Callable[[socket.socket], None]:
    """100 MB, as far as they are taken; ``sent`` says how much was."""

    def answer(connection: socket.socket) -> None:
        connection.recv(4_096)
        connection.sendall(head(*(["Content-Length: 100000000"] if declared else [])))
        block = b"x" * 100_000
        for number in range(1_000):
            connection.sendall(block)
            sent.append(number)

    return answer


@pytest.mark.parametrize("declared", [True, False])
def test_get__body_of_100_mb__is_refused_and_never_held(serve: Serve, declared: bool) -> None:
    sent: list[int] = []

    assert f"more than {MAX_BYTES} bytes" in refusal(serve, flood(declared, sent), timeout=30_000)
    assert len(sent) < 300


def test_get__body_of_the_largest_size__is_taken(serve: Serve) -> None:
    text = head(f"Content-Length: {MAX_BYTES}") + b"x" * MAX_BYTES

    assert len(get(serve(replying(text)).url, 30_000, "text/plain").body) == MAX_BYTES


@pytest.mark.parametrize(
    "answer",
    [
        lambda connection: time.sleep(5),
        replying(head("Content-Length: 400") + b"." * 400, apart=0.05),
        replying(head("Transfer-Encoding: chunked") + b"1\r\n.\r\n" * 100, apart=0.02),
    ],
    ids=["silent", "drips", "drips-chunks"],
)
def test_get__drips_past_the_timeout__is_refused_when_it_ends(
    serve: Serve, answer: Callable[[socket.socket], None]
) -> None:
    begin = time.monotonic()

    assert "no whole answer in 400 ms" in refusal(serve, answer, timeout=400)
    assert 0.4 <= time.monotonic() - begin < 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "closed connection"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (head("Content-Length: 10") + b"ok", "IncompleteRead"),
        (head("Transfer-Encoding: chunked") + b"5\r\nok", "IncompleteRead"),
        (head("Transfer-Encoding: chunked") + b"zz\r\nok\r\n", "IncompleteRead"),
        (head("X: " + "a" * 70_000), "header line"),
        (head(*("X: a" for _ in range(200))), "more than 100 headers"),
    ],
)
def test_get__answer_broken__is_refused_with_the_reason(serve: Serve, text: bytes, reason: str) -> None:
    said = refusal(serve, replying(text))

    assert re.match(r"http://127\.0\.0\.1:\d+/health\?deep=1 cannot be read: ", said)
    assert reason in said


def test_get__nobody_there__is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(MeasurementError, match="refused"):
        get(f"http://127.0.0.1:{port}/", 1_000, "text/plain")


@pytest.mark.parametrize("kind", ["text/html", "application/octet-stream", ""])
def test_text__wrong_content_type__is_refused(kind: str) -> None:
    with pytest.raises(MeasurementError, match=f"content type '{kind}', not text/plain or application/json"):
        Answer("http://x/", 200, kind, b"1").text("text/plain", "application/json")


def test_text__not_utf_8__is_refused() -> None:
    with pytest.raises(MeasurementError, match="not UTF-8, the first at 2"):
        Answer("http://x/", 200, "text/plain", b"ok\xff\xfe").text("text/plain")
