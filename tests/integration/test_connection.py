"""One way to send: tried first, refused with the contract's own words, never on the wrong chain."""

from __future__ import annotations

from typing import Any

import pytest
from hexbytes import HexBytes
from web3 import Web3

from benchmarks.scenario import Scenario
from chain.artifacts import artifact
from chain.code import immutable_places, is_same_code
from chain.committee import Committee
from chain.connection import Connection, connect
from chain.errors import ChainError, NotFound, Refused, Reverted, StillWaiting, WrongContract
from chain.escrow import Escrow
from record.eip712 import agreement_preimage


@pytest.fixture(scope="module")
def world() -> Scenario:
    return Scenario(fresh_tokens=True)


def test_connection__another_chain_id__is_refused(world: Scenario) -> None:
    with pytest.raises(ChainError, match="not 1"):
        Connection(world.chain.web3, chain_id=1)


def test_contract__an_address_without_code__is_refused(world: Scenario) -> None:
    with pytest.raises(ChainError, match="no contract"):
        Escrow(world.connection, world.keys["customer"].address)


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
    message = agreement_preimage(agreement, dry.domain)
    signatures = [world.keys[name].sign(message) for name in ("provider", "customer")]

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
    answers: dict[str | OSError, str] = {
        "exceeds block gas limit": "the node said: exceeds block gas limit",
        "insufficient funds for gas * price + value": "too little ether for the gas of up to 0.0",
        "nonce too low: next nonce 5, tx nonce 4": "somebody else sends with its key",
        "replacement transaction underpriced": "waits to be mined",
        "max fee per gas less than block base fee": "fees rose",
        ConnectionError("connection refused"): "whether transaction 0x[0-9a-f]{64} arrived is not known",
    }
    manager = world.connection.web3.manager
    ask = manager._make_request
    for answer, words in answers.items():

        def said(method: Any, params: Any, answer: str | OSError = answer) -> Any:
            if method != "eth_sendRawTransaction":
                return ask(method, params)
            if isinstance(answer, OSError):
                raise answer
            return {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": answer}}

        monkeypatch.setattr(manager, "_make_request", said)
        with pytest.raises(ChainError, match=words):
            world.connection.send(operator, mint)


def test_send__the_reply_was_lost_and_it_did_not_arrive__is_sent_once_when_brought_again(
    world: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P13: after the line broke (see above), the same call brought again is sent, once."""
    operator = world.keys["operator"]
    before = world.token.balance_of(operator.address)
    manager = world.connection.web3.manager
    ask = manager._make_request

    def lost(method: Any, params: Any) -> Any:
        if method == "eth_sendRawTransaction":
            raise ConnectionError("connection reset")
        return ask(method, params)

    mint = world.token.contract.functions.mint(operator.address, 3)
    with monkeypatch.context() as patch:
        patch.setattr(manager, "_make_request", lost)
        with pytest.raises(StillWaiting):
            world.connection.send(operator, mint)

    assert world.token.balance_of(operator.address) == before
    world.connection.send(operator, mint)
    assert world.token.balance_of(operator.address) == before + 3


def test_send__the_reply_was_lost_but_it_arrived__is_not_sent_again(
    world: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P13: the same call brought again has the receipt of the first; another call is sent as usual."""
    operator = world.keys["operator"]
    before = world.token.balance_of(operator.address)
    manager = world.connection.web3.manager
    ask = manager._make_request

    def lost(method: Any, params: Any) -> Any:
        answer = ask(method, params)
        if method == "eth_sendRawTransaction":
            raise ConnectionError("connection reset")
        return answer

    for amount in (5, 7):
        mint = world.token.contract.functions.mint(operator.address, amount)
        with monkeypatch.context() as patch:
            patch.setattr(manager, "_make_request", lost)
            with pytest.raises(StillWaiting) as waiting:
                world.connection.send(operator, mint)
    receipt = world.connection.send(operator, mint)

    assert receipt is not None
    assert bytes(receipt["transactionHash"]) == waiting.value.transaction
    assert world.token.balance_of(operator.address) == before + 12
    world.connection.send(operator, mint)
    assert world.token.balance_of(operator.address) == before + 19


def test_send__the_node_says_no_but_took_it__happens_once(
    world: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P13: a gateway that gave up waiting, or asked twice, answers with an error about what is mined already."""
    operator = world.keys["operator"]
    before = world.token.balance_of(operator.address)
    manager = world.connection.web3.manager
    ask = manager._make_request
    mint = world.token.contract.functions.mint(operator.address, 11)

    for said in ("nonce too low: next nonce 5, tx nonce 4", "upstream timed out"):

        def taken(method: Any, params: Any, said: str = said) -> Any:
            answer = ask(method, params)
            if method == "eth_sendRawTransaction":
                return {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": said}}
            return answer

        with monkeypatch.context() as patch:
            patch.setattr(manager, "_make_request", taken)
            assert world.connection.send(operator, mint) is not None
    assert world.token.balance_of(operator.address) == before + 22


def test_send__interrupted_while_it_waits__names_the_transaction(
    world: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = world.keys["operator"]
    mint = world.token.contract.functions.mint(operator.address, 13)

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("chain.outbox.Outbox.wait", interrupted)
        with pytest.raises(KeyboardInterrupt) as told:
            world.connection.send(operator, mint)
    receipt = world.connection.send(operator, mint)
    assert receipt is not None
    assert told.value.__notes__ == [
        f"Look up transaction 0x{bytes(receipt['transactionHash']).hex()} before sending again: it may have been sent."
    ]


def test_contract__the_code_of_another_contract__is_refused(world: Scenario) -> None:
    with pytest.raises(WrongContract, match="not the SLAEscrow this version was built for"):
        Escrow(world.connection, world.committee.address)
    with pytest.raises(WrongContract, match="not the Committee this version was built for"):
        Committee(world.connection, world.escrow.address)


def test_contract__one_byte_changed__is_another_contract(world: Scenario) -> None:
    """What the constructor wrote may differ, nothing else: every byte outside is flipped once, at random places."""
    address = Web3.to_checksum_address(world.committee.address)
    deployed = bytes(world.connection.web3.eth.get_code(address))
    compiled = bytes.fromhex(artifact("Committee").deployed_bytecode[2:])
    differing = {i for i, pair in enumerate(zip(compiled, deployed, strict=True)) if pair[0] != pair[1]}
    masked = {place + i for place in immutable_places(compiled) for i in range(32)}

    assert is_same_code(compiled, deployed)
    assert differing <= masked
    assert differing
    for at in range(0, len(deployed), 97):
        changed = bytearray(deployed)
        changed[at] ^= 1
        assert is_same_code(compiled, bytes(changed)) == (at in masked)
    assert not is_same_code(compiled, deployed + b"\0")


def test_errors__of_a_web3_call_anywhere__are_errors_of_the_chain(world: Scenario) -> None:
    eth = world.connection.web3.eth
    with pytest.raises(ChainError):
        eth.get_block(10**9)
    with pytest.raises(NotFound):
        eth.get_transaction(HexBytes(bytes(32)))
    with pytest.raises(NotFound):
        eth.get_transaction_receipt(HexBytes(bytes(32)))


@pytest.mark.parametrize(
    "rpc", ["ws://localhost:1", "/tmp/geth.ipc", "", "http://", "localhost:8545", "ftp://x"]
)
def test_connect__anything_but_http__is_refused(rpc: str) -> None:
    with pytest.raises(ChainError, match="only http and https"):
        connect(rpc)
