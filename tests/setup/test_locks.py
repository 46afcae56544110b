"""The locks name every package exactly, with its hash, and no place to fetch it from."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("lock", ["uv.txt", "python.txt", "analysis.txt", "spark.txt"])
def test_python_lock__every_package__is_exact_and_hashed(lock: str) -> None:
    text = (ROOT / "locks" / lock).read_text()
    # Neither an address nor a path.
    assert "/" not in text
    entries = text.replace("\\\n", " ").splitlines()
    assert entries
    for entry in entries:
        name, *hashes = entry.split(" --hash=sha256:")
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; .+)?", name.strip()), name
        assert hashes, name
        assert all(re.fullmatch("[0-9a-f]{64}", each.strip()) for each in hashes), name


def test_python_lock__what_pyproject_pins__is_what_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    locked = (ROOT / "locks" / "python.txt").read_text().splitlines()
    names = {line.split("==")[0] for line in locked}
    assert {re.split(r"[\[=<>; ]", each)[0].lower() for each in wanted} <= names
    for each in wanted:
        if "==" in each:
            exact = re.sub(r"\[.*?\]", "", each).split(" ")[0]
            assert any(line.startswith(f"{exact.lower()} ") for line in locked), exact


def test_spark_lock__is_of_what_the_extra_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (ROOT / "locks" / "spark.in").read_text().split() == project["optional-dependencies"]["spark"]


def test_npm_lock__every_package__has_its_hash_and_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    del packages[""]
    assert packages
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def test_npm_packages__are_exact() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    for group in ("dependencies", "devDependencies", "optionalDependencies"):
        for name, version in package[group].items():
            assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
