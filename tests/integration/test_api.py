"""The API over a real escrow on the embedded chain: its numbers are the chain's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.reading import VERSION
from chain.escrow import ClaimStatus
from index.follower import Follower
from index.node import RpcNode
from record.events import COMMITTEE_EVENTS, ESCROW_EVENTS
from record.hexes import to_hex
from tests.contracts.world import (
    BAD,
    BOND,
    CHARGE,
    COLLATERAL,
    DAY,
    GOOD,
    KEYS,
    MEMBER_KEYS,
    MONTH,
    PAYS,
    WINDOW,
    WORSE,
    WORST,
)
from tests.unit.api.story import DOCUMENT, DOCUMENT_HASH, REPAIR_PAYS, Story, shared


@pytest.fixture(scope="module")
def story() -> Story:
    return shared()


@pytest.fixture(scope="module")
def client(story: Story) -> TestClient:
    world = story.world
    app = create_app(world.escrow, 0, story.bundles.get, story.documents.get, world.clock)
    return TestClient(app, raise_server_exceptions=False)


def get(client: TestClient, path: str) -> Any:
    """The answer's JSON; it must be there."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def path_of(story: Story, name: str, part: str = "") -> str:
    return f"/agreements/{to_hex(story.id_of(name))}{part}"


# System


def test_health__a_running_chain__says_how_far_it_is(client: TestClient, story: Story) -> None:
    head = story.world.connection.web3.eth.get_block("latest")

    found = get(client, "/health")

    assert (found["status"], found["version"]) == ("ok", VERSION)
    assert (found["headBlock"], found["headHash"]) == (head["number"], to_hex(bytes(head["hash"])))
    assert found["chainId"] == story.world.connection.chain_id
    assert found["headLagSeconds"] == story.world.now - head["timestamp"]


def test_contracts__committees__are_those_that_agreements_name(client: TestClient, story: Story) -> None:
    found = get(client, "/contracts")

    assert found["escrow"] == {"address": story.world.escrow.address, "firstBlock": 0}
    genuine, bogus = found["committees"]
    assert genuine["address"] == story.world.committee.address
    assert genuine["members"] == [key.address for key in MEMBER_KEYS]
    assert (genuine["quorum"], genuine["rounds"], genuine["genuine"]) == (3, 5, True)
    assert bogus == {
        "address": story.world.token.address,
        "genuine": False,
        "members": [],
        "rotations": [],
        "quorum": 0,
        "rounds": 0,
    }


@pytest.mark.parametrize(("name", "events"), [("SLAEscrow", ESCROW_EVENTS), ("Committee", COMMITTEE_EVENTS)])
def test_interface__of_each_contract__declares_its_events(
    client: TestClient, name: str, events: tuple[Any, ...]
) -> None:
    found = get(client, f"/contracts/{name}/abi")

    declared = {entry["name"] for entry in found["abi"] if entry["type"] == "event"}
    assert {event.__name__ for event in events} <= declared


# Agreements


def test_agreements__every_account__is_the_escrows_own(client: TestClient, story: Story) -> None:
    listed = get(client, "/agreements")["items"]

    assert [one["id"] for one in listed] == [to_hex(story.id_of(name)) for name in story.agreements]
    for shown in listed:
        account = story.world.escrow.account_of(bytes.fromhex(shown["id"][2:]))
        assert shown["collateral"]["amount"] == str(account.collateral)
        assert shown["due"]["amount"] == str(account.due)
        assert (shown["openClaims"], shown["periods"]) == (account.open_claims, account.count)


