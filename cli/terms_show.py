"""``makegood terms show``: the agreement as a lawyer would read it, and what it pays by examples."""

from __future__ import annotations

from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chain.network import Network
from cli.base import Command, console, json_option, print_json
from cli.exits import EXIT_HELP
from cli.terms_clauses import Clause, clauses
from cli.terms_file import open_terms
from cli.terms_json import document_json
from cli.terms_network import ID_NEEDS_NETWORK, domain_of, maybe_network
from cli.terms_overrides import layer_lines, layers_json
from cli.terms_words import examples_title, paid
from record.eip712 import agreement_digest
from record.hexes import to_hex
from record.readable import harmless
from record.terms import TermsDocument
from record.terms.periods import period_name
from record.terms.worked import worked_examples


@click.command(
    cls=Command,
    short_help="Show a terms file in plain English, with examples.",
    epilog=f"\b\nExample:\n    makegood terms show examples/aws-compute-region.yaml\n\b\n{EXIT_HELP}",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--overrides", is_flag=True, help="Add what each inherited file set, and what it overrode.")
@maybe_network
@json_option
def show(file: Path, overrides: bool, network: Network | None, as_json: bool) -> None:
    """Show FILE as numbered clauses in plain English, with worked examples of every obligation.

    What FILE inherits is put together first. With a network file, the agreement's id is shown as well: what both
    parties sign.
    """
    source = open_terms(file)
    document = source.document()
    domain = domain_of(network)
    agreement_id = None if domain is None else agreement_digest(document.agreement(), domain)
    if as_json:
        layers = {"layers": layers_json(source.inherited)} if overrides else {}
        print_json(document_json(document, agreement_id) | layers)
        return
    screen = console()
    print_document(screen, document, agreement_id)
    if overrides:
        _line(screen, "\nInherited", "bold")
        for line in layer_lines(source.inherited):
            _line(screen, line)


def print_document(screen: Console, document: TermsDocument, agreement_id: bytes | None) -> None:
    """Title, clauses, examples, hashes."""
    _line(screen, document.display_name, "bold")
    _line(screen, document.description)
    for number, clause in enumerate(clauses(document), 1):
        _clause(screen, number, clause)
    for place in range(len(document.obligations)):
        _examples(screen, document, place)
    _line(screen, "")
    _line(screen, f"Document hash  {to_hex(document.document_hash)}")
    told = to_hex(agreement_id) if agreement_id is not None else f"({ID_NEEDS_NETWORK})"
    _line(screen, f"Agreement id   {told}")


def _clause(screen: Console, number: int, clause: Clause) -> None:
    _line(screen, f"\n{number}. {clause.title}", "bold")
    grid = Table.grid(padding=(0, 1))
    for place, sentence in enumerate(clause.sentences, 1):
        if screen.is_terminal:
            grid.add_row(f"  {number}.{place}", Text(harmless(sentence, 2_000)))
        else:
            _line(screen, f"  {number}.{place} {sentence}")
    if screen.is_terminal:
        screen.print(grid)


def _examples(screen: Console, document: TermsDocument, place: int) -> None:
    obligation = document.obligations[place]
    _line(screen, f"\n{examples_title(document, place)}", "bold")
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    for title in ("attained", "the customer is paid", ""):
        table.add_column(title, justify="right" if title else "left", no_wrap=True)
    period = period_name(document, 0)
    for example in worked_examples(document, place):
        because = "within the objective" if example.tier is None else f"tier {example.tier + 1}"
        attained = f"at {obligation.indicator.unit.text(example.attained)} in {period}"
        table.add_row(*(Text(harmless(cell)) for cell in (attained, paid(document, example.amount), because)))
    screen.print(table)


def _line(screen: Console, text: str, style: str = "") -> None:
    lines = "\n".join(harmless(line, 2_000) for line in text.split("\n"))
    screen.print(Text(lines, style), soft_wrap=not screen.is_terminal)
