"""The offer of a termination as its commands use it: read from a file, and what it means for the agreement."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chain.escrow import Escrow
from chain.network import Network
from cli.agreements import Found, find
from cli.terms_file import FileRefused, read_bytes
from record.hexes import to_hex
from record.readable import utc
from record.termination import MAX_BYTES, Termination, TerminationFileError, read_offer
from sla.schedule import boundary


@dataclass(frozen=True, slots=True)
class Ending:
    """An offer, and the agreement it ends."""

    found: Found
    termination: Termination

    @property
    def text(self) -> str:
        """ "Agreement 0x… ends after 3 of its 12 periods, at 2027-04-01 00:00:00 UTC"."""
        record, count = self.found.record, self.termination.count
        end = utc(boundary(record.agreement.service, min(count, record.count)))
        return f"Agreement {to_hex(record.id)} ends after {count} of its {record.count} periods, at {end} UTC"

    @property
    def details(self) -> dict[str, object]:
        """The same for machines; times in seconds UTC."""
        return {
            "agreement": to_hex(self.found.id),
            "periods": self.termination.count,
            "validBy": self.termination.valid_by,
        }


def read_ending(file: Path, network: Network, escrow: Escrow) -> Ending:
    """The offer in ``file``; FileRefused unless it is one for an agreement of this escrow that has more periods."""
    try:
        termination = read_offer(read_bytes(file, MAX_BYTES), escrow.domain)
    except TerminationFileError as error:
        raise FileRefused(str(file), "", error.problem, error.remedy) from None
    found, _ = find(network, escrow, to_hex(termination.agreement))
    count = found.record.count
    if termination.count >= count:
        raise FileRefused(
            str(file),
            "count",
            f"it keeps {termination.count} periods, and the agreement has {count} left",
            f"write a new offer that keeps fewer than {count}",
        )
    return Ending(found, termination)
