"""An exclusion as it is signed: time that one party says does not count, and who approved it.

A party approves by signing the exclusion's EIP-712 digest, whose hex is its id. Whose approval it needs, the agreement
says (``sla.exclusions.Way``). The file that goes round is ``record.exclusion_json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from record.eip712 import Domain, agreement_digest
from record.exclusion_fields import ExclusionFileError, check_scope, check_words
from record.hexes import to_hex
from record.keccak import keccak256
from record.offer import check_signature, party
from record.readable import duration, utc
from record.typed_data import Types, typed_data, typed_preimage
from sla.agreement import Agreement
from sla.errors import SignatureError
from sla.exclusions import Exclusion, ExclusionKind, Scope
from sla.validation import MAX_DURATION

MAX_REASON = 1_000

EXCLUSION_TYPES: Types = {
    "Exclusion": (
        ("agreement", "bytes32"),
        ("kind", "string"),
        ("scope", "Dimension[]"),
        ("start", "uint40"),
        ("end", "uint40"),
        ("announcedAt", "uint40"),
        ("reason", "string"),
    ),
    "Dimension": (("name", "string"), ("values", "string[]")),
}


@dataclass(frozen=True, slots=True)
class ExclusionRecord:
    """What is signed: from ``start`` to before ``end`` nothing counts of what ``scope`` covers, for ``reason``.

    ``agreement`` is the id of the terms concerned. Times are seconds UTC; ``announced_at`` is when its author says it
    was announced. ExclusionFileError when a field is not as it must be.
    """

    agreement: bytes
    kind: ExclusionKind
    scope: Scope
    start: int
    end: int
    announced_at: int
    reason: str

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ExclusionFileError(
                "end", f"it ends at {utc(self.end)} UTC and starts at {utc(self.start)} UTC", "end it later"
            )
        if self.end - self.start > MAX_DURATION:
            raise ExclusionFileError(
                "end",
                f"it lasts {duration(self.end - self.start)}, more than {duration(MAX_DURATION)}",
                "write several",
            )
        check_scope(self.scope)
        check_words("reason", self.reason, MAX_REASON)

    def message(self) -> dict[str, object]:
        """The exclusion as an EIP-712 value."""
        return {
            "agreement": self.agreement,
            "kind": str(self.kind),
            "scope": [{"name": name, "values": list(values)} for name, values in self.scope],
            "start": self.start,
            "end": self.end,
            "announcedAt": self.announced_at,
            "reason": self.reason,
        }

    def preimage(self, domain: Domain) -> bytes:
        """What a party's signer is given."""
        return typed_preimage(domain, "Exclusion", EXCLUSION_TYPES, self.message())

    def digest(self, domain: Domain) -> bytes:
        """What an approving party signs; its hex is the exclusion's id."""
        return keccak256(self.preimage(domain))

    def typed_data(self, domain: Domain) -> dict[str, object]:
        """The exclusion as a wallet shows and signs it (``eth_signTypedData_v4``)."""
        return typed_data(domain, "Exclusion", EXCLUSION_TYPES, self.message())


@dataclass(frozen=True, slots=True)
class Approval:
    """A party's signature under an exclusion. Nothing is verified yet."""

    role: str
    address: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class ExclusionFile:
    """An exclusion with its approvals, ordered by role."""

    record: ExclusionRecord
    approvals: tuple[Approval, ...] = ()

    def approved(self, agreement: Agreement, role: str, signature: bytes) -> ExclusionFile:
        """The file with a party's approval, in place of the one it may have given before."""
        others = [each for each in self.approvals if each.role != role]
        approval = Approval(role, party(agreement, role), signature)
        return ExclusionFile(self.record, tuple(sorted([*others, approval], key=lambda each: each.role)))


def approvers(
    file: ExclusionFile,
    domain: Domain,
    agreement: Agreement,
    vouched: Mapping[str, bool] | None = None,
) -> frozenset[str]:
    """The roles whose approval holds; ExclusionFileError names one that is not what it says, or another agreement.

    ``vouched`` holds, for each party that is a contract, whether its contract accepted this signature of the digest
    (ERC-1271): only the chain can tell.
    """
    require_agreement(file.record, agreement, domain)
    for place, approval in enumerate(file.approvals):
        wanted = party(agreement, approval.role)
        if approval.address != wanted:
            raise ExclusionFileError(
                f"approvals[{place}].address",
                f"it names the account {approval.address}, but the {approval.role} is {wanted}",
                f"have it signed by {wanted}",
            )
        _verify(f"approvals[{place}].signature", approval, file.record.digest(domain), vouched or {})
    return frozenset(approval.role for approval in file.approvals)


def require_agreement(record: ExclusionRecord, agreement: Agreement, domain: Domain) -> None:
    """ExclusionFileError unless the exclusion is one of this agreement."""
    agreement_id = agreement_digest(agreement, domain)
    if record.agreement != agreement_id:
        raise ExclusionFileError(
            "agreement",
            f"it is about the agreement {to_hex(record.agreement)}, not {to_hex(agreement_id)}",
            "use an exclusion of this agreement",
        )


def counted(
    file: ExclusionFile,
    domain: Domain,
    agreement: Agreement,
    seen_at: int | None,
    vouched: Mapping[str, bool] | None = None,
) -> Exclusion:
    """The exclusion for the rules (``sla.exclusions.trace``), its approvals verified.

    A date in a file proves nothing to whom it binds: give ``seen_at``, the time at which the digest was first known
    outside of its author's house (a block that carries it, a node's receipt). The later of the two counts, so that
    nobody announces an outage after it by dating back. None believes the file.
    """
    record = file.record
    return Exclusion(
        id=to_hex(record.digest(domain)),
        kind=record.kind,
        scope=record.scope,
        start=record.start,
        end=record.end,
        announced_at=record.announced_at if seen_at is None else max(record.announced_at, seen_at),
        approvers=approvers(file, domain, agreement, vouched),
    )


def _verify(field: str, approval: Approval, digest: bytes, vouched: Mapping[str, bool]) -> None:
    if approval.role not in vouched:
        try:
            check_signature(approval.signature, digest, approval.address, approval.role)
        except SignatureError as error:
            raise ExclusionFileError(field, error.problem, error.remedy) from None
    elif not vouched[approval.role]:
        raise ExclusionFileError(
            field,
            f"the {approval.role}'s contract {approval.address} does not accept the signature",
            "have it signed by the contract's owners",
        )
