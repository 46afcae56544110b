"""Logs from anybody, a lying node included: an event as the ABI means it, or refused."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import pytest
import rlp
from eth_abi import decode, encode
from hypothesis import given, settings
from hypothesis import strategies as st

from record import canonical
from record.events import COMMITTEE_EVENTS, ESCROW_EVENTS, Event, decode_event, event_topic
from record.headers import Header
from record.hexes import checksum_address
from record.pack_history import history_bytes
from record.pack_logs import TRANSFER_TOPIC, Entry, Scope, Transfer, entries_of
from record.receipts import Log
from tests.unit.record.hostile import TEXT, damaged, refused_or_read, uint

EVENTS = (*ESCROW_EVENTS, *COMMITTEE_EVENTS)
ACCOUNTS = st.binary(min_size=20, max_size=20).map(checksum_address)
WORDS = st.binary(min_size=32, max_size=32)
REPORTS = st.tuples(WORDS, uint(32), uint(8), uint(16), uint(64), uint(96))
ESCROW, COMMITTEE, STRANGER = (bytes([number]) * 20 for number in (0xE5, 0xC0, 0x57))
SCOPE = Scope(checksum_address(ESCROW), (checksum_address(COMMITTEE),))
HEADER = Header(bytes(32), bytes(32), bytes(32), 0, 7, 1_800_000_000)

Written = tuple[list[bytes], bytes]


def value_of(kind: str) -> st.SearchStrategy[Any]:
    if kind.startswith("uint"):
        return uint(int(kind[4:]))
    return {
        "address": ACCOUNTS,
        "address[]": st.lists(ACCOUNTS, max_size=3).map(tuple),
        "bytes32": WORDS,
        "bytes": st.binary(max_size=70),
        "int256": st.integers(-(2**255), 2**255 - 1) | st.sampled_from([-(2**255), 2**255 - 1, -(2**96), 0]),
        "string": TEXT,
        "(bytes32,uint32,uint8,uint16,uint64,uint96)[]": st.lists(REPORTS, max_size=3).map(tuple),
        "(uint32,uint8)[]": st.lists(st.tuples(uint(32), uint(8)), max_size=3).map(tuple),
    }[kind]


def any_of(event: type[Event]) -> st.SearchStrategy[Event]:
    return st.tuples(*(value_of(kind.rstrip("*")) for kind in event.LAYOUT)).map(
        lambda values: event(*values)
    )


def log_of(event: Event) -> Written:
    """Topics and data as Solidity writes them."""
    members = list(zip(event.LAYOUT, astuple(event), strict=True))
    topics = [encode([kind[:-1]], [value]) for kind, value in members if kind.endswith("*")]
    plain = [(kind, value) for kind, value in members if not kind.endswith("*")]
    return [event_topic(type(event)), *topics], encode(
        [kind for kind, _ in plain], [value for _, value in plain]
    )


def plainest(event: type[Event]) -> Event:
    """One of each, to be damaged."""
    values: dict[str, Any] = {
        "address": checksum_address(b"\xad" * 20),
        "address[]": (checksum_address(b"\xa1" * 20), checksum_address(b"\xa2" * 20)),
        "bytes32": b"\x07" * 32,
        "bytes": b"\x09" * 40,
        "string": "https://example.test/é",
        "(bytes32,uint32,uint8,uint16,uint64,uint96)[]": (
            (b"\x01" * 32, 1, 2, 3, 4, 5),
            (b"\x02" * 32, 0, 0, 0, 0, 0),
        ),
        "(uint32,uint8)[]": ((0, 1), (2**32 - 1, 255)),
    }
    return event(*(values.get(kind.rstrip("*"), 5) for kind in event.LAYOUT))


@pytest.mark.parametrize("event", EVENTS)
@settings(max_examples=6)
@given(data=st.data())
def test_decode_event__what_solidity_writes__is_the_event(event: type[Event], data: st.DataObject) -> None:
    written = data.draw(any_of(event))
    topics, body = log_of(written)

    assert decode_event(topics, body, EVENTS) == written


@settings(max_examples=150)
@given(event=st.sampled_from(EVENTS), data=st.data())
def test_decode_event__damaged__is_refused_or_what_the_words_say(
    event: type[Event], data: st.DataObject
) -> None:
    """What is read can always be told, too: the history of a pack never fails over it."""
    topics, body = log_of(plainest(event))
    if data.draw(st.booleans()):
        body = data.draw(damaged(st.just(body)))
    else:
        place = data.draw(st.integers(0, len(topics) - 1))
        topics[place] = data.draw(damaged(st.just(topics[place])))
    if data.draw(st.integers(0, 9)) == 0:
        topics = data.draw(st.permutations([*topics, bytes(32)][: data.draw(st.integers(0, 5))]))

    found = refused_or_read(lambda given: decode_event(given, body, EVENTS), topics)
    if found is None:
        return
    again = log_of(found)
    assert decode_event(*again, EVENTS) == found
    assert again[0] == topics or any(len(topic) != 32 for topic in topics)
    entry = Entry(7, 1_800_000_000, 0, 0, SCOPE.escrow, found)
    assert canonical.loads(history_bytes([entry]))


@given(topics=st.lists(WORDS | st.binary(max_size=40), max_size=5), body=st.binary(max_size=200))
def test_decode_event__a_strangers_log__is_refused(topics: list[bytes], body: bytes) -> None:
    assert refused_or_read(lambda given: decode_event(given, body, EVENTS), topics) is None


@pytest.mark.parametrize("event", EVENTS)
def test_decode_event__of_the_other_contract__is_refused(event: type[Event]) -> None:
    topics, body = log_of(plainest(event))
    others = COMMITTEE_EVENTS if event in ESCROW_EVENTS else ESCROW_EVENTS

    assert refused_or_read(lambda given: decode_event(given, body, others), topics) is None


@given(uri=st.binary(max_size=40))
def test_decode_event__a_string_of_any_bytes__stops_no_reader(uri: bytes) -> None:
    """Whoever brings evidence writes the URI, and need not write UTF-8."""
    event = next(event for event in ESCROW_EVENTS if event.__name__ == "EvidenceSubmitted")
    topics, _ = log_of(plainest(event))
    body = encode(["uint32", "uint8", "bytes32", "bytes"], [5, 5, b"\x07" * 32, uri])
    found = decode_event(topics, body, ESCROW_EVENTS)

    assert astuple(found)[-1] == uri.decode("utf-8", "replace")
    assert canonical.loads(history_bytes([Entry(7, 0, 0, 0, SCOPE.escrow, found)]))


@given(
    topics=st.lists(
        st.sampled_from([TRANSFER_TOPIC, ESCROW.rjust(32, b"\0"), ESCROW.rjust(32, b"\1")]) | WORDS,
        max_size=4,
    ),
    amount=uint(256).map(lambda number: number.to_bytes(32)) | st.binary(max_size=64),
)
def test_scope__any_log_of_a_token__is_a_transfer_of_the_escrows_or_nothing(
    topics: list[bytes], amount: bytes
) -> None:
    """Tokens are strangers: no log of theirs stops a reader."""
    found = SCOPE.event_of(Log(STRANGER, tuple(topics), amount))

    is_transfer = len(topics) == 3 and topics[0] == TRANSFER_TOPIC and len(amount) == 32
    if not is_transfer or ESCROW not in (topics[1][12:], topics[2][12:]):
        assert found is None
        return
    sender, to = (checksum_address(decode(["address"], bytes(12) + topic[12:])[0]) for topic in topics[1:])
    assert found == Transfer(sender, to, decode(["uint256"], amount)[0])


BLOCK = [
    b"\x02" + rlp.encode([b"\1", 21_000, bytes(256), [[address, *map(list, [topics]), body]]])
    for address, (topics, body) in [
        (STRANGER, ([bytes(32)], b"")),
        *((ESCROW, log_of(plainest(event))) for event in ESCROW_EVENTS[:3]),
        *((COMMITTEE, log_of(plainest(event))) for event in COMMITTEE_EVENTS),
        (STRANGER, ([TRANSFER_TOPIC, ESCROW.rjust(32, b"\0"), bytes(32)], bytes(32))),
    ]
]


def test_entries_of__a_block__are_its_events_in_order() -> None:
    entries = list(entries_of(SCOPE, HEADER, BLOCK))

    events = [*ESCROW_EVENTS[:3], *COMMITTEE_EVENTS, Transfer]
    assert [type(entry.event) for entry in entries] == events
    assert [(entry.transaction, entry.log) for entry in entries] == [
        (place, place) for place in range(1, len(events) + 1)
    ]


@settings(max_examples=60)
@given(place=st.integers(0, len(BLOCK) - 1), data=st.data())
def test_entries_of__one_receipt_damaged__are_refused_or_the_others_as_before(
    place: int, data: st.DataObject
) -> None:
    block = [*BLOCK[:place], data.draw(damaged(st.just(BLOCK[place]))), *BLOCK[place + 1 :]]
    entries = refused_or_read(lambda given: list(entries_of(SCOPE, HEADER, given)), block)
    if entries is None:
        return
    untouched = [entry.event for entry in entries_of(SCOPE, HEADER, BLOCK) if entry.transaction != place]
    assert [entry.event for entry in entries if entry.transaction != place] == untouched
