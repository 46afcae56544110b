"""Lists come in pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import Field

from api.answers.values import Answer, Count

MOST_AT_ONCE = 200

A = TypeVar("A", bound=Answer)
T = TypeVar("T")
S = TypeVar("S", bound=Sequence[Any])


class PageOf(Answer, Generic[A]):
    """A part of a list: from the oldest on, so that what comes later does not shift it."""

    items: list[A]
    total: Count = Field(description="How many there are in all")
    limit: int = Field(ge=1, le=MOST_AT_ONCE, description="How many were asked for at most", examples=[50])
    offset: Count = Field(description="How many were left out before the first")


class Paging(NamedTuple):
    """Which part of a list is wanted."""

    limit: int
    offset: int


def part(found: S, paging: Paging) -> S:
    """The wanted part of ``found``."""
    return found[paging.offset : paging.offset + paging.limit]  # type: ignore[return-value]


def page(found: Sequence[T], paging: Paging, answer: Callable[[T], A]) -> PageOf[A]:
    """The wanted part of ``found``; only what is in it is made an answer."""
    return PageOf(
        items=[answer(one) for one in part(found, paging)],
        total=len(found),
        limit=paging.limit,
        offset=paging.offset,
    )
