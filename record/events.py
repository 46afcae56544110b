"""The contracts' events as records, and how they lie in a log.

Each class names its event; ``LAYOUT`` names the Solidity types in the order of declaration, ``*`` marks the indexed
ones. A test compares all of it with the compiled ABI. Amounts are token base units, times seconds UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from eth_abi import decode
from eth_abi.exceptions import DecodingError

from record.hexes import checksum_address
from record.keccak import keccak256
from record.open_call import AmendCall, TerminateCall, read_amend_call, read_open_call, read_terminate_call
from sla.agreement import Agreement
from sla.errors import RecordError


@dataclass(frozen=True, slots=True)
class EscrowDeployed:
    """Nothing happened in this escrow before."""

    LAYOUT: ClassVar = ("uint256",)
    chain_id: int


@dataclass(frozen=True, slots=True)
class AgreementOpened:
    """Terms came into force. ``collateral`` is what arrived; ``call`` the ABI-encoded arguments of ``open``."""

    LAYOUT: ClassVar = ("bytes32*", "address*", "address*", "uint256", "bytes")
    id: bytes
    provider: str
    customer: str
    collateral: int
    call: bytes

    def arguments(self) -> tuple[Agreement, bytes, bytes]:
        """The agreement, the provider's and the customer's signature; RecordError if they cannot be read."""
        return read_open_call(self.call)


@dataclass(frozen=True, slots=True)
class AgreementAmended:
    """Terms took over from ``predecessor``, which ends after ``count`` periods; the money stays in the account of
    ``first``. ``collateral`` is what arrived; ``call`` the ABI-encoded arguments of ``amend``."""

    LAYOUT: ClassVar = ("bytes32*", "bytes32*", "bytes32*", "uint24", "uint256", "bytes")
    first: bytes
    predecessor: bytes
    id: bytes
    count: int
    collateral: int
    call: bytes

    def arguments(self) -> AmendCall:
        """What was brought; RecordError if it cannot be read."""
        return read_amend_call(self.call)


@dataclass(frozen=True, slots=True)
class AgreementTerminated:
    """Both parties ended the agreement after ``count`` periods. ``call`` is the ABI-encoded arguments of
    ``terminate``."""

    LAYOUT: ClassVar = ("bytes32*", "uint24", "bytes")
    id: bytes
    count: int
    call: bytes

    def arguments(self) -> TerminateCall:
        """What was brought; RecordError if it cannot be read."""
        return read_terminate_call(self.call)


@dataclass(frozen=True, slots=True)
class AgreementExited:
    """The customer left after ``count`` periods, because of ``breaches``: (period, obligation) each."""

    LAYOUT: ClassVar = ("bytes32*", "uint24", "(uint32,uint8)[]")
    id: bytes
    count: int
    breaches: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class DownstreamLinked:
    """What version ``id`` pays raises the escrow of ``downstream``, a first version, from now on."""

    LAYOUT: ClassVar = ("bytes32*", "bytes32*")
    id: bytes
    downstream: bytes


@dataclass(frozen=True, slots=True)
class Deposited:
    """``amount`` arrived as collateral. ``id`` is the first version's, as wherever an account's money moves."""

    LAYOUT: ClassVar = ("bytes32*", "address*", "uint256")
    id: bytes
    sender: str
    amount: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A report was brought. ``compensation`` is what will be settled if nobody objects before ``deadline``; ``status``
    the claim's from now on, as ``ISLAEscrow.ClaimStatus`` counts."""

    LAYOUT: ClassVar = (
        "bytes32*", "uint32", "uint8", "uint16", "uint64", "uint96", "uint96", "uint8", "uint40", "bytes32"
    )  # fmt: skip
    id: bytes
    period: int
    obligation: int
    revision: int
    attained: int
    charge: int
    compensation: int
    status: int
    deadline: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Disputed:
    """A party alleges another attainment, which would pay ``compensation``; ``standing`` is what is settled if nobody
    rules, ``bond`` what arrived of it."""

    LAYOUT: ClassVar = (
        "bytes32*", "uint32", "uint8", "address", "uint64", "uint96", "uint96", "uint96", "uint96", "uint40"
    )  # fmt: skip
    id: bytes
    period: int
    obligation: int
    disputer: str
    attained: int
    charge: int
    compensation: int
    standing: int
    bond: int
    ruling_deadline: int


