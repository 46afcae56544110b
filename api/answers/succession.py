"""How an agreement goes on: its versions, what cut them, how the customer may leave, whom it pays."""

from __future__ import annotations

from pydantic import Field

from api.answers.values import Answer, Count, Hash, Place, Time, place_answer, time_text
from index.facts import AgreementRecord, ClaimKey, Cut, CutReason
from index.history import History
from record.hexes import to_hex
from sla import agreement as signed
from sla.agreement import ZERO_BYTES32
from sla.schedule import boundary


class Breach(Answer):
    """A claim that was settled and paid."""

    period: Count
    obligation: Count


class CutAnswer(Answer):
    """Where terms end: an amendment, a termination and an exit are one operation."""

    reason: CutReason = Field(
        description="amended: other terms took over; terminated: both parties signed it; exited: the customer left "
        "by the exit rule",
        examples=["amended"],
    )
    periods: Count = Field(description="How many periods the terms govern from then on")
    successor: Hash | None = Field(description="The terms that took over; null unless amended")
    breaches: list[Breach] = Field(description="Those because of which the customer left")
    cut: Place


class Version(Answer):
    """Terms of an agreement, and the periods they govern."""

    id: Hash = Field(description="The EIP-712 digest both parties signed")
    periods: Count = Field(description="How many periods they govern")
    signed_periods: int = Field(ge=1, description="How many were signed", examples=[12])
    start: Time = Field(description="The first second of the first period")
    end: Time = Field(description="The first second after the last period")
    opened: Place = Field(description="Where they came into force")
    cuts: list[CutAnswer] = Field(description="What ended them early, or took over from them, in order")


class ExitRule(Answer):
    """The customer may leave after `breaches` distinct paid periods within `periods`, with the next period."""

    breaches: int = Field(ge=1, examples=[3])
    periods: int = Field(ge=1, examples=[12])


class Downstream(Answer):
    """The agreement whose escrow receives the compensation, while it is open and linked; else the customer does."""

    signed: Hash = Field(description="The version that the terms name")
    linked: Hash | None = Field(
        description="The first version whose escrow is paid; null: nobody has linked it yet"
    )
    open: bool = Field(description="Whether payments go there now", examples=[True])


def version_answer(record: AgreementRecord) -> Version:
    """One version."""
    service = record.agreement.service
    return Version(
        id=to_hex(record.id),
        periods=record.count,
        signed_periods=service.count,
        start=time_text(service.start),
        end=time_text(boundary(service, record.count)),
        opened=place_answer(record.opened),
        cuts=[_cut(one) for one in record.cuts],
    )


def exit_rule_answer(formation: signed.Formation) -> ExitRule | None:
    """The exit rule, where there is one."""
    if formation.exit_breaches == 0:
        return None
    return ExitRule(breaches=formation.exit_breaches, periods=formation.exit_periods)


def downstream_answer(record: AgreementRecord, history: History) -> Downstream | None:
    """Whom the terms pay instead of the customer, where they name somebody."""
    named = record.agreement.stake.downstream
    if named == ZERO_BYTES32:
        return None
    linked = None if record.downstream is None else history.accounts.get(record.downstream)
    return Downstream(
        signed=to_hex(named),
        linked=None if linked is None else to_hex(linked.id),
        open=linked is not None and linked.released is None,
    )


def _cut(cut: Cut) -> CutAnswer:
    return CutAnswer(
        reason=cut.reason,
        periods=cut.count,
        successor=None if cut.successor is None else to_hex(cut.successor),
        breaches=[_breach(one) for one in cut.breaches],
        cut=place_answer(cut.place),
    )


def _breach(key: ClaimKey) -> Breach:
    return Breach(period=key.period, obligation=key.obligation)
