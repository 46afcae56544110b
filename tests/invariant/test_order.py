"""R3: the final money of a period does not depend on the order in which claims, corrections and rulings come.

The same leaves (several revisions of several obligations under a joint cap), the same rulings, in another order each
time: in the end every claim, every total and what the account is entitled to are the same. Where nothing was paid
before everything was known, so is what was paid. In between, what was paid too much is overpayment (R4).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from sla.agreement import Agreement
from sla.report import Report
from tests.contracts.world import changed
from tests.differential.seeds import seeded
from tests.invariant.arena import QUORUM, Arena
from tests.invariant.books import FINAL, NONE, PENDING, SETTLED
from tests.invariant.calls import Call
from tests.invariant.deal import Deal
from tests.invariant.model import Outcome
from tests.invariant.model_committee import round_digest
from tests.invariant.scene import Scene
from tests.invariant.steps import Step
from tests.invariant.terms_source import levels

pytest.importorskip("pyrevm")

Key = tuple[int, int]
LENGTH, WINDOW, CLAIM = 1_000, 50_000, 300_000
SCENARIOS, ORDERS = 12, 5


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a committee said, whatever the agreement's id."""

    key: Key
    revision: int
    attained: int
    charge: int


@dataclass(frozen=True, slots=True)
class Result:
    """What must not depend on the order."""

    settled: dict[Key, int]
    totals: dict[int, int]
    entitled: int
    paid: int | None


class Court:
    """One agreement, to which the same things happen in some order."""

    def __init__(self, arena: Arena, source: random.Random, terms: Agreement, leaves: list[Leaf]) -> None:
        self.arena, self.source, self.scene = arena, source, Scene(arena, source)
        document = source.randbytes(32)
        service = replace(terms.service, start=arena.now)
        formation = replace(terms.formation, document=document, open_by=arena.now + 1)
        self.deal = Deal("A", replace(terms, service=service, formation=formation), arena.context.domain)
        assert self.act("open", self.deal, *self.scene.signatures(self.deal)).error is None
        arena.chain.travel(self.deal.end(terms.service.count - 1))
        reports = {
            leaf: Report(self.deal.id, *leaf.key, leaf.revision, leaf.attained, leaf.charge)
            for leaf in leaves
        }
        tree = self.scene.tree(list(reports.values()))
        number = arena.context.books.last_round[0] + 1
        digest = round_digest(arena.context.committee_domain, number, tree.root, bytes(32))
        signatures = tuple(
            self.scene.signature(self.arena.context.books.members[n], digest) for n in range(QUORUM)
        )
        assert self.act("post", number, tree.root, bytes(32), (), signatures).error is None
        self.proofs = {report: tree.proof(index) for index, report in enumerate(tree.ordered)}
        self.reports = reports

    def act(self, function: str, *arguments: object, by: str = "stranger") -> Outcome:
        """A call, by contracts and model alike."""
        return self.arena.take(Step(self.arena.now, Call(function, by, arguments)))

    def bring(self, leaf: Leaf) -> bool:
        """Whether it is accepted: not below what was brought, and not first without paying."""
        found = (leaf.attained, leaf.charge)
        proof = self.proofs[self.reports[leaf]]
        return self.act("claim", self.deal, leaf.key, leaf.revision, found, proof).error is None

    def judge(self, key: Key, ruling: tuple[int, int]) -> None:
        """A party contests what stands, or the silence; the arbiter rules."""
        claim, parties = self.arena.context.books.claims[self.deal.id, *key], self.deal.agreement.parties
        by = parties.provider if claim.pending and claim.status == PENDING else parties.customer
        level = self.scene.extreme(self.deal, key[1], by == parties.customer, ruling[1])
        disputed = self.act("dispute", self.deal, key, (level, ruling[1]), by=self.scene.names[by])
        # Where nothing better can be alleged for one side, the other has something to win.
        if disputed.error == "AllegationUseless":
            other = parties.provider if by == parties.customer else parties.customer
            level = self.scene.extreme(self.deal, key[1], other == parties.customer, ruling[1])
            disputed = self.act("dispute", self.deal, key, (level, ruling[1]), by=self.scene.names[other])
        assert disputed.error is None, disputed
        assert self.act("rule", self.deal, key, ruling, by="arbiter").error is None

    def finish(self, leaves: list[Leaf], keys: list[Key], compare_paid: bool) -> Result:
        """Everybody brings what is left, then everything is settled."""
        while sum(self.bring(leaf) for leaf in leaves):
            pass
        self.arena.chain.travel(self.arena.now + WINDOW + self.deal.agreement.stake.rule_within)
        self.source.shuffle(keys)
        split = self.source.randint(0, len(keys))
        for part in (keys[:split], keys[split:]):
            self.act("settle", self.deal, tuple(part))
        books, id_ = self.arena.context.books, self.deal.id
        account, paid = self.arena.context.account(id_), self.arena.ledger.paid[id_]
        assert account.open_claims == 0
        assert all(books.claims[id_, *key].status in (NONE, SETTLED, FINAL) for key in keys)
        return Result(
            {key: books.claims[id_, *key].settled for key in keys},
            {period: books.totals[id_, period] for period, _ in keys},
            account.due + paid,
            paid if compare_paid else None,
        )


