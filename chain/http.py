"""One HTTP request to a service that may be absent, slow, enormous or somebody else's."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
import urllib3
from requests.utils import get_auth_from_url

CHUNK = 65_536
_sessions = threading.local()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, of any status. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpFailure(Exception):
    """No answer: ``reason`` says why, as the end of a sentence. ``is_too_large`` when it was longer than allowed."""

    def __init__(self, reason: str, is_too_large: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_too_large = is_too_large


def ask(method: str, url: str, body: bytes | None, timeout: float, limit: int) -> Answer:
    """Send JSON or nothing; HttpFailure unless an answer of at most ``limit`` bytes is here within ``timeout`` seconds.

    Redirects are answers, not followed: a service does not choose whom we talk to. Nothing is unpacked.
    """
    end = time.monotonic() + timeout
    headers = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
    try:
        with _session().request(
            method,
            url,
            data=body,
            headers=headers,
            auth=_credentials(url),
            timeout=timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise HttpFailure("it packs its answers, which it was asked not to do")
            return Answer(
                response.status_code,
                {name.lower(): value for name, value in response.headers.items()},
                _read(response.raw, end, timeout, limit),
            )
    except (requests.Timeout, urllib3.exceptions.TimeoutError):
        raise HttpFailure(f"it gave no answer in {timeout:g} s") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
        raise HttpFailure(_reason(error)) from None
    except (OSError, ValueError) as error:  # what the address itself can do to the libraries
        raise HttpFailure(_reason(error)) from None


def is_http(url: str) -> bool:
    """Whether this is an address that can be asked."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def origin(url: str) -> str:
    """The address without what may be secret: user, password, path and query. "https://node.example:8545"."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return "the address given"
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


def _credentials(
    url: str,
) -> tuple[str, str] | Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """Those in the address alone: requests would look into ~/.netrc first, and tell anybody what stands there."""
    user, password = get_auth_from_url(url)
    return (user, password) if user or password else lambda request: request


def _session() -> requests.Session:
    """One for each thread: they are not made for sharing."""
    session: requests.Session | None = getattr(_sessions, "session", None)
    if session is None:
        session = _sessions.session = requests.Session()
    return session


def _read(raw: urllib3.HTTPResponse, end: float, timeout: float, limit: int) -> bytes:
    """What comes, as it comes: a service that drips keeps nobody waiting for ever."""
    parts: list[bytes] = []
    size = 0
    while part := raw.read1(CHUNK, decode_content=False):
        size += len(part)
        if size > limit:
            raise HttpFailure(f"its answer is longer than {limit} bytes", is_too_large=True)
        if time.monotonic() > end:
            raise HttpFailure(f"its answer did not end in {timeout:g} s")
        parts.append(part)
    return b"".join(parts)


def _reason(error: BaseException) -> str:
    """The system's own word for it, out of the libraries' wrappings."""
    seen: list[object] = [error]
    while seen:
        one = seen.pop()
        if isinstance(one, OSError) and not isinstance(one, requests.RequestException) and one.strerror:
            return one.strerror
        if isinstance(one, BaseException):
            seen += [
                part
                for part in (*one.args, one.__cause__, one.__context__)
                if isinstance(part, BaseException)
            ]
            reason = getattr(one, "reason", None)
            seen += [reason] if isinstance(reason, BaseException) else []
    return type(error).__name__
