"""What is agreed for the replay, as a terms file would say it: how the log lands, the office's hours, the limits.

The limits are ours, those of a managed-IT schedule: the log does not say by which it was judged, nor which zone its
times are in. UTC is declared for both the times and the office.
"""

from __future__ import annotations

from record.terms.calendars import read_calendar
from record.terms.indicators import Counted, Indicator, read_indicator, read_source
from record.terms.measures.tickets import Adherence
from record.terms.yaml_reading import read_documents

FOLDER = "incidents"
PRIORITIES = ("1 - Critical", "2 - High", "3 - Moderate", "4 - Low")

CALENDAR = """\
apiVersion: makegood/v1
kind: Calendar
metadata: {name: office}
spec: {zone: UTC, hours: {monday-friday: "09:00-17:00"}}
"""
SOURCE = """\
apiVersion: openslo/v1
kind: DataSource
metadata: {name: servicenow}
spec:
  type: records
  connectionDetails:
    kind: tickets
    format: csv
    files: incidents
    columns:
      ticket: number
      time: {column: sys_updated_at, format: "%d-%m-%Y %H:%M", zone: UTC}
      sequence: sys_mod_count
      state: incident_state
      priority: priority
      group: {column: assignment_group, missing: "?"}
      opened: {column: opened_at, format: "%d-%m-%Y %H:%M", zone: UTC}
      area: {constant: it}
    notAfter:
      - earlier: {column: sys_created_at, format: "%d-%m-%Y %H:%M", zone: UTC, missing: "?"}
        later: {column: sys_updated_at, format: "%d-%m-%Y %H:%M", zone: UTC}
      - earlier: {column: opened_at, format: "%d-%m-%Y %H:%M", zone: UTC}
        later: {column: resolved_at, format: "%d-%m-%Y %H:%M", zone: UTC, missing: "?"}
      - earlier: {column: resolved_at, format: "%d-%m-%Y %H:%M", zone: UTC, missing: "?"}
        later: {column: closed_at, format: "%d-%m-%Y %H:%M", zone: UTC, missing: "?"}
      - earlier: {column: sys_updated_at, format: "%d-%m-%Y %H:%M", zone: UTC}
        later: {column: closed_at, format: "%d-%m-%Y %H:%M", zone: UTC, missing: "?"}
"""
SLI = """\
apiVersion: openslo/v1
kind: SLI
metadata: {name: resolution}
spec:
  thresholdMetric:
    metricSource:
      metricSourceRef: servicenow
      spec:
        measure: adherence
        clock:
          pausing: [Awaiting User Info, Awaiting Problem, Awaiting Vendor, Awaiting Evidence]
          stopping: [Resolved, Closed]
        limits:
          1 - Critical: {within: 4 hours, hours: always}
          2 - High: {within: 8 hours, hours: office}
          3 - Moderate: {within: 3 business days, hours: office}
          4 - Low: {within: 5 business days, hours: office}
"""


def resolution() -> Indicator:
    """Adherence of all incidents."""
    (calendar,), (source,), (document,) = (read_documents(text) for text in (CALENDAR, SOURCE, SLI))
    return read_indicator(document, {"servicenow": read_source(source)}, {"office": read_calendar(calendar)})


def measure() -> Adherence:
    """Its measure."""
    metric = resolution().metric
    assert isinstance(metric, Counted)
    assert isinstance(metric.measure, Adherence)
    return metric.measure
