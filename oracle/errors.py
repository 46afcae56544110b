"""What a node refuses, and what goes wrong between nodes."""

from __future__ import annotations

from sla.errors import Kind, MakegoodError


class OracleError(MakegoodError):
    """Root of the node's own errors. Unless said otherwise, how the node was set up is wrong."""

    kind = Kind.INPUT


class JournalError(OracleError):
    """A journal that is in use, belongs to another member, or was written by another version."""


class DoubleSignature(OracleError):
    """A second value for something this member has signed already. It is never signed."""

    kind = Kind.REFUSED


class Equivocation(OracleError):
    """Another member signed two values for one thing; the first one it was heard with counts."""

    kind = Kind.REFUSED


class RoundRefused(OracleError):
    """A proposed round that this member does not sign, and why."""

    kind = Kind.REFUSED


class PeerSilent(OracleError):
    """Another node gave no answer."""

    kind = Kind.OUTSIDE
