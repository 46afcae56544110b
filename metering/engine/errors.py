"""How an engine fails."""

from __future__ import annotations

from sla.errors import Kind, MakegoodError


class EngineError(MakegoodError):
    """An engine that cannot be opened, a table it cannot read, or an expression it cannot evaluate exactly."""

    kind = Kind.OUTSIDE


def shown(error: BaseException) -> str:
    """What an engine complains of, in one line: some bring their whole call stack along."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    # Spark's says first that there was an error, and then which.
    telling = next((line for line in lines if line.startswith(": ")), lines[0])
    return telling.removeprefix(": ")[:300]
