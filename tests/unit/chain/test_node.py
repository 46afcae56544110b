"""A node over HTTP that misbehaves in every way: what comes out is an answer, or one clear error of ours."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from web3 import Web3

from chain.connection import Connection, connect
from chain.errors import ChainError, HistoryPruned, NotFound, RangeTooWide, RateLimited, Unanswered
from chain.guard import guard
from chain.logs import read_events
from chain.node import HttpNode
from chain.node_errors import node_error
from sla.errors import MakegoodError
from tests.unit.chain.server import Said, serving

Answer = Callable[[str, list[Any]], Any]
"""(method, parameters) -> result, an Error, or a Said as it is."""

CHAIN_ID = 31337
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


class Error(dict[str, Any]):
    """A JSON-RPC error."""


def node(answer: Answer) -> Callable[[str, str, bytes], Said]:
    """A JSON-RPC node of chain 31337 that otherwise says what ``answer`` says."""

    def speak(_: str, __: str, body: bytes) -> Said:
        question = json.loads(body)
        found = (
            hex(CHAIN_ID)
            if question["method"] == "eth_chainId"
            else answer(question["method"], question["params"])
        )
        if isinstance(found, Said):
            return found
        told = {"error": found} if isinstance(found, Error) else {"result": found}
        content = {"jsonrpc": "2.0", "id": question["id"], **told}
        return Said(200, {"Content-Type": "application/json"}, json.dumps(content).encode())

    return speak


def says(said: Any) -> Answer:
    return lambda method, parameters: said


def asked(url: str, pauses: list[float] | None = None, **options: Any) -> Connection:
    """A connection whose waiting is written down instead of done."""
    waited: list[float] = [] if pauses is None else pauses
    return Connection(Web3(HttpNode(url, sleep=waited.append, **options)))


def test_connect__a_node__knows_its_chain() -> None:
    with serving(node(says("0x10"))) as url:
        connection = connect(url, CHAIN_ID)
        assert connection.chain_id == CHAIN_ID
        assert connection.web3.eth.block_number == 16


def test_connect__another_chain__is_refused() -> None:
    with serving(node(says(None))) as url, pytest.raises(ChainError, match="on chain 31337, not 1"):
        connect(url, 1)


def test_connect__no_node__is_told_without_the_secrets_of_its_address() -> None:
    with serving(node(says(None))) as url:
        pass
    with pytest.raises(
        Unanswered, match=r"node at http://127.0.0.1:\d+ does not answer .*Connection refused"
    ) as told:
        connect(url.replace("//", "//user:secret@") + "/v3/secret?key=secret")
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "rpc",
    [
        "http://no such host/",
        "http://nowhere.invalid:8545",
        "http://[::1",
        "http://127.0.0.1:99999",
        "http://\x00",
    ],
)
def test_connect__an_address_nobody_has__is_told(rpc: str) -> None:
    with pytest.raises(MakegoodError):
        connect(rpc)


NO_ANSWERS: list[Said] = [
    Said(200, {"Content-Type": "text/html"}, b"<html>Welcome</html>"),
    Said(200, {}, b""),
    Said(200, {}, b"[]"),
    Said(200, {}, b"null"),
    Said(200, {}, b"{}"),
    Said(200, {}, b'{"jsonrpc":"2.0","id":99999,"result":"0x1"}'),
    Said(200, {}, b'{"jsonrpc":"2.0","id":0,"error":"no"}'),
    Said(200, {}, b'{"id":[[[[]]]],"result":"0x1"}'),
    Said(200, {}, b"[" * 99_000),
    Said(200, {}, b"\xff\xfe\x00"),
    Said(200, {"Content-Encoding": "gzip"}, b"\x1f\x8b" + b"\0" * 100),
    Said(301, {"Location": "http://127.0.0.1:1/"}),
    Said(401, {}, b"unauthorized"),
    Said(500, {}, b'{"jsonrpc":"2.0","id":0,"result":"0x1"}'),
    Said(502, {}, b"Bad Gateway"),
]


@pytest.mark.parametrize("said", NO_ANSWERS, ids=[str(said.body[:20]) for said in NO_ANSWERS])  # type: ignore[index]
def test_node__what_is_no_answer__is_told(said: Said) -> None:
    with serving(lambda *_: said) as url, pytest.raises(Unanswered, match="eth_chainId"):
        connect(url)


@pytest.mark.parametrize(
    "result", ["banana", {}, [], 5, {"number": "0x5"}, "0x" + "f" * 10_000, None, {"timestamp": []}]
)
def test_node__a_block_that_is_none__is_an_error_of_ours(result: Any) -> None:
    with serving(node(says(result))) as url:
        connection = connect(url)
        with pytest.raises(ChainError):
            connection.now()
        if result != []:
            with pytest.raises(ChainError):
                read_events(connection, {ADDRESS: []}, 1, 2)


def test_node__a_block_it_has_not_got__is_told_as_such() -> None:
    with serving(node(says(None))) as url, pytest.raises(NotFound, match="eth_getBlockByNumber"):
        connect(url).web3.eth.get_block(7)


def test_node__answers_that_are_enormous__are_cut_off() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b" " * 65_536

    with (
        serving(node(lambda *_: Said(200, {}, endless()))) as url,
        pytest.raises(Unanswered, match="longer than 100000"),
    ):
        _ = asked(url, limit=100_000).web3.eth.block_number


def test_node__answers_that_drip__end_in_time() -> None:
    """Each byte comes before the socket's own timeout, the whole never."""

    def dripping() -> Iterator[bytes]:
        while True:
            time.sleep(0.05)
            yield b" "

    with serving(node(lambda *_: Said(200, {}, dripping()))) as url:
        connection = asked(url, timeout=0.4)
        begin = time.monotonic()
        with pytest.raises(Unanswered, match=r"did not end in 0\.4 s"):
            _ = connection.web3.eth.block_number
        assert time.monotonic() - begin < 3


