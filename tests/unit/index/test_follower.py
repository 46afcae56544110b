"""The follower's history is that of the chain it was asked about, whatever chain that is (P12, P13)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from chain.errors import ChainError
from index.follower import CHECKPOINTS, Follower
from index.history import History
from record.events import Claimed, Deposited, ReportsPublished, RoundPosted, Settled
from record.keccak import keccak256
from tests.unit.index.fake_node import COMMITTEE, ESCROW, OTHER, FakeNode, agreed, id_of, opening

ROOT, BUNDLE = keccak256(b"root"), keccak256(b"bundle")
ROUND = (COMMITTEE, RoundPosted(1, ROOT, BUNDLE, 0b1011))


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


@pytest.fixture
def follower(node: FakeNode) -> Follower:
    return Follower(node)


def ids(history: History) -> list[bytes]:
    return list(history.agreements)


def test_look__new_blocks__reads_only_those(node: FakeNode, follower: Follower) -> None:
    node.mine(opening(agreed(1)))
    follower.look()
    node.mine(opening(agreed(2)))
    node.mine()

    history = follower.look()

    assert node.reads == [(0, 1), (2, 3)]
    assert ids(history) == [id_of(agreed(1)), id_of(agreed(2))]


def test_look__the_same_head__reads_nothing(node: FakeNode, follower: Follower) -> None:
    assert follower.look() is follower.look()
    assert len(node.reads) == 1


def test_look__a_reorg__takes_back_what_it_replaced_and_no_more(node: FakeNode, follower: Follower) -> None:
    node.mine(opening(agreed(1)))
    follower.look()
    node.mine(opening(agreed(2)))
    follower.look()
    node.cut(1)
    node.mine((ESCROW, Deposited(id_of(agreed(1)), OTHER, 7)), salt="other")
    node.mine(opening(agreed(3)))

    history = follower.look()

    assert ids(history) == [id_of(agreed(1)), id_of(agreed(3))]
    assert history.accounts[id_of(agreed(1))].collateral == 20_000_007
    assert node.reads[-1] == (2, 3), "block 1 was common to both"


def test_look__a_reorg_below_all_that_is_kept__begins_anew(node: FakeNode, follower: Follower) -> None:
    node.mine(opening(agreed(1)))
    for _ in range(CHECKPOINTS + 1):
        node.mine()
        follower.look()
    node.cut(len(node.blocks) - 1)
    node.mine(opening(agreed(2)), salt="other")

    assert ids(follower.look()) == [id_of(agreed(2))]
    assert node.reads[-1] == (0, 1)


def test_look__a_node_that_fell_behind__shows_what_it_has(node: FakeNode, follower: Follower) -> None:
    node.mine(opening(agreed(1)))
    node.mine(opening(agreed(2)))
    follower.look()
    node.cut(1)

    history = follower.look()

    assert (ids(history), history.head.number) == ([id_of(agreed(1))], 1)


def test_look__the_head_replaced_while_it_is_read__reads_again(node: FakeNode, follower: Follower) -> None:
    node.mine(opening(agreed(1)))

    def replace() -> None:
        node.before_events = None
        node.cut(1)
        node.mine(opening(agreed(2)), salt="other")

    node.before_events = replace

    assert ids(follower.look()) == [id_of(agreed(2))]


def test_look__a_chain_that_never_rests__is_told(node: FakeNode, follower: Follower) -> None:
    turns = iter(range(100))

    def replace() -> None:
        node.cut(1)
        node.mine(salt=str(next(turns)))

    node.mine()
    node.before_events = replace

    with pytest.raises(ChainError, match="moved while it was read"):
        follower.look()


def test_look__a_node_that_was_away__goes_on_where_it_was(node: FakeNode, follower: Follower) -> None:
    node.mine(opening(agreed(1)))
    follower.look()
    node.is_away = True
    with pytest.raises(ChainError, match="away"):
        follower.look()
    node.is_away = False
    node.mine(opening(agreed(2)))

    assert ids(follower.look()) == [id_of(agreed(1)), id_of(agreed(2))]
    assert node.reads == [(0, 1), (2, 2)]


def test_look__terms_that_are_not_those_of_the_id__are_refused(node: FakeNode, follower: Follower) -> None:
    """P13: a lying RPC node."""
    node.mine(opening(agreed(1), id_of(agreed(2))))

    with pytest.raises(ChainError, match="other terms"):
        follower.look()


def test_look__an_event_whose_cause_is_missing__is_refused(node: FakeNode, follower: Follower) -> None:
    node.mine(opening(agreed(1)), (ESCROW, Settled(id_of(agreed(1)), 0, 0, 5, 5)))

    with pytest.raises(ChainError, match="left out what came before Settled"):
        follower.look()


def test_look__a_committee_named_late__has_its_earlier_rounds(node: FakeNode, follower: Follower) -> None:
    node.mine(ROUND)
    follower.look()
    node.mine(opening(agreed(1)))

    record = follower.look().committees[COMMITTEE]

    assert [posted.place.block.number for posted in record.rounds.values()] == [1]
    assert [record.terms.members.index(signer) for signer in record.signers_of(record.rounds[1])] == [0, 1, 3]


def test_look__a_contract_that_is_no_committee__is_not_listened_to(
    node: FakeNode, follower: Follower
) -> None:
    """Any party may name any contract: that must stop nobody's reader."""
    node.foreign = {OTHER}
    node.mine(opening(agreed(1)), opening(agreed(2, OTHER)), ROUND)
    follower.look()
    node.mine((OTHER, RoundPosted(1, ROOT, BUNDLE, 1)))

    history = follower.look()

    assert not history.committees[OTHER].terms.is_genuine
    assert not history.committees[OTHER].rounds
    assert list(history.committees[COMMITTEE].rounds) == [1]
    assert [address for address, _, _ in node.committee_reads] == [COMMITTEE, OTHER, COMMITTEE]


