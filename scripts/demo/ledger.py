"""What happened, read back from the chain alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chain.logs import LoggedEvent, read_events
from record.bundle import Bundle
from record.events import (
    COMMITTEE_EVENTS,
    ESCROW_EVENTS,
    Claimed,
    Compensated,
    Disputed,
    EvidenceSubmitted,
    ReportsPublished,
    RoundPosted,
    Ruled,
    Settled,
)
from scripts.demo.world import World


@dataclass(slots=True)
class Line:
    """One obligation in one period."""

    period: int
    obligation: int
    attained: int
    claimed: Claimed | None = None
    disputed: Disputed | None = None
    ruled: Ruled | None = None
    settled: Settled | None = None

    @property
    def status(self) -> str:
        """Where it stands."""
        if self.claimed is None:
            return "compliant"
        if self.settled is None:
            return "disputed" if self.disputed else "pending"
        return "ruled, settled" if self.ruled else "settled"


@dataclass(slots=True)
class Period:
    """One period: its lines, who observed it and who signed its round, and the gas of each transaction it caused.

    ``observers`` and ``signers`` are bit maps of the committee's members.
    """

    number: int
    lines: list[Line]
    observers: int
    signers: int
    gas: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ledger:
    """All periods, and what the customer was paid."""

    periods: tuple[Period, ...]
    paid: int


def read_ledger(world: World, bundles: Callable[[bytes], bytes | None]) -> Ledger:
    """The history of the agreement by period; every report stands in its round's event, observations in its bundle."""
    contracts = {world.escrow.address: ESCROW_EVENTS, world.committee.address: COMMITTEE_EVENTS}
    logged = read_events(world.connection, contracts, 0, world.connection.web3.eth.block_number)
    periods: dict[int, Period] = {}
    rounds: dict[bytes, RoundPosted] = {}
    paid = 0
    for entry in logged:
        event = entry.event
        if isinstance(event, RoundPosted):
            rounds[event.root] = event
        elif isinstance(event, ReportsPublished):
            _add_reports(world, periods, event, rounds[event.root], bundles)
            _add_gas(world, periods, entry, {report[1] for report in event.reports}, "post")
        elif isinstance(event, Compensated):
            paid += event.amount
        elif isinstance(event, Claimed | Disputed | Ruled | Settled):
            line = next(line for line in periods[event.period].lines if line.obligation == event.obligation)
            setattr(line, type(event).__name__.lower(), event)
            _add_gas(world, periods, entry, {event.period}, _ACTIONS[type(event)])
        elif isinstance(event, EvidenceSubmitted):
            _add_gas(world, periods, entry, {event.period}, "evidence")
    return Ledger(tuple(periods[number] for number in sorted(periods)), paid)


_ACTIONS: dict[type, str] = {Claimed: "claim", Disputed: "dispute", Ruled: "rule", Settled: "settle"}


def _add_reports(
    world: World,
    periods: dict[int, Period],
    published: ReportsPublished,
    posted: RoundPosted,
    bundles: Callable[[bytes], bytes | None],
) -> None:
    data = bundles(posted.bundle)
    observed = {signed.member for signed in Bundle.from_bytes(data).observations} if data else set()
    members = [key.address for key in world.members]
    observers = sum(1 << members.index(member) for member in observed)
    for agreement, number, obligation, _, attained, _ in published.reports:
        if agreement == world.agreement_id:
            period = periods.setdefault(number, Period(number, [], observers, posted.signers))
            period.lines.append(Line(number, obligation, attained))
            period.lines.sort(key=lambda line: line.obligation)


def _add_gas(
    world: World, periods: dict[int, Period], entry: LoggedEvent, numbers: set[int], action: str
) -> None:
    """The gas of the event's transaction, once for each kind of action; a round is shared by its periods."""
    receipt = world.connection.web3.eth.get_transaction_receipt(entry.transaction)  # type: ignore[arg-type]
    for number in numbers & periods.keys():
        gas = periods[number].gas
        key = f"{action} {entry.transaction.hex()}"
        gas.setdefault(key, receipt["gasUsed"] // len(numbers))
