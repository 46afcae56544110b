"""``makegood committee propose``: the offer of a rotation, and its submission with a quorum's signatures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from chain.committee import Committee
from chain.network import Network
from cli.base import Command, OptionError, json_option, print_json
from cli.committee_option import committee_option, reach_committee, read_address, read_rotation
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option
from cli.sending import confirm, send_options, tell_sent, working
from cli.terms_file import FileRefused, read_bytes, write_new
from record.readable import harmless, utc
from record.rotation import MAX_BYTES, Rotation, offer_bytes, read_signature
from sla.agreement import ZERO_ADDRESS
from sla.errors import SignatureError

EPILOG = f"""\b
Examples, in order: write the offer; let a quorum sign it; submit it, with any key that pays for gas.
    makegood committee propose rotation.json --outgoing 0x… --incoming 0x…
    makegood committee sign rotation.json --keystore member.json
    makegood committee propose rotation.json --keystore anybody.json
\b
Signature files that lie beside the offer are found; others are named after it.
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("signature_files", metavar="[SIGNATURES]...", type=click.Path(path_type=Path), nargs=-1)
@click.option("--outgoing", metavar="ADDRESS", help="Write the offer: the member that leaves.")
@click.option("--incoming", metavar="ADDRESS", help="Write the offer: the account that takes its place.")
@committee_option
@network_option
@key_options
@send_options
@json_option
def propose(
    file: Path,
    signature_files: tuple[Path, ...],
    outgoing: str | None,
    incoming: str | None,
    address: str | None,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Write the offer FILE of a rotation, or submit it with the SIGNATURES of a quorum.

    With --outgoing and --incoming the offer is written, for the members to sign. Without them it is submitted; after
    the committee's delay anyone may carry it out, and the nodes do so by themselves. It cannot be called off.
    """
    if outgoing is None and incoming is None:
        return _submit(file, signature_files, address, network, key, dry_run, yes, as_json)
    if outgoing is None or incoming is None or signature_files:
        raise click.UsageError("An offer is written with --outgoing and --incoming, and without signatures.")
    with working("reading the chain", as_json):
        committee = reach_committee(network, address)
        rotation = _new_rotation(committee, outgoing, incoming)
    if file.exists():
        raise FileRefused(str(file), "", "is there already", "move it away, or name another file")
    if not dry_run:
        write_new(file, offer_bytes(rotation, committee.domain))
    details = {"file": str(file), "written": not dry_run, **_details(committee, rotation)}
    if as_json:
        print_json({**details, "quorum": committee.quorum})
        return
    done = "would be written" if dry_run else "written"
    click.echo(
        f"{harmless(str(file))} {done}: {rotation.incoming} in place of {rotation.outgoing}.\n"
        f"Next: {committee.quorum} members sign it, makegood committee sign {harmless(str(file))}"
    )


def _new_rotation(committee: Committee, outgoing: str, incoming: str) -> Rotation:
    """The committee's next rotation; OptionError for what the contract would refuse."""
    members = committee.members
    leaves, comes = read_address(outgoing, "--outgoing"), read_address(incoming, "--incoming")
    if leaves not in members:
        raise OptionError("--outgoing", f"{leaves} is no member", f"name one of {', '.join(members)}")
    if comes in members or comes == ZERO_ADDRESS:
        raise OptionError("--incoming", f"{comes} is a member already, or zero", "name a new account")
    waiting = committee.pending_rotation()
    if waiting is not None:
        raise OptionError(
            "--incoming",
            f"another rotation is pending: {waiting.incoming} comes in at {utc(waiting.effective_at)} UTC",
            "carry that one out first: makegood committee rotate",
        )
    return Rotation(leaves, comes, committee.rotations())


def _submit(
    file: Path,
    signature_files: Sequence[Path],
    address: str | None,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    committee = reach_committee(network, address, dry_run)
    rotation = read_rotation(file, committee)
    signatures = _signatures(committee, rotation, signature_files or _beside(file))
    signer = key.signer(committee.connection.is_development)
    confirm(
        f"Propose {rotation.incoming} in place of {rotation.outgoing}? It cannot be called off.", yes, dry_run
    )
    with working("proposing", as_json):
        receipt = committee.propose_rotation(signer, rotation, list(signatures.values()))
    details = {**_details(committee, rotation), "signers": list(signatures)}
    told = f"{rotation.incoming} comes in for {rotation.outgoing}: see makegood committee status for when"
    tell_sent(receipt, told, details, as_json)


def _beside(file: Path) -> list[Path]:
    """The files that makegood committee sign left beside the offer."""
    return sorted(
        path
        for path in file.parent.iterdir()
        if path.name.startswith(f"{file.stem}.") and path.name.endswith(".sig.json")
    )


def _signatures(committee: Committee, rotation: Rotation, files: Sequence[Path]) -> dict[str, bytes]:
    """Each signer's, in the order of the files; FileRefused for what is no member's signature of this rotation."""
    members, found = committee.members, dict[str, bytes]()
    for file in files:
        try:
            signer, signature = read_signature(read_bytes(file, MAX_BYTES), rotation, committee.domain)
        except SignatureError as error:
            raise FileRefused(str(file), "", error.problem, error.remedy) from None
        if signer not in members:
            raise FileRefused(
                str(file), "signature", f"it is that of {signer}, who is no member", "leave the file out"
            )
        found[signer] = signature
    return found


def _details(committee: Committee, rotation: Rotation) -> dict[str, object]:
    return {
        "committee": committee.address,
        "outgoing": rotation.outgoing,
        "incoming": rotation.incoming,
        "number": rotation.number,
    }
