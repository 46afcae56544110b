"""When periods begin and end, and until when they can be reported and claimed. All times are seconds UTC.

Periods are half-open, ``[boundary(p), boundary(p + 1))``, numbered from 0. Deadlines wait for
``zone_lag_seconds``, so that no zone west of Greenwich loses the end of its period.
"""

from __future__ import annotations

from sla.agreement import Agreement, ScheduleUnit, Service, Stake
from sla.civil import add_months
from sla.errors import ScheduleError


def boundary(service: Service, k: int) -> int:
    """The k-th boundary of the schedule: the start of period k and the end of period k - 1.

    Months are always counted from the anchor, never chained: monthly from 31 January the boundaries are
    31 January, 28 February, 31 March.
    """
    if service.unit == ScheduleUnit.MONTHS:
        return add_months(service.start, k * service.length)
    return service.start + k * service.length


def period_start(service: Service, period: int) -> int:
    """The first second of a period, in the agreement's own wall time read as UTC."""
    _require_period(service, period)
    return boundary(service, period)


def period_end(service: Service, period: int) -> int:
    """The first second after a period, in the agreement's own wall time read as UTC."""
    _require_period(service, period)
    return boundary(service, period + 1)


def deadline_end(service: Service, period: int) -> int:
    """What the chain calls the end of a period: by then it is over in the agreement's own zone too."""
    return period_end(service, period) + service.zone_lag_seconds


def report_deadline(service: Service, stake: Stake, period: int) -> int:
    """From this second on a report is overdue, and a party may dispute that there is none (R6)."""
    return deadline_end(service, period) + stake.report_within


def claim_deadline(service: Service, stake: Stake, period: int) -> int:
    """From this second on nothing can be claimed for the period any more (R5)."""
    return deadline_end(service, period) + stake.claim_within


def last_claim_deadline(agreement: Agreement, count: int | None = None) -> int:
    """Before this second the collateral cannot leave (R15). ``count``: the periods that were left of the terms when
    they were cut; all that were signed by default."""
    service = agreement.service
    periods = service.count if count is None else count
    return boundary(service, periods) + service.zone_lag_seconds + agreement.stake.claim_within


def period_at(service: Service, timestamp: int) -> int | None:
    """The period a second belongs to, by the UTC boundaries; None before the first and after the last.

    A second on a boundary belongs to the period it begins.
    """
    if not boundary(service, 0) <= timestamp < boundary(service, service.count):
        return None
    low, high = 0, service.count - 1
    while low < high:
        middle = (low + high + 1) // 2
        if boundary(service, middle) <= timestamp:
            low = middle
        else:
            high = middle - 1
    return low


def _require_period(service: Service, period: int) -> None:
    if not 0 <= period < service.count:
        raise ScheduleError(
            f"period {period} is outside the schedule", f"use a period from 0 to {service.count - 1}"
        )
