"""What should happen, in a few lines of Python of its own: money in plain dictionaries, rules as in the design.

Written from DESIGN.md, not from the contracts, and without `sla`: it knows two obligations only, by their tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

PENDING, DISPUTED, RULED, SETTLED = 1, 2, 3, 4
Key = tuple[int, int]
PPM = 1_000_000


@dataclass
class Token:
    """A token: what stays on the way, whether its transfers fail, whom it refuses, who holds how much."""

    address: str
    fee_ppm: int = 0
    failing: bool = False
    blocked: set[str] = field(default_factory=set)
    balances: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def after_fee(self, amount: int) -> int:
        """What arrives."""
        return amount - amount * self.fee_ppm // PPM


@dataclass
class Claim:
    """A claim: what it waits to pay, what it paid, until when it can be contested."""

    pending: int
    window_end: int
    revision: int
    status: int = PENDING
    settled: int = 0


@dataclass
class Dispute:
    """An allegation, its bond and until when it can be ruled."""

    alleged: int
    bond: int
    deadline: int
    disputer: str


@dataclass
class Deal:
    """An agreement's numbers and its account. `charge` is fixed, or else at most `charge_max`."""

    token: Token
    provider: str
    customer: str
    arbiter: str
    start: int
    length: int
    count: int
    charge: int
    charge_max: int
    period_cap: int
    bond: int
    fee: int
    window: int
    claim_within: int
    rule_within: int
    collateral: int = 0
    entitled: int = 0
    paid: int = 0
    deposited: int = 0
    claims: dict[Key, Claim] = field(default_factory=dict)
    disputes: dict[Key, Dispute] = field(default_factory=dict)

    def end(self, period: int) -> int:
        """The first second after a period."""
        return self.start + (period + 1) * self.length

    def total(self, period: int) -> int:
        """What was settled for a period, before the joint cap."""
        return sum(claim.settled for (p, _), claim in self.claims.items() if p == period)

    def entitlement(self, period: int) -> int:
        """The same, up to the joint cap."""
        total = self.total(period)
        return min(total, self.period_cap) if self.period_cap else total

    @property
    def due(self) -> int:
        """Entitled minus paid."""
        return self.entitled - self.paid

    @property
    def open_claims(self) -> int:
        """Claims that are not settled."""
        return sum(claim.status != SETTLED for claim in self.claims.values())

    @property
    def last_deadline(self) -> int:
        """When nothing can be claimed any more."""
        return self.end(self.count - 1) + self.claim_within


def uptime_pays(attained: int, charge: int) -> int:
    """Below 99.99 % a tenth of the charge, below 99 % three tenths, below 95 % all of it."""
    if attained >= 999_900:
        return 0
    part = 10 if attained >= 990_000 else 30 if attained >= 950_000 else 100
    return charge * part // 100


