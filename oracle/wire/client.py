"""Asking the other nodes over HTTP: every question has an end in time and in size, whatever the other side does."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from urllib.parse import urlsplit

from oracle.errors import PeerSilent
from oracle.ports import CommitteeTerms, Peer, Proposal, Subject
from oracle.proposal import MAX_BUNDLE_BYTES
from oracle.wire import messages
from oracle.wire.messages import MAX_ANSWER_BYTES, MAX_SUBJECTS, ProposalHead
from record.bundle import SignedObservation
from record.hexes import to_hex
from record.keccak import keccak256
from sla.errors import RecordError

_CHUNK = 64 << 10


class OverHttp:
    """The other nodes by their members' addresses and URLs; ``committee`` says who the members are now.

    A question has ``answer_seconds`` in all, a proposal ``sign_seconds``: connecting, sending and every read together.
    """

    def __init__(
        self,
        committee: Callable[[], CommitteeTerms],
        urls: Mapping[str, str],
        answer_seconds: float = 5.0,
        sign_seconds: float = 15.0,
    ) -> None:
        self._committee = committee
        self._urls = dict(urls)
        self._answer_seconds = answer_seconds
        self._sign_seconds = sign_seconds

    def peers(self, member: str) -> Sequence[Peer]:
        """All other nodes whose URL is known, the next by turn first."""
        names = self._committee().members
        place = names.index(member) if member in names else 0
        others = [name for name in (*names[place:], *names[:place]) if name != member and name in self._urls]
        return [self.peer(name) for name in others]

    def peer(self, member: str) -> HttpPeer:
        """One of them."""
        members = len(self._committee().members)
        return HttpPeer(member, self._urls[member], members, self._answer_seconds, self._sign_seconds)


class HttpPeer:
    """One node at a URL. Whatever goes wrong with it, to who asks it is silent."""

    def __init__(
        self, member: str, url: str, members: int, answer_seconds: float, sign_seconds: float
    ) -> None:
        self.member = member
        self.url = url
        self._members = members
        self.within_seconds = max(answer_seconds, sign_seconds) + 1
        self._answer_seconds = answer_seconds
        self._sign_seconds = sign_seconds

    def observations(self, subjects: Sequence[Subject]) -> Sequence[SignedObservation]:
        """See ``Peer``; many subjects are several questions, all within the time of one."""
        end = time.monotonic() + self._answer_seconds
        found: list[SignedObservation] = []
        for start in range(0, len(subjects), MAX_SUBJECTS):
            asked = subjects[start : start + MAX_SUBJECTS]
            most = messages.most_observations_bytes(len(asked), self._members)
            question = messages.subjects_bytes(asked)
            status, data = self._ask("POST", "/v1/observations", most, end, question)
            try:
                self._require(status == 200, status)
                found += messages.read_observations(data)
            except RecordError as error:
                raise self._silent(str(error)) from None
        return found

    def countersign(self, proposal: Proposal) -> bytes:
        """See ``Peer``."""
        end = time.monotonic() + self._sign_seconds
        try:
            headers = _head_of(proposal).headers()
            status, data = self._ask("POST", "/v1/countersign", MAX_ANSWER_BYTES, end, proposal.data, headers)
            if status == 409:
                raise messages.read_refusal(data)
            self._require(status == 200, status)
            return messages.read_signature(data)
        except RecordError as error:
            raise self._silent(str(error)) from None

    def bundle(self, bundle_hash: bytes) -> bytes | None:
        """See ``Peer``. Bytes of another hash are no answer."""
        end = time.monotonic() + self._answer_seconds
        status, data = self._ask("GET", f"/v1/bundles/{to_hex(bundle_hash)}", MAX_BUNDLE_BYTES, end)
        if status == 404:
            return None
        self._require(status == 200, status)
        if keccak256(data) != bundle_hash:
            raise self._silent("it sent another bundle than it was asked for")
        return data

    def who(self) -> tuple[int, str, str]:
        """The chain id, committee and member it says it works for."""
        end = time.monotonic() + self._answer_seconds
        status, data = self._ask("GET", "/v1/node", MAX_ANSWER_BYTES, end)
        self._require(status == 200, status)
        try:
            return messages.read_node(data)
        except RecordError as error:
            raise self._silent(str(error)) from None

    def _ask(
        self,
        method: str,
        target: str,
        most: int,
        end: float,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Status and body of the answer; PeerSilent when there is none by ``end``, or it is too long."""
        connection = None
        try:
            connection = _connection(self.url, end)
            return self._exchange(connection, method, target, most, end, body, dict(headers or {}))
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise self._silent(str(error) or type(error).__name__) from None
        finally:
            if connection is not None:
                connection.close()

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        target: str,
        most: int,
        end: float,
        body: bytes | None,
        headers: dict[str, str],
    ) -> tuple[int, bytes]:
        connection.connect()
        # The timeout of a socket is for each read; this one is for all of them, however slowly they drip.
        cut = threading.Timer(max(0.0, end - time.monotonic()), _shut, [connection.sock])
        cut.daemon = True
        cut.start()
        try:
            path = urlsplit(self.url).path.rstrip("/") + target
            connection.request(method, path, body, {"Connection": "close", **headers})
            response = connection.getresponse()
            parts, length = [], 0
            while chunk := response.read(_CHUNK):
                length += len(chunk)
                if length > most:
                    raise self._silent(f"it sent more than {most} bytes")
                parts.append(chunk)
        finally:
            cut.cancel()
        if time.monotonic() > end or response.length:
            raise self._silent("its answer did not end in time")
        return response.status, b"".join(parts)

    def _require(self, fine: bool, status: int) -> None:
        if not fine:
            raise self._silent(f"it answered with status {status}")

    def _silent(self, problem: str) -> PeerSilent:
        plain = "".join(sign if sign.isprintable() else "�" for sign in problem[:300])
        return PeerSilent(f"{self.member} at {self.url} gives no answer: {plain}", "look at that node")


def _connection(url: str, end: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("no time is left")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=seconds)


def _shut(connected: socket.socket | None) -> None:
    """End all reads at once; the socket's owner closes it. Not by its own method, which TLS overrides."""
    if connected is not None:
        with suppress(OSError):
            socket.socket.shutdown(connected, socket.SHUT_RDWR)


@lru_cache(maxsize=1)
def _head_of(proposal: Proposal) -> ProposalHead:
    """A proposal goes to several peers: its head is computed once."""
    return messages.head_of(proposal)
