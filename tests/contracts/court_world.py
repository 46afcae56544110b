"""A court of one judge as the arbiter of the usual agreement, on a bare EVM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from eth_abi import decode, encode

from chain.messages import obligation_argument, terms_argument
from record.eip712 import obligation_hash
from record.keccak import keccak256
from sla.agreement import Agreement
from tests.contracts.fast_chain import GAS, CallFailed, errors, function
from tests.contracts.life_world import KEY, LifeWorld
from tests.contracts.world import CHARGE, KEYS, UPTIME

COST = 5 * 10**16
"""Wei that the court costs."""
EXTRA = b"\x00\x01\x00\x03"
QUESTION = "ipfs://question"
ALLEGED, REPORT, ANSWER = 1, 2, 3
"""The court's rulings; 0 is "refused to rule"."""
GUARD = keccak256(b"ReentrancyGuardReentrantCall()")[:4]
VERDICT_NONE, VERDICT_REFUSED, VERDICT_ALLEGED, VERDICT_REPORT, VERDICT_ANSWER = range(5)
MANNERS = {name: number for number, name in enumerate(("Honest", "RulesAtOnce", "RepeatsNumbers", "Calls"))}
"""``SmallCourt.Manner``."""


class CourtWorld(LifeWorld):
    """``arbiter`` is the CourtArbiter between the escrow and ``court``."""

    def __init__(self) -> None:
        super().__init__()
        self.court = self.chain.deploy("SmallCourt", COST)
        self.arbiter = self.chain.deploy("CourtArbiter", self.escrow, self.court, EXTRA, QUESTION)
        for key in KEYS.values():
            self.chain.evm.set_balance(key.address, 10**20)

    def court_agreement(self, token: str | None = None, **parts: dict[str, Any]) -> Agreement:
        """The usual agreement with the court as its arbiter, in force."""
        return self.opened(token, parties={"arbiter": self.arbiter}, **parts)

    def request(
        self, agreement: Agreement, by: str = "stranger", value: int = COST, key: tuple[int, int] = KEY
    ) -> int:
        """Bring the dispute to the court; its number there."""
        answer = self.court_call("request", *self.fixed(agreement), key, by=by, value=value)
        return int(decode(["uint256"], answer)[0])

    def answer(
        self,
        agreement: Agreement,
        attained: int,
        by: str,
        charge: int = CHARGE,
        key: tuple[int, int] = KEY,
    ) -> None:
        """What the disputer's opponent says, of the first obligation."""
        self.court_call("answer", *self.with_uptime(agreement), key, (attained, charge), by=by)

    def give(self, number: int, ruling: int) -> None:
        """The court rules."""
        self.chain.call("SmallCourt", self.court, "giveRuling", number, ruling)

    def execute(
        self, number: int, agreement: Agreement, attained: int, charge: int = CHARGE, by: str = "operator"
    ) -> None:
        """Pass the ruling on, written down as this finding."""
        self.court_call("execute", number, *self.with_uptime(agreement), (attained, charge), by=by)

    @staticmethod
    def with_uptime(agreement: Agreement) -> tuple[Any, ...]:
        """The terms, the obligations' hashes, the first obligation."""
        hashes = [obligation_hash(each) for each in agreement.obligations]
        return terms_argument(agreement), hashes, obligation_argument(agreement.obligations[UPTIME])

    def fetch(self, token: str, account: str, to: str | None = None, by: str = "operator") -> None:
        """Pay out an account's fees."""
        self.court_call("withdraw", token, account, to or account, by=by)

    def fees(self, account: str, token: str | None = None) -> tuple[int, int]:
        """Kept here, withheld by the escrow."""
        kept, withheld = self.arbiter_view("feesOf", token or self.token, account)
        return int(kept), int(withheld)

    def manner(self, name: str, target: str | None = None, payload: bytes = b"") -> None:
        """Tell the court how to behave."""
        arguments = (MANNERS[name], target or self.court, payload)
        self.chain.call("SmallCourt", self.court, "setManner", *arguments)

    def court_call(self, name: str, *arguments: Any, by: str, value: int = 0) -> bytes:
        """Any function of the arbiter, by a person or an address."""
        sender = KEYS[by].address if by in KEYS else by
        data = calldata(name, *arguments)
        try:
            return bytes(
                self.chain.evm.message_call(sender, self.arbiter, calldata=data, value=value, gas=GAS)
            )
        except RuntimeError as error:
            raise self.chain.failed(error) from None

    def arbiter_view(self, name: str, *arguments: Any) -> Any:
        """Any view of the arbiter."""
        return self.chain.view("CourtArbiter", self.arbiter, name, *arguments)

    def court_events(self) -> list[tuple[bytes, list[bytes], bytes]]:
        """Signature's hash, other topics, data: what the arbiter emitted in the last call."""
        return [(topics[0], topics[1:], data) for at, topics, data in self.chain.logs() if at == self.arbiter]


def calldata(name: str, *arguments: Any) -> bytes:
    """A call of the arbiter."""
    selector, inputs, _ = function("CourtArbiter", name)
    return selector + encode(inputs, arguments)


def topic(signature: str) -> bytes:
    """What the event is known by."""
    return keccak256(signature.encode())


@contextmanager
def court_refused(name: str, *values: Any) -> Iterator[None]:
    """What happens within reverts with this custom error of arbiter, court or escrow and, where given, these values."""
    with pytest.raises(CallFailed) as caught:
        yield
    data = caught.value.data or b""
    known = errors("SLAEscrow") | errors("SmallCourt") | errors("CourtArbiter")
    assert data[:4] in known, caught.value
    found, kinds = known[data[:4]]
    assert found == name
    if values:
        assert decode(kinds, data[4:]) == values
