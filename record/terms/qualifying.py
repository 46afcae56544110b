"""Qualifying conditions: a promise that holds up to an agreed load.

onlyWhile:
  source: load                  # a DataSource of records of kind readings
  where: {service: shop}        # one gauge of those it has
  atMost: 1000                  # in the whole unit of the readings
  holdsFor: 5 minutes           # no reading is believed for longer

Time above does not count; time that no reading tells of does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from record.readable import duration
from record.terms.chosen import Where, read_where
from record.terms.durations import span
from record.terms.records import Records
from record.terms.section import Section
from record.terms.sources import DataSource
from record.terms.values import scaled

MICRO_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class OnlyWhile:
    """Time counts only while the last reading of ``source`` is at most ``at_most_micro`` millionths; a reading is
    believed for ``holds_for_seconds``."""

    source: DataSource
    where: Where
    at_most_micro: int
    holds_for_seconds: int

    @property
    def bound(self) -> str:
        """The bound as people write it: 1 500 000 is "1.5"."""
        whole, rest = divmod(self.at_most_micro, 10**MICRO_DECIMALS)
        return f"{whole}.{f'{rest:06d}'.rstrip('0')}" if rest else str(whole)

    @property
    def cause(self) -> str:
        """What time above it is excluded by."""
        return f"{self.source.name} above {self.bound}"

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        chosen = "; ".join(f"{name} {' or '.join(values)}" for name, values in self.where)
        return (
            f"only while {self.source.name}{f' of {chosen}' if chosen else ''} is at most {self.bound} (a reading "
            f"holds for {duration(self.holds_for_seconds)} at most; time without one counts)"
        )


def read_only_while(section: Section, sources: Mapping[str, DataSource]) -> OnlyWhile:
    """The ``onlyWhile`` of an SLI of records."""
    section.require("source atMost holdsFor", "where")
    reference = section.field("source")
    source = sources.get(reference.text)
    if source is None:
        raise reference.refuse("names no DataSource of this file", "add a document of kind DataSource")
    if not isinstance(source.connection, Records) or source.connection.declaration.kind != "readings":
        raise reference.refuse("holds no readings", "name a source of type records and kind readings")
    at_most = section.field("atMost")
    return OnlyWhile(
        source=source,
        where=read_where(section),
        at_most_micro=scaled(at_most, at_most.text, MICRO_DECIMALS),
        holds_for_seconds=span(section.field("holdsFor")),
    )
