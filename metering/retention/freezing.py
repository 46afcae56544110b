"""A dispute freezes what it is about: nothing of those days is deleted, whatever the rules say, while it stands.

The versions of the days that were current when it was frozen are named and stay too, although later records may make
new ones: both sides and the arbiter compute from the same. ``LAKE/freezes/NAME.json`` holds each.
"""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from metering.lake import Lake
from metering.lake.files import read_json, write_json
from metering.retention.errors import RetentionError
from sla.civil import DAY

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}\Z")


@dataclass(frozen=True, slots=True)
class Freeze:
    """``[start, end)`` (seconds UTC) of the sources is evidence, since ``since``. ``files``: the versions that were
    current then, as ``source=…/day=…/name``."""

    name: str
    sources: tuple[str, ...]
    start: int
    end: int
    reason: str
    since: int
    files: tuple[str, ...] = ()

    def holds(self, source: str, day: int) -> bool:
        """Whether a source's day is part of it."""
        return source in self.sources and self.start < (day + 1) * DAY and day * DAY < self.end


def freeze(
    lake: Lake, name: str, sources: Sequence[str], start: int, end: int, reason: str, now_seconds: int
) -> Freeze:
    """Freezes the days that ``[start, end)`` touches, by the dispute's ``name``.

    What of them was deleted before is gone. RetentionError if another freeze has that name.
    """
    if not _NAME.match(name):
        raise RetentionError(
            f"{name[:80]!r} cannot name a freeze", "use the dispute's id: letters, digits, . _ -"
        )
    if not sources or start >= end:
        raise RetentionError("this freezes nothing", "name sources, and a start before the end")
    with alone(lake):
        return _freeze(lake, Freeze(name, tuple(sorted(set(sources))), start, end, reason, now_seconds))


def _freeze(lake: Lake, wanted: Freeze) -> Freeze:
    name = wanted.name
    place = _freezes(lake) / f"{name}.json"
    if place.exists():
        raise RetentionError(f"{name} is frozen already", "release it first, or use another name")
    files: list[str] = []
    for source in wanted.sources:
        lake.kind(source)
        for day in lake.days(source):
            if wanted.holds(source, day):
                state = lake.day(source, day)
                folder = lake.day_folder(source, day).relative_to(lake.root)
                files += [str(folder / file) for file in sorted(state.files)]
    frozen = replace(wanted, files=tuple(files))
    write_json(place, asdict(frozen))
    return frozen


def release(lake: Lake, name: str) -> None:
    """Ends a freeze, once the dispute is ruled and its time for appeal is over."""
    try:
        if not _NAME.match(name):
            raise FileNotFoundError
        (_freezes(lake) / f"{name}.json").unlink()
    except FileNotFoundError:
        raise RetentionError(
            f"nothing is frozen as {name[:80]!r}", "name the freeze as it was made"
        ) from None


def freezes(lake: Lake) -> list[Freeze]:
    """All freezes, by name."""
    found = []
    for path in sorted(_freezes(lake).glob("*.json")):
        state = read_json(path)
        if state is not None:
            state["sources"], state["files"] = tuple(state["sources"]), tuple(state["files"])
            found.append(Freeze(**state))
    return found


@contextmanager
def alone(lake: Lake) -> Iterator[None]:
    """Waits until nobody else freezes or deletes in this lake: a file must not go while it is being frozen."""
    lake.root.mkdir(parents=True, exist_ok=True)
    with (lake.root / ".retention").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _freezes(lake: Lake) -> Path:
    return lake.root / "freezes"
