"""How an agreement is succeeded, ended or left (R13): each cuts the head's count where nothing has begun; and whose
escrow its payments raise (R14)."""

from __future__ import annotations

from itertools import pairwise

from audit.books import Status, Version
from audit.calls import Call, Send
from audit.difference import differ, require, require_equal
from audit.findings import Ending
from audit.forming import add_version, check_formed, check_signatures
from audit.state import State
from record.eip712 import formation_hash, obligations_hash, termination_digest
from record.events import AgreementAmended, AgreementExited, AgreementTerminated, DownstreamLinked
from record.open_call import AmendCall, TerminateCall, Terms
from record.pack_logs import Entry
from sla.agreement import Agreement
from sla.errors import RecordError
from sla.schedule import boundary, last_claim_deadline

MAX_VERSIONS = 127


def amended(state: State, entry: Entry, event: AgreementAmended) -> None:
    """Both parties signed terms that take over from the head where one of its periods ends."""
    agreement = check_formed(state, entry, event)
    before = state.versions.get(agreement.formation.predecessor)
    require_equal(entry, "the predecessor", event.predecessor, agreement.formation.predecessor)
    if before is None:
        differ(entry, "its predecessor is not open")
    account = before.account
    require_equal(entry, "the first version", event.first, account.id)
    require(not account.is_released, entry, "the collateral was given back before")
    call = _amend_call(entry, event)
    _require_terms(entry, call.predecessor, before.agreement)
    require_equal(entry, "the number of periods kept", event.count, call.count)
    _cut(entry, before, event.count, Ending.AMENDED)
    _require_same_parties(entry, agreement, before.agreement)
    start = boundary(before.agreement.service, event.count)
    require_equal(entry, "the start of the new terms", agreement.service.start, start)
    full = len(account.versions) >= MAX_VERSIONS
    require(not full, entry, f"the agreement had {MAX_VERSIONS} versions before")

    account.floor = max(account.floor, last_claim_deadline(before.agreement, event.count))
    account.collateral += event.collateral
    account.received += event.collateral
    state.ledger.collateral[account.token] += event.collateral
    add_version(state, event.id, agreement, account)
    # Arrears are those of the old terms: they go where those direct them.
    state.call = Call(entry, account.token, account, before, [Send(account.customer)], pays=True)
    state.call.owe(account)
    state.counts["amendments"] += 1


def terminated(state: State, entry: Entry, event: AgreementTerminated, version: Version) -> None:
    """Both parties signed that the head ends there, and it was still valid."""
    call = _terminate_call(entry, event)
    _require_terms(entry, call.terms, version.agreement)
    require_equal(entry, "the number of periods kept", event.count, call.count)
    valid = entry.time < call.valid_by
    require(valid, entry, f"the termination was valid until {call.valid_by}, it was {entry.time}")
    _cut(entry, version, event.count, Ending.TERMINATED)
    digest = termination_digest(event.id, event.count, call.valid_by, state.domain)
    what = f"Termination of agreement 0x{event.id.hex()}"
    signatures = call.provider_signature, call.customer_signature
    check_signatures(state, entry, digest, what, version.agreement.parties, signatures)
    state.call = Call(entry, version.account.token, version.account, version)
    state.counts["terminations"] += 1


def exited(state: State, entry: Entry, event: AgreementExited, version: Version) -> None:
    """The breaches named fulfil the exit rule, and it takes effect with the next period."""
    formation, service = version.agreement.formation, version.agreement.service
    require(formation.exit_breaches > 0, entry, "the terms have no exit rule")
    named = len(event.breaches)
    require(
        named >= formation.exit_breaches,
        entry,
        f"{named} breaches, the rule asks for {formation.exit_breaches}",
    )
    periods = [period for period, _ in event.breaches]
    ascending = all(one < other for one, other in pairwise(periods))
    require(ascending, entry, "the breaches are not of distinct periods in ascending order")
    near = periods[-1] - periods[0] < formation.exit_periods
    require(near, entry, f"the breaches are not within {formation.exit_periods} periods")
    for key in event.breaches:
        claim = version.claims.get(key)
        paid = claim is not None and claim.status in (Status.SETTLED, Status.FINAL) and claim.settled > 0
        require(paid, entry, f"period {key[0]}, obligation {key[1]} was not settled, or paid nothing")
    _cut(entry, version, event.count, Ending.EXITED)
    if event.count > 0:
        before = boundary(service, event.count - 1)
        require(entry.time >= before, entry, f"the period before begins at {before}, it was {entry.time}")
    state.call = Call(entry, version.account.token, version.account, version)
    state.counts["exits"] += 1


def linked(state: State, entry: Entry, event: DownstreamLinked, version: Version) -> None:
    """The downstream that was signed is open, has the same token, and our customer for its provider."""
    signed = state.versions.get(version.agreement.stake.downstream)
    if signed is None:
        differ(entry, "the downstream that was signed is not open")
    below = signed.account
    require_equal(entry, "the downstream's first version", event.downstream, below.id)
    require_equal(entry, "the downstream's token", below.token, version.account.token)
    require_equal(entry, "the downstream's provider", below.provider, version.account.customer)
    version.downstream = below
    state.call = Call(entry, version.account.token, version.account, version)
    state.counts["links"] += 1


def _cut(entry: Entry, version: Version, count: int, ending: Ending) -> None:
    """The head ends after ``count`` periods; the first that is dropped has not begun."""
    head = version.account.head
    require(version is head, entry, f"0x{head.id.hex()} took over from these terms before")
    most = version.count if ending is Ending.AMENDED else version.count - 1
    require(count <= most, entry, f"{count} periods are kept, there were {version.count}")
    end = boundary(version.agreement.service, count)
    require(entry.time < end, entry, f"period {count} began at {end}, it was {entry.time}")
    if count < version.count:
        version.ending = ending
    version.count = count


def _require_terms(entry: Entry, brought: Terms, agreement: Agreement) -> None:
    known = Terms(
        agreement.parties,
        agreement.service,
        agreement.stake,
        formation_hash(agreement.formation),
        obligations_hash(agreement.obligations),
    )
    require(brought == known, entry, "the terms it was called with are not those that were signed")


def _require_same_parties(entry: Entry, new: Agreement, old: Agreement) -> None:
    require_equal(entry, "the provider", new.parties.provider, old.parties.provider)
    require_equal(entry, "the customer", new.parties.customer, old.parties.customer)
    require_equal(entry, "the token", new.stake.token, old.stake.token)


def _amend_call(entry: Entry, event: AgreementAmended) -> AmendCall:
    try:
        return event.arguments()
    except RecordError as error:
        differ(entry, error.problem)


def _terminate_call(entry: Entry, event: AgreementTerminated) -> TerminateCall:
    try:
        return event.arguments()
    except RecordError as error:
        differ(entry, error.problem)
