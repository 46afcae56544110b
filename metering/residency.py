"""Residency: a record tagged with a region is kept in that region's folder, and nowhere else.

The tag is the record's dimension ``region``. Regions whose records may be kept anywhere need no folder of their own:
they are in the untagged lake. A region that is kept on other machines only is named too, without a folder: its records
are refused here, and so is who asks for them, rather than given the part that happens to be here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from metering.engine import Engine, Table, union
from metering.lake import Lake, LakeError, ResidencyError


@dataclass(frozen=True, slots=True)
class Homes:
    """Where records are kept: ``untagged`` those of every region that is not in ``tagged``; ``tagged`` by region, None
    where that is on another machine."""

    untagged: Path
    tagged: Mapping[str, Path | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        folders = [self.untagged, *(path for path in self.tagged.values() if path is not None)]
        resolved = [folder.resolve() for folder in folders]
        for place, folder in enumerate(resolved):
            for other in resolved[:place]:
                if folder.is_relative_to(other) or other.is_relative_to(folder):
                    raise ResidencyError(
                        f"{folder} and {other} are not apart", "give each region a folder of its own"
                    )
        if "" in self.tagged:
            raise ResidencyError(
                "a region without a name has a folder", "records without a tag are in untagged"
            )

    def lakes(self) -> dict[str, Lake]:
        """The lakes on this machine by their residency tag, ``""`` for the untagged."""
        tags = frozenset(self.tagged)
        tagged = {tag: Lake(path, tag, tags) for tag, path in self.tagged.items() if path is not None}
        return {"": Lake(self.untagged, elsewhere=tags), **tagged}

    def lake(self, region: str) -> Lake:
        """The lake that has the records of a region; ResidencyError when it is not on this machine."""
        if region in self.tagged and self.tagged[region] is None:
            raise ResidencyError(
                f"records of region {region!r} are kept elsewhere, not on this machine",
                "ask where they are kept",
            )
        return self.lakes()[region if region in self.tagged else ""]

    def read(
        self,
        engine: Engine,
        sources: Sequence[str],
        start: int,
        end: int,
        regions: Collection[str] | None = None,
    ) -> Table:
        """The records of ``[start, end)`` of these regions, from their lakes; of all regions when None.

        ResidencyError when some of them are not on this machine: a part would pass for the whole.
        """
        away = sorted(tag for tag, path in self.tagged.items() if path is None)
        if regions is None and away:
            raise ResidencyError(
                f"records of region {', '.join(away)} are kept elsewhere, not on this machine",
                "name the regions to read, or ask where all are kept",
            )
        lakes = self.lakes() if regions is None else {}
        for region in sorted(regions or ()):
            lakes[region if region in self.tagged else ""] = self.lake(region)
        tables = []
        for lake in lakes.values():
            there = [source for source in sources if source in lake.sources()]
            if there:
                tables.append(lake.read(engine, there, start, end))
        landed = {source for lake in self.lakes().values() for source in lake.sources()}
        for source in sources:
            if source not in landed:
                self.lakes()[""].kind(source)
        if not tables:
            raise LakeError("there is nothing to read", "land the sources of these regions first")
        table = union(*tables) if len(tables) > 1 else tables[0]
        return table if regions is None else table.filter(table.region.isin(sorted(regions)))
