"""The node's file: every wrong value is refused with the file, the field and what to do."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.errors import OracleError
from oracle.node_file import KeyChoice, read_node_file
from oracle.opening_keys import open_key
from oracle.settings import Settings
from record.settings_file import SettingsError
from sla.errors import MakegoodError
from tests.unit.oracle.world import CHAIN_ID, COMMITTEE, ESCROW, KEYS, MEMBERS

NETWORK = f"""
rpc = "http://127.0.0.1:8545"
chain_id = {CHAIN_ID}
escrow = "{ESCROW}"
first_block = 7
committee = "{COMMITTEE.address}"
"""
NODE = f"""
network = "net.toml"
data = "data"
listen = "127.0.0.1:7070"
[key]
keystore = "key.json"
password_file = "password"
[peers]
"{MEMBERS[1]}" = "http://10.0.0.2:7070/"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.toml").write_text(NETWORK)
    return tmp_path


def node(folder: Path, text: str) -> Path:
    (folder / "node.toml").write_text(text)
    return folder / "node.toml"


def test_file__says_the_least__the_rest_is_safe(folder: Path) -> None:
    config = read_node_file(node(folder, NODE))

    assert config.settings == Settings(dry_run=True, first_block=7)
    assert (config.committee, config.host, config.port) == (COMMITTEE.address, "127.0.0.1", 7070)
    assert config.key == KeyChoice(keystore=folder / "key.json", password_file=folder / "password")
    assert config.peers == {MEMBERS[1]: "http://10.0.0.2:7070"}
    assert (config.data, config.files, config.documents) == (folder / "data",) * 2 + (folder / "documents",)


def test_file__says_everything__is_taken(folder: Path) -> None:
    text = f"""
network = "net.toml"
data = "/var/lib/node"
documents = "terms"
files = "recorded"
listen = "[::1]:0"
committee = "{ESCROW}"
dry_run = false
[key]
signer = "https://signer.example:9000"
address = "{MEMBERS[0]}"
[times]
observe_after_seconds = 1
collect_after_seconds = 2
turn_seconds = 3
cycle_seconds = 4
finality = "latest"
keeps = false
"""
    config = read_node_file(node(folder, text))

    assert config.settings == Settings(1, 2, 3, 4, False, False, "latest", 7)
    assert (config.committee, config.host, config.port) == (ESCROW, "::1", 0)
    assert config.key == KeyChoice(signer="https://signer.example:9000", address=MEMBERS[0])
    assert (config.data, config.files) == (Path("/var/lib/node"), folder / "recorded")
    assert (config.documents, config.peers) == (folder / "terms", {})


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('data = "data"\n', "", "data"),
        ('data = "data"', 'date = "data"', "date"),
        ('data = "data"', "data = 5", "data"),
        ('data = "data"', 'data = " "', "data"),
        ('"127.0.0.1:7070"', '"127.0.0.1"', "listen"),
        ('"127.0.0.1:7070"', '"127.0.0.1:70700"', "listen"),
        ('"127.0.0.1:7070"', '"127.0.0.1:x"', "listen"),
        ('"127.0.0.1:7070"', '"http://127.0.0.1:7070"', "listen"),
        ('"127.0.0.1:7070"', '"user@127.0.0.1:7070"', "listen"),
        ('"127.0.0.1:7070"', '"127.0.0.1:7070/path"', "listen"),
        ('"127.0.0.1:7070"', '"[::1:7070"', "listen"),
        ('password_file = "password"\n', "", "key.password_file"),
        ('keystore = "key.json"\n', "", "key"),
        ('keystore = "key.json"', 'keystore = "key.json"\nbare_key = "k"', "key"),
        ('keystore = "key.json"', 'bare_key = "k"', "key.password_file"),
        ('keystore = "key.json"', 'signer = "http://h"', "key.password_file"),
        ('password_file = "password"', 'password = "open"', "key.password"),
        (MEMBERS[1], MEMBERS[1].lower(), f"peers.{MEMBERS[1].lower()}"),
        (MEMBERS[1], "node-2", "peers.node-2"),
        ("http://10.0.0.2:7070/", "10.0.0.2:7070", f"peers.{MEMBERS[1]}"),
        ("http://10.0.0.2:7070/", "ftp://10.0.0.2", f"peers.{MEMBERS[1]}"),
        ("http://10.0.0.2:7070/", "http://", f"peers.{MEMBERS[1]}"),
        ("http://10.0.0.2:7070/", "http://h:99999", f"peers.{MEMBERS[1]}"),
        ("http://10.0.0.2:7070/", "http://h/?x=1", f"peers.{MEMBERS[1]}"),
        ("http://10.0.0.2:7070/", "http://user:secret@h", f"peers.{MEMBERS[1]}"),
        ("[peers]", "[times]\nturn_seconds = 0\n[peers]", "times.turn_seconds"),
        ("[peers]", "[times]\nturn_seconds = 1.5\n[peers]", "times.turn_seconds"),
        ("[peers]", "[times]\nturn_seconds = nan\n[peers]", "times.turn_seconds"),
        ("[peers]", "[times]\nturn_seconds = true\n[peers]", "times.turn_seconds"),
        ("[peers]", "[times]\ncycle_seconds = 86401\n[peers]", "times.cycle_seconds"),
        ("[peers]", "[times]\nobserve_after_seconds = 120\n[peers]", "times"),
        ("[peers]", '[times]\nfinality = "pending"\n[peers]', "times"),
        ("[peers]", "[times]\nturns = 5\n[peers]", "times.turns"),
        ("[key]", 'dry_run = "no"\n[key]', "dry_run"),
        ("[key]", "key = 5\n[other]", ""),
        ("[key]", "[[key]]", "key"),
        ("network", "=", ""),
    ],
)
def test_file__something_is_wrong__names_file_and_field(folder: Path, old: str, new: str, field: str) -> None:
    assert old in NODE
    path = node(folder, NODE.replace(old, new))

    with pytest.raises(SettingsError) as refused:
        read_node_file(path)

    if field:
        assert (refused.value.file, refused.value.field) == (str(path), field)
    assert str(path) in str(refused.value)
    assert refused.value.remedy
    assert "secret" not in str(refused.value) or "user:secret" in new


