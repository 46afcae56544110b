"""Values that others measured and a node read at its ticks. Text and exact decimals: no float stands between a
measurement and a payment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

VALUE = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?\Z")
"""The numbers that are read: up to 40 digits on each side of the point."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read at a tick, in milliseconds UTC since 1970: a number as its source wrote it (see ``VALUE``), or None
    when nothing is known."""

    time_ms: int
    value: str | None

    @property
    def number(self) -> Decimal | None:
        """The value, exactly."""
        return None if self.value is None else Decimal(self.value)
