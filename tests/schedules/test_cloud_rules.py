"""Cloud schedules with measuring rules of their own, from raw records to money. The month is April 2027, of 43 200
minutes and 8 640 intervals of five. Each client's records are one case, priced as if it had terms of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from metering.engine import Engine
from tests.schedules.agreed import Agreed, Document, indicator, source, terms, uptime

APRIL = datetime(2027, 4, 1, tzinfo=UTC)
COLUMNS = {
    "counts": {"client": "client", "time": "time", "seconds": "seconds", "good": "good", "total": "total"},
    "states": {"client": "client", "time": "time", "subject": "vm", "state": "state"},
}
Failed = Mapping[int, tuple[int, int]]
"""By minute, (errors, requests)."""


def stamp(minute: int) -> str:
    return (APRIL + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def paid(
    folder: Path,
    engine: Engine,
    files: Mapping[str, Sequence[Any]],
    measure: Mapping[str, Any],
    obligation: Document,
    every: str = "1 month",
    charge: str = "1000.00",
) -> list[int]:
    """By client, in cents."""
    ((kind, rows),) = files.items()
    text = terms(
        [
            source(kind, COLUMNS[kind], "csv" if isinstance(rows[0], str) else "jsonl"),
            indicator("it", kind, **measure),
        ],
        [obligation],
        {"start": "2027-04-01T00:00:00", "every": every, "periods": "1"},
        charge={"fixed": charge},
    )
    return Agreed(text, folder, files, engine).paid(0, ["client"])


def requests(cases: Sequence[Failed], seconds: int) -> Iterator[dict[str, str]]:
    """Counts as a gateway writes them."""
    for client, failed in enumerate(cases):
        for minute, (errors, total) in failed.items():
            yield {
                "client": f"case {client}",
                "time": stamp(minute),
                "seconds": str(seconds),
                "good": str(total - errors),
                "total": str(total),
            }


FIVE_MINUTES = {"measure": "intervals", "every": "5 minutes", "empty": "up"}


def test_lambda__mean_of_five_minute_intervals__credits_its_bands(tmp_path: Path, engine: Engine) -> None:
    """Mean availability over 5-minute intervals, an empty one counts 100 %; errors are 500 and 503. The bands are those
    of the provider's other services."""
    cases = [
        # 4 of 8 640 intervals failed whole: 99.9537 %. All others had no request.
        {5 * place: (7, 7) for place in range(4)},
        # 5 of them: 99.9421 %.
        {5 * place: (7, 7) for place in range(5)},
        # Half of a million requests in one interval weigh as much as one of two: 8 halves are 4, 9 are more.
        {0: (500_000, 10**6)} | {5 * place: (1, 2) for place in range(1, 8)},
        {0: (500_000, 10**6)} | {5 * place: (1, 2) for place in range(1, 9)},
        # Two counts of one interval are one interval, of which 3 of 4 failed: 3.75.
        {0: (2, 2), 3: (1, 2)} | {5 * place: (9, 9) for place in range(1, 4)},
        {0: (2, 2), 3: (1, 2)} | {5 * place: (9, 9) for place in range(1, 5)},
    ]
    obligation = uptime("bands", "it", ("99.95%", "10%"), ("99%", "25%"), ("95%", "100%"))

    found = paid(tmp_path, engine, {"counts": list(requests(cases, 60))}, FIVE_MINUTES, obligation)

    # 9 halves are 4.5 intervals, 99.9479 %; 4.75 are 99.9450 %.
    assert found == [0, 10_000, 0, 10_000, 0, 10_000]


