"""Who may still do what with a claim, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from pydantic import Field

from api.answers.values import Answer, Time, time_text
from chain.escrow import ClaimStatus
from index.facts import AgreementRecord, Claim, ClaimKey
from sla.schedule import claim_deadline, report_deadline


class ContestKind(StrEnum):
    """What waits for a ruling."""

    NONE = "none"
    DISPUTE = "dispute"
    CASE = "case"


class Role(StrEnum):
    """Who may."""

    PROVIDER = "provider"
    CUSTOMER = "customer"
    ARBITER = "arbiter"
    ANYONE = "anyone"


class Doing(StrEnum):
    """The escrow's calls, by name."""

    CLAIM = "claim"
    DISPUTE = "dispute"
    CONCEDE = "concede"
    SUBMIT_EVIDENCE = "submitEvidence"
    RULE = "rule"
    SETTLE = "settle"


class Action(Answer):
    """A call that can still be made, if its contents suit: a claim needs a report of a higher revision, a dispute an
    allegation that moves the pay in the disputer's favour."""

    action: Doing = Field(description="The escrow's call", examples=["dispute"])
    by: list[Role] = Field(min_length=1, description="Who may")
    since: Time | None = Field(description="From this second on; null: now")
    until: Time | None = Field(description="Before this second; null: at any time")


PARTIES = (Role.PROVIDER, Role.CUSTOMER)


def contest_of(claim: Claim) -> ContestKind:
    """What the claim waits for."""
    if not claim.awaits_ruling or claim.dispute is None:
        return ContestKind.NONE
    return ContestKind.CASE if claim.dispute.is_case else ContestKind.DISPUTE


def actions_of(claim: Claim, record: AgreementRecord, time: int) -> list[Action]:
    """What can be done with a claim at ``time`` or later."""
    return [one for one in _actions(claim, record, time) if one is not None]


def actions_without_claim(key: ClaimKey, record: AgreementRecord, time: int) -> list[Action]:
    """What can be done where nothing was claimed: bring a report that pays, or dispute that there is none (R6)."""
    service, stake = record.agreement.service, record.agreement.stake
    closes, overdue = claim_deadline(service, stake, key.period), report_deadline(service, stake, key.period)
    found = (
        _action(Doing.CLAIM, (Role.ANYONE,), time, until=closes),
        _action(Doing.DISPUTE, PARTIES, time, since=overdue, until=closes),
    )
    return [one for one in found if one is not None]


def _actions(claim: Claim, record: AgreementRecord, time: int) -> Iterator[Action | None]:
    if claim.status in (ClaimStatus.RULED, ClaimStatus.FINAL):
        if claim.status == ClaimStatus.RULED:
            yield _action(Doing.SETTLE, (Role.ANYONE,), time)
        return
    closes = claim_deadline(record.agreement.service, record.agreement.stake, claim.key.period)
    contest, last = contest_of(claim), claim.dispute
    if contest is ContestKind.NONE or last is None:
        yield _action(Doing.CLAIM, (Role.ANYONE,), time, until=closes)
        if claim.status == ClaimStatus.PENDING:
            yield _action(Doing.DISPUTE, PARTIES, time, until=claim.window_end)
            yield _action(Doing.SETTLE, (Role.ANYONE,), time, since=claim.window_end)
        return
    rules_until = last.ruling_deadline
    if contest is ContestKind.CASE:
        yield _action(Doing.CLAIM, (Role.ANYONE,), time, until=closes)
        yield _action(Doing.DISPUTE, PARTIES, time, until=rules_until)
    else:
        yield _action(Doing.CLAIM, (Role.ANYONE,), time, until=rules_until)
        by_customer = last.disputer == record.agreement.parties.customer
        opponent = Role.PROVIDER if by_customer else Role.CUSTOMER
        yield _action(Doing.CONCEDE, (opponent,), time, until=rules_until)
    yield _action(Doing.SUBMIT_EVIDENCE, PARTIES, time, until=rules_until)
    yield _action(Doing.RULE, (Role.ARBITER,), time, until=rules_until)
    yield _action(Doing.SETTLE, (Role.ANYONE,), time, since=rules_until)


def _action(
    action: Doing, by: tuple[Role, ...], time: int, since: int | None = None, until: int | None = None
) -> Action | None:
    """The action; None if its time is over."""
    if until is not None and time >= until:
        return None
    return Action(
        action=action,
        by=list(by),
        since=None if since is None or since <= time else time_text(since),
        until=None if until is None else time_text(until),
    )
