"""``makegood terms new``: a file to begin with, that asks for what only the parties know."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chain.keystore import create_keystore
from cli.main import main
from record.terms import load_terms
from record.terms.findings import Severity
from record.terms.lint import inspect_terms
from tests.unit.cli.terms_hostile import ARBITER, COMMITTEE, CUSTOMER, PROVIDER, TOKEN
from tests.unit.cli.test_terms_show import ESCROW, NETWORK

NOW = 1_795_305_600  # 2026-11-22T00:00:00Z
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
KNOWN = {
    "--provider": PROVIDER,
    "--provider-name": 'Northwind "Hosting": a # company',
    "--customer": CUSTOMER,
    "--customer-name": "Harbour Café",
    "--arbiter": ARBITER,
    "--arbiter-name": "no",
    "--token": TOKEN,
    "--symbol": "USDX",
    "--decimals": "6",
    "--committee": COMMITTEE,
    "--url": "https://shop.example.com/health?a=1&c=%23",
}


@pytest.fixture(autouse=True)
def _at_a_known_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("cli.terms_new.current_time", lambda: NOW)
    monkeypatch.chdir(tmp_path)


def new(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["terms", "new", *map(str, arguments)])


def options(known: dict[str, str] = KNOWN) -> list[str]:
    return [word for option in known.items() for word in option]


def answered(text: str) -> str:
    """As a person would: every remaining <…> replaced by some words."""
    lines = [line.split('"<')[0] + "Something agreed" if '"<' in line else line for line in text.splitlines()]
    return "\n".join(lines) + "\n"


def test_new__everything_filled_in__can_be_signed_without_a_warning() -> None:
    assert new("a.yaml", *options()).exit_code == 0
    text = answered(Path("a.yaml").read_text())
    inspection = inspect_terms(text, NOW)

    assert inspection.document is not None
    assert inspection.count(Severity.ERROR) == inspection.count(Severity.WARNING) == 0, inspection.findings
    parties = inspection.document.parties
    assert (parties.provider.name, parties.provider.address) == ('Northwind "Hosting": a # company', PROVIDER)
    assert (parties.customer.name, parties.arbiter.name) == ("Harbour Café", "no")
    # The first of the next month; the offer ends as the first period begins.
    assert inspection.document.service.start == 1_796_083_200
    assert inspection.document.formation.open_by == 1_796_083_200


def test_new__placeholders_left__are_each_refused_by_field() -> None:
    told = json.loads(new("a.yaml", "--json").stdout)
    result = CliRunner().invoke(main, ["terms", "check", "a.yaml", "--json"])

    found = [(each["path"], each["line"]) for each in json.loads(result.stdout)["findings"]]
    assert result.exit_code == 1
    assert found == [(each["path"], each["line"]) for each in told["placeholders"]]
    assert ("spec.parties.provider.address", 59) in found
    assert len(found) == 19
    assert all(
        each["problem"].endswith("is still a placeholder") for each in json.loads(result.stdout)["findings"]
    )


def test_new__says_what_to_do_next() -> None:
    output = new("a.yaml").output

    assert output.startswith("a.yaml is written.\n")
    assert "a.yaml:59: spec.parties.provider.address: <the provider's account, 0x…>" in output
    assert output.endswith("Next: fill in the 19 places above, then makegood terms check a.yaml\n")


def test_new__a_file_that_is_there__is_not_touched() -> None:
    Path("agreement.yaml").write_text("mine")
    result = new()

    assert result.exit_code == 2
    assert "agreement.yaml: is there already; move it away" in result.output
    assert Path("agreement.yaml").read_text() == "mine"


def test_new__a_link_to_nowhere__is_not_followed() -> None:
    Path("a.yaml").symlink_to("elsewhere.yaml")

    assert new("a.yaml").exit_code == 2
    assert not Path("elsewhere.yaml").exists()


def test_new__with_a_network_file__takes_committee_and_token_from_it() -> None:
    Path("makegood.toml").write_text(f'{NETWORK}committee = "{COMMITTEE}"\ntoken = "{TOKEN}"\n')
    result = new("a.yaml", "--symbol", "USDX", "--decimals", "6")
    text = Path("a.yaml").read_text()

    assert result.exit_code == 0
    assert f'address: "{COMMITTEE}"' in text
    assert f'address: "{TOKEN}"' in text
    assert ESCROW not in text


def test_new__quick__has_minutes_for_everything_and_starts_soon() -> None:
    assert new("a.yaml", "--quick", *options()).exit_code == 0
    inspection = inspect_terms(answered(Path("a.yaml").read_text()), NOW)

    assert inspection.count(Severity.ERROR) == inspection.count(Severity.WARNING) == 0, inspection.findings
    assert inspection.document is not None
    assert inspection.document.service.start == NOW + 600
    assert inspection.document.service.length == 60


@pytest.mark.parametrize(
    "name", sorted(file.stem for file in EXAMPLES.glob("*.yaml") if file.stem != "telus-wavelength")
)
def test_new__from_every_example__keeps_its_table_and_asks_for_the_parties(name: str) -> None:
    result = new("a.yaml", "--from", name)
    assert result.exit_code == 0
    text = Path("a.yaml").read_text()
    for invented in ("Northwind", "Pennine", "0x6208B363762dFBEeB46F497935C7dc47fc03182D"):
        assert invented not in text
    assert "'<the provider's account, 0x…>'" not in text

    known = {
        option: value for option, value in KNOWN.items() if option not in ("--symbol", "--decimals", "--url")
    }
    url = ["--url", "https://a.example.org/"]
    if " url: " not in (EXAMPLES / f"{name}.yaml").read_text():
        refused = new("b.yaml", "--from", name, *options(known), *url)
        assert (refused.exit_code, Path("b.yaml").exists()) == (2, False)
        assert f"--url: {name} has no spec.connectionDetails.url to fill in" in refused.stderr
        url = []
    assert new("b.yaml", "--from", name, *options(known), *url).exit_code == 0
    ours = load_terms(Path("b.yaml").read_text()).agreement()
    theirs = load_terms((EXAMPLES / f"{name}.yaml").read_text()).agreement()
    assert [each.tiers for each in ours.obligations] == [each.tiers for each in theirs.obligations]
    assert (ours.service.start, ours.formation.open_by) == (theirs.service.start, theirs.formation.open_by)
    assert ours.parties.provider == PROVIDER


def test_new__from_an_example_whose_time_is_over__begins_next_month(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.terms_new.current_time", lambda: 1_893_456_000 + 86_400)  # 2030-01-02
    assert new("a.yaml", "--from", "okkami").exit_code == 0
    text = Path("a.yaml").read_text()

    assert "start: 2030-02-01T00:00:00\n" in text
    assert "openBy: 2030-02-01T00:00:00Z\n" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "nothing"], "is no example; use a file, or one of aws-compute-region,"),
        (["--from", "../../etc/passwd"], "is no example"),
        (["--from", "telus-wavelength"], "leaves a gap"),
        (["--from", "missing.yaml"], "is not there"),
        (["--start", "tomorrow"], "'tomorrow' is not a local date and time"),
        (["--provider-name", "a\x1b[31mb"], "the unseen character U+001B"),
        (["--network", "missing.toml"], "missing.toml"),
    ],
)
def test_new__what_cannot_be__is_refused_and_nothing_written(arguments: list[str], words: str) -> None:
    result = new("a.yaml", *arguments)

    assert result.exit_code == 2
    assert words in result.output
    assert "\x1b" not in result.output
    assert len(result.output.splitlines()) == 1
    assert os.listdir() == []


def test_new__account_that_is_no_address__is_refused_or_read_from_its_keystore(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        refused = new("a.yaml", "--provider", "hello")
        assert (refused.exit_code, Path("a.yaml").exists()) == (2, False)
        assert "--provider: 'hello' is no checksummed address" in refused.stderr
        address = create_keystore(Path("ada.json"), "secret")
        assert new("a.yaml", "--provider", "ada.json").exit_code == 0
        assert address in Path("a.yaml").read_text()
