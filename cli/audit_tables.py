"""A verdict for people: payments with their derivation, disputes, balances, and what it all comes to."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audit import Kind, Verdict
from audit.findings import AgreementBalance, Case, Dispute, Evidence, Outcome, Payment
from cli.audit_text import settlement_lines, where
from record.readable import number, utc
from sla.agreement import NO_DATA

STYLES = {Kind.PASS: "bold green", Kind.FAIL: "bold red", Kind.INTERNALLY_CONSISTENT: "bold yellow"}

SENTENCES = {
    Kind.PASS: "From the trust roots to the last base unit, everything was recomputed and is as written.",
    Kind.INTERNALLY_CONSISTENT: (
        "This is not a PASS: the pack agrees with itself, but nothing shows that it is the chain's history. Give the "
        "chain id, the contracts' addresses and the hash of the last block, from a source you trust, with --roots."
    ),
}


def print_verdict(console: Console, verdict: Verdict) -> None:
    """Everything, the verdict last."""
    names = {found.agreement_id: f"#{index}" for index, found in enumerate(verdict.agreements, 1)}
    _head(console, verdict)
    _agreements(console, verdict)
    _payments(console, verdict, names)
    _unpaid(console, verdict, names)
    _disputes(console, verdict, names)
    _cases(console, verdict, names)
    _balances(console, verdict, names)
    for note in verdict.notes:
        _line(console, f"Note: {note}")
    _line(console, "")
    _line(
        console, f"Checked: {', '.join(f'{what} {count}' for what, count in sorted(verdict.counts.items()))}."
    )
    _verdict(console, verdict)


def _line(console: Console, text: str, style: str = "") -> None:
    """A pack's own words must not steer the terminal they are shown on."""
    harmless = "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in text)
    console.print(Text(harmless, style), soft_wrap=True)


def _head(console: Console, verdict: Verdict) -> None:
    if verdict.escrow is not None:
        _line(console, f"Escrow {verdict.escrow} on chain {verdict.chain_id}", "bold")
    if verdict.head is not None:
        block, time, digest = verdict.head
        _line(console, f"up to block {block}, {utc(time)} UTC, 0x{digest.hex()}")
    _line(console, "Amounts are in base units of the token named.")


def _agreements(console: Console, verdict: Verdict) -> None:
    for index, found in enumerate(verdict.agreements, 1):
        _line(console, f"\nAgreement #{index}  0x{found.agreement_id.hex()}", "bold")
        parties = found.agreement.parties
        _line(
            console,
            f"  provider {parties.provider}\n  customer {parties.customer}\n  arbiter  {parties.arbiter}",
        )
        _line(console, f"  token    {found.agreement.stake.token}")
        for line in _version_lines(found):
            _line(console, f"  {line}")


def _version_lines(found: AgreementBalance) -> Iterator[str]:
    """Nothing where the terms that were signed first govern all their periods."""
    if len(found.versions) == 1 and found.versions[0].ending is None:
        return
    for index, version in enumerate(found.versions, 1):
        ending = "" if version.ending is None else f", {version.ending.value}"
        yield f"version {index}  0x{version.id.hex()}: {number(version.count)} periods{ending}"


def _payments(console: Console, verdict: Verdict, names: dict[bytes, str]) -> None:
    for index, payment in enumerate(verdict.payments, 1):
        _line(
            console,
            f"\nPayment {index}: {number(payment.amount)} {_destination(payment, names)}",
            "bold",
        )
        _line(console, f"  {where(payment.place)}")
        for settlement in payment.settlements:
            _steps(console, settlement_lines(settlement))
        _line(console, f"  {_reckoning(payment)}")


def _destination(payment: Payment, names: dict[bytes, str]) -> str:
    if payment.downstream is None:
        return f"to the customer of {names[payment.agreement_id]}"
    return f"from {names[payment.agreement_id]} into the escrow of {names[payment.downstream]}"


def _reckoning(payment: Payment) -> str:
    outcome = (
        "withheld, as the token refused the transfer; it can be withdrawn" if payment.withheld else "paid"
    )
    amounts = f"due {number(payment.due)}, in escrow {number(payment.collateral)}"
    return f"{amounts}: {number(payment.amount)} {outcome}"


def _steps(console: Console, lines: list[str]) -> None:
    for index, line in enumerate(lines):
        _line(console, f"  {'•' if index == 0 else ' '} {line}")


def _unpaid(console: Console, verdict: Verdict, names: dict[bytes, str]) -> None:
    """Settlements without a payment: those that pay nothing, and arrears."""
    paid = {settlement for payment in verdict.payments for settlement in payment.settlements}
    for settlement in verdict.settlements:
        if settlement not in paid:
            _line(console, f"\nSettled without a payment: agreement {names[settlement.agreement_id]}", "bold")
            _line(console, f"  {where(settlement.place)}")
            _steps(console, settlement_lines(settlement))