def test_agreements__each__is_in_the_state_the_story_left_it_in(client: TestClient, story: Story) -> None:
    states = [one["state"] for one in get(client, "/agreements")["items"]]

    assert dict(zip(story.agreements, states, strict=True)) == {
        "main": "open",
        "released": "released",
        "silent": "over",
        "withheld": "open",
        "bogus": "open",
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("open=true", ["main", "withheld", "bogus"]),
        ("open=false", ["released", "silent"]),
        (f"provider={KEYS['provider'].address.lower()}&limit=2", ["main", "released"]),
        (f"customer={KEYS['customer'].address}&offset=3", ["withheld", "bogus"]),
        (f"customer={KEYS['provider'].address}", []),
    ],
)
def test_agreements__filtered_and_paged__are_those(
    client: TestClient, story: Story, query: str, names: list[str]
) -> None:
    found = get(client, f"/agreements?{query}")
    assert [one["id"] for one in found["items"]] == [to_hex(story.id_of(name)) for name in names]


def test_agreement__whole__says_every_term(client: TestClient, story: Story) -> None:
    found = get(client, path_of(story, "main"))

    assert found["parties"] == {name: KEYS[name].address for name in ("provider", "customer", "arbiter")}
    assert found["token"] == {"address": story.world.token.address, "symbol": "tUSD", "decimals": 6}
    assert found["service"]["charge"] == {"amount": "1000000", "text": "1.00 tUSD"}
    assert (found["service"]["chargeMax"], found["service"]["unit"]) == (None, "seconds")
    assert (found["service"]["length"], found["service"]["count"]) == (MONTH, 12)
    assert found["service"]["periodCap"]["text"] == "1.20 tUSD"
    assert found["stake"]["bond"] == {"amount": "500", "text": "0.0005 tUSD"}
    assert found["stake"]["disputeWindowSeconds"] == WINDOW
    assert found["formation"]["document"] == to_hex(DOCUMENT_HASH)
    assert found["formation"]["predecessor"] is None
    uptime, repair = found["obligations"]
    assert (uptime["comparator"], uptime["payUnit"], uptime["cap"]) == ("atLeast", "chargePpm", None)
    assert [(tier["bound"], tier["basePpm"]) for tier in uptime["tiers"]] == [
        (999_900, 100_000),
        (990_000, 300_000),
        (950_000, 1_000_000),
    ]
    assert (repair["comparator"], repair["missingData"]) == ("atMost", "breach")
    assert (repair["tiers"][0]["slope"]["amount"], repair["tiers"][0]["basePpm"]) == ("10000", None)
    # (1 000 - 120) h are 36 steps of 24 h: 50 000 and 36 times 20 000.
    assert repair["worstCompensation"]["amount"] == "770000"
    assert found["start"] == "2027-01-15T00:00:00Z"
    # 12 periods of 30 days, and 60 days to claim.
    assert found["deadlines"]["lastClaim"] == "2028-03-10T00:00:00Z"
    assert found["paid"]["amount"] == "1200000"
    assert found["collateral"]["amount"] == str(COLLATERAL + 5 - 1_200_000)


def test_agreement__a_token_without_a_name__has_base_units_only(client: TestClient, story: Story) -> None:
    found = get(client, path_of(story, "withheld"))

    assert (found["token"]["symbol"], found["token"]["decimals"]) == (None, None)
    assert found["paid"] == {"amount": "100000", "text": None}


# Periods


def test_periods__every_amount__is_the_escrows_own(client: TestClient, story: Story) -> None:
    escrow = story.world.escrow
    for name in story.agreements:
        agreement_id = story.id_of(name)
        for period in get(client, path_of(story, name, "/periods?limit=4"))["items"]:
            total = story.world.view(
                "SLAEscrow", escrow.address, "settledTotalOf", agreement_id, period["period"]
            )
            assert period["settled"]["amount"] == str(total)
            for shown in period["obligations"]:
                claim = escrow.claim_of(agreement_id, period["period"], shown["obligation"])
                assert shown["claimStatus"] == claim.status.name.lower()
                assert shown["settled"]["amount"] == str(claim.settled)
                if claim.status != ClaimStatus.NONE:
                    assert shown["final"]["amount"] == str(claim.pending or claim.settled)


