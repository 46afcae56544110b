"""The error tree. Every error says what is wrong and how to mend it, in one sentence."""

from __future__ import annotations

from sla.rule_sentences import RULE_SENTENCES


class MakegoodError(Exception):
    """Root of all errors of this project.

    ``problem`` says what is wrong, with the offending value and the limit; ``remedy`` says what to do.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem}; {self.remedy}"


class TermsError(MakegoodError):
    """A terms document that cannot become an agreement; ``path`` names the field, as in
    ``spec.obligations[1].tiers[0].below``, ``line`` the line of the file when it is known."""

    def __init__(self, path: str, problem: str, remedy: str, line: int | None = None) -> None:
        self.path = path
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

    def __init__(self, rule: str, *values: int | str) -> None:
        self.rule = rule
        self.values = values
        problem, remedy = RULE_SENTENCES[rule]
        super().__init__(problem, remedy)

    def __str__(self) -> str:
        shown = ", ".join(str(value) for value in self.values)
        return f"{self.rule}({shown}): {self.problem}; {self.remedy}"


class ScheduleError(MakegoodError):
    """A period outside the schedule, or a schedule that cannot be computed."""


class SignatureError(MakegoodError):
    """A signature that is malformed or not in its one accepted form."""


class RecordError(MakegoodError):
    """A written record (JSON, Merkle tree, bundle) that is malformed or not in its one accepted form."""


class MeasurementError(MakegoodError):
    """Measurements that cannot be read or do not add up."""
