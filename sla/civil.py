"""Calendar dates as integers, without the year-9999 limit of ``datetime``: on-chain times run to 2**40."""

from __future__ import annotations

DAY = 86_400

_DAYS_PER_400_YEARS = 146_097
_EPOCH_FROM_MARCH_OF_YEAR_0 = 719_468


def days_from_date(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of a proleptic Gregorian date.

    The year is counted from March, so that the leap day comes last and month lengths follow one line.
    ``days_from_date(1970, 1, 1) == 0``; ``days_from_date(2024, 2, 29) == 19_782``.
    """
    march_year = year - 1 if month <= 2 else year
    era, year_of_era = divmod(march_year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * _DAYS_PER_400_YEARS + day_of_era - _EPOCH_FROM_MARCH_OF_YEAR_0


def date_from_days(days: int) -> tuple[int, int, int]:
    """The (year, month, day) that lies ``days`` after 1970-01-01. The inverse of ``days_from_date``."""
    era, day_of_era = divmod(days + _EPOCH_FROM_MARCH_OF_YEAR_0, _DAYS_PER_400_YEARS)
    leap_days = day_of_era // 1_460 - day_of_era // 36_524 + day_of_era // 146_096
    year_of_era = (day_of_era - leap_days) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    return era * 400 + year_of_era + (month <= 2), month, day


def month_length(year: int, month: int) -> int:
    """Days in a month. ``month_length(2024, 2) == 29``."""
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31


def add_months(timestamp: int, months: int) -> int:
    """The same time of day ``months`` calendar months later (UTC), the day clamped to the month's length.

    Seconds in, seconds out; equals solady's ``DateTimeLib.addMonths``. 31 January plus one month is
    28 February, or 29 in a leap year; plus two it is 31 March.
    """
    days, time_of_day = divmod(timestamp, DAY)
    year, month, day = date_from_days(days)
    years, month_index = divmod(month - 1 + months, 12)
    year, month = year + years, month_index + 1
    day = min(day, month_length(year, month))
    return days_from_date(year, month, day) * DAY + time_of_day
