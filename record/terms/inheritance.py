"""Terms that inherit, put together: enterprise, customer, service level, each laid over the last.

What is signed is the merged document: its bytes depend on what the files say, never on what they are called. Which file
each value is from, and what it overrode, is told beside it.

Documents of kind SLA are one; others are told apart by kind and name.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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
from record.terms.yaml_writing import written
from sla.errors import TermsError


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of the merged document and where it is from. ``path`` is as in ``Override``."""

    path: str
    value: Json
    document: str
    line: int


@dataclass(frozen=True, slots=True)
class Inherited:
    """``documents`` are the terms; their lines are those of the files they are from. ``layers`` are the files' names,
    each before those that build on it; ``overrides`` stand in the order in which they happened."""

    documents: tuple[Section, ...]
    layers: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    overrides: tuple[Override, ...]
    _places: dict[tuple[str, int], set[str]] = field(repr=False, compare=False)

    def text(self) -> str:
        """The merged terms as YAML: what both parties read and sign."""
        return written(self.documents)

    def placed(self, error: TermsError) -> TermsError:
        """An error about ``documents`` with the file its line is in, where that is certain."""
        files = self._places.get((error.path, error.line or 0), set())
        path = error.path
        while not files and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
            files = self._places.get((path, error.line or 0), set())
        if len(files) == 1:
            error.file = next(iter(files))
        return error


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
    builder = _Builder()
    documents = tuple(builder.document(tree, key) for key, tree in trees.items())
    return Inherited(
        documents,
        tuple(each.name for each in layers),
        tuple(builder.leaves),
        tuple(overrides),
        builder.places,
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
    """Makes documents of trees, as if they had been read from one file: paths count through lists again."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self.places: dict[tuple[str, int], set[str]] = {}

    def document(self, tree: Tree, title: str) -> Section:
        node = self._node(tree, "", title)
        if not isinstance(node, Section):
            raise InheritanceError("", title, "is no group of fields", "write 'name: value' lines")
        return node

    def _node(self, tree: Tree, path: str, title: str) -> Node:
        line = tree.node.line
        if isinstance(tree, Value):
            self.leaves.append(Leaf(title, node_json(tree.node), tree.layer.name, line))
            return self._moved(tree.node, path, tree.layer.name)
        self._place(path, line, tree.layer.name)
        members = {
            key: self._node(
                member,
                f"{path}[{place}]" if tree.is_list else _below(path, key),
                child_path(tree, title, key),
            )
            for place, (key, member) in enumerate(tree.members.items())
        }
        if tree.is_list:
            return Listing(tuple(members.values()), path, line)
        return Section(members, path, line)

    def _moved(self, node: Node, path: str, document: str) -> Node:
        self._place(path, node.line, document)
        if isinstance(node, Field):
            return Field(node.text, path, node.line)
        if isinstance(node, Listing):
            items = (self._moved(item, f"{path}[{place}]", document) for place, item in enumerate(node.items))
            return Listing(tuple(items), path, node.line)
        members = {key: self._moved(each, _below(path, key), document) for key, each in node.members.items()}
        return Section(members, path, node.line)

    def _place(self, path: str, line: int, document: str) -> None:
        self.places.setdefault((path, line), set()).add(document)


def _below(path: str, key: str) -> str:
    """As ``yaml_reading`` writes it."""
    return f"{path}.{key[:80]}" if path else key[:80]
