"""``makegood committee``: a member replaced by the command line alone, and what is refused on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from chain.keys import LocalKey
from record.keccak import keccak256
from record.rotation import PendingRotation
from sla.agreement import ZERO_ADDRESS
from tests.integration.cli_world import KEYS, MEMBERS, QUORUM, CliWorld, cli_world

NEWCOMER = LocalKey(keccak256(b"newcomer"))
DELAY = 7 * 86_400
"""What a committee waits where nobody says otherwise."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CliWorld]:
    with cli_world(tmp_path) as made:
        for number in range(len(MEMBERS)):
            secret = keccak256(f"member {number}".encode())
            (tmp_path / f"member-{number}.key").write_text(f"0x{secret.hex()}\n")
        yield made


def offered(world: CliWorld, name: str = "rotation", outgoing: int = 1) -> Path:
    """An offer file: a member leaves for the newcomer."""
    file = world.folder / f"{name}.json"
    pair = ["--outgoing", MEMBERS[outgoing].address, "--incoming", NEWCOMER.address]
    world.run("committee", "propose", file, *pair)
    return file


def sign(world: CliWorld, file: Path, *members: int) -> list[Path]:
    signed = []
    for number in members:
        said = world.json("committee", "sign", file, "--yes", *world.key(f"member-{number}"))
        assert said["member"] == MEMBERS[number].address
        signed.append(Path(said["file"]))
    return signed


def status(world: CliWorld) -> Any:
    return world.json("committee", "status")


def test_committee__a_member_replaced__by_four_commands(world: CliWorld) -> None:
    """R12: offer, signatures, proposal, rotation; status tells each step, with time and zone."""
    first = status(world)
    addresses = [member.address for member in MEMBERS]
    assert first == {
        "committee": world.committee.address,
        "chainId": 31337,
        "members": addresses,
        "quorum": QUORUM,
        "lastRound": 0,
        "rotationDelaySeconds": DELAY,
        "rotations": 0,
        "pending": None,
    }
    assert "no rotation is pending; one would wait 1 week" in world.run("committee", "status").stdout

    file = offered(world)
    sign(world, file, 3, 0, 2)
    said = world.json("committee", "propose", file, *world.key("stranger"))
    assert sorted(said["signers"]) == sorted(addresses[number] for number in (0, 2, 3))

    pending = world.committee.pending_rotation()
    assert pending is not None
    moment = datetime.fromtimestamp(pending.effective_at, UTC)
    assert status(world)["pending"] == {
        "outgoing": addresses[1],
        "incoming": NEWCOMER.address,
        "effectiveAt": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "due": False,
    }
    shown = world.run("committee", "status").stdout
    assert f"{NEWCOMER.address} comes in for {addresses[1]} from {moment:%Y-%m-%d %H:%M:%S} UTC on" in shown
    assert f"1  {addresses[1]}  leaves" in shown

    early = world.run("committee", "rotate", *world.key("stranger"), code=1).stderr
    assert f"the rotation takes effect at {moment:%Y-%m-%d %H:%M:%S} UTC" in early
    world.travel(DELAY)
    assert status(world)["pending"]["due"]
    assert "anyone may carry it out" in world.run("committee", "status").stdout
    with world.untouched():
        world.run("committee", "rotate", "--dry-run", *world.key("stranger"))
    world.run("committee", "rotate", *world.key("stranger"))
    last = status(world)
    assert last["members"] == [addresses[0], NEWCOMER.address, *addresses[2:]]
    assert (last["rotations"], last["pending"]) == (1, None)
    assert "NoRotationPending" in world.run("committee", "rotate", *world.key("stranger"), code=1).stderr


def test_propose__fewer_signatures_than_the_quorum__is_refused_by_the_contract(world: CliWorld) -> None:
    file = offered(world)
    sign(world, file, 0, 1)
    with world.untouched():
        said = world.run("committee", "propose", file, *world.key("stranger"), code=1).stderr
    assert "2 signatures are fewer than the quorum of 3" in said


def test_propose__dry_run__sends_and_writes_nothing(world: CliWorld) -> None:
    with world.untouched():
        pair = ["--outgoing", MEMBERS[0].address, "--incoming", NEWCOMER.address]
        said = world.run("committee", "propose", world.folder / "r.json", *pair, "--dry-run").stdout
    assert "would be written" in said
    file = offered(world)
    sign(world, file, 0, 1, 2)
    with world.untouched():
        said = world.run("committee", "propose", file, "--dry-run", *world.key("stranger")).stdout
        world.run("committee", "sign", file, "--dry-run", *world.key("member-3"))
    assert "nothing was sent" in said


def test_propose__signatures_named_one_by_one__need_not_lie_beside_the_offer(world: CliWorld) -> None:
    file = offered(world)
    signed = sign(world, file, 0, 1, 3)
    elsewhere = world.folder / "elsewhere"
    elsewhere.mkdir()
    moved = [path.rename(elsewhere / f"{number}") for number, path in enumerate(signed)]
    world.run("committee", "propose", file, *moved, *world.key("operator"))
    assert world.committee.rotations() == 1


