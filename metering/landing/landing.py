"""A folder of files lands: read by processes of their own, merged into the lakes' days, and told about."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from metering.days import day_of_name
from metering.engine import Engine, open_engine
from metering.lake import Lake, LakeError, add
from metering.landing.ledger import Ledger
from metering.landing.processes import unpack
from metering.landing.quarantine import keep
from metering.residency import Homes
from metering.unpacking.errors import MAY_PASS_LATER
from metering.unpacking.task import File, Outcome, Place, Task
from record.landing.declaration import FORMATS, Declaration
from record.landing.errors import LandingError

MEMORY_BYTES = 640 << 20
"""What merging a day holds before it spills to disk; the unpacking processes are gone by then."""

_SPOOL = ".spool-"


@dataclass(frozen=True, slots=True)
class Landed:
    """What came of a landing, in records unless it says otherwise.

    ``read`` = ``new`` + ``duplicates`` + all of ``refused`` (by reason). ``late``: of those that landed, how many are
    earlier than the watermark was. ``contradictions``: how many there are now on the days that changed. ``days``: those
    days, since 1970; what was computed of them before is to be computed anew. ``unreadable``: files from which nothing
    landed, with why and what to do. ``known_files``: how many had landed before, and were not read again.
    """

    read: int
    new: int
    duplicates: int
    refused: Mapping[str, int]
    late: int
    contradictions: int
    days: tuple[int, ...]
    unreadable: tuple[tuple[str, str, str], ...]
    known_files: int
    watermark: int | None


def land(
    folder: Path, declaration: Declaration, homes: Homes, now_seconds: int, engine: Engine | None = None
) -> Landed:
    """Lands all files of a folder that end as the declaration's format does, folders within it included, or one file.

    What landed before does no harm: records are kept once. ``now_seconds``: UTC; records from later are refused.
    ``engine`` merges days too large for memory; if None, a DuckDB is opened for them. A file that cannot be read, and a
    record that cannot be believed, are no errors: they are told about. LandingError for a folder that cannot be listed;
    LakeError while another process lands the same source.
    """
    files = list_files(folder, declaration.format)
    try:
        return _landed(files, declaration, homes, now_seconds, engine)
    except OSError as error:
        raise LakeError(
            f"the lake cannot be written to: {error}", "check the disk, and who may write there"
        ) from None


def _landed(
    files: Sequence[File], declaration: Declaration, homes: Homes, now_seconds: int, engine: Engine | None
) -> Landed:
    lakes = homes.lakes()
    with ExitStack() as stack:
        for lake in lakes.values():
            stack.enter_context(lake.landing(declaration.source, declaration.of_kind))
        places = {
            tag: _place(lake, declaration.source, stack) if lake else None
            for tag, lake in {**dict.fromkeys(homes.tagged), **lakes}.items()
        }
        ledger = Ledger(lakes[""], declaration)
        task = Task(declaration, ledger.new(files), places, now_seconds)
        outcomes = unpack(task)
        opened = cache(lambda: engine or stack.enter_context(open_engine("duckdb", MEMORY_BYTES)))
        result = _merged(task, outcomes, lakes, opened)
        # Last, so that what was interrupted is unpacked again.
        ledger.enter(one.file for one in outcomes if _is_done_with(one))
        return replace(result, known_files=len(files) - len(task.files))


def list_files(folder: Path, format: str) -> list[File]:
    """The files of a format in a folder and those within it, sorted by name, or the one file that is named;
    LandingError if it cannot be listed."""
    try:
        root = folder.resolve(strict=True)
        paths = sorted(path for path in root.rglob(f"*{FORMATS[format]}") if path.is_file())
    except OSError as error:
        raise LandingError(f"{folder} cannot be listed: {error.strerror}", "name a folder of files") from None
    if root.is_file():
        paths, root = [root], root.parent
    if not root.is_dir():
        raise LandingError(f"{folder} is no folder", "name the folder that the files are in")
    outside = [path for path in paths if not path.resolve().is_relative_to(root)]
    if outside:
        raise LandingError(f"{outside[0]} leads out of the folder", "put the file itself there")
    return [
        File(number, str(path.relative_to(root)), path, path.stat().st_size)
        for number, path in enumerate(paths)
    ]


def _place(lake: Lake, source: str, stack: ExitStack) -> Place:
    for left in lake.folder(source).glob(f"{_SPOOL}*"):
        # By a landing that was killed: nobody else lands this source now.
        shutil.rmtree(left, ignore_errors=True)
    spool = stack.enter_context(TemporaryDirectory(prefix=_SPOOL, dir=lake.folder(source)))
    deleted = frozenset(day for day in lake.days(source) if lake.day(source, day).records is None)
    return Place(Path(spool), deleted, lake.watermark(source))


def _merged(
    task: Task, outcomes: Sequence[Outcome], lakes: Mapping[str, Lake], engine: Callable[[], Engine]
) -> Landed:
    source = task.declaration.source
    new = duplicates = contradictions = 0
    changed: set[int] = set()
    for tag, lake in lakes.items():
        place = task.places[tag]
        assert place is not None
        for day, parts in _parts(place.spool):
            merged, is_changed = add(lake, source, day, parts, engine)
            new += merged.new
            duplicates += merged.duplicates
            if is_changed:
                contradictions += merged.contradictions
                changed.add(day)
        keep(lake, source, sorted((place.spool / "refused").glob("*.parquet")))
    watermark = _move_watermark(task, outcomes, lakes)
    names = {file.number: file.name for file in task.files}
    refused: Counter[str] = Counter()
    for one in outcomes:
        refused.update(dict(one.refused))
    return Landed(
        read=sum(one.read for one in outcomes),
        new=new,
        duplicates=duplicates,
        refused=dict(sorted(refused.items())),
        late=sum(one.late for one in outcomes),
        contradictions=contradictions,
        days=tuple(sorted(changed)),
        unreadable=tuple((names[one.file], *one.problem) for one in outcomes if one.problem),
        known_files=0,
        watermark=watermark,
    )


def _is_done_with(outcome: Outcome) -> bool:
    return outcome.problem is None and not MAY_PASS_LATER & dict(outcome.refused).keys()


def _parts(spool: Path) -> Iterator[tuple[int, list[Path]]]:
    days = {day_of_name(path.name): path for path in spool.iterdir()}
    for day, path in sorted((day, path) for day, path in days.items() if day is not None):
        yield day, sorted(path.iterdir())


def _move_watermark(task: Task, outcomes: Sequence[Outcome], lakes: Mapping[str, Lake]) -> int | None:
    source = task.declaration.source
    last = max((one.last for one in outcomes if one.last is not None), default=None)
    for lake in lakes.values():
        if last is not None:
            lake.set_watermark(source, max(0, last - task.declaration.lateness_seconds))
    return lakes[""].watermark(source)
