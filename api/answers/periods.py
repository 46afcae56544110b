"""Periods: what was attained, what it costs, what was claimed and settled, what the joint cap leaves of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field

from api.answers.actions import Action, actions_of, actions_without_claim
from api.answers.claims import ClaimState
from api.answers.values import Answer, Count, Hash, Money, Time, known_attained, money, time_text
from index.bundles import BundledReports
from index.facts import AgreementRecord, Claim, ClaimKey, Token
from index.history import History
from index.reports import Standing, has_agreed_charge, standing_reports
from record.hexes import to_hex
from sla.compensation import entitlement, standing
from sla.schedule import claim_deadline, deadline_end, period_end, period_start, report_deadline


class PeriodState(StrEnum):
    """``closed`` once nothing can be claimed for it any more."""

    UPCOMING = "upcoming"
    RUNNING = "running"
    OVER = "over"
    CLOSED = "closed"


class PeriodObligation(Answer):
    """What an obligation came to in one period.

    The report is the attested one of the highest revision that is public: on the chain, in a bundle that is kept here,
    or claimed.
    """

    obligation: Count = Field(description="Its index in the agreement")
    reported: bool = Field(description="Whether a report is public")
    known: bool = Field(description="False without a report, and for one that says NO_DATA")
    attained: int | None = Field(
        ge=0, description="In the indicator's unit; null unless known", examples=[995000]
    )
    charge: Money | None = Field(description="The period's charge as reported; null without a report")
    revision: int | None = Field(ge=0, description="The report's; null without a report", examples=[0])
    round: int | None = Field(
        ge=0, description="Which attested it; null while its round is not public", examples=[7]
    )
    root: Hash | None = Field(description="The Merkle root in which it stands; null without a report")
    compensation: Money = Field(
        description="What the report pays if nobody objects, before the period's joint cap; outside the sane bounds by "
        "the missing-data policy"
    )
    claim_status: ClaimState = Field(examples=["settled"])
    final: Money | None = Field(
        description="What the claim pays by the last word so far: the report, or the ruling; null without a claim"
    )
    settled: Money = Field(description="What was settled, before the period's joint cap")
    actions: list[Action] = Field(description="What can still be done, by whom and until when")


class Period(Answer):
    """A period of an agreement: half-open, from `start` to `end`, in the agreement's own wall time read as UTC."""

    period: Count = Field(description="Counted from 0")
    state: PeriodState = Field(
        description="upcoming, running, over, or closed: nothing can be claimed for it any more",
        examples=["over"],
    )
    start: Time
    end: Time = Field(description="The first second after it")
    over: Time = Field(description="From this second on it is over in the agreement's own zone too")
    report_deadline: Time = Field(description="From this second on a report is overdue")
    claim_deadline: Time = Field(description="From this second on nothing can be claimed for it")
    obligations: list[PeriodObligation]
    compensation: Money = Field(
        description="What its obligations pay together before the joint cap: by their claims, else by their reports "
        "as long as they can be claimed"
    )
    entitlement: Money = Field(description="The same after the joint cap: what the customer is to have")
    settled: Money = Field(description="The sum of what was settled, before the joint cap")
    settled_entitlement: Money = Field(description="The same after the joint cap: it moved to the account")


@dataclass(frozen=True, slots=True)
class PeriodBook:
    """Periods of an agreement as they are at the history's head."""

    record: AgreementRecord
    token: Token
    time: int
    reports: Mapping[ClaimKey, Standing]

    @staticmethod
    def of(
        record: AgreementRecord,
        history: History,
        bundled: BundledReports | None = None,
        periods: range | None = None,
    ) -> PeriodBook:
        """The book of these periods of an agreement, of all unless they are given. Without ``bundled`` the reports are
        those on the chain."""
        token = history.tokens[record.agreement.stake.token]
        wanted = range(record.count) if periods is None else periods
        read = bundled or BundledReports(lambda _: None)
        committee = history.committees[record.agreement.service.committee]
        return PeriodBook(record, token, history.head.time, standing_reports(record, committee, read, wanted))

    def period(self, number: int) -> Period:
        """One period."""
        agreement, record = self.record.agreement, self.record
        service, stake = agreement.service, agreement.stake
        closes = claim_deadline(service, stake, number)
        total = sum(self._owed(ClaimKey(number, i), closes) for i in range(len(agreement.obligations)))
        return Period(
            period=number,
            state=self._state(number),
            start=time_text(period_start(service, number)),
            end=time_text(period_end(service, number)),
            over=time_text(deadline_end(service, number)),
            report_deadline=time_text(report_deadline(service, stake, number)),
            claim_deadline=time_text(closes),
            obligations=[self._obligation(ClaimKey(number, i)) for i in range(len(agreement.obligations))],
            compensation=money(total, self.token),
            entitlement=money(entitlement(service.period_cap, total), self.token),
            settled=money(record.settled_totals.get(number, 0), self.token),
            settled_entitlement=money(record.entitlements.get(number, 0), self.token),
        )

    def _state(self, number: int) -> PeriodState:
        service, stake = self.record.agreement.service, self.record.agreement.stake
        if self.time < period_start(service, number):
            return PeriodState.UPCOMING
        if self.time < deadline_end(service, number):
            return PeriodState.RUNNING
        return PeriodState.OVER if self.time < claim_deadline(service, stake, number) else PeriodState.CLOSED

    def _owed(self, key: ClaimKey, closes: int) -> int:
        """By the claim; without one by the report, as long as it can still be claimed."""
        claim = self.record.claims.get(key)
        if claim is not None:
            return claim.compensation
        return self._reported_compensation(key) if self.time < closes else 0

    def _reported_compensation(self, key: ClaimKey) -> int:
        found, agreement = self.reports.get(key), self.record.agreement
        promise = agreement.obligations[key.obligation]
        if found is None or not has_agreed_charge(agreement.service, found):
            return 0
        return standing(promise, found.attained, found.charge)

    def _obligation(self, key: ClaimKey) -> PeriodObligation:
        found: Standing | None = self.reports.get(key)
        claim: Claim | None = self.record.claims.get(key)
        attained = None if found is None else known_attained(found.attained)
        return PeriodObligation(
            obligation=key.obligation,
            reported=found is not None,
            known=attained is not None,
            attained=attained,
            charge=None if found is None else money(found.charge, self.token),
            revision=None if found is None else found.revision,
            round=None if found is None else found.round,
            root=None if found is None else to_hex(found.root),
            compensation=money(self._reported_compensation(key), self.token),
            claim_status=ClaimState.NONE if claim is None else ClaimState[claim.status.name],
            final=None if claim is None else money(claim.compensation, self.token),
            settled=money(0 if claim is None else claim.settled, self.token),
            actions=self._actions(key, claim),
        )

    def _actions(self, key: ClaimKey, claim: Claim | None) -> list[Action]:
        if claim is not None:
            return actions_of(claim, self.record, self.time)
        if self.time < deadline_end(self.record.agreement.service, key.period):
            return []
        return actions_without_claim(key, self.record, self.time)
