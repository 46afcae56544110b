"""A terms document as it was read: every scalar is text and knows its path and line, for the refusals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from record.canonical import Json
from sla.errors import TermsError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Field:
    """A scalar: always text, never a number or a truth value."""

    text: str
    path: str
    line: int

    def refuse(self, problem: str, remedy: str) -> TermsError:
        """The error to raise about this field; ``problem`` continues the quoted value."""
        shown = self.text if len(self.text) <= 80 else self.text[:77] + "..."
        return TermsError(self.path, f"{shown!r} {problem}", remedy, self.line)

    @property
    def is_placeholder(self) -> bool:
        """Whether it still says what should stand here: ``<the provider's name>``."""
        return len(self.text) > 2 and self.text[0] == "<" and self.text[-1] == ">"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    items: tuple[Node, ...]
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping. Readers raise TermsError when a field is missing or of another kind."""

    members: dict[str, Node]
    path: str
    line: int

    def child_path(self, name: str) -> str:
        """The path of a member of this section."""
        return f"{self.path}.{name}" if self.path else name

    def problems(self, required: str, optional: str = "") -> Iterator[TermsError]:
        """All unknown members, then all missing ones; names are separated by spaces."""
        known = [*required.split(), *optional.split()]
        for name, node in self.members.items():
            if name not in known:
                yield TermsError(
                    self.child_path(name[:80]), "is not a known field", f"use {', '.join(known)}", node.line
                )
        for name in required.split():
            if name not in self.members:
                yield self._missing(name)

    def require(self, required: str, optional: str = "") -> None:
        """Refuse missing and unknown members; names are separated by spaces."""
        for problem in self.problems(required, optional):
            raise problem

    def has(self, name: str) -> bool:
        """Whether an optional member is given."""
        return name in self.members

    def field(self, name: str) -> Field:
        """A scalar member; blank text counts as missing, and a placeholder is not an answer."""
        node = self._member(name)
        if not isinstance(node, Field):
            raise TermsError(node.path, "is not a single value", "write one value", node.line)
        if not node.text.strip():
            raise TermsError(node.path, "is empty", "fill it in", node.line)
        if node.is_placeholder:
            raise placeholder_error(node)
        return node

    def text(self, name: str, default: str | None = None) -> str:
        """A text member; with a default it is optional."""
        if default is not None and name not in self.members:
            return default
        return self.field(name).text

    def optional(self, name: str, read: Callable[[Field], T], default: T) -> T:
        """What ``read`` makes of an optional scalar member."""
        return read(self.field(name)) if name in self.members else default

    def section(self, name: str) -> Section:
        """A nested section."""
        node = self._member(name)
        if not isinstance(node, Section):
            raise TermsError(node.path, "is not a group of fields", "write 'name: value' lines", node.line)
        return node

    def sections(self, name: str) -> Sequence[Section]:
        """A list of sections, at least one."""
        node = self._member(name)
        if not isinstance(node, Listing) or not node.items:
            raise TermsError(node.path, "is not a list", "write items that begin with '-'", node.line)
        found = []
        for item in node.items:
            if not isinstance(item, Section):
                raise TermsError(
                    item.path, "is not a group of fields", "write 'name: value' lines", item.line
                )
            found.append(item)
        return found

    def _member(self, name: str) -> Node:
        if name not in self.members:
            raise self._missing(name)
        return self.members[name]

    def _missing(self, name: str) -> TermsError:
        return TermsError(self.child_path(name), "is missing", "add it", self.line)


Node: TypeAlias = Field | Listing | Section


def placeholder_error(field: Field) -> TermsError:
    """The error about a field that nobody has filled in."""
    return field.refuse("is still a placeholder", "write what it asks for, without the < and >")


def placeholders(node: Node) -> Iterator[Field]:
    """All fields that still say what should stand there, in the order of the file."""
    if isinstance(node, Field):
        if node.is_placeholder:
            yield node
        return
    for child in node.items if isinstance(node, Listing) else node.members.values():
        yield from placeholders(child)


def line_of(section: Section, path: str) -> int:
    """The line of what lies at ``spec.obligations[1].tiers[0]``, or of the nearest thing around it."""
    node: Node = section
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(node, Section) and step in node.members:
            node = node.members[step]
        elif isinstance(node, Listing) and step.isdecimal() and int(step) < len(node.items):
            node = node.items[int(step)]
        else:
            break
    return node.line


def node_json(node: Node) -> Json:
    """The node as JSON: the form in which documents are hashed, without comments and layout."""
    if isinstance(node, Field):
        return node.text
    if isinstance(node, Listing):
        return [node_json(item) for item in node.items]
    return {name: node_json(item) for name, item in node.members.items()}
