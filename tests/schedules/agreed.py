"""A published schedule as terms, and the money it comes to: raw files are landed, measured, and priced by the tiers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from metering.attained import Attained
from metering.cells import cells
from metering.engine import Engine
from metering.measuring import Measuring
from metering.residency import Homes
from record.terms import TermsDocument, load_terms
from sla.compensation import compensation

Document = dict[str, Any]

UNTIL = 2_100_000_000
"""Years after all that happens here."""

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

ACCOUNTS = (
    "0x6208B363762dFBEeB46F497935C7dc47fc03182D",
    "0x643919428459Da78A26eea803B1a3F73627929FC",
    "0x577B140E6198069B00c4D7C3FB36C4823F155506",
    "0x94aF79a69cC705cF33f21592381956211E29B544",
    "0x014f8B4fB8d90e079C15faD3832E92683BF08bd0",
)


def source(kind: str, columns: Mapping[str, Any], format: str = "csv") -> Document:
    """Files in a folder of the kind's name. Times are ISO 8601, the files' other columns are called as the kind's."""
    details = {"kind": kind, "format": format, "columns": columns}
    return _document("DataSource", kind, {"type": "records", "connectionDetails": details})


def indicator(name: str, kind: str, **measure: Any) -> Document:
    """An SLI over the source of that kind."""
    metric = {"metricSource": {"metricSourceRef": kind, "spec": measure}}
    return _document("SLI", name, {"thresholdMetric": metric})


def calendar(zone: str, *holidays: str) -> Document:
    """Monday to Friday, called office."""
    spec: Document = {"zone": zone, "hours": {"monday-friday": "00:00-24:00"}}
    return _document("Calendar", "office", spec | ({"holidays": list(holidays)} if holidays else {}))


def uptime(name: str, measured: str, *tiers: tuple[str, str]) -> Document:
    """An obligation "at least" of (below, part of the charge)."""
    rows = [{"below": below, "pay": f"{part} of charge"} for below, part in tiers]
    return _obligation(name, measured, f"at least {tiers[0][0]}", rows)


def at_most(name: str, measured: str, unit: str, *tiers: Mapping[str, str], cap: str = "") -> Document:
    """An obligation "at most", beginning with the first tier's bound, of a whole number up to 1 000."""
    sane = {"min": f"0 {unit}", "max": f"1000 {unit}"}
    more = {"sane": sane} | ({"cap": cap} if cap else {})
    return _obligation(name, measured, f"at most {tiers[0]['above']}", tiers) | more


def terms(
    documents: Iterable[Document],
    obligations: Iterable[Document],
    schedule: Mapping[str, str],
    **more: Any,
) -> str:
    """The terms file. ``schedule`` is start, every, periods and perhaps zone; ``more``: charge, periodCap."""
    names = [{"name": role, "address": account} for role, account in zip("pca", ACCOUNTS, strict=False)]
    spec = {
        "service": "service",
        "description": "A published schedule.",
        "scope": "All.",
        "parties": dict(zip(("provider", "customer", "arbiter"), names, strict=True)),
        "token": {"address": ACCOUNTS[3], "symbol": "TOKEN", "decimals": "2"},
        "committee": {"address": ACCOUNTS[4]},
        "schedule": {"zone": "UTC"} | dict(schedule),
        "collateral": "100.00",
        "dispute": {"window": "3 days", "bond": "10.00", "arbiterFee": "4.00", "rulingWithin": "14 days"},
        "reportWithin": "7 days",
        "claimWithin": "62 days",
        "openBy": "2030-01-01T00:00:00Z",
        "obligations": list(obligations),
    }
    whole = [_document("Service", "service", {}), *documents, _document("SLA", "schedule", spec | more)]
    return "\n---\n".join(json.dumps(each) for each in whole)


def example(name: str) -> str:
    """The text of one of ``examples/``."""
    return (EXAMPLES / f"{name}.yaml").read_text()


class Agreed:
    """Terms, and the files of their sources: by source its lines, or for JSON its objects."""

    def __init__(self, text: str, folder: Path, files: Mapping[str, Sequence[Any]], engine: Engine) -> None:
        self.document: TermsDocument = load_terms(text)
        self.document.agreement()
        for name, lines in files.items():
            into = folder / "files" / name
            into.mkdir(parents=True, exist_ok=True)
            if isinstance(lines[0], str):
                (into / "records.csv").write_text("\n".join(lines) + "\n")
            else:
                (into / "records.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        self._measuring = Measuring(folder / "files", Homes(folder / "lake"), engine, UNTIL)
        self._measured: dict[tuple[str, ...], list[Attained]] = {}

    def measured(self, obligation: int, dimensions: Sequence[str] = ()) -> list[Attained]:
        """What came of one obligation, period by period."""
        measured = self.document.obligations[obligation].indicator
        asked = (measured.name, *dimensions)
        if asked not in self._measured:
            whole = cells(self.document, 0, UNTIL, by_day=False)
            self._measured[asked] = self._measuring.attained(measured, whole, dimensions)
        return self._measured[asked]

    def paid(self, obligation: int, dimensions: Sequence[str] = ()) -> list[int]:
        """In hundredths of a token, period by period; of each combination of dimensions as if it had terms of its own.
        What is unknown pays nothing here."""
        found, charge = self.document.obligations[obligation].terms, self.document.service.charge
        unit = 10 ** (self.document.token.decimals - 2)
        return [
            0 if one.attained is None else compensation(found, one.attained, charge) // unit
            for one in self.measured(obligation, dimensions)
        ]


def _document(kind: str, name: str, spec: Document) -> Document:
    version = "makegood/v1" if kind in ("Calendar", "SLA") else "openslo/v1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def _obligation(name: str, measured: str, objective: str, tiers: Sequence[Mapping[str, str]]) -> Document:
    return {
        "name": name,
        "indicator": measured,
        "objective": objective,
        "missingData": "ignore",
        "tiers": [dict(tier) for tier in tiers],
    }
