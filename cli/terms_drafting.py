"""Filling in a terms file by field, so that its comments and layout stay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from record.terms.section import Field, Listing, Node
from record.terms.yaml_reading import read_documents
from sla.errors import TermsError


def fields(text: str) -> Iterator[tuple[str, Field]]:
    """("SLA.spec.openBy", field) of every scalar, in the order of the file; the kind leads its path."""
    for document in read_documents(text):
        kind = document.members.get("kind")
        for field in _scalars(document):
            yield f"{kind.text if isinstance(kind, Field) else '?'}.{field.path}", field


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with these values in place of what stood there, wherever there is such a field.

    TermsError for a field that is written over several lines: it cannot be replaced without touching the layout.
    """
    lines = text.splitlines(keepends=True)
    for path, field in fields(text):
        if path in values:
            lines[field.line - 1] = _line(lines[field.line - 1], field, values[path])
    changed = "".join(lines)
    for path, field in fields(changed):
        if path in values and field.text != values[path]:
            raise TermsError(
                path, "could not be replaced", "write its value on the line of its name", field.line
            )
    return changed


def _line(line: str, field: Field, value: str) -> str:
    name = field.path.rpartition(".")[2]
    match = re.match(
        rf"(?P<head>\s*(?:- )?{re.escape(name)}:\s+).*?(?P<tail>\s+# .*)?(?P<end>\r?\n?)\Z", line
    )
    if match is None:
        raise TermsError(
            field.path, "could not be replaced", "write its value on the line of its name", field.line
        )
    plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 :/._-]*[A-Za-z0-9]|[0-9]", value) and ": " not in value
    written = value if plain and not value.startswith("0x") else json.dumps(value, ensure_ascii=False)
    return f"{match['head']}{written}{match['tail'] or ''}{match['end']}"


def _scalars(node: Node) -> Iterator[Field]:
    if isinstance(node, Field):
        yield node
        return
    for child in node.items if isinstance(node, Listing) else node.members.values():
        yield from _scalars(child)
