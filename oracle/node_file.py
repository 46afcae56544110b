"""The node's file, ``node.toml``: everything an operator decides about one node."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chain.network import Network, read_network
from oracle.errors import OracleError
from oracle.settings import Settings
from record.hexes import parse_address
from record.settings_file import SettingsError, Table, read_settings, shown
from sla.errors import RecordError

DEFAULT_NAME = "node.toml"
MAX_BYTES = 100_000

_REQUIRED = "network data listen key"
_OPTIONAL = "committee documents files dry_run peers times"
_TIMES = "observe_after_seconds collect_after_seconds turn_seconds cycle_seconds finality keeps"


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """Which key signs: exactly one of ``keystore`` (its password on the first line of ``password_file``), ``signer``
    (the URL of an external signer, for the account ``address``) and ``bare_key`` (development chains only)."""

    keystore: Path | None = None
    password_file: Path | None = None
    signer: str | None = None
    address: str | None = None
    bare_key: Path | None = None


@dataclass(frozen=True, slots=True)
class NodeFile:
    """One node. ``peers`` are the other members' URLs by address; ``data`` holds the journal, ``files`` the recorded
    samples that terms name; ``host`` and ``port`` are where peers ask this node."""

    path: Path
    network: Network
    committee: str
    data: Path
    documents: Path
    files: Path
    host: str
    port: int
    key: KeyChoice
    peers: dict[str, str]
    settings: Settings


def read_node_file(path: Path) -> NodeFile:
    """The node of a file; SettingsError names file, field and remedy. Paths in it count from the file's folder."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(
            str(path),
            "",
            f"cannot be read ({error.strerror})",
            "run makegood oracle init, or name a file with --node",
        ) from None
    if len(data) > MAX_BYTES:
        raise SettingsError(str(path), "", f"has more than {MAX_BYTES} bytes", "a node's file is short")
    table = read_settings(data, str(path), _REQUIRED, _OPTIONAL)
    folder = path.parent
    network = read_network(folder / table.text("network"))
    host, port = _listen(table)
    return NodeFile(
        path=path,
        network=network,
        committee=_committee(table, network),
        data=folder / table.text("data"),
        documents=folder / table.text("documents") if table.has("documents") else network.documents,
        files=folder / (table.text("files") if table.has("files") else table.text("data")),
        host=host,
        port=port,
        key=_key(table, folder),
        peers=_peers(table),
        settings=_settings(table, network),
    )


def _committee(table: Table, network: Network) -> str:
    committee = table.address("committee") if table.has("committee") else network.committee
    if committee is None:
        raise table.refuse(
            "committee", "neither this file nor the network's names one", "add the committee's address"
        )
    return committee


def _listen(table: Table) -> tuple[str, int]:
    """Host and port of ``host:port``; an IPv6 address stands in brackets."""
    text = table.text("listen")
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    # urlsplit takes more than a host and a port: a user, a path, a query.
    if not host or port is None or text.lower() not in (f"{host}:{port}", f"[{host}]:{port}"):
        raise table.refuse(
            "listen", f"{shown(text)} is no host and port", 'write them as in "127.0.0.1:7070"'
        )
    return host, port


def _key(table: Table, folder: Path) -> KeyChoice:
    key = table.table("key", "", "keystore password_file signer address bare_key")
    given = [name for name in ("keystore", "signer", "bare_key") if key.has(name)]
    if len(given) != 1:
        raise table.refuse(
            "key", f"{len(given)} ways to sign are given", "give one: keystore, signer or bare_key"
        )
    belongs = {"keystore": "password_file", "signer": "address", "bare_key": None}[given[0]]
    for name in ("password_file", "address"):
        if name == belongs and not key.has(name):
            raise key.refuse(name, "is missing", f"{given[0]} needs it")
        if name != belongs and key.has(name):
            raise key.refuse(name, f"does not go with {given[0]}", "leave it out")
    return KeyChoice(
        keystore=folder / key.text("keystore") if key.has("keystore") else None,
        password_file=folder / key.text("password_file") if key.has("password_file") else None,
        signer=key.optional("signer", key.url),
        address=key.optional("address", key.address),
        bare_key=folder / key.text("bare_key") if key.has("bare_key") else None,
    )


def _peers(table: Table) -> dict[str, str]:
    if not table.has("peers"):
        return {}
    names = table.members["peers"]
    peers = table.table("peers", "", " ".join(names) if isinstance(names, dict) else "")
    for name in peers.members:
        try:
            parse_address(name)
        except RecordError as error:
            raise peers.refuse(
                shown(name)[1:-1], "is not a member's checksummed address", error.remedy
            ) from None
    return {name: _peer_url(peers, name) for name in peers.members}


def _peer_url(peers: Table, name: str) -> str:
    url = peers.url(name)
    try:
        parts = urlsplit(url)
        fine = bool(parts.hostname) and parts.port != 0 and url.isascii() and url.isprintable()
        fine = fine and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        fine = False
    if not fine:
        raise peers.refuse(
            name, f"{shown(url)} is no address of a node", 'write it as in "http://10.0.0.2:7070"'
        )
    return url


def _settings(table: Table, network: Network) -> Settings:
    times = table.table("times", "", _TIMES) if table.has("times") else Table(table.file, "times", {})
    default = Settings()

    def seconds(name: str, least: int, otherwise: int) -> int:
        return times.number(name, least, 86_400) if times.has(name) else otherwise

    try:
        return Settings(
            observe_after_seconds=seconds("observe_after_seconds", 0, default.observe_after_seconds),
            collect_after_seconds=seconds("collect_after_seconds", 1, default.collect_after_seconds),
            turn_seconds=seconds("turn_seconds", 1, default.turn_seconds),
            cycle_seconds=seconds("cycle_seconds", 1, int(default.cycle_seconds)),
            dry_run=table.flag("dry_run") if table.has("dry_run") else True,
            keeps=times.flag("keeps") if times.has("keeps") else default.keeps,
            finality=times.text("finality") if times.has("finality") else default.finality,
            first_block=network.first_block,
        )
    except OracleError as error:
        raise SettingsError(table.file, "times", error.problem, error.remedy) from None
