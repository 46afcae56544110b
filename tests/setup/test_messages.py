"""What can go wrong on somebody's machine ends in one sentence with its remedy, never in a traceback."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import setup

# Nothing listens there: the connection is refused at once.
CLOSED = "http://127.0.0.1:9/"
OLD_PYTHON = "import sys; sys.version_info = (3, 9, 18, 'final', 0)"
NO_ENSUREPIP = """
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "ensurepip" else find(name, *rest)
"""
FAKE_SHIM = "#!/bin/sh\necho 'pyenv: python3: command not found' >&2\nexit 127\n"


def set_up(folder: Path, spoil: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    program = f"{spoil}\nimport runpy; runpy.run_path('scripts/setup.py', run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def assert_one_sentence(outcome: subprocess.CompletedProcess[str], *words: str) -> None:
    assert outcome.returncode == 1
    assert len(outcome.stderr.strip().splitlines()) == 1, outcome.stderr
    for word in words:
        assert word in outcome.stderr


def test_setup__old_python__says_which_ones_work(checkout: Path) -> None:
    outcome = set_up(checkout, OLD_PYTHON)
    assert_one_sentence(outcome, "needs Python 3.11 to 3.14", "PYTHON=/path/to/python3.12 make setup")
    assert not (checkout / "build").exists()


def test_setup__source__parses_under_python_3_6(checkout: Path) -> None:
    ast.parse((checkout / "scripts" / "setup.py").read_text(), feature_version=(3, 6))


def test_setup__no_ensurepip__names_the_package_to_install(checkout: Path) -> None:
    outcome = set_up(checkout, NO_ENSUREPIP)
    assert_one_sentence(outcome, "without its ensurepip module", f"python3.{sys.version_info.minor}-venv")


def test_setup__read_only_folder__says_so(checkout: Path) -> None:
    # A file in the place of build/ stands for a folder that cannot be written: root may write everywhere.
    (checkout / "build").write_text("")
    assert_one_sentence(set_up(checkout), "cannot use", "run make setup")


def test_setup__pip_registry_unreachable__says_so_and_how_to_name_a_mirror(checkout: Path) -> None:
    outcome = set_up(checkout, PIP_INDEX_URL=CLOSED)
    assert_one_sentence(
        outcome, "pip cannot reach its package registry", "PIP_INDEX_URL", "build/logs/pip.log"
    )
    assert "Connection refused" in (checkout / "build" / "logs" / "pip.log").read_text()


@pytest.fixture
def elsewhere(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tools of this environment at work on the copy, with nothing in their caches."""
    monkeypatch.setattr(setup, "ROOT", checkout)
    monkeypatch.setattr(setup, "LOGS", checkout / "build" / "logs")
    monkeypatch.setattr(setup, "CACHE", checkout / "build" / "cache")
    return checkout


def test_setup__uv_registry_unreachable__says_so(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", CLOSED)
    locked = ["--require-hashes", "--requirements", "locks/python.txt"]
    with pytest.raises(setup.SetupError, match=r"^uv cannot reach its package registry: .*UV_DEFAULT_INDEX"):
        setup.run("uv", [setup.BIN / "uv", "pip", "install", "--target", "packages", *locked])


def test_setup__npm_registry_unreachable__says_so(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", CLOSED)
    with pytest.raises(
        setup.SetupError, match=r"^npm cannot reach its package registry: .*npm_config_registry"
    ):
        setup.make_npm()


def test_setup__package_other_than_locked__is_called_that() -> None:
    assert "not the one locked" in setup.explain(
        "pip", "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM ..."
    )
    assert "not the one locked" in setup.explain("npm", "npm error code EINTEGRITY")


def test_setup__other_peoples_settings__are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "PIP_USER",
        "PIP_TARGET",
        "UV_SYSTEM_PYTHON",
        "npm_config_prefix",
        "PYTHONPATH",
        "NODE_OPTIONS",
    ):
        monkeypatch.setenv(name, "surprise")
    monkeypatch.setenv("PIP_INDEX_URL", "mirror")
    environment = setup.environment()
    assert "surprise" not in environment.values()
    assert environment["PIP_INDEX_URL"] == environment["UV_DEFAULT_INDEX"] == "mirror"


def test_contracts__do_not_compile__shows_the_compilers_words(elsewhere: Path) -> None:
    (elsewhere / "node_modules").symlink_to(setup.VENV.parent / "node_modules")
    for source in (elsewhere / "contracts").rglob("*.sol"):
        source.unlink()
    (elsewhere / "contracts" / "Wrong.sol").write_text(
        "pragma solidity 0.8.37;\ncontract Wrong { uint x = }\n"
    )
    with pytest.raises(setup.SetupError, match=r"(?s)project/contracts/Wrong.sol:2:.*do not compile"):
        setup.make_contracts()


def front(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "scripts/setup.sh"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def shims(tmp_path: Path) -> Path:
    """A PATH of commands that are there and do not work, as version managers leave them."""
    folder = tmp_path / "shims"
    folder.mkdir()
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        (folder / name).write_text(FAKE_SHIM)
        (folder / name).chmod(0o755)
    return folder


def test_front__no_python_that_runs__says_so(checkout: Path, shims: Path) -> None:
    assert_one_sentence(front(checkout, PATH=str(shims)), "needs Python 3.11 to 3.14", "PYTHON=")


def test_front__broken_shim_first__takes_the_next_that_runs(checkout: Path, shims: Path) -> None:
    (checkout / "scripts" / "setup.py").write_text("print('set up')")
    (shims / "python3.11").unlink()
    (shims / "python3.11").symlink_to(sys.executable)
    assert front(checkout, PATH=str(shims)).stdout == "set up\n"


def test_front__named_python_does_not_run__is_not_replaced(checkout: Path, shims: Path) -> None:
    (checkout / "scripts" / "setup.py").write_text("print('set up')")
    outcome = front(checkout, PATH=f"{Path(sys.executable).parent}:{shims}", PYTHON="/no such/python")
    assert_one_sentence(outcome, "/no such/python does not run")
