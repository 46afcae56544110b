"""What the command line shows is what is signed and sent, whatever a node, a token or a page in a browser does."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest

from chain.errors import Unanswered
from chain.escrow import Escrow
from chain.token import Token
from cli.agreements import history_of
from tests.integration.cli_world import ONE, PERIOD, CliWorld, cli_world

pytestmark = pytest.mark.xdist_group("cli")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CliWorld]:
    with cli_world(tmp_path_factory.mktemp("sending")) as built:
        yield built


@pytest.fixture(scope="module")
def agreement(world: CliWorld) -> str:
    return world.opened("sending")[0]


def test_deposit__the_node_falls_silent_afterwards__is_told_as_done(
    world: CliWorld, agreement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who hears of an error only deposits again."""

    def silent(*_: object) -> None:
        raise Unanswered("the node does not answer", "look")

    before = world.balance("provider")
    with monkeypatch.context() as patch:
        patch.setattr(Escrow, "account_of", silent)
        said = world.run("deposit", agreement, "1.50", *world.key("provider")).stdout
    assert said.startswith("1.50 tUSD deposited\n  transaction 0x")
    assert before - world.balance("provider") == 1_500_000


def test_deposit__token_that_says_other_decimals_now__goes_by_the_signed_words(
    world: CliWorld, agreement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.balance("provider")
    with monkeypatch.context() as patch:
        patch.setattr(Token, "decimals", lambda self: 8)
        patch.setattr(Token, "symbol", lambda self: "USDC")
        said = world.run("deposit", agreement, "2", *world.key("provider")).stdout
    assert said.startswith("2.00 tUSD deposited")
    assert before - world.balance("provider") == 2 * ONE


@pytest.mark.parametrize("action", ["dispute", "rule"])
@pytest.mark.parametrize("attained", ["99", "0", "100"])
def test_level__bare_number_of_a_ratio__is_not_guessed_at(
    world: CliWorld, agreement: str, action: str, attained: str
) -> None:
    """A ruling is final, and 99 ppm is not 99 %."""
    where = [agreement, "--period", "0", "--obligation", "0", "--attained", attained]
    with world.untouched():
        told = world.run(action, *where, *world.key("arbiter"), code=2).stderr
    assert f"'{attained}' is not a percentage" in told


def test_chain__a_page_in_a_browser__may_ask_it_nothing(world: CliWorld) -> None:
    """A page asks by JSON only where the server allows its origin, and a plain text is not taken."""
    body = b'{"jsonrpc":"2.0","id":1,"method":"anvil_setBalance","params":["0x' + b"11" * 20 + b'","0x1"]}'
    origin = {"Origin": "http://evil.example"}
    wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    first = urllib.request.Request(world.rpc, headers=origin | wanted, method="OPTIONS")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(first)
    plain = urllib.request.Request(world.rpc, body, origin | {"Content-Type": "text/plain"})
    with urllib.request.urlopen(plain) as answer:
        assert answer.headers["access-control-allow-origin"] is None
        assert b"error" in answer.read()
    assert world.connection.web3.eth.get_balance("0x" + "11" * 20) == 0  # type: ignore[arg-type]


def test_status__token_with_a_name_that_rich_would_obey__is_shown(
    world: CliWorld, agreement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.travel(60 + PERIOD)
    monkeypatch.setattr(Token, "symbol", lambda self: "[/x]")
    assert "[/x]" in world.run("status").stdout
    assert "[/x]" in world.run("status", agreement).stdout


def test_deposit__by_a_stranger__wants_the_whole_id(world: CliWorld, agreement: str) -> None:
    """Four digits are soon found again by whoever opens agreements until one begins like another's."""
    with world.untouched():
        for text in (agreement[:6], agreement[:-1]):
            told = world.run("deposit", text, "1", *world.key("stranger"), code=2).stderr
            assert f"is neither provider nor customer of {agreement}" in told
    for text in (agreement, agreement[2:].upper()):
        assert world.json("deposit", text, "1", *world.key("stranger"))["amount"] == str(ONE)


def test_find__ids_that_begin_alike__are_named_and_none_is_taken(
    world: CliWorld, agreement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = agreement[:10] + "00" * 28
    history = history_of(world.network, world.escrow)
    record = history.agreements[bytes.fromhex(agreement[2:])]
    other = replace(record, id=bytes.fromhex(twin[2:]))
    both = replace(history, agreements={record.id: record, other.id: other})
    monkeypatch.setattr("cli.agreements.history_of", lambda *_: both)
    with world.untouched():
        told = world.run("deposit", agreement[:10], "1", *world.key("provider"), code=2).stderr
    assert "2 agreements" in told
    assert agreement in told
    assert twin in told
