"""A copy of what the set-up reads, in a path with spaces."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("scripts", "locks", "chain", "contracts")
FILES = ("Makefile", "pyproject.toml", "package.json", "package-lock.json", ".npmrc", "hardhat.config.js")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    copy = tmp_path / "a b" / "c"
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(ROOT / file, copy / file)
    return copy
