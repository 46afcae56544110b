"""What operators want measured again: a source was corrected after its period was reported (R5).

A request is an empty file in a folder, so that it reaches a running node and outlives a restart. It makes one member
measure again, nothing more: a new revision needs a quorum whose sources all say so, and only the operators of a quorum
can bring one about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from oracle.observing import LAST_REVISION
from oracle.ports import Subject, Tell, View
from oracle.rounds import RoundBook
from oracle.watching import Wanted, Watched, periods_open
from sla.schedule import deadline_end

_NAME = re.compile(r"([0-9a-f]{64})-(\d{1,8})-(\d{1,3})\Z")

Asked = Callable[[], Mapping[Subject, int]]
"""What is to be measured again, each with a stamp: asked once more, it has another."""


def nothing_asked() -> Mapping[Subject, int]:
    """For nodes whose operator cannot ask."""
    return {}


def ask_again(folder: Path, subject: Subject) -> Path:
    """Ask the node that reads ``folder`` to measure a subject again; the request's file. OSError if it cannot be
    written."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{subject.agreement.hex()}-{subject.period}-{subject.obligation}"
    path.write_bytes(b"")
    return path


def asked_in(folder: Path) -> Mapping[Subject, int]:
    """All requests in a folder, stamped with the time of their files; other files are left alone."""
    asked = {}
    try:
        files = [(_NAME.match(path.name), path) for path in folder.iterdir()]
        for name, path in files:
            if name is not None:
                subject = Subject(bytes.fromhex(name[1]), int(name[2]), int(name[3]))
                asked[subject] = path.stat().st_mtime_ns
    except OSError:
        # Nobody asked yet, or a request is taken away just now; the next look sees the rest.
        pass
    return asked


class Again:
    """Turns requests into reports that are wanted, each one revision above what was attested when it came in."""

    def __init__(self, asked: Asked, tell: Tell) -> None:
        self._asked = asked
        self._tell = tell
        self._targets: dict[tuple[Subject, int], int] = {}
        self._told: set[tuple[Subject, int, str]] = set()

    def wanted(self, watched: Sequence[Watched], view: View, book: RoundBook) -> Iterator[Wanted]:
        """What was attested, is asked for again, and can still be claimed. Why a request is none is told once."""
        by_id = {each.id: each for each in watched}
        for subject, stamp in self._asked().items():
            each, attested = by_id.get(subject.agreement), book.revision(subject)
            problem = _problem(each, subject, view, book)
            if each is not None and attested is not None and problem is None:
                target = self._targets.setdefault((subject, stamp), attested + 1)
                if attested < target <= LAST_REVISION:
                    yield Wanted(subject, each, each.end_of(subject.period), target, stamp)
            elif (subject, stamp) not in self._targets and (subject, stamp, problem or "") not in self._told:
                self._told.add((subject, stamp, problem or ""))
                self._tell("not measured again", {**subject.shown(), "problem": problem})


def _problem(each: Watched | None, subject: Subject, view: View, book: RoundBook) -> str | None:
    """Why a subject cannot be measured again; None if it can."""
    if each is None or subject.obligation not in each.meters:
        return "this node does not measure it"
    if subject.period not in periods_open(each.agreement, view.time, view.count_of(each.id)):
        return "its period is not over, was cut off, or can be claimed no more"
    if book.attested.get(subject, 0) < deadline_end(each.agreement.service, subject.period):
        return "it is not reported yet, and measured anyway"
    return None
