"""``makegood court``: an ERC-792 court as the arbiter."""

from __future__ import annotations

import click

from cli.lazy import LazyGroup

COMMANDS = {
    "answer": ("cli.court_answer", "Answer a dispute, for the court to choose as well."),
    "deploy": ("cli.court_deploy", "Put a court between an escrow and its disputes."),
    "evidence": ("cli.court_evidence", "Name a document for the court to read."),
    "execute": ("cli.court_execute", "Pass the court's ruling on to the escrow."),
    "question": ("cli.court_question", "Write down the question to the court."),
    "request": ("cli.court_request", "Bring a dispute to the court, and pay it."),
    "status": ("cli.court_status", "Show what the court knows of a dispute."),
    "withdraw": ("cli.court_withdraw", "Fetch the arbiter's fees of whoever paid the court."),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS)
def court() -> None:
    """Have the disputes of agreements whose arbiter is a court ruled by it (ERC-792, as Kleros)."""
