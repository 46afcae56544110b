"""The import rules of pyproject.toml hold, and bite: every kind of forbidden import is planted and must be caught."""

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
PACKAGES = RULES["root_packages"]

# Where, what, and the rule that forbids it.
VIOLATIONS = [
    ("sla", "import record", "Dependencies point one way"),
    ("record", "from chain import artifacts", "Dependencies point one way"),
    ("metering", "import chain", "Dependencies point one way"),
    ("chain", "import api", "Dependencies point one way"),
    ("api", "import metering", "The API knows"),
    ("oracle", "import web3", "Only chain talks"),
    ("scripts", "from eth_tester import EthereumTester", "Only chain talks"),
    ("sla", "import yaml", "The rules need nothing"),
    ("audit", "import httpx", "Rules, records and the audit"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.prefix) / "bin" / "lint-imports"), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_import_rules__the_project_as_it_is__are_kept(project: Path) -> None:
    outcome = lint_imports(project)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(("package", "statement", "rule"), VIOLATIONS)
def test_import_rules__planted_violation__is_caught(
    project: Path, package: str, statement: str, rule: str
) -> None:
    (project / package / "planted.py").write_text(f"{statement}\n")

    outcome = lint_imports(project)

    assert outcome.returncode == 1
    broken = [line for line in outcome.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(line.startswith(rule) for line in broken), outcome.stdout
    assert f"{package}.planted" in outcome.stdout


def test_import_rules__every_package__is_named() -> None:
    folders = {file.parent.name for file in ROOT.glob("*/__init__.py")}
    one_door = next(rule for rule in RULES["contracts"] if rule["id"] == "one-door")
    assert set(PACKAGES) == folders
    assert set(one_door["source_modules"]) == folders - {"chain"}


def test_sla__every_import__is_the_standard_library_or_sla() -> None:
    """import-linter forbids what it is told; this forbids whatever is not allowed."""
    allowed = sys.stdlib_module_names | {"sla"}
    found = {
        (file.relative_to(ROOT).as_posix(), name.split(".")[0])
        for file in (ROOT / "sla").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        for name in imported(node)
    }
    assert found
    assert {(file, name) for file, name in found if name not in allowed} == set()


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return ["sla" if node.level else str(node.module)]
    return []
