"""A whole number divided among several, in whole parts that add up."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from sla.errors import Kind, MakegoodError


class Ordered(Protocol):
    """What has an order, so that ties have one outcome."""

    def __lt__(self, other: Any, /) -> bool: ...


Name = TypeVar("Name", bound=Ordered)


class ApportionError(MakegoodError):
    """Something that cannot be divided: a negative share, or nobody to bear it."""

    kind = Kind.INPUT


def apportion(total: int, shares: Mapping[Name, int | Fraction]) -> dict[Name, int]:
    """``total`` in proportion to the shares, by the largest remainder: everybody gets the whole part of the exact
    quota, and what is left goes one by one to those whose quota lost most; among equals the first by name.

    The parts add up to ``total`` exactly; a share of 0 gets 0; the result is ordered by name.
    ``apportion(100, {"a": 1, "b": 1, "c": 1}) == {"a": 34, "b": 33, "c": 33}``.
    """
    if total < 0:
        raise ApportionError(f"{total} cannot be divided", "give a total of 0 or more")
    for name, share in shares.items():
        if share < 0:
            raise ApportionError(f"the share of {name} is {share}", "give shares of 0 or more")
    whole = sum(shares.values())
    if not whole:
        if total:
            raise ApportionError(f"{total} has nobody to bear it", "give at least one share above 0")
        return dict.fromkeys(sorted(shares), 0)
    quotas = {name: Fraction(total * shares[name]) / whole for name in sorted(shares)}
    parts = {name: int(quota) for name, quota in quotas.items()}
    by_remainder = sorted(quotas, key=lambda name: parts[name] - quotas[name])
    for name in by_remainder[: total - sum(parts.values())]:
        parts[name] += 1
    return parts
