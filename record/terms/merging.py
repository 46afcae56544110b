"""One terms document laid over another: mappings merge deep, lists of named things by ``name``, all else is replaced
whole; ``null`` removes.

A value is what is replaced as one: a text, or a list that is not of named things. Everything remembers the file and the
line it is from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from record.canonical import Json
from record.terms.layers import Layer
from record.terms.section import Field, Listing, Node, Section, node_json

REMOVED = "null"
"""The text that removes what is inherited, quoted or not: here every value is text."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is replaced as one."""

    node: Field | Listing
    layer: Layer


@dataclass(frozen=True, slots=True)
class Group:
    """A mapping; of named things also (``is_list``), where a key is the name. ``node`` is where it was written last."""

    members: dict[str, Tree]
    is_list: bool
    node: Node
    layer: Layer


Tree: TypeAlias = Value | Group


@dataclass(frozen=True, slots=True)
class Override:
    """A value that a later file replaced, or removed: then ``new`` is None. ``path`` begins with the document's kind
    and tells named things apart by name; lines are 1-based."""

    path: str
    old: Json
    new: Json
    from_document: str
    from_line: int
    to_document: str
    to_line: int


def read_tree(node: Node, layer: Layer) -> Tree:
    """A document, or a part of it, with nothing to merge it into: then there is nothing to remove either."""
    if isinstance(node, Section):
        return Group({key: read_tree(each, layer) for key, each in node.members.items()}, False, node, layer)
    if isinstance(node, Listing) and (names := _names(node)) is not None:
        items = zip(names, node.items, strict=True)
        return Group({name: read_tree(item, layer) for name, item in items}, True, node, layer)
    _refuse_removal(node, layer)
    return Value(node, layer)


def overlay(base: Tree, node: Node, layer: Layer, path: str) -> tuple[Tree, list[Override]]:
    """``node`` of ``layer`` laid over ``base``, and what it overrode. InheritanceError when it is not clear what it
    means: a removal of nothing, names that are missing or stand twice."""
    if isinstance(base, Group) and base.is_list:
        return _over_list(base, node, layer, path)
    if isinstance(base, Group) and isinstance(node, Section):
        return _merged(base, node.members, node, layer, path)
    if isinstance(base, Value) and _is_named_in_part(base.node):
        raise layer.refuse(
            node,
            f"lies over a list of which some items have no name of their own ({base.layer.name}, line "
            f"{base.node.line})",
            "give each item its own name there",
        )
    new = read_tree(node, layer)
    return new, _replaced(base, new, path)


def values_of(tree: Tree, path: str) -> Iterator[tuple[str, Value]]:
    """All values with their paths, in order."""
    if isinstance(tree, Value):
        yield path, tree
        return
    for key, member in tree.members.items():
        yield from values_of(member, child_path(tree, path, key))


def child_path(group: Group, path: str, key: str) -> str:
    """``SLA.spec.charge``; of a list ``SLA.spec.obligations[Availability]``. Keys that would read as several stand in
    quotes."""
    shown = json.dumps(key, ensure_ascii=False) if any(sign in key for sign in '.[]"') else key
    return f"{path}[{shown}]" if group.is_list else f"{path}.{shown}"


def _over_list(base: Group, node: Node, layer: Layer, path: str) -> tuple[Tree, list[Override]]:
    """Over named things lies a list of named things; or a mapping by their names, in which ``null`` removes one."""
    if isinstance(node, Section):
        for name, member in node.members.items():
            if not isinstance(member, Section) and not _removes(member):
                raise layer.refuse(member, "is no group of fields", f"write its fields, or {REMOVED}")
            if isinstance(member, Section) and "name" in member.members:
                raise layer.refuse(member.members["name"], f"is {name[:80]!r} already", "leave it out")
            if isinstance(member, Section) and name not in base.members:
                raise layer.refuse(member, "is not inherited", "add it as an item of a list, with its name")
        return _merged(base, node.members, node, layer, path)
    names = _names(node) if isinstance(node, Listing) else None
    if names is None or not isinstance(node, Listing):
        raise layer.refuse(
            node,
            "lies over a list whose items have names, and its own have none, or one twice",
            f"give each item its own name, or write {REMOVED} to remove the list",
        )
    return _merged(base, dict(zip(names, node.items, strict=True)), node, layer, path)


def _merged(
    base: Group, over: dict[str, Node], node: Node, layer: Layer, path: str
) -> tuple[Group, list[Override]]:
    members, overrides = dict(base.members), []
    for key, member in over.items():
        below = child_path(base, path, key)
        if _removes(member):
            if key not in base.members:
                raise layer.refuse(member, "removes what is not inherited", "mend the name, or leave it out")
            overrides += [
                _override(each, value, None, member, layer)
                for each, value in values_of(members.pop(key), below)
            ]
        elif key in base.members:
            members[key], found = overlay(base.members[key], member, layer, below)
            overrides += found
        else:
            members[key] = read_tree(member, layer)
    return Group(members, base.is_list, node, layer), overrides


def _replaced(base: Tree, new: Tree, path: str) -> list[Override]:
    """A value over a group, or a group over a value: what stood there is gone, unless a value of its path came."""
    now = dict(values_of(new, path))
    node = new.node
    return [
        _override(each, old, now.get(each), node, new.layer)
        for each, old in values_of(base, path)
        if each not in now or node_json(old.node) != node_json(now[each].node)
    ]


def _override(path: str, old: Value, new: Value | None, node: Node, layer: Layer) -> Override:
    return Override(
        path=path,
        old=node_json(old.node),
        new=None if new is None else node_json(new.node),
        from_document=old.layer.name,
        from_line=old.node.line,
        to_document=layer.name,
        to_line=node.line if new is None else new.node.line,
    )


def _names(node: Listing) -> list[str] | None:
    """The names of the items, if each is a group of fields with a name of its own."""
    found = []
    for item in node.items:
        name = item.members.get("name") if isinstance(item, Section) else None
        if not isinstance(name, Field) or not name.text.strip() or name.text in found or _removes(name):
            return None
        found.append(name.text)
    return found or None


def _is_named_in_part(node: Node) -> bool:
    return isinstance(node, Listing) and any(
        isinstance(item, Section) and "name" in item.members for item in node.items
    )


def _removes(node: Node) -> bool:
    return isinstance(node, Field) and node.text == REMOVED


def _refuse_removal(node: Node, layer: Layer) -> None:
    if isinstance(node, Field):
        if _removes(node):
            raise layer.refuse(node, "removes what is not inherited", "leave it out")
        return
    for child in node.items if isinstance(node, Listing) else node.members.values():
        _refuse_removal(child, layer)