def _disputes(console: Console, verdict: Verdict, names: dict[bytes, str]) -> None:
    for dispute in verdict.disputes:
        title = f"period {dispute.period}, obligation {dispute.obligation} of {names[dispute.agreement_id]}"
        _line(console, f"\nDispute: {title}", "bold")
        for step in _dispute_steps(dispute):
            _line(console, f"  • {step}")


def _dispute_steps(dispute: Dispute) -> Iterator[str]:
    alleged = f"{where(dispute.place)}: {dispute.disputer} alleged {number(dispute.alleged.attained)}"
    pays, bond = number(dispute.alleged.compensation), f"with a bond of {number(dispute.bond)}"
    if dispute.is_leafless:
        yield f"{alleged}, that is {pays}, where nothing was reported, {bond}"
    else:
        yield (
            f"{alleged} instead of {number(dispute.reported.attained)}, that is {pays} instead of "
            f"{number(dispute.contested)}, {bond}"
        )
    yield from map(_evidence_step, dispute.evidence)
    when = "" if dispute.decided is None else f"{where(dispute.decided)}: "
    if dispute.outcome is Outcome.CONCEDED:
        yield f"{when}the opponent conceded it, the bond went back"
    elif dispute.ruling is None:
        yield _unruled_step(dispute, when, ", the bond went back")
    else:
        found, rest = dispute.ruling, dispute.bond - dispute.fee
        yield (
            f"{when}the arbiter found {number(found.attained)}, that is {number(found.compensation)}; fee "
            f"{number(dispute.fee)}, the rest of the bond ({number(rest)}) to {dispute.winner}"
        )


def _cases(console: Console, verdict: Verdict, names: dict[bytes, str]) -> None:
    for case in verdict.cases:
        title = f"period {case.period}, obligation {case.obligation} of {names[case.agreement_id]}"
        _line(console, f"\nCase: {title}", "bold")
        for step in _case_steps(case):
            _line(console, f"  • {step}")


def _case_steps(case: Case) -> Iterator[str]:
    seen = "no data" if case.attained == NO_DATA else number(case.attained)
    yield (
        f"{where(case.place)}: revision {case.revision} reports {seen}, outside the sane bounds; the missing-data "
        f"policy says {number(case.standing.compensation)}"
    )
    yield from map(_evidence_step, case.evidence)
    when = "" if case.decided is None else f"{where(case.decided)}: "
    if case.outcome in (Outcome.CORRECTED, Outcome.CONTESTED):
        yield f"{when}{case.outcome.value}"
    elif case.ruling is None:
        yield _unruled_step(case, when, "")
    else:
        found = case.ruling
        yield f"{when}the arbiter found {number(found.attained)}, that is {number(found.compensation)}"


def _evidence_step(evidence: Evidence) -> str:
    content = f"keccak256 0x{evidence.content_hash.hex()}"
    return f"{where(evidence.place)}: {evidence.party} named {evidence.uri!r}, {content}"


def _unruled_step(contest: Dispute | Case, when: str, bond: str) -> str:
    deadline = f"{utc(contest.ruling_deadline)} UTC"
    if contest.outcome is Outcome.OPEN:
        return f"open; a ruling is possible until {deadline}"
    return f"{when}the arbiter was silent until {deadline}: the last report stands, else the missing-data policy{bond}"


def _balances(console: Console, verdict: Verdict, names: dict[bytes, str]) -> None:
    if verdict.agreements:
        console.print(_agreement_table(verdict, names))
    for balance in verdict.tokens:
        _line(console, f"\nToken {balance.token}", "bold")
        _line(
            console,
            f"  received {number(balance.received)}, sent {number(balance.sent)} by the token's own logs",
        )
        _line(
            console,
            f"  held {number(balance.held)}: collateral {number(balance.collateral)}, bonds {number(balance.bonds)}, "
            f"to be withdrawn {number(balance.withdrawable)}; given beyond that {number(balance.donated)}",
        )


def _agreement_table(verdict: Verdict, names: dict[bytes, str]) -> Table:
    table = Table(title="\nBalances", title_justify="left", title_style="bold", box=box.SIMPLE)
    table.add_column("agreement")
    columns = (
        "received",
        "credits",
        "compensated",
        "credited",
        "released",
        "in escrow",
        "due",
        "open claims",
    )
    for column in columns:
        table.add_column(column, justify="right")
    for found in verdict.agreements:
        amounts = (
            found.received,
            found.credits,
            found.compensated,
            found.credited,
            found.released,
            found.collateral,
            found.due,
        )
        table.add_row(names[found.agreement_id], *map(number, amounts), str(found.open_claims))
    return table


def _verdict(console: Console, verdict: Verdict) -> None:
    _line(console, f"\n{verdict.kind.value}", STYLES[verdict.kind])
    if verdict.first_difference is not None:
        _line(console, f"The first difference: {verdict.first_difference}")
        _line(console, "What is shown above was recomputed before it.")
    else:
        _line(console, SENTENCES[verdict.kind])
