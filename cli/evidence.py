"""``makegood evidence``: name a document in a dispute or a case."""

from __future__ import annotations

from pathlib import Path

import click

from chain.network import Network
from cli.agreements import agreement_argument, find
from cli.base import Command, OptionError, json_option
from cli.claim_options import claim_options
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from record.hexes import to_hex
from record.keccak import keccak256

MAX_BYTES = 256 * 1024 * 1024
MAX_URI = 2_000
EPILOG = f"""\b
Example:
    makegood evidence 0x1f2e report.pdf --period 2 --obligation 0 --uri https://example.org/report.pdf \\
        --keystore provider.json
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@agreement_argument
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--uri",
    help="Where others find the document; by default the file's name. It goes on the chain for ever.",
)
@claim_options
@network_option
@key_options
@send_options
@json_option
def evidence(
    agreement: str,
    file: Path,
    uri: str | None,
    period: int,
    obligation: int,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Put the hash of FILE, and where it lies, on record in a dispute or a case of AGREEMENT.

    The document itself stays yours.
    """
    content_hash = keccak256(_content(file))
    place = uri if uri is not None else file.name
    if not place.isprintable() or len(place) > MAX_URI:
        raise OptionError("--uri", "is not a printable address", f"use at most {MAX_URI} plain characters")
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, _ = find(network, escrow, agreement)
    found.obligation(obligation)
    found.period(period)
    confirm(f"Name {place} ({to_hex(content_hash)}) as evidence?", yes, dry_run)
    with working("submitting", as_json):
        receipt = escrow.submit_evidence(signer, found.agreement, period, obligation, content_hash, place)
    details = {
        "agreement": to_hex(found.id),
        "period": period,
        "obligation": obligation,
        "contentHash": to_hex(content_hash),
        "uri": place,
    }
    tell_sent(receipt, f"On record: {file.name}, {to_hex(content_hash)}, at {place}", details, as_json)


def _content(file: Path) -> bytes:
    if not file.is_file():
        raise OptionError("FILE", f"{file} is not a file", "name the document itself")
    with file.open("rb") as content:
        data = content.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise OptionError(
            "FILE", f"{file} is larger than {MAX_BYTES >> 20} MiB", "name an archive of its parts"
        )
    return data
