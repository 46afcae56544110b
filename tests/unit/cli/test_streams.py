"""Where the words go: full devices, readers that leave, encodings that lack a sign."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main

MAKEGOOD = str(Path(sys.executable).parent / "makegood")
EXAMPLE = str(Path(__file__).resolve().parents[3] / "examples" / "aws-ec2-instance.yaml")


@pytest.mark.parametrize("words", [["--help"], ["completion", "bash"], ["terms", "show", EXAMPLE]])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output__device_that_is_full__one_sentence_and_exit_3(words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [MAKEGOOD, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ended.returncode == 3
    assert "No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("words", [["--help"], ["completion", "bash"], ["terms", "show", EXAMPLE]])
def test_output__reader_that_left__is_no_failure(words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run([MAKEGOOD, *words], stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_output__encoding_that_lacks_a_sign__shows_another() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(
        [MAKEGOOD, "terms", "show", EXAMPLE], env=environment, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == (0, False)


@pytest.mark.parametrize(("typed", "meant"), [("statsu", "status"), ("termz", "terms")])
def test_command__misspelt__suggests_the_nearest(typed: str, meant: str) -> None:
    ended = CliRunner().invoke(main, [typed])
    assert ended.exit_code == 2
    assert f"No such command '{typed}'. Did you mean '{meant}'?" in ended.stderr