@pytest.mark.parametrize(
    ("outgoing", "incoming", "problem"),
    [
        (KEYS["stranger"].address, NEWCOMER.address, "--outgoing: .* is no member"),
        (MEMBERS[0].address, MEMBERS[1].address, "--incoming: .* is a member already, or zero"),
        (MEMBERS[0].address, ZERO_ADDRESS, "--incoming: .* is a member already, or zero"),
        (MEMBERS[0].address.lower(), NEWCOMER.address, "--outgoing: .* is not a checksummed address"),
        (MEMBERS[0].address, "newcomer", "--incoming: .* is not a checksummed address"),
    ],
)
def test_propose__whom_the_contract_would_refuse__is_told_before_anybody_signs(
    world: CliWorld, outgoing: str, incoming: str, problem: str
) -> None:
    file = world.folder / "rotation.json"
    with world.untouched(), pytest.raises(AssertionError) as told:
        world.run("committee", "propose", file, "--outgoing", outgoing, "--incoming", incoming)
    assert str(told.value).split(": ", 1)[1].startswith("2\n")
    assert told.match(problem)


def test_propose__while_one_is_pending__is_told_before_anybody_signs(world: CliWorld) -> None:
    file = offered(world)
    sign(world, file, 0, 1, 2)
    world.run("committee", "propose", file, *world.key("operator"))
    pair = ["--outgoing", MEMBERS[3].address, "--incoming", KEYS["stranger"].address]
    said = world.run("committee", "propose", world.folder / "other.json", *pair, code=2).stderr
    assert "another rotation is pending" in said
    again = world.run("committee", "propose", file, *world.key("operator"), code=2).stderr
    assert "it is for rotation 0, but the committee's next is 1" in again


def test_sign__by_nobody_of_the_committee__is_refused(world: CliWorld) -> None:
    file = offered(world)
    with world.untouched():
        said = world.run("committee", "sign", file, "--yes", *world.key("stranger"), code=2).stderr
    assert "is no member of the committee" in said


def test_sign__by_a_wallet__of_its_typed_data__counts(world: CliWorld) -> None:
    file = offered(world)
    data = json.loads(world.run("committee", "sign", file, "--typed-data").stdout)
    made = Account.sign_typed_data(keccak256(b"member 2"), full_message=data).signature
    world.run("committee", "sign", file, "--signature", f"0x{bytes(made).hex().upper()}")
    sign(world, file, 0, 3)
    world.run("committee", "propose", file, *world.key("operator"))
    assert world.committee.rotations() == 1


def test_sign__twice__never_writes_over_a_signature(world: CliWorld) -> None:
    file = offered(world)
    sign(world, file, 0)
    with world.untouched():
        said = world.run("committee", "sign", file, "--yes", *world.key("member-0"), code=2).stderr
    assert "is there already" in said


def test_propose__signature_of_another_rotation_or_no_member__names_the_file(world: CliWorld) -> None:
    file = offered(world)
    signed = sign(world, file, 0, 1, 2)
    other = offered(world, "other", outgoing=3)
    with world.untouched():
        said = world.run("committee", "propose", other, *signed, *world.key("operator"), code=2).stderr
        assert f"{signed[0]}: it was signed for rotation 0" in said
        wrong = [*signed[:2], file]
        said = world.run("committee", "propose", file, *wrong, *world.key("operator"), code=2).stderr
        assert f"{file}: the file cannot be read" in said
    forged = json.loads(signed[2].read_text())
    forged["signature"] = forged["signature"][:-4] + "ab1c"
    signed[2].write_text(json.dumps(forged, separators=(",", ":"), sort_keys=True))
    with world.untouched():
        said = world.run("committee", "propose", file, *world.key("operator"), code=2).stderr
    assert "who is no member" in said


def test_committee__another_than_the_networks__is_named(world: CliWorld) -> None:
    said = world.json("committee", "status", "--committee", world.committee.address)
    assert said["committee"] == world.committee.address
    told = world.run("committee", "status", "--committee", world.escrow.address, code=2).stderr
    assert "is not the Committee" in told
    file = offered(world)
    text = file.read_text().replace(world.committee.address, world.escrow.address)
    file.write_text(text)
    told = world.run("committee", "sign", file, "--yes", *world.key("member-0"), code=2).stderr
    assert f"it is about the committee {world.escrow.address}" in told


def test_committee__network_file_names_none__asks_for_it(world: CliWorld) -> None:
    without = world.write_network("without.toml", replace(world.network, committee=None))
    told = world.run("committee", "status", network=without, code=2).stderr
    assert "give the committee's address" in told


def test_pending_rotation__read_by_the_client__is_none_before_and_after(world: CliWorld) -> None:
    assert world.committee.pending_rotation() is None
    file = offered(world)
    sign(world, file, 0, 1, 2)
    world.run("committee", "propose", file, *world.key("operator"))
    effective_at = world.connection.now() + DELAY
    assert world.committee.pending_rotation() == PendingRotation(
        MEMBERS[1].address, NEWCOMER.address, effective_at
    )
