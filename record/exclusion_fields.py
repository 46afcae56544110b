"""What stands in an exclusion besides numbers: its scope and its words, so small and so plain that both parties read
the same."""

from __future__ import annotations

from record.canonical import Json, shown_key
from record.landing import kinds
from sla.errors import SignatureError
from sla.exclusions import Scope

DIMENSIONS = tuple(sorted(kinds.DIMENSIONS))
"""What records can be told apart by, in the order in which they are signed."""

MAX_VALUES = 64
MAX_VALUE = 80


class ExclusionFileError(SignatureError):
    """A file that is no exclusion, or one that is not signed as it says. ``field`` names the member of the file; None
    is the whole."""

    def __init__(self, field: str | None, problem: str, remedy: str) -> None:
        self.field = field
        super().__init__(problem, remedy)

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}; {self.remedy}" if self.field else super().__str__()


def check_words(field: str, text: str, most: int) -> None:
    """ExclusionFileError unless the text is one line of at most ``most`` visible characters, no space around it: what
    is signed must not look like something else."""
    if not text or len(text) > most:
        raise ExclusionFileError(field, f"the text has {len(text)} characters", f"write 1 to {most}")
    if not text.isprintable() or text != text.strip():
        raise ExclusionFileError(
            field, f"{text[:80]!a} holds what nobody sees", "write one line of visible characters"
        )


def read_scope(value: Json) -> Scope:
    """The scope of a file: an object of dimensions, each with a list of its values; ``{}`` is everything."""
    if not isinstance(value, dict):
        raise ExclusionFileError("scope", "the scope is not an object", 'write {} or {"region":["eu"]}')
    scope: list[tuple[str, tuple[str, ...]]] = []
    for name, values in value.items():
        if not isinstance(values, list):
            raise ExclusionFileError(f"scope.{shown_key(name)}", "this is not a list", "list the values")
        for each in values:
            if not isinstance(each, str):
                raise ExclusionFileError(f"scope.{shown_key(name)}", "a value is not text", "write strings")
        scope.append((name, tuple(each for each in values if isinstance(each, str))))
    check_scope(tuple(scope))
    return tuple(scope)


def check_scope(scope: Scope) -> None:
    """ExclusionFileError unless it has its one form: known dimensions in order, their values in order, each once."""
    names = [name for name, _ in scope]
    for name in names:
        if name not in DIMENSIONS:
            raise ExclusionFileError(
                f"scope.{shown_key(name)}", "this is no dimension", f"use {', '.join(DIMENSIONS)}"
            )
    if names != sorted(set(names)):
        raise ExclusionFileError("scope", "the dimensions are not in order, each once", "sort them")
    for name, values in scope:
        field = f"scope.{name}"
        if not 1 <= len(values) <= MAX_VALUES:
            raise ExclusionFileError(field, f"it has {len(values)} values", f"write 1 to {MAX_VALUES}")
        for each in values:
            check_words(field, each, MAX_VALUE)
        if list(values) != sorted(set(values)):
            raise ExclusionFileError(field, "its values are not in order, each once", "sort them")
