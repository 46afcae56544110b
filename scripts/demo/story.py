"""What happens to the shop and between the parties, by the clock; the oracle does everything else by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from chain.escrow import ClaimStatus
from chain.token import Token
from oracle.fleet import Fleet
from record.keccak import keccak256
from scripts.demo.ledger import read_ledger
from scripts.demo.show import Show, percent
from scripts.demo.world import World

OUTAGE, SLOW, LAST = 1, 2, 3
"""What happens in which period."""

SILENT_FROM = 2
"""The period from which on one node says nothing."""

LATENCY = 1
"""The place of the latency obligation."""

ALLEGED = 991_000
RULED = 991_000
"""The provider alleges that 99.1 % were fast, and the arbiter agrees: 5 % of the charge instead of 10 %."""

SLOW_SECONDS = 0.9


class Story:
    """One run. Each step waits for its moment; a step that waits too long ends the demo."""

    def __init__(self, world: World, fleet: Fleet, show: Show, evidence: Path) -> None:
        self._world = world
        self._fleet = fleet
        self._show = show
        self._evidence = evidence

    def run(self) -> None:
        """From the first period's start to the last settlement."""
        world, show = self._world, self._show
        self._at(0, 0.0, "period 0: the shop is well")
        self._at(OUTAGE, 0.0, "period 1 begins")
        self._at(OUTAGE, 5.0, "the shop is stopped")
        world.shop.stop()
        self._at(OUTAGE, 12.0, "the shop is started again")
        world.shop.start()
        self._at(SILENT_FROM, 0.0, "period 2 begins; node 4 falls silent")
        self._fleet.silence(len(self._fleet.nodes) - 1)
        self._at(SLOW, 5.0, f"the shop answers slowly: {SLOW_SECONDS} s instead of at once")
        world.shop.delay_seconds = SLOW_SECONDS
        self._at(SLOW, 12.0, "the shop answers quickly again")
        world.shop.delay_seconds = 0.0
        self._at(LAST, 0.0, "period 3 begins: the shop is well")
        self._until("the claim of period 2", lambda: self._status() is ClaimStatus.PENDING)
        self._contest()
        self._until("the ruled claim's settlement", lambda: self._status() is ClaimStatus.FINAL)
        self._until("the last period's round", self._is_reported)
        self._until("the last settlement", self._is_settled)
        show.say("all claims are settled")

    def _contest(self) -> None:
        """The provider disputes with evidence; the arbiter rules."""
        world, show = self._world, self._show
        provider, arbiter = world.people["provider"], world.people["arbiter"]
        stake, charge = world.agreement.stake, world.agreement.service.charge
        claim = (world.agreement, SLOW, LATENCY)
        Token(world.connection, stake.token).approve(provider, world.escrow.address, stake.bond)
        world.escrow.dispute(provider, *claim, ALLEGED, charge)
        show.say(f"the provider disputes it with a bond: {percent(ALLEGED)} were fast, it says", "yellow")
        document = json.dumps(
            {"period": SLOW, "claim": "the slow answers were a load test agreed with the customer"}
        ).encode()
        self._evidence.parent.mkdir(parents=True, exist_ok=True)
        self._evidence.write_bytes(document)
        world.escrow.submit_evidence(provider, *claim, keccak256(document), self._evidence.as_uri())
        show.say("the provider names its evidence by hash", "yellow")
        world.escrow.rule(arbiter, *claim, RULED, charge)
        show.say(f"the arbiter rules: {percent(RULED)}, computed by the same tiers", "yellow")

    def _status(self) -> ClaimStatus:
        return self._world.escrow.claim_of(self._world.agreement_id, SLOW, LATENCY).status

    def _is_reported(self) -> bool:
        return len(read_ledger(self._world, self._fleet.nodes[0].bundle).periods) > LAST

    def _is_settled(self) -> bool:
        return self._world.escrow.account_of(self._world.agreement_id).open_claims == 0

    def _at(self, period: int, seconds: float, text: str) -> None:
        """Wait until ``seconds`` into the period."""
        clock = self._world.clock
        wait = self._world.period_start(period) + seconds - clock.now()
        if wait > 0:
            clock.sleep(wait)
        self._show.say(text, "bold")

    def _until(self, what: str, holds: Callable[[], bool], seconds: float = 40.0) -> None:
        end = self._world.clock.now() + seconds
        while not holds():
            if self._world.clock.now() > end:
                raise TimeoutError(f"{what} did not come within {seconds:.0f} s")
            self._world.clock.sleep(0.3)
