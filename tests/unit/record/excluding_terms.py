"""Terms about a shop whose records are measured, with exclusions and conditions to be written in."""

from __future__ import annotations

from collections.abc import Sequence

from record.hexes import checksum_address
from record.keccak import keccak256
from record.signing import address_of
from tests.shop_terms import shop_terms

START = 1_803_859_200
"""Midnight UTC of 1 March 2027."""
DAY = 86_400
KEYS = {"provider": keccak256(b"a provider"), "customer": keccak256(b"a customer")}

_RATIO = """spec:
  ratioMetric:
    counter: true
    good: {metricSource: {metricSourceRef: source, spec: {count: up}}}
    total: {metricSource: {metricSourceRef: source, spec: {count: known}}}
"""
_LOAD = """apiVersion: openslo/v1
kind: DataSource
metadata: {name: load}
spec:
  type: records
  connectionDetails:
    kind: readings
    format: csv
    columns: {time: {column: time, format: seconds}, value_micro: {column: value, times: 1000000}, component: gauge}
---
"""
STATES = {
    "type": "records",
    "connectionDetails": {
        "kind": "states",
        "format": "csv",
        "columns": {
            "time": {"column": "time", "format": "seconds"},
            "subject": "subject",
            "state": "state",
            "component": "component",
            "region": "region",
        },
    },
}
UPTIME = ("measure: uptime", "levels: {up: 100%, down: 0%}", "holdsFor: 30 days")


def excluding_terms(
    measure: Sequence[str] = UPTIME,
    exclusions: Sequence[str] = (),
    of_obligation: Sequence[str] = (),
    zone: str = "UTC",
    every: str = "1 day",
    periods: int = 4,
) -> str:
    """``measure``, ``exclusions`` (for all) and ``of_obligation`` are lines of YAML of the SLI's spec, of the SLA's
    ``exclusions`` and of the obligation's."""
    customer, provider = (address_of(KEYS[role]) for role in ("customer", "provider"))
    others = [checksum_address(bytes([number]) * 20) for number in (3, 4, 5)]
    text = shop_terms(
        start=START,
        every=DAY,
        provider=provider,
        customer=customer,
        arbiter=others[0],
        token=others[1],
        committee=others[2],
        source=STATES,
        periods=periods,
        more=["exclusions:", *(f"  {line}" for line in exclusions)] if exclusions else (),
    )
    spec = "\n".join(f"        {line}" for line in measure)
    text = text.replace(
        _RATIO,
        f"spec:\n  thresholdMetric:\n    metricSource:\n      metricSourceRef: source\n      spec:\n{spec}\n",
    )
    text = text.replace(f"every: {DAY} seconds", f"every: {every}").replace("zone: UTC", f"zone: {zone}")
    if any("onlyWhile" in line for line in measure):
        text = text.replace("apiVersion: openslo/v1\nkind: SLI", _LOAD + "apiVersion: openslo/v1\nkind: SLI")
    if of_obligation:
        own = "\n".join(f"      {line}" for line in of_obligation)
        text = text.replace("      missingData: ignore\n", f"      missingData: ignore\n{own}\n")
    return text
