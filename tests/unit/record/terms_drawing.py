"""Random terms that keep every rule, as files: built from numbers, so that tests know what they must mean."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from tests.unit.cli.terms_hostile import SOUND, change


@dataclass(frozen=True)
class Drawn:
    """One uptime obligation: bounds in hundredths of a percent and shares of the charge in percent, from the objective
    outwards; ``charge`` and ``cap`` (0 is none) in cents."""

    bounds: tuple[int, ...]
    shares: tuple[int, ...]
    charge: int
    cap: int

    def text(self) -> str:
        """The file."""
        rows = "".join(
            f"        - below: {bound // 100}.{bound % 100:02}%\n          pay: {share}% of charge\n"
            for bound, share in zip(self.bounds, self.shares, strict=True)
        )
        head, _, _ = SOUND.partition("        - below: 99.99%")
        best = self.bounds[0]
        text = change("at least 99.99%", f"at least {best // 100}.{best % 100:02}%", head + rows)
        if self.cap:
            text = change("      tiers:", f"      cap: {money(self.cap)}\n      tiers:", text)
        return change('fixed: "1000.00"', f"fixed: {money(self.charge)}", text)

    def pays(self, attained: Fraction) -> Fraction:
        """What an attainment (a part of 1) pays in whole tokens: read off the table, row by row."""
        share = 0
        for bound, row in zip(self.bounds, self.shares, strict=True):
            if attained < Fraction(bound, 10_000):
                share = row
        amount = Fraction(self.charge, 100) * Fraction(share, 100)
        return min(amount, Fraction(self.cap, 100)) if self.cap else amount


def money(cents: int) -> str:
    """``"12.34"``, quoted."""
    return f'"{cents // 100}.{cents % 100:02}"'


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    """Any number of tiers, tight or wide, with and without a cap."""
    bounds = draw(st.lists(st.integers(1, 10_000), min_size=1, max_size=16, unique=True))
    shares = draw(st.lists(st.integers(1, 200), min_size=len(bounds), max_size=len(bounds)))
    charge = draw(st.integers(1, 10**9))
    return Drawn(
        tuple(sorted(bounds, reverse=True)),
        tuple(sorted(shares)),
        charge,
        draw(st.one_of(st.just(0), st.integers(1, 2 * charge))),
    )
