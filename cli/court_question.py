"""``makegood court question``: the question to a court, as a document to publish (ERC-1497)."""

from __future__ import annotations

import json

import click

from cli.base import Command
from cli.exits import EXIT_HELP

EPILOG = f"""\b
Example: publish what it prints, and name its address when you deploy.
    makegood court question > question.json
    makegood court deploy 0x… --question ipfs://… --keystore mine.json
\b
{EXIT_HELP}
"""

CHOICES = {
    "What was alleged": "The level that the party who disputed alleged is what was attained, or comes nearest to it.",
    "The report": "The committee's report is what was attained, or comes nearest to it.",
    "What the opponent answered": "The level that the disputer's opponent answered is what was attained, or comes "
    "nearest to it. Never choose this when nobody answered: it then counts as the report.",
}
"""ERC-792 numbers them from 1, in this order."""

QUESTION = {
    "category": "Service level agreements",
    "title": "What a service attained in one period",
    "description": "Two parties signed a service level agreement, and disagree about what was attained of one "
    "obligation in one period. The terms, the report, the allegation, the opponent's answer and the parties' "
    "evidence stand in the events of the escrow and of this arbiter. What each choice pays follows from the "
    "signed terms. Refuse to arbitrate if nothing can be found out: the default of the terms then applies.",
    "question": "Whose account of what was attained is right?",
    "rulingOptions": {
        "type": "single-select",
        "titles": list(CHOICES),
        "descriptions": list(CHOICES.values()),
    },
}


@click.command(cls=Command, epilog=EPILOG)
def question() -> None:
    """Print the question that a court is asked in each dispute, with its three choices, as JSON (ERC-1497)."""
    click.echo(json.dumps(QUESTION, indent=2, ensure_ascii=False))
