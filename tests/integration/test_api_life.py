"""What the API says of an agreement's whole life: versions, cuts, contests, corrections, arrears, whom it pays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from record.hexes import to_hex
from sla.agreement import NO_DATA, Agreement
from tests.contracts.world import (
    BAD,
    DAY,
    KEYS,
    REPAIR,
    REPORT,
    RULE,
    UPTIME,
    WINDOW,
    WORSE,
    World,
)


@dataclass(slots=True)
class Life:
    """A world, the API over it, and its agreements by name."""

    world: World
    client: TestClient
    agreements: dict[str, Agreement]

    def id_of(self, name: str) -> str:
        return to_hex(self.world.escrow.id_of(self.agreements[name]))

    def get(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def one(self, name: str, path: str = "") -> Any:
        return self.get(f"/agreements/{self.id_of(name)}{path}")

    def names(self, query: str) -> set[str]:
        found = {one["id"] for one in self.get(f"/agreements?{query}")["items"]}
        return {name for name in self.agreements if self.id_of(name) in found}


@pytest.fixture(scope="module")
def life() -> Iterator[Life]:
    world = World()
    agreements = live(world)
    with TestClient(create_app(world.escrow)) as client:
        yield Life(world, client, agreements)


def live(world: World) -> dict[str, Agreement]:
    """Three agreements: one with arrears that pays downstream, its downstream, one that is amended and left."""
    below = world.opened_between("customer", "stranger")
    upper = world.opened(stake={"downstream": world.escrow.id_of(below)}, formation={"collateral": 150_000})
    world.link(upper, below)
    first = world.opened(
        stake={"arbiter_fee": 100},
        formation={"exit_breaches": 1, "exit_periods": 3, "collateral": 100_000},
    )
    world.land(world.end_of(first, 0))
    reports = [world.report(upper, WORSE), world.report(first, BAD), world.report(first, NO_DATA, 0, REPAIR)]
    tree = world.post(*reports)
    for agreement, report in zip((upper, first, first), reports, strict=True):
        world.claim(agreement, report, tree)
    world.travel(world.now + WINDOW)
    world.settle(upper)
    world.settle(first)
    head = world.amended(first, 3, formation={"collateral": 0})
    corrected = world.report(first, WORSE, revision=3)
    world.claim(first, corrected, world.post(corrected))
    return {"below": below, "upper": upper, "first": first, "head": head}


def test_agreement__amended__shows_its_versions_its_cut_and_one_account(life: Life) -> None:
    first, head = life.one("first"), life.one("head")

    assert [one["id"] for one in first["versions"]] == [life.id_of("first"), life.id_of("head")]
    assert first["versions"] == head["versions"]
    (cut,) = first["versions"][0]["cuts"]
    assert (cut["reason"], cut["periods"], cut["successor"]) == ("amended", 3, life.id_of("head"))
    assert (first["versions"][0]["signedPeriods"], first["periods"], head["periods"]) == (12, 3, 9)
    assert (first["isHead"], head["isHead"], head["version"], head["first"]) == (
        False,
        True,
        1,
        life.id_of("first"),
    )
    assert first["end"] == head["start"]
    assert first["collateral"] == head["collateral"]
    assert first["exitRule"] == {"breaches": 1, "periods": 3}
    assert life.get(f"/agreements/{life.id_of('first')}/periods")["total"] == 3


def test_agreement__in_arrears__says_what_is_owed_and_whom_it_pays(life: Life) -> None:
    """300 000 owed, 150 000 in escrow: they went downstream."""
    upper, below = life.one("upper"), life.one("below")

    assert (upper["arrears"]["amount"], upper["credited"]["amount"]) == ("150000", "150000")
    assert upper["underCollateralised"] is True
    assert upper["downstream"] == {
        "signed": life.id_of("below"),
        "linked": life.id_of("below"),
        "open": True,
    }
    assert (below["credits"]["amount"], below["downstream"]) == ("150000", None)
    assert below["collateral"]["amount"] == str(20_000_000 + 150_000)


def test_agreements__filters__find_arrears_heads_and_what_is_not_covered(life: Life) -> None:
    """The first one's escrow is empty, its correction would move 200 000 more and its case 770 000."""
    assert life.names("inArrears=true") == {"upper"}
    assert life.names("inArrears=false") == {"below", "first", "head"}
    assert life.names("underCollateralised=true") == {"upper", "first", "head"}
    assert life.names("head=true") == {"below", "upper", "head"}
    assert life.names("head=false") == {"first"}
    assert life.names("underCollateralised=true&head=true&inArrears=false") == {"head"}
    assert life.one("first")["pending"]["amount"] == str(300_000 + 770_000 - 100_000)