@dataclass(frozen=True, slots=True)
class Conceded:
    """The opponent accepted what was alleged; ``disputer`` has the bond back."""

    LAYOUT: ClassVar = ("bytes32*", "uint32", "uint8", "uint96", "address", "uint96")
    id: bytes
    period: int
    obligation: int
    compensation: int
    disputer: str
    bond: int


@dataclass(frozen=True, slots=True)
class EvidenceSubmitted:
    """A party named a document by its keccak256 and where it lies."""

    LAYOUT: ClassVar = ("bytes32*", "uint32", "uint8", "address*", "bytes32", "string")
    id: bytes
    period: int
    obligation: int
    party: str
    content_hash: bytes
    uri: str


@dataclass(frozen=True, slots=True)
class Ruled:
    """The arbiter found; ``winner`` has the bond less the fee. In a case it is the zero address."""

    LAYOUT: ClassVar = ("bytes32*", "uint32", "uint8", "uint64", "uint96", "uint96", "address")
    id: bytes
    period: int
    obligation: int
    attained: int
    charge: int
    compensation: int
    winner: str


@dataclass(frozen=True, slots=True)
class BondReturned:
    """The arbiter was silent: the disputer has the bond back."""

    LAYOUT: ClassVar = ("bytes32*", "uint32", "uint8", "address", "uint96")
    id: bytes
    period: int
    obligation: int
    disputer: str
    bond: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A compensation is final; the period's entitlement changed by ``entitlement_change``."""

    LAYOUT: ClassVar = ("bytes32*", "uint32", "uint8", "uint96", "int256")
    id: bytes
    period: int
    obligation: int
    compensation: int
    entitlement_change: int


@dataclass(frozen=True, slots=True)
class Credited:
    """``amount`` left the agreement's collateral for the escrow of ``downstream``; both are first versions."""

    LAYOUT: ClassVar = ("bytes32*", "bytes32*", "uint256")
    id: bytes
    downstream: bytes
    amount: int


@dataclass(frozen=True, slots=True)
class InArrears:
    """The collateral did not suffice; ``amount`` is still owed."""

    LAYOUT: ClassVar = ("bytes32*", "uint256")
    id: bytes
    amount: int


@dataclass(frozen=True, slots=True)
class Compensated:
    """``amount`` left the agreement's collateral for its customer."""

    LAYOUT: ClassVar = ("bytes32*", "address*", "uint256")
    id: bytes
    customer: str
    amount: int


