"""A development chain as a process of its own, with its state kept in a file: Foundry's anvil."""

from __future__ import annotations

import ctypes
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint

from chain.errors import ChainError

NATIVE = (
    Path(__file__).resolve().parent.parent
    / "node_modules"
    / "@foundry-rs"
    / "anvil-linux-amd64"
    / "bin"
    / "anvil"
)
"""The native binary: the npm wrapper may orphan its child."""

CHAIN_ID = 31337
START_SECONDS = 60
STOP_SECONDS = 60
SAVE_EVERY_SECONDS = 30
WEALTH = 10**21
"""Wei that ``fund`` gives: a thousand ether of no worth."""


class Anvil:
    """anvil on loopback, with a block every ``block_seconds``; None makes one with each transaction.

    ``state`` is read if it is there, and written now and then and when the chain stops. ``keep_state`` keeps the
    file of a good start beside it, in case a later one is damaged.
    """

    def __init__(self, state: Path, port: int, block_seconds: int | None, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._state = state
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._command = [
            _binary(), "--hardfork", "prague", "--host", "127.0.0.1", "--port", str(port),
            "--chain-id", str(CHAIN_ID), "--slots-in-an-epoch", "1", "--accounts", "1", "--balance", "0", "--silent",
            "--no-cors",  # by default, any page in a browser of this machine may ask anything of it
            "--state", str(state), "--state-interval", str(SAVE_EVERY_SECONDS),
            *([] if block_seconds is None else ["--block-time", str(block_seconds)]),
        ]  # fmt: skip

    def start(self) -> None:
        """Return when it answers; ChainError with the end of its log when it does not."""
        with self._log.open("ab") as log:
            # A session of its own: the keyboard's interrupt is for us, and we stop it in order.
            self._process = subprocess.Popen(
                self._command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        web3 = Web3(HTTPProvider(self.url))
        end = time.monotonic() + START_SECONDS
        while not web3.is_connected():
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise ChainError(f"anvil did not start: {_last_words(self._log)}", f"look into {self._log}")
            time.sleep(0.05)

    def keep_state(self) -> None:
        """Keep a copy of the state it began with, once that has proved to be good."""
        if self._state.exists():
            shutil.copyfile(self._state, last_state(self._state))

    @property
    def is_running(self) -> bool:
        """Whether the process still lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End it; it writes its state first."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None


def fund(web3: Web3, accounts: Sequence[str], wei: int = WEALTH) -> None:
    """Give accounts of a development node ether for gas; ChainError from a node that is none."""
    for account in accounts:
        answer = web3.provider.make_request(RPCEndpoint("anvil_setBalance"), [account, hex(wei)])
        if "error" in answer:
            raise ChainError("this node gives no ether away", "use the chain of makegood up")


def last_state(state: Path) -> Path:
    """Where the copy of a chain's state is kept."""
    return state.with_suffix(".last.json")


def _end_with_parent() -> None:
    """Have the kernel end this process in order when the one that started it is killed."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _binary() -> str:
    if NATIVE.is_file():
        return str(NATIVE)
    found = shutil.which("anvil")
    if found is None:
        raise ChainError("anvil is not installed", "run make setup (Linux x86-64), or install Foundry")
    return found


def _last_words(log: Path) -> str:
    words = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return words[-1][:300] if words else "it said nothing"
