"""What nodes say when they cannot or will not answer, in their many words, as errors of ours."""

from __future__ import annotations

import re

from web3.exceptions import BlockNotFound, TransactionNotFound, Web3RPCError

from chain.errors import ChainError, HistoryPruned, NotFound, RangeTooWide, RateLimited, Unanswered
from sla.sentences import shown

LIMIT_EXCEEDED = -32005
"""EIP-1474's code for too many requests, which some nodes use for too many results as well."""
REVERTED = 3
"""The code of a revert, by convention of all nodes."""

_RATE = re.compile(
    r"rate.?limit|too many requests|request (count|limit)|compute units|throughput|quota", re.I
)
_PRUNED = re.compile(
    r"missing trie node|pruned|historical state|header not found|no state available|before the earliest"
    r"|(state|history|block data|body|receipts?) .{0,40}(not|un)[ -]?available|state (is )?(not|un)available"
    r"|(archive|full archival) (node|state)|distance to target block exceeds",
    re.I,
)
_RANGE = re.compile(
    r"block range|range (limit|is too|too)|(too|more than|exceeds?).{0,40}(results|logs|blocks|range)|limited to"
    r"|response (size|too)|max(imum)?.{0,20}(range|results|blocks)|exceeds? limit|query timeout|too (large|wide|big)",
    re.I,
)


def is_rate_limit(code: object, message: str) -> bool:
    """Whether the node asks us to slow down, rather than to ask for less."""
    return bool(_RATE.search(message)) or (code == LIMIT_EXCEEDED and not _RANGE.search(message))


def node_error(method: str, code: object, message: str, node: str) -> ChainError:
    """A node's JSON-RPC error as the clearest error we have. ``method`` is the JSON-RPC method that was asked."""
    said = shown(message)
    if code == REVERTED or message.startswith("execution reverted"):
        # A contract's own words, whatever they are.
        return ChainError(f"{method}: {said}", "look at the chain, then try again")
    if method == "eth_getLogs" and _RANGE.search(message) and not _RATE.search(message):
        return RangeTooWide(f"{node} answers for fewer blocks at a time: {said}", "ask for fewer blocks")
    if is_rate_limit(code, message):
        return RateLimited(
            f"{node} has had too many requests: {said}", "wait a while, or use a node with a higher limit"
        )
    if _PRUNED.search(message):
        return HistoryPruned(
            f"{node} no longer keeps what {method} asks for: {said}",
            "use an archive node, or one that keeps the blocks since the contracts were deployed",
        )
    return ChainError(f"{method}: the node said: {said}", "look at the chain, then try again")


def translated(error: Exception, method: str) -> ChainError:
    """Whatever web3, requests or eth-tester raise on a node's answer."""
    if isinstance(error, TransactionNotFound | BlockNotFound):
        return NotFound(
            f"{method}: the node has not got it: {shown(error)}", "check its number or hash, and the chain"
        )
    if isinstance(error, Web3RPCError):
        said: object = (error.rpc_response or {}).get("error")
        if isinstance(said, dict):
            return node_error(method, said.get("code"), str(said.get("message")), "the node")
        return node_error(method, None, str(error.message or error), "the node")
    return Unanswered(
        f"{method}: the node's answer cannot be used: {type(error).__name__}: {shown(error)}",
        "check that this is an Ethereum node, then try again",
    )