@dataclass(frozen=True, slots=True)
class TransferWithheld:
    """A transfer failed: the account may withdraw the amount."""

    LAYOUT: ClassVar = ("address*", "address*", "uint256")
    token: str
    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a failed transfer left was paid out."""

    LAYOUT: ClassVar = ("address*", "address*", "address", "uint256")
    token: str
    account: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class Released:
    """The rest of the collateral went back to the provider."""

    LAYOUT: ClassVar = ("bytes32*", "address*", "uint256")
    id: bytes
    provider: str
    amount: int


@dataclass(frozen=True, slots=True)
class CommitteeFormed:
    """Nothing was attested by this committee before. ``rotation_delay`` in seconds."""

    LAYOUT: ClassVar = ("address[]", "uint256", "uint256")
    members: tuple[str, ...]
    quorum: int
    rotation_delay: int


@dataclass(frozen=True, slots=True)
class RoundPosted:
    """A root was attested; ``signers`` has one bit for each member that signed, by its index at that time."""

    LAYOUT: ClassVar = ("uint64*", "bytes32*", "bytes32", "uint256")
    round: int
    root: bytes
    bundle: bytes
    signers: int


@dataclass(frozen=True, slots=True)
class ReportsPublished:
    """All reports of an attested root, in the order of the tree's leaves. They may be published more than once."""

    LAYOUT: ClassVar = ("bytes32*", "(bytes32,uint32,uint8,uint16,uint64,uint96)[]")
    root: bytes
    reports: tuple[tuple[bytes, int, int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class RotationProposed:
    """A quorum replaces a member from ``effective_at`` on; ``number`` rotations were proposed before."""

    LAYOUT: ClassVar = ("address*", "address*", "uint256", "uint256", "uint256")
    outgoing: str
    incoming: str
    number: int
    effective_at: int
    signers: int


@dataclass(frozen=True, slots=True)
class MemberRotated:
    """``incoming`` took the place of ``outgoing``, at ``index`` among the members."""

    LAYOUT: ClassVar = ("address*", "address*", "uint256")
    outgoing: str
    incoming: str
    index: int


EscrowEvent = (
    EscrowDeployed
    | AgreementOpened
    | AgreementAmended
    | AgreementTerminated
    | AgreementExited
    | DownstreamLinked
    | Deposited
    | Claimed
    | Disputed
    | Conceded
    | EvidenceSubmitted
    | Ruled
    | BondReturned
    | Settled
    | Credited
    | InArrears
    | Compensated
    | TransferWithheld
    | Withdrawn
    | Released
)
CommitteeEvent = CommitteeFormed | RoundPosted | ReportsPublished | RotationProposed | MemberRotated
Event = EscrowEvent | CommitteeEvent

ESCROW_EVENTS: tuple[type[Event], ...] = EscrowEvent.__args__
COMMITTEE_EVENTS: tuple[type[Event], ...] = CommitteeEvent.__args__


def event_topic(event: type[Event]) -> bytes:
    """The first topic of the event's logs."""
    types = ",".join(kind.rstrip("*") for kind in event.LAYOUT)
    return keccak256(f"{event.__name__}({types})".encode())


_BY_TOPIC = {event_topic(event): event for event in (*ESCROW_EVENTS, *COMMITTEE_EVENTS)}


def decode_event(topics: Sequence[bytes], data: bytes, allowed: Sequence[type[Event]]) -> Event:
    """The event in a log of one of our contracts; RecordError for anything that is not one of ``allowed``."""
    event = _BY_TOPIC.get(topics[0]) if topics else None
    if event is None or event not in allowed:
        raise RecordError(
            "a log is not an event of this contract", "check that the address is that of Makegood's contract"
        )
    # Strings are read as bytes: whoever wrote one may have written no UTF-8, and must stop no reader.
    indexed = [kind[:-1] for kind in event.LAYOUT if kind.endswith("*")]
    plain = [kind for kind in event.LAYOUT if not kind.endswith("*")]
    if len(indexed) != len(topics) - 1:
        raise RecordError(f"a log of {event.__name__} has {len(topics)} topics", "read the logs again")
    try:
        from_topics = iter(
            [decode([kind], topic)[0] for kind, topic in zip(indexed, topics[1:], strict=True)]
        )
        from_data = iter(decode(["bytes" if kind == "string" else kind for kind in plain], data))
    except (DecodingError, ValueError, OverflowError) as error:
        raise RecordError(
            f"a log of {event.__name__} cannot be read: {error}", "read the logs again"
        ) from None
    values = [
        _value(kind.rstrip("*"), next(from_topics if kind.endswith("*") else from_data))
        for kind in event.LAYOUT
    ]
    return event(*values)


def event_values(event: Event) -> dict[str, Any]:
    """The event's members by name, in order."""
    return {field.name: getattr(event, field.name) for field in fields(event)}


def _value(kind: str, value: Any) -> Any:
    if kind == "address":
        return checksum_address(value)
    if kind == "string":
        return value.decode(errors="replace")
    if kind == "address[]":
        return tuple(checksum_address(address) for address in value)
    return tuple(value) if isinstance(value, list) else value
