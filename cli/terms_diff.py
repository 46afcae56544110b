"""``makegood terms diff``: what changes between two terms files, in words and in money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chain.network import Network
from cli.base import Command, console, json_option, print_json
from cli.exits import EXIT_NO
from cli.terms_file import read_terms
from cli.terms_network import ID_NEEDS_NETWORK, domain_of, maybe_network
from cli.terms_words import paid
from record.eip712 import Domain, agreement_digest
from record.hexes import to_hex
from record.readable import harmless, utc
from record.terms import TermsDocument
from record.terms.difference import FieldChange, ObligationChange, field_changes, obligation_changes
from record.terms.succession import succession
from sla.agreement import ZERO_BYTES32, Agreement
from sla.validation import largest_period_compensation

EPILOG = """\b
Example:
    makegood terms diff agreement.yaml amended.yaml
\b
Comments, quotes and layout do not count. Exit code: 0 the same terms, 1 different, 2 a file cannot be read.
"""


@click.command(cls=Command, epilog=EPILOG, short_help="Compare two terms files, in words and in money.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@maybe_network
@json_option
def diff(old: Path, new: Path, network: Network | None, as_json: bool) -> None:
    """Compare the terms files OLD and NEW: each field, and what each obligation pays at worked attainments."""
    before, after = read_terms(old), read_terms(new)
    fields, obligations = field_changes(before, after), obligation_changes(before, after)
    if as_json:
        print_json(_json(before, after, fields, obligations, domain_of(network)))
    else:
        _print(console(), before, after, fields, obligations, domain_of(network))
    if before.document_hash != after.document_hash:
        raise SystemExit(EXIT_NO)


def _json(
    before: TermsDocument,
    after: TermsDocument,
    fields: list[FieldChange],
    obligations: list[ObligationChange],
    domain: Domain | None,
) -> dict[str, Any]:
    return {
        "same": before.document_hash == after.document_hash,
        "wordsOnly": _is_words_only(before, after),
        "old": _side(before, domain),
        "new": _side(after, domain),
        "amendment": _amendment_json(before, after, domain),
        "periodAtWorst": {"before": str(_worst(before)), "after": str(_worst(after))},
        "fields": [
            {"path": change.path, "before": change.before, "after": change.after} for change in fields
        ],
        "obligations": [
            {
                "name": change.name,
                "old": change.old,
                "new": change.new,
                "comparable": change.is_comparable,
                "payments": [
                    {
                        "attained": str(payment.attained),
                        "before": str(payment.before),
                        "after": str(payment.after),
                    }
                    for payment in change.payments
                ],
            }
            for change in obligations
        ],
    }


def _side(document: TermsDocument, domain: Domain | None) -> dict[str, str | None]:
    agreement_id = None if domain is None else to_hex(agreement_digest(document.agreement(), domain))
    return {"document": to_hex(document.document_hash), "agreement": agreement_id}


def _print(
    screen: Console,
    before: TermsDocument,
    after: TermsDocument,
    fields: list[FieldChange],
    obligations: list[ObligationChange],
    domain: Domain | None,
) -> None:
    if not fields and before.document_hash == after.document_hash:
        return _line(screen, "The same terms, word for word: the agreement's id stays.")
    for change in fields:
        _line(screen, f"{change.path}: {_words(change)}")
    if not fields:
        _line(screen, "The same fields in another order.")
    for obligation in obligations:
        _money(screen, before, after, obligation)
    if (before.token, _worst(before)) != (after.token, _worst(after)):
        _line(
            screen,
            f"\nThe most that a period can cost the provider was {paid(before, _worst(before))}, is "
            f"{paid(after, _worst(after))}.",
        )
    for line in _amendment_lines(before, after, domain):
        _line(screen, line)
    _line(screen, "")
    if _is_words_only(before, after):
        _line(screen, "Only words change: every number and account stays as it was.")
    _line(screen, "The agreement's id changes, so both parties have to sign again.")
    if domain is not None:
        _line(screen, f"  old {_side(before, domain)['agreement']}")
        _line(screen, f"  new {_side(after, domain)['agreement']}")


def _words(change: FieldChange) -> str:
    if change.before is None:
        return f"is new: {change.after!r}"
    if change.after is None:
        return f"is gone: it was {change.before!r}"
    return f"was {change.before!r}, is {change.after!r}"


def _money(screen: Console, before: TermsDocument, after: TermsDocument, change: ObligationChange) -> None:
    if change.old is None or change.new is None:
        return _line(
            screen, f"\n{change.name}: {'a new' if change.old is None else 'no longer an'} obligation", "bold"
        )
    if not change.is_comparable:
        return _line(
            screen, f"\n{change.name}: measured or paid in another unit; see both with terms show", "bold"
        )
    if not change.pays_differently:
        return _line(screen, f"\n{change.name}: pays the same at every worked attainment", "bold")
    _line(screen, f"\n{change.name}: what the customer is paid", "bold")
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    for title in ("attained", "before", "after"):
        table.add_column(title, justify="right", no_wrap=True)
    unit = before.obligations[change.old].indicator.unit
    for payment in change.payments:
        style = "" if payment.before == payment.after else "bold"
        cells = (unit.text(payment.attained), paid(before, payment.before), paid(after, payment.after))
        table.add_row(*(Text(harmless(cell), style) for cell in cells))
    screen.print(table)


def _worst(document: TermsDocument) -> int:
    return largest_period_compensation(document.terms())


def _amendment_lines(before: TermsDocument, after: TermsDocument, domain: Domain | None) -> Iterator[str]:
    """How NEW takes over from OLD, where it names a predecessor."""
    found = succession(before, after)
    if found is None:
        return
    named = to_hex(found.predecessor)
    if domain is None:
        yield f"\nThe new terms amend agreement {named}; {ID_NEEDS_NETWORK}."
    elif found.predecessor != agreement_digest(before.agreement(), domain):
        yield f"\nThe new terms amend agreement {named}, which is not that of the old file on this network."
        return
    start = utc(after.service.start)
    if found.periods_kept is None:
        yield f"They start at {start}, where no period of the old terms ends: the escrow would refuse them."
        return
    yield (
        f"They take over at {start}, after {found.periods_kept} of the {before.service.count} periods that were "
        f"signed; {paid(after, found.collateral_added)} is added to the collateral in escrow."
    )
    for field in found.forbidden:
        yield f"The {field} is another: the escrow would refuse them."


def _amendment_json(
    before: TermsDocument, after: TermsDocument, domain: Domain | None
) -> dict[str, Any] | None:
    found = succession(before, after)
    if found is None:
        return None
    is_old = None if domain is None else found.predecessor == agreement_digest(before.agreement(), domain)
    return {
        "predecessor": to_hex(found.predecessor),
        "isOld": is_old,
        "periodsKept": found.periods_kept,
        "collateralAdded": str(found.collateral_added),
        "forbidden": list(found.forbidden),
    }


def _is_words_only(before: TermsDocument, after: TermsDocument) -> bool:
    """Whether only what the hash of the document stands for differs."""

    def without_words(agreement: Agreement) -> Agreement:
        return replace(agreement, formation=replace(agreement.formation, document=ZERO_BYTES32))

    return before.document_hash != after.document_hash and without_words(before.terms()) == without_words(
        after.terms()
    )


def _line(screen: Console, text: str, style: str = "") -> None:
    lines = "\n".join(harmless(line, 2_000) for line in text.split("\n"))
    screen.print(Text(lines, style), soft_wrap=True)
