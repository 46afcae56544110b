"""The folder of records: what it holds, what may be asked of it, and who may add to it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from metering.days import date_of, day_name, day_of_name
from metering.engine import Engine, Table, literal, union
from metering.lake.errors import LakeError, ResidencyError
from metering.lake.files import read_json, write_json
from metering.lake.merging import kind_table
from record.landing.kinds import KINDS, SOURCE, Kind
from sla.civil import DAY


@dataclass(frozen=True, slots=True)
class Day:
    """What a source's day holds now. Without a ``records`` file its raw records were deleted by retention.

    ``first`` and ``last``: of its records' times, in the kind's own unit; None when there are none.
    ``rolled_up``: the file that says in sum what the raw records said, if there is one.
    """

    day: int
    records: str | None = None
    rows: int = 0
    first: int | None = None
    last: int | None = None
    contradictions: str | None = None
    contradictory_rows: int = 0
    rolled_up: str | None = None

    @property
    def files(self) -> frozenset[str]:
        """The names of the files that count."""
        return frozenset(name for name in (self.records, self.contradictions, self.rolled_up) if name)


class Lake:
    """The records under ``root``, all of which may be kept there.

    ``region``: with it, all records carry it as their residency tag. ``elsewhere``: the tags whose records have a lake
    of their own, and may not be kept in this one.
    """

    def __init__(self, root: Path, region: str = "", elsewhere: frozenset[str] = frozenset()) -> None:
        self.root = root
        self.region = region
        self._elsewhere = elsewhere - {region}
        marker = read_json(root / "lake.json")
        if marker is not None and marker.get("region") != region:
            raise ResidencyError(
                f"{root} keeps the records of region {marker.get('region')!r}, not of {region!r}",
                "give each region a folder of its own",
            )

    def sources(self) -> list[str]:
        """The names of all that were landed, sorted."""
        if not self.root.is_dir():
            return []
        names = (path.parent.name.removeprefix("source=") for path in self.root.glob("source=*/source.json"))
        return sorted(name for name in names if SOURCE.match(name))

    def folder(self, source: str) -> Path:
        """Where a source's records lie."""
        if not SOURCE.match(source):
            raise LakeError(
                f"{source[:80]!r} cannot name a source", "use up to 64 lower-case letters, digits and . _ -"
            )
        return self.root / f"source={source}"

    def kind(self, source: str) -> Kind:
        """What the source's records are; LakeError for one that was never landed."""
        return KINDS[self._state(source)["kind"]]

    def watermark(self, source: str) -> int | None:
        """Seconds UTC: records before it are believed to have arrived. None before the first."""
        mark: int | None = self._state(source).get("watermark")
        return mark

    def set_watermark(self, source: str, watermark: int) -> None:
        """Moves the watermark; it never goes back."""
        state = self._state(source)
        before = state.get("watermark")
        if before is None or before < watermark:
            write_json(self.folder(source) / "source.json", state | {"watermark": watermark})

    def days(self, source: str) -> list[int]:
        """The days, since 1970, of which the source has or had records, in order."""
        found = (day_of_name(path.parent.name) for path in self.folder(source).glob("day=*/current.json"))
        return sorted(day for day in found if day is not None)

    def day(self, source: str, day: int) -> Day:
        """What the day holds; LakeError for a day without records."""
        state = read_json(self.day_folder(source, day) / "current.json")
        if state is None:
            raise LakeError(f"{source} has no records of {date_of(day)}", "ask for another day")
        try:
            return Day(**state)
        except TypeError:
            raise LakeError(f"{source}, {date_of(day)}: its state is garbled", "land the day anew") from None

    def day_folder(self, source: str, day: int) -> Path:
        """Where a day's files lie."""
        return self.folder(source) / day_name(day)

    def files(self, source: str, start: int, end: int) -> list[Path]:
        """The files of records with times in ``[start, end)``, seconds UTC, by day; days outside are not looked at."""
        return [path for path, _ in self._files(source, start, end)]

    def read(self, engine: Engine, sources: Sequence[str], start: int, end: int) -> Table:
        """The records with times in ``[start, end)``, seconds UTC, of sources of one kind, as a table of the engine.

        Its columns are the kind's, and ``source``. Sorted by nothing. LakeError when a source is not there, is of
        another kind, or some of its days were deleted.
        """
        if not sources:
            raise LakeError("no source to read", "name at least one")
        kinds = {source: self.kind(source) for source in sources}
        kind = kinds[sources[0]]
        for source, other in kinds.items():
            if other is not kind:
                raise LakeError(
                    f"{source} holds {other.name}, {sources[0]} {kind.name}", "read them one by one"
                )
        tables = [self._read(engine, kind, source, start, end) for source in dict.fromkeys(sources)]
        return tables[0] if len(tables) == 1 else union(*tables)

    @contextmanager
    def landing(self, source: str, kind: Kind) -> Iterator[None]:
        """Holds the source for one who lands records of that kind in it; LakeError while another does."""
        folder = self.folder(source)
        folder.mkdir(parents=True, exist_ok=True)
        if read_json(self.root / "lake.json") is None:
            write_json(self.root / "lake.json", {"region": self.region})
        with (folder / ".landing").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise LakeError(f"{source} is being landed by another process", "try again later") from None
            state = read_json(folder / "source.json")
            if state is None:
                write_json(folder / "source.json", {"kind": kind.name, "watermark": None})
            elif state["kind"] != kind.name:
                raise LakeError(f"{source} holds {state['kind']}, not {kind.name}", "land under another name")
            yield

    def set_day(self, source: str, day: Day) -> None:
        """Makes this what the day holds, from one moment to the next."""
        write_json(self.day_folder(source, day.day) / "current.json", asdict(day))

    def require_home(self, region: str) -> None:
        """Refuses a record's residency tag, unless such records may be kept here."""
        if (self.region and region != self.region) or region in self._elsewhere:
            raise ResidencyError(
                f"a record of region {region!r} may not be kept in {self.root}",
                "land it in its region's lake",
            )

    def _files(self, source: str, start: int, end: int) -> list[tuple[Path, bool]]:
        """With each file whether all of its records lie in the span."""
        per_second = self.kind(source).time.type.per_second
        found = []
        for number in self.days(source):
            if (number + 1) * DAY <= start or end <= number * DAY:
                continue
            day = self.day(source, number)
            if day.records is None:
                raise LakeError(
                    f"the raw records of {source} on {date_of(number)} were deleted by retention",
                    "ask for later days, or for what was rolled up",
                )
            if day.first is None or day.last is None:
                continue
            if day.last >= start * per_second and day.first < end * per_second:
                is_within = start * per_second <= day.first and day.last < end * per_second
                found.append((self.day_folder(source, number) / day.records, is_within))
        return found

    def _read(self, engine: Engine, kind: Kind, source: str, start: int, end: int) -> Table:
        files = self._files(source, start, end)
        if files:
            table = engine.from_parquet([path for path, _ in files], kind.names)
        else:
            table = engine.from_arrow(kind_table(kind))
        # To compare every time again takes as long as a small question.
        if not all(is_within for _, is_within in files):
            time, per_second = table[kind.time.name], kind.time.type.per_second
            table = table.filter((time >= start * per_second) & (time < end * per_second))
        return table.mutate(source=literal(source, "string"))

    def _state(self, source: str) -> dict[str, Any]:
        state = read_json(self.folder(source) / "source.json")
        if state is None:
            there = ", ".join(self.sources()) or "none"
            raise LakeError(
                f"there is no source {source!r} in {self.root}", f"land it first; there are: {there}"
            )
        if state.get("kind") not in KINDS:
            raise LakeError(
                f"{source} holds records of a kind unknown here", "use the version that landed them"
            )
        return state
