"""Brings the monitors that tests run, from Debian's packages into build/tools: no root, nothing installed.

``python -m scripts.tools`` reads the machine's own package sources with apt directories of its own, unpacks Prometheus,
its blackbox exporter and nginx, and the libraries they lack here. What is unpacked carries a stamp: a second run does
nothing, and a killed one starts over from what it has downloaded.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "build" / "tools"
ROOT = FOLDER / "root"
"""Where the packages are unpacked, as if it were /."""

PACKAGES = ("prometheus", "prometheus-blackbox-exporter", "nginx")
PROMETHEUS = ROOT / "usr" / "bin" / "prometheus"
BLACKBOX = ROOT / "usr" / "bin" / "prometheus-blackbox-exporter"
NGINX = ROOT / "usr" / "sbin" / "nginx"
PROGRAMS = (PROMETHEUS, BLACKBOX, NGINX)

LIBRARIES = {
    "libpcre2-8.so.0": "libpcre2-8-0",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "libz.so.1": "zlib1g",
    "libcrypt.so.1": "libcrypt1",
}
"""Which package has a library that a bare machine may lack."""

# Own directories, so that any user can do it; the machine's hooks are for its own package lists.
APT = """\
Dir::State "{folder}/state";
Dir::Cache "{folder}/cache";
APT::Sandbox::User "root";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


class ToolsError(Exception):
    """One sentence: why the tools are not there and what to do."""


def environment() -> dict[str, str]:
    """The environment the programs run in: libraries that the machine lacks are found."""
    folders = sorted({str(path.parent) for path in ROOT.glob("**/*.so.*")})
    found = [*folders, *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
    return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(found)} if folders else dict(os.environ)


def is_current() -> bool:
    """Whether what this file asks for is there."""
    stamp = ROOT / ".stamp"
    return stamp.is_file() and stamp.read_text() == _wanted() and all(path.exists() for path in PROGRAMS)


def bring() -> None:
    """Download and unpack. ToolsError says what is missing."""
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise ToolsError(
                f"{program} is not on this machine: the monitors come from Debian's packages, so their tests run on "
                "Debian and Ubuntu, and are skipped elsewhere."
            )
    apt = FOLDER / "apt"
    for folder in ("state/lists/partial", "cache/archives/partial", "debs"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    (apt / "apt.conf").write_text(APT.format(folder=apt))
    print(f"Monitors for the tests ({', '.join(PACKAGES)}) are brought into {FOLDER}.", flush=True)
    _run(["apt-get", "-c", apt / "apt.conf", "-qq", "update"], apt)
    fresh = FOLDER / "root.new"
    shutil.rmtree(fresh, ignore_errors=True)
    _unpack(PACKAGES, apt, fresh)
    lacking = _lacking(fresh)
    if lacking:
        _unpack(sorted(lacking), apt, fresh)
    (fresh / ".stamp").write_text(_wanted())
    shutil.rmtree(ROOT, ignore_errors=True)
    fresh.replace(ROOT)
    shutil.rmtree(apt / "debs")


def main() -> None:
    """Exit 0 when the tools are there, else 1 with a sentence."""
    if is_current():
        return
    try:
        bring()
    except ToolsError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"The monitors cannot be kept in {FOLDER} ({error.strerror}): correct that and try again.")


def _unpack(packages: Sequence[str], apt: Path, root: Path) -> None:
    debs = apt / "debs"
    _run(["apt-get", "-c", apt / "apt.conf", "-qq", "download", *packages], debs)
    names = tuple(f"{package}_" for package in packages)
    for deb in sorted(debs.iterdir()):
        if deb.name.startswith(names):
            _run(["dpkg-deb", "-x", deb, root], debs)


def _lacking(root: Path) -> set[str]:
    """The packages of the libraries that neither the machine nor ``root`` has."""
    if shutil.which("ldd") is None:
        return set()
    packages = set()
    for program in PROGRAMS:
        path = root / program.relative_to(ROOT)
        listing = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
        for line in listing.splitlines():
            library, _, found = line.strip().partition(" => ")
            if found == "not found":
                if library not in LIBRARIES:
                    raise ToolsError(f"{program.name} needs {library}, which this machine lacks: install it.")
                packages.add(LIBRARIES[library])
    return packages


def _run(command: Sequence[str | Path], folder: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    # apt-get update ends well when it could reach nothing: with old lists it goes on, without any the next step fails.
    if done.returncode != 0:
        said = next((line for line in done.stdout.splitlines() if line.startswith("E:")), done.stdout[-200:])
        raise ToolsError(
            f"{command[0]} could not bring the monitors ({said.strip()}): check the network and the machine's package "
            "sources, then try again."
        )


def _wanted() -> str:
    """What was asked for: this file and the kind of machine."""
    return hashlib.sha256(Path(__file__).read_bytes() + platform.machine().encode()).hexdigest()


if __name__ == "__main__":
    main()
