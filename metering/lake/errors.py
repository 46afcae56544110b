"""How the lake says no."""

from __future__ import annotations

from sla.errors import Kind, MakegoodError


class LakeError(MakegoodError):
    """Records that are not there, or not as the lake left them."""

    kind = Kind.OUTSIDE


class ResidencyError(MakegoodError):
    """Records that may not be kept, or asked for, here."""

    kind = Kind.REFUSED