def test_claims__corrected__show_every_revision_and_settlement(life: Life) -> None:
    uptime, case = life.one("first", "/claims")["items"]

    assert [(one["revision"], one["finding"]["compensation"]["amount"]) for one in uptime["reports"]] == [
        (0, "100000"),
        (3, "300000"),
    ]
    assert [one["compensation"]["amount"] for one in uptime["settlements"]] == ["100000"]
    assert (uptime["status"], uptime["settled"], uptime["settledCompensation"]["amount"]) == (
        "pending",
        None,
        "100000",
    )
    assert uptime["final"]["compensation"]["amount"] == "300000"
    assert [one["action"] for one in uptime["actions"]] == ["claim", "dispute", "settle"]
    assert (case["contest"], case["status"], case["reported"]["attained"]) == ("case", "disputed", None)
    assert case["final"]["compensation"]["amount"] == "770000"
    assert [one["action"] for one in case["actions"]] == [
        "claim",
        "dispute",
        "submitEvidence",
        "rule",
        "settle",
    ]


def test_disputes__a_case__has_no_disputer_and_no_bond(life: Life) -> None:
    (case,) = life.one("first", "/disputes")["items"]

    assert (case["case"], case["disputer"], case["side"], case["alleged"]) == (True, None, None, None)
    assert (case["bond"]["amount"], case["standing"]["amount"], case["outcome"]) == ("0", "770000", "awaited")


def test_events__of_any_version__are_the_whole_agreement_s(life: Life) -> None:
    first, head = life.one("first", "/events"), life.one("head", "/events")

    assert first == head
    assert [one["name"] for one in first["items"]] == [
        "AgreementOpened",
        "Claimed",
        "Claimed",
        "Settled",
        "Compensated",
        "AgreementAmended",
        "Claimed",
    ]
    credits = [one for one in life.one("below", "/events")["items"] if one["name"] == "Credited"]
    assert [one["values"]["id"] for one in credits] == [life.id_of("upper")]


def test_agreement__left_by_the_exit_rule__names_the_breaches(life: Life) -> None:
    """In the head's first period its uptime is missed; the customer leaves with the third."""
    world, head = life.world, life.agreements["head"]
    with world.undone():
        world.land(world.end_of(head, 0))
        report = world.report(head, BAD)
        world.claim(head, report, world.post(report))
        world.travel(world.now + WINDOW)
        world.escrow.deposit(KEYS["provider"], head, 2_000_000)
        world.settle(head)
        world.exit(head, 2, (0, UPTIME))

        (cut,) = life.one("head")["versions"][1]["cuts"]
        exited = next(one for one in life.one("head", "/events")["items"] if one["name"] == "AgreementExited")

    assert (cut["reason"], cut["periods"], cut["successor"]) == ("exited", 2, None)
    assert cut["breaches"] == [{"period": 0, "obligation": 0}]
    assert exited["values"]["breaches"] == [{"period": 0, "obligation": 0}]


def test_dispute__without_a_report__is_shown_until_silence_ends_it(life: Life) -> None:
    """Nothing was reported for the upper one's second period: its customer says so, and nobody answers."""
    world, upper = life.world, life.agreements["upper"]
    with world.undone():
        world.travel(world.end_of(upper, 1) + REPORT)
        world.dispute(upper, "customer", WORSE, period=1)
        claim = life.one("upper", "/claims")["items"][-1]
        period = life.one("upper", "/periods?offset=1&limit=1")["items"][0]["obligations"][UPTIME]
        world.travel(world.now + RULE)
        world.settle(upper, (1, UPTIME))
        after = life.one("upper", "/claims")["items"][-1]

    assert (claim["revision"], claim["reported"], claim["windowEnd"], claim["root"]) == (None,) * 4
    assert (claim["contest"], claim["final"]["attained"]) == ("dispute", None)
    assert claim["final"]["compensation"]["amount"] == "0"
    assert [one["action"] for one in claim["actions"]] == [
        "claim",
        "concede",
        "submitEvidence",
        "rule",
        "settle",
    ]
    assert claim["actions"][1]["by"] == ["provider"]
    assert (period["claimStatus"], period["reported"]) == ("disputed", False)
    assert (after["status"], after["settlements"][0]["compensation"]["amount"]) == ("settled", "0")


def test_periods__nothing_claimed_and_overdue__can_be_disputed_by_the_parties(life: Life) -> None:
    world, upper = life.world, life.agreements["upper"]
    with world.undone():
        world.travel(world.end_of(upper, 1) + DAY)
        world.chain.web3.provider.ethereum_tester.mine_blocks()  # type: ignore[attr-defined]
        found = life.one("upper", "/periods?offset=1&limit=1")["items"][0]["obligations"][UPTIME]

    assert [(one["action"], one["by"]) for one in found["actions"]] == [
        ("claim", ["anyone"]),
        ("dispute", ["provider", "customer"]),
    ]
    assert found["actions"][1]["since"] is not None
