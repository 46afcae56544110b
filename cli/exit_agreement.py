"""``makegood exit``: the customer leaves by the exit rule."""

from __future__ import annotations

from collections.abc import Sequence

import click

from chain.errors import Refused
from chain.network import Network
from cli.agreements import Found, agreement_argument, find_head
from cli.base import Command, OptionError, json_option
from cli.cutting import next_period
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from index.facts import AgreementRecord, ClaimKey
from record.hexes import to_hex
from record.readable import harmless, utc
from sla.schedule import boundary

EPILOG = f"""\b
Examples: leave by the breaches there are; name them yourself, as PERIOD/OBLIGATION.
    makegood exit 0x1f2e --keystore customer.json
    makegood exit 0x1f2e --breach 3/0 --breach 5/0 --breach 6/1 --keystore customer.json
\b
{EXIT_HELP}
"""


@click.command("exit", cls=Command, epilog=EPILOG)
@agreement_argument
@click.option(
    "--breach",
    "named",
    metavar="PERIOD/OBLIGATION",
    multiple=True,
    help="A claim that was settled and paid; once for each.  [default: those that the chain shows]",
)
@network_option
@key_options
@send_options
@json_option
def exit_command(
    agreement: str,
    named: tuple[str, ...],
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Leave AGREEMENT by its exit rule, as the customer, because of breaches that were settled and paid.

    It takes effect with the next period. What was promised until then is measured, claimed and paid as before.
    """
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, history = find_head(network, escrow, agreement)
    if not found.agreement.formation.exit_breaches:
        raise Refused("ExitRuleMissing", {}, "exit")
    _require_customer(found, signer.address)
    promises = len(found.agreement.obligations)
    breaches = [read_breach(one, promises) for one in named] or paid_breaches(found.record)
    count = next_period(found.record, history.head.time)
    end = utc(boundary(found.agreement.service, count))
    shown = ", ".join(f"{found.name(one.obligation)} of period {one.period}" for one in breaches)
    confirm(f"Leave after {count} periods, at {end} UTC, because of {shown}?", yes, dry_run)
    with working("leaving", as_json):
        receipt = escrow.exit(signer, found.agreement, count, breaches)
    details = {
        "agreement": to_hex(found.id),
        "periods": count,
        "breaches": [{"period": one.period, "obligation": one.obligation} for one in breaches],
    }
    tell_sent(receipt, f"The agreement ends after {count} periods, at {end} UTC: {shown}", details, as_json)


def _require_customer(found: Found, account: str) -> None:
    customer = found.agreement.parties.customer
    if account != customer:
        raise OptionError(
            "--keystore", f"{account} is not the customer {customer}", "let the customer leave, or terminate"
        )


def read_breach(text: str, promises: int) -> ClaimKey:
    """ "3/0": period 3, obligation 0; OptionError unless it is a claim of an agreement with so many obligations."""
    period, _, obligation = text.partition("/")
    if not all(part.isascii() and part.isdigit() and len(part) < 9 for part in (period, obligation)):
        raise OptionError("--breach", f"{harmless(text, 40)!r} is no claim", "write it as in 3/0")
    if int(obligation) >= promises:
        raise OptionError("--breach", f"there is no obligation {obligation}", f"use 0 to {promises - 1}")
    return ClaimKey(int(period), int(obligation))


def paid_breaches(record: AgreementRecord) -> Sequence[ClaimKey]:
    """As many as the exit rule asks for, the latest that are near enough to one another; Refused without them."""
    formation = record.agreement.formation
    needed, within = formation.exit_breaches, formation.exit_periods
    paid = _paid_periods(record)
    for last in range(len(paid), needed - 1, -1):
        chosen = paid[last - needed : last]
        if chosen[-1].period - chosen[0].period < within:
            return chosen
    if len(paid) >= needed:
        first, last_paid = paid[-needed].period, paid[-1].period
        raise Refused("BreachesTooFarApart", {"first": first, "last": last_paid, "within": within}, "exit")
    raise Refused("BreachesTooFew", {"breaches": len(paid), "needed": needed}, "exit")


def _paid_periods(record: AgreementRecord) -> list[ClaimKey]:
    """One claim that was settled and paid of each period that has one, ascending."""
    found: dict[int, ClaimKey] = {}
    for key, claim in sorted(record.claims.items()):
        if not claim.is_open and claim.settled > 0:
            found.setdefault(key.period, key)
    return list(found.values())
