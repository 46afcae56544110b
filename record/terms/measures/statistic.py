"""One number for many: their mean, the largest, the smallest, or a percentile."""

from __future__ import annotations

from dataclasses import dataclass

from record.terms.levels import RATIO
from record.terms.section import Section
from record.terms.sources import choice
from record.terms.values import percent_ppm
from sla.agreement import PPM


@dataclass(frozen=True, slots=True)
class Statistic:
    """``mean``, ``max``, ``min``, or ``percentile``: the nearest rank, the least value that at least ``share_ppm`` of
    them have or stay below."""

    name: str
    share_ppm: int = 0

    @property
    def sentence(self) -> str:
        """In words, to be followed by what of."""
        texts = {"mean": "the mean", "max": "the largest", "min": "the smallest"}
        return texts.get(self.name, f"the value that {RATIO.text(self.share_ppm)} do not exceed,")


def read_statistic(spec: Section, *names: str) -> Statistic:
    """The members ``statistic`` (one of the names) and, for a percentile, ``share``."""
    name = choice(spec.field("statistic"), *names)
    if name != "percentile":
        if spec.has("share"):
            raise spec.field("share").refuse(f"says nothing of {name}", "leave it out")
        return Statistic(name)
    share = spec.field("share")
    ppm = percent_ppm(share)
    if not 0 < ppm <= PPM:
        raise share.refuse("is no share", "write more than 0% and at most 100%, as in 95%")
    return Statistic(name, ppm)
