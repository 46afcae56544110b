"""The keys of ``makegood up``'s committee: the first four, and whoever was rotated in since."""

from __future__ import annotations

from pathlib import Path

from chain.clock import ManualClock
from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import deploy_committee
from chain.embedded import EmbeddedChain
from cli.local_network import MEMBERS, QUORUM, Folder, seated
from record.rotation import Rotation


def test_folder__keys_laid_beside_the_first__are_members_too(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "net")
    folder.hold().close()
    assert len(folder.members) == MEMBERS
    for name in ("member-5", "member-x", "member-0", "member-6.new"):
        (folder.root / "keys" / name).write_text(f"0x{name.encode().hex():0>64}\n")
    keys = folder.members
    assert [key.address for key in keys[:MEMBERS]] == [folder.key(f"member-{n}").address for n in range(1, 5)]
    assert [key.address for key in keys[MEMBERS:]] == [folder.key("member-5").address]


def test_seated__as_a_member_is_replaced__runs_who_sits_or_comes_in(tmp_path: Path) -> None:
    """R12: from its proposal on the newcomer has a node; from the rotation on the leaver has none."""
    folder = Folder(tmp_path / "net")
    folder.hold().close()
    newcomer = folder.key("member-5")
    keys = folder.members
    first = keys[:MEMBERS]
    clock = ManualClock(1_800_000_000)
    chain = EmbeddedChain([key.address for key in keys], clock)
    connection = Connection(chain.web3)
    address = deploy_committee(connection, first[0], [key.address for key in first], QUORUM, 60)
    committee = Committee(connection, address)
    chain.follow()
    assert seated(connection, address, keys) == first
    rotation = Rotation(first[1].address, newcomer.address, 0)
    signatures = [key.sign(rotation.preimage(committee.domain)) for key in first[:QUORUM]]
    committee.propose_rotation(first[0], rotation, signatures)
    assert seated(connection, address, keys) == keys
    clock.time += 61
    committee.rotate(newcomer)
    assert seated(connection, address, keys) == [first[0], *first[2:], keys[MEMBERS]]
