"""Sets the project up: virtual environment, Python packages, npm packages, compiled contracts.

Run by whatever Python the machine has, so it must parse under old ones and imports the standard library only.
Each of the three steps leaves a stamp inside what it made, the SHA-256 of the step's inputs, written last: a step
whose stamp is missing or differs runs again, so a killed set-up resumes and an unchanged one does nothing.
"""

import fcntl
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
import time
from pathlib import Path

if not (3, 11) <= sys.version_info[:2] <= (3, 14):
    sys.exit(
        "Makegood needs Python 3.11 to 3.14 and {} is {}: install one of those, or name it with "
        "PYTHON=/path/to/python3.12 make setup.".format(sys.executable, platform.python_version())
    )

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
CACHE = ROOT / "build" / "cache"
LOGS = ROOT / "build" / "logs"

# Whose settings matter: where packages come from and how to get there. All others are ignored, so that what works on
# one machine works on the next.
KEPT_SETTINGS = {
    *("PIP_INDEX_URL", "PIP_CERT", "PIP_PROXY"),
    *("UV_DEFAULT_INDEX", "UV_SYSTEM_CERTS"),
    *("NPM_CONFIG_REGISTRY", "NPM_CONFIG_CAFILE", "NPM_CONFIG_PROXY", "NPM_CONFIG_HTTPS_PROXY"),
}
IGNORED_PREFIXES = ("PIP_", "UV_", "NPM_CONFIG_", "CONDA_")
IGNORED = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "NODE_OPTIONS", "NODE_PATH"}

# Where Debian's and Red Hat's kin keep the authorities they trust, if Python does not know.
AUTHORITIES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")

# What pip, uv and npm say when they cannot reach a registry, and when a package is not the locked one.
UNREACHABLE = re.compile(
    "NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|NameResolutionError|Max retries"
    "|error sending request|client error \\(Connect\\)|dns error|operation timed out"
    "|[Tt]imeout while|network timeout"
    "|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH"
)
WRONG_HASH = re.compile("DO NOT MATCH THE HASHES|[Hh]ash mismatch|EINTEGRITY")
MIRROR = {"pip": "PIP_INDEX_URL", "uv": "UV_DEFAULT_INDEX", "npm": "npm_config_registry"}


class SetupError(Exception):
    """One sentence: what is wrong and what to do."""


@dataclass(frozen=True)
class Step:
    """Something the set-up makes, and how to tell whether it is still what its inputs ask for."""

    name: str
    folder: Path
    inputs: Callable[[], list[Path | str]]
    outputs: Callable[[], list[Path]]
    run: Callable[[], None]

    @property
    def stamp(self) -> Path:
        return self.folder / ".stamp"


def fingerprint(inputs: list[Path | str]) -> str:
    """Hash files (by path and content) and texts, each with its length so that no two lists collide."""
    digest = hashlib.sha256()
    for item in inputs:
        if isinstance(item, str):
            parts = [item.encode()]
        else:
            parts = [os.path.relpath(item, ROOT).encode(), item.read_bytes()]
        for part in parts:
            digest.update(b"%d:" % len(part) + part)
    return digest.hexdigest()


def is_current(step: Step) -> bool:
    """Whether what the step made stands, from the inputs as they are now."""
    if not step.stamp.is_file() or not all(path.exists() for path in step.outputs()):
        return False
    return step.stamp.read_text() == fingerprint(step.inputs())


def ensure(step: Step) -> bool:
    """Run the step unless its last run still stands; True if it ran."""
    if is_current(step):
        return False
    # Taken before the run: an input that changes meanwhile makes the next set-up run the step again.
    wanted = fingerprint(step.inputs())
    step.run()
    fresh = step.stamp.with_name(".stamp.new")
    fresh.write_text(wanted)
    fresh.replace(step.stamp)
    return True


# ---- Python ----


def python_inputs() -> list[Path | str]:
    # A virtual environment holds absolute paths, so a moved project needs a new one.
    files = [ROOT / "locks" / "uv.txt", ROOT / "locks" / "python.txt", ROOT / "pyproject.toml"]
    return [*files, platform.python_version(), str(ROOT)]


