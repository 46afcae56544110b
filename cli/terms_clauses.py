"""The agreement as numbered clauses: each sentence says one thing that both parties are bound to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cli.terms_measuring import indicator_sentences
from cli.terms_words import paid, tier_sentences
from record.hexes import to_hex
from record.readable import duration, utc
from record.terms import TermsDocument
from record.terms.exclusions import NO_EXCLUSIONS
from record.terms.obligations import ObligationText
from record.terms.periods import every_text, moment_text, period_name
from sla.agreement import ZERO_BYTES32, MissingData
from sla.compensation import missing_compensation, worst_attained
from sla.schedule import claim_deadline, last_claim_deadline, period_end, period_start, report_deadline
from sla.validation import largest_charge, largest_period_compensation


@dataclass(frozen=True, slots=True)
class Clause:
    """A title and its sentences."""

    title: str
    sentences: tuple[str, ...]


def clauses(document: TermsDocument) -> tuple[Clause, ...]:
    """All of them, in the order in which a lawyer asks."""
    parts = {
        "Parties": _parties(document),
        "Service": _service(document),
        "Measurement": indicator_sentences(document),
        "Periods": _periods(document),
        "Charge": _charge(document),
        **{
            f"Obligation {place}: {obligation.name}": _obligation(document, place - 1)
            for place, obligation in enumerate(document.obligations, 1)
        },
        **_exclusions(document),
        "Caps": _caps(document),
        "Collateral": _collateral(document),
        "Compensation": _payment(document),
        "Missing data": _missing(document),
        "Claims and disputes": _disputes(document),
        "Deadlines": _deadlines(document),
        "Beginning and end": _formation(document),
    }
    return tuple(Clause(title, tuple(sentences)) for title, sentences in parts.items())


def _parties(document: TermsDocument) -> Iterator[str]:
    parties = document.parties
    yield f"The provider is {parties.provider.name}, account {parties.provider.address}."
    yield f"The customer is {parties.customer.name}, account {parties.customer.address}."
    yield (
        f"The arbiter, who rules when they disagree, is {parties.arbiter.name}, account {parties.arbiter.address}."
    )


def _service(document: TermsDocument) -> Iterator[str]:
    yield f"The provider provides: {document.service_name}."
    yield f"What is covered: {document.scope}"
    if document.workload:
        yield f"Under this workload: {document.workload}"
    if document.source:
        yield f"These terms restate: {document.source}"


def _exclusions(document: TermsDocument) -> dict[str, Iterator[str]]:
    """What need not count; nothing where the terms do not speak of it."""
    own = [each for each in document.obligations if each.exclusions is not None]
    if document.exclusions == NO_EXCLUSIONS and not own:
        return {}
    return {"Exclusions": _excluded(document, own)}


def _excluded(document: TermsDocument, own: Sequence[ObligationText]) -> Iterator[str]:
    yield from document.exclusions.sentences()
    for obligation in own:
        for sentence in document.exclusions_of(obligation).sentences():
            yield f"For {obligation.name} instead: {sentence}"


def _periods(document: TermsDocument) -> Iterator[str]:
    service, zone = document.service, document.zone
    count = f"{service.count} periods" if service.count > 1 else "a single period"
    yield f"The agreement runs for {count} of {every_text(document)}, on the clocks of {zone}."
    ends = {0: "first", service.count - 1: "last"}
    for period, name in ends.items():
        start, end = period_start(service, period), period_end(service, period)
        which = "The only" if service.count == 1 else f"The {name}"
        yield (
            f"{which} period is {period_name(document, period)}: from {moment_text(start, zone)} until just before "
            f"{moment_text(end, zone)}."
        )


def _charge(document: TermsDocument) -> Iterator[str]:
    service = document.service
    if service.charge:
        yield f"The charge is {paid(document, service.charge)} a period."
    elif service.charge_max:
        yield f"The charge is metered; at most {paid(document, service.charge_max)} a period."
    else:
        yield "No charge is agreed here; obligations pay amounts."


def _obligation(document: TermsDocument, place: int) -> Iterator[str]:
    obligation = document.obligations[place]
    terms, unit = obligation.terms, obligation.indicator.unit
    yield f"Promise: {obligation.indicator.name} is {obligation.objective} in every period; exactly that is enough."
    if obligation.scope:
        yield f"It covers: {obligation.scope}."
    if obligation.owner:
        yield f"Who answers for it: {obligation.owner}."
    yield from tier_sentences(document, obligation)
    if terms.cap:
        yield f"This obligation pays at most {paid(document, terms.cap)} a period."
    yield (
        f"Only attainments from {unit.text(terms.sane_min)} to {unit.text(terms.sane_max)} are believed; any other "
        "report is treated as missing data."
    )


def _caps(document: TermsDocument) -> Iterator[str]:
    most = paid(document, largest_period_compensation(document.terms()))
    if document.service.period_cap:
        yield f"All obligations together pay at most {paid(document, document.service.period_cap)} a period."
    else:
        yield "There is no joint cap on what the obligations pay in a period."
    yield f"The most that one period can cost the provider is {most}."


def _collateral(document: TermsDocument) -> Iterator[str]:
    token = document.token
    yield f"Amounts are in {token.symbol}, the token {token.address} with {token.decimals} decimals."
    if document.formation.collateral:
        more = " more" if document.formation.predecessor != ZERO_BYTES32 else ""
        yield (
            f"On opening, {paid(document, document.formation.collateral)}{more} of the provider's go into escrow as "
            "collateral. What is owed is paid from it; more can be deposited."
        )
    else:
        yield "No collateral is asked for on opening. What is owed is paid from what is deposited."
    yield "What the collateral does not cover is recorded as owed and paid first from any later deposit."


def _missing(document: TermsDocument) -> Iterator[str]:
    stake = document.stake
    for obligation in document.obligations:
        yield f"{obligation.name}: {_without_data(document, obligation)}."
    yield (
        "A report without data, or of an attainment that is not believed, waits for the arbiter, at nobody's bond, for "
        f"{duration(stake.rule_within)}; on silence the above applies."
    )
    yield (
        f"If nothing is reported within {duration(stake.report_within)} of a period's end, either party may dispute "
        "that for the bond, and anyone may answer with a report; if nobody reports or rules, the above applies."
    )


def _without_data(document: TermsDocument, obligation: ObligationText) -> str:
    terms = obligation.terms
    if terms.missing_data is MissingData.IGNORE:
        return "a period without data pays nothing"
    if terms.missing_data is MissingData.ARBITER:
        return "a period without data is for the arbiter, and pays nothing if the arbiter is silent"
    worst = obligation.indicator.unit.text(worst_attained(terms))
    pays = paid(document, missing_compensation(terms, largest_charge(document.service)))
    return f"a period without data counts as the worst believable attainment, {worst}, and pays {pays}"


def _disputes(document: TermsDocument) -> Iterator[str]:
    stake = document.stake
    if stake.dispute_window:
        yield f"For {duration(stake.dispute_window)} after a claim, either party may dispute it; then it is paid."
    else:
        yield "A claim is paid at once: there is no time to dispute it."
    yield (
        f"To dispute costs a bond of {paid(document, stake.bond)}. On a ruling {paid(document, stake.arbiter_fee)} of "
        "it go to the arbiter and the rest to the winner; if the arbiter is silent, all of it goes back."
    )
    yield f"The arbiter has {duration(stake.rule_within)} from the dispute to rule; on silence the report stands."
    yield "The opponent may concede exactly what was alleged instead; that is as final as a ruling."
    yield (
        "Until claims end, a later report corrects an earlier one that was not ruled: only the difference is paid, or "
        "taken from later payments."
    )


def _deadlines(document: TermsDocument) -> Iterator[str]:
    service, stake = document.service, document.stake
    name = period_name(document, 0)
    yield (
        f"Reports are due {duration(stake.report_within)} after a period's end: for {name} by "
        f"{utc(report_deadline(service, stake, 0))} UTC."
    )
    yield (
        f"Nothing can be claimed later than {duration(stake.claim_within)} after a period's end: for {name} not from "
        f"{utc(claim_deadline(service, stake, 0))} UTC on."
    )
    if service.zone_lag_seconds:
        yield (
            f"On the chain a period ends by its date in UTC plus {duration(service.zone_lag_seconds)}, so that it is "
            f"over in {document.zone} too."
        )
    yield (
        f"The collateral that is left goes back to the provider after {utc(last_claim_deadline(document.terms()))} "
        "UTC, with no claim or dispute open."
    )


def _payment(document: TermsDocument) -> Iterator[str]:
    downstream = document.stake.downstream
    if downstream == ZERO_BYTES32:
        yield "Compensation is paid to the customer."
        return
    yield (
        f"Compensation goes into the escrow of agreement {to_hex(downstream)}, in which the customer is the provider: "
        "its collateral grows."
    )
    yield "That holds once anyone has linked the two, and while that one is open; otherwise the customer is paid."


def _formation(document: TermsDocument) -> Iterator[str]:
    formation = document.formation
    yield f"Both parties' signatures must be on the chain before {utc(formation.open_by)} UTC, or the offer ends."
    if formation.predecessor != ZERO_BYTES32:
        start = moment_text(document.service.start, document.zone)
        yield (
            f"These terms take over from agreement {to_hex(formation.predecessor)} of the same parties and token at "
            f"{start}, where one of its periods ends; both signatures must be there before that as well."
        )
        yield "Its periods before then stay as they were agreed. Account, collateral and debts go on under these terms."
    yield "The terms, the token, the arbiter and the committee change only by both parties' signatures."
    yield "Together the parties can end or amend them before any period that has not begun."
    if formation.exit_breaches:
        yield (
            f"The customer alone may leave with the next period, once {_periods_paid(formation.exit_breaches)} within "
            f"{formation.exit_periods} in a row had compensation that was settled and is not contested. Only periods "
            "under these terms count."
        )
    else:
        yield "Neither party can leave early by itself."


def _periods_paid(count: int) -> str:
    return "one period" if count == 1 else f"{count} periods"
