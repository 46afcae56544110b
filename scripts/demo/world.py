"""Everything that exists before the first period starts: a chain, a token, a committee, a signed agreement."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from chain.clock import SystemClock
from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import deploy_committee, deploy_escrow, deploy_test_token
from chain.embedded import EmbeddedChain
from chain.escrow import Escrow
from chain.keys import LocalKey
from chain.token import Token
from record.eip712 import agreement_preimage
from record.terms import TermsDocument, load_terms
from scripts.demo.shop import Shop
from sla.agreement import Agreement

TERMS = Path(__file__).parent / "terms.yaml"
MEMBERS = 4
QUORUM = 3
ROTATION_DELAY = 60
"""Seconds: long enough to see that a rotation waits."""
PEOPLE = ("operator", "provider", "customer", "arbiter")
ONE = 10**6
"""One tUSD in base units."""


@dataclass(frozen=True, slots=True)
class World:
    """The demo's actors and contracts."""

    clock: SystemClock
    chain: EmbeddedChain
    connection: Connection
    shop: Shop
    people: dict[str, LocalKey]
    members: tuple[LocalKey, ...]
    escrow: Escrow
    committee: Committee
    token: Token
    document: TermsDocument
    agreement: Agreement

    @property
    def agreement_id(self) -> bytes:
        """The digest both parties signed."""
        return self.escrow.id_of(self.agreement)

    def period_start(self, period: int) -> int:
        """When a period begins, in seconds UTC."""
        return self.agreement.service.start + period * self.agreement.service.length

    def balances(self) -> dict[str, int]:
        """Who holds how much of the token."""
        holders: dict[str, str] = {name: self.people[name].address for name in PEOPLE[1:]}
        holders["escrow"] = self.escrow.address
        return {name: self.token.balance_of(address) for name, address in holders.items()}


def build(lead_seconds: int) -> World:
    """Deploy, fund, write the terms; the first period starts ``lead_seconds`` from now. Nothing is signed yet."""
    clock = SystemClock()
    # Keys for this run only; they hold nothing of worth.
    people = {name: LocalKey(os.urandom(32)) for name in PEOPLE}
    members = tuple(LocalKey(os.urandom(32)) for _ in range(MEMBERS))
    chain = EmbeddedChain([key.address for key in (*people.values(), *members)], clock)
    connection = Connection(chain.web3)
    operator = people["operator"]
    token = Token(connection, deploy_test_token(connection, operator, "Test US Dollar", "tUSD", 6))
    committee = Committee(
        connection,
        deploy_committee(connection, operator, [key.address for key in members], QUORUM, ROTATION_DELAY),
    )
    escrow = Escrow(connection, deploy_escrow(connection, operator))
    for name in ("provider", "customer"):
        token.mint(operator, people[name].address, 5_000 * ONE)
    shop = Shop()
    document = load_terms(_terms(people, token, committee, shop, int(clock.now()) + lead_seconds))
    return World(
        clock=clock,
        chain=chain,
        connection=connection,
        shop=shop,
        people=people,
        members=members,
        escrow=escrow,
        committee=committee,
        token=token,
        document=document,
        agreement=document.agreement(),
    )


def sign_and_open(world: World) -> None:
    """Both parties sign one digest; the escrow checks both and pulls the collateral. Then the clock is followed."""
    provider, customer = world.people["provider"], world.people["customer"]
    world.token.approve(provider, world.escrow.address, world.agreement.formation.collateral)
    message = agreement_preimage(world.agreement, world.escrow.domain)
    world.escrow.open(
        world.people["operator"], world.agreement, provider.sign(message), customer.sign(message)
    )
    world.chain.follow()


def _terms(people: dict[str, LocalKey], token: Token, committee: Committee, shop: Shop, start: int) -> str:
    return Template(TERMS.read_text()).substitute(
        {name: people[name].address for name in PEOPLE[1:]},
        token=token.address,
        committee=committee.address,
        url=shop.url,
        start=_local(start),
        open_by=_local(start + 20) + "Z",
    )


def _local(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
