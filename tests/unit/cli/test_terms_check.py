"""``makegood terms check``: every hostile file gets one clear sentence, and everything wrong is told in one run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from tests.unit.cli.terms_hostile import (
    CUSTOMER,
    HOSTILE,
    PROVIDER,
    SIGNED_ELSEWHERE,
    SOUND,
    Hostile,
    change,
    obligations,
)

ROOT = Path(__file__).resolve().parents[3]
AT = "2027-01-01T00:00:00Z"
UNSEEN = re.compile("[\u200b\u2060\u2028\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


UNREADABLE = [each for each in HOSTILE if each.name not in SIGNED_ELSEWHERE]


def check(file: object, *options: str) -> Result:
    return CliRunner().invoke(main, ["terms", "check", str(file), "--at", AT, *options])


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "terms.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_check__sound_terms__find_nothing(tmp_path: Path) -> None:
    result = check(written(tmp_path, SOUND), "--strict")

    assert result.exit_code == 0
    assert result.output == f"{tmp_path}/terms.yaml can be signed: 0 errors, 0 warnings, 0 hints.\n"


@pytest.mark.parametrize("hostile", HOSTILE, ids=[each.name for each in HOSTILE])
def test_check__hostile_terms__say_one_clear_sentence_and_write_nothing(
    hostile: Hostile, tmp_path: Path
) -> None:
    file = written(tmp_path, hostile.text)
    result = check(file)

    assert result.exit_code == 1
    assert os.listdir(tmp_path) == ["terms.yaml"]
    assert not UNSEEN.search(result.output)
    errors = [line for line in result.output.splitlines() if line.startswith("error: ")]
    assert len([line for line in errors if hostile.words in line]) == 1, result.output
    assert all(re.match(rf"error: {re.escape(str(file))}(:\d+)?: .+; .+", line) for line in errors)


@pytest.mark.parametrize("hostile", UNREADABLE, ids=[each.name for each in UNREADABLE])
@pytest.mark.parametrize(
    "command", [["show"], ["diff", "SOUND"], ["sign", "--as", "provider", "--network", "NETWORK"]]
)
def test_other_commands__hostile_terms__are_refused_in_a_sentence(
    command: list[str], hostile: Hostile, tmp_path: Path
) -> None:
    file = written(tmp_path, hostile.text)
    (tmp_path / "sound.yaml").write_text(SOUND)
    (tmp_path / "network.toml").write_text(
        f'rpc = "http://127.0.0.1:9"\nchain_id = 31337\nescrow = "{PROVIDER}"\nfirst_block = 0\n'
    )
    places = {"SOUND": tmp_path / "sound.yaml", "NETWORK": tmp_path / "network.toml"}
    arguments = [str(places.get(word, word)) for word in command]
    result = CliRunner().invoke(main, ["terms", *arguments, str(file)])

    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1
    assert result.output.startswith(f"Error: {file}")
    assert not UNSEEN.search(result.output)
    assert sorted(os.listdir(tmp_path)) == ["network.toml", "sound.yaml", "terms.yaml"]


def test_check__several_independent_errors__are_told_in_one_run(tmp_path: Path) -> None:
    text = SOUND
    for old, new in [
        (PROVIDER, PROVIDER.lower()),
        ("https://shop", "ftp://shop"),
        ("window: 3 days", "window: soon"),
        ("openBy: 2027-05-01T00:00:00Z", "openBy: 2027-05-01"),
        ("pay: 30% of charge", "pay: 30 percent"),
        ("every: 1 month", "every: 14 months"),
        ('bond: "50.00"', "bond: 0"),
        ('arbiterFee: "20.00"', "arbiterFee: 0"),
        ("  scope: The front page.\n", ""),
    ]:
        text = change(old, new, text)
    result = check(written(tmp_path, text), "--json")
    found = {(each["path"], each["line"]) for each in json.loads(result.stdout)["findings"]}

    line = {text.splitlines()[index]: index + 1 for index in range(len(text.splitlines()))}
    assert found == {
        ("spec.connectionDetails.url", line["    url: ftp://shop.example.com/health"]),
        ("spec.scope", line["  service: shop"]),
        ("spec.parties.provider.address", line[f'      address: "{PROVIDER.lower()}"']),
        ("spec.schedule.every", line["    every: 14 months"]),
        ("spec.dispute.window", line["    window: soon"]),
        ("spec.dispute.bond", line["    bond: 0"]),
        ("spec.openBy", line["  openBy: 2027-05-01"]),
        ("spec.obligations[0].tiers[1].pay", line["          pay: 30 percent"]),
    }
    assert result.exit_code == 1


def test_check__json__is_one_value_with_the_documents_hash(tmp_path: Path) -> None:
    result = check(written(tmp_path, change("owner: Operations", "owner: TBD")), "--json")
    told = json.loads(result.stdout)

    assert result.exit_code == 0
    assert (told["errors"], told["warnings"], told["hints"]) == (0, 1, 0)
    assert re.fullmatch("0x[0-9a-f]{64}", told["document"])
    assert told["findings"][0] == {
        "severity": "warning",
        "path": "spec.obligations[0].owner",
        "file": str(tmp_path / "terms.yaml"),
        "line": SOUND.splitlines().index("      owner: Operations") + 1,
        "problem": "is not finished: it says 'TBD'",
        "remedy": "write what both parties agreed",
    }


def test_check__strict__exits_with_1_for_warnings_and_not_for_hints(tmp_path: Path) -> None:
    warning = written(tmp_path, change("owner: Operations", "owner: TODO"))
    assert (check(warning).exit_code, check(warning, "--strict").exit_code) == (0, 1)

    hint = written(tmp_path, change('collateral: "3000.00"', 'collateral: "1000.00"'))
    assert (check(hint).exit_code, check(hint, "--strict").exit_code) == (0, 0)
    assert "covers 1 of 3 periods" in check(hint).output


@pytest.mark.parametrize("layout", [SOUND.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + SOUND.encode()])
def test_check__windows_line_ends_and_byte_order_mark__are_layout(layout: bytes, tmp_path: Path) -> None:
    other, plain = tmp_path / "other.yaml", tmp_path / "plain.yaml"
    other.write_bytes(layout)
    plain.write_text(SOUND)
    hashes = {json.loads(check(file, "--json").stdout)["document"] for file in (other, plain)}

    assert len(hashes) == 1
    assert None not in hashes


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (SOUND.encode("utf-16"), "is UTF-16 or UTF-32; save it as UTF-8"),
        (SOUND.encode("utf-16-le"), "is UTF-16 or UTF-32; save it as UTF-8"),
        (SOUND.encode("utf-32"), "is UTF-16 or UTF-32; save it as UTF-8"),
        (SOUND.replace("Northwind", "Caf\u00e9").encode("latin-1"), ":50: byte 0xe9 is not UTF-8"),
        (b"x" * 1_000_001, "has more than 1000000 bytes"),
    ],
)  # fmt: skip
def test_check__file_that_is_no_text__is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    result = check(written(tmp_path, data))

    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1
    assert words in result.output


def test_check__file_that_cannot_be_read__is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")

    for file, words in [
        (tmp_path / "missing.yaml", "is not there; check the name"),
        (tmp_path / "folder", "is a folder; name a file"),
        (tmp_path / "loop", "cannot be read"),
        ("/dev/zero", "has more than 1000000 bytes"),
        (tmp_path / ("x" * 300), "cannot be read"),
        (tmp_path / "a\x1b[31mb", "a\ufffd[31mb: is not there"),
    ]:
        result = check(file)
        assert result.exit_code == 2
        assert len(result.output.splitlines()) == 1
        assert words in result.output


def test_check__unreadable_file__is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root reads everything, so the refusal itself is staged."""

    def denied(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    file = written(tmp_path, SOUND)
    monkeypatch.setattr(Path, "open", denied)
    result = check(file)

    assert result.exit_code == 2
    assert "cannot be read (Permission denied); check its permissions" in result.output


def test_check__endless_pipe__is_read_up_to_the_limit_only(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    sent = [0]

    def feed() -> None:
        try:
            with pipe.open("wb", buffering=0) as writer:
                while sent[0] < 50_000_000:
                    sent[0] += writer.write(b"a: b\n" * 1_000)
        except BrokenPipeError:
            pass

    feeder = threading.Thread(target=feed)
    feeder.start()
    result = check(pipe)
    feeder.join()

    assert "has more than 1000000 bytes" in result.output
    assert sent[0] < 3_000_000


def test_check__64_obligations_of_16_tiers__take_a_moment(tmp_path: Path) -> None:
    file = written(tmp_path, obligations(64, 16))
    begun = time.perf_counter()
    result = check(file)

    assert result.exit_code == 0, result.output
    assert time.perf_counter() - begun < 10


def test_check__as_a_program__answers_with_its_exit_code_and_without_a_traceback(tmp_path: Path) -> None:
    file = written(tmp_path, change(CUSTOMER, PROVIDER))
    arguments = ["terms", "check", str(file), "--at", AT]
    found = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )

    assert found.returncode == 1
    assert found.stderr == ""
    assert "SameParty" in found.stdout
