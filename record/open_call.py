"""The arguments of ``open``, ``amend`` and ``terminate``, read from their calldata exactly as the contract reads them.

Whoever brings an agreement chooses how it is encoded: pieces may overlap, where a word happens to fit two places. The
contract follows such pointers, a general ABI decoder refuses them, and one awkward caller could then hide the terms
that both parties signed. (Pointers that lead backwards the contract refuses itself.)
Source: https://docs.soliditylang.org/en/latest/abi-spec.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from record.hexes import checksum_address
from sla.agreement import (
    Agreement,
    Comparator,
    Formation,
    MissingData,
    Obligation,
    Parties,
    PayUnit,
    ScheduleUnit,
    Service,
    Stake,
    Tier,
)
from sla.errors import RecordError
from sla.obligation_validation import MAX_TIERS
from sla.validation import MAX_OBLIGATIONS

_WORD = 32

EnumType = TypeVar("EnumType", bound=IntEnum)


@dataclass(frozen=True, slots=True)
class Terms:
    """An agreement as a later call brings it: formation and obligations by their hashes."""

    parties: Parties
    service: Service
    stake: Stake
    formation_hash: bytes
    obligations_hash: bytes


@dataclass(frozen=True, slots=True)
class AmendCall:
    """The arguments of ``amend``: the new terms and both signatures, the old terms and how many periods they keep."""

    agreement: Agreement
    provider_signature: bytes
    customer_signature: bytes
    predecessor: Terms
    count: int


@dataclass(frozen=True, slots=True)
class TerminateCall:
    """The arguments of ``terminate``: the terms, how many periods they keep, until when this was valid (seconds UTC),
    and both signatures."""

    terms: Terms
    count: int
    valid_by: int
    provider_signature: bytes
    customer_signature: bytes


def read_open_call(call: bytes) -> tuple[Agreement, bytes, bytes]:
    """The agreement, the provider's and the customer's signature out of ``AgreementOpened.call``.

    RecordError where the contract would have refused the encoding.
    """
    return _signed(_Cursor(_Calldata(call), 0))


def read_amend_call(call: bytes) -> AmendCall:
    """The arguments out of ``AgreementAmended.call``; RecordError where the contract would have refused them."""
    head = _Cursor(_Calldata(call), 0)
    return AmendCall(*_signed(head), predecessor=_terms(head), count=head.uint(24))


def read_terminate_call(call: bytes) -> TerminateCall:
    """The arguments out of ``AgreementTerminated.call``; RecordError where the contract would have refused them."""
    calldata = _Calldata(call)
    head = _Cursor(calldata, 0)
    return TerminateCall(
        terms=_terms(head),
        count=head.uint(24),
        valid_by=head.uint(40),
        provider_signature=calldata.counted_bytes(head.uint(64)),
        customer_signature=calldata.counted_bytes(head.uint(64)),
    )


@dataclass(frozen=True, slots=True)
class _Calldata:
    """The arguments, without the function's selector."""

    data: bytes

    def span(self, address: int, length: int) -> bytes:
        if address + length > len(self.data):
            raise RecordError("the terms reach beyond the call", "export the pack again")
        return self.data[address : address + length]

    def counted_bytes(self, address: int) -> bytes:
        length = int.from_bytes(self.span(address, _WORD))
        return self.span(address + _WORD, length)


@dataclass(slots=True)
class _Cursor:
    """Reads one struct member after the other; a value that its type does not hold is refused."""

    calldata: _Calldata
    address: int

    def word(self) -> bytes:
        word = self.calldata.span(self.address, _WORD)
        self.address += _WORD
        return word

    def uint(self, bits: int) -> int:
        value = int.from_bytes(self.word())
        if value >= 1 << bits:
            raise RecordError(f"{value} in the terms is no uint{bits}", "export the pack again")
        return value

    def account(self) -> str:
        return checksum_address(self.uint(160).to_bytes(20))

    def choice(self, kind: type[EnumType]) -> EnumType:
        value = self.uint(8)
        if value >= len(kind):
            raise RecordError(f"{value} in the terms is no {kind.__name__}", "export the pack again")
        return kind(value)

    def target(self, base: int) -> _Cursor:
        """At the place to which the next word points, counted from ``base``."""
        return _Cursor(self.calldata, base + int.from_bytes(self.word()))

    def length(self, limit: int) -> int:
        length = int.from_bytes(self.word())
        if not 1 <= length <= limit:
            raise RecordError(f"an array in the terms has {length} elements", f"use 1 to {limit}")
        return length


def _signed(head: _Cursor) -> tuple[Agreement, bytes, bytes]:
    """The first three arguments, an agreement and its signatures."""
    calldata = head.calldata
    agreement = _agreement(_Cursor(calldata, head.uint(64)))
    provider = calldata.counted_bytes(head.uint(64))
    customer = calldata.counted_bytes(head.uint(64))
    return agreement, provider, customer


def _agreement(at: _Cursor) -> Agreement:
    start = at.address
    return Agreement(
        parties=_parties(at),
        service=_service(at),
        stake=_stake(at),
        formation=Formation(at.word(), at.uint(96), at.word(), at.uint(40), at.uint(16), at.uint(16)),
        obligations=_obligations(at.target(start)),
    )


def _terms(at: _Cursor) -> Terms:
    return Terms(_parties(at), _service(at), _stake(at), formation_hash=at.word(), obligations_hash=at.word())


def _parties(at: _Cursor) -> Parties:
    return Parties(at.account(), at.account(), at.account())


def _service(at: _Cursor) -> Service:
    return Service(
        committee=at.account(),
        start=at.uint(40),
        unit=at.choice(ScheduleUnit),
        length=at.uint(32),
        count=at.uint(24),
        zone_lag_seconds=at.uint(32),
        charge=at.uint(96),
        charge_max=at.uint(96),
        period_cap=at.uint(96),
    )


def _stake(at: _Cursor) -> Stake:
    return Stake(
        token=at.account(),
        bond=at.uint(96),
        arbiter_fee=at.uint(96),
        dispute_window=at.uint(32),
        report_within=at.uint(32),
        claim_within=at.uint(32),
        rule_within=at.uint(32),
        downstream=at.word(),
    )


def _obligations(at: _Cursor) -> tuple[Obligation, ...]:
    length = at.length(MAX_OBLIGATIONS)
    first = at.address
    return tuple(_obligation(at.target(first)) for _ in range(length))


def _obligation(at: _Cursor) -> Obligation:
    start = at.address
    return Obligation(
        indicator=at.word(),
        comparator=at.choice(Comparator),
        pay_unit=at.choice(PayUnit),
        missing_data=at.choice(MissingData),
        cap=at.uint(96),
        sane_min=at.uint(64),
        sane_max=at.uint(64),
        tiers=_tiers(at.target(start)),
    )


def _tiers(at: _Cursor) -> tuple[Tier, ...]:
    length = at.length(MAX_TIERS)
    return tuple(Tier(at.uint(64), at.uint(96), at.uint(96), at.uint(64)) for _ in range(length))
