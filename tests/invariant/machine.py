"""The histories of `test_money.py`: every action as a rule, every promise as an invariant.

Agreements over three tokens (plain, with a fee on transfer, failing at times), actors that try what they may and what
they may not, at random times and at the seconds where something changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from record.events import ESCROW_EVENTS, TransferWithheld, Withdrawn
from record.keccak import keccak256
from sla.agreement import Agreement
from sla.report import Report
from tests.contracts.fast_chain import CallFailed
from tests.contracts.fast_world import FUNDS, FastWorld
from tests.contracts.world import BOND, FEE, KEYS, MOODS, changed
from tests.invariant.ledger import NO_DISPUTE, Ledger
from tests.invariant.model import PENDING, Deal, Model, Token

DAY = 86_400
LENGTH, COUNT = DAY, 4
WINDOW, RULING, CLAIM = 3 * DAY, 4 * DAY, 30 * DAY
CHARGE = 1_000_000
PEOPLE = ("provider", "customer", "arbiter", "stranger")
ADDRESS = {name: KEYS[name].address for name in (*PEOPLE, "operator")}

# Token, dispute window, joint cap, collateral, metered.
KINDS = (
    ("plain", WINDOW, 350_000, 4_000_000, False),
    ("plain", 0, 1_100_000, 700_000, False),
    ("fee", WINDOW, 0, 3_000_000, True),
    ("flaky", WINDOW, 1_200_000, 2_000_000, False),
    ("flaky", 0, 0, 0, True),
)
TOKENS = ("plain", "fee", "flaky")
UPTIMES = (0, 949_999, 950_000, 989_999, 995_000, 999_899, 999_900, 1_000_000, 1_000_001)
HOURS = (0, 1, 48, 72, 119, 121, 500, 1_000, 1_001)

counts: Counter[str] = Counter()
"""What succeeded, by action, and what was refused, by reason."""

PICK = st.integers(0, 10**6)
WHO = st.sampled_from(PEOPLE)
HOLDER = st.sampled_from(("provider", "customer", "stranger"))
Chosen = tuple[Agreement, bytes, Deal]
Place = tuple[Chosen, tuple[int, int]]


class Money(RuleBasedStateMachine):
    """One escrow, one committee, three tokens, five agreements at first and more later."""

    @initialize()
    def begin(self) -> None:
        self.world = FastWorld()
        addresses = [self.world.token, self.world.new_token(), self.world.new_token()]
        self.tokens = {name: Token(address) for name, address in zip(TOKENS, addresses, strict=True)}
        self.tokens["fee"].fee_ppm = 100_000
        self._tell("fee")
        for token in self.tokens.values():
            token.balances.update({ADDRESS[name]: FUNDS for name in ("provider", "customer", "stranger")})
        self.model = Model(self.world.escrow, list(self.tokens.values()))
        self.ledger = Ledger()
        self.agreements: list[Chosen] = []
        self.reports: list[tuple[Chosen, Report, tuple[bytes, ...], int]] = []
        self.before: dict[tuple[str, str], int] = {}
        self.withdrawn: list[tuple[str, str]] = []
        for kind in range(len(KINDS)):
            self.open_one(kind, "operator")

    # Acting: the contract does what the model says, or refuses as the model says

    def _do(self, name: str, by: str, act: Callable[[], None], expected: str | None) -> bool:
        try:
            act()
        except CallFailed as failure:
            refusal, _ = self.world.chain.refusal("SLAEscrow", failure)
            assert refusal == expected, f"{name} by {by}: {refusal}, expected {expected}"
            counts[refusal] += 1
            return False
        assert expected is None, f"{name} by {by} went through, expected {expected}"
        for event in self.world.chain.events(self.world.escrow, ESCROW_EVENTS):
            self.ledger.read(event)
            counts["transfer withheld"] += isinstance(event, TransferWithheld)
            if isinstance(event, Withdrawn):
                assert event.account in (event.to, ADDRESS[by])
                self.withdrawn.append((event.token, event.account))
        counts[name] += 1
        return True

    def _tell(self, name: str) -> None:
        token = self.tokens[name]
        mood = MOODS["Reverts"] if token.failing else MOODS["Plain"]
        self.world.moods(token.address, transfer=mood, fee_ppm=token.fee_ppm)

    def _agreement(self, pick: int) -> Chosen:
        return self.agreements[pick % len(self.agreements)]

    def places(self, *statuses: int) -> list[Place]:
        """All claims of these statuses."""
        return [
            (chosen, key)
            for chosen in self.agreements
            for key, claim in chosen[2].claims.items()
            if claim.status in statuses
        ]

    def _place(self, pick: int, *statuses: int) -> Place:
        """A claim of one of these statuses if there is one; now and then, or else, any."""
        places = self.places(*statuses) if pick % 9 else self.places(1, 2, 3, 4)
        return places[pick % len(places)] if places else (self._agreement(pick), (pick % COUNT, pick % 2))

    # The life of agreements

    @precondition(lambda self: len(self.agreements) < 8)
    @rule(kind=st.integers(0, len(KINDS) - 1), by=WHO)
    def open_one(self, kind: int, by: str) -> None:
        name, window, cap, collateral, metered = KINDS[kind]
        token, now = self.tokens[name], self.world.now
        agreement = changed(
            self.world.agreement(token.address),
            service={
                "start": now, "length": LENGTH, "count": COUNT, "period_cap": cap,
                "charge": 0 if metered else CHARGE, "charge_max": CHARGE if metered else 0,
            },
            stake={
                "dispute_window": window, "claim_within": CLAIM, "rule_within": RULING, "report_within": 0,
            },
            formation={
                "collateral": collateral, "open_by": now + 1, "document": keccak256(bytes([len(self.agreements)])),
            },
        )  # fmt: skip
        deal = Deal(
            token, ADDRESS["provider"], ADDRESS["customer"], ADDRESS["arbiter"], now, LENGTH, COUNT,
            agreement.service.charge, agreement.service.charge_max, cap, BOND, FEE, window, CLAIM, RULING,
        )  # fmt: skip
        ids: list[bytes] = []
        self._do("open", by, lambda: ids.append(self.world.open(agreement, by)), None)
        self.model.open(deal, collateral)
        self.agreements.append((agreement, ids[0], deal))

    @rule(token=st.sampled_from(("plain", "fee")), amount=st.integers(1, 10**6))
    def donate(self, token: str, amount: int) -> None:
        address = self.tokens[token].address
        self.world.chain.call(
            "MoodyToken", address, "transfer", self.world.escrow, amount, sender=ADDRESS["stranger"]
        )
        self.model.donate(self.tokens[token], ADDRESS["stranger"], amount)
        counts["donate"] += 1

    @rule(pick=PICK, by=HOLDER, amount=st.integers(0, 10**6), helpful=st.booleans())
    def deposit(self, pick: int, by: str, amount: int, helpful: bool) -> None:
        owing = [chosen for chosen in self.agreements if chosen[2].due]
        agreement, _, deal = owing[pick % len(owing)] if owing and helpful else self._agreement(pick)
        counts["deposit with arrears"] += deal.due > 0 and amount > 0
        self._do("deposit", by, lambda: self.world.deposit(agreement, amount, by), None)
        self.model.deposit(deal, ADDRESS[by], amount)

    @rule(days=st.integers(0, 3), seconds=st.integers(0, 3))
    def pass_time(self, days: int, seconds: int) -> None:
        self.world.chain.travel(self.world.now + days * DAY + seconds)

    @rule(pick=PICK, offset=st.sampled_from((-1, 0, 0, 0, 1)))
    def travel_to_where_something_changes(self, pick: int, offset: int) -> None:
        moments = sorted(moment + offset for moment in self._moments() if moment + offset >= self.world.now)
        if moments:
            self.world.chain.travel(moments[pick % min(len(moments), 3)])

    def _moments(self) -> set[int]:
        found = set()
        for _, _, deal in self.agreements:
            found |= {deal.end(period) for period in range(COUNT)} | {deal.last_deadline}
            found |= {claim.window_end for claim in deal.claims.values()}
            found |= {contest.deadline for contest in deal.disputes.values()}
        return found

    @rule(failing=st.booleans())
    def let_transfers_of_the_flaky_token_fail(self, failing: bool) -> None:
        self.tokens["flaky"].failing = failing
        self._tell("flaky")

    @rule(who=WHO)
    def let_the_plain_token_block_or_admit(self, who: str) -> None:
        token, account = self.tokens["plain"], ADDRESS[who]
        token.blocked ^= {account}
        self.world.chain.call("MoodyToken", token.address, "setBlocked", account, account in token.blocked)

    @rule(pick=PICK, level=st.integers(0, 8), by=WHO, wait=st.booleans())
    def breach(self, pick: int, level: int, by: str, wait: bool) -> None:
        """The next period that has no claim for an obligation is over, attested and brought."""
        chosen = self._agreement(pick)
        _, agreement_id, deal = chosen
        obligation = pick // 8 % 2
        free = [period for period in range(COUNT) if (period, obligation) not in deal.claims]
        period = free[0] if free else pick % COUNT
        if wait and self.world.now < deal.end(period):
            self.world.chain.travel(deal.end(period))
        charge = CHARGE if pick % 7 or not deal.charge_max else 333_333
        attained = (UPTIMES, HOURS)[obligation][level]
        self._attest(chosen, Report(agreement_id, period, obligation, pick % 3, attained, charge))
        self.bring(-1, by)

    @rule(pick=PICK, period=st.integers(0, COUNT), charge=st.sampled_from((CHARGE, 0, 777, CHARGE + 1)))
    def attest(self, pick: int, period: int, charge: int) -> None:
        """Whatever a committee may say, at any time: too early, too late, beyond the last period, at any charge."""
        chosen = self._agreement(pick)
        obligation = pick // 8 % 2
        attained = (UPTIMES, HOURS)[obligation][pick // 16 % 9]
        self._attest(chosen, Report(chosen[1], period, obligation, pick % 3, attained, charge))

    def _attest(self, chosen: Chosen, report: Report) -> None:
        other = Report(keccak256(self.world.round.to_bytes(32)), 0, 0, 0, 0, 0)
        tree = self.world.post(report, other)
        self.reports.append((chosen, report, tree.proof(report), self.world.now))

    @precondition(lambda self: self.reports)
    @rule(pick=PICK, by=WHO)
    def bring(self, pick: int, by: str) -> None:
        (agreement, _, deal), report, proof, attested = self.reports[pick % len(self.reports)]
        key = (report.period, report.obligation)
        expected = self.model.claim(
            deal, key, report.revision, report.attained, report.charge, attested, self.world.now
        )
        done = self._do("claim", by, lambda: self.world.claim(agreement, report, proof, by), expected)
        if done and deal.window == 0:
            self._count_settled(deal, key)
            counts["claim paid at once"] += 1

    def _finding(self, obligation: int, pick: int) -> tuple[int, int]:
        return (UPTIMES, HOURS)[obligation][pick // 5 % 9], CHARGE if pick % 5 else 777

    @precondition(lambda self: self.places(1))
    @rule(
        pick=PICK,
        level=PICK,
        by=st.sampled_from(("provider", "customer", "provider", "customer", "stranger")),
    )
    def dispute(self, pick: int, level: int, by: str) -> None:
        """Two times in three what helps the disputer most, where the disputer is a party."""
        (agreement, _, deal), key = self._place(pick, 1)
        found = self._finding(key[1], level)
        if level % 3:
            found = ((1_000_000, 1) if by == "provider" else (0, 1_000))[key[1]], CHARGE
        expected = self.model.dispute(deal, key, ADDRESS[by], *found, self.world.now)
        self._do(f"dispute by the {by}", by, lambda: self.world.dispute(agreement, key, found, by), expected)

    @rule(pick=PICK, by=WHO)
    def evidence(self, pick: int, by: str) -> None:
        (agreement, _, deal), key = self._place(pick, 2)
        party = ADDRESS[by] in (deal.provider, deal.customer)
        expected = self.model.rulable(deal, key, self.world.now) if party else "CallerInvalid"
        arguments = (*self.world.fixed(agreement), key, bytes(32), "uri")
        self._do("evidence", by, lambda: self.world.act("submitEvidence", *arguments, by=by), expected)

    @precondition(lambda self: self.places(2))
    @rule(pick=PICK, level=PICK, by=st.sampled_from(("arbiter", "arbiter", "arbiter", "customer")))
    def ruling(self, pick: int, level: int, by: str) -> None:
        (agreement, _, deal), key = self._place(pick, 2)
        found = self._finding(key[1], level)
        pending = deal.claims[key].pending if key in deal.claims else 0
        expected = self.model.rule(deal, key, ADDRESS[by], *found, self.world.now)
        if self._do("rule", by, lambda: self.world.rule(agreement, key, found, by), expected):
            way = "customer" if deal.claims[key].pending > pending else "provider"
            counts[f"rule for the {way}"] += 1

    @rule(pick=PICK, others=st.lists(PICK, max_size=2), by=WHO)
    def settle(self, pick: int, others: list[int], by: str) -> None:
        """All of an agreement's claims, due or not, some that do not exist, some twice."""
        (agreement, _, deal), _ = self._place(pick, 1, 2, 3)
        keys = [*deal.claims, *((number % (COUNT + 1), number % 3) for number in others)]
        ways = {key: claim.status for key, claim in deal.claims.items()}
        self._do("settle", by, lambda: self.world.settle(agreement, keys, by), None)
        settled = self.model.settle(deal, keys, self.world.now)
        for key in settled:
            way = {1: "after the window", 2: "after silence", 3: "after a ruling"}[ways[key]]
            counts[f"settle {way}"] += 1
            self._count_settled(deal, key)
        counts["settle several"] += len(settled) > 1

    def _count_settled(self, deal: Deal, key: tuple[int, int]) -> None:
        counts["arrears"] += deal.due > 0
        counts["cap hit"] += 0 < deal.entitlement(key[0]) < deal.total(key[0])

    @rule(pick=PICK, by=WHO)
    def release(self, pick: int, by: str) -> None:
        agreement, _, deal = self._agreement(pick)
        expected = self.model.release(deal, self.world.now)
        self._do("release", by, lambda: self.world.release(agreement, by), expected)

    @rule(pick=PICK, to=WHO, by=WHO, honest=st.booleans())
    def withdraw(self, pick: int, to: str, by: str, honest: bool) -> None:
        waiting = [place for place, amount in sorted(self.model.withdrawable.items()) if amount]
        address, account = next(iter(self.tokens.values())).address, ADDRESS[to]
        if waiting and pick % 5:
            address, account = waiting[pick % len(waiting)]
        if honest:
            by = next(name for name in PEOPLE if ADDRESS[name] == account)
        token = next(token for token in self.tokens.values() if token.address == address)
        expected = self.model.withdraw(token, account, ADDRESS[to], ADDRESS[by])
        if self._do("withdraw", by, lambda: self.world.withdraw(address, account, ADDRESS[to], by), expected):
            counts["withdraw elsewhere"] += ADDRESS[to] != account

    @rule(pick=PICK, change=PICK, action=st.sampled_from(("deposit", "settle", "release", "dispute")), by=WHO)
    def act_under_other_terms(self, pick: int, change: int, action: str, by: str) -> None:
        """P10: whatever of the signed terms is changed, nobody knows such an agreement."""
        agreement, _, deal = self._agreement(pick)
        other_token = self.tokens["fee" if deal.token is self.tokens["plain"] else "plain"]
        changes: list[dict[str, dict[str, Any]]] = [
            {"parties": {"customer": ADDRESS["stranger"]}},
            {"parties": {"provider": ADDRESS["stranger"]}},
            {"parties": {"arbiter": ADDRESS["stranger"]}},
            {"service": {"period_cap": agreement.service.period_cap + 1}},
            {"service": {"count": COUNT - 1}},
            {"service": {"start": agreement.service.start - 1}},
            {"stake": {"token": other_token.address}},
            {"stake": {"dispute_window": agreement.stake.dispute_window + 1}},
            {"stake": {"rule_within": RULING + 1}},
            {"stake": {"bond": BOND + 1}},
            {"formation": {"document": bytes(32)}},
        ]
        other = changed(agreement, **changes[change % len(changes)])
        calls: dict[str, Callable[[], None]] = {
            "deposit": lambda: self.world.deposit(other, 1, by),
            "settle": lambda: self.world.settle(other, list(deal.claims), by),
            "release": lambda: self.world.release(other, by),
            "dispute": lambda: self.world.dispute(other, (0, 0), (0, CHARGE), by),
        }
        self._do(action, by, calls[action], "AgreementUnknown")

    def wind_up(self) -> None:
        """P8: a stranger, and time, bring everything to its end; then only what was donated is left."""
        for token in self.tokens.values():
            for account in token.blocked:
                self.world.chain.call("MoodyToken", token.address, "setBlocked", account, False)
            token.failing, token.blocked = False, set()
        for name in self.tokens:
            self._tell(name)
        self.world.chain.travel(max(self._moments() | {self.world.now}) + 1)
        for agreement, _, deal in self.agreements:
            self._end(agreement, deal)
        for token in self.tokens.values():
            for name in PEOPLE:
                account = ADDRESS[name]
                if self.model.withdrawable[token.address, account]:
                    assert self.model.withdraw(token, account, account, "stranger") is None
                    self.world.withdraw(token.address, account, account, "stranger")
            left = self.world.balance(self.world.escrow, token.address)
            assert left == token.balances[self.world.escrow] == self.model.donated[token.address]

    def _end(self, agreement: Agreement, deal: Deal) -> None:
        keys = list(deal.claims)
        self._do("settle", "stranger", lambda: self.world.settle(agreement, keys, "stranger"), None)
        self.model.settle(deal, keys, self.world.now)
        assert deal.open_claims == 0
        assert self.model.release(deal, self.world.now) is None
        self._do("release", "stranger", lambda: self.world.release(agreement, "stranger"), None)

    # What holds after every step

    @invariant()
    def every_balance_is_the_models(self) -> None:
        """P1, P2, P8: to the last base unit, for everybody."""
        for token in self.tokens.values():
            for name in PEOPLE:
                assert self.world.balance(name, token.address) == token.balances[ADDRESS[name]], name
            held = self.world.balance(self.world.escrow, token.address)
            assert held == token.balances[self.world.escrow]
            assert held == self.model.held(token) + self.model.donated[token.address]

    @invariant()
    def events_alone_rebuild_the_state(self) -> None:
        """P12, and P1 by the contract's own numbers."""
        view = self.world.view
        books = Counter({token.address: 0 for token in self.tokens.values()})
        for agreement, agreement_id, deal in self.agreements:
            account = view("accountOf", agreement_id)
            assert list(account) == self.ledger.accounts[agreement_id]
            assert account == (deal.collateral, deal.due, deal.open_claims, COUNT, 1)
            assert self.ledger.terms[agreement_id] == agreement
            books[deal.token.address] += deal.collateral
            for period in {period for period, _ in deal.claims}:
                total = view("settledTotalOf", agreement_id, period)
                assert total == self.ledger.totals[agreement_id, period] == deal.total(period)
            for key, claim in deal.claims.items():
                found = view("claimOf", agreement_id, *key)
                assert found == self.ledger.claims[agreement_id, *key]
                assert found == (claim.pending, claim.settled, claim.window_end, claim.revision, claim.status)
                contest = view("disputeOf", agreement_id, *key)
                assert contest == self.ledger.disputes.get((agreement_id, *key), NO_DISPUTE)
                assert contest == expected_dispute(deal, key)
                books[deal.token.address] += contest[1]
        assert len(self.ledger.claims) == sum(len(deal.claims) for _, _, deal in self.agreements)
        assert len(self.ledger.disputes) == sum(len(deal.disputes) for _, _, deal in self.agreements)
        for token in self.tokens.values():
            for name in PEOPLE:
                amount = self.world.withdrawable(name, token.address)
                place_of = (token.address, ADDRESS[name])
                assert amount == self.ledger.withdrawable[place_of] == self.model.withdrawable[place_of]
                books[token.address] += amount
            held = self.world.balance(self.world.escrow, token.address)
            assert held == books[token.address] + self.model.donated[token.address]

    @invariant()
    def nobody_is_paid_more_than_there_was(self) -> None:
        """P2: within the joint cap, within what was deposited; arrears only when the collateral is spent."""
        for _, _, deal in self.agreements:
            assert 0 <= deal.paid <= deal.deposited
            assert deal.collateral == deal.deposited - deal.paid
            assert deal.entitled == sum(deal.entitlement(period) for period in range(COUNT))
            for period in range(COUNT):
                assert not deal.period_cap or deal.entitlement(period) <= deal.period_cap
            assert deal.due == 0 or deal.collateral == 0

    @invariant()
    def nobody_lowers_what_another_can_withdraw(self) -> None:
        """P9: only a withdrawal does, to the account or by the account (checked at its event), and takes it all."""
        after = {
            (token.address, ADDRESS[name]): self.ledger.withdrawable[token.address, ADDRESS[name]]
            for token in self.tokens.values()
            for name in PEOPLE
        }
        lowered = [place for place, amount in self.before.items() if after[place] < amount]
        assert lowered == self.withdrawn
        assert all(after[place] == 0 for place in lowered)
        self.before, self.withdrawn = after, []

    @invariant()
    def a_pending_claim_is_either_disputable_or_due(self) -> None:
        """P7, by trying both on the first pending claim there is."""
        for agreement, agreement_id, deal in self.agreements:
            for key, claim in deal.claims.items():
                if claim.status != PENDING:
                    continue
                met = (1_000_000, 1)[key[1]]
                with self.world.chain.undone():
                    try:
                        self.world.dispute(agreement, key, (met, CHARGE), "provider")
                        disputable = True
                    except CallFailed:
                        disputable = False
                with self.world.chain.undone():
                    self.world.settle(agreement, [key])
                    settled = self.world.view("claimOf", agreement_id, *key)[4] == 4
                assert disputable != settled
                assert settled == (self.world.now >= claim.window_end)
                counts["P7, " + ("settled" if settled else "disputed")] += 1
                return


def expected_dispute(deal: Deal, key: tuple[int, int]) -> tuple[int, int, int, bool]:
    contest = deal.disputes.get(key)
    if contest is None:
        return NO_DISPUTE
    return contest.alleged, contest.bond, contest.deadline, contest.disputer == deal.customer
