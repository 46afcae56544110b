"""The error tree. Every error says what is wrong and how to mend it, in one sentence, and of which kind it is.

What a contract's custom error means stands in one table, ``SENTENCES``: the rules that terms can break are spoken by
``RuleBroken`` here and by ``chain.errors.Refused`` when the contract says no, in the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import ClassVar

from sla.call_sentences import CALL_SENTENCES
from sla.rule_sentences import RULE_SENTENCES
from sla.sentences import Sentence

SENTENCES: dict[str, Sentence] = RULE_SENTENCES | CALL_SENTENCES
"""Every custom error of the contracts, by name."""


class Kind(Enum):
    """Whose move it is. The CLI exits with 2, 1 and 3, the API answers 422, 409 and 503."""

    INPUT = "input"
    """What somebody gave is wrong: mend it."""
    REFUSED = "refused"
    """Well formed, but the rules or the contract say no."""
    OUTSIDE = "outside"
    """The chain, a node, the disk or a service is not as needed: repair it, or try again."""


class MakegoodError(Exception):
    """Root of all errors of this project.

    ``problem`` says what is wrong, with the offending value and the limit; ``remedy`` says what to do. Where they are
    known, ``field`` names the part of a document or call, ``file`` and ``line`` the place.
    """

    kind: ClassVar[Kind] = Kind.OUTSIDE
    field: str | None = None
    file: str | None = None
    line: int | None = None

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem}; {self.remedy}"

    @property
    def title(self) -> str:
        """The error's name: a custom error's own, else the class's."""
        return type(self).__name__

    def named_values(self) -> Mapping[str, object]:
        """The offending values by name, where the error has them apart from its sentence."""
        return {}


class TermsError(MakegoodError):
    """A terms document that cannot become an agreement; ``path`` names the field, as in
    ``spec.obligations[1].tiers[0].below``, ``line`` the line of the file when it is known."""

    kind = Kind.INPUT

    def __init__(self, path: str, problem: str, remedy: str, line: int | None = None) -> None:
        self.path = path
        self.field = path or None
        self.line = line
        super().__init__(problem, remedy)

    def __str__(self) -> str:
        place = self.path or "the document"
        if self.line is not None:
            place += f" (line {self.line})"
        return f"{place}: {self.problem}; {self.remedy}"


class RuleBroken(MakegoodError):
    """An agreement the escrow would refuse. ``rule`` is the name of the Solidity custom error and
    ``values`` its arguments, in order."""

    kind = Kind.REFUSED

    def __init__(self, rule: str, *values: int | str) -> None:
        self.rule = rule
        self.values = values
        sentence = RULE_SENTENCES[rule]
        super().__init__(*sentence.filled(sentence.named(values)))

    def __str__(self) -> str:
        shown = ", ".join(str(value) for value in self.values)
        return f"{self.rule}({shown}): {self.problem}; {self.remedy}"

    @property
    def title(self) -> str:
        """The custom error's name."""
        return self.rule

    def named_values(self) -> Mapping[str, object]:
        """The rule's arguments by their Solidity names."""
        return RULE_SENTENCES[self.rule].named(self.values)


class ScheduleError(MakegoodError):
    """A period outside the schedule, or a schedule that cannot be computed."""

    kind = Kind.INPUT


class SignatureError(MakegoodError):
    """A signature that is malformed or not in its one accepted form."""

    kind = Kind.INPUT


class RecordError(MakegoodError):
    """A written record (JSON, Merkle tree, bundle) that is malformed or not in its one accepted form."""

    kind = Kind.INPUT


class MeasurementError(MakegoodError):
    """Measurements that cannot be read or do not add up."""

    kind = Kind.OUTSIDE


def problem_of(error: MakegoodError) -> dict[str, object]:
    """The error for machines, ready for JSON: kind, name, problem, remedy, field, file, line, values.

    Values are text, whole numbers in decimal and bytes in hex: JSON's numbers would round amounts.
    """
    return {
        "kind": error.kind.value,
        "name": error.title,
        "problem": error.problem,
        "remedy": error.remedy,
        "field": error.field,
        "file": error.file,
        "line": error.line,
        "values": {
            name: "0x" + value.hex() if isinstance(value, bytes) else str(value)
            for name, value in error.named_values().items()
        },
    }
