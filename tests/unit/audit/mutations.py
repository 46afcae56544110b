"""Every way to change one thing in a JSON document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import islice
from typing import Any

Edit = tuple[str, Callable[[], None], Callable[[], None]]
"""What is changed, how, and how to take it back."""


def mutations(document: Any, thorough: bool = True) -> Iterator[tuple[str, Any]]:
    """Each leaf changed; each record removed, repeated, swapped; each member removed, renamed, added.

    ``thorough``: each leaf in several ways, also to another kind; members also renamed and added. The same document
    is handed out every time, changed in one place; it is whole again in the end.
    """
    for what, do, undo in _edits("$", document, thorough):
        do()
        yield what, document
        undo()


def _edits(path: str, value: Any, thorough: bool) -> Iterator[Edit]:
    if isinstance(value, list):
        yield from _list_edits(path, value)
    elif isinstance(value, dict):
        yield from _object_edits(path, value, thorough)
    places = enumerate(value) if isinstance(value, list) else list(value.items())
    for key, item in places:
        if isinstance(item, list | dict):
            yield from _edits(f"{path}[{key}]", item, thorough)
        else:
            for changed in islice(_changed(item), None if thorough else 1):
                yield _set(f"{path}[{key}] = {str(changed)[:40]}", value, key, item, changed)


def _set(what: str, container: Any, key: Any, old: Any, new: Any) -> Edit:
    return what, lambda: container.__setitem__(key, new), lambda: container.__setitem__(key, old)


def _list_edits(path: str, items: list[Any]) -> Iterator[Edit]:
    whole = list(items)

    def put_back() -> None:
        items[:] = whole

    for index, item in enumerate(whole):
        yield f"{path} without [{index}]", lambda index=index: items.pop(index), put_back  # type: ignore[misc]
        repeated = deepcopy(item)
        yield (
            f"{path}[{index}] twice",
            lambda index=index, repeated=repeated: items.insert(index, repeated),  # type: ignore[misc]
            put_back,
        )
        if index and whole[index - 1] != item:
            swapped = [*whole[: index - 1], item, whole[index - 1], *whole[index + 1 :]]
            yield (
                f"{path}[{index}] before [{index - 1}]",
                lambda swapped=swapped: items.__setitem__(slice(None), swapped),  # type: ignore[misc]
                put_back,
            )


def _object_edits(path: str, members: dict[str, Any], thorough: bool) -> Iterator[Edit]:
    whole = dict(members)

    def put(changed: dict[str, Any]) -> None:
        members.clear()
        members.update(changed)

    def put_back() -> None:
        put(whole)

    if thorough:
        yield f"{path}.more", lambda: members.__setitem__("more", 1), put_back
    for name in whole:
        rest = {key: item for key, item in whole.items() if key != name}
        yield f"{path} without .{name}", lambda rest=rest: put(rest), put_back  # type: ignore[misc]
        renamed = {**rest, f"{name}x": whole[name]}
        if thorough:
            yield f"{path}.{name}x", lambda renamed=renamed: put(renamed), put_back  # type: ignore[misc]


def _changed(leaf: Any) -> Iterator[Any]:
    """Other leaves of the same kind, and one of another kind."""
    if isinstance(leaf, bool):
        yield not leaf
        yield int(leaf)
    elif isinstance(leaf, int):
        yield leaf + 1
        yield leaf - 1
        if leaf in (0, 1):
            yield bool(leaf)
    elif leaf is None:
        yield 0
    else:
        yield _flipped(leaf)
        yield None


def _flipped(text: str) -> str:
    """One sign changed, somewhere in the last two thirds, to another of its kind."""
    if not text:
        return "0"
    place = len(text) - 1 - sum(text.encode()) % max(1, len(text) * 2 // 3)
    sign = text[place]
    other = {"0": "1", "9": "8", "f": "e", "F": "E"}.get(sign, chr(ord(sign) + 1) if sign.isalnum() else "0")
    return text[:place] + other + text[place + 1 :]