def test_periods__the_first__is_ruled_settled_and_capped(client: TestClient, story: Story) -> None:
    first = get(client, path_of(story, "main", "/periods"))["items"][0]

    uptime, repair = first["obligations"]
    assert (uptime["attained"], uptime["known"], uptime["round"]) == (WORSE, True, 1)
    assert uptime["compensation"]["amount"] == str(PAYS[WORSE])
    assert uptime["final"]["amount"] == str(PAYS[WORST])
    assert repair["settled"]["amount"] == str(REPAIR_PAYS[480])
    assert first["compensation"]["amount"] == str(PAYS[WORST] + REPAIR_PAYS[480])
    assert first["entitlement"]["amount"] == first["settledEntitlement"]["amount"] == "1200000"
    assert (first["state"], first["end"]) == ("closed", "2027-02-14T00:00:00Z")


def test_periods__no_data_and_a_correction__are_shown_as_such(client: TestClient, story: Story) -> None:
    second = get(client, path_of(story, "main", "/periods?offset=1&limit=1"))["items"][0]

    uptime, repair = second["obligations"]
    assert (uptime["reported"], uptime["known"], uptime["attained"]) == (True, False, None)
    assert uptime["compensation"]["amount"] == "0"
    assert (repair["attained"], repair["revision"], repair["round"]) == (72, 1, 3)
    assert repair["compensation"]["amount"] == second["entitlement"]["amount"] == str(REPAIR_PAYS[72])
    assert (second["state"], repair["claimStatus"], repair["final"]) == ("over", "none", None)


def test_periods__a_claim_out_of_an_unpublished_round__is_reported(client: TestClient, story: Story) -> None:
    third = get(client, path_of(story, "main", "/periods?offset=2&limit=1"))["items"][0]

    uptime, repair = third["obligations"]
    assert (uptime["attained"], uptime["round"], uptime["claimStatus"]) == (BAD, 4, "pending")
    assert (repair["attained"], repair["claimStatus"]) == (120, "disputed")
    assert third["entitlement"]["amount"] == str(PAYS[BAD] + REPAIR_PAYS[120])
    assert third["settled"]["amount"] == "0"


def test_periods__a_report_that_only_the_bundle_has__is_read_from_it(
    client: TestClient, story: Story
) -> None:
    """Above 32 reports only the root goes on-chain. Bytes that are not what was signed count for nothing."""
    path, world = path_of(story, "withheld", "/periods?offset=2&limit=1"), story.world
    shown = get(client, path)["items"][0]["obligations"][0]
    assert (shown["attained"], shown["round"], shown["compensation"]["amount"]) == (GOOD, 4, "0")
    posted = get(client, "/rounds?offset=3&limit=1")["items"][0]
    others = [data for name, data in story.bundles.items() if to_hex(name) != posted["bundle"]]

    for forged in (lambda _: None, lambda _: others[0], lambda _: b"{}"):
        stranger = TestClient(create_app(world.escrow, 0, forged, clock=world.clock))
        shown = get(stranger, path)["items"][0]["obligations"][0]
        assert (shown["reported"], shown["known"], shown["attained"]) == (False, False, None)
        assert get(stranger, f"/rounds/{posted['committee']}/4")["reports"] is None


def test_periods__those_to_come__have_bounds_and_nothing_else(client: TestClient, story: Story) -> None:
    found = get(client, path_of(story, "main", "/periods"))

    assert found["total"] == 12
    assert [one["state"] for one in found["items"]] == ["closed", "over", "over", "running"] + [
        "upcoming"
    ] * 8
    assert {shown["reported"] for one in found["items"][3:] for shown in one["obligations"]} == {False}


# Claims, disputes, events


