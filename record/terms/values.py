"""What people write, as integers: money, percentages, durations, times, addresses. Exact, or refused."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from string import hexdigits

from record.hexes import checksum_address, from_hex, parse_address
from record.terms.section import Field, Listing, Node, Section
from sla.agreement import UINT96_MAX
from sla.errors import RecordError, TermsError

_PLAIN = re.compile(r"(?P<whole>[0-9]{1,40})(?:\.(?P<fraction>[0-9]{1,40}))?\Z")
_PERCENT = re.compile(r"(?P<number>[0-9.]+) ?%\Z")
_DURATION = re.compile(r"(?P<number>[0-9]{1,12}) (?P<unit>second|minute|hour|day|week)s?\Z")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", re.ASCII)

_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}


def scaled(field: Field, text: str, decimals: int) -> int:
    """A decimal number times 10**decimals; refused when that leaves a fraction.

    ``scaled(field, "1.50", 2) == 150``; "1.505" with two decimals is refused.
    """
    match = _PLAIN.match(text)
    if match is None:
        raise field.refuse(
            "is not a plain decimal number", "write digits and at most one point, as in 1000.50"
        )
    fraction = (match["fraction"] or "").rstrip("0")
    if len(fraction) > decimals:
        raise field.refuse(
            f"has {len(fraction)} decimals where {decimals} can be kept", "round it to what both parties mean"
        )
    return int(match["whole"] + fraction.ljust(decimals, "0"))


def money(field: Field, decimals: int, text: str | None = None) -> int:
    """An amount of the token in base units. With 6 decimals "1000.50" is 1 000 500 000."""
    amount = scaled(field, field.text if text is None else text, decimals)
    if amount > UINT96_MAX:
        raise field.refuse("is more than the contracts can keep (2**96 - 1 base units)", "lower it")
    return amount


def percent_ppm(field: Field, text: str | None = None) -> int:
    """A percentage in parts per million: "99.95%" is 999 500. At most four decimals."""
    match = _PERCENT.match(field.text if text is None else text)
    if match is None:
        raise field.refuse("is not a percentage", "write it as in 99.95%")
    return scaled(field, match["number"], 4)


def duration_seconds(field: Field) -> int:
    """ "5 days", "12 hours", "20 seconds": whole seconds. A day is 86 400 seconds here."""
    match = _DURATION.match(field.text)
    if match is None:
        raise field.refuse(
            "is not a duration", "write a whole number of seconds, minutes, hours, days or weeks"
        )
    return int(match["number"]) * _SECONDS[match["unit"]]


def whole_number(field: Field, largest: int) -> int:
    """A whole number from 0 to ``largest``."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,30}", field.text) or int(field.text) > largest:
        raise field.refuse("is not a whole number in range", f"write one from 0 to {largest}")
    return int(field.text)


def instant(field: Field) -> int:
    """A moment in UTC, "2026-01-31T12:00:00Z", in seconds."""
    if not _INSTANT.match(field.text):
        raise field.refuse("is not a moment in UTC", "write it as in 2026-01-31T12:00:00Z")
    return label_seconds(field, field.text.removesuffix("Z"))


def label_seconds(field: Field, text: str) -> int:
    """A date and time of day read as if it were UTC, in seconds."""
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    except ValueError:
        raise field.refuse("is not in the calendar", "check the day and the time") from None
    seconds = moment.days * 86_400 + moment.seconds
    if seconds < 0:
        raise field.refuse("lies before 1970", "choose a later time")
    return seconds


def address(field: Field) -> str:
    """A checksummed address."""
    try:
        return parse_address(field.text)
    except RecordError:
        raise field.refuse(*_address_fault(field.text)) from None


def _address_fault(text: str) -> tuple[str, str]:
    """(problem, remedy) of an address that is not one; look-alike letters are named, since nobody sees them."""
    odd = next((sign for sign in text[2:] if sign not in hexdigits), None)
    if text[:2] == "0x" and odd is not None:
        name = unicodedata.name(odd, f"U+{ord(odd):04X}")
        return f"is not a checksummed address: it holds {name}", "write 0x and 40 digits of 0-9 and A-F"
    if text[:2] != "0x" or len(text) != 42:
        digits = len(text.removeprefix("0x"))
        return f"is not a checksummed address: {digits} digits", "write 0x and 40 digits of 0-9 and A-F"
    if text[2:] in (text[2:].lower(), text[2:].upper()):
        right = checksum_address(text)
        return "is not a checksummed address: it has no checksum", f"write {right} if that is the account"
    return (
        "is not a checksummed address: its capitals do not fit its digits",
        "copy the address with its upper- and lower-case letters",
    )


def bytes32(field: Field) -> bytes:
    """An agreement's id: 32 bytes of hex."""
    try:
        return from_hex(field.text, 32)
    except RecordError as error:
        raise field.refuse("is not 32 bytes of hex", error.remedy) from None


def texts(section: Section, name: str) -> tuple[str, ...]:
    """A member that is one text or a list of them, each once."""
    node: Node = section.members[name] if section.has(name) else section.field(name)
    items = node.items if isinstance(node, Listing) else (node,)
    found: list[str] = []
    for item in items:
        if not isinstance(item, Field) or not item.text.strip():
            raise TermsError(item.path, "is not a text", "write a text, or a list of them", item.line)
        if item.text in found:
            raise item.refuse("stands twice", "write it once")
        found.append(item.text)
    if not found:
        raise TermsError(node.path, "is an empty list", "name at least one", node.line)
    return tuple(found)
