"""The proofs of tests/analysis/proofs, by halmos: ``python -m scripts.analysis.halmos [CONTRACT ...]``.

Each function ``check_...`` is run for all values of its arguments. What bounds that: loops of at most LOOP rounds,
arrays of the LENGTHS given. After that the same proofs run with faults planted, and each must be refuted.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path

from scripts.analysis import tools
from scripts.analysis.seeds import FAULTS, Fault
from scripts.setup import BIN, ROOT, environment

PROOFS = ROOT / "tests" / "analysis" / "proofs"
FOLDER = ROOT / "build" / "halmos"
LOOP = 4
LENGTHS = "0,1,2,3"
"""Tiers of an obligation. Arrays in the escrow's proofs have the one length they need."""

SOLVER = Path(__file__).with_name("solver.py")
QUERY_SECONDS = 90

SETTINGS = """\
[profile.default]
src = "tests/analysis/proofs"
test = "tests/analysis/proofs"
out = "out"
cache_path = "cache"
libs = ["node_modules"]
remappings = {remappings}
solc = "{solc}"
offline = true
optimizer = true
optimizer_runs = {runs}
via_ir = true
evm_version = "{evm}"
bytecode_hash = "none"
cbor_metadata = false
ast = true
extra_output = ["storageLayout", "metadata"]
"""


class Verdict(IntEnum):
    """What halmos says of a proof, by its own numbers."""

    HOLDS = 0
    REFUTED = 1
    TIMED_OUT = 2
    STUCK = 3
    ALWAYS_REVERTS = 4
    FAILED = 5


class HalmosFailed(Exception):
    """There is no verdict at all: the proofs do not compile, or halmos fell over; the text is its own."""


def prove(contract: str, faults: Sequence[Fault] = ()) -> dict[str, Verdict]:
    """The verdict on each proof of a contract, with ``faults`` planted in a copy of the sources. HalmosFailed."""
    folder = FOLDER / (f"{contract}-faulty" if faults else contract)
    _lay_out(folder, contract, faults)
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    command: list[str | Path] = [
        *(tools.HALMOS, "--contract", contract, "--loop", str(LOOP), "--default-array-lengths", LENGTHS),
        *("--solver-timeout-assertion", f"{QUERY_SECONDS}s", "--json-output", report, "--no-status"),
        *("--solver-command", f"{tools.PYTHON} {SOLVER}"),
        *(["--early-exit"] if faults else []),
    ]
    settings = environment()
    path = f"{tools.FOLDER / 'bin'}:{tools.FORGE.parent}:{BIN}:{settings['PATH']}"
    outcome = subprocess.run(
        command,
        cwd=folder,
        env=settings | {"PATH": path, "TMPDIR": str(folder), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if not report.is_file():
        raise HalmosFailed((outcome.stdout + outcome.stderr)[-3000:])
    (results,) = json.loads(report.read_text())["test_results"].values()
    return {each["name"].partition("(")[0]: Verdict(each["exitcode"]) for each in results}


def _lay_out(folder: Path, contract: str, faults: Sequence[Fault]) -> None:
    """A project of its own, in which what was compiled before stays."""
    for name in ("contracts", "tests"):
        shutil.rmtree(folder / name, ignore_errors=True)
    shutil.copytree(ROOT / "contracts", folder / "contracts")
    proofs = folder / PROOFS.relative_to(ROOT)
    proofs.mkdir(parents=True)
    for name in ("Cheats", contract):
        shutil.copy(PROOFS / f"{name}.sol", proofs)
    if not (folder / "node_modules").is_symlink():
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
    wanted = json.loads((ROOT / "contracts" / "solc.json").read_text())["settings"]
    packages = json.loads((ROOT / "package.json").read_text())["dependencies"]
    settings = SETTINGS.format(
        remappings=json.dumps([f"{name}/=node_modules/{name}/" for name in packages]),
        solc=ROOT / "scripts" / "solc",
        runs=wanted["optimizer"]["runs"],
        evm=wanted["evmVersion"],
    )
    (folder / "foundry.toml").write_text(settings)
    for path, before, after in dict.fromkeys((fault.path, fault.before, fault.after) for fault in faults):
        text = (folder / path).read_text()
        if text.count(before) != 1:
            raise HalmosFailed(
                f"{path} holds {before!r} {text.count(before)} times: correct the fault's text."
            )
        (folder / path).write_text(text.replace(before, after))


def main() -> None:
    """Exit 1 unless every proof holds, and none does with its fault planted."""
    tools.bring_or_exit()
    wrong = 0
    for contract in sys.argv[1:] or FAULTS:
        for faults, right in (((), Verdict.HOLDS), (FAULTS[contract], Verdict.REFUTED)):
            start = time.monotonic()
            try:
                verdicts = prove(contract, faults)
            except HalmosFailed as error:
                sys.exit(f"halmos came to no verdict on {contract}:\n{error}")
            title = "with its fault planted" if faults else "as it is"
            print(f"{contract}, {title} ({time.monotonic() - start:.0f} s):", flush=True)
            for name, verdict in verdicts.items():
                print(
                    f"  {'' if verdict is right else 'NOT '}{right.name.lower():<9} {name} ({verdict.name})"
                )
                wrong += verdict is not right
    if wrong:
        sys.exit(f"{wrong} verdicts are not as they should be.")


if __name__ == "__main__":
    main()
