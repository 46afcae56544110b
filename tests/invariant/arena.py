"""Contracts on a bare EVM beside the model: every step is taken by both, and everything that can be seen compared."""

from __future__ import annotations

import random
from typing import Any

from record.eip712 import committee_domain, escrow_domain
from tests.contracts.fast_chain import CHAIN_ID, GAS, CallFailed, FastChain
from tests.contracts.world import MOODS, START
from tests.invariant.books import DISPUTED, NOBODY, PENDING, Place
from tests.invariant.calls import COMMITTEE_CALLS, LOW_GAS, Call, address_of
from tests.invariant.deal import Deal
from tests.invariant.encoding import (
    Dynamic,
    Log,
    blob,
    error_data,
    event_log,
    head_and_tail,
    names_of_errors,
    names_of_events,
    selector,
    word,
    words,
)
from tests.invariant.ledger import NO_CLAIM, NO_DISPUTE, Ledger
from tests.invariant.model import Model, Outcome
from tests.invariant.model_context import GAS_NEEDED, Context, Token
from tests.invariant.steps import Block, Donation, Mood, Step
from tests.invariant.views import Entity, view_answer, view_call

PARTIES = ("ann", "ben", "cat", "dan")
PEOPLE = (*PARTIES, "arbiter", "stranger")
FUNDS, RICHES = 10**15, 2**127
MEMBERS = tuple(f"member {index}" for index in range(4))
CANDIDATES = (*MEMBERS, "member 4", "member 5")
QUORUM, DELAY = 3, 36_000
WALLET = "wallet"
"""A contract that signs by ERC-1271 and acts through its owner."""
OWNER = "owner"
TOKENS = ("plain", "fee", "silent", "flaky", "reentering")
SWEEP = 500
"""After so many steps every view is read again."""


