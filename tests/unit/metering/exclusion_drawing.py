"""Random exclusions, and a slow reference that decides second by second what each of them excludes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa
from hypothesis import strategies as st

from metering.cells import Cell
from metering.engine import Engine, Table
from metering.excluding import Allowed
from metering.indicators.pieces import Piece
from record.landing.kinds import DIMENSIONS
from sla.exclusions import Exclusion, ExclusionKind, Scope, Way

START = 900 * 2_000_000 - 31
"""A bucket of the engine's pieces ends within the first cell."""
CELLS = [Cell(0, "", START, START + 50), Cell(1, "", START + 50, START + 90)]
WINDOWS = ((START - 20, START + 35), (START + 35, START + 80))
"""Of the allowances; they cut the first cell, and end before the second does."""
HOURS = [
    Piece(0, START, START + 10, counts=False, excluded_by="hours"),
    Piece(0, START + 10, START + 50),
    Piece(1, START + 50, START + 90),
]
WHOLE = [Piece(0, START, START + 50), Piece(1, START + 50, START + 90)]

MAINTENANCE, STORM = ExclusionKind.MAINTENANCE, ExclusionKind.FORCE_MAJEURE
WAYS = {
    MAINTENANCE: (
        Way(frozenset({"customer"})),
        Way(frozenset({"provider"}), notice_seconds=100, allowance_seconds=7),
        Way(frozenset({"provider"}), notice_seconds=300, allowance_seconds=4),
    ),
    STORM: (Way(frozenset({"customer"}), notice_seconds=-60),),
}
ALLOWED = Allowed(
    WAYS, lambda start, end: tuple(each for each in WINDOWS if each[0] < end and start < each[1])
)

REGIONS = ("eu", "us", "")
SERVICES = ("shop", "till")

scopes: st.SearchStrategy[Scope] = st.sampled_from(
    [
        (),
        (("region", ("eu",)),),
        (("region", ("eu", "us")),),
        (("service", ("shop",)),),
        (("region", ("eu",)), ("service", ("shop",))),
        (("component", ("db",)),),
        (("region", ("mars",)),),
    ]
)


@st.composite
def exclusions(draw: st.DrawFn) -> list[Exclusion]:
    """Some overlap, come too late, are signed by nobody, or are of a kind that is not agreed."""
    found = []
    for number in range(draw(st.integers(0, 6))):
        start = draw(st.integers(START - 15, START + 88))
        found.append(
            Exclusion(
                id=f"0x{number}",
                kind=draw(st.sampled_from([MAINTENANCE, MAINTENANCE, STORM, ExclusionKind.DEPENDENCY])),
                scope=draw(scopes),
                start=start,
                end=start + draw(st.integers(1, 40)),
                announced_at=start - draw(st.sampled_from([400, 200, 100, 50, -61])),
                approvers=draw(
                    st.sampled_from([frozenset(), frozenset({"provider"}), frozenset({"customer"})])
                ),
            )
        )
    return found


def excluded_seconds(
    given: Sequence[Exclusion],
    dimensions: Mapping[str, str],
    conditions: Mapping[str, set[int]] | None = None,
) -> dict[int, str]:
    """By second what excludes it, for that which has these dimensions."""
    found: dict[int, str] = {}
    for cause, seconds in sorted((conditions or {}).items()):
        found.update({second: cause for second in seconds if second not in found})
    spent: Counter[tuple[ExclusionKind, int, tuple[int, int]]] = Counter()
    for one in sorted(given, key=lambda each: (each.announced_at, each.id)):
        if any(dimensions.get(name, "") not in values for name, values in one.scope):
            continue
        for second in range(one.start, one.end):
            if second in found:
                continue
            for place, way in enumerate(WAYS.get(one.kind, ())):
                signed = way.approvers <= one.approvers
                notice = way.notice_seconds
                in_time = notice is None or one.announced_at + notice <= one.start
                if not signed or not in_time:
                    continue
                if way.allowance_seconds is not None:
                    within = [each for each in WINDOWS if each[0] <= second < each[1]]
                    if not within or spent[one.kind, place, within[0]] == way.allowance_seconds:
                        continue
                    spent[one.kind, place, within[0]] += 1
                found[second] = one.id
                break
    return found


def cell_of(second: int) -> int:
    """The index of the cell that a second lies in."""
    return next(index for index, cell in enumerate(CELLS) if cell.start <= second < cell.end)


def rows_table(engine: Engine, rows: Sequence[Mapping[str, object]], types: Mapping[str, object]) -> Table:
    """Records of these columns, with all dimensions."""
    columns = {name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in DIMENSIONS}
    columns |= {name: pa.array([row[name] for row in rows], type) for name, type in types.items()}
    return engine.from_arrow(pa.table(columns))
