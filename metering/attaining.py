"""From typed records to attainments, by whichever family measures them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from metering.attained import Attained, Question
from metering.engine import Engine, Table
from metering.indicators import (
    composites,
    deliveries,
    faults,
    late_days,
    readings,
    requests,
    slices,
    states,
    surveys,
    tickets,
    volumes,
)
from record.terms.measures import CompositeUptime, Intervals, Measure, Percentile, Requests, Slices, Uptime
from record.terms.measures.deliveries import LateOrders, LeadTime, MissedAppointments, OnTime, RightFirstTime
from record.terms.measures.faults import FaultTime, RepairedWithin, RepairTime, RepeatFaults
from record.terms.measures.late_days import LateDays
from record.terms.measures.readings import GaugeLevel, ReadingsWithin
from record.terms.measures.surveys import Score, ScoreShare
from record.terms.measures.tickets import Adherence, BacklogAge, ClockTime, UpdateTime
from record.terms.measures.volumes import Loss, Throughput


@dataclass(frozen=True, slots=True)
class Family:
    """How a measure is evaluated, and how its answers are explained: a table of the records, each with the ``cell`` it
    is of and its ``verdict`` (good, bad, partial, excluded or missing)."""

    attained: Callable[[Engine, Table, Any, Question], list[Attained]]
    explained: Callable[[Engine, Table, Any, Question], Table]


FAMILIES: Mapping[type, Family] = {
    Requests: Family(requests.requests, requests.explained),
    CompositeUptime: Family(composites.composite, composites.explained),
    Intervals: Family(requests.intervals, requests.explained),
    Percentile: Family(requests.percentile, requests.explained),
    Slices: Family(slices.slices, slices.explained),
    Uptime: Family(states.uptime, states.explained),
    LateDays: Family(late_days.late_days, late_days.explained),
    OnTime: Family(deliveries.on_time, deliveries.explained_by_deadline),
    LateOrders: Family(deliveries.late_orders, deliveries.explained_by_deadline),
    RightFirstTime: Family(deliveries.right_first_time, deliveries.explained_right_first_time),
    MissedAppointments: Family(deliveries.missed_appointments, deliveries.explained_missed_appointments),
    LeadTime: Family(deliveries.lead_time, deliveries.explained_lead_time),
    RepairTime: Family(faults.repair_time, faults.explained_repair_time),
    RepairedWithin: Family(faults.repaired_within, faults.explained_repaired_within),
    RepeatFaults: Family(faults.repeat_faults, faults.explained_repeat_faults),
    FaultTime: Family(faults.fault_time, faults.explained_fault_time),
    Score: Family(surveys.score, surveys.explained),
    ScoreShare: Family(surveys.score_share, surveys.explained),
    GaugeLevel: Family(readings.reading, readings.explained),
    ReadingsWithin: Family(readings.readings_within, readings.explained),
    Throughput: Family(volumes.throughput, volumes.explained_throughput),
    Loss: Family(volumes.loss, volumes.explained_loss),
    Adherence: Family(tickets.adherence, tickets.explained),
    ClockTime: Family(tickets.clock_time, tickets.explained),
    UpdateTime: Family(tickets.update_time, tickets.explained),
    BacklogAge: Family(tickets.backlog_age, tickets.explained),
}


def attained(engine: Engine, records: Table, measure: Measure, question: Question) -> list[Attained]:
    """In the order of cells and dimensions. A cell of which there is no record at all is there as well, where no
    dimension is asked for."""
    return FAMILIES[type(measure)].attained(engine, records, measure, question)


def explained(engine: Engine, records: Table, measure: Measure, question: Question) -> Table:
    """The records behind the answers, each with its ``cell`` and ``verdict``."""
    return FAMILIES[type(measure)].explained(engine, records, measure, question)
