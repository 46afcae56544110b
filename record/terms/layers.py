"""Terms files that build on each other: enterprise, customer, service level.

A file names what it inherits in its document of kind SLA, ``inherits: [enterprise.yaml, acme]``: files, or the names of
SLAs. Each file counts once, what is inherited before what inherits it, and in the order in which it is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from record.terms.section import Field, Listing, Node, Section
from record.terms.yaml_reading import read_documents
from sla.errors import TermsError

MAX_CHAIN = 8
"""Files above each other."""

MAX_LAYERS = 32
"""Files in all."""

_TOO_DEEP = (f"makes a chain of more than {MAX_CHAIN} files", "inherit from fewer")


class InheritanceError(TermsError):
    """Terms that cannot be put together; ``file`` is the document concerned."""

    def __init__(self, file: str, path: str, problem: str, remedy: str, line: int | None = None) -> None:
        super().__init__(path, problem, remedy, line)
        self.file = file

    def __str__(self) -> str:
        return f"{self.file}: {super().__str__()}"


@dataclass(frozen=True, slots=True)
class Layer:
    """A terms file as it was read, whole or in part. ``name`` tells it from the others: the path it was read from."""

    name: str
    documents: tuple[Section, ...]

    def refuse(self, node: Node, problem: str, remedy: str) -> InheritanceError:
        """The error to raise about a place in this file."""
        return InheritanceError(self.name, node.path, problem, remedy, node.line)

    def agreement(self) -> Section | None:
        """The document of kind SLA; InheritanceError when there are several."""
        found = [each for each in self.documents if kind_of(each) == "SLA"]
        if len(found) > 1:
            raise self.refuse(found[1], "is a second document of kind SLA", "write one")
        return found[0] if found else None

    def title(self) -> str:
        """What the SLA is called; "" when it has no name."""
        agreement = self.agreement()
        metadata = agreement.members.get("metadata") if agreement else None
        name = metadata.members.get("name") if isinstance(metadata, Section) else None
        return name.text if isinstance(name, Field) else ""

    def inherits(self) -> tuple[Field, ...]:
        """What the file inherits, as it names it."""
        agreement = self.agreement()
        for document in self.documents:
            if document is not agreement and "inherits" in document.members:
                raise self.refuse(
                    document.members["inherits"],
                    "stands in another document",
                    "write it in the one of kind SLA",
                )
        node = agreement.members.get("inherits") if agreement else None
        if node is None:
            return ()
        found: list[Field] = []
        for item in node.items if isinstance(node, Listing) else [node]:
            if not isinstance(item, Field) or not item.text.strip():
                raise self.refuse(item, "names no file", "list the files, or the names of SLAs")
            if item.text in [each.text for each in found]:
                raise self.refuse(item, f"names {item.text[:80]!r} twice", "name it once")
            found.append(item)
        return tuple(found)


def read_layer(name: str, text: str) -> Layer:
    """A file's text as a layer; InheritanceError names the file that cannot be read."""
    try:
        return Layer(name, read_documents(text))
    except TermsError as error:
        raise InheritanceError(name, error.path, error.problem, error.remedy, error.line) from None


Finder: TypeAlias = Callable[[str, str], Layer | None]
"""What a reference means to the layer of that name that makes it, ``find("enterprise.yaml", "acme/gold.yaml")``; None
where it means nothing; InheritanceError about ``inherits`` of that layer where it must not be followed. What it reads,
and from where, is its own affair: nothing here touches files."""


def kind_of(document: Section) -> str:
    """The document's ``kind``; "" when it has none."""
    kind = document.members.get("kind")
    return kind.text if isinstance(kind, Field) else ""


def among(layers: Iterable[Layer]) -> Finder:
    """Finds references among these layers: the file of that name, else the one whose SLA is called so."""
    known = tuple(layers)

    def find(reference: str, inheritor: str) -> Layer | None:
        named = [layer for layer in known if layer.name == reference]
        titled = [layer for layer in known if layer.title() == reference and layer.name != inheritor]
        found = named or titled
        if len(found) > 1:
            raise InheritanceError(
                inheritor, "inherits", f"{reference[:80]!r} is the name of several", "name the file"
            )
        return found[0] if found else None

    return find


def lineage(layer: Layer, find: Finder) -> tuple[Layer, ...]:
    """The layers that make up ``layer``, itself the last: each once, after all that it inherits.

    InheritanceError for what is unknown, inherits itself, is too deep or too much, or is named in an order that what it
    inherits contradicts.
    """
    search = _Search(find)
    search.add(layer, ())
    return tuple(search.layers.values())


class _Search:
    def __init__(self, find: Finder) -> None:
        self.layers: dict[str, Layer] = {}
        self._find = find
        self._heights: dict[str, int] = {}

    def add(self, layer: Layer, heirs: tuple[str, ...]) -> None:
        """Puts what the layer inherits, then the layer, behind what is found; ``heirs`` are those that inherit it."""
        if layer.name in self.layers:
            return
        chain = (*heirs, layer.name)
        parents = []
        for reference in layer.inherits():
            parent = self._parent(layer, reference, chain)
            if parent.name in parents:
                raise layer.refuse(reference, f"names {parent.name!r} twice", "name it once")
            self.add(parent, chain)
            parents.append(parent.name)
            self._heights[layer.name] = max(self._heights.get(layer.name, 1), self._heights[parent.name] + 1)
            if self._heights[layer.name] > MAX_CHAIN:
                raise layer.refuse(reference, *_TOO_DEEP)
            self._require_order(layer, reference, parents)
        if len(self.layers) == MAX_LAYERS:
            raise InheritanceError(
                layer.name, "inherits", f"more than {MAX_LAYERS} files are put together", "merge some"
            )
        self._heights.setdefault(layer.name, 1)
        self.layers[layer.name] = layer

    def _parent(self, layer: Layer, reference: Field, chain: tuple[str, ...]) -> Layer:
        try:
            parent = self._find(reference.text, layer.name)
        except InheritanceError as error:
            if (error.file, error.line) != (layer.name, None):
                raise
            raise layer.refuse(reference, error.problem, error.remedy) from None
        if parent is None:
            raise layer.refuse(
                reference,
                f"names {reference.text[:80]!r}, which is no terms file here",
                "give that file, or mend the name",
            )
        if parent.name in chain:
            circle = " -> ".join([*chain[chain.index(parent.name) :], parent.name])
            raise layer.refuse(
                reference, f"closes a circle: {circle}", "take one of them out of what it inherits"
            )
        # Before anything further is read: the finder may read files without an end.
        if len(chain) == MAX_CHAIN:
            raise layer.refuse(reference, *_TOO_DEEP)
        return parent

    def _require_order(self, layer: Layer, reference: Field, parents: list[str]) -> None:
        """What is named later must override what is named before, also by what the others inherit."""
        order = list(self.layers)
        if len(parents) > 1 and order.index(parents[-1]) <= order.index(parents[-2]):
            raise layer.refuse(
                reference,
                f"names {parents[-1]!r} after {parents[-2]!r}, but what else is inherited puts it before",
                "name them in that order, or leave it out",
            )
