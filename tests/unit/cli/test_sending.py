"""Asking before something is sent, and what is told after."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from chain.errors import Unanswered
from cli.sending import afterwards, tell_sent

SCRIPT = "from cli.sending import confirm; confirm('Send it?', False, False); print('sent')"


@pytest.mark.parametrize(("typed", "told"), [(b"n\n", b""), (b"y\n", b"sent\n")])
def test_confirm__results_go_into_a_pipe__still_asks_on_the_terminal(typed: bytes, told: bytes) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, typed)
    try:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, check=False
        )
        assert b"Send it? [y/N]" in os.read(ours, 10_000)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.stdout == told


def test_afterwards__the_node_is_silent__is_none() -> None:
    def silent() -> int:
        raise Unanswered("the node does not answer", "look")

    assert afterwards(silent) is None
    assert afterwards(lambda: 5) == 5


def test_tell_sent__words_that_would_steer_the_terminal__are_harmless(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_sent(None, "On record: \x1b[2J\u202e.txt", {}, as_json=False)
    assert capsys.readouterr().out == "Would succeed, nothing was sent: On record: �[2J�.txt\n"
