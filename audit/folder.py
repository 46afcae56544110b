"""A pack's folder, as bytes by path."""

from __future__ import annotations

from pathlib import Path

from sla.errors import RecordError


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder``. RecordError for links and empty folders, which no pack has; OSError if it cannot
    be read."""
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise RecordError(f"{name} is not a plain file", "export the pack again")
        if path.is_file():
            files[name] = path.read_bytes()
        elif not any(path.iterdir()):
            raise RecordError(f"{name} is an empty folder", "export the pack again")
    return files
