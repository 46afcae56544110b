"""A round's evidence: one form, strictly read."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.bundle import Bundle, SignedObservation
from record.canonical import dumps
from record.hexes import checksum_address
from record.keccak import keccak256
from sla.errors import RecordError
from sla.report import Observation, Report


def uint(bits: int) -> st.SearchStrategy[int]:
    return st.integers(0, 2**bits - 1)


AGREEMENTS = st.sampled_from([bytes([number]) * 32 for number in range(3)])
ADDRESSES = st.sampled_from([checksum_address(bytes([number]) * 20) for number in range(0xA0, 0xA5)])
REPORTS = st.builds(Report, AGREEMENTS, uint(32), uint(8), uint(16), uint(64), uint(96))
KNOWN = st.builds(
    Observation,
    AGREEMENTS,
    uint(2),
    uint(1),
    uint(1),
    st.just(True),
    uint(64),
    uint(96),
    st.binary(min_size=32, max_size=32),
)
OBSERVATIONS = st.one_of(KNOWN, KNOWN.map(lambda known: replace(known, known=False, attained=0)))
SIGNED = st.builds(SignedObservation, OBSERVATIONS, ADDRESSES, st.binary(min_size=65, max_size=65))


def about(signed: SignedObservation) -> tuple[bytes, int, int, int, str]:
    observation = signed.observation
    return (
        observation.agreement,
        observation.period,
        observation.obligation,
        observation.revision,
        signed.member,
    )


BUNDLES = st.builds(
    Bundle,
    chain_id=uint(53),
    committee=ADDRESSES,
    round=uint(64),
    quorum=uint(16),
    reports=st.lists(
        REPORTS,
        max_size=6,
        unique_by=lambda report: (report.agreement, report.period, report.obligation, report.revision),
    ).map(tuple),
    observations=st.lists(SIGNED, max_size=6, unique_by=about).map(tuple),
)

MEMBER = checksum_address(b"\xaa" * 20)
OBSERVATION = Observation(b"\x01" * 32, 7, 0, 0, True, 999_900, 10**20, b"\x02" * 32)
SMALL = Bundle(
    chain_id=31337,
    committee=checksum_address(b"\xcc" * 20),
    round=1,
    quorum=1,
    reports=(Report(b"\x01" * 32, 7, 0, 0, 999_900, 10**20),),
    observations=(SignedObservation(OBSERVATION, MEMBER, b"\x03" * 65),),
)


def changed(path: list[str | int], value: Any) -> bytes:
    """The small bundle's bytes with one place replaced."""
    document = json.loads(SMALL.to_bytes())
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return dumps(document)


def test_to_bytes__a_small_bundle__is_the_documented_json() -> None:
    agreement, member, committee = "0x" + "01" * 32, MEMBER, SMALL.committee
    expected = (
        f'{{"chainId":31337,"committee":"{committee}","format":"makegood-bundle/1","observations":['
        f'{{"agreement":"{agreement}","attained":"999900","charge":"100000000000000000000",'
        f'"evidence":"0x{"02" * 32}","known":true,"member":"{member}","obligation":0,"period":7,"revision":0,'
        f'"signature":"0x{"03" * 65}"}}],"quorum":1,"reports":[{{"agreement":"{agreement}","attained":"999900",'
        f'"charge":"100000000000000000000","obligation":0,"period":7,"revision":0}}],"round":"1"}}'
    )
    assert SMALL.to_bytes() == expected.encode()
    assert SMALL.hash == keccak256(expected.encode())


@settings(max_examples=50)
@given(bundle=BUNDLES)
def test_from_bytes__what_to_bytes_wrote__is_the_same_bundle(bundle: Bundle) -> None:
    assert Bundle.from_bytes(bundle.to_bytes()) == bundle


