"""Unpacks Debian's packages below build/tools: no root, nothing installed.

The machine's own package sources are read with apt directories of our own. What is unpacked carries a stamp: a second
run does nothing, and a killed one starts over from what it has downloaded.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "build" / "tools"

LIBRARIES = {
    "libpcre2-8.so.0": "libpcre2-8-0",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "libz.so.1": "zlib1g",
    "libcrypt.so.1": "libcrypt1",
    "libstdc++.so.6": "libstdc++6",
    "libgcc_s.so.1": "libgcc-s1",
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


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Packages that are unpacked together into build/tools/``folder``, as if it were /.

    ``what``: in sentences. ``packages``: of each line the first that the machine's sources have. ``programs``: patterns
    of what must be there then.
    """

    folder: str
    what: str
    packages: tuple[tuple[str, ...], ...]
    programs: tuple[str, ...]

    @property
    def root(self) -> Path:
        """Where they are unpacked."""
        return FOLDER / self.folder

    def is_current(self) -> bool:
        """Whether what is asked for is there."""
        stamp = self.root / ".stamp"
        return stamp.is_file() and stamp.read_text() == self._wanted() and None not in self._found(self.root)

    def environment(self) -> dict[str, str]:
        """The environment the programs run in: libraries that the machine lacks are found."""
        folders = sorted({str(path.parent) for path in self.root.glob("**/*.so.*")})
        found = [*folders, *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
        return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(found)} if folders else dict(os.environ)

    def bring(self) -> None:
        """Download and unpack. ToolsError says what is missing."""
        for program in ("apt-get", "dpkg-deb"):
            if shutil.which(program) is None:
                raise ToolsError(
                    f"{program} is not on this machine: {self.what} come from Debian's packages, so their tests run "
                    "on Debian and Ubuntu, and are skipped elsewhere."
                )
        apt = FOLDER / "apt"
        for folder in ("state/lists/partial", "cache/archives/partial", "debs"):
            (apt / folder).mkdir(parents=True, exist_ok=True)
        (apt / "apt.conf").write_text(APT.format(folder=apt))
        print(f"Tools for the tests ({self.what}) are brought into {self.root}.", flush=True)
        self._run(["apt-get", "-c", apt / "apt.conf", "-qq", "update"], apt)
        fresh = self.root.with_name(f"{self.folder}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._unpack([self._offered(names, apt) for names in self.packages], apt, fresh)
        lacking = self._lacking(fresh)
        if lacking:
            self._unpack(sorted(lacking), apt, fresh)
        _stay_inside(fresh)
        (fresh / ".stamp").write_text(self._wanted())
        shutil.rmtree(self.root, ignore_errors=True)
        fresh.replace(self.root)
        shutil.rmtree(apt / "debs")

    def _offered(self, names: Sequence[str], apt: Path) -> str:
        for name in names[:-1]:
            listed = self._run(["apt-cache", "-c", apt / "apt.conf", "madison", name], apt)
            if name in listed:
                return name
        return names[-1]

    def _unpack(self, packages: Sequence[str], apt: Path, root: Path) -> None:
        debs = apt / "debs"
        self._run(["apt-get", "-c", apt / "apt.conf", "-qq", "download", *packages], debs)
        names = tuple(f"{package}_" for package in packages)
        for deb in sorted(debs.iterdir()):
            if deb.name.startswith(names):
                self._run(["dpkg-deb", "-x", deb, root], debs)

    def _found(self, root: Path) -> list[Path | None]:
        return [next(root.glob(pattern), None) for pattern in self.programs]

    def _lacking(self, root: Path) -> set[str]:
        """The packages of the libraries that neither the machine nor ``root`` has."""
        if shutil.which("ldd") is None:
            return set()
        packages = set()
        for program in filter(None, self._found(root)):
            listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
            for line in listing.splitlines():
                library, _, found = line.strip().partition(" => ")
                if found == "not found":
                    if library not in LIBRARIES:
                        raise ToolsError(
                            f"{program.name} needs {library}, which this machine lacks: install it."
                        )
                    packages.add(LIBRARIES[library])
        return packages

    def _run(self, command: Sequence[str | Path], folder: Path) -> str:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        # apt-get update ends well when it could reach nothing: with old lists it goes on, without any the next step
        # fails.
        if done.returncode != 0:
            said = next(
                (line for line in done.stdout.splitlines() if line.startswith("E:")), done.stdout[-200:]
            )
            raise ToolsError(
                f"{command[0]} could not bring {self.what} ({said.strip()}): check the network and the machine's "
                "package sources, then try again."
            )
        return done.stdout

    def _wanted(self) -> str:
        """What was asked for: packages, how they are unpacked, and the kind of machine."""
        asked = f"{self!r} {platform.machine()}".encode()
        return hashlib.sha256(Path(__file__).read_bytes() + asked).hexdigest()


def _stay_inside(root: Path) -> None:
    """Links to places that the packages bring themselves lead to where they are unpacked, not to the machine's own."""
    for path in root.rglob("*"):
        if path.is_symlink() and path.readlink().is_absolute():
            inside = root / path.readlink().relative_to("/")
            if os.path.lexists(inside):
                target = os.path.relpath(inside, path.parent)
                path.unlink()
                path.symlink_to(target)
