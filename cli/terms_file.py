"""Terms files as people keep them, with what they inherit: read whole or refused in one sentence, never more than the
size allowed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from cli.terms_layers import Beside
from record.readable import harmless
from record.terms import TermsDocument
from record.terms.findings import Finding
from record.terms.inheritance import InheritanceError, Inherited, Layer, inherit
from record.terms.loading import Gathered, gather_documents, sound
from record.terms.yaml_reading import MAX_BYTES, read_documents
from sla.errors import TermsError


class FileRefused(TermsError):
    """A file that cannot be used; ``file`` is its name, which leads the sentence."""

    def __init__(self, file: str, path: str, problem: str, remedy: str, line: int | None = None) -> None:
        super().__init__(path, problem, remedy, line)
        self.file = file

    def __str__(self) -> str:
        return located(self.file or "", self.path, self.line, self.problem, self.remedy)


class LayersRefused(FileRefused):
    """Files that cannot be put together."""


def located(file: str, path: str, line: int | None, problem: str, remedy: str) -> str:
    """``terms.yaml:57: spec.openBy: …; …``: what editors and people jump to."""
    place = f"{harmless(file)}:{line}" if line else harmless(file)
    told = f"{problem}; {remedy}"
    return harmless(f"{place}: {path}: {told}" if path else f"{place}: {told}", 1_000)


def current_time() -> int:
    """Seconds UTC by this machine's clock."""
    return int(time.time())


def read_bytes(file: Path, most: int) -> bytes:
    """The file's bytes; FileRefused when there are more than ``most``. An endless file is not read to its end."""
    try:
        with file.open("rb") as opened:
            data = opened.read(most + 1)
    except IsADirectoryError:
        raise FileRefused(str(file), "", "is a folder", "name a file") from None
    except FileNotFoundError:
        raise FileRefused(str(file), "", "is not there", "check the name") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileRefused(str(file), "", f"cannot be read ({reason})", "check its permissions") from None
    if len(data) > most:
        raise FileRefused(str(file), "", f"has more than {most} bytes", "name a smaller file")
    return data


def write_new(file: Path, data: bytes) -> None:
    """A new file; FileRefused when there is one already. What could not be written whole is not left behind."""
    try:
        opened = file.open("xb")
    except FileExistsError:
        raise FileRefused(str(file), "", "is there already", "move it away, or name another file") from None
    try:
        with opened:
            opened.write(data)
    except OSError:
        file.unlink(missing_ok=True)
        raise


def put(file: Path, data: bytes) -> None:
    """A file in place of the one that stood there: all of it, or nothing has changed."""
    fresh = file.with_name(f".{file.name}.{uuid4().hex}.new")
    try:
        with fresh.open("xb") as opened:
            opened.write(data)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def read_text(file: Path) -> str:
    """The text of a terms file. A byte order mark and Windows line ends are layout, not words."""
    data = read_bytes(file, MAX_BYTES)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or (b"\x00" in data[:4] and data.strip(b"\x00")):
        raise FileRefused(str(file), "", "is UTF-16 or UTF-32", "save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"byte {data[error.start]:#04x} is not UTF-8"
        raise FileRefused(str(file), "", problem, "save the file as UTF-8", line) from None


@dataclass(frozen=True, slots=True)
class TermsFile:
    """A terms file with all that it inherits. ``text`` is what both parties sign: the file's own, or of several what
    they are put together. ``inherited`` is None where it inherits nothing."""

    name: str
    text: str
    gathered: Gathered
    inherited: Inherited | None

    def place(self, line: int | None) -> tuple[str, int | None]:
        """The file, and the line in it, of a line of what was gathered."""
        return (self.name, line) if self.inherited is None else self.inherited.place(line)

    def refused(self, found: TermsError | Finding) -> FileRefused:
        """The refusal of the file for what is wrong with it, told at its place."""
        file, line = self.place(found.line)
        return FileRefused(file, found.path, found.problem, found.remedy, line)

    def document(self) -> TermsDocument:
        """The document, if it keeps every rule but those about the present time; else FileRefused."""
        try:
            document = sound(self.gathered)
            document.agreement()
        except TermsError as error:
            raise self.refused(error) from None
        return document


def read_terms(file: Path) -> TermsDocument:
    """The document of a terms file, and of what it inherits, that keeps every rule but those about the present time."""
    return open_terms(file).document()


def open_terms(file: Path) -> TermsFile:
    """A terms file with all that it inherits; LayersRefused when the files cannot be put together."""
    text = read_text(file)
    try:
        documents = read_documents(text)
    except TermsError as error:
        return TermsFile(str(file), text, Gathered(None, (error,)), None)
    if not any(document.has("inherits") for document in documents):
        return TermsFile(str(file), text, gather_documents(documents), None)
    layer = Layer(str(file), documents)
    try:
        inherited = inherit(layer, Beside(file, layer, read_text))
    except InheritanceError as error:
        raise LayersRefused(error.file or "", error.path, error.problem, error.remedy, error.line) from None
    return TermsFile(str(file), _text(inherited), gather_documents(inherited.documents), inherited)


def _text(inherited: Inherited) -> str:
    """The text that others read: whatever was put together, it must be as short as any."""
    try:
        text = inherited.text()
        read_documents(text)
    except TermsError as error:
        raise LayersRefused(
            inherited.layers[-1], "", f"put together: {error.problem}", error.remedy
        ) from None
    return text
