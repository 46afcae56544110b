"""How a claim is contested: bond, evidence, ruling or silence."""

from __future__ import annotations

from audit.calls import Call, Send
from audit.derivation import Derivation, derive, finding_problem
from audit.difference import differ, require, require_equal
from audit.findings import Dispute, Evidence, Outcome, Place
from audit.state import Account, Claim, State, Status
from record.events import BondReturned, Disputed, EvidenceSubmitted, Ruled
from record.pack_logs import Entry


def disputed(state: State, entry: Entry, event: Disputed, account: Account) -> None:
    """A party, within the window, alleges what would move the pay in its favour (R7)."""
    parties, stake = account.agreement.parties, account.agreement.stake
    require(event.disputer in (parties.customer, parties.provider), entry, f"{event.disputer} is no party")
    claim = _claim(entry, event, account)
    require(claim.status is Status.PENDING, entry, f"the claim is {claim.status.name.lower()}")
    require(
        entry.time < claim.window_end, entry, f"the window ended at {claim.window_end}, it was {entry.time}"
    )
    alleged = _found(entry, event, account)
    reported = claim.reported.compensation
    by_customer = event.disputer == parties.customer
    favoured = alleged.compensation > reported if by_customer else alleged.compensation < reported
    require(
        favoured, entry, f"alleging {alleged.compensation} instead of {reported} does not favour the disputer"
    )
    require_equal(entry, "the ruling deadline", event.ruling_deadline, entry.time + stake.rule_within)

    claim.status = Status.DISPUTED
    claim.dispute = Dispute(
        agreement_id=account.id,
        period=event.period,
        obligation=event.obligation,
        disputer=event.disputer,
        reported=claim.reported,
        alleged=alleged,
        bond=event.bond,
        ruling_deadline=event.ruling_deadline,
        place=Place.of(entry),
    )
    state.disputes.append(claim.dispute)
    state.ledger.bonds[account.token] += event.bond
    state.call = Call(entry, account.token, account.id)
    state.counts["disputes"] += 1


def evidence(entry: Entry, event: EvidenceSubmitted, account: Account) -> None:
    """A party adds a document while a ruling is awaited."""
    parties = account.agreement.parties
    require(event.party in (parties.customer, parties.provider), entry, f"{event.party} is no party")
    dispute = _awaited(entry, event, account)
    dispute.evidence.append(Evidence(event.party, event.content_hash, event.uri, Place.of(entry)))


def ruled(state: State, entry: Entry, event: Ruled, account: Account) -> None:
    """The arbiter finds within the agreed bounds, in time; bond and fee follow from the finding (R8)."""
    parties, stake = account.agreement.parties, account.agreement.stake
    dispute = _awaited(entry, event, account)
    ruling = _found(entry, event, account)
    reported = dispute.reported.compensation
    by_customer = dispute.disputer == parties.customer
    disputer_wins = ruling.compensation > reported if by_customer else ruling.compensation < reported
    winner = parties.customer if disputer_wins == by_customer else parties.provider
    require_equal(entry, "the winner", event.winner, winner)

    claim = account.claims[event.period, event.obligation]
    claim.status, claim.final = Status.RULED, ruling
    dispute.outcome, dispute.ruling, dispute.winner = Outcome.RULED, ruling, winner
    dispute.decided = Place.of(entry)
    dispute.fee = min(dispute.bond, stake.arbiter_fee)
    state.ledger.bonds[account.token] -= dispute.bond
    sends = [Send(parties.arbiter, [dispute.fee]), Send(winner, [dispute.bond - dispute.fee])]
    state.call = Call(entry, account.token, account.id, sends)
    state.counts["rulings"] += 1


def bond_returned(state: State, entry: Entry, event: BondReturned, account: Account) -> None:
    """The arbiter was silent until the deadline: the report stands, the disputer has the bond back."""
    claim = _claim(entry, event, account)
    dispute = claim.dispute
    if claim.status is not Status.DISPUTED or dispute is None:
        differ(entry, f"the claim is {claim.status.name.lower()}")
    require(
        entry.time >= dispute.ruling_deadline,
        entry,
        f"a ruling was possible until {dispute.ruling_deadline}, it was {entry.time}",
    )
    require_equal(entry, "the disputer", event.disputer, dispute.disputer)
    require_equal(entry, "the bond", event.bond, dispute.bond)
    dispute.outcome, dispute.decided = Outcome.SILENT, Place.of(entry)
    claim.status = Status.RULED
    state.ledger.bonds[account.token] -= event.bond
    call = settling_call(state, entry, account)
    call.key = (event.period, event.obligation)
    of_customer = event.disputer == account.agreement.parties.customer
    call.sends[2 if of_customer else 1].amounts.append(event.bond)


def settling_call(state: State, entry: Entry, account: Account) -> Call:
    """The call of ``settle`` that is going on, or a new one: payment, the provider's bonds, the customer's bonds."""
    if state.call is None:
        parties = account.agreement.parties
        sends = [Send(parties.customer), Send(parties.provider), Send(parties.customer)]
        state.call = Call(entry, account.token, account.id, sends, settles=True)
    return state.call


def _claim(
    entry: Entry, event: Disputed | EvidenceSubmitted | Ruled | BondReturned, account: Account
) -> Claim:
    claim = account.claims.get((event.period, event.obligation))
    if claim is None:
        differ(entry, "there is no such claim")
    return claim


def _awaited(entry: Entry, event: EvidenceSubmitted | Ruled, account: Account) -> Dispute:
    """The dispute of the claim, if it still waits for its ruling."""
    claim = _claim(entry, event, account)
    if claim.status is not Status.DISPUTED or claim.dispute is None:
        differ(entry, f"the claim is {claim.status.name.lower()}")
    deadline = claim.dispute.ruling_deadline
    require(entry.time < deadline, entry, f"a ruling was possible until {deadline}, it was {entry.time}")
    return claim.dispute


def _found(entry: Entry, event: Disputed | Ruled, account: Account) -> Derivation:
    """What the named attainment pays; it may pay by itself, and pays what is written."""
    promise = account.agreement.obligations[event.obligation]
    problem = finding_problem(account.agreement.service, promise, event.attained, event.charge)
    require(problem is None, entry, f"{problem}")
    found = derive(promise, event.attained, event.charge)
    require_equal(entry, "the compensation", event.compensation, found.compensation)
    return found
