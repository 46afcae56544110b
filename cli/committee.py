"""``makegood committee``: who measures, and how its members replace one of them."""

from __future__ import annotations

import click

from cli.lazy import LazyGroup

COMMANDS = {
    "propose": ("cli.committee_propose", "Write the offer of a rotation, or submit it with its signatures."),
    "rotate": ("cli.committee_rotate", "Carry out the rotation whose delay is over."),
    "sign": ("cli.committee_sign", "Sign the offer of a rotation as a member."),
    "status": ("cli.committee_status", "Show members, quorum, rounds, and a rotation that waits."),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS)
def committee() -> None:
    """Look at a committee of oracle nodes, and replace one of its members by the members' own quorum.

    Propose an offer file, let a quorum sign it, submit it; after the committee's delay anyone may rotate.
    """
