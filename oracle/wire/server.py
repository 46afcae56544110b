"""Answering the other nodes over HTTP.

What is served is public (signed observations, bundles) or asked for by the proposer whose turn it is, which its
signature shows before its question is read. A connection has a few seconds in all; there are only so many at a time,
and fewer of one address, so that nobody shuts the others out by being slow.
"""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol

from oracle.errors import RoundRefused
from oracle.ports import CommitteeTerms, Peer, Proposal, Tell
from oracle.proposal import MAX_BUNDLE_BYTES
from oracle.wire import messages
from oracle.wire.messages import MAX_QUESTION_BYTES
from record.hexes import from_hex
from record.keccak import keccak256
from sla.errors import RecordError, SignatureError

CONNECTION_SECONDS = 20.0
MOST_CONNECTIONS = 64
MOST_OF_ONE_ADDRESS = 24
MAX_DRAINED_BYTES = 1 << 20
SIGNING_WAIT_SECONDS = 5.0
"""How long a proposal waits while others are looked at; one is looked at a time."""

_LENGTH = re.compile(r"[0-9]{1,9}\Z", re.ASCII)
_BUNDLES = "/v1/bundles/"


class Answering(Peer, Protocol):
    """A node that answers to its peers."""

    @property
    def member(self) -> str:
        """Its member's address."""

    @property
    def last_round(self) -> int:
        """The last round it saw on the chain."""


class Answer(Exception):
    """Ends a question: status and body."""

    def __init__(self, status: HTTPStatus, body: bytes) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def refused(status: HTTPStatus, problem: str, remedy: str) -> Answer:
    """An answer that says what is wrong with the question."""
    return Answer(status, messages.problem_bytes(problem, remedy))


class NodeServer(socketserver.ThreadingTCPServer):
    """Serves one node at ``host:port``; port 0 takes any. ``committee`` says who the members are now; ``tell``
    hears of questions the node failed to answer."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(
        self,
        host: str,
        port: int,
        node: Answering,
        committee: Callable[[], CommitteeTerms],
        tell: Tell,
        connection_seconds: float = CONNECTION_SECONDS,
    ) -> None:
        self.node = node
        self.committee = committee
        self.connection_seconds = connection_seconds
        self._tell = tell
        self._open: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._signing = threading.Lock()
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Question)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self.serve_forever, args=[0.1], name="peers", daemon=True).start()

    def stop(self) -> None:
        """Take no more questions. Only after ``start``."""
        self.shutdown()
        self.server_close()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether there is room for one more connection of this address."""
        with self._counting:
            address = client_address[0]
            if self._open.total() >= MOST_CONNECTIONS or self._open[address] >= MOST_OF_ONE_ADDRESS:
                return False
            self._open[address] += 1
            return True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection for a bounded time, then make room."""
        cut = threading.Timer(self.connection_seconds, _shut, [request])
        cut.daemon = True
        try:
            cut.start()
            super().process_request_thread(request, client_address)
        finally:
            cut.cancel()
            self._leave(client_address[0])

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for the connection; without one the connection is closed."""
        try:
            super().process_request(request, client_address)
        except RuntimeError:
            self._leave(client_address[0])
            raise

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is the asker's loss; nothing is printed."""

    @contextmanager
    def signing(self) -> Any:
        """The right to look at a proposal; 503 when others take too long."""
        if not self._signing.acquire(timeout=SIGNING_WAIT_SECONDS):
            raise refused(HTTPStatus.SERVICE_UNAVAILABLE, "other proposals are being looked at", "ask again")
        try:
            yield
        finally:
            self._signing.release()

    def failed(self, question: str, error: Exception) -> Answer:
        """Tell of a question that the node could not answer."""
        self._tell("not answered", {"question": question, "problem": f"{type(error).__name__}: {error}"})
        return refused(HTTPStatus.SERVICE_UNAVAILABLE, "this node cannot answer now", "ask again later")

    def _leave(self, address: str) -> None:
        with self._counting:
            self._open[address] -= 1
            if self._open[address] <= 0:
                del self._open[address]


