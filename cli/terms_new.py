"""``makegood terms new``: a terms file to begin with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from chain.network import Network
from cli.base import Command, OptionError, json_option, notes, print_json
from cli.exits import EXIT_HELP
from cli.terms_drafting import fields, filled
from cli.terms_file import FileRefused, current_time, open_terms, read_terms, write_new
from cli.terms_network import maybe_network
from cli.terms_start import QUICK, START
from record.hexes import parse_address
from record.readable import harmless, utc
from record.terms.section import Field
from record.terms.zones import read_start
from sla.civil import DAY, add_months, date_from_days, days_from_date
from sla.errors import MakegoodError, RecordError, TermsError

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

EPILOG = f"""\b
Examples:
    makegood terms new agreement.yaml --provider 0x… --customer 0x… --url https://shop.example.com/health
    makegood terms new --from aws-compute-region
    makegood terms new first-try.yaml --quick
\b
Chain, token and committee are taken from the network file, where there is one. Nothing is ever overwritten.
{EXIT_HELP}
"""

_ASKED = {
    "SLA.spec.parties.provider.name": "<the provider's name>",
    "SLA.spec.parties.provider.address": "<the provider's account, 0x…>",
    "SLA.spec.parties.customer.name": "<the customer's name>",
    "SLA.spec.parties.customer.address": "<the customer's account, 0x…>",
    "SLA.spec.parties.arbiter.name": "<the arbiter's name>",
    "SLA.spec.parties.arbiter.address": "<the arbiter's account, 0x…>",
    "SLA.spec.token.address": "<the token's contract, 0x…>",
    "SLA.spec.committee.address": "<the committee's contract, 0x…>",
    "DataSource.spec.connectionDetails.url": "<the web address to ask, https://…>",
}
"""What an example cannot know: its parties are invented, and nobody holds the keys of their accounts."""

_OPTIONS = {
    "provider": ("SLA.spec.parties.provider.address", "ADDRESS", "The provider's account."),
    "provider-name": ("SLA.spec.parties.provider.name", "NAME", "The provider's name."),
    "customer": ("SLA.spec.parties.customer.address", "ADDRESS", "The customer's account."),
    "customer-name": ("SLA.spec.parties.customer.name", "NAME", "The customer's name."),
    "arbiter": ("SLA.spec.parties.arbiter.address", "ADDRESS", "The arbiter's account."),
    "arbiter-name": ("SLA.spec.parties.arbiter.name", "NAME", "The arbiter's name."),
    "token": ("SLA.spec.token.address", "ADDRESS", "The token compensation is paid in."),
    "symbol": ("SLA.spec.token.symbol", "SYMBOL", "The token's symbol."),
    "decimals": ("SLA.spec.token.decimals", "NUMBER", "The token's decimals."),
    "committee": ("SLA.spec.committee.address", "ADDRESS", "The oracle nodes that measure."),
    "url": ("DataSource.spec.connectionDetails.url", "URL", "The web address to ask."),
    "charge": ("SLA.spec.charge.fixed", "AMOUNT", "The charge of a period."),
    "collateral": ("SLA.spec.collateral", "AMOUNT", "What the provider locks."),
    "start": ("SLA.spec.schedule.start", "TIME", "When the first period starts, in the agreement's zone."),
    "every": ("SLA.spec.schedule.every", "LENGTH", "How long a period is, as in '1 month'."),
    "periods": ("SLA.spec.schedule.periods", "NUMBER", "How many periods."),
    "open-by": ("SLA.spec.openBy", "TIME", "Until when it can be opened, in UTC."),
}
"""Option -> the field it fills in."""

_ACCOUNTS = ("provider", "customer", "arbiter", "token", "committee")


def _field_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, (_, metavar, text) in reversed(_OPTIONS.items()):
        function = click.option(f"--{name}", metavar=metavar, help=text)(function)
    return function


@click.command(cls=Command, epilog=EPILOG, short_help="Write a terms file to begin with.")
@click.argument("file", type=click.Path(path_type=Path), default="agreement.yaml")
@click.option("--from", "example", metavar="EXAMPLE", help="Begin with an example's table, by name or file.")
@click.option("--quick", is_flag=True, help="Periods of a minute and short windows, for a first try.")
@_field_options
@maybe_network
@json_option
def new(
    file: Path, example: str | None, quick: bool, network: Network | None, as_json: bool, **given: str | None
) -> None:
    """Write a complete, commented terms file to FILE. What only you know is left as <…>, to be filled in."""
    text = START if example is None else open_terms(_example(example)).text
    values = {} if example is None else {**_ASKED, **_dates_to_come(text)}
    if quick:
        values |= QUICK
    values |= _of_network(network, given["token"])
    known = {path for path, _ in fields(text)}
    for name, value in given.items():
        if value is not None:
            values[_place(name, known, example)] = _account(name, value) if name in _ACCOUNTS else value
    try:
        text = filled(text, values | _times(text, values, quick))
    except TermsError as error:
        raise FileRefused(example or "the new terms", error.path, error.problem, error.remedy) from None
    write_new(file, text.encode())
    _tell(file, text, as_json)


def _place(name: str, known: set[str], example: str | None) -> str:
    """The field an option fills in; OptionError when what is begun with has no such field."""
    path = _OPTIONS[name.replace("_", "-")][0]
    if path not in known:
        raise OptionError(
            f"--{name.replace('_', '-')}",
            f"{example} has no {path.partition('.')[2]} to fill in",
            "leave the option out, or begin without --from",
        )
    return path


def _account(option: str, text: str) -> str:
    """An address as it is written, or that of a keystore file."""
    try:
        return parse_address(text)
    except RecordError:
        if Path(text).is_file():
            from chain.keystore import keystore_address

            return keystore_address(Path(text))
        raise OptionError(
            f"--{option}",
            f"{harmless(text, 60)!r} is no checksummed address",
            "give 0x and 40 digits, or a keystore",
        ) from None


def _example(name: str) -> Path:
    """The file of an example; FileRefused unless its terms could be signed."""
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        path = EXAMPLES / f"{name}.yaml"
        known = sorted(each.stem for each in EXAMPLES.glob("*.yaml"))
        if name not in known:
            raise FileRefused(name, "", "is no example", f"use a file, or one of {', '.join(known)}")
    read_terms(path)
    return path


def _of_network(network: Network | None, token: str | None) -> dict[str, str]:
    """Committee and token of the network file, and what the token says of itself where the chain answers."""
    values: dict[str, str] = {}
    if network is None:
        return values
    if network.committee is not None:
        values["SLA.spec.committee.address"] = network.committee
    if network.token is not None and token in (None, network.token):
        values["SLA.spec.token.address"] = network.token
        values |= _token_words(network, network.token)
    return values


def _token_words(network: Network, token: str) -> dict[str, str]:
    from chain.token import Token
    from cli.network_option import reach

    try:
        connection, _ = reach(network)
        contract = Token(connection, token)
        return {
            "SLA.spec.token.symbol": contract.symbol(),
            "SLA.spec.token.decimals": str(contract.decimals()),
        }
    except MakegoodError as error:
        notes().print(
            f"Note: the token's symbol and decimals are left open: {harmless(str(error))}", markup=False
        )
        return {}


def _dates_to_come(text: str) -> dict[str, str]:
    """Nothing for an example that can still begin; else its start and end of offer are to be chosen anew."""
    start = next(field for path, field in fields(text) if path == "SLA.spec.schedule.start")
    return (
        {} if read_start(start) > current_time() else {"SLA.spec.schedule.start": "", "SLA.spec.openBy": ""}
    )


def _times(text: str, values: dict[str, str], quick: bool) -> dict[str, str]:
    """Start: what was given, else the next first of a month, or in ten minutes for a quick try. The offer ends when the
    first period begins."""
    now = current_time()
    given = values.get("SLA.spec.schedule.start")
    if given:
        start = read_start(Field(given, "--start", 0))
    elif quick:
        start = (now // 60 + 10) * 60
    elif given is None and not _asks(text, "SLA.spec.schedule.start"):
        return {}
    else:
        year, month, _ = date_from_days(now // DAY)
        start = add_months(days_from_date(year, month, 1) * DAY, 1)
    found = {"SLA.spec.schedule.start": utc(start).replace(" ", "T")}
    if not values.get("SLA.spec.openBy"):
        found["SLA.spec.openBy"] = utc(start).replace(" ", "T") + "Z"
    return found


def _asks(text: str, path: str) -> bool:
    return any(found == path and field.is_placeholder for found, field in fields(text))


def _tell(file: Path, text: str, as_json: bool) -> None:
    left = [field for _, field in fields(text) if field.is_placeholder]
    if as_json:
        return print_json(
            {
                "file": str(file),
                "placeholders": [{"path": each.path, "line": each.line, "asks": each.text} for each in left],
            }
        )
    name = harmless(str(file))
    click.echo(f"{name} is written.")
    for each in left:
        click.echo(f"  {name}:{each.line}: {each.path}: {harmless(each.text)}")
    begin = f"Next: fill in the {len(left)} places above, then" if left else "Next:"
    click.echo(f"{begin} makegood terms check {name}")
