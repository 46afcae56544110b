"""``makegood terms merge``: a terms file and all it inherits as the one document that both parties sign."""

from __future__ import annotations

from pathlib import Path

import click

from cli.base import Command, json_option, print_json
from cli.exits import EXIT_HELP
from cli.terms_file import TermsFile, open_terms, write_new
from record.hexes import to_hex
from record.readable import harmless

EPILOG = f"""\b
Examples:
    makegood terms merge gold.yaml
    makegood terms merge gold.yaml --output agreement.yaml
\b
Signed are the merged terms, by their hash: it is the same for gold.yaml and for agreement.yaml.
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG, short_help="Put a terms file and what it inherits into one.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="Write a new file.  [default: print it]")
@json_option
def merge(file: Path, output: Path | None, as_json: bool) -> None:
    """Put FILE and all that it inherits into one document. A file that inherits nothing stays as it is.

    Whether the outcome can become an agreement, makegood terms check says.
    """
    source = open_terms(file)
    if output is not None:
        write_new(output, source.text.encode())
    document_hash = _document_hash(source)
    if as_json:
        print_json(
            {
                "file": str(file),
                "output": None if output is None else str(output),
                "layers": [str(file)] if source.inherited is None else list(source.inherited.layers),
                "document": document_hash,
                "text": source.text,
            }
        )
    elif output is None:
        click.echo(source.text, nl=False)
    else:
        told = (
            f"document {document_hash}" if document_hash else "which is not whole: see makegood terms check"
        )
        click.echo(f"{harmless(str(output))} written: {told}")


def _document_hash(source: TermsFile) -> str | None:
    """None while there is no document that could be signed."""
    gathered = source.gathered
    return None if gathered.errors or gathered.document is None else to_hex(gathered.document.document_hash)
