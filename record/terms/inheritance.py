"""Terms that inherit, put together: enterprise, customer, service level, each laid over the last.

What is signed is the merged document: its bytes depend on what the files say, never on what they are called. Which file
each value is from, and what it overrode, is told beside it.

Documents of kind SLA are one; others are told apart by kind and name.
"""

from __future__ import annotations

from dataclasses import dataclass

from record.canonical import Json
from record.terms.layers import Finder as Finder
from record.terms.layers import InheritanceError as InheritanceError
from record.terms.layers import Layer as Layer
from record.terms.layers import among as among
from record.terms.layers import kind_of, lineage
from record.terms.layers import read_layer as read_layer
from record.terms.merging import Override as Override
from record.terms.merging import Tree, Value, child_path, overlay, read_tree
from record.terms.section import Field, Listing, Node, Section, node_json
from record.terms.yaml_reading import MAX_BYTES
from record.terms.yaml_writing import written
from sla.errors import TermsError

_LINES = MAX_BYTES + 2
"""More than any file has."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of the merged document and where it is from. ``path`` is as in ``Override``."""

    path: str
    value: Json
    document: str
    line: int


@dataclass(frozen=True, slots=True)
class Inherited:
    """``documents`` are the terms; their lines count through all files, so that ``place`` knows each. ``layers`` are
    the files' names, each before those that build on it; ``overrides`` stand in the order in which they happened."""

    documents: tuple[Section, ...]
    layers: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    overrides: tuple[Override, ...]

    def text(self) -> str:
        """The merged terms as YAML: what both parties read and sign."""
        return written(self.documents)

    def place(self, line: int | None) -> tuple[str, int | None]:
        """The file, and the line in it, of a line of ``documents``; what has none is said of the file that inherits."""
        if line is None:
            return self.layers[-1], None
        layer, within = divmod(line, _LINES)
        return self.layers[layer], within

    def placed(self, error: TermsError) -> InheritanceError:
        """An error about ``documents`` as one about the file it is in."""
        file, line = self.place(error.line)
        return InheritanceError(file, error.path, error.problem, error.remedy, line)


def inherit(layer: Layer, find: Finder) -> Inherited:
    """The terms of a file with all that it inherits. InheritanceError names file, line and what to mend.

    A file that inherits nothing comes back as it is; if it removes something it is refused. In which order files are
    laid over each other ``lineage`` says, and ``overlay`` what that does. Whether the outcome makes an agreement,
    ``load_terms`` of its text says.
    """
    layers = lineage(layer, find)
    trees: dict[str, Tree] = {}
    overrides: list[Override] = []
    for each in layers:
        own: set[str] = set()
        for document in each.documents:
            key, node = _key(document, each), _without_inherits(document)
            if key in own:
                raise each.refuse(document, f"is a second document {key[:80]}", "make them one, or rename it")
            own.add(key)
            if key not in trees:
                trees[key] = read_tree(node, each)
                continue
            trees[key], found = overlay(trees[key], node, each, key)
            overrides += found
    builder = _Builder(tuple(each.name for each in layers))
    documents = tuple(builder.document(tree, key) for key, tree in trees.items())
    return Inherited(
        documents,
        builder.layers,
        tuple(builder.leaves),
        tuple(overrides),
    )


def _key(document: Section, layer: Layer) -> str:
    """``SLA``, or ``SLI availability``."""
    kind = kind_of(document)
    if not kind:
        raise layer.refuse(document, "a document has no kind", "write its kind")
    if kind == "SLA":
        return kind
    metadata = document.members.get("metadata")
    name = metadata.members.get("name") if isinstance(metadata, Section) else None
    if not isinstance(name, Field):
        raise layer.refuse(document, f"a document of kind {kind[:80]} has no metadata.name", "name it")
    return f"{kind} {name.text}"


def _without_inherits(document: Section) -> Section:
    members = {name: member for name, member in document.members.items() if name != "inherits"}
    return Section(members, document.path, document.line)


class _Builder:
    """Makes documents of trees, as if they had been read from one file: paths count through lists again, lines through
    the files."""

    def __init__(self, layers: tuple[str, ...]) -> None:
        self.layers = layers
        self.leaves: list[Leaf] = []
        self._first = {name: place * _LINES for place, name in enumerate(layers)}

    def document(self, tree: Tree, title: str) -> Section:
        node = self._node(tree, "", title)
        if not isinstance(node, Section):
            raise InheritanceError("", title, "is no group of fields", "write 'name: value' lines")
        return node

    def _node(self, tree: Tree, path: str, title: str) -> Node:
        first, line = self._first[tree.layer.name], tree.node.line
        if isinstance(tree, Value):
            self.leaves.append(Leaf(title, node_json(tree.node), tree.layer.name, line))
            return _moved(tree.node, path, first)
        members = {
            key: self._node(
                member,
                f"{path}[{place}]" if tree.is_list else _below(path, key),
                child_path(tree, title, key),
            )
            for place, (key, member) in enumerate(tree.members.items())
        }
        if tree.is_list:
            return Listing(tuple(members.values()), path, first + line)
        return Section(members, path, first + line)


def _moved(node: Node, path: str, first: int) -> Node:
    """The node at another path, its lines counted from ``first`` on."""
    if isinstance(node, Field):
        return Field(node.text, path, first + node.line)
    if isinstance(node, Listing):
        items = (_moved(item, f"{path}[{place}]", first) for place, item in enumerate(node.items))
        return Listing(tuple(items), path, first + node.line)
    members = {key: _moved(each, _below(path, key), first) for key, each in node.members.items()}
    return Section(members, path, first + node.line)


def _below(path: str, key: str) -> str:
    """As ``yaml_reading`` writes it."""
    return f"{path}.{key[:80]}" if path else key[:80]
