"""What the callers of a campaign know and choose from: agreements, reports, people, moments."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from record.keccak import keccak256
from sla.agreement import NO_DATA, Parties
from sla.report import Report
from tests.invariant.arena import CANDIDATES, PARTIES, WALLET, Arena
from tests.invariant.books import DISPUTED, NOBODY, PENDING, Claim, Dispute
from tests.invariant.calls import Signature, address_of
from tests.invariant.deal import Deal
from tests.invariant.model_context import Token
from tests.invariant.rounds import Tree
from tests.invariant.terms_source import levels, usual_terms

T = TypeVar("T")
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Posted:
    """A report that stands under an attested root, and its way there."""

    deal: Deal
    report: Report
    proof: tuple[bytes, ...]
    attested_at: int = 0

    @property
    def key(self) -> Key:
        """Period and obligation."""
        return self.report.period, self.report.obligation


@dataclass(frozen=True, slots=True)
class Spot:
    """A claim, or where one could be."""

    deal: Deal
    key: Key
    claim: Claim
    contest: Dispute

    @property
    def is_contested(self) -> bool:
        """A party disputes it."""
        return self.claim.status == DISPUTED and self.contest.disputer != NOBODY

    @property
    def deadline(self) -> int:
        """When it becomes due."""
        return self.contest.deadline if self.claim.status == DISPUTED else self.claim.window_end


class Scene:
    """``live`` are the agreements that still matter; ``retired`` those that are over, and good for late callers."""

    def __init__(self, arena: Arena, source: random.Random) -> None:
        self.arena, self.source = arena, source
        self.books, self.context = arena.context.books, arena.context
        self.live: list[Deal] = []
        self.retired: list[Deal] = []
        self.unopened: list[Deal] = []
        self.posted: list[Posted] = []
        self.rounds: list[tuple[bytes, tuple[Report, ...]]] = []
        self.long: list[Deal] = []
        """The versions of the agreement that is amended until it cannot be."""
        self.goal = ""
        """What all this is for: a kind, or a way."""
        self.number = 0
        self._seen = (0, 0)
        self._spots: dict[bytes, list[Spot]] = {}
        self._trees: dict[bytes, Tree] = {}
        self.names = {address: name for name, address in self.context.addresses.items()}

    @property
    def now(self) -> int:
        """The chain's time."""
        return self.arena.now

    def pick(self, choices: Sequence[T]) -> T | None:
        """One of them, if there are any."""
        return self.source.choice(choices) if choices else None

    # Agreements

    def parties(self) -> Parties:
        """Neighbours on a ring, so that agreements can stand back to back; now and then a wallet that is a contract."""
        index = self.source.randrange(len(PARTIES))
        pair = [address_of(PARTIES[index]), address_of(PARTIES[(index + 1) % len(PARTIES)])]
        if self.source.random() < 0.15:
            pair[self.source.randrange(2)] = self.context.addresses[WALLET]
        return Parties(pair[0], pair[1], address_of("arbiter"))

    def fresh(self, token: str | None = None, parties: Parties | None = None) -> Deal:
        """Terms nobody has opened yet."""
        tokens = list(self.arena.tokens.values())
        address = token or self.source.choice(tokens).address
        terms = usual_terms(self.source, self.now, parties or self.parties(), address, self.arena.committee)
        return self.named(Deal("", terms, self.context.domain))

    def named(self, deal: Deal) -> Deal:
        """With a name of its own."""
        self.number += 1
        deal.name = f"A{self.number}"
        return deal

    def signatures(self, deal: Deal, digest: bytes | None = None) -> tuple[Signature, Signature]:
        """Both parties'."""
        parties = deal.agreement.parties
        return (
            self.signature(parties.provider, digest or deal.id),
            self.signature(parties.customer, digest or deal.id),
        )

    def signature(self, party: str, digest: bytes) -> Signature:
        """Of whoever signs for an address."""
        signer = self.context.owners.get(party, party)
        return Signature(next((name for name in SIGNERS if address_of(name) == signer), ""), digest)

    def heads(self) -> list[Deal]:
        """Live agreements' last versions."""
        return [deal for deal in self.live if self.is_head(deal)]

    def owing(self) -> list[Deal]:
        """Agreements in arrears: what is deposited there goes on to the customer."""
        accounts = [
            (deal, self.context.account(self.books.firsts[deal.id])) for deal in [*self.live, *self.retired]
        ]
        return [deal for deal, account in accounts if account.due > 0 and deal.id not in self.books.links]

    def token_of(self, deal: Deal) -> Token:
        """What it is paid in."""
        return self.context.tokens[deal.agreement.stake.token]

    def is_head(self, deal: Deal) -> bool:
        """Whether no other has taken over from it."""
        return self.context.head(self.books.firsts[deal.id]) == deal.id

    def count(self, deal: Deal) -> int:
        """How many periods it governs."""
        return self.books.counts[deal.id]

    def is_over(self, deal: Deal) -> bool:
        """Whether nothing can happen to it any more but its release and late calls."""
        account = self.context.account(self.books.firsts[deal.id])
        late = self.now >= deal.last_claim_deadline(self.count(deal))
        superseded = not self.is_head(deal)
        return account.is_released or (superseded and late and account.open_claims == 0)

    # Claims

    def spots(self, wanted: Callable[[Spot], bool], deals: Sequence[Deal] | None = None) -> list[Spot]:
        """All claims of live agreements that are as wanted, and all places where there is none yet."""
        if self._seen != (self.now, self.arena.accepted):
            self._seen = self.now, self.arena.accepted
            self._spots = {deal.id: self._spots_of(deal) for deal in self.live}
        chosen = self.live if deals is None else deals
        return [
            spot
            for deal in chosen
            for spot in self._spots.get(deal.id) or self._spots_of(deal)
            if wanted(spot)
        ]

    def _spots_of(self, deal: Deal) -> list[Spot]:
        begun = next((k for k in range(self.count(deal)) if deal.boundary(k) > self.now), self.count(deal))
        obligations = range(len(deal.agreement.obligations))
        return [self.spot(deal, (period, index)) for period in range(begun) for index in obligations]

    def spot(self, deal: Deal, key: Key) -> Spot:
        """What is known of one obligation in one period."""
        place = (deal.id, *key)
        return Spot(deal, key, self.books.claims[place], self.books.disputes[place])

    def is_contestable(self, spot: Spot) -> bool:
        """A pending claim or a case, in time."""
        is_case = spot.claim.status == DISPUTED and not spot.is_contested
        return (spot.claim.status == PENDING or is_case) and self.now < spot.deadline

    def charge(self, deal: Deal) -> int:
        """One that is right."""
        service = deal.agreement.service
        if service.charge_max:
            return self.source.choice((service.charge_max, service.charge_max, 333_333, 0))
        return service.charge

    def wrong_charge(self, deal: Deal) -> int:
        """One that is not."""
        service = deal.agreement.service
        if service.charge_max:
            return service.charge_max + self.source.choice((1, 10**9))
        return service.charge + self.source.choice((-1, 1))

    def level(self, deal: Deal, index: int, insane: float = 0.15) -> int:
        """An attainment where something changes; sometimes one that is outside the sane bounds."""
        obligation = deal.agreement.obligations[index]
        if self.source.random() < insane:
            outside = [obligation.sane_max + 1, NO_DATA, NO_DATA]
            outside += [obligation.sane_min - 1] * (obligation.sane_min > 0)
            return self.source.choice(outside)
        return self.source.choice(levels(obligation))

    def extreme(self, deal: Deal, index: int, for_customer: bool, charge: int) -> int:
        """The sane attainment that helps a side most."""
        inside = levels(deal.agreement.obligations[index])
        return (max if for_customer else min)(inside, key=lambda level: deal.pays(index, level, charge))

    # Time

    def moments(self) -> set[int]:
        """Seconds at which something changes for a live agreement."""
        found: set[int] = set()
        for deal in self.live:
            count = self.count(deal)
            for period in range(max(0, count)):
                if deal.claim_deadline(period) < self.now:
                    continue
                found |= {
                    deal.boundary(period),
                    deal.end(period),
                    deal.overdue(period),
                    deal.claim_deadline(period),
                }
                if deal.boundary(period) > self.now:
                    break
        for spot in self.spots(lambda spot: spot.claim.status in (PENDING, DISPUTED)):
            found |= {spot.deadline, spot.claim.window_end}
        pending = self.books.pending[0]
        return found | ({pending.effective_at} if pending else set())

    # Rounds

    def tree(self, reports: Sequence[Report]) -> Tree:
        """The tree of a round, with a leaf that concerns nobody: roots never repeat."""
        other = Report(keccak256(self.source.randbytes(8)), 0, 0, 0, 0, 0)
        tree = Tree([*dict.fromkeys(reports), other])
        self._trees[tree.root] = tree
        if len(self._trees) > 50:
            del self._trees[next(iter(self._trees))]
        return tree

    def member_names(self) -> list[str]:
        """Who signs rounds at present."""
        return [name for name in CANDIDATES if self.books.numbers[address_of(name)]]

    def remember(self, root: bytes) -> None:
        """A round was posted: its reports can be brought."""
        tree = self._trees[root]
        self.rounds.append((root, tree.ordered))
        del self.rounds[:-50]
        for index, report in enumerate(tree.ordered):
            deal = self.arena.deals.get(report.agreement)
            if deal is not None:
                self.posted.append(Posted(deal, report, tree.proof(index), self.now))
        del self.posted[:-120]


SIGNERS = (*PARTIES, "arbiter", "stranger", "owner", *CANDIDATES)


def with_predecessor(deal: Deal, before: Deal, count: int) -> Deal:
    """The same terms as successors."""
    agreement = deal.agreement
    formation = replace(agreement.formation, predecessor=before.id)
    service = replace(agreement.service, start=before.boundary(count))
    return Deal(deal.name, replace(agreement, formation=formation, service=service), deal.domain)
