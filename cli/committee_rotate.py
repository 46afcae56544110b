"""``makegood committee rotate``: carry out the rotation whose delay is over."""

from __future__ import annotations

import click

from chain.errors import Refused
from chain.network import Network
from cli.base import Command, json_option
from cli.committee_option import committee_option, reach_committee
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option
from cli.sending import confirm, send_options, tell_sent, working

EPILOG = f"""\b
Example, with any key that pays for gas; the oracle's nodes do it by themselves, too:
    makegood committee rotate --keystore anybody.json
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@committee_option
@network_option
@key_options
@send_options
@json_option
def rotate(
    address: str | None, network: Network, key: KeyChoice, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Carry out the committee's pending rotation. Anyone may, once its delay is over."""
    committee = reach_committee(network, address, dry_run)
    waiting = committee.pending_rotation()
    if waiting is None:
        raise Refused("NoRotationPending", {}, "rotate")
    signer = key.signer(committee.connection.is_development)
    confirm(f"Let {waiting.incoming} take the place of {waiting.outgoing}?", yes, dry_run)
    with working("rotating", as_json):
        receipt = committee.rotate(signer)
    details = {
        "committee": committee.address,
        "outgoing": waiting.outgoing,
        "incoming": waiting.incoming,
    }
    tell_sent(receipt, f"{waiting.incoming} is a member in place of {waiting.outgoing}", details, as_json)
