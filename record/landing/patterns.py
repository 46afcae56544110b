"""How times are written: a declared pattern as a regular expression with a group for each part."""

from __future__ import annotations

import re

from record.landing.errors import LandingError

ISO = "iso"

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}

_ISO = re.compile(
    r"(?P<Y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)[T ](?P<H>\d\d):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?)?"
    r" ?(?P<z>Z|[+-]\d\d(?::?\d\d)?)?\Z",
    re.ASCII,
)
_PARTS = {
    "Y": r"(?P<Y>\d{4})",
    "m": r"(?P<m>\d{1,2})",
    "b": r"(?P<b>[A-Za-z]{3})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "p": r"(?P<p>[AaPp][Mm])",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": r"(?P<f>\d{1,9})",
    "z": r"(?P<z>Z|[+-]\d\d(?::?\d\d)?)",
}


def pattern_of(format: str) -> re.Pattern[str]:
    """The expression for ``iso`` or a pattern of %Y %m or %b, %d, %H or %I with %p, %M %S %f %z, each at most once.

    LandingError for one that tells no moment. A day alone is none: whether its beginning or its end is meant, nobody
    has said.
    """
    if format == ISO:
        return _ISO
    expression = ""
    has: set[str] = set()
    for place, part in enumerate(re.split(r"%(.?)", format, flags=re.DOTALL)):
        if place % 2 == 0:
            expression += re.escape(part)
        elif part not in _PARTS or part in has:
            raise LandingError(
                f"{format!r} has %{part}, which is not read or stands twice", f"use %{' %'.join(_PARTS)}"
            )
        else:
            expression += _PARTS[part]
            has.add(part)
    is_date = {"Y", "d"} <= has and len(has & {"m", "b"}) == 1
    is_hour = has & {"H", "I", "p"} in ({"H"}, {"I", "p"})
    if not is_date or not is_hour or ("S" in has and "M" not in has) or ("f" in has and "S" not in has):
        raise LandingError(f"{format!r} does not tell a moment", "give day and time, as in %Y-%m-%d %H:%M")
    return re.compile(expression + r"\Z", re.ASCII)
