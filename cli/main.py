"""``makegood``: one command for people and scripts."""

from __future__ import annotations

import click

from cli.exits import EXIT_HELP
from cli.lazy import LazyGroup

COMMANDS = {
    "amend": ("cli.amend", "Put terms into force that take over from others."),
    "attain": ("cli.attain", "Compute attainments from files of records."),
    "audit": ("cli.audit", "Recompute every payment, of a pack or of the chain."),
    "committee": ("cli.committee", "Show who measures, and replace a member."),
    "claim": ("cli.claim", "Bring a report of the committee to the escrow."),
    "completion": ("cli.completion", "Print what makes your shell complete these commands."),
    "concede": ("cli.concede", "Accept what the other party alleged."),
    "court": ("cli.court", "Have disputes ruled by a court on the chain."),
    "deposit": ("cli.deposit", "Add collateral to an agreement."),
    "dispute": ("cli.dispute", "Contest a claim, a case, or a period without a report."),
    "evidence": ("cli.evidence", "Name a document in a dispute or a case, by its hash."),
    "exclude": ("cli.exclude", "Write down and approve time that is not to count."),
    "exit": ("cli.exit_agreement", "Leave by the exit rule, as the customer."),
    "fund": ("cli.fund", "Play money for an account of a development chain."),
    "key": ("cli.key", "Make encrypted keys."),
    "lake": ("cli.lake", "Show and delete records that landed, and freeze what is disputed."),
    "link": ("cli.link", "Pay into the escrow of a downstream agreement."),
    "open": ("cli.open_agreement", "Put terms into force that both parties signed."),
    "oracle": ("cli.oracle", "Run a node that measures, agrees, posts and pays."),
    "release": ("cli.release", "Give the rest of the collateral back."),
    "rule": ("cli.rule", "Decide a dispute or a case, as the arbiter."),
    "settle": ("cli.settle", "Pay the claims that are due, and arrears."),
    "status": ("cli.status", "Show agreements, periods, claims and disputes."),
    "terminate": ("cli.terminate", "End an agreement early, with both signatures."),
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
