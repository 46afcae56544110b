"""Terms documents from a folder that changes while the node runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from oracle import documents
from oracle.documents import MAX_BYTES, DocumentFolder, Given
from tests.unit.oracle.world import terms

TEXT = (Path(__file__).resolve().parents[3] / "examples" / "leased-line.yaml").read_text()
OTHER = (Path(__file__).resolve().parents[3] / "examples" / "faster-io.yaml").read_text()


class Told:
    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, object]]] = []

    def __call__(self, kind: str, details: Mapping[str, object]) -> None:
        self.events.append((kind, details))

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.events]


def test_folder__file_comes_later__is_read_once(tmp_path: Path) -> None:
    told = Told()
    folder = DocumentFolder(tmp_path, told)
    assert folder.new() == []

    (tmp_path / "a.yaml").write_text(TEXT)
    (tmp_path / "notes.txt").write_text("no terms")

    assert [document.name for document in folder.new()] == ["leased-line"]
    assert folder.new() == []
    assert told.kinds() == ["document read"]


def test_folder__file_is_broken__is_told_once_skipped_and_read_when_mended(tmp_path: Path) -> None:
    told = Told()
    folder = DocumentFolder(tmp_path, told)
    (tmp_path / "a.yaml").write_text("kind: [")
    (tmp_path / "b.yaml").write_text(OTHER)

    assert [document.name for document in folder.new()] == ["faster-io"]
    assert folder.new() == []
    skipped = [details for kind, details in told.events if kind == "document skipped"]
    assert [details["file"] for details in skipped] == [str(tmp_path / "a.yaml")]

    (tmp_path / "a.yaml").write_text(TEXT)
    assert [document.name for document in folder.new()] == ["leased-line"]


def test_folder__file_changes__both_are_handed_out(tmp_path: Path) -> None:
    """An agreement of the old words may be running."""
    folder = DocumentFolder(tmp_path, Told())
    (tmp_path / "a.yaml").write_text(TEXT)
    (first,) = folder.new()

    (tmp_path / "a.yaml").write_text(TEXT.replace("Leased", "leased"))
    (second,) = folder.new()

    assert first.document_hash != second.document_hash
    (tmp_path / "a.yaml").unlink()
    assert folder.new() == []


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"\xff\xfe\x00", "not UTF-8"), (b" " * (MAX_BYTES + 1), "more than"), (b"", "no document")],
)
def test_folder__file_is_no_text__says_so(tmp_path: Path, data: bytes, says: str) -> None:
    told = Told()
    (tmp_path / "a.yaml").write_bytes(data)

    assert DocumentFolder(tmp_path, told).new() == []
    assert says in str(told.events[0][1]["problem"])


def test_folder__a_folder_or_a_dangling_link_among_the_files__harms_nobody(tmp_path: Path) -> None:
    told = Told()
    (tmp_path / "a.yaml").mkdir()
    os.symlink(tmp_path / "nowhere", tmp_path / "b.yaml")
    (tmp_path / "c.yaml").write_text(TEXT)
    folder = DocumentFolder(tmp_path, told)

    assert [document.name for document in folder.new()] == ["leased-line"]
    assert folder.new() == []
    assert told.kinds().count("document skipped") == 1


def test_folder__a_pipe_among_the_files__holds_nobody_up(tmp_path: Path) -> None:
    told = Told()
    os.mkfifo(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").write_text(TEXT)

    assert [document.name for document in DocumentFolder(tmp_path, told).new()] == ["leased-line"]
    assert told.events[0] == (
        "document skipped",
        {"file": str(tmp_path / "a.yaml"), "problem": "it is no file; put terms there as plain files"},
    )


def test_folder__file_cannot_be_read_for_a_while__is_read_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file stays as it is; what was wrong was the machine."""
    told = Told()
    folder = DocumentFolder(tmp_path, told)
    (tmp_path / "a.yaml").write_text(TEXT)

    def no_more_files(path: Path) -> None:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(documents, "read_document", no_more_files)
        assert (folder.new(), folder.new()) == ([], [])
    assert [details["problem"] for _, details in told.events] == ["Too many open files"]

    assert [document.name for document in folder.new()] == ["leased-line"]


def test_folder__goes_away_and_comes_back__is_told_once(tmp_path: Path) -> None:
    told = Told()
    folder = DocumentFolder(tmp_path / "documents", told)
    assert (folder.new(), folder.new(), told.kinds()) == ([], [], ["documents away"])

    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.yaml").write_text(TEXT)
    assert len(folder.new()) == 1


def test_given__are_handed_out_once() -> None:
    document = terms()
    given = Given([document])

    assert (list(given.new()), list(given.new())) == ([document], [])
