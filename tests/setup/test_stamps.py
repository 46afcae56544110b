"""A step runs when its inputs changed, its result is gone or its last run was killed; else it does not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import setup

# A step that writes half its result and then hangs, as a process of its own that can be killed.
HANGING = """
import sys, time
from pathlib import Path
from scripts import setup
folder = Path(sys.argv[1])
def run():
    (folder / "made").mkdir(exist_ok=True)
    (folder / "made" / "half").write_text("")
    print("half", flush=True)
    time.sleep(60)
setup.ensure(setup.Step("toy", folder / "made", lambda: [folder / "input"], lambda: [], run))
"""
# A set-up whose tool outlives it.
ORPHANING = """
import sys
from pathlib import Path
from scripts import setup
setup.ROOT = Path(sys.argv[1])
setup.LOGS = setup.ROOT / "build" / "logs"
with setup.only_one_at_a_time():
    print("locked", flush=True)
    setup.run("sleep", ["sh", "-c", "touch started; sleep 2; touch finished"])
"""


class Toy:
    """A step that copies its input, and counts."""

    def __init__(self, folder: Path) -> None:
        self.input = folder / "input"
        self.result = folder / "made" / "result"
        self.runs = 0
        self.input.write_text("one")
        self.step = setup.Step("toy", folder / "made", lambda: [self.input], lambda: [self.result], self.run)

    def run(self) -> None:
        self.runs += 1
        self.result.parent.mkdir(exist_ok=True)
        self.result.write_text(self.input.read_text())


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


def test_step__unchanged__runs_once(toy: Toy) -> None:
    assert [setup.ensure(toy.step) for _ in range(3)] == [True, False, False]
    assert toy.runs == 1


@pytest.mark.parametrize(
    "disturb",
    [
        lambda toy: toy.input.write_text("two"),
        lambda toy: toy.result.unlink(),
        lambda toy: toy.step.stamp.unlink(),
        lambda toy: toy.step.stamp.write_text(""),
    ],
    ids=["input changed", "result gone", "stamp gone", "stamp cut short"],
)
def test_step__disturbed__runs_again_once(toy: Toy, disturb: Callable[[Toy], object]) -> None:
    setup.ensure(toy.step)
    disturb(toy)
    assert [setup.ensure(toy.step) for _ in range(2)] == [True, False]
    assert toy.result.read_text() == toy.input.read_text()


def test_step__input_changed_while_it_ran__runs_again(toy: Toy) -> None:
    copy = toy.run

    def run_while_somebody_edits() -> None:
        copy()
        toy.input.write_text("edited")

    step = setup.Step("toy", toy.step.folder, toy.step.inputs, toy.step.outputs, run_while_somebody_edits)
    setup.ensure(step)
    assert setup.ensure(toy.step)
    assert toy.result.read_text() == "edited"


def test_step__failed__leaves_no_stamp(toy: Toy) -> None:
    def fail() -> None:
        toy.run()
        raise setup.SetupError("no")

    with pytest.raises(setup.SetupError):
        setup.ensure(setup.Step("toy", toy.step.folder, toy.step.inputs, toy.step.outputs, fail))
    assert setup.ensure(toy.step)


def test_step__killed_half_way__runs_again(toy: Toy) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HANGING, str(toy.input.parent)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGKILL)
    assert (toy.step.folder / "half").exists()
    assert setup.ensure(toy.step)
    assert toy.result.exists()


def test_setup__killed_while_its_tool_runs_on__next_one_waits_for_the_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ORPHANING, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "finished").exists()

    monkeypatch.setattr(setup, "ROOT", tmp_path)
    with setup.only_one_at_a_time():
        assert (tmp_path / "finished").exists()


def test_fingerprint__text_moved_between_inputs__differs() -> None:
    assert setup.fingerprint(["ab", "c"]) != setup.fingerprint(["a", "bc"])
    assert len(setup.fingerprint([])) == 64


@pytest.mark.parametrize(
    ("step", "changed"),
    [
        ("python", "locks/uv.txt"),
        ("python", "locks/python.txt"),
        ("python", "pyproject.toml"),
        ("npm", "package.json"),
        ("npm", "package-lock.json"),
        ("npm", ".npmrc"),
        ("contracts", "contracts/solc.json"),
        ("contracts", "contracts/New.sol"),
        ("contracts", "chain/compile.py"),
        ("contracts", "node_modules/.stamp"),
    ],
)
def test_real_step__changed_input__changes_its_fingerprint(
    step: str, changed: str, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "node_modules").mkdir()
    (checkout / "node_modules" / ".stamp").write_text("")
    monkeypatch.setattr(setup, "ROOT", checkout)
    inputs = next(each for each in setup.STEPS if each.name == step).inputs
    before = setup.fingerprint(inputs())
    with (checkout / changed).open("a") as file:
        file.write("\n")
    assert setup.fingerprint(inputs()) != before


def test_python_step__moved_project__changes_its_fingerprint(
    tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "ROOT", checkout)
    before = setup.fingerprint(setup.python_inputs())
    checkout.rename(tmp_path / "moved")
    monkeypatch.setattr(setup, "ROOT", tmp_path / "moved")
    assert setup.fingerprint(setup.python_inputs()) != before


def test_setup__unchanged__takes_a_second_at_most() -> None:
    if not all(setup.is_current(step) for step in setup.STEPS):
        pytest.skip("the set-up is out of date: make setup")
    start = time.monotonic()
    outcome = subprocess.run(
        ["sh", "scripts/setup.sh"], cwd=setup.ROOT, env=os.environ, capture_output=True, text=True, check=True
    )
    assert time.monotonic() - start <= 1
    assert outcome.stdout == "Set-up is up to date.\n"
