"""``--committee``: which committee a command is about, and the files that go round among its members."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from chain.committee import Committee
from chain.connection import connect
from chain.network import Network
from cli.base import OptionError
from cli.terms_file import FileRefused, read_bytes
from record.hexes import parse_address
from record.rotation import MAX_BYTES, Rotation, RotationFileError, read_offer
from sla.errors import RecordError


def committee_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand ``address: str | None`` to the command."""
    return click.option(
        "--committee", "address", metavar="ADDRESS", help="The committee; default: the network's."
    )(function)


def reach_committee(network: Network, address: str | None, dry_run: bool = False) -> Committee:
    """The committee at an address, or the network's; ChainError when there is none."""
    return Committee(connect(network.rpc, network.chain_id), committee_address(network, address), dry_run)


def committee_address(network: Network, address: str | None) -> str:
    """The address given, or the network file's; OptionError without either."""
    if address is not None:
        return read_address(address, "--committee")
    if network.committee is None:
        raise OptionError("--committee", "the network file names none", "give the committee's address")
    return network.committee


def read_address(text: str, option: str) -> str:
    """A checksummed address; OptionError names the option."""
    try:
        return parse_address(text, option)
    except RecordError as error:
        raise OptionError(option, error.problem.removeprefix(f"{option} "), error.remedy) from None


def read_rotation(file: Path, committee: Committee) -> Rotation:
    """The rotation of an offer file; FileRefused unless it is the committee's next."""
    try:
        rotation = read_offer(read_bytes(file, MAX_BYTES), committee.domain)
    except RotationFileError as error:
        raise FileRefused(str(file), "", error.problem, error.remedy) from None
    proposed = committee.rotations()
    if rotation.number != proposed:
        raise FileRefused(
            str(file),
            "number",
            f"it is for rotation {rotation.number}, but the committee's next is {proposed}",
            "write a new offer: signatures count for one proposal only",
        )
    return rotation