def test_node__that_says_nothing__is_waited_for_no_longer_than_allowed() -> None:
    def silent() -> Iterator[bytes]:
        time.sleep(2)
        yield b""

    with (
        serving(node(lambda *_: Said(200, {}, silent()))) as url,
        pytest.raises(Unanswered, match=r"no answer in 0\.3 s"),
    ):
        _ = asked(url, timeout=0.3).web3.eth.block_number


# Rates


RATE_LIMITS: list[Any] = [
    Said(429, {}, b"Too Many Requests"),
    Said(
        429,
        {},
        b'{"jsonrpc":"2.0","error":{"code":429,"message":"exceeded its compute units per second capacity"}}',
    ),
    Error(code=-32005, message="limit exceeded"),
    Error(code=-32005, message="daily request count exceeded, request rate limited"),
    Error(code=-32016, message="over rate limit"),
    Error(code=-32000, message="Too many requests, please slow down"),
]


@pytest.mark.parametrize("said", RATE_LIMITS)
def test_node__that_limits_the_rate__is_asked_again_ever_more_slowly_then_told(said: Any) -> None:
    pauses: list[float] = []
    with serving(node(says(said))) as url:
        connection = asked(url, pauses)
        with pytest.raises(RateLimited, match="too many requests, 6 times in a row"):
            _ = connection.web3.eth.block_number
    assert pauses == [0.25, 0.5, 1, 2, 4]


@pytest.mark.parametrize(
    ("header", "paused"),
    [("3", 3.0), ("0", 0.25), ("-5", 0.25), ("1e9", 30.0), ("nan", 0.25), ("soon", 0.25), ("", 0.25)],
)
def test_node__that_limits_the_rate_once__is_given_the_time_it_asks_for(header: str, paused: float) -> None:
    said = [Said(429, {"Retry-After": header})]
    pauses: list[float] = []
    with serving(node(lambda *_: said.pop() if said else "0x7")) as url:
        connection = asked(url, pauses)
        assert connection.web3.eth.block_number == 7
    assert pauses == [paused]


# History and ranges


@pytest.mark.parametrize(
    "message",
    [
        "missing trie node 5e1f (path ) state 0x5e1f is not available",
        "pruned history unavailable",
        "history has been pruned for this block",
        "required historical state unavailable (reexec=128)",
        "historical state 0x12 is not available",
        "header not found",
        "state not available",
        "World state unavailable",
        "distance to target block exceeds maximum proof window",
        "This request requires an archive node",
    ],
)
def test_node__without_the_history__is_told_with_what_would_have_it(message: str) -> None:
    with (
        serving(node(says(Error(code=-32000, message=message)))) as url,
        pytest.raises(HistoryPruned, match="archive"),
    ):
        connect(url).web3.eth.get_balance(Web3.to_checksum_address(ADDRESS), 1)


RANGES = [
    (-32005, "query returned more than 10000 results"),
    (-32602, "query exceeds max block range 100000"),
    (-32000, "block range is too wide"),
    (-32602, "eth_getLogs is limited to a 10,000 range"),
    (-32602, "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range"),
    (-32000, "Requested range exceeds maximum range limit"),
    (-32005, "exceed maximum block range: 5000"),
    (-32000, "query timeout exceeded"),
    (-32000, "logs matched by query exceeds limit of 10000"),
]


