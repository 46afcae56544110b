"""The words of an agreement are kept under their hash before they bind, whatever lies there already."""

from __future__ import annotations

from pathlib import Path

import pytest

from chain.network import Network
from cli.agreements import document_path, read_document
from cli.base import OptionError
from cli.local_network import Folder, LocalNetworkError
from cli.signed_terms import keep
from record.terms import TermsDocument, load_terms

EXAMPLE = sorted((Path(__file__).resolve().parents[3] / "examples").rglob("*.yaml"))[0]
ESCROW = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network("http://127.0.0.1:1", 31337, ESCROW, 0, None, None, tmp_path / "documents", None)


@pytest.fixture
def document() -> TermsDocument:
    return load_terms(EXAMPLE.read_text())


@pytest.mark.parametrize("poison", [None, b"", b"something else", b"\xff\xfe"])
def test_keep__whatever_lies_under_the_hash__ends_as_the_words(
    network: Network, document: TermsDocument, poison: bytes | None
) -> None:
    path = document_path(network.documents, document.document_hash)
    if poison is not None:
        path.parent.mkdir()
        path.write_bytes(poison)
    keep(network, document, EXAMPLE)
    assert read_document(network.documents, document.document_hash) == document
    assert [kept.name for kept in network.documents.iterdir()] == [path.name]


def test_keep__a_copy_that_says_the_same__stays_as_it_is(network: Network, document: TermsDocument) -> None:
    path = document_path(network.documents, document.document_hash)
    path.parent.mkdir()
    path.write_text(f"# mine\n{EXAMPLE.read_text()}")
    keep(network, document, EXAMPLE)
    assert path.read_text().startswith("# mine\n")


def test_keep__the_file_changed_since_it_was_read__is_refused_and_nothing_kept(
    network: Network, document: TermsDocument, tmp_path: Path
) -> None:
    changed = tmp_path / "terms.yaml"
    changed.write_text(EXAMPLE.read_text().replace(document.description, "Something else."))
    with pytest.raises(OptionError, match="was changed meanwhile"):
        keep(network, document, changed)
    assert not network.documents.exists()


def test_keep__a_link_laid_in_its_way__is_not_followed(
    network: Network, document: TermsDocument, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.write_text("years of work")
    path = document_path(network.documents, document.document_hash)
    path.parent.mkdir()
    path.symlink_to(mine)
    path.with_name(f".{path.name}.new").symlink_to(mine)
    keep(network, document, EXAMPLE)
    assert mine.read_text() == "years of work"
    assert read_document(network.documents, document.document_hash) == document


def test_hold__a_link_in_place_of_the_lock__empties_nobodys_file(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("years of work")
    (tmp_path / "lock").symlink_to(mine)
    Folder(tmp_path).hold().close()
    assert mine.read_text() == "years of work"


@pytest.mark.parametrize("name", [".", "keys", "documents"])
@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_hold__a_folder_that_others_can_write__is_refused(tmp_path: Path, name: str, mode: int) -> None:
    """Whoever can write there could put a link where the chain's state is to go."""
    Folder(tmp_path).hold().close()
    (tmp_path / name).chmod(mode)
    with pytest.raises(LocalNetworkError, match="others on this machine can write into"):
        Folder(tmp_path).hold()
    (tmp_path / name).chmod(0o755)
    Folder(tmp_path).hold().close()