def test_look__reports_of_a_root_nobody_attested__do_not_count(node: FakeNode, follower: Follower) -> None:
    said = (id_of(agreed(1)), 0, 0, 0, 5, 1_000_000)
    node.mine(opening(agreed(1)), (COMMITTEE, ReportsPublished(ROOT, (said,))))

    assert follower.look().committees[COMMITTEE].reports == {}


def test_look__reports_published_twice__count_once(node: FakeNode, follower: Follower) -> None:
    said = (id_of(agreed(1)), 0, 0, 0, 5, 1_000_000)
    published = (COMMITTEE, ReportsPublished(ROOT, (said,)))
    node.mine(opening(agreed(1)), ROUND, published, published)

    assert len(follower.look().committees[COMMITTEE].reports[id_of(agreed(1))]) == 1


def test_look__claims_of_one_agreement__leave_others_alone(node: FakeNode, follower: Follower) -> None:
    node.mine(opening(agreed(1)), opening(agreed(2)))
    follower.look()
    node.mine((ESCROW, Claimed(id_of(agreed(1)), 0, 0, 0, 5, 9, 3, 1, 2_000, ROOT)))

    accounts = follower.look().accounts

    assert [account.open_claims for account in accounts.values()] == [1, 0]


def test_look__many_at_once_while_the_chain_moves__each_see_one_state(
    node: FakeNode, follower: Follower
) -> None:
    """Block n opens agreement n: a history of another length would be torn."""
    stop = threading.Event()

    def move() -> None:
        for number in range(1, 60):
            node.mine(opening(agreed(number)))
            if number % 7 == 0:
                node.cut(2)
                node.mine(opening(agreed(number - 1)), salt=f"other {number}")
                node.mine(opening(agreed(number)), salt=f"other {number}")
        stop.set()

    def look() -> int:
        looks = 0
        while not stop.is_set() or looks == 0:
            try:
                history = follower.look()
            except ChainError:
                continue
            assert ids(history) == [id_of(agreed(n)) for n in range(1, history.head.number + 1)]
            looks += 1
        return looks

    with ThreadPoolExecutor(5) as pool:
        looking = [pool.submit(look) for _ in range(4)]
        pool.submit(move).result()
        assert sum(one.result() for one in looking) > 4
    assert len(follower.look().agreements) == 59


def test_look__many_wait_while_the_node_hangs__fail_together(node: FakeNode, follower: Follower) -> None:
    """A node that lets every question time out must not let callers queue up for one timeout each."""
    asked, answer = threading.Semaphore(0), threading.Event()
    calls = []

    def hang() -> None:
        calls.append(1)
        asked.release()
        answer.wait(10)
        raise ChainError("timed out", "try again")

    node.before_events = hang
    with ThreadPoolExecutor(4) as pool:
        looking = [pool.submit(follower.look)]
        asked.acquire(timeout=10)
        started = threading.Barrier(4)

        def late() -> History:
            started.wait(10)
            return follower.look()

        looking += [pool.submit(late) for _ in range(3)]
        started.wait(10)
        threading.Timer(0.2, answer.set).start()
        for one in looking:
            with pytest.raises(ChainError, match="timed out"):
                one.result(10)
    assert len(calls) == 1


def test_look__a_shared_failure__is_not_handed_on_to_those_who_came_later(
    node: FakeNode, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else, under steady load, nobody would ever ask the node again."""
    node.is_away = True
    with pytest.raises(ChainError):
        follower.look()
    node.is_away = False
    failed_at = follower._failure[0] if follower._failure else 0.0
    now = iter([failed_at - 1, failed_at + 1])
    monkeypatch.setattr("index.follower.time.monotonic", lambda: next(now))

    with pytest.raises(ChainError, match="away"):
        follower.look()  # asked before the failure
    assert follower.look().head.number == 0, "asked after it"
