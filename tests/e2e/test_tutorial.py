"""docs/tutorial.md is replayed: an agreement between two keystores is broken, paid, disputed, ruled, audited."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from tests.e2e.transcript import mismatch, play, steps_of

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 400


def free_ports(count: int) -> list[int]:
    """Ports nobody uses: the tutorial's own may be taken on this machine."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [taken.getsockname()[1] for taken in sockets]
    for taken in sockets:
        taken.close()
    return ports


@pytest.mark.timeout(SECONDS + 60)
@pytest.mark.xdist_group("tutorial")
def test_tutorial__typed_as_it_stands__answers_as_it_says(tmp_path: Path) -> None:
    rpc, api, shop = free_ports(3)
    text = (ROOT / "docs" / "tutorial.md").read_text()
    assert text.count("makegood up > ") == 2
    text = text.replace("makegood up > ", f"makegood up --rpc-port {rpc} --api-port {api} > ")
    text = text.replace("9000", str(shop))
    environment = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    for step, came in play(steps_of(text), tmp_path, environment, SECONDS):
        if step.expected is not None:
            missed = mismatch(step.expected, came)
            assert missed is None, f"typed:\n{step.typed}\nexpected: {missed}\ncame:\n{came}"


@pytest.mark.parametrize(
    ("expected", "came", "missed"),
    [
        ("a …\n", "a 1\n", None),
        ("a …\n", "b 1\n", "a …"),
        ("…\nb\n", "x\ny\nb\n", None),
        ("…\nb\n", "x\ny\n", "b"),
        ("a\n", "a\nb\n", "the end: more came than expected"),
        ("a … c\n", "  a    b  c  \n", None),
    ],
)
def test_mismatch__lines__are_compared_as_they_stand(expected: str, came: str, missed: str | None) -> None:
    assert mismatch(expected, came) == missed
