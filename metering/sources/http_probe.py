"""A probe of one URL: a fresh connection each time, so that a server that stopped is seen at once.

The service is down, and that is known, when
- the connection is refused, reset or closed early, or a router on the way says that the host is unreachable;
- no whole answer arrives within the timeout, however slowly it drips;
- what arrives is not HTTP, or the TLS handshake or the certificate fails;
- the resolver says that there is no such name.

Nothing is known, because the node itself is at fault, when
- it has no network or route of its own, or a local firewall stops it;
- it lacks a port, a buffer, memory, a thread or a file descriptor;
- its resolver does not answer, or answers too late;
- it slept while the probe was under way (see ``Pulse``), whatever the probe saw.

Redirects are not followed: a 302 is an answer of status 302. The latency counts from the first packet, after the name
was resolved, to the last byte of the answer: the resolver is the node's own.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from metering.pulse import Pulse
from metering.samples import Sample, answered, unanswered, unknown
from record.terms.indicators import HttpProbe
from sla.errors import MeasurementError

MAX_ANSWER_BYTES = 1 << 20
"""A longer answer counts as whole once so much has arrived."""

_LOCAL_FAULTS = frozenset(
    {
        errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL,
        errno.ENETUNREACH, errno.ENETDOWN, errno.EACCES, errno.EPERM, errno.EAFNOSUPPORT,
    }
)  # fmt: skip
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})

Address = tuple[int, int, int, Any]


class OwnFault(Exception):
    """The node could not probe; nothing is known about the service."""


def stall_bound(timeout_milliseconds: int) -> float:
    """How long the node may sleep during a probe and still be believed: a quarter of the timeout, in seconds,
    but between 0.1 and 0.5."""
    return min(0.5, max(0.1, timeout_milliseconds / 4_000))


class HttpProber:
    """Probes one URL as the terms describe it. ``pulse`` says whether the process was awake meanwhile."""

    def __init__(self, probe: HttpProbe, pulse: Pulse) -> None:
        self.probe = probe
        self._pulse = pulse
        self._host, self._port, self._target = _place(probe.url)
        self._tls = ssl.create_default_context() if probe.url.startswith("https:") else None

    def sample(self, time_ms: int) -> Sample:
        """One request, now; ``time_ms`` is the tick it is made for. Never raises."""
        begin = time.monotonic()
        try:
            sample = answered(time_ms, *self._request())
        except (OwnFault, RuntimeError, MemoryError):
            return unknown(time_ms)
        except (ssl.SSLError, http.client.HTTPException, ValueError):
            sample = unanswered(time_ms)
        except OSError as error:
            sample = unknown(time_ms) if error.errno in _LOCAL_FAULTS else unanswered(time_ms)
        if self._pulse.longest_gap(begin) > stall_bound(self.probe.timeout_milliseconds):
            return unknown(time_ms)
        return sample

    def _request(self) -> tuple[int, int]:
        """Status and microseconds of a whole answer; what is raised says why there was none."""
        timeout = self.probe.timeout_milliseconds / 1_000
        addresses = _resolve(self._host, self._port, timeout)
        begin = time.monotonic()
        with self._wrapped(_connect(addresses, begin + timeout)) as connected:
            # The timeout of a socket is for each read; this one is for all of them, however slowly they drip.
            cut = threading.Timer(begin + timeout - time.monotonic(), _shut, [connected])
            cut.daemon = True
            cut.start()
            try:
                status = self._exchange(connected)
            finally:
                cut.cancel()
        seconds = time.monotonic() - begin
        if seconds > timeout:
            raise TimeoutError("answered too late")
        return status, round(seconds * 1_000_000)

    def _wrapped(self, plain: socket.socket) -> socket.socket:
        if self._tls is None:
            return plain
        return self._tls.wrap_socket(plain, server_hostname=self._host, do_handshake_on_connect=False)

    def _exchange(self, connected: socket.socket) -> int:
        connection: http.client.HTTPConnection
        if isinstance(connected, ssl.SSLSocket):
            connected.do_handshake()
            connection = http.client.HTTPSConnection(self._host, self._port, context=self._tls)
        else:
            connection = http.client.HTTPConnection(self._host, self._port)
        connection.sock = connected
        headers = {"User-Agent": "makegood", "Connection": "close"}
        connection.request(self.probe.method, self._target, headers=headers)
        response = connection.getresponse()
        body = response.read(MAX_ANSWER_BYTES)
        if len(body) < MAX_ANSWER_BYTES and response.length:
            raise http.client.IncompleteRead(body, response.length)
        return response.status


def _place(url: str) -> tuple[str, int, str]:
    """Host, port and target of a URL; MeasurementError when no request can be made of it."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if parts.hostname and target.isascii() and target.isprintable():
            return parts.hostname, port, target
    except ValueError:
        pass
    raise MeasurementError(f"{url!r} cannot be requested", "write host, port and path in plain ASCII")


def _resolve(host: str, port: int, timeout: float) -> list[Address]:
    """The addresses of the host. OwnFault when the resolver is silent or slow, OSError when there is no such name."""
    begin = time.monotonic()
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in _NO_SUCH_NAME:
            raise ConnectionError(f"no such name: {host}") from None
        raise OwnFault from None
    except OSError:
        raise OwnFault from None
    if time.monotonic() - begin > timeout:
        raise OwnFault
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
            if error.errno in _LOCAL_FAULTS:
                fault = error
            else:
                verdict = error
    raise verdict or fault or TimeoutError("no address answered in time")


def _shut(connected: socket.socket) -> None:
    """End all reads at once; the socket's owner closes it. Not by its own method, which TLS overrides."""
    with suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
