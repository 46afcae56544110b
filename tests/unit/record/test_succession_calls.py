"""The calldata of ``amend`` and ``terminate`` from anybody: what the general decoder reads, each value of its type."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_abi import decode, encode
from eth_abi.exceptions import DecodingError
from hypothesis import given, settings
from hypothesis import strategies as st

from record import canonical
from record.events import AgreementAmended, AgreementExited, AgreementTerminated, Event
from record.hexes import to_hex
from record.open_call import AmendCall, TerminateCall, Terms, read_amend_call, read_terminate_call
from record.pack_history import history_bytes
from record.pack_logs import Entry
from sla.agreement import Agreement
from tests.open_arguments import AMEND_ARGUMENTS, TERMINATE_ARGUMENTS
from tests.unit.record.hostile import damaged, refused_or_read, uint
from tests.unit.record.test_open_call_properties import (
    AGREEMENTS,
    HEAD,
    SIGNATURES,
    SMALL,
    WORD,
    WORDS,
    members,
    words,
)

ID, FIRST = b"\1" * 32, b"\2" * 32
ESCROW = SMALL.parties.arbiter


def terms_of(agreement: Agreement, formation: bytes = b"\3" * 32, obligations: bytes = b"\4" * 32) -> Terms:
    return Terms(agreement.parties, agreement.service, agreement.stake, formation, obligations)


def fixed(terms: Terms) -> tuple[object, ...]:
    """``Terms`` as the ABI has it; the hash of the obligations travels beside it."""
    return (members(terms.parties), members(terms.service), members(terms.stake), terms.formation_hash)


def amending(call: AmendCall) -> bytes:
    signed = [members(call.agreement), call.provider_signature, call.customer_signature]
    old = [fixed(call.predecessor), call.predecessor.obligations_hash, call.count]
    return encode(AMEND_ARGUMENTS, [*signed, *old])


def ending(call: TerminateCall) -> bytes:
    terms = [fixed(call.terms), call.terms.obligations_hash, call.count, call.valid_by]
    return encode(TERMINATE_ARGUMENTS, [*terms, call.provider_signature, call.customer_signature])


AMENDS = st.builds(
    AmendCall, AGREEMENTS, SIGNATURES, SIGNATURES, st.builds(terms_of, AGREEMENTS, WORDS, WORDS), uint(24)
)
TERMINATIONS = st.builds(
    TerminateCall, st.builds(terms_of, AGREEMENTS, WORDS, WORDS), uint(24), uint(40), SIGNATURES, SIGNATURES
)
OLD = replace(SMALL, service=replace(SMALL.service, count=99, start=1_800_000_000))
AMEND = AmendCall(SMALL, b"provider", b"c" * 65, terms_of(OLD), 7)
TERMINATION = TerminateCall(terms_of(OLD), 7, 1_900_000_000, b"p" * 65, b"customer")


@settings(max_examples=25)
@given(call=AMENDS)
def test_read_amend_call__the_usual_encoding__is_what_was_brought(call: AmendCall) -> None:
    assert read_amend_call(amending(call)) == call


@settings(max_examples=25)
@given(call=TERMINATIONS)
def test_read_terminate_call__the_usual_encoding__is_what_was_brought(call: TerminateCall) -> None:
    assert read_terminate_call(ending(call)) == call


@settings(max_examples=100)
@given(data=damaged(st.just(amending(AMEND))) | damaged(st.just(ending(TERMINATION))))
def test_read_succession_calls__damaged__are_refused_or_as_the_general_decoder_has_them(data: bytes) -> None:
    amend, termination = refused_or_read(read_amend_call, data), refused_or_read(read_terminate_call, data)

    if amend is not None:
        assert read_amend_call(amending(amend)) == amend
        assert of_library(AMEND_ARGUMENTS, data) in (None, of_library(AMEND_ARGUMENTS, amending(amend)))
    if termination is not None:
        assert read_terminate_call(ending(termination)) == termination
        usual = of_library(TERMINATE_ARGUMENTS, data)
        assert usual in (None, of_library(TERMINATE_ARGUMENTS, ending(termination)))


def of_library(types: list[str], data: bytes) -> object:
    try:
        return decode(types, data)
    except (DecodingError, OverflowError, ValueError):
        return None


TERMS_HEAD = [*HEAD[:20], WORD, WORD]
"""How many values each word of the terms, their formation's and their obligations' hash may have."""


@pytest.mark.parametrize(
    ("read", "data", "first", "after"),
    [
        (read_amend_call, amending(AMEND), 3, [2**24]),
        (read_terminate_call, ending(TERMINATION), 0, [2**24, 2**40]),
    ],
    ids=["amend", "terminate"],
)
def test_read_succession_calls__each_word_of_the_terms__holds_the_values_of_its_type_and_no_other(
    read: object, data: bytes, first: int, after: list[int]
) -> None:
    for place, limit in enumerate([*TERMS_HEAD, *after], first):
        for value in {0, limit - 1, limit, limit + 1}:
            if value >= WORD:
                continue
            changed = data[: 32 * place] + words(value) + data[32 * place + 32 :]
            found = refused_or_read(read, changed)  # type: ignore[arg-type]
            assert (found is not None) == (value < limit), (place, value)


def test_history__the_life_of_an_agreement__is_told_in_words() -> None:
    events: list[Event] = [
        AgreementAmended(FIRST, FIRST, ID, 7, 5, amending(AMEND)),
        AgreementTerminated(ID, 3, ending(TERMINATION)),
        AgreementExited(ID, 2, ((0, 1), (1, 0))),
        AgreementTerminated(ID, 3, b"unreadable"),
    ]
    entries = [Entry(1, 2, 0, log, ESCROW, event) for log, event in enumerate(events)]
    told: Any = canonical.loads(history_bytes(entries))
    amended, terminated, exited, unreadable = (one["values"] for one in told)

    assert (amended["id"], amended["count"]) == (to_hex(ID), 7)
    assert amended["amended"]["agreement"]["service"]["count"] == SMALL.service.count
    assert amended["amended"]["predecessor"]["service"]["count"] == 99
    assert amended["amended"]["predecessor"]["obligationsHash"] == to_hex(b"\4" * 32)
    assert terminated["terminated"]["validBy"] == "1900000000"
    assert terminated["terminated"]["customerSignature"] == to_hex(b"customer")
    assert exited["breaches"] == [{"period": 0, "obligation": 1}, {"period": 1, "obligation": 0}]
    assert unreadable["terminated"] is None
    assert all("call" not in values for values in (amended, terminated))
