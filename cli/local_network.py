"""The network of ``makegood up``: a folder with the chain's state, its nodes' keys and journals, the documents."""

from __future__ import annotations

import fcntl
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from chain.anvil import CHAIN_ID, fund, last_state
from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import deploy_committee, deploy_escrow, deploy_test_token
from chain.escrow import Escrow
from chain.keys import LocalKey
from chain.keystore import read_bare_key
from chain.network import Network, network_text, read_network
from record.settings_file import SettingsError
from sla.errors import Kind, MakegoodError

MEMBERS = 4
QUORUM = 3
TOKEN = ("Test US Dollar", "tUSD", 6)


_KEY = re.compile(r"member-[1-9][0-9]{0,3}\Z", re.ASCII)


class LocalNetworkError(MakegoodError):
    """The folder of a local network is in use, or is not one."""

    kind = Kind.OUTSIDE


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a local network keeps what it is."""

    root: Path

    @property
    def state(self) -> Path:
        """The chain's state."""
        return self.root / "chain.json"

    @property
    def journals(self) -> Path:
        """The nodes' journals."""
        return self.root / "journals"

    @property
    def documents(self) -> Path:
        """Terms documents: what lies here is measured."""
        return self.root / "documents"

    def hold(self) -> IO[str]:
        """Make the folder and hold it; LocalNetworkError while another process does."""
        for folder in (self.root, self.root / "keys", self.journals, self.documents):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _require_ours(folder)
        held = (self.root / "lock").open("a")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            raise LocalNetworkError(
                f"{self.root} is in use by another makegood up", "stop that one, or use another --folder"
            ) from None
        return held

    def key(self, name: str) -> LocalKey:
        """A key of the network itself, made when it is first asked for. It holds nothing of worth."""
        path = self.root / "keys" / name
        if not path.exists():
            fresh = path.with_name(f"{name}.new")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(f"0x{os.urandom(32).hex()}\n")
            fresh.replace(path)
        return read_bare_key(path)

    @property
    def members(self) -> list[LocalKey]:
        """The keys of the first committee, then those laid beside them, member-5 and so on: for rotations."""
        first = [f"member-{number}" for number in range(1, MEMBERS + 1)]
        others = sorted(path.name for path in (self.root / "keys").glob("member-*") if _KEY.match(path.name))
        return [self.key(name) for name in dict.fromkeys((*first, *others))]


def _require_ours(folder: Path) -> None:
    """Whoever can write here can lay links in our way, and have us write over what they lead to."""
    about, us = folder.stat(), os.geteuid()
    if about.st_mode & 0o022 or us not in (0, about.st_uid):
        raise LocalNetworkError(
            f"others on this machine can write into {folder}", "chmod go-w it, or use a --folder of your own"
        )


def known_network(file: Path, folder: Folder) -> Network | None:
    """The network as an earlier run wrote it; None before the first. LocalNetworkError if the file is another's."""
    if not file.exists():
        return None
    network = read_network(file)
    if network.documents.resolve() != folder.documents.resolve() or network.chain_id != CHAIN_ID:
        raise LocalNetworkError(
            f"{file} describes another network", "name a new file with --network, or remove that one"
        )
    if not folder.state.exists():
        raise LocalNetworkError(f"the chain's state, {folder.state}, is gone", _restore(folder, file))
    return network


def prepare(
    connection: Connection,
    folder: Folder,
    file: Path,
    known: Network | None,
    rpc: str,
    api: str,
    rotation_delay: int,
) -> Network:
    """The network, deployed when it is new, with funded nodes; its file says where it is reached this time.

    ``rotation_delay``, in seconds, is a new committee's.
    """
    operator, members = folder.key("operator"), folder.members
    fund(connection.web3, [operator.address, *(member.address for member in members)])
    if known is not None:
        network = replace(known, rpc=rpc, api=api)
        _require_contracts(connection, network, folder, file)
    else:
        network = _deploy(connection, operator, members[:MEMBERS], folder, rpc, api, rotation_delay)
    relative = Path(os.path.relpath(folder.documents, file.parent))
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(network_text(replace(network, documents=relative)))
    fresh.replace(file)
    return network


def seated(connection: Connection, committee: str, keys: list[LocalKey]) -> list[LocalKey]:
    """The keys of those who are members now, or come in by the pending rotation."""
    contract = Committee(connection, committee)
    rotation = contract.pending_rotation()
    accounts = {*contract.members, *([] if rotation is None else [rotation.incoming])}
    return [key for key in keys if key.address in accounts]


def _deploy(
    connection: Connection,
    operator: LocalKey,
    members: list[LocalKey],
    folder: Folder,
    rpc: str,
    api: str,
    rotation_delay: int,
) -> Network:
    token = deploy_test_token(connection, operator, *TOKEN)
    addresses = [member.address for member in members]
    committee = deploy_committee(connection, operator, addresses, QUORUM, rotation_delay)
    escrow = deploy_escrow(connection, operator)
    return Network(
        rpc=rpc,
        chain_id=connection.chain_id,
        escrow=escrow,
        first_block=0,
        committee=committee,
        token=token,
        documents=folder.documents,
        api=api,
    )


def _require_contracts(connection: Connection, network: Network, folder: Folder, file: Path) -> None:
    try:
        Escrow(connection, network.escrow)
        if network.committee is None:
            raise SettingsError(str(file), "committee", "is missing", "begin anew")
        Committee(connection, network.committee)
    except MakegoodError as error:
        raise LocalNetworkError(
            f"the chain in {folder.state} does not hold the contracts of {file} ({error.problem})",
            _restore(folder, file),
        ) from None


def _restore(folder: Folder, file: Path) -> str:
    anew = f"remove {file} and {folder.root} to begin anew"
    kept = last_state(folder.state)
    return f"copy {kept} to {folder.state}, or {anew}" if kept.exists() else anew
