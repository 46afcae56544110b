"""What a check finds where no chain is needed; with one, see the integration tests."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

from chain.errors import KeyFileError, Unanswered
from chain.keys import Signer
from chain.network import Network
from oracle.checkup import AHEAD_SECONDS, BEHIND_SECONDS, Finding, Status, check_up
from oracle.journal import Journal, Owner
from oracle.node_file import KeyChoice, NodeFile
from oracle.ports import Block, View
from oracle.running import journal_path
from oracle.settings import Settings
from oracle.wire import NodeServer
from record.rotation import PendingRotation
from tests.unit.oracle.test_wire import Answers
from tests.unit.oracle.world import (
    CHAIN_ID,
    COMMITTEE,
    ESCROW,
    KEYS,
    MEMBERS,
    NEWCOMER,
    Contracts,
    FakeChain,
    agreement_id,
    terms,
)

Usage = namedtuple("Usage", "total used free")
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


class Chain(FakeChain):
    """A chain whose newest block is ``behind`` seconds old; the signer holds ``balance`` wei, gas costs 1 gwei."""

    def __init__(self, contracts: Contracts) -> None:
        super().__init__(contracts, dry_run=True)
        self.behind, self.balance = 2, 10**18

    def look(self) -> View:
        seen = super().look()
        return replace(seen, head=Block(1, bytes(32), round(time.time()) - self.behind))

    def purse(self) -> tuple[int, int]:
        return self.balance, 10**9


@pytest.fixture
def config(tmp_path: Path) -> NodeFile:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "documents").mkdir()
    network = Network(
        "http://127.0.0.1:1", CHAIN_ID, ESCROW, 0, COMMITTEE.address, None, tmp_path / "documents", None
    )
    return NodeFile(
        path=tmp_path / "node.toml",
        network=network,
        committee=COMMITTEE.address,
        data=tmp_path / "data",
        documents=tmp_path / "documents",
        files=tmp_path,
        host="127.0.0.1",
        port=port,
        key=KeyChoice(),
        peers=dict.fromkeys(MEMBERS[1:], "http://127.0.0.1:1"),
        settings=Settings(dry_run=False, turn_seconds=1),
    )


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> Chain:
    made = Chain(Contracts())
    monkeypatch.setattr("oracle.checkup.open_chain", lambda config, key: made)
    return made


def key() -> Signer:
    return KEYS[0]


def found(config: NodeFile, about: str) -> Finding:
    findings = {one.about: one for one in check_up(config, key)}
    assert about in findings, findings
    return findings[about]


def test_check__node_is_fit__writes_nothing(config: NodeFile, chain: Chain) -> None:
    findings = list(check_up(config, key))

    assert [one.about for one in findings if one.status is Status.FAIL] == []
    assert all(one.remedy for one in findings if one.status is not Status.OK)
    assert not config.data.exists()


def test_check__key_does_not_open__says_so_and_checks_the_rest(config: NodeFile) -> None:
    def wrong() -> Signer:
        raise KeyFileError("key.json", "does not open with this password", "try another password")

    findings = {one.about: one for one in check_up(config, wrong)}

    assert findings["key"].status is Status.FAIL
    assert "does not open with this password" in findings["key"].found
    assert findings["key"].remedy == "try another password"
    assert findings["disk"].status is Status.OK


def test_check__chain_is_away__fails(config: NodeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(config: NodeFile, key: Signer) -> Chain:
        raise Unanswered("http://127.0.0.1:1 gives no answer", "start it")

    monkeypatch.setattr("oracle.checkup.open_chain", away)

    assert found(config, "chain") == Finding(
        "chain", Status.FAIL, "http://127.0.0.1:1 gives no answer", "start it"
    )


@pytest.mark.parametrize(
    ("behind", "status"),
    [
        (0, Status.OK),
        (AHEAD_SECONDS - 2, Status.OK),
        (AHEAD_SECONDS + 2, Status.WARN),
        (-BEHIND_SECONDS + 2, Status.OK),
        (-BEHIND_SECONDS - 2, Status.FAIL),
        (-7_200, Status.FAIL),
    ],
)
def test_check__clock_differs_from_the_chains__is_found(
    config: NodeFile, chain: Chain, behind: int, status: Status
) -> None:
    chain.behind = behind

    assert found(config, "clock").status is status


@pytest.mark.parametrize(
    ("balance", "status"),
    [(0, Status.FAIL), (4 * 10**14 - 1, Status.FAIL), (4 * 10**14, Status.WARN), (4 * 10**16, Status.OK)],
)
def test_check__balance__pays_for_so_many_rounds(
    config: NodeFile, chain: Chain, balance: int, status: Status
) -> None:
    """400 000 gas of 1 gwei each are 4e14 wei a round."""
    chain.balance = balance

    assert found(config, "balance").status is status


@pytest.mark.parametrize(
    ("free", "status"), [(1 << 20, Status.FAIL), (500 << 20, Status.WARN), (5 << 30, Status.OK)]
)
def test_check__disk__has_so_much_room(
    config: NodeFile, chain: Chain, monkeypatch: pytest.MonkeyPatch, free: int, status: Status
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1 << 40, 0, free))

    assert found(config, "disk").status is status


def test_check__journal__in_use_or_of_another_is_found(config: NodeFile, chain: Chain) -> None:
    path = journal_path(config.data, MEMBERS[0])
    owner = Owner(CHAIN_ID, COMMITTEE.address, MEMBERS[0])
    journal = Journal(path, owner)
    in_use = found(config, "journal")
    journal.close()
    fine = found(config, "journal")
    os.rename(path, path.with_name("old"))
    Journal(path, replace(owner, member=MEMBERS[1])).close()
    others = found(config, "journal")

    assert (in_use.status, "in use" in in_use.found) == (Status.FAIL, True)
    assert fine.status is Status.OK
    assert others.status is Status.FAIL


def test_check__documents__broken_ones_fail_unmatched_ones_and_agreements_are_told(
    config: NodeFile, chain: Chain
) -> None:
    known, unknown = terms().agreement(), terms("bank").agreement()
    for agreement in (known, unknown):
        chain.contracts.agreements[agreement_id(agreement)] = agreement
    (config.documents / "broken.yaml").write_text("kind: [")
    (config.documents / "leased-line.yaml").write_text((EXAMPLES / "leased-line.yaml").read_text())

    findings = {one.about: one.status for one in check_up(config, key)}

    assert findings["document broken.yaml"] is Status.FAIL
    assert findings["document leased-line"] is Status.WARN
    assert sum(about.startswith("agreement 0x") for about in findings) == 2


def test_check__peers__right_wrong_and_absent_ones_are_told_apart(config: NodeFile, chain: Chain) -> None:
    servers = [
        NodeServer("127.0.0.1", 0, Answers(MEMBERS[1]), lambda: COMMITTEE, lambda *_: None) for _ in range(2)
    ]
    for server in servers:
        server.start()
    urls = dict(zip(MEMBERS[1:3], (f"http://127.0.0.1:{server.port}" for server in servers), strict=True))
    config = replace(config, peers={**config.peers, **urls})

    findings = {one.about: one for one in check_up(config, key)}
    for server in servers:
        server.stop()

    right, wrong, absent = (findings[f"peer {member[:10]}…"] for member in MEMBERS[1:])
    assert (right.status, wrong.status, absent.status) == (Status.OK, Status.FAIL, Status.WARN)
    assert "somebody else answers" in wrong.found
    assert "peers" not in findings


def test_check__member_that_leaves_or_comes_in__is_told_when(config: NodeFile, chain: Chain) -> None:
    """R12: in time, with the zone, and what to do."""
    at = 1_800_000_000
    assert found(config, "member") == Finding("member", Status.OK, "number 0 of 4")
    chain.contracts.rotation = PendingRotation(MEMBERS[0], NEWCOMER.address, at)
    leaves = found(config, "member")
    assert leaves.status is Status.WARN
    assert leaves.found == f"number 0 of 4, until {NEWCOMER.address} comes in at 2027-01-15 08:00:00 UTC"
    chain.contracts.members = (NEWCOMER.address, *MEMBERS[1:])
    chain.contracts.rotation = PendingRotation(NEWCOMER.address, MEMBERS[0], at)
    comes = found(config, "member")
    assert comes.status is Status.WARN
    assert comes.found == f"comes in for {NEWCOMER.address} from 2027-01-15 08:00:00 UTC on"


def test_check__peer_that_is_no_member__fails(config: NodeFile, chain: Chain) -> None:
    """A node runs without it: this is where a wrong address is noticed."""
    config = replace(config, peers={**config.peers, NEWCOMER.address: "http://127.0.0.1:1"})
    assert found(config, f"peer {NEWCOMER.address[:10]}…").status is Status.FAIL
    only = replace(config, peers={NEWCOMER.address: "http://127.0.0.1:1", MEMBERS[1]: "http://127.0.0.1:1"})
    assert found(only, "peers").status is Status.FAIL


@pytest.mark.parametrize(("count", "status"), [(0, Status.FAIL), (1, Status.FAIL), (2, Status.WARN)])
def test_check__peers_are_missing__is_told(
    config: NodeFile, chain: Chain, count: int, status: Status
) -> None:
    config = replace(config, peers=dict.fromkeys(MEMBERS[1 : 1 + count], "http://127.0.0.1:1"))

    assert found(config, "peers").status is status


def test_check__port_is_taken_by_something_else__fails(config: NodeFile, chain: Chain) -> None:
    with socket.create_server(("127.0.0.1", config.port)):
        assert found(config, "listen").status is Status.FAIL


def test_check__this_very_node_runs__port_and_journal_are_its_own(config: NodeFile, chain: Chain) -> None:
    server = NodeServer("127.0.0.1", config.port, Answers(MEMBERS[0]), lambda: COMMITTEE, lambda *_: None)
    server.start()
    journal = Journal(journal_path(config.data, MEMBERS[0]), Owner(CHAIN_ID, COMMITTEE.address, MEMBERS[0]))

    findings = {one.about: one for one in check_up(config, key)}
    server.stop()
    journal.close()

    assert findings["listen"].status is findings["journal"].status is Status.OK
    assert "this node runs" in findings["listen"].found


def test_check__two_queries_to_one_server__are_both_tried_and_terms_it_would_not_bear_fail(
    config: NodeFile, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node set so leaves the document out: a check that called it fit would lie."""
    monkeypatch.setattr("oracle.checkup.try_source", lambda indicator, files: "fine")
    (config.documents / "a.yaml").write_text((EXAMPLES / "okkami-monitored.yaml").read_text())
    fit = [one.about for one in check_up(config, key) if one.status is Status.OK]
    hasty = replace(config, settings=replace(config.settings, observe_after_seconds=9))

    assert [about.partition("/")[2] for about in fit if about.startswith("source ")] == [
        "availability",
        "latency",
        "controllers",
        "booking",
    ]
    told = [one for one in check_up(hasty, key) if one.status is Status.FAIL]
    assert [one.about for one in told] == ["document okkami-monitored"]
    assert "10000 ms to answer" in told[0].found


def test_check__key_in_the_chains_url__is_shown_to_nobody(config: NodeFile, chain: Chain) -> None:
    """What a check says is pasted into tickets."""
    keyed = replace(config, network=replace(config.network, rpc="https://mainnet.example.com/v3/s3cr3t"))

    findings = list(check_up(keyed, key))

    assert "https://mainnet.example.com" in {one.about: one for one in findings}["chain"].found
    assert "s3cr3t" not in repr(findings)
