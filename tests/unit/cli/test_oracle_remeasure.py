"""`makegood oracle remeasure`: the request reaches the node through its data folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from oracle.ports import Subject
from oracle.remeasuring import asked_in
from tests.unit.cli.test_oracle_init import KEYSTORE, NETWORK, init

AGREEMENT = bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "makegood.toml").write_text(NETWORK)
    monkeypatch.chdir(tmp_path)
    assert init(*KEYSTORE, "--data", "journals").exit_code == 0
    return tmp_path


def remeasure(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["oracle", "remeasure", *arguments])


def test_remeasure__a_subject__leaves_a_request_where_the_node_looks(folder: Path) -> None:
    done = remeasure("0x" + AGREEMENT.hex(), "3", "1", "--json")
    assert done.exit_code == 0, done.output
    requests = folder / "journals" / "remeasure"
    assert list(asked_in(requests)) == [Subject(AGREEMENT, 3, 1)]
    told = json.loads(done.stdout)
    assert (told["agreement"], told["period"], told["obligation"]) == ("0x" + AGREEMENT.hex(), 3, 1)
    assert [folder / told["request"]] == list(requests.iterdir())


def test_remeasure__once_more__is_another_request(folder: Path) -> None:
    arguments = ("0x" + AGREEMENT.hex(), "3", "1")
    requests = folder / "journals" / "remeasure"
    assert "asks for it" in remeasure(*arguments).output
    (first,) = asked_in(requests).values()
    assert remeasure(*arguments).exit_code == 0
    (second,) = asked_in(requests).values()
    assert second > first


@pytest.mark.parametrize(
    "arguments", [("0x12", "0", "0"), (AGREEMENT.hex(), "0", "0"), ("0x" + "zz" * 32, "0", "0")]
)
def test_remeasure__no_agreement_id__says_what_one_looks_like(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    done = remeasure(*arguments)
    assert done.exit_code != 0
    assert "32 bytes of hex" in done.stderr
    assert asked_in(folder / "journals" / "remeasure") == {}
