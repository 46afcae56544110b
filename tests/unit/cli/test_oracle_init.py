"""`makegood oracle init`: a node's file that reads back as it was asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chain.keys import LocalKey
from cli.main import main
from oracle.node_file import read_node_file
from record.keccak import keccak256

ADDRESSES = [LocalKey(keccak256(bytes([number]))).address for number in range(4)]
NETWORK = f"""
rpc = "http://127.0.0.1:8545"
chain_id = 31337
escrow = "{ADDRESSES[0]}"
first_block = 0
committee = "{ADDRESSES[1]}"
"""
KEYSTORE = ("--keystore", "key.json", "--password-file", "password")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "makegood.toml").write_text(NETWORK)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["oracle", "init", *arguments])


def test_init__keystore_and_peers__writes_a_file_that_is_read_and_says_what_is_next(folder: Path) -> None:
    done = init(*KEYSTORE, "--peer", f"{ADDRESSES[2]}=http://10.0.0.2:7070", "--listen", "0.0.0.0:9000")

    assert done.exit_code == 0, done.output
    config = read_node_file(folder / "node.toml")
    assert (config.host, config.port, config.committee) == ("0.0.0.0", 9000, ADDRESSES[1])
    assert config.peers == {ADDRESSES[2]: "http://10.0.0.2:7070"}
    assert (config.key.keystore, config.key.password_file) == (folder / "key.json", folder / "password")
    assert config.settings.dry_run
    assert "makegood oracle check\n" in done.output
    # Every field that can be set stands there with a word about it.
    text = (folder / "node.toml").read_text()
    for name in (
        "observe_after_seconds",
        "collect_after_seconds",
        "turn_seconds",
        "cycle_seconds",
        "finality",
        "files",
    ):
        assert name in text


def test_init__json__prints_one_value(folder: Path) -> None:
    done = init("other.toml", *KEYSTORE, "--json")

    assert json.loads(done.output) == {
        "file": "other.toml",
        "committee": ADDRESSES[1],
        "next": [
            "makegood oracle check --node other.toml",
            "makegood oracle run --node other.toml",
            "makegood oracle run --node other.toml --send",
        ],
    }


@pytest.mark.parametrize(
    "key",
    [
        ("--signer", "http://127.0.0.1:9000", "--signer-address", ADDRESSES[2]),
        ("--bare-key", 'a "b" \\ é\x7f'),
    ],
)
def test_init__other_ways_to_sign__are_written(folder: Path, key: tuple[str, ...]) -> None:
    assert init(*key).exit_code == 0
    written = read_node_file(folder / "node.toml").key
    assert (written.signer, written.address, written.bare_key) in [
        ("http://127.0.0.1:9000", ADDRESSES[2], None),
        (None, None, folder / 'a "b" \\ é\x7f'),
    ]


def test_init__file_is_there__is_not_overwritten(folder: Path) -> None:
    (folder / "node.toml").write_text("mine")

    done = init(*KEYSTORE)

    assert (done.exit_code, "is there already" in done.stderr) == (2, True)
    assert (folder / "node.toml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Say how the node signs"),
        (("--keystore", "key.json"), "key.password_file: is missing"),
        ((*KEYSTORE, "--bare-key", "k"), "2 ways to sign"),
        ((*KEYSTORE, "--peer", "nobody"), "no ADDRESS=URL"),
        ((*KEYSTORE, "--peer", "0x12=http://h"), "not a member's checksummed address"),
        ((*KEYSTORE, "--peer", f"{ADDRESSES[2]}=h:7070"), "is not a web address"),
        ((*KEYSTORE, "--listen", "everywhere"), "no host and port"),
        ((*KEYSTORE, "--network", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_init__something_is_wrong__says_so_and_leaves_no_file(
    folder: Path, arguments: tuple[str, ...], says: str
) -> None:
    done = init(*arguments)

    assert (done.exit_code, says in done.stderr) == (2, True), done.stderr
    assert not (folder / "node.toml").exists()
