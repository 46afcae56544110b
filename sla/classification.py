"""Which priority a ticket has: ordered, versioned rules, the first that fits, on record with its version.

A rule fits when all its conditions hold. Keywords are whole words, whatever their case or width: "down" stands in
"DOWN!" and not in "download"; "system down" asks for the two words next to one another. Values are compared exactly; a
field a ticket does not have is ''.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from sla.errors import Kind, MakegoodError


class ClassificationError(MakegoodError):
    """Rules that cannot be meant: one that can never fire, two of one name."""

    kind = Kind.INPUT


@dataclass(frozen=True, slots=True)
class Condition:
    """That ``field`` has one of the ``values``, or that one of the ``words`` stands in it; exactly one of the two is
    given. ``holds=False`` asks for the contrary."""

    field: str
    words: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    holds: bool = True

    def __post_init__(self) -> None:
        if bool(self.words) == bool(self.values):
            raise ClassificationError(
                f"the condition on {self.field!r} asks for words {self.words} and values {self.values}",
                "give exactly one of the two",
            )
        for keyword in self.words:
            if not _words(keyword).strip():
                raise ClassificationError(
                    f"the keyword {keyword!r} for {self.field!r} has no letter and no digit", "write a word"
                )


@dataclass(frozen=True, slots=True)
class Rule:
    """The priority of tickets for which all conditions hold; without conditions, of all."""

    name: str
    priority: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A version of the rules, in order, in force from a time in seconds UTC; ``otherwise`` is the priority of tickets
    that no rule fits."""

    version: str
    effective_from: int
    rules: tuple[Rule, ...]
    otherwise: str = ""

    def __post_init__(self) -> None:
        names = [rule.name for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise ClassificationError(
                    f"version {self.version!r} has two rules named {name!r}", "name each rule once"
                )
        for rule, after in pairwise(self.rules):
            if not rule.conditions:
                raise ClassificationError(
                    f"rule {after.name!r} of version {self.version!r} can never fire: {rule.name!r} always does",
                    "put the rule without conditions last",
                )


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All versions, in the order of their times."""

    versions: tuple[RuleSet, ...]

    def __post_init__(self) -> None:
        for before, after in pairwise(self.versions):
            if before.effective_from >= after.effective_from:
                raise ClassificationError(
                    f"version {after.version!r} is in force from {after.effective_from}, version {before.version!r} "
                    f"before it from {before.effective_from}",
                    "order the versions by time, one a time",
                )
        names = [version.version for version in self.versions]
        if len(set(names)) < len(names):
            raise ClassificationError(
                f"the versions {', '.join(names)} share a name", "name each version once"
            )

    def in_force(self, time: int) -> RuleSet | None:
        """The version of that time; None before the first."""
        begun = [version for version in self.versions if version.effective_from <= time]
        return begun[-1] if begun else None


@dataclass(frozen=True, slots=True)
class Classification:
    """A priority and why: the rule that fired, None if none did, of which version, and what it found in which fields:
    (field, keyword or value), one a condition, those that ask for the contrary left out."""

    priority: str
    rule: str | None
    version: str
    found: tuple[tuple[str, str], ...]


def classify(rules: RuleSet, fields: Mapping[str, str]) -> Classification:
    """The priority by the first rule that fits."""
    for rule in rules.rules:
        found = fitting(rule.conditions, fields)
        if found is not None:
            return Classification(rule.priority, rule.name, rules.version, found)
    return Classification(rules.otherwise, None, rules.version, ())


def fitting(
    conditions: tuple[Condition, ...], fields: Mapping[str, str]
) -> tuple[tuple[str, str], ...] | None:
    """What the conditions found, if all of them hold; else None."""
    found: list[tuple[str, str]] = []
    for condition in conditions:
        what = _found(condition, fields.get(condition.field, ""))
        if (what is not None) is not condition.holds:
            return None
        if what is not None:
            found.append((condition.field, what))
    return tuple(found)


def _found(condition: Condition, text: str) -> str | None:
    """The first of the condition's values or keywords that the text is or has."""
    if condition.values:
        return text if text in condition.values else None
    words = _words(text)
    return next((keyword for keyword in condition.words if _words(keyword) in words), None)


@lru_cache(maxsize=4_096)
def _words(text: str) -> str:
    """The words of a text in one form, each between blanks: " system down "."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    words = "".join(character if character.isalnum() else " " for character in folded).split()
    return f" {' '.join(words)} "
