"""Whose observations count in a round that is posted around a rotation (R12): all observers were members at one time
after the periods' ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit import Kind, Verdict, run
from record.bundle import SignedObservation
from record.eip712 import observation_preimage
from sla.agreeing import agree
from sla.agreement import Agreement
from sla.report import Observation, Report
from tests.unit.audit.world import (
    CHARGE,
    KEYS,
    MEMBERS,
    NEWCOMER,
    QUORUM,
    ROTATION_DELAY,
    UPTIME,
    World,
    embedded_world,
)

LEAVER = MEMBERS[2]
STAYING = [MEMBERS[0], MEMBERS[1], MEMBERS[3]]


@pytest.fixture
def world() -> World:
    return embedded_world()


def observed(world: World, agreement: Agreement, period: int, *names: str) -> list[SignedObservation]:
    """Each saw the same, whether it is a member or not."""
    signed = []
    for name in names:
        said = Observation(
            world.escrow.id_of(agreement),
            period,
            0,
            0,
            True,
            999_950,
            CHARGE,
            KEYS[name].address.encode()[:32],
        )
        signature = KEYS[name].sign(observation_preimage(said, world.committee.domain))
        signed.append(SignedObservation(said, KEYS[name].address, signature))
    return signed


def post(world: World, agreement: Agreement, period: int, signers: list[str], *observers: str) -> None:
    attained = agree([999_950] * len(observers), UPTIME.comparator, QUORUM)
    report = Report(world.escrow.id_of(agreement), period, 0, 0, attained, CHARGE)
    world.post_bundle([report], observed(world, agreement, period, *observers), signers)


def verdict(world: World, folder: Path) -> Verdict:
    roots = world.export(folder / "pack")
    return run(folder / "pack", roots)


def test_audit__posted_just_after_the_rotation_with_the_leavers_observation__passes(
    world: World, tmp_path: Path
) -> None:
    """It was a member when it observed, and those who signed still are: nobody did anything wrong."""
    agreement = world.agreement(UPTIME)
    world.open(agreement)
    world.travel(world.end_of(agreement, 0) - ROTATION_DELAY + 3_600)
    world.propose_rotation(LEAVER)
    world.travel(world.end_of(agreement, 0) + 7_200)
    world.rotate(LEAVER)
    post(world, agreement, 0, STAYING, *MEMBERS)
    assert verdict(world, tmp_path).kind is Kind.PASS


def test_audit__observed_by_who_had_left_before_the_periods_end__fails(world: World, tmp_path: Path) -> None:
    agreement = world.agreement(UPTIME)
    world.open(agreement)
    world.propose_rotation(LEAVER)
    world.travel(world.end_of(agreement, 0) - 3_600)
    world.rotate(LEAVER)
    world.travel(world.end_of(agreement, 0))
    post(world, agreement, 0, STAYING, *MEMBERS)
    found = verdict(world, tmp_path)
    assert found.kind is Kind.FAIL
    assert f"an observation of {KEYS[LEAVER].address}, who was no member" in str(found.first_difference)


def test_audit__observed_by_the_leaver_and_the_newcomer__fails(world: World, tmp_path: Path) -> None:
    """One seat, one voice."""
    agreement = world.agreement(UPTIME)
    world.open(agreement)
    world.travel(world.end_of(agreement, 0) - ROTATION_DELAY + 3_600)
    world.propose_rotation(LEAVER)
    world.travel(world.end_of(agreement, 0) + 7_200)
    world.rotate(LEAVER)
    post(world, agreement, 0, STAYING, *MEMBERS, NEWCOMER)
    found = verdict(world, tmp_path)
    assert found.kind is Kind.FAIL
    assert "who was no member together with the others" in str(found.first_difference)


def test_audit__signed_and_observed_by_the_newcomer__passes(world: World, tmp_path: Path) -> None:
    agreement = world.agreement(UPTIME)
    world.open(agreement)
    world.propose_rotation(LEAVER)
    world.travel(world.end_of(agreement, 0))
    world.rotate(LEAVER)
    post(world, agreement, 0, [*STAYING, NEWCOMER], *STAYING, NEWCOMER)
    found = verdict(world, tmp_path)
    assert found.kind is Kind.PASS, found.first_difference
    assert any(KEYS[NEWCOMER].address in note for note in found.notes)
