"""``makegood terms show``: the agreement as a lawyer reads it, with examples of what it pays."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from record.eip712 import agreement_digest, escrow_domain
from record.terms import load_terms
from tests.unit.cli.terms_hostile import COMMITTEE, PROVIDER, SOUND, change

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
ESCROW = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
NETWORK = f'rpc = "http://127.0.0.1:9"\nchain_id = 31337\nescrow = "{ESCROW}"\nfirst_block = 0\n'


def show(file: Path, *options: object) -> Result:
    return CliRunner().invoke(main, ["terms", "show", str(file), *map(str, options)])


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    file = tmp_path / "sound.yaml"
    file.write_text(SOUND)
    return file


def test_show__sound_terms__say_every_clause_in_plain_english(sound: Path) -> None:
    result = show(sound)

    assert result.exit_code == 0
    words = " ".join(result.output.split())
    for sentence in (
        f"The provider is Northwind, account {PROVIDER}.",
        f"committee {COMMITTEE} measure",
        "a GET of https://shop.example.com/health every 60 000 ms, answered within 5 000 ms.",
        "That makes 43 200 samples in the shortest period of 1 month.",
        "The agreement runs for 3 periods of 1 month, on the clocks of UTC.",
        "The first period is May 2027: from 2027-05-01 00:00:00 UTC until just before 2027-06-01 00:00:00 UTC.",
        "The last period is July 2027",
        "The charge is 1,000.00 USDX a period.",
        "availability is at least 99.99% in every period; exactly that is enough.",
        "Tier 2, below 99%, down to 95%: 30% of the charge.",
        "The most that one period can cost the provider is 1,000.00 USDX.",
        "3,000.00 USDX of the provider's go into escrow",
        "Availability: a period without data pays nothing.",
        "For 3 days after a claim, either party may dispute it",
        "bond of 50.00 USDX. On a ruling 20.00 USDX of it go to the arbiter",
        "Reports are due 1 week after a period's end: for May 2027 by 2027-06-08 00:00:00 UTC.",
        "for May 2027 not from 2027-08-02 00:00:00 UTC on.",
        "goes back to the provider after 2027-10-02 00:00:00 UTC",
        "must be on the chain before 2027-05-01 00:00:00 UTC",
        "at 99.5% in May 2027 100.00 USDX tier 1",
        "at 99% in May 2027 100.00 USDX tier 1",
        "at 97% in May 2027 300.00 USDX tier 2",
        "at 99.99% in May 2027 0.00 USDX within the objective",
        "at 0% in May 2027 1,000.00 USDX tier 3",
        "Document hash 0x",
        "name a network file with --network",
    ):
        assert sentence in words, sentence


def test_show__with_a_network__says_what_both_parties_sign(sound: Path, tmp_path: Path) -> None:
    network = tmp_path / "net.toml"
    network.write_text(NETWORK)
    told = json.loads(show(sound, "--network", network, "--json").stdout)

    expected = agreement_digest(load_terms(SOUND).agreement(), escrow_domain(31337, ESCROW))
    assert told["agreement"] == "0x" + expected.hex()
    assert "0x" + expected.hex() in show(sound, "--network", network).output


def test_show__json__has_amounts_in_base_units_and_in_words(sound: Path) -> None:
    told = json.loads(show(sound, "--json").stdout)

    assert told["agreement"] is None
    assert told["firstPeriod"] == {"name": "May 2027", "start": 1_809_129_600, "end": 1_811_808_000}
    assert told["obligations"][0]["examples"][2] == {
        "attained": "995000",
        "attainedText": "99.5%",
        "tier": 0,
        "amount": "100000000",
        "amountText": "100.00 USDX",
        "sentence": "at 99.5% in May 2027 the customer is paid 100.00 USDX",
    }


def test_show__periods_of_a_zone__are_given_by_its_clocks_and_in_utc() -> None:
    """British Summer Time from 28 March 2027; April begins an hour earlier in UTC."""
    output = " ".join(show(EXAMPLES / "leased-line.yaml").output.split())

    assert "from 2027-04-01 00:00:00 Europe/London (2027-03-31 23:00:00 UTC)" in output
    assert "until just before 2028-04-01 00:00:00 Europe/London (2028-03-31 23:00:00 UTC)." in output


def test_show__monitors__say_what_is_read_where_and_what_is_not_believed() -> None:
    words = " ".join(show(EXAMPLES / "okkami-monitored.yaml").output.split())

    for sentence in (
        "readings for which the query 'probe_success{job=\"platform\"}' gives 1, as a part of all samples whose "
        "outcome is known, rounded down to 0.0001%.",
        "the Prometheus server https://prometheus.example.com, asked after a period's end for every 30 000 ms of it; "
        "only where it looked at its target within the 30 000 ms before is a reading known.",
        "readings of gateway_controllers_connected_ratio (site=main) at least 0.99,",
        "the metrics page https://gateway.example.com/metrics, read every 60 000 ms, answered within 5 000 ms.",
        "That makes 40 320 samples in the shortest period of 1 month.",
        "time up, as a part of the time whose status is known, rounded down to 0.0001%; degraded counts as up.",
        "the rows of Booking site in the status log data/status-changes.csv, a csv file that each node keeps; a row "
        "holds until the next one, but 2 days at most.",
        "A node that knows less than half of a period gives no number for it;",
    ):
        assert sentence in words, sentence


@pytest.mark.parametrize("name", sorted(file.stem for file in EXAMPLES.glob("*.yaml")))
def test_show__every_example__is_shown_or_refused(name: str) -> None:
    result = show(EXAMPLES / f"{name}.yaml")

    assert result.exit_code == (2 if name == "telus-wavelength" else 0)
    assert "\x1b" not in result.output


def test_show__on_a_narrow_terminal__keeps_amounts_whole(
    sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("FORCE_COLOR", "1")
    lines = re.sub("\x1b\\[[0-9;]*m", "", show(sound).output).splitlines()

    assert any("1,000.00 USDX" in line and "tier 3" in line for line in lines)


def test_show__metered_charge__pays_by_the_largest(tmp_path: Path) -> None:
    file = tmp_path / "metered.yaml"
    file.write_text(change("fixed:", "max:"))
    output = show(file).output

    assert "The charge is metered; at most 1,000.00 USDX a period." in output
    assert "at the largest charge of 1,000.00 USDX" in output


def shown_with(folder: Path, lines: str, *changes: tuple[str, str]) -> str:
    """The clauses of the sound terms with more ``lines`` in their spec, as one line."""
    text = change("  collateral:", f"{lines}  collateral:")
    for old, new in changes:
        text = change(old, new, text)
    (folder / "more.yaml").write_text(text)
    return " ".join(show(folder / "more.yaml").output.split())


def test_show__exit_rule__says_who_may_leave_and_when(tmp_path: Path) -> None:
    words = shown_with(tmp_path, "  exit: {breaches: 2, periods: 3}\n")

    assert (
        "The customer alone may leave with the next period, once 2 periods within 3 in a row had compensation that was "
        "settled" in words
    )
    assert "Neither party can leave early by itself." in shown_with(tmp_path, "")


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ("breach", "counts as the worst believable attainment, 0%, and pays 1,000.00 USDX."),
        ("arbiter", "is for the arbiter, and pays nothing if the arbiter is silent."),
    ],
)
def test_show__missing_data__is_told_in_money(tmp_path: Path, policy: str, sentence: str) -> None:
    words = shown_with(tmp_path, "", ("missingData: ignore", f"missingData: {policy}"))

    assert f"Availability: a period without data {sentence}" in words
    assert "at nobody's bond, for 2 weeks; on silence the above applies." in words


def test_show__worst_that_is_believed__is_what_missing_data_costs(tmp_path: Path) -> None:
    sane = "      sane: {min: 90%, max: 100%}\n      missingData: breach"
    words = shown_with(
        tmp_path,
        "",
        ("      missingData: ignore", sane),
        ("          pay: 100% of charge", "          pay: 40% of charge"),
    )

    assert "counts as the worst believable attainment, 90%, and pays 400.00 USDX." in words


def test_show__downstream__says_where_compensation_goes(tmp_path: Path) -> None:
    words = shown_with(tmp_path, f'  downstream: "0x{"cd" * 32}"\n')

    assert f"Compensation goes into the escrow of agreement 0x{'cd' * 32}" in words
    assert "otherwise the customer is paid." in words
    assert "Compensation is paid to the customer." in shown_with(tmp_path, "")


def test_show__amendment__says_from_when_it_takes_over(tmp_path: Path) -> None:
    words = shown_with(tmp_path, f'  predecessor: "0x{"ab" * 32}"\n')

    assert f"take over from agreement 0x{'ab' * 32}" in words
    assert "at 2027-05-01 00:00:00 UTC, where one of its periods ends" in words
    assert "3,000.00 USDX more of the provider's go into escrow" in words
