"""A terms document for programs: amounts in base units as decimal strings and in words, times in seconds UTC."""

from __future__ import annotations

from typing import Any

from cli.terms_clauses import clauses
from cli.terms_words import paid
from record.hexes import to_hex
from record.terms import TermsDocument, local_bounds
from record.terms.periods import period_name
from record.terms.worked import worked_examples


def document_json(document: TermsDocument, agreement_id: bytes | None) -> dict[str, Any]:
    """Names, clauses, worked examples, hashes; ``agreement`` is null when no network says where it belongs."""
    last = document.service.count - 1
    return {
        "name": document.name,
        "displayName": document.display_name,
        "document": to_hex(document.document_hash),
        "agreement": None if agreement_id is None else to_hex(agreement_id),
        "token": {
            "address": document.token.address,
            "symbol": document.token.symbol,
            "decimals": document.token.decimals,
        },
        "zone": document.zone,
        "periods": document.service.count,
        "firstPeriod": _period(document, 0),
        "lastPeriod": _period(document, last),
        "clauses": [
            {"title": clause.title, "sentences": list(clause.sentences)} for clause in clauses(document)
        ],
        "obligations": [
            {
                "name": obligation.name,
                "objective": obligation.objective,
                "examples": examples_json(document, place),
            }
            for place, obligation in enumerate(document.obligations)
        ],
    }


def examples_json(document: TermsDocument, place: int) -> list[dict[str, Any]]:
    """Worked examples of one obligation."""
    unit, period = document.obligations[place].indicator.unit, period_name(document, 0)
    return [
        {
            "attained": str(example.attained),
            "attainedText": unit.text(example.attained),
            "tier": example.tier,
            "amount": str(example.amount),
            "amountText": paid(document, example.amount),
            "sentence": f"at {unit.text(example.attained)} in {period} the customer is paid "
            f"{paid(document, example.amount)}",
        }
        for example in worked_examples(document, place)
    ]


def _period(document: TermsDocument, period: int) -> dict[str, Any]:
    start, end = local_bounds(document, period)
    return {"name": period_name(document, period), "start": start, "end": end}
