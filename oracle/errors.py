"""What a node refuses, and what goes wrong between nodes."""

from __future__ import annotations

from sla.errors import MakegoodError


class OracleError(MakegoodError):
    """Root of the node's own errors."""


class JournalError(OracleError):
    """A journal that is in use, belongs to another member, or was written by another version."""


class DoubleSignature(OracleError):
    """A second value for something this member has signed already. It is never signed."""


class Equivocation(OracleError):
    """Another member signed two values for one thing; the first one it was heard with counts."""


class RoundRefused(OracleError):
    """A proposed round that this member does not sign, and why."""


class PeerSilent(OracleError):
    """Another node gave no answer."""
