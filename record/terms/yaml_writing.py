"""A terms document written out: block YAML that ``yaml_reading`` reads back to the same, one form for one content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from record.terms.section import Field, Listing, Node, Section
from sla.errors import TermsError

LONGEST_KEY = 200
"""Characters. YAML itself ends at 1 024, quotes and escapes included."""

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._/+%@-]*[A-Za-z0-9%.])?\Z")
"""What needs no quotes whatever the reader: no sign that YAML gives a meaning, none that could be overlooked."""

_TYPED = re.compile(
    r"(?:(?!.*%\Z)(?!.* [a-z]{2})[0-9].*|true|false|yes|no|on|off|y|n|null|nan|inf)\Z", re.IGNORECASE
)
"""What other readers would take for a number, a date or a truth value; "99.9%" and "7 days" they do not. Ours takes all
for text."""

_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def written(documents: Iterable[Section]) -> str:
    """The text of the documents, in their order, their members in theirs. Lines and comments are not kept.

    TermsError where a key is too long to be one.
    """
    return "---\n".join("".join(_block(document, 0)) for document in documents)


def _block(node: Section | Listing, indent: int) -> Iterator[str]:
    if isinstance(node, Section):
        for name, member in node.members.items():
            if len(name) > LONGEST_KEY:
                raise TermsError(
                    node.child_path(name[:80]),
                    f"is a key of {len(name)} characters",
                    "shorten it",
                    member.line,
                )
            yield from _entry(f"{' ' * indent}{_scalar(name)}:", member, indent + 2)
        return
    for item in node.items:
        if isinstance(item, Field) or not _children(item):
            yield f"{' ' * indent}- {_flow(item)}\n"
            continue
        lines = list(_block(item, indent + 2))
        yield f"{' ' * indent}- {lines[0].lstrip(' ')}"
        yield from lines[1:]


def _entry(head: str, node: Node, indent: int) -> Iterator[str]:
    if isinstance(node, Field) or not _children(node):
        yield f"{head} {_flow(node)}\n"
        return
    yield f"{head}\n"
    yield from _block(node, indent)


def _children(node: Section | Listing) -> bool:
    return bool(node.members if isinstance(node, Section) else node.items)


def _flow(node: Node) -> str:
    if isinstance(node, Field):
        return _scalar(node.text)
    return "{}" if isinstance(node, Section) else "[]"


def _scalar(text: str) -> str:
    if _PLAIN.match(text) and not _TYPED.match(text):
        return text
    return '"' + "".join(_escaped(sign) for sign in text) + '"'


def _escaped(sign: str) -> str:
    if sign in _SHORT:
        return _SHORT[sign]
    if sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"
