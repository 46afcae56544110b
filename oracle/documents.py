"""The terms documents a node works with: given once, or found in a folder that grows while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from oracle.ports import Tell
from record.terms import TermsDocument, load_terms
from sla.errors import Kind, MakegoodError

PATTERN = "*.yaml"
MAX_BYTES = 1_000_000


class Documents(Protocol):
    """Where documents come from."""

    def new(self) -> Sequence[TermsDocument]:
        """Those that were not handed out before."""


class Given:
    """Documents that are all there from the beginning."""

    def __init__(self, documents: Sequence[TermsDocument]) -> None:
        self._documents = list(documents)

    def new(self) -> Sequence[TermsDocument]:
        """All of them, the first time."""
        documents, self._documents = self._documents, []
        return documents


class DocumentFolder:
    """All ``*.yaml`` of a folder. A file is read when it is new or has changed; one that is no terms document is told
    about and left out until it changes. What was read once counts even when the file goes: agreements run on."""

    def __init__(self, folder: Path, tell: Tell) -> None:
        self._folder = folder
        self._tell = tell
        self._seen: dict[Path, tuple[int, int, int]] = {}
        self._unreadable: dict[Path, tuple[int, int, int]] = {}
        self._known: set[bytes] = set()
        self._away = False

    def new(self) -> Sequence[TermsDocument]:
        """The documents of files that are new or changed since the last call."""
        documents = []
        for path in self._files():
            document = self._changed(path)
            if document is not None and document.document_hash not in self._known:
                self._known.add(document.document_hash)
                documents.append(document)
        return documents

    def _files(self) -> list[Path]:
        try:
            found = sorted(path for path in self._folder.iterdir() if path.match(PATTERN))
        except OSError as error:
            if not self._away:
                self._tell(
                    "documents away", {"folder": str(self._folder), "problem": error.strerror or str(error)}
                )
            self._away = True
            return []
        self._away = False
        return found

    def _changed(self, path: Path) -> TermsDocument | None:
        try:
            state = path.stat()
        except OSError:
            return None  # it went while we looked
        mark = (state.st_mtime_ns, state.st_size, state.st_ino)
        if self._seen.get(path) == mark:
            return None
        try:
            document = read_document(path)
        except OSError as error:
            # The file may stay as it is while the disk, or this process, gets well: it is tried again.
            if self._unreadable.get(path) != mark:
                self._unreadable[path] = mark
                self._tell("document skipped", {"file": str(path), "problem": error.strerror or str(error)})
            return None
        except MakegoodError as error:
            self._seen[path] = mark
            self._tell("document skipped", {"file": str(path), "problem": str(error)})
            return None
        self._seen[path] = mark
        self._tell("document read", {"file": str(path), "name": document.name})
        return document


def read_document(path: Path) -> TermsDocument:
    """The terms document of a file; MakegoodError says what is wrong with it."""
    if path.exists() and not path.is_file():
        # A pipe would hold up who opens it until somebody writes into it.
        raise DocumentUnreadable("it is no file", "put terms there as plain files")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise DocumentUnreadable(f"it has more than {MAX_BYTES} bytes", "keep terms short")
    try:
        return load_terms(data.decode())
    except UnicodeDecodeError:
        raise DocumentUnreadable("it is not UTF-8", "save it as UTF-8") from None


class DocumentUnreadable(MakegoodError):
    """A file that is no text of a reasonable length."""

    kind = Kind.INPUT
