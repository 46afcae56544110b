"""Attainments for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from cli.attaining import Answer, Unmeasured
from metering.attained import Attained
from metering.exclusion_files import RefusedFile
from record.hexes import to_hex
from record.terms import TermsDocument
from sla.zones import zone_data_version


def attainments_json(
    document: TermsDocument,
    found: Iterable[Answer | Unmeasured],
    refused: Iterable[RefusedFile],
    engine: str,
    until: int,
) -> dict[str, Any]:
    """``attainments``: one object for each obligation, period (or day) and combination of dimensions. Times are seconds
    UTC, ratios ppm, ``pays`` base units of the token."""
    answered = list(found)
    return {
        "terms": to_hex(document.document_hash),
        "zone": document.zone,
        "zoneData": zone_data_version(),
        "engine": engine,
        "asOf": until,
        "attainments": [each for one in answered if isinstance(one, Answer) for each in _attained(one)],
        "landed": [_landed(one) for one in answered if isinstance(one, Answer)],
        "notExcluded": [each for one in answered if isinstance(one, Answer) for each in _in_vain(one)],
        "refusedExclusions": [asdict(each) for each in refused],
        "notFromFiles": [one.obligation.name for one in answered if isinstance(one, Unmeasured)],
    }


def _attained(answer: Answer) -> Iterator[dict[str, Any]]:
    for one, pays in zip(answer.found, answer.pays, strict=True):
        shown: dict[str, Any] = {
            "obligation": answer.obligation.name,
            "indicator": answer.obligation.indicator.name,
            "period": one.cell.period,
            **({"day": one.cell.day} if one.cell.day else {}),
            "start": one.cell.start,
            "end": one.cell.end,
            "dimension": dict(one.dimension),
            "attained": one.attained,
            "unit": answer.obligation.indicator.unit.name,
            "numerator": one.numerator,
            "denominator": one.denominator,
            "excluded": one.excluded,
            "missing": one.missing,
            "counts": one.counts,
            "complete": one.complete,
        }
        if one.faults:
            shown["faults"] = dict(one.faults)
        if pays is not None:
            shown["pays"] = str(pays)
        if answer.records is not None:
            shown["records"] = behind(answer, one)
        yield shown


def behind(answer: Answer, one: Attained) -> list[dict[str, Any]]:
    """The records behind one answer: those of its cell and dimensions."""
    return [
        {name: value for name, value in record.items() if name != "cell" and value not in ("", None)}
        for record in answer.records or ()
        if answer.cells[record["cell"]] == one.cell
        and all(record.get(name, value) == value for name, value in one.dimension.items())
    ]


def _in_vain(answer: Answer) -> Iterator[dict[str, Any]]:
    for each in answer.in_vain:
        yield {
            "obligation": answer.obligation.name,
            "exclusion": each.id,
            "start": each.start,
            "end": each.end,
            "reason": str(each.reason),
        }


def _landed(answer: Answer) -> dict[str, Any]:
    landed = answer.landed
    return {
        "source": answer.obligation.indicator.source.name,
        "read": landed.read,
        "new": landed.new,
        "duplicates": landed.duplicates,
        "refused": dict(landed.refused),
        "contradictions": landed.contradictions,
        "late": landed.late,
        "watermark": landed.watermark,
        "unreadable": [
            {"file": file, "problem": problem, "remedy": remedy}
            for file, problem, remedy in landed.unreadable
        ],
    }
