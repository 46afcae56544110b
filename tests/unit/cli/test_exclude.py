"""Exclusions on the command line: proposed, approved, shown, and what they change in an attainment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from eth_account import Account
from eth_account.messages import encode_typed_data

from cli.main import main
from tests.unit.cli.terms_hostile import CUSTOMER, PROVIDER
from tests.unit.cli.test_terms_show import NETWORK

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
KEYS = {"provider": (1001).to_bytes(32), "customer": (1002).to_bytes(32)}
WAYS = """
  exclusions:
    maintenance:
      - approvedBy: [customer]
      - approvedBy: [provider]
        notice: 1 day
        allowance: 20 minutes
        per: month
"""
TERMS = (
    (EXAMPLES / "status-page.yaml")
    .read_text()
    .replace("0x6208B363762dFBEeB46F497935C7dc47fc03182D", PROVIDER)
    .replace("0x643919428459Da78A26eea803B1a3F73627929FC", CUSTOMER)
    .replace("\n  reportWithin:", f"{WAYS}  reportWithin:")
)
OUTAGE = ("--start", "2027-01-02T09:14:00Z", "--end", "2027-01-02T10:00:00Z")
BEFORE = "2026-12-20T00:00:00Z"


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("terms.yaml").write_text(TERMS)
    Path("makegood.toml").write_text(NETWORK)
    for name, key in KEYS.items():
        Path(f"{name}.key").write_text(f"0x{key.hex()}\n")
        Path(f"{name}.key").chmod(0o600)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def propose(*arguments: object, file: str = "racks.json", announced: str = BEFORE) -> Result:
    given = ("--kind", "maintenance", "--reason", "Racks are moved", "--announced-at", announced)
    return run("exclude", "propose", "terms.yaml", file, *given, *(arguments or OUTAGE))


def approve(role: str, *arguments: object, file: str = "racks.json") -> Result:
    given = arguments or ("--bare-key", f"{role}.key")
    return run("exclude", "approve", file, "--terms", "terms.yaml", "--as", role, *given)


def attained(*arguments: object) -> dict[str, Any]:
    result = run(
        *("attain", "--terms", "terms.yaml", "--data", EXAMPLES / "records", "--by", "day"),
        *("--as-of", "2027-02-01T00:00:00Z", "--json", *arguments),
    )
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def brought(folder: str = "put-forward", file: str = "racks.json") -> tuple[str, str]:
    Path(folder).mkdir(exist_ok=True)
    Path(folder, file).write_bytes(Path(file).read_bytes())
    return "--exclusions", folder


def of_second_day(said: dict[str, Any]) -> dict[str, Any]:
    (day,) = [one for one in said["attainments"] if one["day"] == "2027-01-02"]
    assert isinstance(day, dict)
    return day


def test_exclude__approved_by_the_customer__does_not_count() -> None:
    """46 minutes down leave the day; half an hour at half is 15 minutes of two days less those 46 minutes twice, for
    the exclusion is of everything."""
    assert propose().exit_code == 0
    assert approve("customer").exit_code == 0

    day = of_second_day(attained(*brought(), "--explain"))

    left = 2 * (86_400 - 46 * 60)
    assert (day["numerator"], day["denominator"]) == ((left - 900) * 10**6, left * 10**6)
    assert day["excluded"] == 2 * 46 * 60 * 10**6
    excluded = [record for record in day["records"] if record["verdict"] == "excluded"]
    shown = json.loads(run("exclude", "show", "racks.json", "--terms", "terms.yaml", "--json").stdout)
    assert {record["excluded_by"] for record in excluded} == {shown["id"]}
    assert sum(record["end"] - record["start"] for record in excluded) == 2 * 46 * 60
    assert shown["approvedBy"] == ["customer"]


def test_exclude__of_one_service__leaves_the_other_alone() -> None:
    propose(*OUTAGE, "--scope", "service=Booking")
    approve("customer")

    assert of_second_day(attained(*brought()))["excluded"] == 46 * 60 * 10**6


def test_exclude__by_the_provider_alone__counts_up_to_the_allowance() -> None:
    propose()
    approve("provider")

    said = attained(*brought())

    assert of_second_day(said)["excluded"] == 2 * 20 * 60 * 10**6
    (rest,) = said["notExcluded"]
    assert (rest["reason"], rest["end"] - rest["start"]) == ("over the allowance", 26 * 60)


@pytest.mark.parametrize(
    ("announced", "role", "reason"),
    [("2027-01-01T09:15:00Z", "provider", "announced too late"), (BEFORE, None, "not approved")],
)
def test_exclude__that_does_not_count__says_why(announced: str, role: str | None, reason: str) -> None:
    propose(announced=announced)
    if role is not None:
        approve(role)

    said = attained(*brought())

    assert of_second_day(said)["excluded"] == 0
    assert [each["reason"] for each in said["notExcluded"]] == [reason]
    text = run(
        *("attain", "--terms", "terms.yaml", "--data", EXAMPLES / "records", *brought()),
        *("--as-of", "2027-02-01T00:00:00Z"),
    ).stdout
    assert f"2027-01-02 09:14:00 to 2027-01-02 10:00:00 UTC: {reason}." in text


def test_exclude__both_approve__in_one_file() -> None:
    propose()
    for role in ("customer", "provider"):
        assert f"racks.json approved by the {role}." in approve(role).stdout

    shown = run("exclude", "show", "racks.json", "--terms", "terms.yaml").stdout

    assert shown == (
        "Maintenance from 2027-01-02 09:14:00 to 2027-01-02 10:00:00 UTC (46 minutes) of everything: Racks are moved; "
        "announced 2026-12-20 00:00:00 UTC.\nApproved by the customer and the provider.\n"
    )


def test_exclude__a_wallet_approves__the_typed_data() -> None:
    propose()
    data = json.loads(approve("customer", "--typed-data").stdout)
    signed = Account.sign_message(encode_typed_data(full_message=data), KEYS["customer"])

    assert approve("customer", "--signature", f"0x{signed.signature.hex()}").exit_code == 0
    assert "Approved by the customer." in run("exclude", "show", "racks.json", "--terms", "terms.yaml").stdout


@pytest.mark.parametrize("as_json", [False, True])
def test_exclude__dry_run_or_out__leaves_the_file_as_it_was(as_json: bool) -> None:
    propose()
    before = Path("racks.json").read_bytes()
    more = ("--json",) if as_json else ()

    assert approve("customer", "--bare-key", "customer.key", "--dry-run", *more).exit_code == 0
    assert Path("racks.json").read_bytes() == before
    assert approve("customer", "--bare-key", "customer.key", "--out", "ours.json", *more).exit_code == 0
    assert Path("racks.json").read_bytes() == before
    assert Path("ours.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--start", "2027-01-02T10:00:00Z", "--end", "2027-01-02T09:00:00Z"),
            "--end: it ends at 2027-01-02 09:00:00",
        ),
        (("--start", "soon", "--end", "2027-01-02T09:00:00Z"), "--start: 'soon' is not a moment in UTC"),
        ((*OUTAGE, "--scope", "planet=earth"), "--scope: 'planet=earth' is no dimension with a value"),
        ((*OUTAGE, "--scope", "region="), "--scope: the text has 0 characters"),
    ],
)
def test_propose__what_cannot_be_meant__is_refused(arguments: tuple[str, ...], told: str) -> None:
    result = propose(*arguments)

    assert result.exit_code == 2
    assert f"Error: {told}" in result.stderr
    assert not Path("racks.json").exists()


def test_approve__with_the_wrong_key__is_refused() -> None:
    propose()
    before = Path("racks.json").read_bytes()

    result = approve("customer", "--bare-key", "provider.key")

    assert result.exit_code == 2
    assert f"the customer of this agreement is {CUSTOMER}" in result.stderr
    assert Path("racks.json").read_bytes() == before


def test_exclude__of_another_agreement__is_refused_and_told() -> None:
    Path("terms.yaml").write_text(TERMS.replace("1200.00", "1300.00"))
    propose()
    approve("customer")
    Path("terms.yaml").write_text(TERMS)

    said = attained(*brought())
    shown = run("exclude", "show", "racks.json", "--terms", "terms.yaml")

    assert (of_second_day(said)["excluded"], [each["field"] for each in said["refusedExclusions"]]) == (
        0,
        ["agreement"],
    )
    assert shown.exit_code == 2
    assert "racks.json: agreement: it is about the agreement 0x" in shown.stderr


def test_attain__exclusions_without_a_network__are_refused() -> None:
    propose()
    folder = brought()
    Path("makegood.toml").unlink()

    result = run("attain", "--terms", "terms.yaml", "--data", EXAMPLES / "records", *folder)

    assert result.exit_code == 2
    assert (
        "--exclusions: are signed for one chain and escrow, and no network is named; add --network FILE"
        in result.stderr
    )


def test_show__terms_with_exclusions__say_what_need_not_count() -> None:
    text = " ".join(run("terms", "show", "terms.yaml").stdout.split())

    assert "Maintenance does not count where the customer signed it." in text
    alone = "where the provider signed it, announced at least 1 day before, up to 20 minutes a month."
    assert f"Maintenance does not count {alone}" in text
    assert "Exclusions" not in run("terms", "show", EXAMPLES / "status-page.yaml").stdout


def test_show__an_obligation_that_excludes_nothing__says_so() -> None:
    Path("terms.yaml").write_text(
        TERMS.replace("      missingData: ignore", "      missingData: ignore\n      exclusions: none")
    )

    text = " ".join(run("terms", "show", "terms.yaml").stdout.split())

    assert "For Availability instead: Nothing is excluded: all time counts." in text
