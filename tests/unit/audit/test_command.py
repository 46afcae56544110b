"""``makegood audit`` as people and scripts meet it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from record.hexes import to_hex
from tests.unit.audit.story import Story

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def roots(story: Story, tmp_path: Path) -> Path:
    """As a person would write them."""
    file = tmp_path / "roots.json"
    known = story.roots
    content = {
        "escrow": known.escrow,
        "chainId": known.chain_id,
        "committees": list(known.committees),
        "blockHash": to_hex(known.block_hash),
    }
    file.write_text(json.dumps(content, indent=4))
    return file


def audit(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["audit", *map(str, arguments)])


def test_audit_command__pack_and_roots__prints_each_payment_with_its_derivation(
    story: Story, roots: Path
) -> None:
    result = audit(story.folder, "--roots", roots)

    assert result.exit_code == 0
    assert result.output.splitlines()[-2] == "PASS"
    for words in (
        "Payment 2: 300 000 to the customer of #1",
        "period 1: 2027-02-14 00:00:00 to 2027-03-16 00:00:00 UTC",
        "obligation 0: at least 999 900 promised; attained 985 000 (report of round 2, revision 0)",
        "members observed 985 000, 985 000, 990 000, 995 000",
        "tier 2 of 2, below 990 000: 300 000 ppm of the charge",
        "300 000 ppm × charge 1 000 000 = 300 000, rounded down",
        "entitlement: + 300 000 (joint cap 2 000 000; 0 settled for others in this period before)",
        "due 300 000, in escrow 10 000 000: 300 000 paid",
        "tier 1 of 1, above 48: 0 + 10 000 × ⌊|48 − 130| / 24⌋ = 30 000 base units",
        "compensation: 30 000 (at most 90 000)",
        "30 000 withheld, as the token refused the transfer",
        "the arbiter found 130, that is 30 000; fee 200, the rest of the bond (300)",
        "held 19 700 000: collateral 19 670 000, bonds 0, to be withdrawn 30 000",
        story.world.token,
    ):
        assert words in result.output


def test_audit_command__no_roots__says_that_this_is_no_pass(story: Story) -> None:
    result = audit(story.folder)

    assert result.exit_code == 0
    assert "INTERNALLY CONSISTENT" in result.output.splitlines()
    assert "This is not a PASS" in result.output
    assert "--roots" in result.output
    assert "PASS" not in result.output.replace("This is not a PASS", "")


def test_audit_command__difference__fails_with_the_first_one(
    story: Story, roots: Path, tmp_path: Path
) -> None:
    for name, data in story.files.items():
        path = tmp_path / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.replace(b"985000", b"985001") if name == "history.json" else data)

    result = audit(tmp_path / "pack", "--roots", roots)

    assert result.exit_code == 1
    assert "FAIL" in result.output.splitlines()
    assert "The first difference: history.json: from byte" in result.output


def test_audit_command__json__is_the_same_verdict_for_programs(story: Story, roots: Path) -> None:
    result = audit(story.folder, "--roots", roots, "--json")

    verdict = json.loads(result.output)
    assert (result.exit_code, verdict["verdict"], verdict["firstDifference"]) == (0, "PASS", None)
    assert [payment["amount"] for payment in verdict["payments"]] == ["30000", "300000"]
    assert verdict["payments"][1]["settlements"][0]["finding"] == {
        "attained": "985000",
        "charge": "1000000",
        "tier": 1,
        "rate": "300000",
        "uncapped": "300000",
        "compensation": "300000",
    }
    assert verdict["disputes"][0]["evidence"][0]["uri"] == "ipfs://log"
    assert verdict["head"]["hash"] == to_hex(story.roots.block_hash)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"chainId": 1}',
        '{"chainId": 1, "chainId": 2}',
        '{"chainId": 1.5}',
        "[" * 100_000,
    ],
)
def test_audit_command__unreadable_roots__exits_with_2(story: Story, tmp_path: Path, content: str) -> None:
    file = tmp_path / "roots.json"
    file.write_text(content)

    assert audit(story.folder, "--roots", file).exit_code == 2


def test_audit_command__nothing_there__exits_with_2(story: Story, tmp_path: Path) -> None:
    assert audit(tmp_path / "nowhere").exit_code == 2
    assert audit(story.folder, "--roots", tmp_path / "nowhere").exit_code == 2
    assert audit().exit_code == 2


def test_audit_command__words_of_a_pack__do_not_steer_the_terminal(story: Story, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    for name in ("pack.json", "\x1b[2Jpack.json"):
        (tmp_path / "pack" / name).write_text("{}")

    result = audit(tmp_path / "pack")

    assert result.exit_code == 1
    assert "\x1b" not in result.output


def test_makegood__help__shows_an_example() -> None:
    for arguments in (["--help"], ["audit", "--help"]):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0
        assert "makegood audit build/demo/audit-pack --roots build/demo/roots.json" in result.output


def test_makegood__import__stays_light() -> None:
    program = "import sys, cli.main; print(*{name.split('.')[0] for name in sys.modules})"
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert set(answer.stdout.split()) & {"audit", "chain", "record", "rich", "web3"} == set()
