"""How nodes in one process reach each other, and the settings they share."""

from __future__ import annotations

import pytest

from oracle.errors import OracleError, PeerSilent, RoundRefused
from oracle.exchange import InProcess
from oracle.ports import Proposal
from oracle.settings import Settings


class Peer:
    """Fails in a way of its own."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def observations(self, subjects: object) -> list[object]:
        if self.error:
            raise self.error
        return []

    def countersign(self, proposal: Proposal) -> bytes:
        if self.error:
            raise self.error
        return b"signature"

    def bundle(self, bundle_hash: bytes) -> bytes | None:
        if self.error:
            raise self.error
        return b"bundle"


def exchange(*errors: Exception | None) -> InProcess:
    made = InProcess()
    for number, error in enumerate(errors):
        made.join(f"member {number}", Peer(error))  # type: ignore[arg-type]
    return made


def test_peers__of_one__are_all_others_the_next_first() -> None:
    made = exchange(None, None, None)

    assert [one._member for one in made.peers("member 1")] == ["member 2", "member 0"]  # type: ignore[attr-defined]


def test_peer__silenced__gives_no_answer() -> None:
    made = exchange(None, None)
    made.silent.add("member 1")
    (peer,) = made.peers("member 0")

    for question in (
        lambda: peer.observations([]),
        lambda: peer.bundle(b""),
        lambda: peer.countersign(PROPOSAL),
    ):
        with pytest.raises(PeerSilent):
            question()

    made.silent.clear()
    assert (peer.observations([]), peer.bundle(b""), peer.countersign(PROPOSAL)) == (
        [],
        b"bundle",
        b"signature",
    )


def test_peer__fails__is_silent_to_the_others() -> None:
    """What goes wrong in one node must not stop another's cycle."""
    (peer,) = exchange(None, ZeroDivisionError("bug")).peers("member 0")

    for question in (
        lambda: peer.observations([]),
        lambda: peer.bundle(b""),
        lambda: peer.countersign(PROPOSAL),
    ):
        with pytest.raises(PeerSilent, match="bug"):
            question()


def test_peer__refuses_a_round__says_why() -> None:
    (peer,) = exchange(None, RoundRefused("wrong median", "recompute")).peers("member 0")

    with pytest.raises(RoundRefused, match="wrong median"):
        peer.countersign(PROPOSAL)


@pytest.mark.parametrize(
    "change",
    [
        {"observe_after_seconds": 120},
        {"observe_after_seconds": -1},
        {"turn_seconds": 0},
        {"finality": "pending"},
    ],
)
def test_settings__that_do_not_go_together__are_refused(change: dict[str, int | str]) -> None:
    with pytest.raises(OracleError):
        Settings(**change)  # type: ignore[arg-type]


def test_settings__unless_told_otherwise__are_a_dry_run() -> None:
    assert Settings().dry_run


PROPOSAL = Proposal(b"data", b"signature")
