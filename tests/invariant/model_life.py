"""Agreements begin, are amended, end, are left (R13, R14, R19). All but the first cut the head's count."""

from __future__ import annotations

from collections.abc import Sequence

from record.keccak import keccak256
from record.typed_data import Domain
from sla.agreement import ZERO_BYTES32, Formation
from sla.errors import RuleBroken
from sla.validation import check_agreement
from tests.invariant.books import FINAL, SETTLED, Account
from tests.invariant.calls import Signature
from tests.invariant.deal import Deal, hash_flat, separator
from tests.invariant.encoding import words
from tests.invariant.model_context import Context, Refused
from tests.invariant.model_money import add_collateral, pay_due

MAX_VERSIONS = 127
_TERMINATION = keccak256(b"Termination(bytes32 agreement,uint24 count,uint40 validBy)")


def termination_digest(domain: Domain, agreement: bytes, count: int, valid_by: int) -> bytes:
    """What both parties sign to end an agreement."""
    struct = keccak256(_TERMINATION + words([agreement, count, valid_by]))
    return keccak256(b"\x19\x01" + separator(domain) + struct)


def open_agreement(context: Context, deal: Deal, provider: Signature, customer: Signature) -> None:
    """Terms without a predecessor, signed by both (R1, R10)."""
    agreement = deal.agreement
    if agreement.formation.predecessor != ZERO_BYTES32:
        raise Refused("PredecessorMismatch", ZERO_BYTES32, agreement.formation.predecessor)
    _admit(context, deal, provider, customer)
    arrived = context.pull(agreement.stake.token, agreement.parties.provider, agreement.formation.collateral)
    books = context.books
    books.accounts[deal.id] = Account(arrived)
    books.counts[deal.id] = agreement.service.count
    books.firsts[deal.id] = deal.id
    books.chains[deal.id] = (deal.id,)
    parties = agreement.parties
    call = context.part.calldata()[4:]
    context.emit("AgreementOpened", deal.id, parties.provider, parties.customer, arrived, call)


def amend(
    context: Context, deal: Deal, provider: Signature, customer: Signature, before: Deal, count: int
) -> None:
    """New terms of the same parties and token take over where the head is cut (R13)."""
    agreement, old = deal.agreement, before.agreement
    if before.id != agreement.formation.predecessor:
        raise Refused("PredecessorMismatch", before.id, agreement.formation.predecessor)
    _admit(context, deal, provider, customer)
    first = _cut(context, before, count, may_equal=True)
    for field, one, other in (
        ("provider", agreement.parties.provider, old.parties.provider),
        ("customer", agreement.parties.customer, old.parties.customer),
        ("token", agreement.stake.token, old.stake.token),
    ):
        if one != other:
            raise Refused("PartyChanged", field)
    if agreement.service.start != before.boundary(count):
        raise Refused("StartMismatch", agreement.service.start, before.boundary(count))
    books = context.books
    versions = books.chains[first]
    if len(versions) == MAX_VERSIONS:
        raise Refused("VersionsOutOfRange", MAX_VERSIONS + 1, MAX_VERSIONS)
    books.chains[first] = (*versions, deal.id)
    books.firsts[deal.id] = first
    books.counts[deal.id] = agreement.service.count
    books.floors[first] = max(books.floors[first], before.last_claim_deadline(count))
    arrived = context.pull(agreement.stake.token, agreement.parties.provider, agreement.formation.collateral)
    add_collateral(context, first, arrived)
    context.emit("AgreementAmended", first, before.id, deal.id, count, arrived, context.part.calldata()[4:])
    pay_due(context, before, first)


