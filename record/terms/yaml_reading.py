"""YAML without its surprises: every scalar is text, every key stands once, nothing refers elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import yaml
from yaml import events

from record.terms.section import Field, Listing, Node, Section
from sla.errors import TermsError

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_EVENTS = 50_000
"""Keys, values and brackets: four times what 64 obligations of 16 tiers need, and about a second to read."""

_HIDDEN = "\\x85\\xad\\u200b\\u2028-\\u202e\\u2060-\\u2064\\u2066-\\u2069\\ufeff\\U000e0000-\\U000e007f"
_UNSEEN_IN_FILE = re.compile(f"[{_HIDDEN}]")
"""What nobody sees, what turns the direction of reading, and lines that end where no editor shows it: even in a comment
it could hide what is agreed."""

_UNSEEN = re.compile(f"[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f{_HIDDEN}]")
"""In a value also what a terminal obeys: both parties must read the same words."""

_PLAIN_EVENTS = (events.ScalarEvent, events.SequenceStartEvent, events.MappingStartEvent)


def read_documents(text: str) -> tuple[Section, ...]:
    """The documents of a YAML text, at least one, each a mapping.

    TermsError for anything else: anchors, aliases, tags, duplicate keys, more than 1 MB, 32 levels or 50 000 values.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise TermsError("", "the text is not valid Unicode", "save the file as UTF-8") from None
    if size > MAX_BYTES:
        raise TermsError("", f"the text has {size} bytes", f"stay below {MAX_BYTES}")
    text = text.removeprefix("\ufeff")
    hidden = _UNSEEN_IN_FILE.search(text)
    if hidden:
        raise _unseen(hidden[0], "", text.count("\n", 0, hidden.start()) + 1)
    try:
        return tuple(_documents(_bounded(yaml.parse(text, Loader=yaml.SafeLoader))))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise TermsError("", f"not YAML: {error.problem}", "mend the layout", line) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise TermsError("", f"not YAML: {error}", "remove the odd characters") from None


def _bounded(stream: Iterable[events.Event]) -> Iterator[events.Event]:
    for count, event in enumerate(stream):
        if count == MAX_EVENTS:
            raise TermsError("", f"the text holds more than {MAX_EVENTS} values", "split it", _line(event))
        yield event


def _documents(stream: Iterator[events.Event]) -> Iterator[Section]:
    found = False
    for event in stream:
        if isinstance(event, events.DocumentStartEvent):
            if event.version or event.tags:
                raise TermsError("", "YAML directives are not used here", "remove the % lines", _line(event))
            node = _node(stream, next(stream), "", 0)
            if not isinstance(node, Section):
                raise TermsError(
                    "", "a document is not a group of fields", "write 'name: value' lines", node.line
                )
            yield node
            found = True
    if not found:
        raise TermsError("", "the text holds no document", "write one")


def _node(stream: Iterator[events.Event], event: events.Event, path: str, depth: int) -> Node:
    line = _line(event)
    if not isinstance(event, _PLAIN_EVENTS) or event.anchor is not None:
        raise TermsError(path, "anchors and aliases are not used here", "write the value out", line)
    if event.tag is not None:
        raise TermsError(path, f"carries the tag {event.tag}", "remove it: every value is text", line)
    if depth > MAX_DEPTH:
        raise TermsError(path[:200], f"lies deeper than {MAX_DEPTH} levels", "flatten the document", line)
    if isinstance(event, events.ScalarEvent):
        return Field(_valid(event.value, path, line), path, line)
    if isinstance(event, events.SequenceStartEvent):
        return Listing(tuple(_items(stream, path, depth)), path, line)
    return Section(_members(stream, path, depth), path, line)


def _items(stream: Iterator[events.Event], path: str, depth: int) -> Iterator[Node]:
    for index, event in enumerate(stream):
        if isinstance(event, events.SequenceEndEvent):
            return
        yield _node(stream, event, f"{path}[{index}]", depth + 1)


def _members(stream: Iterator[events.Event], path: str, depth: int) -> dict[str, Node]:
    members: dict[str, Node] = {}
    for event in stream:
        if isinstance(event, events.MappingEndEvent):
            break
        key = _node(stream, event, path, depth + 1)
        if not isinstance(key, Field):
            raise TermsError(path, "has a key that is not text", "write 'name: value' lines", key.line)
        child = f"{path}.{key.text[:80]}" if path else key.text[:80]
        if key.text in members:
            raise TermsError(child, "occurs twice", "keep one of them", key.line)
        members[key.text] = _node(stream, next(stream), child, depth + 1)
    return members


def _valid(text: str, path: str, line: int) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TermsError(path, "holds half of a surrogate pair", "write valid Unicode", line) from None
    odd = _UNSEEN.search(text)
    if odd:
        raise _unseen(odd[0], path, line)
    return text


def _unseen(sign: str, path: str, line: int) -> TermsError:
    return TermsError(path, f"holds the unseen character U+{ord(sign):04X}", "remove it", line)


def _line(event: events.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0