def test_cloud_run__minutes_with_more_than_one_percent_of_errors__are_down(
    tmp_path: Path, engine: Engine
) -> None:
    """Of 1 000 requests a minute 11 errors are above 1 %, 10 are not. 21 minutes down are 99.95 %, 432 are 99 %."""
    cases = [
        {10 * place: (errors, 1_000) for place in range(minutes)}
        for minutes, errors in ((21, 11), (22, 11), (500, 10), (432, 11), (433, 11))
    ]
    measure = {"measure": "intervals", "every": "1 minute", "upFrom": "99%", "empty": "up"}
    obligation = uptime("bands", "it", ("99.95%", "10%"), ("99%", "25%"), ("95%", "50%"))

    found = paid(tmp_path, engine, {"counts": list(requests(cases, 60))}, measure, obligation)

    assert found == [0, 10_000, 0, 10_000, 25_000]


def outages(cases: Sequence[tuple[int, str]], good: str, machines: Sequence[str]) -> list[str]:
    """For each case one outage of so many minutes, in that state, of the first machine."""
    lines = ["client,time,vm,state"]
    for client, (minutes, state) in enumerate(cases):
        lines += [f"case {client},{stamp(0)},{name},{good}" for name in machines]
        if minutes:
            lines += [f"case {client},{stamp(900)},{machines[0]},{state}"]
            lines += [f"case {client},{stamp(900 + minutes)},{machines[0]},{good}"]
    return lines


def test_azure__downtime_of_all_available_minutes__credits_its_bands(tmp_path: Path, engine: Engine) -> None:
    """(maximum available minutes - downtime) / maximum, of two machines: 86 400 minutes. 99.99 % of them are all but
    8.64, 99 % all but 864, 95 % all but 4 320."""
    files = outages(
        [
            (8, "failed"),
            (9, "failed"),
            (864, "failed"),
            (865, "failed"),
            (4_320, "failed"),
            (4_321, "failed"),
        ],
        "running",
        ["one", "two"],
    )
    measure = {"measure": "uptime", "levels": {"running": "100%", "failed": "0%"}, "holdsFor": "30 days"}
    obligation = uptime("bands", "it", ("99.99%", "10%"), ("99%", "25%"), ("95%", "100%"))

    found = paid(tmp_path, engine, {"states": files}, measure, obligation)

    assert found == [0, 10_000, 10_000, 25_000, 25_000, 100_000]


def test_r2__mean_error_rate_of_five_minutes_over_30_days__credits_its_bands(
    tmp_path: Path, engine: Engine
) -> None:
    """100 % less the mean 5-minute error rate over 30 days, 8 640 intervals: 17 halves are 8.5, 0.0984 %; 18 are
    0.1042 %; 172 are 0.9954 %, 173 are 1.0012 %. The rule is published, these bands are not."""
    cases = [{5 * place: (3, 6) for place in range(halves)} for halves in (17, 18, 172, 173)]
    obligation = uptime("bands", "it", ("99.9%", "10%"), ("99%", "25%"))
    files = {"counts": list(requests(cases, 300))}

    found = paid(tmp_path, engine, files, FIVE_MINUTES, obligation, every="30 days")

    assert found == [0, 10_000, 10_000, 25_000]


def test_cloudflare_business__outage_by_the_part_affected__is_credited_pro_rata(
    tmp_path: Path, engine: Engine
) -> None:
    """Outage minutes x affected ratio / scheduled minutes, of a monthly fee of 200.00: 432 of 43 200 minutes are 1 %,
    of which a quarter was affected: 0.50. A month that is down as a whole is credited as a whole."""
    files = outages([(432, "quarter"), (432, "all"), (0, "fine"), (42_300, "all")], "fine", ["edge"])
    measure = {
        "measure": "uptime",
        "levels": {"fine": "100%", "quarter": "75%", "all": "0%"},
        "holdsFor": "30 days",
    }
    pro_rata = {"below": "100%", "plus": "0.0001% of charge per 0.0001%"}
    obligation = uptime("pro rata", "it", ("100%", "0%")) | {"tiers": [pro_rata], "cap": "200.00"}

    found = paid(tmp_path, engine, {"states": files}, measure, obligation, charge="200.00")

    # 42 300 of 43 200 minutes: 97.9166 %, and what was attained, 2.083333 %, is floored.
    assert found == [50, 200, 0, 19_583]
