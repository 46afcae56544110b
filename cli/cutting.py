"""Where an agreement can be cut: amendment, termination and exit all say how many periods are kept."""

from __future__ import annotations

from bisect import bisect_left

from index.facts import AgreementRecord
from sla.schedule import boundary


def periods_until(record: AgreementRecord, time: int) -> int:
    """How many of the periods that are left begin before ``time`` (seconds UTC)."""
    service = record.agreement.service
    return min(
        record.count, bisect_left(range(record.count + 1), time, key=lambda count: boundary(service, count))
    )


def next_period(record: AgreementRecord, time: int) -> int:
    """The first period that has not begun at ``time``; as many as are left when the last one has."""
    return periods_until(record, time + 1)
