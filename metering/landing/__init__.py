"""Landing: from a source's own files to typed records in the lake.

``land`` takes a folder of CSV, JSON-lines or Parquet files and a ``Declaration`` of what is what in them. Each record
is read once, here, into the columns of its kind (``record.landing.kinds``): times to UTC, numbers to the kind's unit,
nothing guessed, nothing rounded unless declared. What does not fit is refused record by record and kept in quarantine
with its reason; a file that cannot be read at all is refused by itself. What lands does not depend on the order of the
records or files, on how they are cut into files, on how often they come, or on the machine's zone.

Records may come late and out of order: they go to the day they belong to, whenever they come, and that day is told as
changed. The watermark says up to when a source's records are believed to be complete.

Files are read by processes of their own (``metering.unpacking``), so that a hostile one ends its reader and nobody
else, and by the same code whichever engine evaluates them: what an untyped file means must not depend on that.
"""

from metering.landing.landing import Landed, land
from metering.landing.quarantine import notes
from metering.unpacking.notes import Note
from record.landing.declaration import Clock, Constant, Declaration, Number, Rounding, Text, Time, Truth
from record.landing.errors import LandingError

__all__ = [
    "Clock",
    "Constant",
    "Declaration",
    "Landed",
    "LandingError",
    "Note",
    "Number",
    "Rounding",
    "Text",
    "Time",
    "Truth",
    "land",
    "notes",
]
