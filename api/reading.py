"""Answers out of the chain's events and the escrow's accounts."""

from __future__ import annotations

from datetime import UTC, datetime

from api.schemas import AgreementAnswer, AgreementSummary, ClaimAnswer, Health
from chain.escrow import Escrow
from chain.logs import read_events
from record.events import ESCROW_EVENTS, AgreementOpened, Claimed, Event, Ruled
from record.hexes import to_hex


class Reader:
    """Reads one escrow from the block it was deployed in."""

    def __init__(self, escrow: Escrow, first_block: int) -> None:
        self._escrow = escrow
        self._first = first_block

    def health(self) -> Health:
        """The head as the node sees it."""
        head = self._escrow.connection.web3.eth.get_block("latest")
        return Health(
            status="ok",
            chain_id=self._escrow.connection.chain_id,
            escrow=self._escrow.address,
            head_block=head["number"],
            head_time=_time(head["timestamp"]),
        )

    def agreements(self) -> list[AgreementSummary]:
        """All agreements, in the order in which they were opened."""
        return [self._summary(event) for event in self._events() if isinstance(event, AgreementOpened)]

    def agreement(self, agreement_id: bytes) -> AgreementAnswer | None:
        """One agreement with its claims; None if it was never opened here."""
        events = [event for event in self._events() if getattr(event, "id", None) == agreement_id]
        opened = next((event for event in events if isinstance(event, AgreementOpened)), None)
        if opened is None:
            return None
        agreement = opened.arguments()[0]
        return AgreementAnswer(
            **self._summary(opened).model_dump(),
            document=to_hex(agreement.formation.document),
            starts=_time(agreement.service.start),
            claims=[self._claim(event, events) for event in events if isinstance(event, Claimed)],
        )

    def _summary(self, opened: AgreementOpened) -> AgreementSummary:
        agreement = opened.arguments()[0]
        account = self._escrow.account_of(opened.id)
        return AgreementSummary(
            id=to_hex(opened.id),
            provider=opened.provider,
            customer=opened.customer,
            arbiter=agreement.parties.arbiter,
            token=agreement.stake.token,
            collateral=str(account.collateral),
            due=str(account.due),
            open_claims=account.open_claims,
            periods=account.count,
        )

    def _claim(self, claimed: Claimed, events: list[Event]) -> ClaimAnswer:
        stored = self._escrow.claim_of(claimed.id, claimed.period, claimed.obligation)
        # A ruling is the last word on what was attained.
        words: list[Claimed | Ruled] = [claimed]
        words += [event for event in events if isinstance(event, Ruled) and _same(event, claimed)]
        return ClaimAnswer(
            period=claimed.period,
            obligation=claimed.obligation,
            revision=claimed.revision,
            attained=words[-1].attained,
            charge=str(words[-1].charge),
            compensation=str(words[-1].compensation),
            status=stored.status.name.lower(),
            window_end=_time(claimed.window_end),
        )

    def _events(self) -> list[Event]:
        connection, address = self._escrow.connection, self._escrow.address
        head = connection.web3.eth.block_number
        return [
            logged.event for logged in read_events(connection, {address: ESCROW_EVENTS}, self._first, head)
        ]


def _same(ruled: Ruled, claimed: Claimed) -> bool:
    return (ruled.period, ruled.obligation) == (claimed.period, claimed.obligation)


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
