"""Everything that is wrong with a document, in one reading: each part is tried by itself, and something sound stands in
for what cannot be read, so that the next part can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from record.terms.section import Section
from sla.errors import TermsError

T = TypeVar("T")


class Attempts:
    """The errors met so far, in the order of reading, one for each place."""

    def __init__(self) -> None:
        self.errors: list[TermsError] = []

    def note(self, error: TermsError) -> None:
        """Keep an error, unless its place already has one: the second follows from the first."""
        if all((error.path, error.line) != (known.path, known.line) for known in self.errors):
            self.errors.append(error)

    def read(self, reader: Callable[[], T], stand_in: T) -> T:
        """What ``reader`` returns; the stand-in when it raises TermsError, which is kept."""
        try:
            return reader()
        except TermsError as error:
            self.note(error)
            return stand_in

    def text(self, section: Section | None, name: str, default: str | None = None) -> str:
        """A text member of a section that may be missing itself; "" when it cannot be read."""
        return "" if section is None else self.read(lambda: section.text(name, default), "")

    def section(self, holder: Section, name: str, required: str, optional: str = "") -> Section | None:
        """A nested section with all its missing and unknown members noted; None when there is none."""
        found = self.read(lambda: holder.section(name), None)
        if found is not None:
            for error in found.problems(required, optional):
                self.note(error)
        return found
