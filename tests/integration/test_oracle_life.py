"""A fleet on the embedded chain through everything that can happen to agreements besides a plain breach: no data, a
dispute without a report, a corrected source, an amendment, a termination, an exit, three agreements back to back.
Nobody but the fleet claims, settles or links; the parties sign and dispute, operators ask for another measurement."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from audit import Kind, TrustRoots, run_files
from chain.errors import ChainError
from chain.escrow import ClaimStatus
from chain.logs import LoggedEvent, read_events
from oracle.onchain import OnChain
from oracle.ports import Subject
from oracle.remeasuring import ask_again
from oracle.running import REMEASURE
from record.events import AgreementAmended
from record.hexes import to_hex
from sla.agreement import Agreement
from tests.integration.fleet_market import (
    BOND,
    CHARGE,
    CUSTOMER,
    LENGTH,
    MEMBERS,
    OPERATOR,
    PROVIDER,
    READER,
    RESELLER,
    Market,
)

DISPUTED_AT = LENGTH + 5
"""After the report is overdue, before the fleet posts one."""
CORRECTED_AT = LENGTH + 58


@dataclass
class Story:
    """The agreements by what happens to them, the customer's money at the times of interest, and the pack."""

    market: Market
    named: dict[str, Agreement]
    files: dict[str, bytes]
    roots: TrustRoots

    def claim(self, name: str, period: int = 0) -> tuple[int, int, ClaimStatus]:
        """What was settled, the revision, and the status."""
        claim = self.market.escrow.claim_of(self.market.id_of(self.named[name]), period, 0)
        return claim.settled, claim.revision, claim.status

    def count(self, kind: str, name: str) -> int:
        return len(self.market.details(kind, self.named[name]))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    market = Market(tmp_path_factory.mktemp("life"))
    named: dict[str, Agreement] = {}

    def agree(name: str, good_ppm: int | None, **terms: object) -> None:
        if good_ppm is not None:
            market.samples(name, good_ppm)
        named[name] = market.open(market.terms(name, **terms), PROVIDER, CUSTOMER)  # type: ignore[arg-type]

    agree("nodata", None, missing="breach")
    agree("leafless", 1_000_000)
    agree("corrected", 920_000)
    agree("amended", 0, periods=2)
    agree("ended", 0, periods=2)
    agree("left", 0, periods=3, more=["exit: {breaches: 1, periods: 1}"])

    # The reader is the reseller's customer, who is our customer's, who is the provider's: each owes all of its charge.
    for name in ("upper", "middle", "lower"):
        market.samples(name, 0)
    lower = market.terms("lower", RESELLER, READER, collateral=0)
    named["lower"] = market.open(lower, RESELLER, READER)
    middle = market.terms(
        "middle", CUSTOMER, RESELLER, collateral=0, more=[_downstream(market, named["lower"])]
    )
    named["middle"] = market.open(middle, CUSTOMER, RESELLER)
    upper = market.terms("upper", more=[_downstream(market, named["middle"])])
    named["upper"] = market.open(upper, PROVIDER, CUSTOMER)

    successor = market.terms(
        "successor",
        begins=LENGTH,
        charge=2 * CHARGE,
        collateral=0,
        more=[f'predecessor: "{to_hex(market.id_of(named["amended"]))}"'],
    )
    market.samples("successor", 0, first=1)
    fleet = market.start()
    market.run(1)
    market.to(50)
    named["successor"] = market.amend(named["amended"], successor, 1)
    market.terminate(named["ended"], 1)

    market.run(LENGTH + 3)
    market.to(DISPUTED_AT)
    market.escrow.dispute(CUSTOMER, named["leafless"], 0, 0, 0, CHARGE)
    market.run(*range(LENGTH + 6, CORRECTED_AT, 6))
    market.leave(named["left"], 2, (0, 0))
    market.samples("corrected", 40_000)
    ask_again(market.folder / REMEASURE, Subject(market.id_of(named["corrected"]), 0, 0))
    market.run(*range(CORRECTED_AT + 1, 2 * LENGTH, 6))
    market.run(*range(2 * LENGTH + 3, 2 * LENGTH + 50, 6))
    market.run(3 * LENGTH + 3, 3 * LENGTH + 12)
    files, roots = market.export()
    fleet.stop()
    return Story(market, named, files, roots)


def _downstream(market: Market, agreement: Agreement) -> str:
    return f'downstream: "{to_hex(market.id_of(agreement))}"'


def test_fleet__no_data_where_that_is_a_breach__a_case_nobody_rules_and_the_worst_is_paid(
    story: Story,
) -> None:
    """R22: 0 % is the worst sane value; it pays the whole charge."""
    assert story.claim("nodata") == (CHARGE, 0, ClaimStatus.SETTLED)
    (claimed,) = story.market.details("claimed", story.named["nodata"])
    assert claimed["attained"] == 2**64 - 1
    assert story.count("settled", "nodata") == 1


