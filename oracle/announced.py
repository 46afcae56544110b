"""The exclusions that were brought to a node: which there are, and since when it knows of each.

They lie in the folder ``exclusions`` of the files that terms name. A date in a file proves nothing; that the node had
the file does. So it looks at the folder in every cycle and writes down when it first saw each exclusion: none counts as
announced earlier than that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from metering.exclusion_files import load_exclusions
from metering.lake.files import write_json
from oracle.ports import Tell
from record.terms import TermsDocument
from record.typed_data import Domain
from sla.errors import MakegoodError
from sla.exclusions import Exclusion

FOLDER = "exclusions"


class Announced:
    """``ledger``: the file in which first sights are kept. ``now``: the node's time, seconds UTC."""

    def __init__(self, files: Path, ledger: Path, domain: Domain, now: Callable[[], int], tell: Tell) -> None:
        self._folder = files / FOLDER
        self._ledger = ledger
        self._domain = domain
        self._now = now
        self._tell = tell
        self._looked_at: frozenset[tuple[str, int, int]] = frozenset()
        self._told: set[tuple[str, str]] = set()

    def look(self, documents: Sequence[TermsDocument]) -> None:
        """Notes what came since the last look. Nothing that is wrong with a file ends a cycle."""
        files = frozenset(
            (path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in self._folder.glob("*.json")
        )
        if files != self._looked_at:
            for document in documents:
                self.of(document)
            self._looked_at = files

    def of(self, document: TermsDocument) -> list[Exclusion]:
        """Those of one agreement, each announced no earlier than this node first saw it."""
        if not self._folder.is_dir():
            return []
        seen = self._seen()
        found, refused = load_exclusions(self._folder, document, self._domain)
        fresh = {each.id: self._now() for each in found if each.id not in seen}
        if fresh:
            seen |= fresh
            write_json(self._ledger, seen)
            for exclusion in fresh:
                self._tell("exclusion noticed", {"exclusion": exclusion})
        for file in refused:
            # A file of another agreement is no trouble of this one.
            if file.field != "agreement" and (file.name, file.problem) not in self._told:
                self._told.add((file.name, file.problem))
                self._tell("exclusion refused", {"file": file.name, "problem": file.problem})
        return [replace(each, announced_at=max(each.announced_at, seen[each.id])) for each in found]

    def _seen(self) -> dict[str, int]:
        try:
            return {str(name): int(time) for name, time in json.loads(self._ledger.read_bytes()).items()}
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError):
            raise MakegoodError(
                f"{self._ledger} is garbled", "put it back from a copy; without it exclusions count as new"
            ) from None
