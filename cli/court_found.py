"""The court that an agreement names as its arbiter, and what it was asked."""

from __future__ import annotations

from chain.connection import Connection
from chain.court import Court, CourtRequest
from chain.errors import ChainError, WrongContract
from chain.escrow import Escrow
from cli.agreements import Found
from cli.base import OptionError
from sla.errors import Kind


class CourtNotAsked(ChainError):
    """The court knows nothing of the dispute, or there is none."""

    kind = Kind.REFUSED


def court_of(found: Found, connection: Connection, escrow: Escrow, dry_run: bool = False) -> Court:
    """The agreement's arbiter as a court; OptionError when it is none, or one of another escrow."""
    arbiter = found.agreement.parties.arbiter
    try:
        court = Court(connection, arbiter, dry_run)
    except WrongContract:
        raise OptionError(
            "AGREEMENT", f"its arbiter {arbiter} is no court of this version", "makegood rule is its command"
        ) from None
    if court.escrow.lower() != escrow.address.lower():
        raise OptionError(
            "AGREEMENT",
            f"its arbiter {arbiter} is a court for the escrow {court.escrow}",
            "nobody can rule its disputes: end them by conceding, or by the ruling deadline",
        )
    return court


def asked_of(found: Found, court: Court, period: int, obligation: int) -> tuple[int, CourtRequest]:
    """The court's number of the open dispute, and what it was asked; CourtNotAsked when it was not."""
    found.obligation(obligation)
    number = court.dispute_id_of(found.id, found.period(period), obligation)
    request = None if number is None else court.request_of(number)
    if number is None or request is None:
        raise CourtNotAsked(
            f"the court was not asked about an open dispute of period {period}, obligation {obligation}",
            "dispute the claim, then bring it to the court with makegood court request",
        )
    return number, request