class Arena:
    """``now`` is the chain's time. ``deals`` are all that were opened, by id."""

    def __init__(self) -> None:
        self.chain = FastChain(START)
        self.escrow = self.chain.deploy("SLAEscrow")
        members = [address_of(name) for name in MEMBERS]
        self.committee = self.chain.deploy("Committee", members, QUORUM, DELAY)
        self.wallet = self.chain.deploy("ContractWallet", address_of(OWNER))
        self.context = Context(
            self.escrow,
            self.committee,
            escrow_domain(CHAIN_ID, self.escrow),
            committee_domain(CHAIN_ID, self.committee),
            QUORUM,
            DELAY,
        )
        self.model = Model(self.context)
        self.ledger = Ledger()
        self.deals: dict[bytes, Deal] = {}
        self.donated: dict[str, int] = {}
        self.entities: dict[Entity, tuple[str, bytes]] = {}
        self._known: list[Entity] = []
        self._lower = {self.escrow: self.escrow.lower(), self.committee: self.committee.lower()}
        self._random = random.Random(0)
        self._steps = 0
        self.accepted = 0
        """So many calls changed something."""
        self._set_up_people()
        self._set_up_tokens()

    @property
    def now(self) -> int:
        """The chain's time."""
        return self.chain.time

    @property
    def tokens(self) -> dict[str, Token]:
        """By name."""
        return {token.name: token for token in self.context.tokens.values()}

    def _set_up_people(self) -> None:
        context, books = self.context, self.context.books
        context.addresses = {name: address_of(name) for name in (*PEOPLE, OWNER, "whale")}
        context.addresses[WALLET] = self.wallet
        context.owners[self.wallet] = address_of(OWNER)
        for index, name in enumerate(MEMBERS):
            books.members[index] = address_of(name)
            books.numbers[address_of(name)] = index + 1
        for key in ("last_round", "rotations", "pending", "members"):
            self._know((key, 0))

    def _set_up_tokens(self) -> None:
        for name in TOKENS:
            address = self.chain.deploy("MoodyToken")
            token = Token(name, address, fee_ppm=100_000 if name == "fee" else 0)
            self.context.tokens[address] = token
            self.donated[address] = 0
            for holder in (*PEOPLE, WALLET, "whale"):
                self._endow(token, holder)
            moods = {"silent": "ReturnsNothing", "reentering": "Reenters"}
            if name == "reentering":
                # What it tries to do from within every transfer: settle what the escrow is busy with.
                inner = selector("SLAEscrow", "withdraw") + words([address, self.wallet, self.wallet])
                call = head_and_tail([word(self.escrow), Dynamic(blob(inner))])
                self._send(address, selector("MoodyToken", "setCall") + call, "stranger")
            self._tell(token, moods.get(name, "Plain"), moods.get(name, "Plain"))
        for token in self.context.tokens.values():
            for holder in (*self.context.addresses.values(), self.escrow):
                self._know(("balances", (token.address, holder)))

    def _endow(self, token: Token, holder: str) -> None:
        amount = {"whale": RICHES, "arbiter": 0}.get(holder, FUNDS)
        address = self.context.addresses[holder]
        self._send(token.address, selector("MoodyToken", "mint") + words([address, amount]), "stranger")
        approve = selector("MoodyToken", "approve") + words([self.escrow, 2**255])
        self._send(token.address, approve, holder)
        self.context.books.balances[token.address, address] = amount

    def _tell(self, token: Token, transfer: str, pull: str) -> None:
        token.transfer_mood, token.pull_mood = transfer, pull
        values = words([MOODS[transfer], MOODS[pull], token.fee_ppm, 0])
        self._send(token.address, selector("MoodyToken", "set") + values, "stranger")

    def _send(self, to: str, calldata: bytes, by: str, gas: int = GAS) -> bytes:
        if by != WALLET:
            return self.chain.send(to, calldata, self.context.addresses[by], gas)
        call = head_and_tail([word(to), Dynamic(blob(calldata))])
        execute = selector("ContractWallet", "execute") + call
        return self.chain.send(self.wallet, execute, self.context.addresses[OWNER], gas)

    # Steps

    def take(self, step: Step) -> Outcome:
        """Both do it; AssertionError when anything that can be seen differs."""
        if step.time != self.now:
            self.chain.travel(step.time)
        match step.action:
            case Call():
                outcome = self._call(step.action)
            case Mood():
                self._tell(self.tokens[step.action.token], step.action.transfer, step.action.pull)
                outcome = Outcome()
            case Block():
                self._block(step.action)
                outcome = Outcome()
            case Donation():
                self._donate(step.action)
                outcome = Outcome()
        self._steps += 1
        if self._steps % SWEEP == 0:
            self.sweep()
        return outcome

    def _block(self, action: Block) -> None:
        token, account = self.tokens[action.token], self.context.addresses[action.account]
        (token.blocked.add if action.is_blocked else token.blocked.discard)(account)
        values = words([account, int(action.is_blocked)])
        self._send(token.address, selector("MoodyToken", "setBlocked") + values, "stranger")

    def _donate(self, action: Donation) -> None:
        token = self.tokens[action.token]
        transfer = selector("MoodyToken", "transfer") + words([self.escrow, action.amount])
        self._send(token.address, transfer, action.by)
        self.context.move(token, self.context.addresses[action.by], self.escrow, action.amount)
        self.donated[token.address] += token.after_fee(action.amount)

    def _call(self, call: Call) -> Outcome:
        waiting = dict(self.ledger.withdrawable)
        outcome = self.model.call(call, self.now)
        to = self.committee if call.function in COMMITTEE_CALLS else self.escrow
        try:
            self._send(to, call.calldata(), call.by, LOW_GAS if call.with_low_gas else GAS)
        except CallFailed as failure:
            self._compare_errors(call, outcome, failure)
        else:
            assert outcome.error is None, f"went through, expected {outcome.error}{outcome.values}"
            self.accepted += 1
            self._compare_events(outcome)
            for address, name, values in outcome.events:
                if address == self.escrow:
                    self.ledger.read(name, values)
        self._look(waiting, call, outcome)
        return outcome

    def _compare_errors(self, call: Call, outcome: Outcome, failure: CallFailed) -> None:
        data = failure.data
        assert data is not None, f"died: {failure}"
        told = names_of_errors().get(data[:4], data[:4].hex())
        expected = f"{outcome.error}{outcome.values}" if outcome.error else "success"
        assert outcome.error is not None, f"refused with {told} {data[4:].hex()}, expected {expected}"
        if outcome.error == "GasTooLow":
            assert told == "GasTooLow", f"refused with {told}, expected {expected}"
            gas, needed = int.from_bytes(data[4:36]), int.from_bytes(data[36:68])
            assert gas < needed == GAS_NEEDED, (gas, needed)
            return
        assert data == error_data(outcome.error, outcome.values), (
            f"refused with {told} {data[4:].hex()}, expected {expected}"
        )

    def _compare_events(self, outcome: Outcome) -> None:
        expected = [event_log(*event) for event in outcome.events]
        found = [self._log(log) for log in self.chain.evm.result.logs]
        if found == [(self._lower[address], topics, data) for address, topics, data in expected]:
            return
        names = [names_of_events().get(topics[0], "?") for _, topics, _ in found]
        raise AssertionError(f"events {names} {found}, expected {outcome.events}")

    @staticmethod
    def _log(log: Any) -> Log:
        topics, data = log.data
        return str(log.address).lower(), [bytes(topic) for topic in topics], bytes(data)

    # What holds after every call

    def _know(self, entity: Entity) -> None:
        if entity in self.entities:
            return
        call = view_call(entity)
        if call is not None:
            contract, calldata = call
            addresses = {"SLAEscrow": self.escrow, "Committee": self.committee}
            self.entities[entity] = addresses.get(contract, contract), calldata
            self._known.append(entity)

    def _look(self, waiting: dict[tuple[str, str], int], call: Call, outcome: Outcome) -> None:
        touched: list[Entity] = list(
            dict.fromkeys(
                (note.book.name, self._key(note.book.name, note.key)) for note in self.context.books.notes
            )
        )
        for entity in touched:
            self._know(entity)
            self._check_view(entity)
            self._check_ledger(entity)
        for entity in self._random.sample(self._known, min(8, len(self._known))):
            self._check_view(entity)
        for token in {str(key[0]) for book, key in touched if book == "balances"}:
            self._check_holdings(token)
        self._check_nobody_was_robbed(waiting, call, outcome)

    @staticmethod
    def _key(book: str, key: Any) -> Any:
        """All members are one view."""
        return 0 if book == "members" else key

    def _check_view(self, entity: Entity) -> None:
        if entity not in self.entities:
            return
        address, calldata = self.entities[entity]
        answer = bytes(
            self.chain.evm.message_call(
                address_of("stranger"), address, calldata=calldata, gas=GAS, is_static=True
            )
        )
        expected = view_answer(self.context.books, entity)
        assert answer == expected, f"view of {entity}: {answer.hex()}, expected {expected.hex()}"

    def _check_holdings(self, token: str) -> None:
        """P1, by the events' account of it; equality, donations apart."""
        held = self.context.books.balances[token, self.escrow]
        assert held == self.ledger.held(token) + self.donated[token], f"P1: {token} holds {held}"

    def _check_nobody_was_robbed(
        self, waiting: dict[tuple[str, str], int], call: Call, outcome: Outcome
    ) -> None:
        """P9: only a withdrawal to or by the account itself lowers what it can withdraw, and takes it all."""
        taken = {
            (values[0], values[1]): values[2] for _, name, values in outcome.events if name == "Withdrawn"
        }
        for place, amount in waiting.items():
            left = self.ledger.withdrawable[place]
            if left < amount:
                assert place in taken, f"P9: {place} lost {amount - left}"
                assert place[1] in (taken[place], self.context.addresses[call.by]), (
                    f"P9: {place} by {call.by}"
                )

    def _check_ledger(self, entity: Entity) -> None:
        """P12: what the events alone say; P2: what they say is within bounds."""
        (book, key), ledger, books = entity, self.ledger, self.context.books
        match book, key:
            case "accounts" | "counts", bytes():
                first = books.firsts[key]
                if not first.strip(b"\0"):
                    return
                assert words(ledger.accounts[key]) == view_answer(books, (book, key)), f"P12: {key.hex()}"
                self._check_bounds(first)
            case "chains", bytes():
                assert tuple(ledger.versions[key]) == books.chains[key]
            case "firsts", bytes():
                assert ledger.firsts[key] == books.firsts[key]
            case "links", bytes():
                assert ledger.downstreams[key] == books.links[key]
            case "claims", (bytes(), int(), int()):
                assert ledger.claims.get(key, NO_CLAIM) == books.claims[key], f"P12: {key}"
            case "disputes", (bytes(), int(), int()):
                assert ledger.disputes.get(key, NO_DISPUTE) == books.disputes[key], f"P12: {key}"
            case "totals", (bytes(), int()):
                assert ledger.totals[key] == books.totals[key]
                cap = ledger.caps[key[0]]
                assert 0 <= ledger.entitled[key] <= (cap or ledger.totals[key]), f"P2: {key}"
            case "withdrawable", (str(), str()):
                assert ledger.withdrawable[key] == books.withdrawable[key]

    def _check_bounds(self, first: bytes) -> None:
        """P2: never more is paid than there was, and what is owed beyond is arrears, never lost."""
        ledger, account = self.ledger, self.ledger.accounts[first]
        assert 0 <= ledger.paid[first] <= ledger.received[first], f"P2: {first.hex()}"
        assert account[0] == ledger.received[first] - ledger.paid[first]
        entitled = sum(amount for (id_, _), amount in ledger.entitled.items() if ledger.firsts[id_] == first)
        assert account[1] == entitled - ledger.paid[first], f"P2: {first.hex()}"

    def sweep(self) -> None:
        """Every view of everything, every balance, the whole ledger."""
        for entity in self._known:
            self._check_view(entity)
            self._check_ledger(entity)
        for token in self.context.tokens:
            self._check_holdings(token)

    # P7

    def check_exactly_one(self, place: Place) -> str | None:
        """P7: a pending claim can be disputed or settled, a dispute ruled or settled, never both and never neither."""
        books, deal = self.context.books, self.deals[place[0]]
        claim = books.claims[place]
        token = self.context.tokens[deal.agreement.stake.token]
        if claim.status not in (PENDING, DISPUTED) or token.pull_mood not in ("Plain", "ReturnsNothing"):
            return None
        key, parties = place[1:], deal.agreement.parties
        names = {address: name for name, address in self.context.addresses.items()}
        obligation, service = deal.agreement.obligations[key[1]], deal.agreement.service
        levels = (obligation.sane_min, obligation.sane_max)
        charge = service.charge_max or service.charge
        best, worst = sorted(levels, key=lambda level: deal.pays(key[1], level, charge))
        if claim.status == PENDING:
            by, level = (parties.provider, best) if claim.pending else (parties.customer, worst)
            other = Call("dispute", names[by], (deal, key, (level, charge)))
        else:
            other = Call("rule", names[parties.arbiter], (deal, key, (best, charge)))
        settled = self._would(Call("settle", "stranger", (deal, (key,))), place)
        contested = self._would(other, place)
        assert settled != contested, f"P7: settle {settled}, {other.function} {contested}"
        is_case = claim.status == DISPUTED and books.disputes[place].disputer == NOBODY
        return f"{'a case' if is_case else other.function} {'settled' if settled else 'open'}"

    def _would(self, call: Call, place: Place) -> bool:
        """Whether a call would change a claim's status."""
        address, calldata = self.entities["claims", place]
        with self.chain.undone():
            try:
                self._send(self.escrow, call.calldata(), call.by)
            except CallFailed:
                return False
            answer = self.chain.send(address, calldata)
        return int.from_bytes(answer[-32:]) != self.context.books.claims[place].status
