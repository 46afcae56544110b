"""``makegood terminate``: both parties end an agreement early."""

from __future__ import annotations

import click

from cli.lazy import LazyGroup

COMMANDS = {
    "propose": ("cli.terminate_propose", "Write the offer of a termination."),
    "sign": ("cli.terminate_sign", "Sign the offer as provider or customer."),
    "submit": ("cli.terminate_submit", "Bring the offer with both signatures."),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS)
def terminate() -> None:
    """End an agreement after some of its periods, with both parties' signatures.

    Propose an offer file, let both parties sign it, submit it. Periods that are kept are measured, claimed and paid as
    before; then the collateral can be released.
    """
