"""``makegood terminate submit``: bring a termination that both parties signed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from chain.accounts import is_contract
from chain.escrow import Escrow
from chain.network import Network
from cli.base import Command, json_option
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from cli.terminating import Ending, read_ending
from cli.terms_file import FileRefused, read_bytes
from record.offer import ROLES, party
from record.termination import MAX_BYTES, read_signature, verify
from sla.errors import SignatureError

EPILOG = f"""\b
Example, with any key that pays for gas:
    makegood terminate submit end.json --keystore anybody.json
\b
Signature files that lie beside the offer are found; others are named after it.
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("signature_files", metavar="[SIGNATURES]...", type=click.Path(path_type=Path), nargs=-1)
@network_option
@key_options
@send_options
@json_option
def submit(
    file: Path,
    signature_files: tuple[Path, ...],
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Bring the offer FILE with both parties' SIGNATURES. Anyone may."""
    with working("reading the chain", as_json):
        _, escrow = reach(network, dry_run)
        ending = read_ending(file, network, escrow)
        signatures = _signatures(escrow, ending, file, signature_files or _beside(file))
    signer = key.signer(escrow.connection.is_development)
    confirm(f"{ending.text}: submit it? It cannot be called off.", yes, dry_run)
    termination = ending.termination
    with working("terminating", as_json):
        receipt = escrow.terminate(
            signer,
            ending.found.agreement,
            termination.count,
            termination.valid_by,
            signatures["provider"],
            signatures["customer"],
        )
    tell_sent(receipt, ending.text, ending.details, as_json)


def _beside(file: Path) -> list[Path]:
    """The files that makegood terminate sign left beside the offer."""
    named = [file.with_name(f"{file.stem}.{role}.sig.json") for role in ROLES]
    return [path for path in named if path.exists()]


def _signatures(escrow: Escrow, ending: Ending, file: Path, files: Sequence[Path]) -> dict[str, bytes]:
    """Each party's, verified; FileRefused for a file that holds none, or when one is missing."""
    agreement, found = ending.found.agreement, dict[str, bytes]()
    for path in files:
        data = read_bytes(path, MAX_BYTES)
        try:
            role, signature = read_signature(data, ending.termination, escrow.domain, agreement)
            if not is_contract(escrow.connection, party(agreement, role)):
                verify(signature, ending.termination, escrow.domain, agreement, role)
        except SignatureError as error:
            raise FileRefused(str(path), "", error.problem, error.remedy) from None
        found[role] = signature
    for role in ROLES:
        if role not in found:
            raise FileRefused(
                str(file),
                "",
                f"the {role}'s signature is missing",
                f"add it: makegood terminate sign {file} --as {role}",
            )
    return found
