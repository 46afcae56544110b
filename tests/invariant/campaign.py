"""A campaign in one world: what is rare is sought, calls so far decide what comes next, time jumps."""

from __future__ import annotations

import random
from collections import Counter

from tests.invariant.arena import Arena
from tests.invariant.books import DISPUTED, NOBODY, NONE, PENDING, RULED, SETTLED, Claim, Place
from tests.invariant.callers_life import FAR
from tests.invariant.calls import Call
from tests.invariant.census import KINDS, Census, kind_of
from tests.invariant.deal import Deal
from tests.invariant.model import Outcome
from tests.invariant.recipes import FIRST, FUNCTIONS, MAKERS, SOUGHT_WAYS, STEPS
from tests.invariant.scene import Key, Scene
from tests.invariant.steps import Action, Block, Donation, Mood, Step

FULL = 14
"""So many agreements live side by side."""
TRIES = 6


class Campaign:
    """One world, one seed. ``history`` are the steps taken: alone they repeat everything."""

    def __init__(self, seed: str, census: Census | None = None) -> None:
        self.source = random.Random(seed)
        self.arena = Arena()
        self.scene = Scene(self.arena, self.source)
        self.census = census or Census()
        self.history: list[Step] = []
        self._turns = 0
        self._is_new = False
        self._resting: dict[str, int] = {}
        self._again: list[str] = []
        self.spent: Counter[str] = Counter()

    def run(self, calls: int) -> None:
        """So many calls."""
        for _ in range(calls):
            self._turn()

    def _turn(self) -> None:
        self._turns += 1
        if self.source.random() < 0.06:
            self._take(self._mischief())
        if self.source.random() < 0.1:
            self._travel()
        self._take(self._link_new() or self._next())
        if self._turns % 8 == 0:
            self._check_exactly_one()
        if self._turns % 10 == 0:
            self._retire()

    def _link_new(self) -> Call | None:
        """What was opened back to back is mostly linked at once."""
        deal = self.scene.live[-1] if self.scene.live else None
        if deal is None or not self._is_new or self.source.random() < 0.3:
            return None
        downstream = self.arena.deals.get(deal.agreement.stake.downstream)
        return Call("link", "stranger", (deal, downstream)) if downstream else None

    def _next(self) -> Call:
        """What is rare, as far as it can be had now; what cannot is left alone for a while."""
        if self._again:
            want = self._again.pop()
            call = self._seek(want, deepest=True)
            if call is not None:
                return call
        for _ in range(4):
            self.scene.goal = want = self._rarest()
            call = self._seek(want)
            if call is not None:
                self.spent[want] += 1
                self._repeat(want, call)
                return call
            self._resting[want] = self._turns + 12
            if want == "withdraw":
                self._take(self._obstacle())
            if self.source.random() < 0.4:
                self._travel()
        for want in ("open", "post", "permit"):
            call = self._seek(want)
            if call is not None:
                return call
        raise AssertionError("nothing can be done any more")

    def _repeat(self, want: str, call: Call) -> None:
        """What was hard to come to is done again while it can be: a call that is refused changes nothing."""
        hard = self.spent[want] > 3 * self.census.calls[want] + 3
        if hard and FIRST.get(want) and kind_of(call, self._foreseen(call)) == want:
            self._again = [want] * 6

    def _rarest(self) -> str:
        """Mostly what was seen least; sometimes anything; a way of succeeding where that is rarer than it should be."""
        way = self.source.choice(SOUGHT_WAYS)
        if self.census.ways[way] * 800 < self.census.total and self.source.random() < 0.5:
            return way
        kinds = [kind for kind in KINDS if self._resting.get(kind, 0) <= self._turns]
        if self.source.random() < 0.05:
            return self.source.choice(kinds)
        self.source.shuffle(kinds)
        return min(kinds[: len(kinds) * 2 // 3], key=lambda kind: self.census.calls[kind])

    def _seek(self, want: str, depth: int = 0, deepest: bool = False) -> Call | None:
        """A call that the model says comes to what is wanted; else one that must come before."""
        functions = FUNCTIONS[want]
        for _ in range(TRIES):
            call = MAKERS[self.source.choice(functions)](self.scene, want)
            if call is None:
                continue
            outcome = self._foreseen(call)
            if kind_of(call, outcome) == want or (want in (*STEPS, *SOUGHT_WAYS) and outcome.error is None):
                return call
        before = FIRST.get(want, ())
        if not before or deepest or depth > 4:
            return None
        if self.source.random() < 0.2:
            self._travel()
        return self._seek(self.source.choice(before), depth + 1)

    def _foreseen(self, call: Call) -> Outcome:
        """What the model would do, undone at once."""
        outcome = self.arena.model.call(call, self.arena.now)
        self.scene.books.take_back()
        return outcome

    # What happens

    def _take(self, action: Action) -> Outcome:
        step = Step(self.arena.now, action)
        self.history.append(step)
        before = self._states(action)
        outcome = self.arena.take(step)
        if isinstance(action, Call):
            self.census.count(action, outcome)
            self._count_ways(action, outcome, before)
            self._is_new = outcome.error is None and action.function == "open"
            if outcome.error is None:
                self._accepted(action)
        return outcome

    def _accepted(self, call: Call) -> None:
        scene = self.scene
        match call.function:
            case "open" if call.arguments[0].agreement.service.start > scene.now + FAR // 2:
                scene.long.append(call.arguments[0])
                self.arena.deals[call.arguments[0].id] = call.arguments[0]
            case "open" | "amend":
                deal = call.arguments[0]
                self.arena.deals[deal.id] = deal
                if call.function == "amend" and scene.long and call.arguments[3] is scene.long[-1]:
                    scene.long.append(deal)
                else:
                    scene.live.append(deal)
            case "post":
                scene.remember(call.arguments[1])
            case "multicall":
                for part in call.arguments[0]:
                    self._accepted(part)

    def _travel(self) -> None:
        """To one of the next seconds at which something changes, or just beside it."""
        offset = self.source.choice((-1, 0, 0, 0, 1))
        moments = sorted(m + offset for m in self.scene.moments() if m + offset > self.arena.now)
        if not moments:
            self.arena.chain.travel(self.arena.now + self.source.randint(1, 20_000))
            return
        reach = min(len(moments), 3)
        self.arena.chain.travel(moments[self.source.randrange(reach)])

    def _mischief(self) -> Action:
        """Tokens change their minds; strangers give."""
        source = self.source
        if source.random() < 0.15:
            return Donation(source.choice(("plain", "fee", "silent")), "stranger", source.randint(1, 10**6))
        if source.random() < 0.5:
            token = self.arena.tokens[source.choice(("plain", "fee", "silent"))]
            account = source.choice(list(self.scene.names.values()))
            is_blocked = self.scene.context.addresses[account] not in token.blocked
            return Block(token.name, account, is_blocked)
        transfer = source.choice(
            ("Plain", "Plain", "Reverts", "ReturnsFalse", "ReturnsTwo", "ReturnsOneByte")
        )
        pull = source.choice(("Plain", "Plain", "Plain", "Plain", "Reverts", "ReturnsFalse", "ReturnsTwo"))
        return Mood("flaky", transfer, pull)

    def _obstacle(self) -> Action:
        """Something that lets transfers fail, or lets go what failed."""
        if any(amount for _, amount in self.scene.books.withdrawable.items()):
            return Mood("flaky", "Plain", "Plain")
        deal = self.scene.pick(self.scene.owing())
        if deal is None or self.scene.token_of(deal).name == "flaky":
            return Mood("flaky", "Reverts", "Plain")
        return Block(self.scene.token_of(deal).name, self.scene.names[deal.agreement.parties.customer], True)

    def _retire(self) -> None:
        """What is over stays as something that late callers name; so does the oldest, where too many live."""
        scene = self.scene
        over = [deal for deal in scene.live if scene.is_over(deal)]
        left = [deal for deal in scene.live if deal not in over]
        over += left[: max(0, len(left) - FULL - 4)]
        if over:
            scene.live = left[max(0, len(left) - FULL - 4) :]
            scene.retired = [*scene.retired, *over][-40:]

    def _check_exactly_one(self) -> None:
        spot = self.scene.pick(self.scene.spots(lambda spot: spot.claim.status in (PENDING, DISPUTED)))
        if spot is not None:
            way = self.arena.check_exactly_one((spot.deal.id, *spot.key))
            if way:
                self.census.ways["P7: " + way] += 1

    # Counting

    def _states(self, action: Action) -> dict[Key, tuple[int, int]]:
        """Status of the claims that are concerned and their disputers, before."""
        if not isinstance(action, Call) or action.function not in ("claim", "dispute", "rule", "settle"):
            return {}
        deal, keys = action.arguments[:2]
        spots = [self.scene.spot(deal, key) for key in (keys if action.function == "settle" else (keys,))]
        return {spot.key: (spot.claim.status, spot.contest.disputer) for spot in spots}

    def _count_ways(self, call: Call, outcome: Outcome, before: dict[Key, tuple[int, int]]) -> None:
        ways = self.census.ways
        if call.with_low_gas and outcome.error == "GasTooLow":
            ways["with low gas"] += 1
        if outcome.error is not None or call.function in ("post", "publish", "multicall"):
            return
        status, disputer = next(iter(before.values()), (NONE, NOBODY))
        names = [name for _, name, _ in outcome.events]
        values = {name: values for _, name, values in outcome.events}
        ways["credited"] += "Credited" in names
        ways["in arrears"] += "InArrears" in names
        ways["transfer withheld"] += "TransferWithheld" in names
        ways["arrears paid"] += "Deposited" in names and ("Compensated" in names or "Credited" in names)
        match call.function:
            case "claim":
                ways["claim first"] += status == NONE
                ways["claim revised"] += status == PENDING
                ways["claim corrects what was settled"] += status == SETTLED
                ways["claim answers a dispute"] += disputer != NOBODY
                ways["claim opens a case"] += disputer == NOBODY and values["Claimed"][7] == DISPUTED
                ways["claim paid at once"] += "Settled" in names
            case "dispute":
                ways["dispute a claim"] += status == PENDING
                ways["dispute a case"] += status == DISPUTED
                ways["dispute silence"] += status == NONE
            case "release":
                ways["release pays arrears"] += "Compensated" in names or "Credited" in names
            case "rule":
                winner, parties = values["Ruled"][6], call.arguments[0].agreement.parties
                ways["rule a dispute for the customer"] += winner == parties.customer
                ways["rule a dispute for the provider"] += winner == parties.provider
                ways["rule a case"] += disputer == NOBODY
        self._count_settled(call, outcome, before)

    def _count_settled(self, call: Call, outcome: Outcome, before: dict[Key, tuple[int, int]]) -> None:
        ways, books = self.census.ways, self.scene.books
        for _, name, values in outcome.events:
            if name != "Settled":
                continue
            place, change = values[:3], values[4]
            deal = self.arena.deals[place[0]]
            ways["entitlement lowered"] += change < 0
            ways["cap reached"] += 0 < deal.agreement.service.period_cap < books.totals[place[:2]]
            ways["overpaid"] += self.scene.context.account(books.firsts[place[0]]).due < 0
            if call.function == "settle":
                status, disputer = before[place[1:]]
                way = {PENDING: "after the window", RULED: "after a ruling"}.get(status, "after silence")
                ways["settle a case" if (status, disputer) == (DISPUTED, NOBODY) else f"settle {way}"] += 1
        downstream = books.links[call.arguments[0].id] if outcome.events and call.function == "link" else b""
        if downstream.strip(b"\0"):
            ways["terms in a chain of three"] += any(
                books.links[version].strip(b"\0") for version in books.chains[downstream]
            )

    # P8

    def wind_up(self) -> None:
        """P8: nobody measures and nobody judges any more; a stranger and time settle everything within the bound, and
        in the end only what was donated is left."""
        self.census = Census()
        deals = [deal for deal in self.arena.deals.values() if deal not in self.scene.long]
        stakes = [deal.agreement.stake for deal in deals]
        bound = max([0, *(max(stake.dispute_window, stake.rule_within) for stake in stakes)])
        self.arena.chain.travel(self.arena.now + bound)
        for deal in deals:
            waiting = [place[1:] for place, claim in self._open_claims() if place[0] == deal.id]
            if waiting:
                self._take(Call("settle", "stranger", (deal, tuple(waiting))))
        assert not self._open_claims(), "P8: something cannot be settled"
        self._heal_tokens()
        heads = [deal for deal in deals if self.scene.is_head(deal)]
        floors = [deal.last_claim_deadline(deal.agreement.service.count) for deal in deals]
        self.arena.chain.travel(max([self.arena.now, *floors]))
        self._release(heads)
        for token, account in [place for place, amount in self.scene.books.withdrawable.items() if amount]:
            outcome = self._take(Call("withdraw", "stranger", (token, account, account)))
            assert outcome.error is None, "P8: what waits cannot be withdrawn"
        self.arena.sweep()
        for token, given in self.arena.donated.items():
            left = self.scene.books.balances[token, self.arena.escrow]
            assert left == given, f"P1: {left} left, {given} given"

    def _release(self, heads: list[Deal]) -> None:
        """An account in arrears only pays, and may be credited by another's release: again until nothing moves."""
        accounts, before = self.scene.books.accounts, None
        while before != (before := accounts.items()):
            for deal in heads:
                outcome = self._take(Call("release", "stranger", (deal,)))
                assert outcome.error is None, "P8: the rest cannot be released"

    def _open_claims(self) -> list[tuple[Place, Claim]]:
        claims = self.scene.books.claims.items()
        return [(place, claim) for place, claim in claims if claim.status in (PENDING, DISPUTED, RULED)]

    def _heal_tokens(self) -> None:
        self._take(Mood("flaky", "Plain", "Plain"))
        for token in list(self.arena.tokens.values()):
            for account in sorted(token.blocked):
                self._take(Block(token.name, self.scene.names[account], False))
