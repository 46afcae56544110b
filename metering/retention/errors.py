"""How retention says no."""

from __future__ import annotations

from sla.errors import Kind, MakegoodError


class RetentionError(MakegoodError):
    """Rules of retention that cannot be meant, or something that may not be deleted or frozen."""

    kind = Kind.REFUSED