def test_claims__each__is_the_escrows_own(client: TestClient, story: Story) -> None:
    found = get(client, path_of(story, "main", "/claims"))["items"]

    keys = [(one["period"], one["obligation"]) for one in found]
    assert keys == [(0, 0), (0, 1), (2, 0), (2, 1)]
    assert [one["status"] for one in found] == ["final", "settled", "pending", "disputed"]
    assert [one["round"] for one in found] == [1, 1, 4, 5]
    for one, (period, obligation) in zip(found, keys, strict=True):
        claim = story.world.escrow.claim_of(story.id_of("main"), period, obligation)
        assert one["final"]["compensation"]["amount"] == str(claim.pending or claim.settled)
        assert one["revision"] == claim.revision
        assert datetime.fromisoformat(one["windowEnd"]).timestamp() == claim.window_end


def test_claims__settleable__is_what_the_escrow_would_settle(client: TestClient, story: Story) -> None:
    world = story.world
    with world.undone():
        world.travel(world.now + WINDOW)
        found = get(client, path_of(story, "main", "/claims"))["items"]
        assert [one["settleable"] for one in found] == [False, False, True, False]
        world.settle(story.agreements["main"], *[(one["period"], one["obligation"]) for one in found])
        after = get(client, path_of(story, "main", "/claims"))["items"]
        assert [one["status"] for one in after] == ["final", "settled", "settled", "disputed"]


def test_disputes__ruled__has_bond_both_sides_evidence_and_ruling(client: TestClient, story: Story) -> None:
    ruled, awaited = get(client, path_of(story, "main", "/disputes"))["items"]

    assert (ruled["outcome"], ruled["side"]) == ("ruled", "customer")
    assert ruled["bond"]["amount"] == str(BOND)
    assert ruled["alleged"]["compensation"]["amount"] == str(PAYS[WORST])
    assert [one["party"] for one in ruled["evidence"]] == [
        KEYS[name].address for name in ("provider", "customer")
    ]
    assert ruled["evidence"][1]["uri"] == "ipfs://łog\0"
    assert ruled["ruling"]["winner"] == KEYS["customer"].address
    assert (ruled["ruling"]["finding"]["attained"], awaited["ruling"]) == (WORST, None)
    stored = story.world.escrow.dispute_of(story.id_of("main"), 2, 1)
    assert awaited["alleged"]["compensation"]["amount"] == str(stored.alleged)
    assert (awaited["outcome"], awaited["side"], awaited["decided"]) == ("awaited", "provider", None)


def test_disputes__the_arbiter_was_silent__is_unruled(client: TestClient, story: Story) -> None:
    (only,) = get(client, path_of(story, "silent", "/disputes"))["items"]

    assert (only["outcome"], only["ruling"]) == ("unruled", None)
    assert only["decided"] is not None


def test_events__of_an_agreement__are_its_logs_in_order(client: TestClient, story: Story) -> None:
    found = get(client, path_of(story, "main", "/events"))["items"]

    expected = [
        event
        for event in story.world.events(*ESCROW_EVENTS)
        if getattr(event, "id", None) == story.id_of("main")
    ]
    assert [one["name"] for one in found] == [type(event).__name__ for event in expected]
    claimed = next(one for one in found if one["name"] == "Claimed")
    assert claimed["values"]["compensation"] == str(PAYS[WORSE])
    assert claimed["values"]["attained"] == WORSE
    receipt = story.world.connection.web3.eth.get_transaction_receipt(claimed["place"]["transaction"])
    assert receipt["blockNumber"] == claimed["place"]["block"]


def test_events__a_withheld_payment__stands_in_the_trail(client: TestClient, story: Story) -> None:
    last = get(client, path_of(story, "withheld", "/events"))["items"][-1]

    assert last["name"] == "TransferWithheld"
    withheld = story.world.escrow.withdrawable(story.world.moody_address, KEYS["customer"].address)
    assert last["values"]["amount"] == str(withheld) == "100000"


# Rounds and evidence


