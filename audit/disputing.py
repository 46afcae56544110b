"""How a claim is contested: bond, evidence, ruling, concession or silence."""

from __future__ import annotations

from audit.books import Claim, Status, Version
from audit.calls import Call, Send
from audit.derivation import Derivation, charge_problem, derive, derive_standing, finding_problem
from audit.difference import differ, require, require_equal
from audit.findings import Basis, Case, Dispute, Evidence, Outcome, Place
from audit.state import State
from record.events import BondReturned, Conceded, Disputed, EvidenceSubmitted, Ruled
from record.pack_logs import Entry
from sla.agreement import NO_DATA, ZERO_ADDRESS
from sla.schedule import claim_deadline, report_deadline


def disputed(state: State, entry: Entry, event: Disputed, version: Version) -> None:
    """A party alleges what would move the pay in its favour: of a claim in its window, of a case, or of a period whose
    report is overdue (R6, R7)."""
    parties, stake = version.agreement.parties, version.agreement.stake
    require(event.disputer in (parties.customer, parties.provider), entry, f"{event.disputer} is no party")
    claim = version.claims.get((event.period, event.obligation))
    is_leafless = claim is None
    if claim is None:
        claim, contested = _without_report(entry, event, version), 0
    else:
        _check_contestable(entry, claim)
        contested = claim.pending.compensation
    alleged = _found(entry, event, version)
    by_customer = event.disputer == parties.customer
    favoured = alleged.compensation > contested if by_customer else alleged.compensation < contested
    require(
        favoured,
        entry,
        f"alleging {alleged.compensation} instead of {contested} does not favour the disputer",
    )
    require_equal(entry, "what stands", event.standing, claim.pending.compensation)
    require_equal(entry, "the ruling deadline", event.ruling_deadline, entry.time + stake.rule_within)

    if isinstance(claim.contest, Case):
        claim.contest.outcome, claim.contest.decided = Outcome.CONTESTED, Place.of(entry)
    claim.status = Status.DISPUTED
    claim.contest = Dispute(
        agreement_id=version.account.id,
        version=version.id,
        period=event.period,
        obligation=event.obligation,
        disputer=event.disputer,
        reported=claim.pending,
        contested=contested,
        alleged=alleged,
        bond=event.bond,
        ruling_deadline=event.ruling_deadline,
        place=Place.of(entry),
        is_leafless=is_leafless,
    )
    state.disputes.append(claim.contest)
    state.ledger.bonds[version.account.token] += event.bond
    state.call = Call(entry, version.account.token, version.account, version)
    state.counts["disputes"] += 1


def evidence(entry: Entry, event: EvidenceSubmitted, version: Version) -> None:
    """A party adds a document while a ruling is awaited."""
    parties = version.agreement.parties
    require(event.party in (parties.customer, parties.provider), entry, f"{event.party} is no party")
    _, contest = _awaited(entry, event, version)
    contest.evidence.append(Evidence(event.party, event.content_hash, event.uri, Place.of(entry)))


def conceded(state: State, entry: Entry, event: Conceded, version: Version) -> None:
    """The opponent accepts exactly what was alleged, in time; the disputer has the bond back (R7)."""
    claim, dispute = _awaited(entry, event, version)
    if not isinstance(dispute, Dispute):
        differ(entry, "in a case nothing is alleged")
    require_equal(entry, "what was alleged", event.compensation, dispute.alleged.compensation)
    require_equal(entry, "the disputer", event.disputer, dispute.disputer)
    require_equal(entry, "the bond", event.bond, dispute.bond)
    claim.status, claim.pending, claim.basis = Status.RULED, dispute.alleged, Basis.CONCESSION
    dispute.outcome, dispute.decided = Outcome.CONCEDED, Place.of(entry)
    state.ledger.bonds[version.account.token] -= event.bond
    sends = [Send(event.disputer, [event.bond])]
    state.call = Call(entry, version.account.token, version.account, version, sends)
    state.counts["concessions"] += 1


def ruled(state: State, entry: Entry, event: Ruled, version: Version) -> None:
    """The arbiter finds within the agreed bounds, in time; bond and fee follow from the finding (R8)."""
    claim, contest = _awaited(entry, event, version)
    ruling = _found(entry, event, version)
    sends: list[Send] = []
    if isinstance(contest, Dispute):
        sends = _bond_after(state, entry, event, version, contest, ruling)
    else:
        require_equal(entry, "the winner of a case", event.winner, ZERO_ADDRESS)
    claim.status, claim.pending, claim.basis = Status.RULED, ruling, Basis.RULING
    contest.outcome, contest.ruling, contest.decided = Outcome.RULED, ruling, Place.of(entry)
    state.call = Call(entry, version.account.token, version.account, version, sends)
    state.counts["rulings"] += 1


