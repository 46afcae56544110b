"""The attainments that each tier covers, and those that a period's samples can come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sla.agreement import PPM, Comparator, Obligation
from sla.compensation import worst_attained


@dataclass(frozen=True, slots=True)
class Band:
    """The attainments of one tier, both included: ``low <= attained <= high``. ``far`` is the worse end of them."""

    tier: int
    low: int
    high: int
    far: int


def bands(obligation: Obligation) -> Iterator[Band]:
    """The band of each tier. Of 99.99, 99 and 95 % the second is 950 000 to 989 999 ppm: a bound belongs to the better
    band."""
    bounds = [tier.bound for tier in obligation.tiers]
    worst = worst_attained(obligation)
    for tier, near in enumerate(bounds):
        far = bounds[tier + 1] if tier + 1 < len(bounds) else worst
        if obligation.comparator == Comparator.AT_LEAST:
            yield Band(tier, far, near - 1, far)
        else:
            yield Band(tier, near + 1, far, far)


def is_reachable(band: Band, samples: int) -> bool:
    """Whether some number of good among ``samples`` known ones comes to an attainment of the band.

    Attainment is floored: of 20 samples 19 are 950 000 ppm and 20 are 1 000 000, so nothing lies between.
    """
    fewest_good = -(-band.low * samples // PPM)
    return fewest_good <= samples and fewest_good * PPM // samples <= band.high
