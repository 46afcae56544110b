"""``makegood``: one command for people and scripts."""

from __future__ import annotations

import click

from cli.exits import EXIT_HELP
from cli.lazy import LazyGroup

COMMANDS = {
    "audit": ("cli.audit", "Recompute every payment, of a pack or of the chain."),
    "completion": ("cli.completion", "Print what makes your shell complete these commands."),
    "deposit": ("cli.deposit", "Add collateral to an agreement."),
    "dispute": ("cli.dispute", "Contest a pending claim."),
    "evidence": ("cli.evidence", "Name a document in a dispute, by its hash."),
    "fund": ("cli.fund", "Play money for an account of a development chain."),
    "key": ("cli.key", "Make encrypted keys."),
    "open": ("cli.open_agreement", "Put terms into force that both parties signed."),
    "oracle": ("cli.oracle", "Run a node that measures, agrees, posts and pays."),
    "release": ("cli.release", "Give the rest of the collateral back."),
    "rule": ("cli.rule", "Decide a dispute, as the arbiter."),
    "settle": ("cli.settle", "Pay the claims that are due."),
    "status": ("cli.status", "Show agreements, periods, claims and disputes."),
    "terms": ("cli.terms", "Write, check, read, compare and sign terms files."),
    "up": ("cli.up", "Run a whole network on this machine."),
    "withdraw": ("cli.withdraw", "Fetch what a failed transfer left."),
}

EPILOG = f"""\b
Begin on one machine, with a chain of your own:
    makegood up
\b
Recompute every payment of a pack, offline:
    makegood audit build/demo/audit-pack --roots build/demo/roots.json
\b
{EXIT_HELP}
"""


@click.group(cls=LazyGroup, commands_by_name=COMMANDS, epilog=EPILOG)
@click.version_option(package_name="makegood")
def main() -> None:
    """Service level agreements that pay by themselves."""