def test_file__no_committee_anywhere__is_refused(folder: Path) -> None:
    (folder / "net.toml").write_text(NETWORK.replace("committee", "# committee"))

    with pytest.raises(SettingsError, match="neither this file nor the network's"):
        read_node_file(node(folder, NODE))


def test_file__is_not_there_or_too_long__is_refused(folder: Path) -> None:
    with pytest.raises(SettingsError, match="oracle init"):
        read_node_file(folder / "nowhere.toml")
    with pytest.raises(SettingsError, match="more than"):
        read_node_file(node(folder, NODE + "#" * 200_000))
    with pytest.raises(SettingsError, match="cannot be read"):
        read_node_file(folder)


def test_file__network_is_not_there__names_the_networks_file(folder: Path) -> None:
    (folder / "net.toml").unlink()

    with pytest.raises(SettingsError, match=r"net\.toml"):
        read_node_file(node(folder, NODE))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: (NODE + text).encode()))
)
def test_file__any_bytes__are_read_or_refused(folder: Path, data: bytes) -> None:
    (folder / "any.toml").write_bytes(data)
    with suppress(SettingsError):
        read_node_file(folder / "any.toml")


# The key


def bare(folder: Path, chain_id: int = CHAIN_ID) -> Path:
    (folder / "net.toml").write_text(NETWORK.replace(str(CHAIN_ID), str(chain_id)))
    (folder / "key.hex").write_text(KEYS[0]._key.hex())
    text = NODE.replace('keystore = "key.json"', 'bare_key = "key.hex"').replace(
        'password_file = "password"', ""
    )
    return node(folder, text)


def test_bare_key__on_a_development_chain_and_asked_for__opens(folder: Path) -> None:
    assert open_key(read_node_file(bare(folder)), allow_bare_key=True).address == MEMBERS[0]


def test_bare_key__not_asked_for__is_refused(folder: Path) -> None:
    with pytest.raises(OracleError, match="--allow-bare-key"):
        open_key(read_node_file(bare(folder)), allow_bare_key=False)


def test_bare_key__on_another_chain__is_refused_whatever_is_said(folder: Path) -> None:
    with pytest.raises(MakegoodError, match="not a development chain"):
        open_key(read_node_file(bare(folder, chain_id=1)), allow_bare_key=True)


@pytest.mark.parametrize(
    ("password", "says"), [(None, "cannot be read"), (b"\xff\xfe", "not UTF-8"), (b"pw", "key.json")]
)
def test_keystore__file_or_password_is_missing__says_which(
    folder: Path, password: bytes | None, says: str
) -> None:
    if password is not None:
        (folder / "password").write_bytes(password)

    with pytest.raises(MakegoodError, match=says):
        open_key(read_node_file(node(folder, NODE)), allow_bare_key=False)