@settings(max_examples=50)
@given(bundle=BUNDLES, data=st.data())
def test_hash__reports_and_observations_in_any_order__is_the_same(
    bundle: Bundle, data: st.DataObject
) -> None:
    shuffled = Bundle(
        bundle.chain_id,
        bundle.committee,
        bundle.round,
        bundle.quorum,
        tuple(data.draw(st.permutations(bundle.reports))),
        tuple(data.draw(st.permutations(bundle.observations))),
    )
    assert shuffled == bundle
    assert shuffled.hash == bundle.hash


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (["format"], "makegood-bundle/2", r"\$\.format"),
        (["extra"], 1, r"\$\.extra is not known"),
        (["chainId"], "31337", r"\$\.chainId is not a number"),
        (["chainId"], -1, r"\$\.chainId is not a number"),
        (["chainId"], True, r"\$\.chainId is not a number"),
        (["round"], 1, r"\$\.round is not a string"),
        (["round"], "01", r"\$\.round '01'"),
        (["round"], str(2**64), r"\$\.round"),
        (["quorum"], 2**16, r"\$\.quorum"),
        (["committee"], SMALL.committee.lower(), r"\$\.committee"),
        (["reports"], {}, r"\$\.reports is not a list"),
        (["reports", 0], 5, r"\$\.reports\[0\] is not an object"),
        (["reports", 0, "agreement"], "0x" + "01" * 31, r"\$\.reports\[0\]\.agreement is not 32 bytes"),
        (["reports", 0, "agreement"], "0x" + "AB" * 32, r"lower-case"),
        (["reports", 0, "period"], 2**32, r"\$\.reports\[0\]\.period"),
        (["reports", 0, "charge"], str(2**96), r"\$\.reports\[0\]\.charge"),
        (["reports", 0, "member"], MEMBER, r"\$\.reports\[0\]\.member is not known"),
        (["observations", 0, "known"], 1, r"known is not a flag"),
        (["observations", 0, "known"], False, r"attained is given, but not known"),
        (["observations", 0, "signature"], "0x" + "03" * 64, r"signature is not 65 bytes"),
    ],
)
def test_from_bytes__one_place_changed__is_refused_by_its_path(
    path: list[str | int], value: Any, problem: str
) -> None:
    with pytest.raises(RecordError, match=problem):
        Bundle.from_bytes(changed(path, value))


@pytest.mark.parametrize("place", ["reports", "observations"])
def test_from_bytes__one_twice__is_refused(place: str) -> None:
    document = json.loads(SMALL.to_bytes())
    document[place] *= 2

    with pytest.raises(RecordError, match=rf"\$\.{place}\[1\] is out of order or stands twice"):
        Bundle.from_bytes(dumps(document))


@pytest.mark.parametrize("name", ["quorum", "reports"])
def test_from_bytes__a_member_left_out__is_refused(name: str) -> None:
    document = json.loads(SMALL.to_bytes())
    del document[name]

    with pytest.raises(RecordError, match=rf"\$\.{name} is missing"):
        Bundle.from_bytes(dumps(document))


@pytest.mark.parametrize(
    "bundle",
    [
        replace(SMALL, chain_id=2**53),
        replace(SMALL, round=-1),
        replace(SMALL, committee=SMALL.committee.lower()),
        replace(SMALL, reports=SMALL.reports * 2),
        replace(SMALL, observations=(SignedObservation(OBSERVATION, MEMBER, b""),)),
    ],
)
def test_to_bytes__what_could_not_be_read_back__is_refused(bundle: Bundle) -> None:
    with pytest.raises(RecordError):
        bundle.to_bytes()


JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
PATHS = st.sampled_from(
    [[name] for name in ("format", "chainId", "committee", "round", "quorum", "reports", "observations")]
    + [["reports", 0]]
    + [["reports", 0, name] for name in ("agreement", "period", "attained", "charge", "odd")]
    + [["observations", 0, name] for name in ("known", "evidence", "member", "signature", "odd")]
)


@given(path=PATHS, value=JSON)
def test_from_bytes__any_json_in_any_place__is_a_record_error_or_a_bundle(
    path: list[str | int], value: Any
) -> None:
    """A parser fed by strangers never raises anything but RecordError."""
    try:
        data = changed(path, value)
        bundle = Bundle.from_bytes(data)
    except RecordError:
        return
    assert bundle.to_bytes() == data


@given(data=st.one_of(st.binary(max_size=400), JSON.map(json.dumps).map(str.encode)))
def test_from_bytes__arbitrary_bytes__are_refused(data: bytes) -> None:
    with pytest.raises(RecordError):
        Bundle.from_bytes(data)


@given(position=st.integers(0, len(SMALL.to_bytes()) - 1), byte=st.integers(0, 255))
def test_from_bytes__one_byte_changed__is_refused_or_another_bundle(position: int, byte: int) -> None:
    data = bytearray(SMALL.to_bytes())
    data[position] = byte
    try:
        bundle = Bundle.from_bytes(bytes(data))
    except RecordError:
        return
    assert bundle.to_bytes() == bytes(data)
    assert (bundle == SMALL) == (bytes(data) == SMALL.to_bytes())
