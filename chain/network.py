"""The network file, ``makegood.toml``: which chain, which contracts, where the terms documents lie."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from record.settings_file import SettingsError, Table, read_settings

DEFAULT_NAME = "makegood.toml"
REQUIRED = "rpc chain_id escrow first_block"
OPTIONAL = "committee token documents api"
MAX_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Network:
    """One deployment as the tools reach it.

    ``first_block`` is where the contracts were deployed: events are read from there. ``committee`` and ``token`` are
    those that new terms begin with. ``documents`` is the folder of terms documents, ``api`` the address of an API that
    serves bundles.
    """

    rpc: str
    chain_id: int
    escrow: str
    first_block: int
    committee: str | None
    token: str | None
    documents: Path
    api: str | None


def read_network(path: Path) -> Network:
    """The network of a file; SettingsError names the field. Paths in it count from the file's folder."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(
            str(path),
            "",
            f"cannot be read ({error.strerror})",
            "run makegood up, or name a file with --network",
        ) from None
    if len(data) > MAX_BYTES:
        raise SettingsError(str(path), "", f"has more than {MAX_BYTES} bytes", "name a network file")
    table = read_settings(data, str(path), REQUIRED, OPTIONAL)
    return Network(
        rpc=table.url("rpc"),
        chain_id=table.number("chain_id", 1, 2**53 - 1),
        escrow=table.address("escrow"),
        first_block=table.number("first_block", 0, 2**53 - 1),
        committee=table.optional("committee", table.address),
        token=table.optional("token", table.address),
        documents=path.parent / _documents(table),
        api=table.optional("api", table.url),
    )


def network_text(network: Network) -> str:
    """The file's text; ``documents`` as it is, so give it relative to the file."""
    optional = {"committee": network.committee, "token": network.token, "api": network.api}
    lines = [
        "# Which chain, which contracts. Anyone who knows this file can check what happened.",
        f'rpc = "{network.rpc}"',
        f"chain_id = {network.chain_id}",
        f'escrow = "{network.escrow}"',
        f"first_block = {network.first_block}",
        *(f'{name} = "{value}"' for name, value in optional.items() if value is not None),
        # The path is the user's own, and a basic string of TOML is one of JSON.
        f"documents = {json.dumps(network.documents.as_posix(), ensure_ascii=False)}",
    ]
    return "\n".join(lines) + "\n"


def _documents(table: Table) -> str:
    return table.text("documents") if table.has("documents") else "documents"