def python_outputs() -> list[Path]:
    return [BIN / name for name in ("python", "uv", "pytest", "node", "npm", "makegood")]


def make_python() -> None:
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            version = "{}.{}".format(*sys.version_info)
            raise SetupError(
                f"The Python at {sys.executable} comes without its {module} module: install it (on Debian and "
                f"Ubuntu, the package python{version}-venv), or name another Python with "
                "PYTHON=/path/to/python3.12 make setup."
            )
    stamp, origin = VENV / ".stamp", VENV / ".made-for"
    made_for = f"{platform.python_version()} {ROOT}"
    # One that is half made, damaged, of another Python or moved is made anew; else only the packages are brought up.
    whole = stamp.is_file() and all(path.exists() for path in python_outputs())
    if not whole or not origin.is_file() or origin.read_text() != made_for:
        with progress("virtual environment"):
            shutil.rmtree(VENV, ignore_errors=True)
            # The base Python, in case this one is the environment about to be replaced.
            base = getattr(sys, "_base_executable", sys.executable)
            run("venv", [base, "-m", "venv", VENV])
            origin.write_text(made_for)
    stamp.unlink(missing_ok=True)
    with progress("Python packages"):
        python, uv = BIN / "python", BIN / "uv"
        run("pip", [python, "-m", "pip", "install", "--require-hashes", "--no-deps", "-r", "locks/uv.txt"])
        # No compiler is asked for where wheels are known to exist.
        wheels_only = ["--no-build"] if is_supported_platform() else []
        run("uv", [uv, "pip", "sync", "--require-hashes", *wheels_only, "locks/python.txt"])
        # The compat mode makes every folder importable, also those that come later.
        editable = ["--config-setting", "editable_mode=compat", "--editable", "."]
        run("project", [uv, "pip", "install", "--no-deps", "--no-build-isolation", *editable])


# ---- npm ----


def npm_inputs() -> list[Path | str]:
    node = subprocess.run([BIN / "node", "--version"], capture_output=True, text=True, check=True).stdout
    return [ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc", node]


def npm_outputs() -> list[Path]:
    names = [".bin/hardhat", "solc/soljson.js", "@openzeppelin/contracts", "solady"]
    if is_supported_platform():
        names.append("@foundry-rs/forge-linux-amd64/bin/forge")
    return [ROOT / "node_modules" / name for name in names]


def make_npm() -> None:
    with progress("npm packages"):
        # One small question first: npm ci asks for every package in turn, so that a registry which takes connections
        # and never answers would hold it up for an hour.
        run("npm", [BIN / "npm", "view", "solady", "name", "--fetch-timeout=20000"])
        # npm removes node_modules, and the stamp with it, before it starts.
        run("npm", [BIN / "npm", "ci", "--ignore-scripts"])


# ---- contracts ----


def contract_inputs() -> list[Path | str]:
    sources = sorted((ROOT / "contracts").rglob("*.sol"))
    files = [ROOT / "contracts" / "solc.json", ROOT / "chain" / "compile.py", ROOT / "scripts" / "solc"]
    return [*sources, *files, ROOT / "node_modules" / ".stamp"]


def contract_outputs() -> list[Path]:
    folder = ROOT / "build" / "contracts"
    listing = folder / ".names"
    names = listing.read_text().splitlines() if listing.is_file() else []
    return [listing, *(folder / name for name in names)]


def make_contracts() -> None:
    with progress("contracts"):
        run("contracts", [BIN / "python", "-m", "chain.compile"])
    messages = (LOGS / "contracts.log").read_text()
    if messages:
        print(messages.rstrip())
    folder = ROOT / "build" / "contracts"
    (folder / ".names").write_text("".join(f"{path.name}\n" for path in sorted(folder.glob("*.json"))))


STEPS = [
    Step("python", VENV, python_inputs, python_outputs, make_python),
    Step("npm", ROOT / "node_modules", npm_inputs, npm_outputs, make_npm),
    Step("contracts", ROOT / "build" / "contracts", contract_inputs, contract_outputs, make_contracts),
]


# ---- running tools ----


def environment() -> dict[str, str]:
    """The caller's environment less other people's settings, with every cache below build/."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in KEPT_SETTINGS or not (name in IGNORED or name.upper().startswith(IGNORED_PREFIXES))
    }
    if "PIP_INDEX_URL" in kept:
        kept.setdefault("UV_DEFAULT_INDEX", kept["PIP_INDEX_URL"])
    # All three trust whom the system trusts, also a company's own authority; by default each brings its own list.
    authorities = [os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *AUTHORITIES]
    for file in [each for each in authorities if each and os.path.exists(each)][:1]:
        for name in ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"):
            kept.setdefault(name, file)
    return kept | {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(CACHE),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_TIMEOUT": "20",
        "PIP_RETRIES": "2",
        "UV_NO_CONFIG": "1",
        "UV_PYTHON": str(BIN / "python"),
        "UV_HTTP_TIMEOUT": "30",
        "UV_HTTP_RETRIES": "2",
        "npm_config_userconfig": os.devnull,
        "npm_config_cache": str(CACHE / "npm"),
        "npm_config_fetch_timeout": "60000",
        "npm_config_fetch_retries": "2",
        "npm_config_fetch_retry_mintimeout": "1000",
        "npm_config_fetch_retry_maxtimeout": "4000",
        "SOLCX_BINARY_PATH": str(CACHE / "solcx"),
    }


def run(tool: str, command: Sequence[str | Path]) -> None:
    """Run a command with its output in build/logs/TOOL.log. Raises SetupError."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{tool}.log"
    with log.open("wb") as output:
        # The child inherits the lock: if this process is killed, the next set-up waits until its orphans are done.
        outcome = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            close_fds=False,
            check=False,
        )
    if outcome.returncode != 0:
        raise SetupError(explain(tool, log.read_text(errors="replace")))


