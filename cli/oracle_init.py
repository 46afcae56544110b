"""``makegood oracle init``: a node's file, with a word on every field."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cli.base import Command, json_option, print_json
from cli.exits import EXIT_HELP
from oracle.node_file import DEFAULT_NAME, read_node_file
from record.settings_file import SettingsError
from sla.errors import MakegoodError

EPILOG = f"""\b
Example:
    makegood key new oracle.json --password-file password
    makegood oracle init --keystore oracle.json --password-file password \\
        --peer 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed=http://10.0.0.2:7070
\b
{EXIT_HELP}
"""

TEMPLATE = """\
# One oracle node. Paths count from this file's folder.

# Which chain and contracts: the network's file.
network = {network}
# The journal lies here: what this node signed. Back it up, never run two nodes on copies of it.
data = {data}
# Where the other nodes reach this one.
listen = {listen}
# While this is true nothing is sent: transactions are only tried. `makegood oracle run --send` overrides it.
dry_run = true
# Where terms documents (*.yaml) are found; new ones are picked up while the node runs. Default: the network's folder.
{documents}
# Where recorded samples lie that terms name. Default: the data folder.
# files = "recorded"

# The member's key, in one of three ways.
[key]
{key}

# The other members of the committee, and where their nodes listen.
[peers]
{peers}

# All nodes of a committee use the same observe, collect and turn times. Seconds.
[times]
# After a period's end: wait so long for the last samples, then sign the observation ...
observe_after_seconds = 30
# ... and after so long a round is proposed; longer than the above.
collect_after_seconds = 120
# How long a member has for its round before it is the next one's turn.
turn_seconds = 60
# Between two looks at the chain.
cycle_seconds = 5
# Up to which block agreements count: "finalized", "safe", or "latest" where the chain has no such notion.
finality = "finalized"
"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default=DEFAULT_NAME)
@click.option("--network", default="makegood.toml", show_default=True, help="The network's file.")
@click.option("--data", default="node-data", show_default=True, help="Folder for the journal.")
@click.option(
    "--listen", default="127.0.0.1:7070", show_default=True, help="Where the other nodes reach this one."
)
@click.option("--documents", help="Folder of terms documents; default: the network's.")
@click.option("--keystore", help="Sign with this encrypted keystore.")
@click.option("--password-file", help="File whose first line is the keystore's password.")
@click.option("--signer", help="Sign with the external signer at this URL (Web3Signer).")
@click.option("--signer-address", help="The account the external signer signs for.")
@click.option("--bare-key", help="Sign with this unencrypted key; development chains only.")
@click.option(
    "--peer", "peers", multiple=True, metavar="ADDRESS=URL", help="Another member and its node; repeat it."
)
@json_option
def init(
    file: Path,
    network: str,
    data: str,
    listen: str,
    documents: str | None,
    keystore: str | None,
    password_file: str | None,
    signer: str | None,
    signer_address: str | None,
    bare_key: str | None,
    peers: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write a node's FILE with a comment on every field. A file that is there is never overwritten."""
    text = TEMPLATE.format(
        network=_quoted(network),
        data=_quoted(data),
        listen=_quoted(listen),
        documents=f"documents = {_quoted(documents)}" if documents else '# documents = "documents"',
        key=_key(keystore, password_file, signer, signer_address, bare_key),
        peers=_peers(peers),
    )
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError:
        raise SettingsError(str(file), "", "is there already", "name another file, or move it away") from None
    try:
        config = read_node_file(file)
    except MakegoodError:
        file.unlink()
        raise
    if as_json:
        print_json({"file": str(file), "committee": config.committee, "next": [*_next(file)]})
        return
    click.echo(f"{file} is written. It sends nothing until you let it.")
    click.echo("Next:")
    for line in _next(file):
        click.echo(f"    {line}")


def _next(file: Path) -> tuple[str, ...]:
    node = "" if file == Path(DEFAULT_NAME) else f" --node {file}"
    return (
        f"makegood oracle check{node}",
        f"makegood oracle run{node}",
        f"makegood oracle run{node} --send",
    )


def _key(
    keystore: str | None,
    password_file: str | None,
    signer: str | None,
    address: str | None,
    bare_key: str | None,
) -> str:
    given = {
        "keystore": keystore,
        "password_file": password_file,
        "signer": signer,
        "address": address,
        "bare_key": bare_key,
    }
    if not any((keystore, signer, bare_key)):
        raise click.UsageError(
            "Say how the node signs: --keystore with --password-file, --signer with --signer-address, or --bare-key."
        )
    return "\n".join(f"{name} = {_quoted(value)}" for name, value in given.items() if value is not None)


def _peers(peers: tuple[str, ...]) -> str:
    lines = []
    for peer in peers:
        address, sign, url = peer.partition("=")
        if not sign:
            raise click.UsageError(f"--peer {peer!r} is no ADDRESS=URL, as in 0x…=http://10.0.0.2:7070.")
        lines.append(f"{_quoted(address)} = {_quoted(url)}")
    return "\n".join(lines) or '# "0x…" = "http://10.0.0.2:7070"'


def _quoted(text: str) -> str:
    """A TOML string: JSON's quoting is one of TOML's, but for the delete character."""
    return json.dumps(text).replace("\x7f", "\\u007f")