class _Question(BaseHTTPRequestHandler):
    """One question, one answer, and the connection is closed."""

    server: NodeServer
    server_version = "makegood"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        """Who this is, and bundles."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """Observations, and signatures of rounds."""
        self._answer(self._post)

    def _get(self) -> bytes:
        node = self.server.node
        if self.path == "/v1/node":
            return messages.node_bytes(self.server.committee(), node.member)
        if self.path.startswith(_BUNDLES):
            data = node.bundle(from_hex(self.path[len(_BUNDLES) :], 32, "the bundle's hash"))
            if data is not None:
                return data
        raise refused(HTTPStatus.NOT_FOUND, "there is nothing here", "see what nodes answer")

    def _post(self) -> bytes:
        node = self.server.node
        if self.path == "/v1/observations":
            subjects = messages.read_subjects(self._body(MAX_QUESTION_BYTES))
            most = messages.most_observations_bytes(len(subjects), len(self.server.committee().members))
            return messages.observations_bytes(node.observations(subjects), most)
        if self.path == "/v1/countersign":
            return messages.signature_bytes(self._countersign(node))
        raise refused(HTTPStatus.NOT_FOUND, "there is nothing here", "see what nodes answer")

    def _countersign(self, node: Answering) -> bytes:
        head = messages.read_head({name: self.headers.get(name, "") for name in messages.HEAD_NAMES})
        head.require_proposer(self.server.committee())
        if head.round <= node.last_round:
            raise RoundRefused(
                f"round {head.round} is over, the last was {node.last_round}", "propose the next round"
            )
        data = self._body(MAX_BUNDLE_BYTES)
        if keccak256(data) != head.bundle:
            raise RecordError("the bundle is not the one that was signed", "send that one")
        with self.server.signing():
            return node.countersign(Proposal(data, head.signature))

    def _body(self, most: int) -> bytes:
        lengths = self.headers.get_all("Content-Length") or []
        if self.headers.get("Transfer-Encoding") or len(lengths) != 1 or not _LENGTH.match(lengths[0]):
            raise refused(
                HTTPStatus.LENGTH_REQUIRED, "the body's length is not known", "give one Content-Length"
            )
        length = int(lengths[0])
        if length > most:
            raise refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body has {length} bytes", f"send {most} at most"
            )
        data = self.rfile.read(length)
        if len(data) != length:
            raise ConnectionError("the body did not arrive")
        return data

    def _answer(self, question: Callable[[], bytes]) -> None:
        try:
            status, body = HTTPStatus.OK, question()
        except Answer as answer:
            status, body = answer.status, answer.body
        except RoundRefused as refusal:
            status, body = HTTPStatus.CONFLICT, messages.problem_bytes(refusal.problem, refusal.remedy)
        except (RecordError, SignatureError) as error:
            status, body = HTTPStatus.BAD_REQUEST, messages.problem_bytes(error.problem, error.remedy)
        except (ConnectionError, TimeoutError):
            self.close_connection = True
            return
        except Exception as error:
            failure = self.server.failed(self.path[:60], error)
            status, body = failure.status, failure.body
        self._send(status, body)
        if status != HTTPStatus.OK and self.command == "POST":
            self._drain()

    def _drain(self) -> None:
        """Take in some of a body that nobody read: closing the connection on it would take back the answer."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1.0)
            left = MAX_DRAINED_BYTES
            while left > 0 and (chunk := self.connection.recv(1 << 16)):
                left -= len(chunk)

    def _send(self, status: HTTPStatus, body: bytes) -> None:
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses before a question is read, in our own form."""
        status = HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else HTTPStatus(code)
        self.close_connection = True
        self._send(status, messages.problem_bytes(status.phrase, "ask as other nodes do"))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what matters is told by the node."""


def _shut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
