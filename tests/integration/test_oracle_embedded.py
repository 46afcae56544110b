"""The default: four nodes in one process on the embedded chain, probing a real server that fails."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from chain.clock import SystemClock
from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import deploy_committee, deploy_escrow, deploy_test_token
from chain.embedded import EmbeddedChain
from chain.errors import ChainError, UnsafeKey
from chain.escrow import Escrow
from chain.keys import LocalKey
from chain.logs import LoggedEvent, read_events
from chain.token import Token
from oracle.errors import JournalError, OracleError
from oracle.fleet import Fleet
from oracle.settings import Settings
from record.eip712 import agreement_preimage
from record.events import AgreementOpened
from record.keccak import keccak256
from record.terms import TermsDocument, load_terms
from tests.shop_terms import shop_terms

LENGTH = 5
MEMBERS = [LocalKey(keccak256(f"member {number}".encode())) for number in range(4)]
OPERATOR, PROVIDER, CUSTOMER, ARBITER = (
    LocalKey(keccak256(name.encode())) for name in ("operator", "provider", "customer", "arbiter")
)
SETTINGS = Settings(
    observe_after_seconds=1,
    collect_after_seconds=2,
    turn_seconds=3,
    cycle_seconds=0.5,
    dry_run=False,
    finality="finalized",
)


class Shop(http.server.BaseHTTPRequestHandler):
    """Answers 200, or 503 when it is broken."""

    broken = False

    def do_GET(self) -> None:
        self.send_response(503 if Shop.broken else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[str]:
    Shop.broken = False
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


class Market:
    """Contracts on an embedded chain, and terms for a shop."""

    def __init__(self) -> None:
        accounts = [key.address for key in (*MEMBERS, OPERATOR, PROVIDER, CUSTOMER, ARBITER)]
        self.chain = EmbeddedChain(accounts, SystemClock())
        self.connection = Connection(self.chain.web3)
        members = [key.address for key in MEMBERS]
        self.committee = Committee(self.connection, deploy_committee(self.connection, OPERATOR, members, 3))
        self.escrow = Escrow(self.connection, deploy_escrow(self.connection, OPERATOR))
        self.token = Token(self.connection, deploy_test_token(self.connection, OPERATOR, "Test", "TUSD", 0))
        self.token.mint(OPERATOR, PROVIDER.address, 10_000)
        self.token.approve(PROVIDER, self.escrow.address, 10_000)
        self.chain.follow()

    def open(self, document: TermsDocument) -> None:
        agreement = document.agreement()
        message = agreement_preimage(agreement, self.escrow.domain)
        self.escrow.open(OPERATOR, agreement, PROVIDER.sign(message), CUSTOMER.sign(message))

    def terms(self, url: str, start: int) -> TermsDocument:
        details = {"url": url, "intervalMilliseconds": 250, "timeoutMilliseconds": 1000}
        text = shop_terms(
            start=start,
            every=LENGTH,
            provider=PROVIDER.address,
            customer=CUSTOMER.address,
            arbiter=ARBITER.address,
            token=self.token.address,
            committee=self.committee.address,
            source={"type": "http-probe", "connectionDetails": details},
        )
        return load_terms(text)


def test_fleet__server_breaks_in_the_second_period__only_that_one_is_paid(shop: str, tmp_path: Path) -> None:
    """The whole job with nothing faked: probes, four journals, agreement, chain. One member is silent throughout."""
    market = Market()
    start = int(time.time()) + 2
    document = market.terms(shop, start)
    market.open(document)
    events: list[tuple[str, Mapping[str, object]]] = []
    fleet = Fleet(
        market.connection,
        market.escrow.address,
        market.committee.address,
        MEMBERS,
        [document],
        tmp_path,
        SETTINGS,
        on_event=lambda kind, details: events.append((kind, details)),
    )
    fleet.silence(2)
    fleet.start()
    wait_until(start + LENGTH)
    Shop.broken = True
    end = time.monotonic() + 40
    while market.token.balance_of(CUSTOMER.address) == 0 and time.monotonic() < end:
        time.sleep(0.2)
    fleet.stop()

    told = [kind for kind, _ in events]
    assert market.token.balance_of(CUSTOMER.address) == 1_000, events
    assert (told.count("posted"), told.count("claimed"), told.count("settled")) == (2, 1, 1)
    assert "trouble" not in told, events
    attained = [details["attained"] for kind, details in events if kind == "claimed"]
    assert attained == [0]


def test_node__rpc_node_shows_other_terms__does_not_act_on_them(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P13: a lying RPC node. The id is the digest of the terms, so it cannot show others."""
    market = Market()
    document = market.terms(shop, int(time.time()) + 60)
    market.open(document)
    fleet = Fleet(
        market.connection,
        market.escrow.address,
        market.committee.address,
        MEMBERS,
        [document],
        tmp_path,
        SETTINGS,
    )

    def lie(*arguments: object) -> list[LoggedEvent]:
        return [
            replace(one, event=replace(one.event, id=bytes(32)))
            if isinstance(one.event, AgreementOpened)
            else one
            for one in read_events(*arguments)  # type: ignore[arg-type]
        ]

    with monkeypatch.context() as patch:
        patch.setattr("oracle.onchain.read_events", lie)
        with pytest.raises(ChainError, match="shows other terms"):
            fleet.nodes[0].look()
    assert len(fleet.nodes[0].chain.look().agreements) == 1
    fleet.stop()


def test_fleet__second_one_on_the_same_journals__is_refused(shop: str, tmp_path: Path) -> None:
    market = Market()
    document = market.terms(shop, int(time.time()) + 60)
    arguments = (
        market.connection,
        market.escrow.address,
        market.committee.address,
        MEMBERS,
        [document],
        tmp_path,
    )
    first = Fleet(*arguments, SETTINGS)

    with pytest.raises(JournalError, match="in use"):
        Fleet(*arguments, SETTINGS)

    first.stop()
    Fleet(*arguments, SETTINGS).stop()


def test_fleet__probe_may_answer_after_the_period_was_observed__is_refused(shop: str, tmp_path: Path) -> None:
    market = Market()
    document = market.terms(shop, int(time.time()) + 60)

    with pytest.raises(OracleError, match="observe later"):
        Fleet(
            market.connection,
            market.escrow.address,
            market.committee.address,
            MEMBERS,
            [document],
            tmp_path,
            replace(SETTINGS, observe_after_seconds=0),
        )


def test_fleet__bare_keys_on_a_real_chain__are_refused(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = Market()
    monkeypatch.setattr(market.connection, "chain_id", 1)

    with pytest.raises(UnsafeKey, match="not a development chain"):
        Fleet(
            market.connection,
            market.escrow.address,
            market.committee.address,
            MEMBERS,
            [],
            tmp_path,
            SETTINGS,
        )


def wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()))
