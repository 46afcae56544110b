"""The API over a real escrow on the embedded chain."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.reading import Reader
from benchmarks.scenario import BREACH_PPM, CHARGE, COLLATERAL, WINDOW, Scenario
from sla.agreement import Agreement
from sla.report import Report


@pytest.fixture(scope="module")
def world() -> Scenario:
    return Scenario(fresh_tokens=False)


@pytest.fixture(scope="module")
def agreement(world: Scenario) -> Agreement:
    return world.agreement(3)


@pytest.fixture(scope="module")
def client(world: Scenario, agreement: Agreement) -> TestClient:
    world.open(agreement)
    world.pass_time(40 * 86_400)
    report = Report(world.escrow.id_of(agreement), 0, 1, 0, BREACH_PPM, CHARGE)
    tree, _ = world.post(1, [report])
    world.escrow.claim(world.keys["operator"], agreement, report, tree.proof(report))
    return TestClient(create_app(Reader(world.escrow, 0)), raise_server_exceptions=False)


def test_health__a_running_chain__names_chain_escrow_and_head(client: TestClient, world: Scenario) -> None:
    answer = client.get("/health").json()

    assert answer["status"] == "ok"
    assert answer["chainId"] == world.connection.chain_id
    assert answer["escrow"] == world.escrow.address
    assert answer["headTime"].endswith("Z")


def test_agreement__with_a_claim__shows_account_and_compensation(client: TestClient, world: Scenario) -> None:
    (summary,) = client.get("/agreements").json()
    found = client.get(f"/agreements/{summary['id']}").json()

    assert found["collateral"] == str(COLLATERAL)
    assert found["openClaims"] == 1
    (claim,) = found["claims"]
    # 98.5 % lies below 99.0 %: 30 % of the charge by AWS' compute SLA.
    assert claim["compensation"] == str(CHARGE * 30 // 100)
    assert (claim["period"], claim["obligation"], claim["status"]) == (0, 1, "pending")


def test_agreement__after_settlement__shows_what_is_left(
    client: TestClient, world: Scenario, agreement: Agreement
) -> None:
    world.pass_time(WINDOW)
    world.escrow.settle(world.keys["operator"], agreement, [(0, 1)])
    (summary,) = client.get("/agreements").json()

    assert summary["collateral"] == str(COLLATERAL - CHARGE * 30 // 100)
    assert summary["openClaims"] == 0


@pytest.mark.parametrize("wrong", ["0x12", "0x" + "00" * 32, "ü", "0x" + "G0" * 32])
def test_agreement__an_id_nobody_opened__is_a_problem_with_its_reason(client: TestClient, wrong: str) -> None:
    answer = client.get(f"/agreements/{wrong}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "no agreement" in answer.json()["detail"]
