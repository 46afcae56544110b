"""One bounded question over HTTP, for sources that others keep: nothing they answer can fill the node's memory, hold it
up, or be taken for something else.

An answer counts only whole, within the timeout and ``MAX_BYTES``. No compression is asked for and none is accepted, so
that a small answer stays small. Redirects are not followed: the terms name the address that both parties agreed to.
"""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass

from metering.wire import OwnFault, line_to, place_of, read_body
from sla.errors import MeasurementError

MAX_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. ``kind`` is its content type in small letters, without parameters; empty when it names none."""

    url: str
    status: int
    kind: str
    body: bytes

    def text(self, *kinds: str) -> str:
        """The body as text; MeasurementError when it is of none of ``kinds`` or not UTF-8."""
        if self.kind not in kinds:
            raise MeasurementError(
                f"{self.url} answers with the content type {self.kind[:60]!r}, not {' or '.join(kinds)}",
                "name the address of the measurements themselves",
            )
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise MeasurementError(
                f"{self.url} answers with bytes that are not UTF-8, the first at {error.start}",
                "let it answer in UTF-8",
            ) from None


def get(url: str, timeout_milliseconds: int, accept: str) -> Answer:
    """The answer to one GET, whatever its status; MeasurementError says in one sentence why there is none."""
    place, timeout = place_of(url), timeout_milliseconds / 1_000
    headers = {
        "User-Agent": "makegood",
        "Connection": "close",
        "Accept": accept,
        "Accept-Encoding": "identity",
    }
    begin = time.monotonic()
    try:
        with line_to(place, timeout) as line:
            line.http.request("GET", place.target, headers=headers)
            response = line.http.getresponse()
            _check_head(url, response)
            body = read_body(response, MAX_BYTES + 1)
        if time.monotonic() - line.begin > timeout:
            raise TimeoutError
    except (OwnFault, OSError, http.client.HTTPException, ValueError, RuntimeError) as error:
        # Cut at its deadline, a connection fails in whatever it was doing.
        late = isinstance(error, TimeoutError) or time.monotonic() - begin >= timeout
        reason = f"no whole answer in {timeout_milliseconds} ms" if late else _said(error)
        raise MeasurementError(
            f"{url} cannot be read: {reason}", "check that it is up and reachable"
        ) from None
    if len(body) > MAX_BYTES:
        raise _too_long(url)
    return Answer(
        url,
        response.status,
        response.headers.get_content_type() if "Content-Type" in response.headers else "",
        body,
    )


def shown(text: str) -> str:
    """What somebody else wrote, fit for one line."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:200]).strip()


def _check_head(url: str, response: http.client.HTTPResponse) -> None:
    for name in ("Content-Encoding", "Transfer-Encoding"):
        allowed = ("identity", "") if name == "Content-Encoding" else ("identity", "chunked", "")
        value = (response.headers.get(name) or "").strip().lower()
        if value not in allowed:
            raise MeasurementError(
                f"{url} answers with {name} {shown(value)!r}, which nobody asked for",
                "let it answer uncompressed",
            )
    if response.length is not None and response.length > MAX_BYTES:
        raise _too_long(url)


def _too_long(url: str) -> MeasurementError:
    return MeasurementError(
        f"{url} answers with more than {MAX_BYTES} bytes",
        "name an address that answers only what is measured",
    )


def _said(error: Exception) -> str:
    return shown(str(error)) or type(error).__name__
