"""The network file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.network import Network, network_text, read_network
from record.hexes import checksum_address
from record.settings_file import SettingsError

ESCROW = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # of EIP-55
MINIMAL = f'rpc = "http://127.0.0.1:8545"\nchain_id = 31337\nescrow = "{ESCROW}"\nfirst_block = 0\n'

addresses = st.binary(min_size=20, max_size=20).map(checksum_address)
urls = st.integers(1, 65_535).map(lambda port: f"http://127.0.0.1:{port}")


def written(folder: Path, text: str) -> Path:
    file = folder / "makegood.toml"
    file.write_text(text)
    return file


def test_read_network__minimal_file__has_defaults(tmp_path: Path) -> None:
    network = read_network(written(tmp_path, MINIMAL))
    assert network == Network(
        "http://127.0.0.1:8545", 31337, ESCROW, 0, None, None, tmp_path / "documents", None
    )


@given(
    urls, st.integers(1, 2**53 - 1), addresses, st.integers(0, 10**9), st.none() | addresses, st.none() | urls
)
def test_network_text__any_network__reads_back(
    tmp_path_factory: pytest.TempPathFactory,
    rpc: str,
    chain_id: int,
    escrow: str,
    first: int,
    committee: str | None,
    api: str | None,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    network = Network(rpc, chain_id, escrow, first, committee, committee, Path("kept/documents"), api)
    read = read_network(written(folder, network_text(network)))
    assert read == Network(rpc, chain_id, escrow, first, committee, committee, folder / "kept/documents", api)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "escrow: is missing"),
        (f'escrow = "{ESCROW.lower()}"', "escrow: .* is not a checksummed address"),
        ('escrow = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeАed"', "escrow: .* is not a checksummed address"),
        (f'escrow = "{ESCROW}"\nrcp = "x"', "rcp: is not a known field"),
    ],
)
def test_read_network__wrong_field__is_named(tmp_path: Path, line: str, told: str) -> None:
    text = f'rpc = "http://127.0.0.1:8545"\nchain_id = 31337\nfirst_block = 0\n{line}\n'
    with pytest.raises(SettingsError, match=f"makegood.toml: {told}"):
        read_network(written(tmp_path, text))


def test_read_network__no_file__says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"cannot be read .*; run makegood up, or name a file with --network"
    ):
        read_network(tmp_path / "makegood.toml")


def test_read_network__folder__is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_network(tmp_path)


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\tb", "\u00e4\U0001f600"])
def test_network_text__any_folder__reads_back(name: str, tmp_path: Path) -> None:
    network = Network("http://127.0.0.1:8545", 31337, ESCROW, 0, None, None, Path(name), None)
    assert read_network(written(tmp_path, network_text(network))).documents == tmp_path / name


def test_read_network__larger_than_allowed__is_refused_and_not_cut_short(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="has more than 100000 bytes"):
        read_network(written(tmp_path, MINIMAL + "#" * 100_000))
