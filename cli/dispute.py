"""``makegood dispute``: contest a claim, a case, or a period without a report."""

from __future__ import annotations

import click

from chain.network import Network
from cli.agreements import agreement_argument, find
from cli.base import Command, json_option
from cli.claim_options import attained_option, charge_option, claim_options, read_said
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.pulling import let_pull, permit_option
from cli.sending import afterwards, confirm, send_options, tell_sent, try_only_allowance, working
from record.hexes import to_hex
from record.readable import utc

EPILOG = f"""\b
Examples: as the provider, say that 99.1 % were attained; as the customer, that a period nobody reported was a breach.
    makegood dispute 0x1f2e --period 2 --obligation 0 --attained 99.1% --keystore provider.json
    makegood dispute 0x1f2e --period 3 --obligation 0 --attained 94% --keystore customer.json
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@agreement_argument
@claim_options
@attained_option
@charge_option
@permit_option
@network_option
@key_options
@send_options
@json_option
def dispute(
    agreement: str,
    period: int,
    obligation: int,
    attained: str,
    charge: str | None,
    permit: bool,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Contest a claim of AGREEMENT as its provider or customer, naming what was attained instead.

    It is pending, or a case that a report outside the sane bounds opened; or nothing was claimed, and the report is
    overdue. Anyone may then answer with a report, by makegood claim; on silence the missing-data policy of the terms
    applies.

    The bond of the terms is pulled from you. It comes back if the ruling moves the pay your way, less the arbiter's
    fee, or whole if the arbiter stays silent.
    """
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, _ = find(network, escrow, agreement)
    said = read_said(found, period, obligation, attained, charge)
    bond = found.agreement.stake.bond
    confirm(f"Allege {said.text}, with a bond of {found.money.text(bond)}?", yes, dry_run)
    details = {
        "agreement": to_hex(found.id),
        "period": period,
        "obligation": obligation,
        "alleged": said.attained,
        "bond": str(bond),
    }
    call = escrow.calls.dispute(found.agreement, period, obligation, said.attained, said.charge)
    with working("disputing", as_json):
        ready = let_pull(escrow, found.agreement.stake.token, signer, bond, call, permit)
        if ready is None:
            return try_only_allowance(as_json, f"allege {said.text}", details)
        receipt = escrow.send(signer, ready)
    until = afterwards(lambda: escrow.dispute_of(found.id, period, obligation).ruling_deadline)
    waits = f"; the arbiter may rule until {utc(until)} UTC" if receipt and until else ""
    tell_sent(receipt, f"Alleged: {said.text}{waits}", {**details, "rulingDeadline": until}, as_json)
