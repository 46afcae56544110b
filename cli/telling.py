"""What nodes tell, as lines: the time, which node, what, and the rest in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from record.readable import harmless

_SHORT = 14
_FIRST = ("agreement", "period", "obligation", "round")


def event_line(kind: str, details: Mapping[str, object]) -> str:
    """``12:00:07Z  node 2  observed  agreement 0x1f2e…, period 3, obligation 0, known yes, attained 985000``."""
    rest = {name: value for name, value in details.items() if name != "node"}
    names = [*(name for name in _FIRST if name in rest), *(name for name in rest if name not in _FIRST)]
    node = f"  node {int(str(details['node'])) + 1}" if "node" in details else ""
    words = ", ".join(f"{name} {_shown(rest[name])}" for name in names)
    return f"{datetime.now(UTC):%H:%M:%SZ}{node}  {kind}{f'  {words}' if words else ''}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = harmless(str(value))
    return f"{text[: _SHORT - 1]}…" if text.startswith("0x") and len(text) > _SHORT else text
