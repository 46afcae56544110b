"""Records at rest: Parquet files by source and UTC day, each the sorted set of what was landed for that day.

::

    ROOT/lake.json                                          {"region": "eu"}: whose records may be kept here
    ROOT/source=shop-probes/source.json                     {"kind": "probes", "watermark": 1769904000}
    ROOT/source=shop-probes/day=2026-01-31/current.json     which of the files counts, and what is in it
    ROOT/source=shop-probes/day=2026-01-31/records-HASH.parquet
    ROOT/source=shop-probes/day=2026-01-31/contradictions-HASH.parquet

A file never changes; its name is the hash of its bytes. Landing writes a new one and then puts a new ``current.json``
in the old one's place, so a reader sees a day as it was before or as it is after, and a crash leaves a file that nobody
points to. What was replaced stays until retention removes it: an evaluation that named its files can be repeated, and
one that runs meanwhile is not disturbed. So ask ``Lake.files``, not the folder: it may hold more than counts.

A day is a function of the set of its records: sorted, each once, in row groups of one size. Neither the order in which
they came, nor how they were cut into files, nor how often each came changes a byte.
"""

from metering.lake.adding import add
from metering.lake.errors import LakeError, ResidencyError
from metering.lake.lake import Day, Lake
from metering.lake.merging import Merged

__all__ = ["Day", "Lake", "LakeError", "Merged", "ResidencyError", "add"]
