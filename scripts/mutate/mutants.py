"""The mutants of a file: each operator of arithmetic, comparison and logic, replaced by its neighbours."""

from __future__ import annotations

import hashlib
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

REPLACEMENTS = {
    "+": ("-",),
    "-": ("+",),
    "*": ("/",),
    "/": ("*",),
    "//": ("*",),
    "%": ("*",),
    "++": ("--",),
    "--": ("++",),
    "+=": ("-=",),
    "-=": ("+=",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "&&": ("||",),
    "||": ("&&",),
    "and": ("or",),
    "or": ("and",),
    "min": ("max",),
    "max": ("min",),
}
"""A comparison is moved by one and turned round; everything else has one neighbour."""

_OPERATOR = re.compile(r"\+\+|--|\+=|-=|<=|>=|==|!=|&&|\|\||=>|<<|>>|[-+*/%<>]")
_HIDDEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"[^\"\n]*\"|^(?:pragma|import|using)\b[^;]*;|assembly[^{]*\{[^}]*\}",
    re.DOTALL | re.MULTILINE,
)
"""What holds no operator of Solidity: comments, texts, imports; assembly is the hashing's and has tests of its own."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One replacement in one file. ``line`` and ``column`` count from 1; ``text`` is the whole line as it was."""

    path: str
    line: int
    column: int
    before: str
    after: str
    text: str

    @property
    def key(self) -> str:
        """Stays the same while the line does, wherever it moves in the file (with ``number`` for equal lines)."""
        place = f"{self.path}\n{self.text.strip()}\n{self.column - self._indent}\n{self.after}"
        return hashlib.sha256(place.encode()).hexdigest()[:12]

    @property
    def _indent(self) -> int:
        return len(self.text) - len(self.text.lstrip())

    def applied(self, source: str) -> str:
        """The source with this one replacement."""
        lines = source.split("\n")
        line, start = lines[self.line - 1], self.column - 1
        assert line[start : start + len(self.before)] == self.before, self
        lines[self.line - 1] = line[:start] + self.after + line[start + len(self.before) :]
        return "\n".join(lines)

    @property
    def changed(self) -> str:
        """The line as it became."""
        start = self.column - 1
        return self.text[:start] + self.after + self.text[start + len(self.before) :]


def mutants_of(path: str, source: str) -> list[Mutant]:
    """All mutants of a Solidity or a Python file, in the order of its text."""
    places = _in_python(source) if path.endswith(".py") else _in_solidity(source)
    lines = source.split("\n")
    return [
        Mutant(path, line, column, operator, after, lines[line - 1])
        for line, column, operator in places
        for after in REPLACEMENTS.get(operator, ())
    ]


def _in_solidity(source: str) -> Iterator[tuple[int, int, str]]:
    visible = _HIDDEN.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)
    for number, line in enumerate(visible.split("\n"), 1):
        for found in _OPERATOR.finditer(line):
            unary = found[0] == "-" and not re.search(r"[\w)\]]\s*$", line[: found.start()])
            if not unary:
                yield number, found.start() + 1, found[0]


def _in_python(source: str) -> Iterator[tuple[int, int, str]]:
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        # A sign, or a star before arguments, is no operator between two values.
        between = token.string not in "+-*" or re.fullmatch(r"[\w)\]]+", before)
        if token.type in (tokenize.OP, tokenize.NAME) and token.string in REPLACEMENTS and between:
            yield token.start[0], token.start[1] + 1, token.string
        before = token.string
