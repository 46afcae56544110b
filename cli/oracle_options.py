"""What the commands about a node share: its file, and whether a bare key will do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from oracle.node_file import DEFAULT_NAME


def node_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--node FILE``."""
    return click.option(
        "--node",
        "node_path",
        type=click.Path(path_type=Path, dir_okay=False),
        default=DEFAULT_NAME,
        show_default=True,
        envvar="MAKEGOOD_NODE",
        help="The node's file.",
    )(function)


def bare_key_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--allow-bare-key``."""
    return click.option(
        "--allow-bare-key",
        is_flag=True,
        help="Let the node sign with an unencrypted key; development chains only.",
    )(function)
