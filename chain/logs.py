"""Events of the contracts, read from a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hexbytes import HexBytes
from web3.types import LogReceipt

from chain.connection import Connection
from chain.errors import RangeTooWide, Unanswered
from record.events import Event, decode_event


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event and where it stands in the chain."""

    block: int
    block_hash: bytes
    transaction: bytes
    log_index: int
    address: str
    event: Event


def read_events(
    connection: Connection, contracts: Mapping[str, Sequence[type[Event]]], first: int, last: int
) -> list[LoggedEvent]:
    """The events of ``contracts`` (address -> the events it may emit) in blocks ``first`` to ``last``, in order.

    A node that answers for fewer blocks at a time is asked for half of them, down to one.
    """
    logs = _logs(connection, list(contracts), first, last)
    for log in logs:
        if str(log["address"]) not in contracts or not first <= log["blockNumber"] <= last:
            raise Unanswered(
                f"the node gave a log of {log['address']} in block {log['blockNumber']}, which was not asked for",
                "use another node",
            )
    return [
        LoggedEvent(
            block=log["blockNumber"],
            block_hash=bytes(log["blockHash"]),
            transaction=bytes(log["transactionHash"]),
            log_index=log["logIndex"],
            address=str(log["address"]),
            event=decode_event(
                [bytes(topic) for topic in log["topics"]],
                bytes(HexBytes(log["data"])),
                contracts[str(log["address"])],
            ),
        )
        for log in sorted(logs, key=lambda log: (log["blockNumber"], log["logIndex"]))
    ]


def _logs(connection: Connection, addresses: list[str], first: int, last: int) -> list[LogReceipt]:
    found: list[LogReceipt] = []
    step = last - first + 1
    while first <= last:
        end = min(first + step - 1, last)
        try:
            found += connection.web3.eth.get_logs(
                {"address": addresses, "fromBlock": first, "toBlock": end}  # type: ignore[typeddict-item]
            )
        except RangeTooWide:
            if first == end:
                raise
            step = (end - first + 1) // 2
        else:
            first = end + 1
    return found
