"""Terms that take over from others, compared with those they name: where they start, what they add, what they may not
change."""

from __future__ import annotations

from dataclasses import dataclass

from record.terms.document import TermsDocument
from sla.agreement import ZERO_BYTES32
from sla.schedule import boundary


@dataclass(frozen=True, slots=True)
class Succession:
    """What an amendment does to the terms before it.

    ``periods_kept`` of the old terms' periods remain; None where the new ones start inside a period, or too late.
    ``forbidden`` are the fields that no amendment may change and this one does. ``collateral_added`` is in base units.
    """

    predecessor: bytes
    periods_kept: int | None
    collateral_added: int
    forbidden: tuple[str, ...]


def succession(old: TermsDocument, new: TermsDocument) -> Succession | None:
    """How ``new`` takes over from ``old``; None when it names no predecessor. Whether it names ``old``, only the
    escrow's domain can tell."""
    formation = new.formation
    if formation.predecessor == ZERO_BYTES32:
        return None
    service = old.service
    bounds = (boundary(service, count) for count in range(service.count + 1))
    return Succession(
        predecessor=formation.predecessor,
        periods_kept=next((kept for kept, bound in enumerate(bounds) if bound == new.service.start), None),
        collateral_added=formation.collateral,
        forbidden=tuple(
            name
            for name, before, after in (
                ("provider", old.parties.provider.address, new.parties.provider.address),
                ("customer", old.parties.customer.address, new.parties.customer.address),
                ("token", old.token.address, new.token.address),
            )
            if before != after
        ),
    )
