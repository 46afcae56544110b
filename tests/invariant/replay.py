"""A history that failed, made short: steps alone repeat it, and those that it does without are left out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tests.invariant.arena import Arena
from tests.invariant.calls import Call
from tests.invariant.deal import Deal
from tests.invariant.steps import Step

Judge = Callable[[Sequence[Step]], int | None]


def first_failure(steps: Sequence[Step]) -> int | None:
    """The index of the step at which the contracts do otherwise than the model; None if they never do."""
    arena = Arena()
    for index, step in enumerate(steps):
        try:
            arena.take(step)
            if isinstance(step.action, Call) and step.action.function in ("open", "amend"):
                arena.deals[step.action.arguments[0].id] = step.action.arguments[0]
        except AssertionError:
            return index
    return None


def shortened(steps: Sequence[Step], seconds: float, judge: Judge = first_failure) -> list[Step]:
    """As few steps as can be found within the time that still fail; all of them if they do not fail again."""
    if not seconds:
        return list(steps)
    until = time.monotonic() + seconds
    end = judge(steps)
    if end is None:
        return list(steps)
    left = list(steps[: end + 1])
    size = len(left) // 2
    while size and time.monotonic() < until:
        start = 0
        while start < len(left) - 1 and time.monotonic() < until:
            fewer = [*left[:start], *left[start + size :][: len(left)]]
            end = judge(fewer) if fewer else None
            if end is None:
                start += size
            else:
                left = fewer[: end + 1]
        size //= 2
    return left


def script(steps: Sequence[Step]) -> str:
    """The steps for people, with the agreements they name."""
    named: dict[str, Deal] = {}
    for step in steps:
        if isinstance(step.action, Call):
            named |= {one.name: one for one in _deals(step.action)}
    terms = [f"{name} = {deal.agreement}" for name, deal in named.items()]
    return "\n".join([*map(repr, steps), *terms])


def _deals(call: Call) -> list[Deal]:
    inner = (
        [one for part in call.arguments[0] for one in _deals(part)] if call.function == "multicall" else []
    )
    return inner + [one for one in call.arguments if isinstance(one, Deal)]
