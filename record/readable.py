"""Amounts, times and other people's words as they are shown: exact, with their unit, and harmless to a terminal."""

from __future__ import annotations

from sla.civil import DAY, date_from_days

_UNITS = ((7 * DAY, "week"), (DAY, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def amount_text(amount: int, decimals: int, symbol: str = "") -> str:
    """Base units as people write them, at least two decimals: ``amount_text(1_000_500_000, 6, "USDC")`` is
    "1,000.50 USDC"; nothing is rounded."""
    sign, rest = ("-", -amount) if amount < 0 else ("", amount)
    whole, fraction = divmod(rest, 10**decimals)
    shown = f"{sign}{whole:,}"
    if decimals:
        digits = f"{fraction:0{decimals}}".rstrip("0")
        shown += f".{digits.ljust(min(2, decimals), '0')}"
    return f"{shown} {harmless(symbol, 16)}" if symbol else shown


def utc(seconds: int) -> str:
    """``2027-02-14 00:00:00``; any time the contracts can hold."""
    days, rest = divmod(seconds, DAY)
    year, month, day = date_from_days(days)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    return f"{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{rest:02}"


def number(value: int) -> str:
    """``1 000 000``."""
    return f"{value:,}".replace(",", " ")


def duration(seconds: int) -> str:
    """The largest unit that keeps it whole: 259 200 is "3 days", 90 is "90 seconds"."""
    for size, unit in _UNITS:
        if seconds and seconds % size == 0:
            count = seconds // size
            return f"{number(count)} {unit}{'' if count == 1 else 's'}"
    return "0 seconds"


def harmless(text: str, most: int = 500) -> str:
    """Somebody else's words on one line: what a terminal would obey, or what turns the direction of reading, becomes
    "�"; longer texts are cut."""
    shown = "".join(sign if sign.isprintable() else "�" for sign in text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"
