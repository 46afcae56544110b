"""``--network``: which chain and contracts a command is about, and the way there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from chain.connection import Connection, connect
from chain.escrow import Escrow
from chain.network import DEFAULT_NAME, Network, read_network


def network_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand ``network: Network`` to the command; the file is read only when it runs."""

    @wraps(function)
    def with_network(*arguments: Any, network_file: Path, **options: Any) -> Any:
        return function(*arguments, network=read_network(network_file), **options)

    return network_file_option(with_network)


def network_file_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--network`` as a path, for commands that can do without the file."""
    return click.option(
        "--network",
        "network_file",
        type=click.Path(path_type=Path),
        default=DEFAULT_NAME,
        show_default=True,
        envvar="MAKEGOOD_NETWORK",
        help="The network file: chain and contracts.",
    )(function)


def reach(network: Network, dry_run: bool = False) -> tuple[Connection, Escrow]:
    """The network's chain and its escrow; ChainError when they are not what the file says."""
    connection = connect(network.rpc, network.chain_id)
    return connection, Escrow(connection, network.escrow, dry_run)
