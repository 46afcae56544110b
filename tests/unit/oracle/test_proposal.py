"""What a round says, and what a member checks before it signs one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.errors import RoundRefused
from oracle.ports import Block, PostedRound, Subject, View
from oracle.proposal import (
    agreed,
    carried,
    check_number,
    check_observation,
    check_reports,
    read_bundle,
    round_now,
)
from record.bundle import Bundle, SignedObservation
from record.eip712 import observation_preimage
from record.keccak import keccak256
from sla.agreement import NO_DATA
from sla.report import Observation, Report
from tests.unit.oracle.world import CHARGE, COMMITTEE, KEYS, LENGTH, MEMBERS, START, agreement_id, terms

AGREEMENT = terms().agreement()
ID = agreement_id(AGREEMENT)
MINE = 1


def view(time: int = START + LENGTH, rounds: Sequence[PostedRound] = (), formed_at: int = START) -> View:
    block = Block(9, bytes(32), time)
    return View(block, block, formed_at, {ID: AGREEMENT}, tuple(rounds), {}, COMMITTEE)


def signed(member: int, attained: int | None, period: int = 0, key: int | None = None) -> SignedObservation:
    known = attained is not None
    said = Observation(ID, period, 0, 0, known, attained or 0, CHARGE, keccak256(b"samples"))
    signature = KEYS[member if key is None else key].sign(observation_preimage(said, COMMITTEE.domain))
    return SignedObservation(said, MEMBERS[member], signature)


ALL = [signed(0, 985_000), signed(1, 980_000), signed(2, 990_000), signed(3, 999_000)]
REPORT = Report(ID, 0, 0, 0, 985_000, CHARGE)


def check(
    reports: Sequence[Report] = (REPORT,),
    observations: Sequence[SignedObservation] = tuple(ALL),
    time: int = START + LENGTH,
    held: Sequence[SignedObservation] = (ALL[MINE],),
) -> None:
    bundle = Bundle(COMMITTEE.chain_id, COMMITTEE.address, 1, 3, tuple(reports), tuple(observations))
    check_reports(
        bundle,
        COMMITTEE,
        view(time),
        MEMBERS[MINE],
        lambda report: [one for one in held if one.observation.period == report.period],
    )


def test_agreed__even_number__is_the_middle_that_favours_the_customer() -> None:
    """Element floor((m - 1) / 2) for "at least"."""
    assert agreed(AGREEMENT, ALL, 3) == REPORT


def test_agreed__unknown__does_not_enter() -> None:
    assert agreed(AGREEMENT, [*ALL[1:], signed(0, None)], 3).attained == 990_000


def test_agreed__fewer_known_than_a_quorum__is_no_data() -> None:
    assert agreed(AGREEMENT, [*ALL[2:], signed(0, None), signed(1, None)], 3).attained == NO_DATA


@given(
    honest=st.lists(st.integers(0, 1_000_000), min_size=3, max_size=3),
    lie=st.one_of(st.none(), st.integers(0, 2**64 - 2)),
    omitted=st.integers(1, 3),
)
def test_check__one_liar_of_four_proposes__cannot_leave_the_honest_range(
    honest: list[int], lie: int | None, omitted: int
) -> None:
    """n >= 3f + 1 tolerates f liars: member 0 may say anything and leave anybody out, and still what it gets signed
    lies between honest observations. It cannot get NO_DATA signed either."""
    true = [signed(place + 1, value) for place, value in enumerate(honest)]
    group = [signed(0, lie), *(one for place, one in enumerate(true) if place + 1 != omitted)]
    report = agreed(AGREEMENT, group, 3)

    try:
        check([report], group, held=true)
    except RoundRefused:
        return
    assert min(honest) <= report.attained <= max(honest)


def test_check__honest_bundle__is_signed() -> None:
    check()


def test_check__wrong_median__is_refused() -> None:
    with pytest.raises(RoundRefused, match=r"reported as 990000 .* say 985000"):
        check([replace(REPORT, attained=990_000)])


def test_check__wrong_charge__is_refused() -> None:
    with pytest.raises(RoundRefused, match="charge 999"):
        check([replace(REPORT, charge=999)])


def test_check__own_observation_left_out__is_refused() -> None:
    others = [one for one in ALL if one.member != MEMBERS[MINE]]
    with pytest.raises(RoundRefused, match="my own observation"):
        check([replace(REPORT, attained=990_000)], others)


def test_check__observation_left_out_that_changes_the_report__is_refused() -> None:
    """A liar that says "unknown" and leaves a third observation out must not turn a breach into NO_DATA."""
    unknown = signed(0, None)
    with pytest.raises(RoundRefused, match="with what I hold it is 990000"):
        check([replace(REPORT, attained=NO_DATA)], [unknown, ALL[1], ALL[2]], held=ALL[1:])


def test_check__observation_left_out_that_changes_nothing__is_signed() -> None:
    """It may have come too late for the proposer."""
    check(observations=[ALL[0], ALL[1], ALL[2]], held=ALL)


def test_check__member_said_two_things__the_bundle_may_hold_either() -> None:
    other = signed(3, 100)
    check([replace(REPORT, attained=980_000)], [*ALL[:3], other], held=ALL)


def test_check__own_observation_forged__is_refused() -> None:
    """P6: nobody else's signature stands for mine."""
    forged = signed(MINE, 999_999, key=3)
    with pytest.raises(RoundRefused, match="did not sign"):
        check([replace(REPORT, attained=990_000)], [ALL[0], forged, *ALL[2:]])


