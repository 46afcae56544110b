"""The state of agreements as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.answers.agreements import AgreementAnswer, AgreementSummary
from api.answers.claims import ClaimAnswer, DisputeAnswer
from api.answers.periods import Period, PeriodObligation, PeriodState
from api.answers.values import Money
from cli.agreements import Found
from record.readable import harmless, utc

STYLES = {
    "pending": "yellow",
    "disputed": "bold yellow",
    "ruled": "yellow",
    "settled": "green",
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
    table = _table(
        "Agreement",
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
        "Period", "Obligation", "Attained", "Compensation", "State", "Can be disputed until", title="Claims"
    )
    for claim in claims:
        table.add_row(
            str(claim.period),
            found.name(claim.obligation),
            found.level_text(claim.obligation, claim.final.attained),
            _money(claim.final.compensation),
            Text(claim.status.value, STYLES.get(claim.status.value, "")),
            _time(claim.window_end),
        )
    return table


def _dispute_lines(found: Found, dispute: DisputeAnswer) -> Iterator[str]:
    where = f"{found.name(dispute.obligation)} of period {dispute.period}"
    alleged = found.level_text(dispute.obligation, dispute.alleged.attained)
    yield (
        f"Dispute of {where}: the {dispute.side.value} alleges {alleged} "
        f"({_money(dispute.alleged.compensation)}), bond {_money(dispute.bond)}"
    )
    for evidence in dispute.evidence:
        yield f"  evidence {evidence.content_hash[:SHORT_ID]}… at {harmless(evidence.uri, 200)}"
    if dispute.ruling is not None:
        ruled = found.level_text(dispute.obligation, dispute.ruling.finding.attained)
        yield (
            f"  ruled {ruled} ({_money(dispute.ruling.finding.compensation)}); the bond, less the arbiter's fee, "
            f"goes to {dispute.ruling.winner}"
        )
    else:
        yield f"  {dispute.outcome.value}; without a ruling before {_time(dispute.ruling_deadline)} the report stands"


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