@pytest.mark.parametrize(("code", "message"), RANGES)
def test_read_events__a_node_that_answers_for_few_blocks__is_asked_for_fewer(code: int, message: str) -> None:
    ranges: list[tuple[int, int]] = []

    def answer(method: str, parameters: list[Any]) -> Any:
        first, last = (int(parameters[0][name], 16) for name in ("fromBlock", "toBlock"))
        if last - first + 1 > 3:
            return Error(code=code, message=message)
        ranges.append((first, last))
        return []

    with serving(node(answer)) as url:
        assert read_events(connect(url), {ADDRESS: []}, 10, 30) == []
    covered = [block for first, last in ranges for block in range(first, last + 1)]
    assert covered == list(range(10, 31))


def test_read_events__a_node_that_refuses_even_one_block__is_told() -> None:
    said = Error(code=-32005, message="query returned more than 10000 results")
    with serving(node(says(said))) as url, pytest.raises(RangeTooWide, match="more than 10000 results"):
        read_events(connect(url), {ADDRESS: []}, 10, 30)


LOG = {
    "address": ADDRESS.lower(), "topics": [], "data": "0x", "blockNumber": "0x1", "transactionHash": "0x" + "11" * 32,
    "transactionIndex": "0x0", "blockHash": "0x" + "22" * 32, "logIndex": "0x0", "removed": False,
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"address": "0x" + "11" * 20},
        {"blockNumber": "0x3"},
        {"blockNumber": None},
        {"topics": ["nonsense"]},
        {"topics": None},
        {"data": 5},
        {"logIndex": "-0x1"},
        {"address": "0x11"},
    ],
)
def test_read_events__logs_that_were_not_asked_for_or_are_none__are_an_error_of_ours(
    change: dict[str, Any],
) -> None:
    with serving(node(says([LOG | change]))) as url, pytest.raises(MakegoodError):
        read_events(connect(url), {ADDRESS: []}, 1, 2)


def test_read_events__an_answer_longer_than_allowed__is_asked_for_in_parts() -> None:
    def answer(method: str, parameters: list[Any]) -> Any:
        is_one = parameters[0]["fromBlock"] == parameters[0]["toBlock"]
        return [] if is_one else Said(200, {}, b" " * 20_000)

    with serving(node(answer)) as url:
        assert read_events(asked(url, limit=10_000), {ADDRESS: []}, 1, 4) == []


def test_read_events__a_range_that_is_a_rate_limit__is_no_range() -> None:
    assert isinstance(node_error("eth_getLogs", -32005, "limit exceeded", "it"), RateLimited)
    assert isinstance(node_error("eth_getLogs", -32005, "range limit: rate limited", "it"), RateLimited)
    assert isinstance(node_error("eth_call", -32000, "block range is too wide", "it"), ChainError)


def test_node_error__a_contracts_own_words__are_not_the_nodes() -> None:
    """A revert that says "rate limit" is not asked again, one that says "pruned" is no lost history."""
    for message in ("execution reverted: rate limit", "execution reverted: pruned"):
        assert type(node_error("eth_call", -32000, message, "it")) is ChainError
        assert type(node_error("eth_call", 3, message.split(": ")[1], "it")) is ChainError


def test_guard__put_on_twice__guards_once() -> None:
    web3 = Web3(HttpNode("http://127.0.0.1:1"))
    guard(web3)
    once = web3.eth.retrieve_caller_fn
    guard(web3)

    assert web3.eth.retrieve_caller_fn is once
    assert web3.provider.global_ccip_read_enabled is False


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["0x", "0x5", "0x" + "00" * 32]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["number", "hash", "timestamp", "result", "error", "code", "message", "id", "jsonrpc"]
            ),
            inner,
        )
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def hostile() -> Iterator[tuple[Connection, list[bytes]]]:
    """A connection, and what its node will say next."""
    said: list[bytes] = []
    with serving(lambda *_: Said(200, {}, said[-1])) as url:
        web3 = Web3(HttpNode(url, sleep=lambda _: None))
        guard(web3)
        connection = Connection.__new__(Connection)
        connection.web3 = web3
        yield connection, said


@settings(max_examples=60, deadline=None)
@given(
    content=JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=50),
    is_result=st.booleans(),
)
@example(content=b'{"timestamp": "0x5"}', is_result=True)
def test_node__whatever_it_answers__is_an_answer_or_an_error_of_ours(
    hostile: tuple[Connection, list[bytes]], content: bytes, is_result: bool
) -> None:
    connection, said = hostile
    number = next(connection.web3.provider.request_counter) + 1  # type: ignore[attr-defined]
    said.append(b'{"jsonrpc":"2.0","id":%d,"result":%s}' % (number, content) if is_result else content)
    with suppress(MakegoodError):
        assert connection.now() >= 0