def scenario(arena: Arena, source: random.Random, window: int) -> tuple[Agreement, list[Leaf]]:
    """Two periods of three obligations under a joint cap, one to four revisions of each."""
    scene = Scene(arena, source)
    usual = scene.fresh(token=arena.tokens["plain"].address).agreement
    while len(usual.obligations) < 3 or arena.wallet in (usual.parties.provider, usual.parties.customer):
        usual = scene.fresh(token=arena.tokens["plain"].address).agreement
    terms = changed(
        usual,
        service={
            "count": 2, "length": LENGTH, "unit": 0, "charge": 10**6, "charge_max": 0,
            "period_cap": source.choice((0, 150_000, 600_000)),
        },
        stake={"dispute_window": window, "report_within": 0, "claim_within": CLAIM, "rule_within": 10_000},
        formation={"collateral": source.choice((0, 400_000, 10**7)), "exit_breaches": 0, "exit_periods": 0},
    )  # fmt: skip
    leaves = []
    for key in [(period, index) for period in range(2) for index in range(3)]:
        for revision in source.sample(range(1, 9), source.randint(1, 4)):
            attained = source.choice(levels(terms.obligations[key[1]]))
            leaves.append(Leaf(key, revision, attained, 10**6))
    return terms, leaves


def in_any_order(
    name: str,
    window: int,
    happenings: Callable[[Court, list[Leaf], random.Random], list[Callable[[], object]]],
) -> None:
    """Each scenario in several orders; all must end alike, and some must have paid."""
    arena, source, paying = Arena(), seeded(name), 0
    for _ in range(SCENARIOS):
        terms, leaves = scenario(arena, source, window)
        rulings = source.random()
        results = []
        for _ in range(ORDERS):
            court = Court(arena, source, terms, leaves)
            todo = happenings(court, leaves, random.Random(rulings))
            source.shuffle(todo)
            for happening in todo:
                happening()
            keys = sorted({leaf.key for leaf in leaves})
            results.append(court.finish(leaves, keys, compare_paid=window == WINDOW))
        assert all(result == results[0] for result in results), results
        paying += results[0].entitled > 0
    assert paying > SCENARIOS // 3


def test_money__claims_and_rulings_in_any_order__is_the_same() -> None:
    """Within the windows: nothing is paid before all is known, so what is paid is the same too."""

    def happenings(court: Court, leaves: list[Leaf], source: random.Random) -> list[Callable[[], object]]:
        todo: list[Callable[[], object]] = [lambda leaf=leaf: court.bring(leaf) for leaf in leaves]  # type: ignore[misc]
        for key in sorted({leaf.key for leaf in leaves}):
            if source.random() < 0.4:
                level = source.choice(levels(court.deal.agreement.obligations[key[1]]))
                todo.append(lambda key=key, level=level: court.judge(key, (level, 10**6)))  # type: ignore[misc]
        return todo

    in_any_order("order of rulings", WINDOW, happenings)


def test_money__corrections_after_settlement_in_any_order__is_the_same() -> None:
    """Without a window every claim is settled at once, and every later one corrects it."""

    def happenings(court: Court, leaves: list[Leaf], source: random.Random) -> list[Callable[[], object]]:
        return [lambda leaf=leaf: court.bring(leaf) for leaf in leaves]  # type: ignore[misc]

    in_any_order("order of corrections", 0, happenings)


def test_money__settled_in_between_in_any_order__is_the_same() -> None:
    """Time passes between the claims, so that some are settled and then corrected, others replaced while they wait."""

    def happenings(court: Court, leaves: list[Leaf], source: random.Random) -> list[Callable[[], object]]:
        keys = tuple(sorted({leaf.key for leaf in leaves}))

        def settle() -> None:
            court.arena.chain.travel(court.arena.now + WINDOW // 20)
            court.act("settle", court.deal, keys)

        return [*(lambda leaf=leaf: court.bring(leaf) for leaf in leaves), settle, settle, settle]

    in_any_order("order of settlements", WINDOW // 20, happenings)
