"""The moves of an agreement's life on a bare EVM, and what the escrow's books say that it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from eth_abi import encode

from chain.messages import agreement_argument
from record.eip712 import agreement_preimage
from sla.agreement import Agreement, Obligation
from sla.report import Report
from tests.contracts.fast_chain import CallFailed, function
from tests.contracts.fast_world import FastWorld
from tests.contracts.world import CHARGE, KEYS, MOODS, START, UPTIME, WINDOW, both_sign, boundary_of

KEY = (0, UPTIME)


class LifeWorld(FastWorld):
    """``opened`` and what follows, for the usual agreement and its first obligation."""

    _fresh: Any = None

    def reset(self) -> None:
        """As it was when this was first asked for: a world serves many tests."""
        if self._fresh is not None:
            self.chain.evm.revert(self._fresh)
        self._fresh = self.chain.evm.snapshot()
        self.chain.travel(START)

    def opened(self, token: str | None = None, **parts: dict[str, Any]) -> Agreement:
        """The usual agreement with changes, in force."""
        agreement = self.agreement(token, **parts)
        self.open(agreement)
        return agreement

    def open_with(self, agreement: Agreement, provider: str, customer: str) -> None:
        """Signed by these two."""
        signatures = both_sign(agreement_preimage(agreement, self.domain), provider, customer)
        self.act("open", agreement_argument(agreement), *signatures, by="operator")

    def claimed(
        self, agreement: Agreement, attained: int, revision: int = 0, period: int = 0, charge: int = CHARGE
    ) -> None:
        """A report posted and brought; travels to the period's end where that is ahead."""
        self.chain.travel(max(self.now + 1, boundary_of(agreement, period + 1)))
        report = Report(self.id_of(agreement), period, UPTIME, revision, attained, charge)
        self.claim(agreement, report, self.post(report).proof(report))

    def disputed(
        self, agreement: Agreement, attained: int, alleged: int, by: str = "provider", period: int = 0
    ) -> None:
        """A claim that a party contests."""
        self.claimed(agreement, attained, period=period)
        self.dispute(agreement, (period, UPTIME), (alleged, CHARGE), by)

    def due(self, agreement: Agreement, attained: int) -> None:
        """A claim that can be settled now."""
        self.claimed(agreement, attained)
        self.chain.travel(self.now + WINDOW)

    @contextmanager
    def refused(self, name: str, *values: object) -> Iterator[None]:
        """What happens within is refused with this error of the escrow and, where any are given, these values."""
        with pytest.raises(CallFailed) as failure:
            yield
        found, told = self.chain.refusal("SLAEscrow", failure.value)
        assert found == name
        if values:
            assert told == values

    def at_once(self, *obligations: Obligation, **parts: dict[str, Any]) -> Agreement:
        """The usual agreement with other obligations and no joint cap, in force; what is brought pays at once."""
        stake = {"dispute_window": 0, **parts.pop("stake", {})}
        service = {"period_cap": 0, **parts.pop("service", {})}
        usual = self.agreement(None, stake=stake, service=service, **parts)
        agreement = replace(usual, obligations=obligations)
        self.open(agreement)
        return agreement

    def brought(
        self,
        agreement: Agreement,
        attained: int,
        period: int = 0,
        revision: int = 0,
        obligation: int = UPTIME,
    ) -> int:
        """What reaches the customer for a report, posted and brought after the period's end."""
        before = self.balance("customer")
        self.chain.travel(max(self.now + 1, boundary_of(agreement, period + 1)))
        charge = agreement.service.charge
        report = Report(self.id_of(agreement), period, obligation, revision, attained, charge)
        self.claim(agreement, report, self.post(report).proof(report))
        return self.balance("customer") - before

    def mood(self, transfer: str = "Plain", pull: str = "Plain", fee_ppm: int = 0, size: int = 0) -> None:
        """Tell the first token how to behave, by the names of ``MOODS``."""
        self.moods(self.token, MOODS[transfer], MOODS[pull], fee_ppm, size)

    def blocked(self, who: str, blocked: bool = True) -> None:
        """The first token refuses to pay somebody."""
        self.chain.call("MoodyToken", self.token, "setBlocked", KEYS[who].address, blocked)

    def pending(self, agreement: Agreement, period: int = 0) -> tuple[int, int]:
        """The claim's pending compensation and its status."""
        pending, _, _, _, status = self.view("claimOf", self.id_of(agreement), period, UPTIME)
        return int(pending), int(status)

    def collateral(self, agreement: Agreement) -> int:
        """Of the agreement's account."""
        return int(self.view("accountOf", self.id_of(agreement))[0])

    def booked(self, agreements: Iterable[Agreement], token: str | None = None) -> int:
        """What the books say the escrow holds of a token: collateral, bonds of the first obligations' disputes, what is
        withheld from anybody known (P1)."""
        held = sum(self.withdrawable(who, token) for who in KEYS)
        for agreement in agreements:
            held += self.collateral(agreement)
            held += sum(
                int(self.view("disputeOf", self.id_of(agreement), period, UPTIME)[4]) for period in range(2)
            )
        return held


def encoded(action: str, *arguments: Any) -> bytes:
    """A call of the escrow, as it travels in a multicall or in a token's hands."""
    selector, inputs, _ = function("SLAEscrow", action)
    return selector + encode(inputs, arguments)
