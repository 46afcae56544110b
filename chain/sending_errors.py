"""Why a node would not take a transaction, in a sentence that says what to do."""

from __future__ import annotations

from chain.errors import ChainError
from chain.transactions import Transaction

ETHER = 10**18


def sending_error(error: ChainError, account: str, transaction: Transaction | None = None) -> ChainError:
    """The clearest error for what the node said about a transaction of ``account``; ``error`` itself if none is."""
    said = error.problem.lower()
    nonce = "its next nonce" if transaction is None else f"nonce {transaction.nonce}"
    if "nonce" in said and any(word in said for word in ("too low", "invalid", "already used", "lower than")):
        return ChainError(
            f"{account} has used {nonce} meanwhile: somebody else sends with its key",
            "see what was sent, then try again; let only one process use a key",
        )
    if "replacement" in said or "already reserved" in said:
        return ChainError(
            f"another transaction of {account} with {nonce} waits to be mined",
            "wait until it is, then try again; let only one process use a key",
        )
    if "insufficient" in said or "upfront cost" in said or "exceeds allowance" in said:
        cost = (
            "" if transaction is None else f" of up to {ether(transaction.gas * transaction.max_fee)} ether"
        )
        return ChainError(
            f"{account} has too little ether for the gas{cost}", "send it ether, then try again"
        )
    if "underpriced" in said or "less than block base fee" in said or "fee too low" in said:
        return ChainError("the chain's fees rose meanwhile", "try again")
    return error


def ether(wei: int) -> str:
    """Wei as ether, in decimal, nothing lost: 1_500_000_000_000_000_000 is "1.5"."""
    whole, rest = divmod(wei, ETHER)
    return f"{whole}.{rest:018}".rstrip("0").rstrip(".")