def test_fleet__customer_disputes_before_there_is_a_report__is_answered_with_one_that_pays_nothing(
    story: Story,
) -> None:
    """R6: 100 % attained. The arbiter is silent: the report stands and the bond returns."""
    assert story.claim("leafless") == (0, 0, ClaimStatus.SETTLED)
    (claimed,) = story.market.details("claimed", story.named["leafless"])
    assert (claimed["attained"], claimed["compensation"]) == (1_000_000, 0)


def test_fleet__source_corrected_after_settlement__brings_the_revision_and_settles_the_difference(
    story: Story,
) -> None:
    """R5: 92 % paid a tenth; 4 % pays all of it."""
    assert story.claim("corrected") == (CHARGE, 1, ClaimStatus.SETTLED)
    brought = [
        (claimed.get("revision", 0), claimed["attained"], claimed["compensation"])
        for claimed in story.market.details("claimed", story.named["corrected"])
    ]
    assert brought == [(0, 920_000, CHARGE // 10), (1, 40_000, CHARGE)]
    assert story.count("settled", "corrected") == 2


def test_fleet__amended__each_period_is_measured_by_the_terms_that_govern_it(story: Story) -> None:
    """R13: the second period pays by the new charge, from the account of the first version."""
    assert story.claim("amended", 0) == (CHARGE, 0, ClaimStatus.SETTLED)
    assert story.claim("amended", 1) == (0, 0, ClaimStatus.NONE)
    assert story.claim("successor", 0) == (2 * CHARGE, 0, ClaimStatus.SETTLED)
    account = story.market.escrow.account_of(story.market.id_of(story.named["amended"]))
    assert account.collateral == 5_000 - 3 * CHARGE


def test_fleet__terminated__its_last_period_is_paid_and_no_later_one_measured(story: Story) -> None:
    assert story.claim("ended", 0) == (CHARGE, 0, ClaimStatus.SETTLED)
    for name in ("ended", "amended"):
        observed = story.market.details("observed", story.named[name])
        assert {details["period"] for details in observed} == {0}


def test_fleet__customer_left__the_period_that_ran_is_still_measured_and_the_next_is_not(
    story: Story,
) -> None:
    """A breach of period 0 let the customer go, during period 1; two of three periods are governed."""
    observed = story.market.details("observed", story.named["left"])
    assert {details["period"] for details in observed} == {0, 1}


def test_fleet__three_agreements_back_to_back__pays_through_to_the_last_customer(story: Story) -> None:
    """R14: nobody between holds collateral of their own, and nobody between is paid."""
    market = story.market
    assert [story.count("linked", name) for name in ("upper", "middle", "lower")] == [1, 1, 0]
    for name in ("upper", "middle", "lower"):
        assert story.claim(name) == (CHARGE, 0, ClaimStatus.SETTLED)
    assert market.balance(READER) == CHARGE
    assert market.balance(RESELLER) == 50_000
    for name in ("middle", "lower"):
        account = market.escrow.account_of(market.id_of(story.named[name]))
        assert (account.collateral, account.due) == (0, 0)


def test_fleet__at_the_end__the_customer_has_what_the_agreements_owe(story: Story) -> None:
    owed = CHARGE + 0 + CHARGE + 3 * CHARGE + CHARGE + CHARGE
    assert story.market.balance(CUSTOMER) == 50_000 + owed
    assert story.market.balance(PROVIDER) == 50_000 - 7 * 5_000
    assert BOND > 0


def test_fleet__throughout__was_never_in_trouble_nor_refused(story: Story) -> None:
    """Nothing that cannot succeed is sent, or even tried over and over."""
    kinds = {kind for _, kind, _ in story.market.told}
    assert not kinds & {"trouble", "equivocation", "refused", "not claimed", "not settled"}, kinds
    assert not kinds & {"not linked", "not paid", "not posted", "observation refused"}, kinds


def test_audit__of_all_of_it__passes(story: Story) -> None:
    verdict = run_files(story.files, story.roots)
    assert verdict.kind is Kind.PASS, verdict


def test_node__rpc_node_shows_other_terms_of_an_amendment__does_not_act_on_them(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P13: a lying RPC node. The id is the digest of the terms, so it cannot show others."""

    def lie(*arguments: object) -> list[LoggedEvent]:
        return [
            replace(one, event=replace(one.event, id=bytes(32)))
            if isinstance(one.event, AgreementAmended)
            else one
            for one in read_events(*arguments)  # type: ignore[arg-type]
        ]

    chain = OnChain(story.market.escrow, story.market.committee, MEMBERS[0], "latest")
    with monkeypatch.context() as patch:
        patch.setattr("oracle.onchain.read_events", lie)
        with pytest.raises(ChainError, match="shows other terms"):
            chain.look()
    assert story.market.id_of(story.named["successor"]) in chain.look().agreements


def test_operator__of_the_contracts__neither_gains_nor_loses(story: Story) -> None:
    assert story.market.balance(OPERATOR) == 0
