"""Whether the money fits the promise: the worst case against the collateral, tiers that pay nothing more, windows in
which nobody can act."""

from __future__ import annotations

from collections.abc import Iterator

from record.readable import amount_text, duration, utc
from record.terms.bands import bands
from record.terms.document import TermsDocument
from record.terms.findings import Finding, Severity
from record.terms.sampling import shortest_period
from record.terms.section import line_of
from record.terms.sources import HttpProbe, OpenMetrics, Prometheus
from sla.agreement import ZERO_BYTES32
from sla.compensation import compensation
from sla.schedule import deadline_end
from sla.validation import DAY, largest_charge, largest_period_compensation

NODES_NEED_SECONDS = 300
"""Nodes observe, collect and take turns within this time after a period's end, unless set otherwise."""

Told = tuple[Severity, str, str, str]


def check_exposure(document: TermsDocument) -> Iterator[Finding]:
    """Warnings and hints about collateral, tiers and windows."""
    for check in (_collateral, _tiers, _bond, _windows, _opening, _exit):
        for severity, path, problem, remedy in check(document):
            yield Finding(severity, path, line_of(document.section, path), problem, remedy)


def _money(document: TermsDocument, amount: int) -> str:
    return amount_text(amount, document.token.decimals, document.token.symbol)


def _collateral(document: TermsDocument) -> Iterator[Told]:
    collateral = document.formation.collateral
    if document.formation.predecessor != ZERO_BYTES32:
        return  # what is in the account already, this file does not know
    period = largest_period_compensation(document.terms())
    whole = period * document.service.count
    if period > collateral:
        yield (
            Severity.WARNING,
            "spec.collateral",
            f"{_money(document, collateral)} does not cover one period at its worst, {_money(document, period)}: "
            f"{_money(document, period - collateral)} would be owed and not paid",
            "raise the collateral, or lower periodCap",
        )
    elif whole > collateral:
        yield (
            Severity.HINT,
            "spec.collateral",
            f"{_money(document, collateral)} covers {collateral // period} of {document.service.count} periods at "
            f"their worst; all of them would come to {_money(document, whole)}",
            "raise it, or agree on when the provider deposits more",
        )


def _tiers(document: TermsDocument) -> Iterator[Told]:
    charge = largest_charge(document.service)
    for place, obligation in enumerate(document.obligations):
        terms, before = obligation.terms, 0
        for band in bands(terms):
            most = compensation(terms, band.far, charge)
            path = f"spec.obligations[{place}].tiers[{band.tier}]"
            if most == 0:
                yield (
                    Severity.WARNING,
                    path,
                    "pays nothing: its part of the charge is less than the smallest unit of the token",
                    "raise what it pays, or use a token with more decimals",
                )
            elif most == before:
                yield (
                    Severity.HINT,
                    path,
                    f"never pays more than the tier before it, {_money(document, before)}",
                    "raise the cap, or drop the tier",
                )
            before = most


def _bond(document: TermsDocument) -> Iterator[Told]:
    worst = largest_period_compensation(document.terms())
    if document.stake.bond > worst:
        yield (
            Severity.HINT,
            "spec.dispute.bond",
            f"{_money(document, document.stake.bond)} is more than a period can ever pay, {_money(document, worst)}: "
            "no dispute would be worth its bond",
            "lower the bond",
        )


def _windows(document: TermsDocument) -> Iterator[Told]:
    stake = document.stake
    if stake.dispute_window == 0:
        yield (
            Severity.WARNING,
            "spec.dispute.window",
            "is zero: a claim pays in the same transaction, and nobody can contest it",
            "give both parties time to look, as in 3 days",
        )
    elif stake.dispute_window < DAY:
        yield (
            Severity.WARNING if shortest_period(document) >= DAY else Severity.HINT,
            "spec.dispute.window",
            f"leaves {duration(stake.dispute_window)} to contest a claim",
            "give a day or more where tokens are worth something",
        )
    if stake.rule_within < stake.dispute_window:
        yield (
            Severity.WARNING,
            "spec.dispute.rulingWithin",
            f"leaves {duration(stake.rule_within)} from a dispute on, less than the {duration(stake.dispute_window)} "
            "of the window: who disputes by a hair at once takes the other party's time to contest",
            "give the arbiter at least as long as the window",
        )
    timeout = max(
        (
            connection.timeout_milliseconds
            for connection in (obligation.indicator.source.connection for obligation in document.obligations)
            if isinstance(connection, HttpProbe | OpenMetrics | Prometheus)
        ),
        default=0,
    )
    need = NODES_NEED_SECONDS + -(-timeout // 1_000)
    if stake.report_within < need:
        yield (
            Severity.WARNING,
            "spec.reportWithin",
            f"leaves the nodes {duration(stake.report_within)} to report; as they are set by default they need {need} "
            "seconds",
            "give them more time, or agree with the operators on faster settings",
        )
    if stake.claim_within - stake.report_within < NODES_NEED_SECONDS:
        yield (
            Severity.WARNING,
            "spec.claimWithin",
            f"ends {duration(stake.claim_within - stake.report_within)} after reports are due: a late report could "
            "no longer be claimed",
            "end claims later",
        )


def _opening(document: TermsDocument) -> Iterator[Told]:
    over = deadline_end(document.service, 0)
    if document.formation.predecessor != ZERO_BYTES32:
        if document.formation.open_by > document.service.start:
            yield (
                Severity.HINT,
                "spec.openBy",
                f"lies after the first period's start, {utc(document.service.start)} UTC, when the escrow no longer "
                "takes the amendment",
                "choose a time up to it",
            )
    elif document.formation.open_by > over:
        yield (
            Severity.HINT,
            "spec.openBy",
            f"lies after the end of the first period, {utc(over)} UTC, when the escrow no longer opens the agreement",
            "choose a time before it",
        )
    elif document.formation.open_by > document.service.start:
        yield (
            Severity.HINT,
            "spec.openBy",
            f"lies after the first period's start, {utc(document.service.start)} UTC: who holds both signatures can "
            "watch the period before opening the agreement",
            "choose a time up to it",
        )


def _exit(document: TermsDocument) -> Iterator[Told]:
    breaches, count = document.formation.exit_breaches, document.service.count
    if breaches >= count:
        yield (
            Severity.WARNING,
            "spec.exit.breaches",
            f"asks for {breaches} paid periods of {count} in all: there would be none left to leave from",
            "ask for fewer, or leave the exit rule out",
        )
