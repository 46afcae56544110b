"""Events of the contracts, read from a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hexbytes import HexBytes

from chain.connection import Connection
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
    """The events of ``contracts`` (address -> the events it may emit) in blocks ``first`` to ``last``, in order."""
    logs = connection.web3.eth.get_logs(
        {"address": list(contracts), "fromBlock": first, "toBlock": last}  # type: ignore[typeddict-item]
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
