"""Probes of real servers on loopback: what is down, and what only the node's own fault."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from metering.pulse import Pulse
from metering.samples import Sample, unanswered, unknown
from metering.sources.http_probe import HttpProber, stall_bound
from record.terms.indicators import HttpProbe
from sla.errors import MeasurementError
from tests.unit.metering.serving import Serve, Server, replying

TIMEOUT = 600
TICK = 1_800_000_000_000


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Awake(Pulse):
    """A machine that never stalls, so that a busy test machine changes no result."""

    def longest_gap(self, since: float) -> float:
        return 0.0


def probe(url: str, timeout: int = TIMEOUT, pulse: Pulse | None = None, method: str = "GET") -> Sample:
    return HttpProber(HttpProbe(url, method, 1_000, timeout), pulse or Awake()).sample(TICK)


@pytest.mark.parametrize("status", [200, 204, 302, 404, 500, 503])
def test_probe__whole_answer__is_its_status(serve: Serve, status: int) -> None:
    """Redirects are not followed; what status is good, the indicator says."""
    sample = probe(serve(replying(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)).url)

    assert (sample.time_ms, sample.known, sample.status) == (TICK, True, status)
    assert 0 < sample.latency_us < TIMEOUT * 1_000


def test_probe__request__is_what_the_terms_say(serve: Serve) -> None:
    asked: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        asked.append(connection.recv(4_096))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")

    server = serve(answer)
    assert probe(server.url, method="HEAD").status == 200

    lines = asked[0].decode().split("\r\n")
    assert lines[0] == "HEAD /health?deep=1 HTTP/1.1"
    assert f"Host: {server.url.split('/')[2]}" in lines
    assert "Connection: close" in lines


def test_probe__slow_answer__is_up_with_its_latency(serve: Serve) -> None:
    sample = probe(serve(replying(OK, after=0.2)).url, timeout=5_000)

    assert sample.status == 200
    assert 200_000 <= sample.latency_us < 5_000_000


def test_probe__chunked_answer_and_one_without_length__are_whole(serve: Serve) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    assert probe(serve(replying(chunked)).url).status == 200
    assert probe(serve(replying(b"HTTP/1.0 200 OK\r\n\r\nok")).url).status == 200


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    ],
    ids=["closed", "not-http", "cut-short", "chunk-cut-short", "no-status", "header-too-long"],
)
def test_probe__answer_broken__is_down(serve: Serve, text: bytes) -> None:
    assert probe(serve(replying(text)).url) == unanswered(TICK)


def test_probe__connection_reset__is_down(serve: Serve) -> None:
    def reset(connection: socket.socket) -> None:
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    assert probe(serve(reset).url) == unanswered(TICK)


def test_probe__server_stops__is_down_at_the_next_tick(serve: Serve) -> None:
    """A fresh connection each time: nothing is answered from an old one."""
    server = Server(replying(OK))
    prober = HttpProber(HttpProbe(server.url, "GET", 1_000, TIMEOUT), Awake())
    assert [prober.sample(tick).status for tick in (1, 2)] == [200, 200]
    assert server.connections == 2

    server.close()
    begin = time.monotonic()
    assert prober.sample(3) == unanswered(3)
    assert time.monotonic() - begin < TIMEOUT / 1_000


@pytest.mark.parametrize(
    "answer",
    [
        lambda connection: time.sleep(5),
        replying(OK, apart=0.1),
        replying(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + b"." * 400, apart=0.05),
        replying(b"HTTP/1.0 200 OK\r\n\r\n" + b"." * 400, apart=0.05),
    ],
    ids=["silent", "drips-headers", "drips-body", "drips-without-length"],
)
def test_probe__no_whole_answer_in_time__is_down_when_the_timeout_ends(
    serve: Serve, answer: Callable[[socket.socket], None]
) -> None:
    """The timeout is for the whole answer: a server cannot hold the prober by dripping."""
    server = serve(answer)
    begin = time.monotonic()

    assert probe(server.url) == unanswered(TICK)
    assert TIMEOUT / 1_000 <= time.monotonic() - begin < 3


@pytest.mark.parametrize("answer", [replying(OK), lambda connection: time.sleep(5)], ids=["plain", "silent"])
def test_probe__no_tls_where_it_should_be__is_down(
    serve: Serve, answer: Callable[[socket.socket], None]
) -> None:
    """An error of TLS has errno 1, which is EPERM elsewhere: it is the service's all the same."""
    url = serve(answer).url.replace("http:", "https:")
    begin = time.monotonic()

    assert probe(url) == unanswered(TICK)
    assert time.monotonic() - begin < 3


