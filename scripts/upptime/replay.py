"""The log through the whole oracle: an agreement for each service, four nodes, one round a day on an embedded chain.

The clock is set into the days of the log and moved on day by day; the nodes' file holds only rows of the past, as it
would have. Everything else is as in production.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from string import Template

from chain.clock import ManualClock
from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import deploy_committee, deploy_escrow, deploy_test_token
from chain.embedded import EmbeddedChain
from chain.escrow import Escrow
from chain.keys import LocalKey
from chain.logs import read_events
from chain.token import Token
from oracle.fleet import Fleet
from oracle.settings import Settings
from record.eip712 import agreement_preimage
from record.events import COMMITTEE_EVENTS, ReportsPublished
from record.keccak import keccak256
from record.terms import TermsDocument, load_terms
from scripts.upptime.records import DAY, day_start
from sla.agreement import NO_DATA

TERMS = Path(__file__).parent / "terms.yaml"
FIRST, LAST = date(2026, 8, 11), date(2026, 8, 22)
DAYS = tuple(FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1))
HOLDS_FOR = 2 * DAY
"""As the terms say."""

SETTINGS = Settings(
    observe_after_seconds=60,
    collect_after_seconds=120,
    turn_seconds=60,
    cycle_seconds=1.0,
    dry_run=False,
    finality="latest",
)
PEOPLE = ("operator", "provider", "customer", "arbiter")
COLLATERAL = 120 * 10**6


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the chain says afterwards: attained parts per million by service and day, None where nothing was known; and
    what the customer was paid, in base units of a token with 6 decimals."""

    attained: dict[tuple[str, date], int | None]
    paid: int
    rounds: int


class Replay:
    """One run in ``folder``."""

    def __init__(self, log: Path, services: tuple[str, ...], folder: Path) -> None:
        self._lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
        self._services = services
        self._folder = folder
        self._clock = ManualClock(day_start(FIRST) - DAY // 2)
        self._people = {name: LocalKey(keccak256(name.encode())) for name in PEOPLE}
        self._members = [LocalKey(keccak256(f"member {number}".encode())) for number in range(4)]
        keys = (*self._people.values(), *self._members)
        self._chain = EmbeddedChain([key.address for key in keys], self._clock, head_start=1_200)
        self._connection = Connection(self._chain.web3)
        operator = self._people["operator"]
        self._token = Token(
            self._connection, deploy_test_token(self._connection, operator, "Test US Dollar", "tUSD", 6)
        )
        members = [key.address for key in self._members]
        self._committee = Committee(
            self._connection, deploy_committee(self._connection, operator, members, 3)
        )
        self._escrow = Escrow(self._connection, deploy_escrow(self._connection, operator))

    def run(self) -> Replayed:
        """Sign, open, measure every day, and read the reports back."""
        documents = {service: self._document(service) for service in self._services}
        opened = self._open(documents)
        files = self._folder / "files"
        files.mkdir(parents=True, exist_ok=True)
        fleet = Fleet(
            self._connection,
            self._escrow.address,
            self._committee.address,
            self._members,
            list(documents.values()),
            self._folder / "journals",
            SETTINGS,
            files=files,
            clock=self._clock,
            on_event=_complain,
        )
        try:
            for day in DAYS:
                end = day_start(day) + DAY
                self._write_past(files / "status.csv", end)
                # To observe; to propose and claim; to settle what was claimed the day before.
                for wait in (SETTINGS.observe_after_seconds, SETTINGS.collect_after_seconds, 0):
                    self._clock.time = max(self._clock.time + 10, end + wait)
                    fleet.cycle()
            self._clock.time += 2 * 3_600
            fleet.cycle()
        finally:
            fleet.stop()
        return self._read(opened)

    def _document(self, service: str) -> TermsDocument:
        accounts = {name: self._people[name].address for name in PEOPLE[1:]}
        return load_terms(
            Template(TERMS.read_text()).substitute(
                accounts,
                service=json.dumps(service),
                token=self._token.address,
                committee=self._committee.address,
                start=f"{FIRST}T00:00:00",
                periods=len(DAYS),
                open_by=f"{FIRST}T00:00:00Z",
            )
        )

    def _open(self, documents: Mapping[str, TermsDocument]) -> dict[bytes, str]:
        """All agreements, signed by both; their ids with the services they are about."""
        operator, provider, customer = (self._people[name] for name in ("operator", "provider", "customer"))
        self._token.mint(operator, provider.address, COLLATERAL * len(documents))
        self._token.approve(provider, self._escrow.address, COLLATERAL * len(documents))
        opened = {}
        for service, document in documents.items():
            agreement = document.agreement()
            message = agreement_preimage(agreement, self._escrow.domain)
            self._escrow.open(operator, agreement, provider.sign(message), customer.sign(message))
            opened[self._escrow.id_of(agreement)] = service
        self._chain.follow()
        return opened

    def _write_past(self, file: Path, until: int) -> None:
        """The log as it stood at ``until``: its header, and the rows before."""
        moment = datetime.fromtimestamp(until, UTC).isoformat()
        file.write_text(
            "".join(line for line in self._lines if line[:1].isalpha() or line < moment), encoding="utf-8"
        )

    def _read(self, opened: Mapping[bytes, str]) -> Replayed:
        last = self._connection.web3.eth.block_number
        logged = read_events(self._connection, {self._committee.address: COMMITTEE_EVENTS}, 0, last)
        published = [entry.event for entry in logged if isinstance(entry.event, ReportsPublished)]
        attained: dict[tuple[str, date], int | None] = {}
        for event in published:
            for agreement, period, _, _, value, _ in event.reports:
                attained[opened[agreement], DAYS[period]] = None if value == NO_DATA else value
        return Replayed(attained, self._token.balance_of(self._people["customer"].address), len(published))


def _complain(kind: str, details: Mapping[str, object]) -> None:
    if kind in ("trouble", "unmeasured", "equivocation"):
        raise RuntimeError(f"{kind}: {details}")
