"""Measures of deliveries: orders that were due and are done, or not. Late days are a measure of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from record.terms.calendars import Calendars
from record.terms.levels import RATIO, Unit
from record.terms.measures.days import (
    UNITS,
    Dates,
    Deadline,
    bounds_text,
    read_bounds,
    read_business,
    read_dates,
    read_day_zone,
    read_deadline,
)
from record.terms.measures.late_days import MOST_EACH
from record.terms.measures.parts import Form
from record.terms.measures.statistic import Statistic, read_statistic
from record.terms.section import Section
from record.terms.values import percent_ppm, whole_number
from sla.agreement import PPM

ORDERS = Unit("orders")
APPOINTMENTS = Unit("appointments")


@dataclass(frozen=True, slots=True)
class OnTime:
    """Orders done by their deadline, per order whose deadline lies in the cell: there it is decided for good. The
    deadline is ``due`` and what is granted beyond it; where dates are counted, the whole date."""

    deadline: Deadline

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        return f"orders done by their deadline, as a part of those whose deadline came; {_deadline(self.deadline)}"


@dataclass(frozen=True, slots=True)
class LateOrders:
    """Orders whose deadline came in the cell and that were not done by then. ``by_share``: (below in ppm, each),
    descending: each late order counts as often as the last of them says that the share of orders on time is below, and
    not at all where it is below none."""

    deadline: Deadline
    by_share: tuple[tuple[int, int], ...] = ()

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        counts = (
            f"if less than {RATIO.text(below)} were on time, each counts as {each}"
            for below, each in self.by_share
        )
        weighed = "".join(f"; {each}" for each in counts) + ("; else none counts" if self.by_share else "")
        return f"the number of orders not done by their deadline; {_deadline(self.deadline)}{weighed}"

    def each(self, on_time: int, decided: int) -> int:
        """What a late order counts where so many of the decided ones were on time."""
        if not self.by_share:
            return 1
        below = (each for bound, each in reversed(self.by_share) if on_time * PPM < bound * decided)
        return next(below, 0)


@dataclass(frozen=True, slots=True)
class RightFirstTime:
    """Orders that were right first time, per order done of which that is known. An order belongs to the cell in which
    it was both due and done: the later of the two."""

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        return "orders that were right first time, as a part of those done and due by then"


@dataclass(frozen=True, slots=True)
class MissedAppointments:
    """The appointments missed, of orders that are both due and done: in the cell of the later of the two, since only
    then no more can be missed. Whether one was cancelled in time the source has decided. ``since`` and ``before``, as
    days since 1970-01-01 in ``zone``: only orders due from the one and before the other count, for rates with effective
    dates."""

    zone: str = "UTC"
    since: int | None = None
    before: int | None = None

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        bounds = bounds_text(self.since, self.before).replace(",", ", those due", 1)
        return f"the number of appointments missed, of orders done and due by then{bounds}"


@dataclass(frozen=True, slots=True)
class LeadTime:
    """The days from ``due`` to ``done`` of each order that is done, the first date not counted: let ``due`` be the
    column in which the order was placed. Rounded up."""

    dates: Dates
    business: bool
    statistic: Statistic

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        unit = UNITS[self.business].name
        return f"{self.statistic.sentence} of the {unit} of {self.dates.zone} that orders took, rounded up"


def _deadline(deadline: Deadline) -> str:
    at_once = "when it was due" if deadline.dates is None else "the end of the date on which it was due"
    after = f"{deadline.after} after it was due" if deadline.after else at_once
    return f"the deadline of an order is {after}{deadline.clocks}"


def _on_time(spec: Section, calendars: Calendars) -> tuple[OnTime, Unit]:
    spec.require("measure", "within zone calendar")
    return OnTime(read_deadline(spec, calendars)), RATIO


def _late_orders(spec: Section, calendars: Calendars) -> tuple[LateOrders, Unit]:
    spec.require("measure", "within zone calendar byShare")
    rows: list[tuple[int, int]] = []
    for section in spec.sections("byShare") if spec.has("byShare") else ():
        section.require("below each")
        below, each = section.field("below"), whole_number(section.field("each"), MOST_EACH)
        ppm = percent_ppm(below)
        if not 0 < ppm <= PPM or (rows and ppm >= rows[-1][0]):
            raise below.refuse("is not below the share before it", "order them from 100% downwards")
        if rows and each < rows[-1][1]:
            raise section.field("each").refuse("pays less for a worse share", "raise it")
        rows.append((ppm, each))
    return LateOrders(read_deadline(spec, calendars), tuple(rows)), ORDERS


def _right_first_time(spec: Section, _: Calendars) -> tuple[RightFirstTime, Unit]:
    spec.require("measure")
    return RightFirstTime(), RATIO


def _missed_appointments(spec: Section, _: Calendars) -> tuple[MissedAppointments, Unit]:
    bounded = spec.has("from") or spec.has("before")
    spec.require("measure zone" if bounded else "measure", "zone from before")
    since, before = read_bounds(spec)
    zone = spec.optional("zone", read_day_zone, "UTC")
    return MissedAppointments(zone, since, before), APPOINTMENTS


def _lead_time(spec: Section, calendars: Calendars) -> tuple[LeadTime, Unit]:
    spec.require("measure unit statistic", "share zone calendar")
    dates = read_dates(spec, calendars)
    business = read_business(spec, dates)
    statistic = read_statistic(spec, "mean", "max", "percentile")
    return LeadTime(dates, business, statistic), UNITS[business]


Delivery: TypeAlias = OnTime | LateOrders | RightFirstTime | MissedAppointments | LeadTime

FORMS: dict[str, Form[Delivery]] = {
    "on-time": Form(("deliveries",), _on_time),
    "late-orders": Form(("deliveries",), _late_orders),
    "right-first-time": Form(("deliveries",), _right_first_time),
    "missed-appointments": Form(("deliveries",), _missed_appointments),
    "lead-time": Form(("deliveries",), _lead_time),
}
