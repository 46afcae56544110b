"""What a terms file inherits, found beside it: in its own folder or below, never elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from record.terms.layers import InheritanceError, Layer, read_layer
from sla.errors import TermsError

MAX_BESIDE = 200
"""Files beside that are looked through for an SLA of the name that is inherited."""

_ENDINGS = (".yaml", ".yml")


class Beside:
    """The ``Finder`` of files: a reference is a path from the folder of the file that makes it, else the name of an SLA
    in that folder. Links and ``..`` lead to where they lead, and that must lie in the folder.

    ``read`` gives a file's text, or raises TermsError. Each file is one layer, however it is referred to.
    """

    def __init__(self, file: Path, layer: Layer, read: Callable[[Path], str]) -> None:
        self._read = read
        self._layers = {os.path.realpath(file): layer}

    def __call__(self, reference: str, inheritor: str) -> Layer | None:
        """The layer, None where there is none; InheritanceError for what lies outside or is not clear."""
        folder = Path(inheritor).parent
        path = _inside(folder, reference)
        if path is None:
            problem = f"names {reference[:80]!r}, which lies outside the folder of this file"
            raise InheritanceError(inheritor, "inherits", problem, "move it beside this file, or below it")
        return self._layer(folder, path) if os.path.isfile(path) else self._called(reference, inheritor)

    def _layer(self, folder: Path, path: str) -> Layer:
        if path not in self._layers:
            name = _typed(folder, path)
            self._layers[path] = read_layer(name, self._read(Path(name)))
        return self._layers[path]

    def _called(self, title: str, inheritor: str) -> Layer | None:
        folder = Path(inheritor).parent
        beside = [path for path in _terms_files(folder) if path != os.path.realpath(inheritor)]
        if len(beside) > MAX_BESIDE:
            raise InheritanceError(
                inheritor,
                "inherits",
                f"names {title[:80]!r}, which is no file, and beside this one lie more than {MAX_BESIDE}",
                "name the file",
            )
        found = [layer for path in beside if (layer := self._if_called(title, folder, path)) is not None]
        if len(found) > 1:
            files = " and ".join(layer.name for layer in found[:2])
            raise InheritanceError(
                inheritor, "inherits", f"names {title[:80]!r}, which {files} are called", "name the file"
            )
        return found[0] if found else None

    def _if_called(self, title: str, folder: Path, path: str) -> Layer | None:
        """None also for neighbours that are no terms: nobody asked for them. Few are read closely."""
        try:
            if title not in self._read(Path(_typed(folder, path))):
                return None
            layer = self._layer(folder, path)
            return layer if layer.title() == title else None
        except TermsError:
            return None


def _typed(folder: Path, path: str) -> str:
    """The file as one would type it from where the command runs, wherever links lead to."""
    return str(folder / os.path.relpath(path, os.path.realpath(folder)))


def _inside(folder: Path, reference: str) -> str | None:
    whole, path = os.path.realpath(folder), os.path.realpath(folder / reference)
    return path if os.path.commonpath([whole, path]) == whole else None


def _terms_files(folder: Path) -> Iterator[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        path = _inside(folder, name)
        if name.endswith(_ENDINGS) and path is not None and os.path.isfile(path):
            yield path
