"""One way to send: tried first, refused with the contract's own words, never on the wrong chain."""

from __future__ import annotations

import pytest
from web3 import Web3
from web3.exceptions import Web3RPCError

from benchmarks.scenario import Scenario
from chain.connection import Connection
from chain.errors import ChainError, Refused, Reverted
from chain.escrow import Escrow


@pytest.fixture(scope="module")
def world() -> Scenario:
    return Scenario(fresh_tokens=True)


def test_connection__another_chain_id__is_refused(world: Scenario) -> None:
    with pytest.raises(ChainError, match="not 1"):
        Connection(world.chain.web3, chain_id=1)


def test_contract__an_address_without_code__is_refused(world: Scenario) -> None:
    with pytest.raises(ChainError, match="no contract"):
        Escrow(world.connection, world.keys["customer"].address)


def test_open__a_chain_of_worth__is_refused_with_the_reason(
    world: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.connection, "chain_id", 1)

    with pytest.raises(ChainError, match="not a development chain"):
        world.escrow.open(world.keys["operator"], world.agreement(3), b"", b"")


def test_send__what_the_contract_refuses__costs_no_transaction(world: Scenario) -> None:
    count = world.connection.web3.eth.get_transaction_count
    operator = Web3.to_checksum_address(world.keys["operator"].address)
    nonce = count(operator)

    with pytest.raises(Refused) as refused:
        world.escrow.settle(world.keys["operator"], world.agreement(3), [(0, 0)])

    assert refused.value.name == "AgreementUnknown"
    assert refused.value.values_by_name == {"id": world.escrow.id_of(world.agreement(3))}
    assert count(operator) == nonce


def test_send__a_dry_run__only_tries(world: Scenario) -> None:
    dry = Escrow(world.connection, world.escrow.address, dry_run=True)
    agreement = world.agreement(3)
    digest = dry.id_of(agreement)
    signatures = [world.keys[name].sign_digest(digest) for name in ("provider", "customer")]

    assert dry.open(world.keys["operator"], agreement, *signatures) is None
    assert not world.escrow.account_of(digest).is_open


def test_send__a_tokens_own_refusal__is_told(world: Scenario) -> None:
    transfer = world.token.contract.functions.transfer(world.escrow.address, 10**30)

    with pytest.raises((Refused, Reverted), match="ERC20InsufficientBalance"):
        world.connection.send(world.keys["customer"], transfer)


def test_send__what_the_node_itself_refuses__is_told_as_an_error_of_the_chain(
    world: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P13: a keeper goes on after a ChainError; nothing else may come out of a node's answer."""
    operator = world.keys["operator"]
    mint = world.token.contract.functions.mint(operator.address, 1)
    for answer in (Web3RPCError("gas required exceeds allowance"), ConnectionError("connection refused")):

        def refuse(_: object, answer: Exception = answer) -> bytes:
            raise answer

        monkeypatch.setattr(world.connection.web3.eth, "send_raw_transaction", refuse)
        with pytest.raises(ChainError, match="the node said"):
            world.connection.send(operator, mint)
