"""A court as the arbiter, at the command line and on a real chain: deployed, asked, ruled, passed on, paid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chain.court import Court
from record.terms import load_terms
from sla.agreement import Agreement
from tests.integration.cli_world import KEYS, ONE, PERIOD, CliWorld, cli_world

pytestmark = pytest.mark.xdist_group("cli")

COST = 3 * 10**16
PAID_AT_94 = 300 * ONE
WHERE = ["--period", "0", "--obligation", "0"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CliWorld]:
    with cli_world(tmp_path_factory.mktemp("court")) as built:
        yield built


def court_at(world: CliWorld) -> tuple[str, str]:
    """A small court, and the arbiter between it and the escrow."""
    court, _ = world.connection.deploy(KEYS["operator"], "SmallCourt", COST)
    words = ["--extra-data", "0x0102", "--question", "https://example.org/question.json"]
    said = world.json("court", "deploy", court, *words, *world.key("operator"))
    assert (said["court"], said["escrow"], said["cost"]) == (court, world.escrow.address, str(COST))
    return court, said["arbiter"]


def rule(world: CliWorld, court: str, number: str, ruling: int) -> None:
    contract = world.connection.contract("SmallCourt", court)
    world.connection.send(KEYS["operator"], contract.functions.giveRuling(int(number), ruling))


def disputed(world: CliWorld, name: str, arbiter: str) -> tuple[str, Agreement]:
    """An agreement whose arbiter is the court, paid for, and a breach of 98.5 % that the provider disputes."""
    world.token.mint(KEYS["operator"], KEYS["provider"].address, 3_000 * ONE)
    terms = world.terms(name, {KEYS["arbiter"].address: arbiter})
    said = world.json("open", terms, *world.signatures(terms), *world.key("provider"))
    agreement: str = said["agreement"]
    world.travel(60 + PERIOD)
    document = load_terms(terms.read_text())
    world.claimed(agreement, document, 985_000)
    world.run("dispute", agreement, *WHERE, "--attained", "99.99%", *world.key("provider"))
    return agreement, document.agreement()


@pytest.mark.parametrize(("ruling", "verdict", "pays"), [(1, "alleged", 0), (2, "report", 100 * ONE)])
def test_court__asked_and_answered__rules_and_pays_whoever_asked(
    world: CliWorld, ruling: int, verdict: str, pays: int
) -> None:
    court, arbiter = court_at(world)
    agreement, terms = disputed(world, verdict, arbiter)
    before = {who: world.balance(who) for who in ("customer", "stranger")}
    with world.untouched():
        assert (
            "was not asked; it costs 0.03 ETH now" in world.run("court", "status", agreement, *WHERE).stdout
        )
        told = world.run("court", "request", agreement, *WHERE, *world.key("stranger"), "--dry-run").stdout
        assert "nothing was sent" in told
        told = world.run("court", "execute", agreement, *WHERE, *world.key("stranger"), code=1).stderr
        assert "was not asked" in told
    asked = world.json("court", "request", agreement, *WHERE, *world.key("stranger"))
    assert asked["cost"] == str(COST)
    with world.untouched():
        again = world.run("court", "request", agreement, *WHERE, *world.key("customer"), code=1).stderr
        assert f"this is its dispute {asked['disputeID']}" in again
        early = world.run("court", "execute", agreement, *WHERE, *world.key("customer"), code=1).stderr
        assert "NothingRuled" in early
    world.run("court", "evidence", agreement, "https://example.org/e.json", *WHERE, *world.key("provider"))

    rule(world, court, asked["disputeID"], ruling)
    shown: dict[str, Any] = world.json("court", "status", agreement, *WHERE)
    assert (shown["verdict"], shown["funder"]) == (verdict, KEYS["stranger"].address)
    assert "makegood court execute" in world.run("court", "status", agreement, *WHERE).stdout
    done = world.json("court", "execute", agreement, *WHERE, *world.key("operator"))
    assert done["compensation"] == str(pays)
    assert "Nobody disputes this claim now" in world.run("court", "status", agreement, *WHERE).stdout
    world.escrow.settle(KEYS["operator"], terms, [(0, 0)])
    # Of the bond of 50.00, 20.00 are the arbiter's fee; the winner has the rest.
    winnings = 30 * ONE if verdict == "report" else 0
    assert world.balance("customer") - before["customer"] == pays + winnings
    fee = world.json("court", "withdraw", agreement, *world.key("stranger"))
    assert fee["amount"] == str(20 * ONE)
    assert world.balance("stranger") - before["stranger"] == 20 * ONE
    assert Court(world.connection, arbiter).fees_of(world.token.address, KEYS["stranger"].address).kept == 0


def test_answer__of_the_opponent__is_what_the_court_may_choose_and_execute_passes_on(
    world: CliWorld,
) -> None:
    """Reported 98.5 % pays 100, the provider alleges 99.99 %, which pays 0: the customer says 94 %."""
    court, arbiter = court_at(world)
    agreement, _ = disputed(world, "answered", arbiter)
    shown = world.run("court", "status", agreement, *WHERE).stdout
    assert "the opponent has not answered" in shown
    said = [*WHERE, "--attained", "94%"]
    with world.untouched():
        told = world.run("court", "answer", agreement, *said, *world.key("provider"), code=1).stderr
        assert "(CallerInvalid)" in told
    answered = world.json("court", "answer", agreement, *said, *world.key("customer"))
    assert answered["answered"] == 940_000
    with world.untouched():
        again = world.run("court", "answer", agreement, *said, *world.key("customer"), code=1).stderr
        assert "has answered already" in again
    asked = world.json("court", "request", agreement, *WHERE, *world.key("stranger"))
    rule(world, court, asked["disputeID"], 3)
    status: dict[str, Any] = world.json("court", "status", agreement, *WHERE)
    assert (status["verdict"], status["answered"]) == ("answer", 940_000)
    shown = world.run("court", "status", agreement, *WHERE).stdout
    assert "the opponent answered 94%, which pays 300.00 tUSD" in shown
    assert "ruled for what was answered" in shown
    done = world.json("court", "execute", agreement, *WHERE, *world.key("operator"))
    assert (done["verdict"], done["attained"]) == ("answer", 940_000)
    ruled = world.escrow.claim_of(bytes.fromhex(agreement.removeprefix("0x")), 0, 0)
    assert done["compensation"] == str(ruled.pending) == str(PAID_AT_94)


def test_question__to_publish__names_the_choices_in_the_courts_order(world: CliWorld) -> None:
    """ERC-1497 counts titles from 1: alleged, report, answer."""
    document = json.loads(world.run("court", "question").stdout)
    titles = document["rulingOptions"]["titles"]
    assert [word in title for word, title in zip(("alleged", "report", "answered"), titles, strict=True)] == [
        True, True, True,
    ]  # fmt: skip
    assert len(document["rulingOptions"]["descriptions"]) == 3
    assert {"title", "description", "question", "category"} <= set(document)


def test_court__of_an_agreement_whose_arbiter_is_a_person__says_so(world: CliWorld) -> None:
    agreement, _ = world.opened("person")
    with world.untouched():
        told = world.run("court", "request", agreement, *WHERE, *world.key("stranger"), code=2).stderr
    assert f"its arbiter {KEYS['arbiter'].address} is no court" in told
    assert "makegood rule" in told


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["0x12"], 2, "ARBITRATOR"),
        (["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"], 2, "there is no contract"),
        (["TOKEN"], 1, "arbitrationCost"),
        (["TOKEN", "--extra-data", "0x1"], 2, "--extra-data"),
    ],
)
def test_deploy__of_what_is_no_court__is_refused_and_sends_nothing(
    world: CliWorld, words: list[str], code: int, told: str
) -> None:
    named = [world.token.address if word == "TOKEN" else word for word in words]
    with world.untouched():
        said = world.run("court", "deploy", *named, "--question", "x", *world.key("operator"), code=code)
    assert told in said.stderr
