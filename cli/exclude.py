"""``makegood exclude``: time that does not count, written down and approved."""

from __future__ import annotations

import click

from cli.lazy import LazyGroup

COMMANDS = {
    "propose": ("cli.exclude_propose", "Write down an exclusion."),
    "approve": ("cli.exclude_approve", "Approve it as provider or customer."),
    "show": ("cli.exclude_show", "Show what it says and who approved it."),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS)
def exclude() -> None:
    """Write down time that is not to count: maintenance, force majeure, what the customer or a dependency caused.

    An exclusion is a file that goes round and that each approving party signs. Which approvals, which notice and how
    much of it count, the terms say (`exclusions`); whoever measures is given the files in a folder.
    """