def bond_returned(state: State, entry: Entry, event: BondReturned, version: Version) -> None:
    """The arbiter was silent until the deadline: what was reported stands, the disputer has the bond back."""
    claim = _claim(entry, event, version)
    dispute = claim.dispute
    if dispute is None or dispute.outcome is not Outcome.OPEN:
        differ(entry, f"the claim is {claim.status.name.lower()}, and no bond is at stake")
    check_silent(entry, dispute)
    require_equal(entry, "the disputer", event.disputer, dispute.disputer)
    require_equal(entry, "the bond", event.bond, dispute.bond)
    state.ledger.bonds[version.account.token] -= event.bond
    call = settling_call(state, entry, version)
    call.key = (event.period, event.obligation)
    of_customer = event.disputer == version.account.customer
    call.sends[2 if of_customer else 1].amounts.append(event.bond)


def check_silent(entry: Entry, contest: Dispute | Case) -> None:
    """Nobody ruled until the deadline."""
    deadline = contest.ruling_deadline
    require(entry.time >= deadline, entry, f"a ruling was possible until {deadline}, it was {entry.time}")
    contest.outcome, contest.decided = Outcome.SILENT, Place.of(entry)


def settling_call(state: State, entry: Entry, version: Version) -> Call:
    """The call of ``settle`` that is going on, or a new one: payment, the provider's bonds, the customer's bonds."""
    if state.call is None:
        account = version.account
        sends = [Send(account.customer), Send(account.provider), Send(account.customer)]
        state.call = Call(entry, account.token, account, version, sends, settles=True)
    return state.call


def _without_report(entry: Entry, event: Disputed, version: Version) -> Claim:
    """The claim of a period whose report is overdue, while reports can still be brought; nothing is contested."""
    service, stake = version.agreement.service, version.agreement.stake
    promise = version.promise(event.obligation)
    if promise is None or event.period >= version.count:
        differ(entry, f"the agreement has no period {event.period} or no obligation {event.obligation}")
    overdue = report_deadline(service, stake, event.period)
    require(entry.time >= overdue, entry, f"a report is overdue from {overdue} on, it was {entry.time}")
    deadline = claim_deadline(service, stake, event.period)
    require(entry.time < deadline, entry, f"claims were possible until {deadline}, it was {entry.time}")
    problem = charge_problem(service, event.charge)
    require(problem is None, entry, f"{problem}")
    standing = derive_standing(promise, NO_DATA, event.charge)
    claim = Claim(Status.DISPUTED, standing, Basis.MISSING_DATA)
    version.claims[event.period, event.obligation] = claim
    version.account.open_claims += 1
    return claim


def _check_contestable(entry: Entry, claim: Claim) -> None:
    """Pending, or a case; within its window, which for a case is the time for its ruling."""
    is_case = claim.status is Status.DISPUTED and isinstance(claim.contest, Case)
    if claim.status is not Status.PENDING and not is_case:
        differ(entry, f"the claim is {claim.status.name.lower()}")
    require(
        entry.time < claim.window_end, entry, f"the window ended at {claim.window_end}, it was {entry.time}"
    )


def _bond_after(
    state: State, entry: Entry, event: Ruled, version: Version, dispute: Dispute, ruling: Derivation
) -> list[Send]:
    """What is sent: the arbiter's fee, and the rest of the bond to who won."""
    parties = version.agreement.parties
    by_customer = dispute.disputer == parties.customer
    found, contested = ruling.compensation, dispute.contested
    disputer_wins = found > contested if by_customer else found < contested
    winner = parties.customer if disputer_wins == by_customer else parties.provider
    require_equal(entry, "the winner", event.winner, winner)
    dispute.winner = winner
    dispute.fee = min(dispute.bond, version.agreement.stake.arbiter_fee)
    state.ledger.bonds[version.account.token] -= dispute.bond
    return [Send(parties.arbiter, [dispute.fee]), Send(winner, [dispute.bond - dispute.fee])]


def _claim(
    entry: Entry, event: EvidenceSubmitted | Ruled | Conceded | BondReturned, version: Version
) -> Claim:
    claim = version.claims.get((event.period, event.obligation))
    if claim is None:
        differ(entry, "there is no such claim")
    return claim


def _awaited(
    entry: Entry, event: EvidenceSubmitted | Ruled | Conceded, version: Version
) -> tuple[Claim, Dispute | Case]:
    """The claim and its contest, if that still waits for its ruling."""
    claim = _claim(entry, event, version)
    if claim.status is not Status.DISPUTED or claim.contest is None:
        differ(entry, f"the claim is {claim.status.name.lower()}")
    deadline = claim.contest.ruling_deadline
    require(entry.time < deadline, entry, f"a ruling was possible until {deadline}, it was {entry.time}")
    return claim, claim.contest


def _found(entry: Entry, event: Disputed | Ruled, version: Version) -> Derivation:
    """What the named attainment pays; it may be said, and pays what is written."""
    promise = version.agreement.obligations[event.obligation]
    problem = finding_problem(version.agreement.service, promise, event.attained, event.charge)
    require(problem is None, entry, f"{problem}")
    found = derive(promise, event.attained, event.charge)
    require_equal(entry, "the compensation", event.compensation, found.compensation)
    return found
