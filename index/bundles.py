"""Reports of rounds that were posted without them, out of their bundles."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from index.facts import Round
from record.bundle import reports_under
from record.keccak import keccak256
from sla.report import Report

KEPT = 256
"""How many rounds' reports are kept in memory; others are read again."""


class BundledReports:
    """``bundles`` gives the bytes of a bundle, or None. Only bytes that are what the round's members signed count."""

    def __init__(self, bundles: Callable[[bytes], bytes | None]) -> None:
        self._bundles = bundles
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, tuple[Report, ...]] = OrderedDict()

    def of(self, posted: Round) -> tuple[Report, ...] | None:
        """The round's reports: those on the chain, else those of its bundle; None while nobody has it."""
        if posted.reports is not None:
            return posted.reports
        with self._lock:
            if posted.root in self._kept:
                self._kept.move_to_end(posted.root)
                return self._kept[posted.root]
        found = self._read(posted)
        if found is not None:
            with self._lock:
                self._kept[posted.root] = found
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return found

    def _read(self, posted: Round) -> tuple[Report, ...] | None:
        data = self._bundles(posted.bundle)
        if data is None or keccak256(data) != posted.bundle:
            return None
        return reports_under(posted.root, data)
