"""``makegood terms diff``: what changes in words and in money, with the exit code of diff."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from record.eip712 import agreement_digest, escrow_domain
from record.terms import load_terms
from tests.unit.cli.terms_hostile import COMMITTEE, CUSTOMER, SOUND, change
from tests.unit.cli.test_terms_show import ESCROW, NETWORK

DOMAIN = escrow_domain(31337, ESCROW)


def diff(folder: Path, old: str, new: str, *options: object) -> Result:
    (folder / "old.yaml").write_text(old)
    (folder / "new.yaml").write_text(new)
    arguments = [folder / "old.yaml", folder / "new.yaml", *options]
    return CliRunner().invoke(main, ["terms", "diff", *map(str, arguments)])


def test_diff__same_words_in_another_layout__are_the_same(tmp_path: Path) -> None:
    result = diff(tmp_path, SOUND, "# a remark\n" + SOUND.replace('"3000.00"', "'3000.00'"))

    assert result.exit_code == 0
    assert result.output == "The same terms, word for word: the agreement's id stays.\n"


def test_diff__another_share__is_told_in_words_and_in_money(tmp_path: Path) -> None:
    network = tmp_path / "net.toml"
    network.write_text(NETWORK)
    result = diff(tmp_path, SOUND, change("pay: 30% of charge", "pay: 25% of charge"), "--network", network)

    assert result.exit_code == 1
    words = " ".join(result.output.split())
    assert "SLA.spec.obligations[Availability].tiers[1].pay: was '30% of charge', is '25% of charge'" in words
    assert "97% 300.00 USDX 250.00 USDX" in words
    assert "99.5% 100.00 USDX 100.00 USDX" in words
    assert "The agreement's id changes, so both parties have to sign again. old 0x" in words
    assert "Only words change" not in words


def test_diff__another_owner__changes_words_and_the_id_but_no_money(tmp_path: Path) -> None:
    result = diff(tmp_path, SOUND, change("owner: Operations", "owner: NOC"), "--json")
    told = json.loads(result.stdout)

    assert result.exit_code == 1
    assert (told["same"], told["wordsOnly"]) == (False, True)
    assert told["fields"] == [
        {"path": "SLA.spec.obligations[Availability].owner", "before": "Operations", "after": "NOC"}
    ]
    payments = told["obligations"][0]["payments"]
    assert len(payments) == 8
    assert all(each["before"] == each["after"] for each in payments)
    assert told["old"]["document"] != told["new"]["document"]


def test_diff__renamed_obligation__is_one_gone_and_one_new(tmp_path: Path) -> None:
    output = diff(tmp_path, SOUND, change("- name: Availability", "- name: Uptime")).output

    assert "Availability: no longer an obligation" in output
    assert "Uptime: a new obligation" in output


def test_diff__another_decimals__is_not_compared_in_money(tmp_path: Path) -> None:
    output = diff(tmp_path, SOUND, change("decimals: 6", "decimals: 18")).output

    assert "measured or paid in another unit" in output


def amended(*changes: tuple[str, str]) -> str:
    """Terms that take over from the sound ones after their first period."""
    identity = "0x" + agreement_digest(load_terms(SOUND).agreement(), DOMAIN).hex()
    text = change("  collateral:", f'  predecessor: "{identity}"\n  collateral:')
    for old, new in (("start: 2027-05-01", "start: 2027-06-01"), *changes):
        text = change(old, new, text)
    return text


def test_diff__amendment__says_where_it_takes_over_and_what_it_costs(tmp_path: Path) -> None:
    network = tmp_path / "net.toml"
    network.write_text(NETWORK)
    new = amended(('"3000.00"', '"250.00"'), ("pay: 100% of charge", "pay: 120% of charge"))
    words = " ".join(diff(tmp_path, SOUND, new, "--network", network).output.split())

    assert (
        "They take over at 2027-06-01 00:00:00, after 1 of the 3 periods that were signed; 250.00 USDX is added to the "
        "collateral in escrow." in words
    )
    assert "The most that a period can cost the provider was 1,000.00 USDX, is 1,200.00 USDX." in words
    assert "would refuse" not in words
    told = json.loads(diff(tmp_path, SOUND, new, "--network", network, "--json").stdout)
    assert told["amendment"]["isOld"] is True
    assert (told["amendment"]["periodsKept"], told["amendment"]["collateralAdded"]) == (1, "250000000")
    assert told["periodAtWorst"] == {"before": "1000000000", "after": "1200000000"}
    assert "name a network file" in diff(tmp_path, SOUND, new).output


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (amended(("start: 2027-06-01", "start: 2027-06-02")), "where no period of the old terms ends"),
        (amended(("start: 2027-06-01", "start: 2027-09-01")), "where no period of the old terms ends"),
        (amended((CUSTOMER, COMMITTEE)), "The customer is another: the escrow would refuse them."),
        (
            change("  collateral:", f'  predecessor: "0x{"ab" * 32}"\n  collateral:'),
            "is not that of the old file",
        ),
    ],
)
def test_diff__amendment_the_escrow_would_refuse__says_why(tmp_path: Path, new: str, told: str) -> None:
    network = tmp_path / "net.toml"
    network.write_text(NETWORK)

    assert told in diff(tmp_path, SOUND, new, "--network", network).output
