"""``makegood up``: a whole network on one machine, and everything in it by one command."""

from __future__ import annotations

import json
import signal
import socket
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import click

from api.app import create_app
from api.server import serve
from chain.anvil import Anvil
from chain.connection import connect
from chain.escrow import Escrow
from chain.network import DEFAULT_NAME, Network
from cli.agreements import document_path
from cli.base import Command
from cli.exits import EXIT_HELP
from cli.local_network import QUORUM, Folder, LocalNetworkError, known_network, prepare, seated
from cli.telling import event_line
from oracle.fleet import Fleet
from oracle.settings import Settings
from sla.validation import MAX_DURATION

SETTINGS = Settings(
    observe_after_seconds=4,
    collect_after_seconds=7,
    turn_seconds=10,
    cycle_seconds=1.0,
    dry_run=False,
    finality="latest",
)
"""Quick enough to watch; a chain of one node takes nothing back."""

PORT = click.IntRange(0, 65_535)

EPILOG = f"""\b
Examples:
    makegood up
    makegood up --folder /srv/makegood --rpc-port 9545 --api-port 9000
\b
It runs until it is interrupted (Ctrl-C, SIGTERM), and begins again where it was.
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@click.option(
    "--folder",
    "root",
    type=click.Path(path_type=Path, file_okay=False),
    default=".makegood",
    show_default=True,
    help="Where the network keeps its state.",
)
@click.option(
    "--network",
    "network_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DEFAULT_NAME,
    show_default=True,
    envvar="MAKEGOOD_NETWORK",
    help="The network file to write, for all other commands.",
)
@click.option(
    "--rpc-port",
    default=8545,
    type=PORT,
    show_default=True,
    help="Port of the chain's JSON-RPC; 0 takes a free one.",
)
@click.option(
    "--api-port", default=8000, type=PORT, show_default=True, help="Port of the API; 0 takes a free one."
)
@click.option(
    "--block-time", default=1, show_default=True, type=click.IntRange(1, 60), help="Seconds between blocks."
)
@click.option(
    "--rotation-delay",
    default=60,
    show_default=True,
    type=click.IntRange(1, MAX_DURATION),
    help="Seconds that replacing an oracle node waits; of a new network's committee.",
)
@click.option("--json", "as_json", is_flag=True, help="Tell what happens as lines of JSON.")
def up(
    root: Path,
    network_file: Path,
    rpc_port: int,
    api_port: int,
    block_time: int,
    rotation_delay: int,
    as_json: bool,
) -> None:
    """Run a development chain, the contracts, four oracle nodes and the API on this machine, on loopback only."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    folder = Folder(root)
    with ExitStack() as stack:
        stack.enter_context(folder.hold())
        known = known_network(network_file, folder)
        api = _port(api_port, "--api-port")
        anvil = Anvil(folder.state, _port(rpc_port, "--rpc-port"), block_time, root / "chain.log")
        stack.callback(anvil.stop)
        _tell(as_json, "starting", {"part": "chain", "url": anvil.url})
        anvil.start()
        connection = connect(anvil.url)
        url = f"http://127.0.0.1:{api}"
        network = prepare(connection, folder, network_file, known, anvil.url, url, rotation_delay)
        anvil.keep_state()
        fleet = _fleet(network, folder, as_json)
        stack.callback(fleet.stop)
        app = create_app(
            Escrow(connect(anvil.url), network.escrow),
            network.first_block,
            bundles=lambda wanted: _bundle(fleet, wanted),
            documents=lambda wanted: _document(folder, wanted),
        )
        stack.enter_context(serve(app, port=api))
        fleet.start()
        _tell_ready(network, network_file, len(fleet.nodes), as_json)
        while not stopped.wait(0.2):
            if not anvil.is_running:
                raise LocalNetworkError("the chain ended by itself", f"look into {root / 'chain.log'}")
        _tell(as_json, "stopping", {})
    _tell(as_json, "stopped", {"state": str(folder.state)})


def _fleet(network: Network, folder: Folder, as_json: bool) -> Fleet:
    assert network.committee is not None
    connection = connect(network.rpc, network.chain_id)
    return Fleet(
        connection=connection,
        escrow=network.escrow,
        committee=network.committee,
        keys=seated(connection, network.committee, folder.members),
        documents=folder.documents,
        folder=folder.journals,
        settings=SETTINGS,
        files=folder.root,
        on_event=lambda kind, details: _tell(as_json, kind, details),
    )


def _port(wanted: int, option: str) -> int:
    """A port nobody uses."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", wanted))
        except OSError:
            raise LocalNetworkError(
                f"port {wanted} is taken", f"stop what uses it, or name another with {option}"
            ) from None
        return int(tried.getsockname()[1])


def _bundle(fleet: Fleet, wanted: bytes) -> bytes | None:
    """A member keeps the bundles of the rounds it signed; one of them signed."""
    kept = (node.bundle(wanted) for node in fleet.nodes)
    return next((bundle for bundle in kept if bundle is not None), None)


def _document(folder: Folder, wanted: bytes) -> str | None:
    path = document_path(folder.documents, wanted)
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _tell(as_json: bool, kind: str, details: Mapping[str, object]) -> None:
    click.echo(json.dumps({"event": kind, **details}) if as_json else event_line(kind, details))


def _tell_ready(network: Network, file: Path, nodes: int, as_json: bool) -> None:
    if as_json:
        _tell(
            True,
            "ready",
            {"network": str(file), "rpc": network.rpc, "api": network.api, "escrow": network.escrow},
        )
        return
    click.echo(
        f"""
Ready: chain {network.chain_id} with {nodes} oracle nodes, {QUORUM} of which must sign.
  chain      {network.rpc}
  API        {network.api}/openapi.json
  escrow     {network.escrow}
  committee  {network.committee}
  token      {network.token} (tUSD, worth nothing: makegood fund ADDRESS)
  network    {file}: every other command reads it

Next, in another terminal:
  makegood key new provider.json       a key, encrypted
  makegood fund ADDRESS                play money for it
  makegood terms new terms.yaml        your own terms
  docs/tutorial.md                     the whole way

Stop with Ctrl-C; makegood up begins again where it was.
"""
    )
