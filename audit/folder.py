"""A pack's folder, as bytes by path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sla.errors import RecordError


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every file of ``folder`` and of the folders in it.

    RecordError for what no pack has: links, empty folders, folders in folders, names that cannot be shown as they are.
    OSError if it cannot be read.
    """
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(_files(folder))}


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if not _is_folder(path, folder):
            yield path
            continue
        inside = sorted(path.iterdir())
        if not inside:
            raise RecordError(f"{path.name} is an empty folder", "export the pack again")
        for file in inside:
            if _is_folder(file, folder):
                # Here it ends: a stranger's folders may lie deeper than any walk can go.
                raise RecordError(f"{path.name}/{file.name} is a folder in a folder", "export the pack again")
            yield file


def _is_folder(path: Path, folder: Path) -> bool:
    """Whether ``path`` is a folder and not a file; RecordError for anything else."""
    name = path.relative_to(folder).as_posix()
    if not name.isprintable():
        # Also a name that is no UTF-8: it could not be printed.
        raise RecordError(f"{name!a} is no name of a pack's file", "export the pack again")
    if path.is_symlink() or not (path.is_file() or path.is_dir()):
        raise RecordError(f"{name} is not a plain file", "export the pack again")
    return path.is_dir()
