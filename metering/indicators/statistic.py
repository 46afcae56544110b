"""One number for many values of a column: by engines as far as they count and add, by Python's integers after that."""

from __future__ import annotations

from collections.abc import Sequence

from metering.attained import Row
from metering.engine import Table, _, cumulative_window, wide_sum, window
from record.terms.measures.statistic import Statistic
from sla.agreement import PPM


def summed(values: Table, statistic: Statistic, dimensions: Sequence[str]) -> Table:
    """By ``cell`` and dimensions, of the column ``value``: their ``number``, and ``value``, the one that the statistic
    takes; of a mean it is their sum."""
    keys = ["cell", *dimensions]
    if statistic.name == "percentile":
        by_value = values.group_by([*keys, "value"]).agg(number=_.count())
        ranked = by_value.mutate(
            up_to=_.number.sum().over(cumulative_window(group_by=keys, order_by="value")),
            of_all=_.number.sum().over(window(group_by=keys)),
        )
        reached = ranked.filter(ranked.up_to * PPM >= ranked.of_all * statistic.share_ppm)
        return reached.group_by(keys).agg(value=_.value.min(), number=_.of_all.min())
    taken = {"mean": wide_sum(_.value), "max": _.value.max(), "min": _.value.min()}
    return values.group_by(keys).agg(value=taken[statistic.name], number=_.count())


def taken(row: Row, statistic: Statistic, per: int, *, round_up: bool) -> int | None:
    """The statistic in units of ``per``, of a row of ``summed``; None where there was nothing."""
    number = row["number"]
    if not number:
        return None
    divisor = per * (number if statistic.name == "mean" else 1)
    return -(-row["value"] // divisor) if round_up else row["value"] // divisor
