"""``makegood committee status``: members, quorum, rounds, and the rotation that waits."""

from __future__ import annotations

from collections.abc import Mapping

import click

from api.answers.values import time_text
from chain.committee import Committee
from chain.network import Network
from cli.base import Command, json_option, print_json
from cli.committee_option import committee_option, reach_committee
from cli.exits import EXIT_HELP
from cli.network_option import network_option
from cli.sending import working
from record.readable import duration, number, utc
from record.rotation import PendingRotation

EPILOG = f"""\b
Examples:
    makegood committee status
    makegood committee status --committee 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --json
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@committee_option
@network_option
@json_option
def status(address: str | None, network: Network, as_json: bool) -> None:
    """Show the committee's members in the order of their index, its quorum, its rounds, and a rotation that waits."""
    with working("reading the chain", as_json):
        committee = reach_committee(network, address)
        members, waiting = committee.members, committee.pending_rotation()
        last, now = committee.last_round(), committee.connection.now()
        rotations = committee.rotations()
    if as_json:
        print_json(
            {
                "committee": committee.address,
                "chainId": network.chain_id,
                "members": list(members),
                "quorum": committee.quorum,
                "lastRound": last,
                "rotationDelaySeconds": committee.rotation_delay,
                "rotations": rotations,
                "pending": None if waiting is None else pending_json(waiting, now),
            }
        )
        return
    click.echo(f"Committee {committee.address} on chain {network.chain_id}")
    click.echo(f"  {committee.quorum} of {len(members)} members must sign; {_rounds(last)}")
    for index, member in enumerate(members):
        leaves = waiting is not None and waiting.outgoing == member
        click.echo(f"  {index:>2}  {member}{'  leaves' if leaves else ''}")
    click.echo(_rotation_line(committee, waiting, now))


def pending_json(waiting: PendingRotation, now: int) -> Mapping[str, object]:
    """A rotation that waits, for machines; times as ISO 8601 in UTC."""
    return {
        "outgoing": waiting.outgoing,
        "incoming": waiting.incoming,
        "effectiveAt": time_text(waiting.effective_at),
        "due": now >= waiting.effective_at,
    }


def _rounds(last: int) -> str:
    return f"the last round is {number(last)}" if last else "no round was posted yet"


def _rotation_line(committee: Committee, waiting: PendingRotation | None, now: int) -> str:
    if waiting is None:
        return f"  no rotation is pending; one would wait {duration(committee.rotation_delay)}"
    comes = f"  {waiting.incoming} comes in for {waiting.outgoing}"
    if now >= waiting.effective_at:
        return f"{comes}: since {utc(waiting.effective_at)} UTC anyone may carry it out, makegood committee rotate"
    return f"{comes} from {utc(waiting.effective_at)} UTC on, in {duration(waiting.effective_at - now)}"
