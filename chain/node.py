"""An Ethereum node over HTTP, by JSON-RPC: absent, slow, rate limited, enormous or no node at all, it answers with an
error of ours or not at all."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from chain.errors import ChainError, RangeTooWide, RateLimited, Unanswered
from chain.http import Answer, HttpFailure, ask, origin
from chain.node_errors import node_error
from record.json_text import read_json

TIMEOUT_SECONDS = 30.0
ANSWER_LIMIT = 64 * 2**20
"""Bytes. A full block with its transactions has a few."""

PAUSES = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each new try at a node that limits our rate, unless it says itself how long."""
LONGEST_PAUSE = 30.0


class HttpNode(JSONBaseProvider):
    """The node at ``url``. Raises errors of ``chain.errors``; answers with an error nobody else knows how to word are
    left to web3."""

    def __init__(
        self,
        url: str,
        timeout: float = TIMEOUT_SECONDS,
        limit: int = ANSWER_LIMIT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__()
        self._url = url
        self._timeout = timeout
        self._limit = limit
        self._sleep = sleep
        self.name = f"the node at {origin(url)}"

    def __str__(self) -> str:
        return self.name

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """The answer; a node that limits our rate is asked again, ever more slowly, for some eight seconds."""
        body = self.encode_rpc_request(method, params)
        for pause in (*PAUSES, None):
            answer = self._ask(method, body)
            content = _json(answer.body)
            error = self._told(method, content)
            if not isinstance(error, RateLimited) and (
                answer.status != 429 or isinstance(error, RangeTooWide)
            ):
                if error is not None and type(error) is not ChainError:
                    raise error
                return self._checked(method, body, answer, content)
            if pause is not None:
                self._sleep(_pause(answer.headers.get("retry-after"), pause))
        raise RateLimited(
            f"{self.name} has had too many requests, {len(PAUSES) + 1} times in a row",
            "wait a while, or use a node with a higher limit",
        )

    def _ask(self, method: str, body: bytes) -> Answer:
        try:
            return ask("POST", self._url, body, self._timeout, self._limit)
        except HttpFailure as failure:
            if failure.is_too_large and method == "eth_getLogs":
                raise RangeTooWide(f"{self.name}: {failure.reason}", "ask for fewer blocks") from None
            raise Unanswered(
                f"{self.name} does not answer {method}: {failure.reason}",
                "check its address, and that it is up",
            ) from None

    def _told(self, method: str, content: Any) -> ChainError | None:
        """The error the node told, if it told one."""
        error = content.get("error") if isinstance(content, dict) else None
        if not isinstance(error, dict):
            return None
        return node_error(method, error.get("code"), str(error.get("message", "no reason given")), self.name)

    def _checked(self, method: str, body: bytes, answer: Answer, content: Any) -> RPCResponse:
        """The answer, if it is one to this question."""
        if not isinstance(content, dict):
            raise self._no_answer(method, answer)
        error = content.get("error")
        if isinstance(error, dict):
            return content  # type: ignore[return-value]
        is_ours = content.get("id") == json.loads(body)["id"]
        if error is not None or "result" not in content or answer.status != 200 or not is_ours:
            raise self._no_answer(method, answer)
        return content  # type: ignore[return-value]

    def _no_answer(self, method: str, answer: Answer) -> Unanswered:
        kind = answer.headers.get("content-type", "no content type")
        return Unanswered(
            f"{self.name} answers {method} with what is no JSON-RPC answer to it (HTTP {answer.status}, {kind[:60]})",
            "check that this is the address of an Ethereum node",
        )


def _json(body: bytes) -> Any:
    try:
        return read_json(body)
    except ValueError:
        return None


def _pause(retry_after: str | None, otherwise: float) -> float:
    """Seconds to wait: what the node says if it says a number, within reason."""
    try:
        seconds = float(retry_after or "")
    except ValueError:
        return otherwise
    return min(max(seconds, otherwise), LONGEST_PAUSE) if seconds == seconds else otherwise
