"""The state of agreements as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.answers.actions import ContestKind
from api.answers.agreements import AgreementAnswer, AgreementSummary
from api.answers.claims import ClaimAnswer, ClaimState, DisputeAnswer, Finding
from api.answers.periods import Period, PeriodObligation, PeriodState
from api.answers.values import Money
from cli.agreements import Found
from index.facts import Outcome
from record.readable import harmless, utc

STYLES = {
    "pending": "yellow",
    "disputed": "bold yellow",
    "ruled": "yellow",
    "settled": "green",
    "final": "green",
    "breach": "red",
}
SHORT_ID = 10


def print_agreements(
    console: Console, answers: Sequence[AgreementSummary], names: Sequence[str], time: int
) -> None:
    """One line each."""
    if not answers:
        console.print("No agreement was opened yet: makegood terms new, terms sign, open.")
        return
    has_versions = not all(answer.is_head and answer.version == 0 for answer in answers)
    table = _table(
        "Agreement",
        *(["Version"] if has_versions else []),
        "Name",
        "State",
        "Provider",
        "Customer",
        "Periods",
        "Collateral",
        "Paid",
        "Due",
        "Open claims",
    )
    for answer, name in zip(answers, names, strict=True):
        table.add_row(
            answer.id[:SHORT_ID],
            *([_version(answer)] if has_versions else []),
            name,
            answer.state.value,
            answer.provider[:SHORT_ID],
            answer.customer[:SHORT_ID],
            str(answer.periods),
            _money(answer.collateral),
            _money(answer.paid),
            _money(answer.due),
            str(answer.open_claims),
        )
    console.print(table)
    for answer in answers:
        if answer.under_collateralised and answer.is_head:
            _line(console, f"{answer.id[:SHORT_ID]} is {_short_of(answer)}", "bold red")
    if has_versions:
        _line(console, "The money of all versions of an agreement is in one account.")
    console.print(f"As of {utc(time)} UTC. makegood status ID shows one of them.")


def print_agreement(
    console: Console,
    found: Found,
    answer: AgreementAnswer,
    periods: Sequence[Period],
    claims: Sequence[ClaimAnswer],
    disputes: Sequence[DisputeAnswer],
) -> None:
    """Its account, its periods, its claims and disputes."""
    name = harmless(found.document.display_name, 80) if found.document else "terms document not at hand"
    _line(console, f"Agreement {answer.id}", "bold")
    _line(console, f"  {name}; {answer.state.value}")
    for role in ("provider", "customer", "arbiter"):
        _line(console, f"  {role:<10} {getattr(answer, role)}")
    _line(
        console,
        f"  collateral {_money(answer.collateral)}, paid {_money(answer.paid)}, due {_money(answer.due)}",
    )
    for line in _life_lines(answer):
        _line(console, f"  {line}")
    _line(
        console,
        f"  periods    {answer.periods}, from {_time(answer.start)} to {_time(answer.end)}; "
        f"the last claim before {_time(answer.deadlines.last_claim)}",
    )
    if periods:
        console.print(_periods_table(found, periods))
    else:
        _line(console, "  No period has begun yet.")
    if claims:
        console.print(_claims_table(found, claims))
    for dispute in disputes:
        for line in _dispute_lines(found, dispute):
            _line(console, line)


def _version(answer: AgreementSummary) -> str:
    return f"{answer.version + 1}{'' if answer.is_head else ', amended'}"


def _short_of(answer: AgreementSummary) -> str:
    return (
        f"under-collateralised: {_money(answer.arrears)} in arrears, open claims would move {_money(answer.pending)}, "
        f"and the collateral is {_money(answer.collateral)}; makegood deposit adds to it"
    )


def _life_lines(answer: AgreementAnswer) -> Iterator[str]:
    """What is not as in an agreement that was opened, and no more."""
    if answer.under_collateralised:
        yield _short_of(answer)
    if answer.downstream is not None:
        paid = answer.downstream.linked if answer.downstream.open else None
        signed = answer.downstream.signed[:SHORT_ID]
        yield f"pays {f'the escrow of {paid[:SHORT_ID]}' if paid else f'the customer; {signed} is not linked, or over'}"
    if answer.exit_rule is not None:
        rule = answer.exit_rule
        yield f"the customer may leave after {rule.breaches} paid periods within {rule.periods}"
    if len(answer.versions) > 1 or answer.versions[0].cuts:
        for number, version in enumerate(answer.versions, 1):
            cuts = "".join(f", {cut.reason.value} at {cut.periods}" for cut in version.cuts)
            start = _time(version.start)
            yield f"version {number}  {version.id[:SHORT_ID]}: {version.periods} periods from {start}{cuts}"


def _periods_table(found: Found, periods: Sequence[Period]) -> Table:
    table = _table(
        "Period", "Begins", "State", "Obligation", "Attained", "Pays by itself", "Claim", title="Periods"
    )
    for period in periods:
        for one in period.obligations:
            first = one.obligation == 0
            table.add_row(
                str(period.period) if first else "",
                _time(period.start) if first else "",
                period.state.value if first else "",
                found.name(one.obligation),
                _attained(found, one, period.state),
                _money(one.compensation),
                Text(one.claim_status.value, STYLES.get(one.claim_status.value, "")),
            )
    return table


def _claims_table(found: Found, claims: Sequence[ClaimAnswer]) -> Table:
    table = _table(
        "Period",
        "Obligation",
        "Revision",
        "Attained",
        "Compensation",
        "Settled",
        "State",
        "Can be disputed until",
        title="Claims",
    )
    for claim in claims:
        table.add_row(
            str(claim.period),
            found.name(claim.obligation),
            "" if claim.revision is None else str(claim.revision),
            _level(found, claim.obligation, claim.final),
            _money(claim.final.compensation),
            _money(claim.settled_compensation) if claim.settlements else "",
            Text(_claim_state(claim), STYLES.get(claim.status.value, "")),
            "" if claim.window_end is None else _time(claim.window_end),
        )
    return table


def _claim_state(claim: ClaimAnswer) -> str:
    """A correction is a pending claim of which something was settled; a case is contested by nobody."""
    if claim.status is ClaimState.DISPUTED and claim.contest is ContestKind.CASE:
        return "case"
    is_correction = claim.status is ClaimState.PENDING and (claim.settlements or len(claim.reports) > 1)
    return "pending, corrected" if is_correction else claim.status.value


def _level(found: Found, obligation: int, finding: Finding) -> str:
    return "no data" if finding.attained is None else found.level_text(obligation, finding.attained)


def _dispute_lines(found: Found, dispute: DisputeAnswer) -> Iterator[str]:
    where = f"{found.name(dispute.obligation)} of period {dispute.period}"
    if dispute.alleged is None or dispute.side is None:
        standing = _money(dispute.standing)
        yield f"Case of {where}: reported outside the sane bounds; the missing-data policy says {standing}"
    else:
        alleged = _level(found, dispute.obligation, dispute.alleged)
        yield (
            f"Dispute of {where}: the {dispute.side.value} alleges {alleged} "
            f"({_money(dispute.alleged.compensation)}), bond {_money(dispute.bond)}"
        )
    for evidence in dispute.evidence:
        yield f"  evidence {evidence.content_hash[:SHORT_ID]}… at {harmless(evidence.uri, 200)}"
    if dispute.ruling is not None:
        ruled = _level(found, dispute.obligation, dispute.ruling.finding)
        winner = dispute.ruling.winner
        bond = "" if winner is None else f"; the bond, less the arbiter's fee, goes to {winner}"
        yield f"  ruled {ruled} ({_money(dispute.ruling.finding.compensation)}){bond}"
    elif dispute.outcome is Outcome.AWAITED:
        deadline = _time(dispute.ruling_deadline)
        yield f"  awaited; without a ruling before {deadline} the last report stands, else the missing-data policy"
    else:
        yield f"  {dispute.outcome.value}"


def _attained(found: Found, one: PeriodObligation, state: PeriodState) -> str:
    if one.attained is not None:
        return found.level_text(one.obligation, one.attained)
    if one.reported:
        return "no data"
    return "running" if state is PeriodState.RUNNING else "not reported"


def _money(value: Money) -> str:
    return harmless(value.text or f"{value.amount} base units", 80)


def _time(text: str) -> str:
    """``2026-12-01T00:00:00Z`` as ``2026-12-01 00:00:00 UTC``."""
    return text.replace("T", " ").removesuffix("Z") + " UTC"


def _table(*columns: str, title: str | None = None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style), soft_wrap=True)
