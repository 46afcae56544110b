"""The network, for commands that can do without one: it says to which chain and escrow an agreement's id belongs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from chain.network import DEFAULT_NAME, Network, read_network
from record.eip712 import Domain, escrow_domain

ID_NEEDS_NETWORK = "the id depends on the chain and the escrow: name a network file with --network"


def maybe_network(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand ``network: Network | None`` to the command: None without ``--network`` where no makegood.toml is."""

    @wraps(function)
    def with_network(*arguments: Any, network_file: Path | None, **options: Any) -> Any:
        file = network_file or Path(DEFAULT_NAME)
        network = read_network(file) if network_file is not None or file.exists() else None
        return function(*arguments, network=network, **options)

    return click.option(
        "--network",
        "network_file",
        type=click.Path(path_type=Path),
        envvar="MAKEGOOD_NETWORK",
        help=f"The network file: chain and contracts.  [default: {DEFAULT_NAME}, where there is one]",
    )(with_network)


def domain_of(network: Network | None) -> Domain | None:
    """What an agreement's id is bound to."""
    return None if network is None else escrow_domain(network.chain_id, network.escrow)
