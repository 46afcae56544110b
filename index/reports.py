"""Which report of a period and obligation stands, and whether the escrow would take it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from index.bundles import BundledReports
from index.committees import CommitteeRecord
from index.facts import AgreementRecord, Attested, ClaimKey
from sla.agreement import Service
from sla.schedule import claim_deadline, deadline_end


@dataclass(frozen=True, slots=True)
class Standing:
    """The report of the highest revision that is public. ``round`` is None while its round is not known."""

    revision: int
    attained: int
    charge: int
    root: bytes
    round: int | None


def standing_reports(
    record: AgreementRecord, committee: CommitteeRecord, bundled: BundledReports, periods: range
) -> dict[ClaimKey, Standing]:
    """The standing report of each obligation in ``periods`` that has one: on the chain, in its round's bundle, or
    claimed.

    Only roots attested after the period's end count (R9), only this agreement's own committee, and of several leaves
    of one revision the first attested (R11).
    """
    service, promises = record.agreement.service, len(record.agreement.obligations)
    found: dict[ClaimKey, Standing] = {}
    for report, posted in sorted(_attested(record, committee, bundled, periods), key=_attestation):
        key = ClaimKey(report.period, report.obligation)
        if key.period not in periods or key.obligation >= promises:
            continue
        if posted.place.block.time < deadline_end(service, key.period):
            continue
        if key not in found or report.revision > found[key].revision:
            found[key] = Standing(report.revision, report.attained, report.charge, posted.root, posted.number)
    for key, claim in record.claims.items():
        brought = claim.report
        if key.period not in periods or brought is None:
            continue
        # The escrow saw the proof: this leaf is attested, whether or not its round's reports are public.
        if key not in found or brought.revision >= found[key].revision:
            said, root = brought.finding, brought.root
            found[key] = Standing(
                brought.revision, said.attained, said.charge, root, committee.by_root.get(root)
            )
    return found


def has_agreed_charge(service: Service, report: Standing) -> bool:
    """Whether the escrow would take the report: any with the charge agreed (R21)."""
    if service.charge_max == 0:
        return report.charge == service.charge
    return report.charge <= service.charge_max


def _attested(
    record: AgreementRecord, committee: CommitteeRecord, bundled: BundledReports, periods: range
) -> Iterator[Attested]:
    """The agreement's reports that the committee attested; bundles are read only where they can count."""
    yield from committee.reports.get(record.id, ())
    if not periods:
        return
    service, stake = record.agreement.service, record.agreement.stake
    first, last = deadline_end(service, periods[0]), claim_deadline(service, stake, periods[-1])
    for posted in committee.rounds.values():
        if posted.reports is None and first <= posted.place.block.time < last:
            for report in bundled.of(posted) or ():
                if report.agreement == record.id:
                    yield Attested(report, posted)


def _attestation(attested: Attested) -> tuple[int, int]:
    place = attested.round.place
    return place.block.number, place.log_index
