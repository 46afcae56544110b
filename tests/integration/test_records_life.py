"""Records through the whole oracle: four nodes land the same files, sign what they come to, and the contract pays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from record.exclusion_json import exclusion_bytes
from record.exclusions import ExclusionFile, ExclusionRecord
from scripts.upptime import replay
from scripts.upptime.records import day_start
from sla.exclusions import ExclusionKind

DAYS = (date(2026, 8, 11), date(2026, 8, 12))
LOG = """\
checked_at,service,status,http_status,response_ms
2026-08-11T00:00:00+00:00,Shop,up,200,51
2026-08-11T09:00:00+00:00,Shop,down,503,12
2026-08-11T09:36:00+00:00,Shop,up,200,49
2026-08-12T00:00:00+00:00,Shop,up,200,50
2026-08-12T10:00:00+00:00,Shop,down,503,11
2026-08-12T10:30:00+00:00,Shop,up,200,50
"""
"""36 minutes of the first day are 2.5 %; the half hour of the second is the customer's own doing."""

UPPTIME = """  type: upptime
  connectionDetails:
    path: status.csv
    format: csv
    service: ${service}
    holdsFor: 2 days
"""
RECORDS = """  type: records
  connectionDetails:
    kind: states
    format: csv
    files: status.csv
    columns: {time: checked_at, subject: service, state: status, service: service}
"""
RATIO = """  ratioMetric:
    counter: true
    good:
      metricSource:
        metricSourceRef: status-log
        spec:
          count: up
    total:
      metricSource:
        metricSourceRef: status-log
        spec:
          count: known
"""
MEASURE = """  thresholdMetric:
    metricSource:
      metricSourceRef: status-log
      spec:
        measure: uptime
        levels: {up: 100%, down: 0%}
        holdsFor: 2 days
        where:
          service: ${service}
"""
EXCLUSIONS = """  reportWithin: 1 day
  exclusions:
    customer-caused: [{approvedBy: [customer]}]
"""


def terms() -> str:
    text = replay.TERMS.read_text()
    for old, new in ((UPPTIME, RECORDS), (RATIO, MEASURE), ("  reportWithin: 1 day\n", EXCLUSIONS)):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def test_life__of_an_agreement_over_records__pays_what_they_come_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "terms.yaml").write_text(terms())
    (tmp_path / "log.csv").write_text(LOG)
    monkeypatch.setattr(replay, "TERMS", tmp_path / "terms.yaml")
    monkeypatch.setattr(replay, "DAYS", DAYS)
    run = replay.Replay(tmp_path / "log.csv", ("Shop",), tmp_path / "run")
    document, domain = run._document("Shop"), run._escrow.domain
    record = ExclusionRecord(
        agreement=run._escrow.id_of(document.agreement()),
        kind=ExclusionKind.CUSTOMER_CAUSED,
        scope=(("service", ("Shop",)),),
        start=day_start(DAYS[1]) + 36_000,
        end=day_start(DAYS[1]) + 37_800,
        announced_at=day_start(DAYS[1]) + 40_000,
        reason="The customer closed its own firewall",
    )
    signature = run._people["customer"].sign(record.preimage(domain))
    file = ExclusionFile(record).approved(document.agreement(), "customer", signature)
    folder = tmp_path / "run" / "files" / "exclusions"
    folder.mkdir(parents=True)
    (folder / "firewall.json").write_bytes(exclusion_bytes(file, domain))

    found = run.run()

    # 97.5 % is below 98 %: a tenth of 100.00.
    assert found.attained == {("Shop", DAYS[0]): 975_000, ("Shop", DAYS[1]): 1_000_000}
    assert (found.paid, found.rounds) == (10_000_000, 2)