def test_probe__answer_too_long_to_read__counts_once_so_much_has_come(serve: Serve) -> None:
    text = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"." * 2_000_000
    assert probe(serve(replying(text)).url, timeout=5_000).status == 200


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (socket.gaierror(socket.EAI_NONAME, "no such name"), unanswered(TICK)),
        (socket.gaierror(socket.EAI_AGAIN, "resolver silent"), unknown(TICK)),
        (socket.gaierror(socket.EAI_FAIL, "resolver failed"), unknown(TICK)),
        (OSError(errno.EMFILE, "too many files"), unknown(TICK)),
    ],
)
def test_probe__name_not_resolved__is_down_only_when_the_resolver_says_so(
    monkeypatch: pytest.MonkeyPatch, error: OSError, expected: Sample
) -> None:
    def resolve(*args: object, **kwargs: object) -> object:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    assert probe("http://shop.example/") == expected


def test_probe__resolver_too_slow__is_unknown(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server, real = serve(replying(OK)), socket.getaddrinfo

    def slow(*args: object, **kwargs: object) -> object:
        time.sleep(0.25)
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    assert probe(server.url, timeout=200) == unknown(TICK)
    assert 0 < probe(server.url, timeout=5_000).latency_us < 250_000


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.ENETUNREACH, unknown(TICK)),
        (errno.ENETDOWN, unknown(TICK)),
        (errno.EADDRNOTAVAIL, unknown(TICK)),
        (errno.EPERM, unknown(TICK)),
        (errno.EHOSTUNREACH, unanswered(TICK)),
        (errno.ECONNREFUSED, unanswered(TICK)),
        (errno.ETIMEDOUT, unanswered(TICK)),
    ],
)
def test_probe__connecting_fails__is_unknown_when_the_node_is_at_fault(
    monkeypatch: pytest.MonkeyPatch, code: int, expected: Sample
) -> None:
    def connect(self: socket.socket, address: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(socket.socket, "connect", connect)

    assert probe("http://127.0.0.1:9/") == expected


def test_probe__no_file_descriptor_left__is_unknown(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EMFILE, "too many open files")

    url = serve(replying(OK)).url
    monkeypatch.setattr("metering.wire.socket.socket", full)

    assert probe(url) == unknown(TICK)


def test_probe__one_of_two_addresses_answers__is_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with an IPv6 address that leads nowhere, on a node that has no IPv6."""
    server = serve(replying(OK))
    port = int(server.url.split(":")[2].split("/")[0])
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", port)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)

    assert probe(server.url).status == 200


def test_probe__node_stalled_meanwhile__is_unknown_whatever_it_saw(serve: Serve) -> None:
    class Stalled(Pulse):
        def longest_gap(self, since: float) -> float:
            return stall_bound(TIMEOUT) + 0.001

    assert probe(serve(replying(OK)).url, pulse=Stalled()) == unknown(TICK)
    assert probe(serve(replying(b"")).url, pulse=Stalled()) == unknown(TICK)


def test_probe__process_stopped_and_continued__is_unknown(serve: Serve) -> None:
    """A real stop: what looks like a timeout of the server was this node asleep."""
    server = serve(replying(OK, after=0.3))
    code = (
        "import time; from metering.pulse import Pulse; from metering.sources.http_probe import HttpProber\n"
        "from record.terms.indicators import HttpProbe\n"
        f"pulse = Pulse(); pulse.start(); prober = HttpProber(HttpProbe({server.url!r}, 'GET', 1000, 1000), pulse)\n"
        "print('ready', flush=True); print(prober.sample(1).known, flush=True)\n"
    )
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=root) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        while server.connections == 0:
            time.sleep(0.005)
        child.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        child.send_signal(signal.SIGCONT)

        assert child.stdout.readline() == "False\n"


@pytest.mark.parametrize("url", ["http://shop:99999/", "http://shop/ü", "http://shop/\x01", "http://:80/"])
def test_prober__url_nobody_can_request__is_refused_at_once(url: str) -> None:
    """It would be "down" for ever, and the provider would pay for a mistake in writing."""
    with pytest.raises(MeasurementError, match="cannot be requested"):
        HttpProber(HttpProbe(url, "GET", 1_000, TIMEOUT), Awake())


def test_prober__many_probes__leave_nothing_open(serve: Serve) -> None:
    server = serve(replying(OK))
    prober = HttpProber(HttpProbe(server.url, "GET", 1_000, TIMEOUT), Awake())
    prober.sample(0)
    before, threads = len(os.listdir("/proc/self/fd")), threading.active_count()

    for tick in range(50):
        prober.sample(tick)

    time.sleep(0.1)
    assert len(os.listdir("/proc/self/fd")) <= before + 2
    assert threading.active_count() <= threads + 2
