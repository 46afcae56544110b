"""Terms about the availability of a shop, as YAML: one indicator, one obligation of two tiers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime


def moment(seconds: int) -> str:
    """A time of UTC as terms write it, without its zone."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def shop_terms(
    *,
    start: int,
    every: int,
    provider: str,
    customer: str,
    arbiter: str,
    token: str,
    committee: str,
    source: Mapping[str, object],
    name: str = "shop",
    periods: int = 2,
    charge: int = 1_000,
    collateral: int = 5_000,
    window: int = 2,
    bond: int = 10,
    ruling: str = "1 day",
    report_within: str = "1 hour",
    claim_within: str = "1 day",
    open_by: int | None = None,
    objective: int = 95,
    worst: int = 10,
    missing: str = "ignore",
    more: Sequence[str] = (),
    symbol: str = "TUSD",
) -> str:
    """Below ``objective`` percent a tenth of the charge is paid, below ``worst`` all of it.

    ``start`` and ``open_by`` are seconds since 1970; without ``open_by`` the offer ends an hour after the start.
    ``every`` and ``window`` last so many seconds. ``source`` has a type and connectionDetails; ``more`` are further
    lines of the agreement.
    """
    return f"""
apiVersion: openslo/v1
kind: Service
metadata: {{name: {name}}}
spec: {{description: A shop.}}
---
apiVersion: openslo/v1
kind: DataSource
metadata: {{name: source}}
spec: {json.dumps(source)}
---
apiVersion: openslo/v1
kind: SLI
metadata: {{name: availability}}
spec:
  ratioMetric:
    counter: true
    good: {{metricSource: {{metricSourceRef: source, spec: {{count: up}}}}}}
    total: {{metricSource: {{metricSourceRef: source, spec: {{count: known}}}}}}
---
apiVersion: makegood/v1
kind: SLA
metadata: {{name: {name}}}
spec:
  service: {name}
  description: Availability of a shop.
  scope: All of it.
  parties:
    provider: {{name: P, address: "{provider}"}}
    customer: {{name: C, address: "{customer}"}}
    arbiter: {{name: A, address: "{arbiter}"}}
  token: {{address: "{token}", symbol: {symbol}, decimals: 0}}
  committee: {{address: "{committee}"}}
  schedule: {{start: "{moment(start)}", zone: UTC, every: {every} seconds, periods: {periods}}}
  charge: {{fixed: "{charge}"}}
  collateral: "{collateral}"
  dispute: {{window: {window} seconds, bond: "{bond}", arbiterFee: "5", rulingWithin: {ruling}}}
  reportWithin: {report_within}
  claimWithin: {claim_within}
  openBy: "{moment(start + 3_600 if open_by is None else open_by)}Z"
{"".join(f"  {line}{chr(10)}" for line in more)}  obligations:
    - name: Availability
      indicator: availability
      objective: at least {objective}%
      missingData: {missing}
      tiers:
        - {{below: {objective}%, pay: 10% of charge}}
        - {{below: {worst}%, pay: 100% of charge}}
"""