def explain(tool: str, messages: str) -> str:
    """Turn a tool's failure into one sentence with its remedy."""
    log = f"build/logs/{tool}.log"
    if tool == "contracts":
        return (
            f"{messages.rstrip()}\nThe contracts do not compile: correct what stands above (also in {log})."
        )
    if WRONG_HASH.search(messages):
        return (
            f"A package that {tool} downloaded is not the one locked: do not use it; {log} says which one "
            "and where it came from."
        )
    if UNREACHABLE.search(messages):
        return (
            f"{tool} cannot reach its package registry: check the network and proxy, or name a mirror with "
            f"{MIRROR.get(tool, 'UV_DEFAULT_INDEX')}, then run make setup again (details in {log})."
        )
    if "No space left" in messages:
        return f"The disk is full: the set-up needs about 2 GB below {ROOT} and resumes with make setup."
    return f"{tool} failed: its own words are in {log}; make setup resumes, make clean starts from zero."


@contextmanager
def progress(what: str) -> Iterator[None]:
    start = time.monotonic()
    print(f"  {what} ... ", end="", flush=True)
    try:
        yield
    except BaseException:
        print("failed")
        raise
    print(f"{time.monotonic() - start:.1f} s")


def is_supported_platform() -> bool:
    return sys.platform == "linux" and platform.machine() == "x86_64"


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Hold the set-up lock; the system lets go of it when the last process that inherited it ends."""
    lock = ROOT / "build" / ".setup.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        os.set_inheritable(file.fileno(), True)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this folder is running: waiting for it.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> None:
    try:
        with only_one_at_a_time():
            if not is_supported_platform():
                system = f"{platform.system()} {platform.machine()}"
                print(f"The locks are tested on Linux x86-64: {system} is best effort.")
            ran = [ensure(step) for step in STEPS]
            if not any(ran):
                print("Set-up is up to date.")
    except SetupError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(
            f"The set-up cannot use {error.filename or ROOT} ({error.strerror}): correct that, then run make setup."
        )
    except KeyboardInterrupt:
        sys.exit("Interrupted: make setup resumes.")


if __name__ == "__main__":
    main()
