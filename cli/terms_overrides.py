"""What each file of inherited terms set, and what it overrode."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from record.canonical import Json
from record.terms.inheritance import Inherited, Leaf, Override


def layers_json(inherited: Inherited | None) -> list[dict[str, Any]]:
    """The files, each before those that build on it; none where nothing is inherited. A ``to`` of null was removed."""
    if inherited is None:
        return []
    return [
        {
            "file": file,
            "overrides": [
                {
                    "path": each.path,
                    "from": each.old,
                    "to": each.new,
                    "file": file,
                    "line": each.to_line,
                    "fromFile": each.from_document,
                    "fromLine": each.from_line,
                }
                for each in _overrides(inherited, file)
            ],
            "sets": [
                {"path": leaf.path, "value": leaf.value, "file": file, "line": leaf.line}
                for leaf in _sets(inherited, file)
            ],
        }
        for file in inherited.layers
    ]


def layer_lines(inherited: Inherited | None) -> Iterator[str]:
    """The same for people: ``file:line: path: from -> to``."""
    if inherited is None:
        yield "Nothing is inherited."
        return
    for file in inherited.layers:
        overrides = list(_overrides(inherited, file))
        sets = [leaf for leaf in _sets(inherited, file) if not _is_heading(leaf.path)]
        yield f"{file} overrides {_values(len(overrides))} and sets {_values(len(sets))} besides:"
        for each in overrides:
            now = "removed" if each.new is None else _shown(each.new)
            yield (
                f"  {file}:{each.to_line}: {each.path}: {now}, was {_shown(each.old)} "
                f"({each.from_document}:{each.from_line})"
            )
        for leaf in sets:
            yield f"  {file}:{leaf.line}: {leaf.path}: {_shown(leaf.value)}"


def _overrides(inherited: Inherited, file: str) -> Iterator[Override]:
    return (each for each in inherited.overrides if each.to_document == file)


def _sets(inherited: Inherited, file: str) -> Iterator[Leaf]:
    """What stands in the merged terms from this file and overrode nothing."""
    overridden = {each.path for each in _overrides(inherited, file)}
    return (leaf for leaf in inherited.leaves if leaf.document == file and leaf.path not in overridden)


def _is_heading(path: str) -> bool:
    """What every file has to repeat to say which document it means."""
    return ".spec." not in path and path.endswith((".apiVersion", ".kind", ".metadata.name"))


def _shown(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _values(count: int) -> str:
    return f"{count} value{'' if count == 1 else 's'}"