def repair_pays(hours: int) -> int:
    """10 000 a whole day beyond 48 hours; beyond 120 hours 50 000 and 20 000 a whole day; at most 900 000."""
    if hours <= 48:
        return 0
    if hours <= 120:
        return (hours - 48) // 24 * 10_000
    return min(50_000 + (hours - 120) // 24 * 20_000, 900_000)


def compensation(obligation: int, attained: int, charge: int) -> int | str:
    """What is owed, or the name of the refusal."""
    low, high = ((0, 1_000_000), (1, 1_000))[obligation]
    if not low <= attained <= high:
        return "OutsideSaneBounds"
    return uptime_pays(attained, charge) if obligation == 0 else repair_pays(attained)


class Model:
    """Actions by their names: each returns None and does what it should, or returns the refusal and does nothing."""

    def __init__(self, escrow: str, tokens: Sequence[Token]) -> None:
        self.escrow = escrow
        self.tokens = list(tokens)
        self.deals: list[Deal] = []
        self.withdrawable: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.donated: defaultdict[str, int] = defaultdict(int)

    def open(self, deal: Deal, collateral: int) -> None:
        """The collateral counts as it arrives."""
        self.deals.append(deal)
        deal.collateral = deal.deposited = self._pull(deal.token, deal.provider, collateral)

    def donate(self, token: Token, giver: str, amount: int) -> None:
        """Tokens sent to the escrow by themselves belong to nobody."""
        self.donated[token.address] += self._pull(token, giver, amount)

    def deposit(self, deal: Deal, by: str, amount: int) -> None:
        """Arrears first."""
        arrived = self._pull(deal.token, by, amount)
        deal.collateral += arrived
        deal.deposited += arrived
        self._pay(deal)

    def claim(
        self, deal: Deal, key: Key, revision: int, attained: int, charge: int, attested: int, now: int
    ) -> str | None:
        """A first report that pays, of a period that was over when it was attested."""
        period, obligation = key
        if period >= deal.count:
            return "PeriodUnknown"
        if now >= deal.end(period) + deal.claim_within:
            return "ClaimTooLate"
        if attested < deal.end(period):
            return "RootTooEarly"
        if key in deal.claims:
            return "AlreadyClaimed"
        owed = self._owed(deal, obligation, attained, charge)
        if isinstance(owed, str):
            return owed
        if owed == 0:
            return "NothingOwed"
        deal.claims[key] = Claim(owed, now + deal.window, revision)
        if deal.window == 0:
            self._finalise(deal, key)
            self._pay(deal)
        return None

    def dispute(self, deal: Deal, key: Key, by: str, attained: int, charge: int, now: int) -> str | None:
        """A party, in time, in its own favour."""
        if by not in (deal.provider, deal.customer):
            return "CallerInvalid"
        claim = deal.claims.get(key)
        if claim is None or claim.status != PENDING or now >= claim.window_end:
            return "NotDisputable"
        alleged = self._owed(deal, key[1], attained, charge)
        if isinstance(alleged, str):
            return alleged
        if not (alleged > claim.pending if by == deal.customer else alleged < claim.pending):
            return "AllegationUseless"
        claim.status = DISPUTED
        bond = self._pull(deal.token, by, deal.bond)
        deal.disputes[key] = Dispute(alleged, bond, now + deal.rule_within, by)
        return None

    def rule(self, deal: Deal, key: Key, by: str, attained: int, charge: int, now: int) -> str | None:
        """The arbiter, in time. Who moved the pay its way wins the bond less the fee."""
        if by != deal.arbiter:
            return "CallerInvalid"
        if refusal := self.rulable(deal, key, now):
            return refusal
        found = self._owed(deal, key[1], attained, charge)
        if isinstance(found, str):
            return found
        claim, contest = deal.claims[key], deal.disputes.pop(key)
        parties = {deal.customer: found > claim.pending, deal.provider: found < claim.pending}
        other = next(party for party in parties if party != contest.disputer)
        winner = contest.disputer if parties[contest.disputer] else other
        claim.pending, claim.status = found, RULED
        fee = min(deal.fee, contest.bond)
        self._send(deal.token, deal.arbiter, fee)
        self._send(deal.token, winner, contest.bond - fee)
        return None

    def rulable(self, deal: Deal, key: Key, now: int) -> str | None:
        """Why a ruling, or evidence, comes to nothing."""
        claim = deal.claims.get(key)
        if claim is None or claim.status != DISPUTED:
            return "NotDisputed"
        return "RulingTooLate" if now >= deal.disputes[key].deadline else None

    def settle(self, deal: Deal, keys: Sequence[Key], now: int) -> list[Key]:
        """What is due, once; the keys that were."""
        settled, bonds = [], {deal.provider: 0, deal.customer: 0}
        for key in keys:
            claim = deal.claims.get(key)
            if claim is None or not self.is_due(deal, key, now):
                continue
            if claim.status == DISPUTED:
                contest = deal.disputes.pop(key)
                bonds[contest.disputer] += contest.bond
            self._finalise(deal, key)
            settled.append(key)
        self._pay(deal)
        for party, bond in bonds.items():
            self._send(deal.token, party, bond)
        return settled

    def is_due(self, deal: Deal, key: Key, now: int) -> bool:
        """Whether a claim can be settled now."""
        claim = deal.claims[key]
        deadlines = {PENDING: claim.window_end, RULED: 0}
        if claim.status == DISPUTED:
            return now >= deal.disputes[key].deadline
        return claim.status in deadlines and now >= deadlines[claim.status]

    def release(self, deal: Deal, now: int) -> str | None:
        """When nothing can be claimed and nothing waits."""
        if now < deal.last_deadline or deal.open_claims:
            return "NotReleasable"
        self._send(deal.token, deal.provider, deal.collateral)
        deal.deposited -= deal.collateral
        deal.collateral = 0
        return None

    def withdraw(self, token: Token, account: str, to: str, by: str) -> str | None:
        """To the account, or where the account itself says."""
        if account not in (to, by):
            return "CallerInvalid"
        amount = self.withdrawable[token.address, account]
        if amount == 0:
            return "NothingToWithdraw"
        if token.failing or to in token.blocked:
            return "TransferFailed"
        self.withdrawable[token.address, account] = 0
        self._move(token, self.escrow, to, amount)
        return None

    def held(self, token: Token) -> int:
        """P1: what the escrow's books say it holds of a token."""
        deals = [deal for deal in self.deals if deal.token is token]
        bonds = sum(contest.bond for deal in deals for contest in deal.disputes.values())
        owed = sum(amount for (address, _), amount in self.withdrawable.items() if address == token.address)
        return sum(deal.collateral for deal in deals) + bonds + owed

    @staticmethod
    def _owed(deal: Deal, obligation: int, attained: int, charge: int) -> int | str:
        good = charge <= deal.charge_max if deal.charge_max else charge == deal.charge
        return compensation(obligation, attained, charge) if good else "ChargeMismatch"

    @staticmethod
    def _finalise(deal: Deal, key: Key) -> None:
        before = deal.entitlement(key[0])
        claim = deal.claims[key]
        claim.settled, claim.pending, claim.status = claim.pending, 0, SETTLED
        deal.entitled += deal.entitlement(key[0]) - before

    def _pay(self, deal: Deal) -> None:
        amount = min(deal.due, deal.collateral)
        deal.collateral -= amount
        deal.paid += amount
        self._send(deal.token, deal.customer, amount)

    def _send(self, token: Token, to: str, amount: int) -> None:
        if token.failing or to in token.blocked:
            self.withdrawable[token.address, to] += amount
        else:
            self._move(token, self.escrow, to, amount)

    def _pull(self, token: Token, giver: str, amount: int) -> int:
        self._move(token, giver, self.escrow, amount)
        return token.after_fee(amount)

    @staticmethod
    def _move(token: Token, giver: str, to: str, amount: int) -> None:
        token.balances[giver] -= amount
        token.balances[to] += token.after_fee(amount)
