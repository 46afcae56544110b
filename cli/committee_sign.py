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
from cli.signing_options import SigningChoice, signing_options
from cli.terms_file import write_new
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
@signing_options
@committee_option
@network_option
@key_options
@json_option
def sign(
    file: Path,
    signing: SigningChoice,
    address: str | None,
    network: Network,
    key: KeyChoice,
    as_json: bool,
) -> None:
    """Sign the rotation that FILE offers, as one of the committee's members."""
    committee = reach_committee(network, address)
    rotation, domain = read_rotation(file, committee), committee.domain
    if signing.typed_data:
        return click.echo(json.dumps(rotation.typed_data(domain), indent=2))
    notes().print(
        f"Committee {committee.address}, chain {domain.chain_id}, rotation {rotation.number}: {rotation.incoming} in "
        f"place of {rotation.outgoing}, {duration(committee.rotation_delay)} after it is proposed.",
        soft_wrap=True,
    )
    made = signing.of_wallet()
    if made is not None:
        member = _signer_of(made, rotation, domain)
    else:
        signer = key.signer(committee.connection.is_development)
        member = signer.address
    if member not in committee.members:
        raise OptionError(
            "--keystore" if made is None else "--signature",
            f"{member}, whose key this is, is no member of the committee",
            f"sign with the key of one of {', '.join(committee.members)}",
        )
    target = signing.target(file, member)
    if not signing.dry_run:
        if made is None:
            confirm("Sign this as a member?", signing.yes, dry_run=False)
            made = signer.sign(rotation.preimage(domain))
        write_new(target, signature_bytes(rotation, domain, made))
    _tell(target, member, rotation, signing.dry_run, as_json)


def _signer_of(made: bytes, rotation: Rotation, domain: Domain) -> str:
    try:
        return recover(rotation.digest(domain), made)
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
