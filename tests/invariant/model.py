"""The whole protocol as a plain, slow Python program: what every call should do, event for event.

Written from DESIGN.md's rules and the interface, not from the contracts; the formula and the schedule are
``sla/``'s, which are proven equal to Solidity's elsewhere. ``Model.call`` answers with what the call emits, or with
the custom error it is refused with; the books then say what every view and every balance must be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.invariant import (
    model_claims,
    model_committee,
    model_contests,
    model_life,
    model_money,
    model_settling,
)
from tests.invariant.calls import Call
from tests.invariant.model_context import Context, Emitted, Refused

RULES: dict[str, Callable[..., None]] = {
    "open": model_life.open_agreement,
    "amend": model_life.amend,
    "terminate": model_life.terminate,
    "exit": model_life.leave,
    "link": model_life.link,
    "deposit": model_money.deposit,
    "claim": model_claims.claim,
    "dispute": model_contests.dispute,
    "concede": model_contests.concede,
    "submitEvidence": model_contests.submit_evidence,
    "rule": model_contests.rule,
    "settle": model_settling.settle,
    "release": model_settling.release,
    "withdraw": model_money.withdraw,
    "permit": model_money.permit,
    "post": model_committee.post,
    "publish": model_committee.publish,
    "proposeRotation": model_committee.propose_rotation,
    "rotate": model_committee.rotate,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call should come to: what it emits, or the error it is refused with and its values."""

    events: tuple[Emitted, ...] = ()
    error: str | None = None
    values: tuple[Any, ...] = ()


class Model:
    """``context`` holds the books, the tokens and who is who."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def call(self, call: Call, now: int) -> Outcome:
        """Do it. A call that is refused leaves the books as they were; ``books.notes`` are what it changed."""
        context = self.context
        context.books.notes.clear()
        context.begin(now, call)
        try:
            self._run(call)
        except Refused as refused:
            context.books.take_back()
            return Outcome(error=refused.name, values=refused.values)
        return Outcome(events=tuple(context.events))

    def _run(self, call: Call) -> None:
        if call.function == "multicall":
            # One after the other, by the same caller, all or none.
            for part in call.arguments[0]:
                self.context.part = part
                self._run(part)
            return
        RULES[call.function](self.context, *call.arguments)
