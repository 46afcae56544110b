"""``makegood committee sign``: a member's signature under the offer of a rotation, as a file to hand over."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chain.network import Network
from cli.base import Command, OptionError, json_option, notes, print_json
from cli.committee_option import committee_option, reach_committee, read_rotation
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option
from cli.sending import confirm
from cli.terms_file import FileRefused, write_new
from record.hexes import from_hex
from record.readable import duration, harmless
from record.rotation import Rotation, signature_bytes
from record.signing import recover
from record.typed_data import Domain
from sla.errors import MakegoodError

EPILOG = f"""\b
Examples:
    makegood committee sign rotation.json --keystore member.json
    makegood committee sign rotation.json --typed-data > for-my-wallet.json
    makegood committee sign rotation.json --signature 0x…
\b
The file is written beside the offer: rotation.0x….sig.json. Hand it to the one who submits the offer.
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where the signature goes; never over another file."
)
@click.option(
    "--typed-data", is_flag=True, help="Print the typed data (eth_signTypedData_v4) for a wallet to sign."
)
@click.option("--signature", metavar="HEX", help="Do not sign: take what a wallet made of the typed data.")
@click.option("--yes", is_flag=True, help="Do not ask before signing. Without a terminal nobody is asked.")
@click.option("--dry-run", is_flag=True, help="Show what would be signed; sign and write nothing.")
@committee_option
@network_option
@key_options
@json_option
def sign(
    file: Path,
    out: Path | None,
    typed_data: bool,
    signature: str | None,
    yes: bool,
    dry_run: bool,
    address: str | None,
    network: Network,
    key: KeyChoice,
    as_json: bool,
) -> None:
    """Sign the rotation that FILE offers, as one of the committee's members."""
    committee = reach_committee(network, address)
    rotation, domain = read_rotation(file, committee), committee.domain
    if typed_data:
        return click.echo(json.dumps(rotation.typed_data(domain), indent=2))
    notes().print(
        f"Committee {committee.address}, chain {domain.chain_id}, rotation {rotation.number}: {rotation.incoming} in "
        f"place of {rotation.outgoing}, {duration(committee.rotation_delay)} after it is proposed.",
        soft_wrap=True,
    )
    if signature is not None:
        member, made = _of_wallet(signature, rotation, domain)
    else:
        signer = key.signer(committee.connection.is_development)
        member, made = signer.address, b""
    if member not in committee.members:
        raise OptionError(
            "--signature" if signature is not None else "--keystore",
            f"{member}, whose key this is, is no member of the committee",
            f"sign with the key of one of {', '.join(committee.members)}",
        )
    target = out or file.with_name(f"{file.stem}.{member}.sig.json")
    if target.exists():
        raise FileRefused(
            str(target), "", "is there already", "move it away, or name another file with --out"
        )
    if not dry_run:
        if signature is None:
            confirm("Sign this as a member?", yes, dry_run)
            made = signer.sign(rotation.preimage(domain))
        write_new(target, signature_bytes(rotation, domain, made))
    _tell(target, member, rotation, dry_run, as_json)


def _of_wallet(text: str, rotation: Rotation, domain: Domain) -> tuple[str, bytes]:
    """Who signed, and the bytes a wallet shows as hex, in any case."""
    try:
        made = from_hex(text.strip().lower(), 65)
        return recover(rotation.digest(domain), made), made
    except MakegoodError as error:
        raise OptionError("--signature", error.problem, error.remedy) from None


def _tell(target: Path, member: str, rotation: Rotation, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "file": str(target),
                "written": not dry_run,
                "member": member,
                "outgoing": rotation.outgoing,
                "incoming": rotation.incoming,
                "number": rotation.number,
            }
        )
        return
    what = "would be written" if dry_run else "written"
    click.echo(f"{harmless(str(target))} {what}: {member}'s signature under rotation {rotation.number}")
