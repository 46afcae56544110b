"""One HTTP exchange with one deadline: a fresh connection, the timeout for the whole of it, nothing followed.

``OwnFault`` is raised when the node itself is at fault; whatever else is raised says what the other side did.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sla.errors import MeasurementError

LOCAL_FAULTS = frozenset(
    {
        errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL,
        errno.ENETUNREACH, errno.ENETDOWN, errno.EACCES, errno.EPERM, errno.EAFNOSUPPORT,
    }
)  # fmt: skip
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})

Address = tuple[int, int, int, Any]


class OwnFault(Exception):
    """The node could not ask; nothing is known about the other side."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL leads; ``tls`` is None for plain HTTP."""

    host: str
    port: int
    target: str
    tls: ssl.SSLContext | None


@dataclass(frozen=True, slots=True)
class Line:
    """An open connection; ``begin`` is when its first packet was sent, by ``time.monotonic``."""

    http: http.client.HTTPConnection
    begin: float


def place_of(url: str) -> Place:
    """Host, port and target of a URL; MeasurementError when no request can be made of it."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if parts.hostname and target.isascii() and target.isprintable():
            tls = ssl.create_default_context() if url.startswith("https:") else None
            return Place(parts.hostname, port, target, tls)
    except ValueError:
        pass
    raise MeasurementError(f"{url!r} cannot be requested", "write host, port and path in plain ASCII")


@contextmanager
def line_to(place: Place, timeout: float) -> Iterator[Line]:
    """A connection that is cut ``timeout`` seconds after its first packet, however slowly the answer drips."""
    addresses = _resolve(place.host, place.port, timeout)
    begin = time.monotonic()
    with _wrapped(_connect(addresses, begin + timeout), place) as connected:
        # The timeout of a socket is for each read; this one is for all of them.
        cut = threading.Timer(begin + timeout - time.monotonic(), _shut, [connected])
        cut.daemon = True
        cut.start()
        try:
            yield Line(_spoken(connected, place), begin)
        finally:
            cut.cancel()


def read_body(response: http.client.HTTPResponse, most: int) -> bytes:
    """The answer's body, ``most`` bytes of it at most. IncompleteRead when it ends before its own length."""
    body = response.read(most)
    if len(body) < most and response.length:
        raise http.client.IncompleteRead(body, response.length)
    return body


def _wrapped(plain: socket.socket, place: Place) -> socket.socket:
    if place.tls is None:
        return plain
    return place.tls.wrap_socket(plain, server_hostname=place.host, do_handshake_on_connect=False)


def _spoken(connected: socket.socket, place: Place) -> http.client.HTTPConnection:
    connection: http.client.HTTPConnection
    if isinstance(connected, ssl.SSLSocket):
        connected.do_handshake()
        connection = http.client.HTTPSConnection(place.host, place.port, context=place.tls)
    else:
        connection = http.client.HTTPConnection(place.host, place.port)
    connection.sock = connected
    return connection


def _resolve(host: str, port: int, timeout: float) -> list[Address]:
    """The addresses of the host. OwnFault when the resolver is silent or slow, OSError when there is no such name."""
    begin = time.monotonic()
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in _NO_SUCH_NAME:
            raise ConnectionError(f"no such name: {host}") from None
        raise OwnFault("the resolver gives no answer") from None
    except OSError as error:
        raise OwnFault(str(error)) from None
    if time.monotonic() - begin > timeout:
        raise OwnFault("the resolver answers too late")
    return [(family, kind, protocol, address) for family, kind, protocol, _, address in found]


def _connect(addresses: list[Address], deadline: float) -> socket.socket:
    """A connection to the first address that answers, each given its share of the time.

    When none does, a verdict about the service (refused, no answer) counts before a fault of the node: a machine
    without IPv6 still reaches the IPv4 address.
    """
    verdict: OSError | None = None
    fault: OSError | None = None
    for place, (family, kind, protocol, address) in enumerate(addresses):
        share = (deadline - time.monotonic()) / (len(addresses) - place)
        if share <= 0:
            break
        connection = None
        try:
            connection = socket.socket(family, kind, protocol)
            connection.settimeout(share)
            connection.connect(address)
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            return connection
        except OSError as error:
            if connection is not None:
                connection.close()
            if error.errno in LOCAL_FAULTS:
                fault = error
            else:
                verdict = error
    raise verdict or fault or TimeoutError("no address answered in time")


def _shut(connected: socket.socket) -> None:
    """End all reads at once; the socket's owner closes it. Not by its own method, which TLS overrides."""
    with suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