def terminate(
    context: Context, deal: Deal, count: int, valid_by: int, provider: Signature, customer: Signature
) -> None:
    """Both end it, in time."""
    if context.now >= valid_by:
        raise Refused("ValidityOver", valid_by, context.now)
    _cut(context, deal, count, may_equal=False)
    digest = termination_digest(context.domain, deal.id, count, valid_by)
    context.require_signed(deal.agreement.parties.provider, digest, provider)
    context.require_signed(deal.agreement.parties.customer, digest, customer)
    context.emit("AgreementTerminated", deal.id, count, context.part.calldata()[4:])


def leave(
    context: Context, deal: Deal, formation: Formation, count: int, breaches: Sequence[tuple[int, int]]
) -> None:
    """The customer's exit: n distinct paid periods within m; it takes effect with the next period."""
    if context.caller != deal.agreement.parties.customer:
        raise Refused("CallerInvalid", context.caller)
    given, signed = hash_flat(formation), hash_flat(deal.agreement.formation)
    if given != signed:
        raise Refused("FormationMismatch", given, signed)
    _cut(context, deal, count, may_equal=False)
    if count and context.now < deal.boundary(count - 1):
        raise Refused("PeriodNotNext", deal.boundary(count - 1), context.now)
    _check_breaches(context, deal, formation, breaches)
    context.emit("AgreementExited", deal.id, count, tuple(breaches))


def link(context: Context, deal: Deal, downstream: Deal) -> None:
    """What we pay raises the escrow of an agreement whose provider is our customer (R14)."""
    context.require_known(deal)
    if downstream.id != deal.agreement.stake.downstream:
        raise Refused("NotDownstream", downstream.id, deal.agreement.stake.downstream)
    first = context.require_known(downstream)
    if downstream.agreement.stake.token != deal.agreement.stake.token:
        raise Refused("PartyChanged", "token")
    if downstream.agreement.parties.provider != deal.agreement.parties.customer:
        raise Refused("PartyChanged", "provider")
    context.books.links[deal.id] = first
    context.emit("DownstreamLinked", deal.id, first)


def _admit(context: Context, deal: Deal, provider: Signature, customer: Signature) -> None:
    """An id never becomes unused again; terms cannot misfire; both signed."""
    if context.books.firsts[deal.id] != ZERO_BYTES32:
        raise Refused("AgreementExists", deal.id)
    try:
        check_agreement(deal.agreement, context.now)
    except RuleBroken as broken:
        raise Refused(broken.rule, *broken.values) from None
    context.require_signed(deal.agreement.parties.provider, deal.id, provider)
    context.require_signed(deal.agreement.parties.customer, deal.id, customer)


def _cut(context: Context, deal: Deal, count: int, may_equal: bool) -> bytes:
    """The head ends after ``count`` periods, the first of those dropped not having begun."""
    first = context.require_known(deal)
    head, current = context.head(first), context.books.counts[deal.id]
    if deal.id != head:
        raise Refused("NotHead", deal.id, head)
    if count > current or (count == current and not may_equal):
        raise Refused("NothingToCut", count, current)
    if context.now >= deal.boundary(count):
        raise Refused("PeriodBegun", deal.boundary(count), context.now)
    context.books.counts[deal.id] = count
    return first


def _check_breaches(
    context: Context, deal: Deal, formation: Formation, breaches: Sequence[tuple[int, int]]
) -> None:
    if formation.exit_breaches == 0:
        raise Refused("ExitRuleMissing")
    if len(breaches) < formation.exit_breaches:
        raise Refused("BreachesTooFew", len(breaches), formation.exit_breaches)
    for index, (period, obligation) in enumerate(breaches):
        if index and period <= breaches[index - 1][0]:
            raise Refused("BreachesNotAscending", period, breaches[index - 1][0])
        claim = context.books.claims[deal.id, period, obligation]
        if claim.status not in (SETTLED, FINAL) or claim.settled == 0:
            raise Refused("BreachNotFinal", period, obligation, claim.status)
    first, last = breaches[0][0], breaches[-1][0]
    if last - first >= formation.exit_periods:
        raise Refused("BreachesTooFarApart", first, last, formation.exit_periods)
