"""Reports and signed observations as JSON. Fields up to 32 bits are numbers, wider ones decimal strings."""

from __future__ import annotations

from dataclasses import dataclass

from record.canonical import Json
from record.hexes import address_bytes, to_hex
from record.json_fields import Fields
from sla.errors import RecordError
from sla.report import Observation, Report

Key = tuple[bytes | int, ...]

_REPORT_MEMBERS = ("agreement", "period", "obligation", "revision", "attained", "charge")
_OBSERVATION_MEMBERS = (*_REPORT_MEMBERS, "known", "evidence", "member", "signature")


@dataclass(frozen=True, slots=True)
class SignedObservation:
    """One member's observation with its 65-byte signature."""

    observation: Observation
    member: str
    signature: bytes


def report_key(report: Report | Observation) -> Key:
    """What a report or an observation is about: agreement, period, obligation, revision."""
    return report.agreement, report.period, report.obligation, report.revision


def observation_key(signed: SignedObservation) -> Key:
    """What an observation is about, then whose it is."""
    return *report_key(signed.observation), address_bytes(signed.member)


def report_json(report: Report | Observation) -> dict[str, Json]:
    """A report, or the part of an observation that looks like one."""
    return {
        "agreement": to_hex(report.agreement),
        "period": report.period,
        "obligation": report.obligation,
        "revision": report.revision,
        "attained": str(report.attained),
        "charge": str(report.charge),
    }


def observation_json(signed: SignedObservation) -> dict[str, Json]:
    """A signed observation."""
    return {
        **report_json(signed.observation),
        "known": signed.observation.known,
        "evidence": to_hex(signed.observation.evidence),
        "member": signed.member,
        "signature": to_hex(signed.signature),
    }


def read_report(value: Json, path: str) -> Report:
    """The report at ``path``; RecordError when it is not exactly one."""
    fields = Fields.of(value, path, _REPORT_MEMBERS)
    return Report(
        agreement=fields.hex("agreement", 32),
        period=fields.number("period", 32),
        obligation=fields.number("obligation", 8),
        revision=fields.number("revision", 16),
        attained=fields.decimal("attained", 64),
        charge=fields.decimal("charge", 96),
    )


def read_observation(value: Json, path: str) -> SignedObservation:
    """The signed observation at ``path``; RecordError when it is not exactly one."""
    fields = Fields.of(value, path, _OBSERVATION_MEMBERS)
    observation = Observation(
        agreement=fields.hex("agreement", 32),
        period=fields.number("period", 32),
        obligation=fields.number("obligation", 8),
        revision=fields.number("revision", 16),
        known=fields.flag("known"),
        attained=fields.decimal("attained", 64),
        charge=fields.decimal("charge", 96),
        evidence=fields.hex("evidence", 32),
    )
    if not observation.known and observation.attained != 0:
        raise RecordError(f"{path}.attained is given, but not known", "write 0 for an unknown attainment")
    return SignedObservation(observation, fields.address("member"), fields.hex("signature", 65))