def test_check__observation_of_a_stranger__is_refused() -> None:
    stranger = replace(ALL[0], member=COMMITTEE.address)
    with pytest.raises(RoundRefused, match="no member"):
        check(observations=[stranger, *ALL[1:]])


def test_check__period_not_over__is_refused() -> None:
    """R9: a root attested before the period's end does not count."""
    with pytest.raises(RoundRefused, match="wait until it is over"):
        check(time=START + LENGTH - 1)


@pytest.mark.parametrize(
    "report",
    [replace(REPORT, agreement=bytes(32)), replace(REPORT, obligation=1), replace(REPORT, period=3)],
    ids=["agreement", "obligation", "period"],
)
def test_check__report_about_nothing_we_know__is_refused(report: Report) -> None:
    said = replace(
        ALL[0].observation, agreement=report.agreement, obligation=report.obligation, period=report.period
    )
    with pytest.raises(RoundRefused):
        check([report], [SignedObservation(said, MEMBERS[0], bytes(65))])


def test_check__report_without_observations__is_refused() -> None:
    with pytest.raises(RoundRefused, match="not about the same"):
        check([REPORT, replace(REPORT, period=1)], time=START + 2 * LENGTH)


def test_check__observations_without_report__are_refused() -> None:
    """Whatever is not reported would stand as evidence of nothing."""
    with pytest.raises(RoundRefused, match="not about the same"):
        check(observations=[*ALL, signed(0, 980_000, period=1)])


def test_observation__signed_for_another_committee__is_refused() -> None:
    """P6: a signature is bound to chain and contract."""
    said = ALL[0].observation
    for domain in (replace(COMMITTEE, chain_id=1).domain, replace(COMMITTEE, address=MEMBERS[0]).domain):
        other = SignedObservation(said, MEMBERS[0], KEYS[0].sign(observation_preimage(said, domain)))
        with pytest.raises(RoundRefused, match="did not sign"):
            check_observation(other, COMMITTEE, AGREEMENT)


@pytest.mark.parametrize(
    "change", [{"chain_id": 1}, {"quorum": 2}, {"committee": MEMBERS[0]}, {"reports": ()}]
)
def test_bundle__of_another_committee_or_empty__is_refused(change: dict[str, object]) -> None:
    bundle = Bundle(COMMITTEE.chain_id, COMMITTEE.address, 1, 3, (REPORT,), tuple(ALL))
    assert read_bundle(bundle.to_bytes(), COMMITTEE) == bundle

    with pytest.raises(RoundRefused):
        read_bundle(replace(bundle, **change).to_bytes(), COMMITTEE)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[" * 99])
def test_bundle__garbage__is_refused(data: bytes) -> None:
    with pytest.raises(RoundRefused):
        read_bundle(data, COMMITTEE)


def test_round_now__turns_pass__number_and_proposer_move_on() -> None:
    posted = PostedRound(7, b"root", b"bundle", START, ())
    numbers = [round_now(view(START + seconds, [posted]), 20) for seconds in (0, 19, 20, 40)]

    assert numbers == [8, 8, 9, 10]
    assert [COMMITTEE.proposer(number) for number in numbers[1:]] == [MEMBERS[0], MEMBERS[1], MEMBERS[2]]


@pytest.mark.parametrize(
    ("number", "is_fine"), [(7, False), (8, True), (10, True), (11, False), (2**64 - 1, False)]
)
def test_number__beyond_what_turns_allow__is_refused(number: int, is_fine: bool) -> None:
    """A member that signed round 2**64 - 1 would leave the committee no number to go on with."""
    now = view(START + 20, [PostedRound(7, b"root", b"bundle", START, ())])
    if is_fine:
        check_number(number, now, 20)
    else:
        with pytest.raises(RoundRefused, match="not between 7 and 10"):
            check_number(number, now, 20)


def test_carried__subject_few_observed__does_not_keep_the_others_waiting() -> None:
    """A member signs only what it observed, so a round carries what one quorum observed throughout."""
    everyone, few = frozenset(MEMBERS), frozenset(MEMBERS[:2])
    known, poor = Subject(b"a", 0, 0), Subject(b"b", 0, 0)

    assert carried({known: everyone, poor: few}, 3) == [known]


def test_carried__different_quorums__are_carried_in_different_rounds() -> None:
    first, second, third = (Subject(b"a", period, 0) for period in range(3))
    without_last, without_first = frozenset(MEMBERS[:3]), frozenset(MEMBERS[1:])

    assert carried({first: without_last, second: without_first, third: without_first}, 3) == [second, third]
    assert carried({first: without_last}, 3) == [first]
    assert carried({}, 3) == []