def test_rounds__each__names_its_signers(client: TestClient, story: Story) -> None:
    found = get(client, f"/rounds?committee={story.world.committee.address}")["items"]

    assert [one["number"] for one in found] == [1, 2, 3, 4, 5]
    assert found[0]["signers"] == [key.address for key in MEMBER_KEYS[1:]]
    assert [one["reportCount"] for one in found] == [5, 2, 1, None, 1]
    assert get(client, f"/rounds?committee={story.world.token.address}")["total"] == 0


def test_round__with_reports__shows_no_data_as_unknown(client: TestClient, story: Story) -> None:
    found = get(client, f"/rounds/{story.world.committee.address}/2")

    reports = {one["obligation"]: one for one in found["reports"]}
    assert (reports[0]["known"], reports[0]["attained"]) == (False, None)
    assert (reports[1]["known"], reports[1]["attained"]) == (True, 48)
    assert reports[1]["charge"] == {"amount": str(CHARGE), "text": "1.00 tUSD"}


def test_round__posted_without_its_reports__has_those_of_its_bundle(client: TestClient, story: Story) -> None:
    found = get(client, f"/rounds/{story.world.committee.address}/4")

    assert found["reportCount"] is None
    assert sorted(one["attained"] for one in found["reports"]) == [BAD, GOOD]


def test_bundle__of_a_round__is_the_exact_bytes(client: TestClient, story: Story) -> None:
    for posted in get(client, "/rounds")["items"]:
        answer = client.get(f"/bundles/{posted['bundle']}")
        assert answer.content == story.bundles[bytes.fromhex(posted["bundle"][2:])]
        assert answer.headers["content-type"] == "application/json"
        assert "immutable" in answer.headers["cache-control"]


def test_document__by_its_hash__is_the_text_both_read(client: TestClient, story: Story) -> None:
    answer = client.get(f"/documents/{to_hex(DOCUMENT_HASH)}")

    assert answer.text == DOCUMENT
    assert answer.headers["content-type"] == "text/yaml; charset=utf-8"


def test_evidence__that_does_not_hash_to_its_name__is_not_shown(story: Story) -> None:
    wrong = create_app(
        story.world.escrow, 0, lambda _: b"{}", lambda _: DOCUMENT.replace("a", "b"), story.world.clock
    )
    client = TestClient(wrong)

    for kind in ("bundles", "documents"):
        assert client.get(f"/{kind}/{to_hex(DOCUMENT_HASH)}").status_code == 404


# The chain moves


def test_agreements__after_a_reorg__are_those_of_the_new_chain(client: TestClient, story: Story) -> None:
    """A snapshot taken back and another block in its place: what eth-tester has for a reorg."""
    world = story.world
    before = get(client, path_of(story, "main"))["collateral"]["amount"]
    with world.undone():
        world.escrow.deposit(KEYS["stranger"], story.agreements["main"], 7)
        assert get(client, path_of(story, "main"))["collateral"]["amount"] == str(int(before) + 7)
    with world.undone():
        world.escrow.deposit(KEYS["customer"], story.agreements["silent"], 11)
        assert get(client, path_of(story, "main"))["collateral"]["amount"] == before
        left = get(client, path_of(story, "silent"))["collateral"]["amount"]
        assert left == str(COLLATERAL - PAYS[WORSE] + 11)


def test_history__read_in_chunks_and_in_steps__is_the_history_read_at_once(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Follower(RpcNode(story.world.escrow)).look()
    monkeypatch.setattr("index.node.BLOCKS_AT_ONCE", 16)

    assert Follower(RpcNode(story.world.escrow)).look() == whole


def test_answer__known_already__is_not_sent_again(client: TestClient, story: Story) -> None:
    path = path_of(story, "main")
    tag = client.get(path).headers["etag"]
    assert client.get(path, headers={"If-None-Match": f'"x", W/{tag}'}).status_code == 304

    with story.world.undone():
        story.world.travel(story.world.now + DAY)
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200
