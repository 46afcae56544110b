"""Sound terms whose indicator is measured from records, to be changed in one place."""

from __future__ import annotations

import pytest

from record.terms import load_terms
from record.terms.indicators import Indicator
from sla.errors import TermsError
from tests.unit.cli import terms_hostile

CALENDAR = """\
apiVersion: makegood/v1
kind: Calendar
metadata:
  name: office
spec:
  zone: Europe/Rome
  hours:
    monday-thursday: "09:00-13:00, 14:00-18:00"
    friday: "09:00-17:00"
  holidays: ["2027-12-25", "2027-05-01"]
"""
SOURCE = """\
apiVersion: openslo/v1
kind: DataSource
metadata:
  name: gateway
spec:
  type: records
  connectionDetails:
    kind: counts
    format: csv
    columns:
      time: minute
      seconds: {constant: 60}
      good: answered
      total: received
"""
INDICATOR = """\
apiVersion: openslo/v1
kind: SLI
metadata:
  name: availability
spec:
  thresholdMetric:
    metricSource:
      metricSourceRef: gateway
      spec:
        measure: requests
"""
_SERVICE, _, _, _SLA = terms_hostile.SOUND.split("---\n")


def terms(source: str = SOURCE, indicator: str = INDICATOR, calendar: str = CALENDAR) -> str:
    """A terms file of these documents."""
    return "---\n".join(part for part in (_SERVICE, calendar, source, indicator, _SLA) if part)


def change(old: str, new: str, text: str) -> str:
    """One change, which must be possible."""
    return terms_hostile.change(old, new, text)


def indicator_of(text: str) -> Indicator:
    """The only one."""
    (obligation,) = load_terms(text).obligations
    return obligation.indicator


def refusal(text: str) -> tuple[str, str]:
    """(path, problem) of the text's only error, whose line must show what it is about."""
    with pytest.raises(TermsError) as refused:
        load_terms(text)
    error = refused.value
    assert error.remedy
    assert error.line is not None
    shown, name = text.splitlines()[error.line - 1], error.path.rpartition(".")[2].partition("[")[0]
    # A group of fields begins with the first of them.
    assert name in shown or "is missing" in error.problem or "never open" in error.problem, (
        shown,
        str(error),
    )
    return error.path, error.problem
