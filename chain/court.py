"""A court as the arbiter of agreements: the actions of ``ICourtArbiter``, one method each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from web3.types import TxReceipt

from chain.connection import Connection
from chain.errors import ChainError
from chain.keys import Signer
from chain.messages import obligation_argument, terms_argument
from record.eip712 import obligation_hash, obligations_hash
from sla.agreement import Agreement, Obligation
from sla.compensation import compensation, is_sane, worst_attained
from sla.errors import Kind


class Verdict(IntEnum):
    """What the court said."""

    NONE = 0
    REFUSED = 1
    ALLEGED = 2
    REPORT = 3
    ANSWER = 4


@dataclass(frozen=True, slots=True)
class CourtRequest:
    """A dispute of the escrow that was brought to the court. ``funder`` paid, and receives the arbiter's fee."""

    agreement_id: bytes
    funder: str
    period: int
    obligation: int
    ruling_deadline: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Fees:
    """Arbiter's fees of one account, in token base units: those here, and those the escrow could not transfer yet."""

    kept: int
    withheld: int


@dataclass(frozen=True, slots=True)
class CourtAnswer:
    """What the disputer's opponent says was attained, and what it would pay."""

    attained: int
    charge: int
    compensation: int


class NoFinding(ChainError):
    """Nothing that was said of a claim pays what the court ruled."""

    kind = Kind.REFUSED


class Court:
    """The CourtArbiter at ``address``. Writers return the receipt; None when ``dry_run`` only tried."""

    def __init__(self, connection: Connection, address: str, dry_run: bool = False) -> None:
        self.connection = connection
        self.dry_run = dry_run
        self.contract = connection.contract("CourtArbiter", address)
        self.address = str(self.contract.address)
        self.escrow = str(self._read("escrow"))
        self.arbitrator = str(self._read("arbitrator"))

    def cost(self) -> int:
        """What asking costs now, in wei."""
        return int(self._read("cost"))

    def dispute_id_of(self, agreement_id: bytes, period: int, obligation: int) -> int | None:
        """The court's number of the dispute that is open in the escrow; None if the court was not asked."""
        asked, number = self._read("disputeIDOf", agreement_id, period, obligation)
        return int(number) if asked else None

    def request_of(self, dispute_id: int) -> CourtRequest | None:
        """What the court was asked under this number of its own."""
        agreement_id, funder, period, obligation, deadline, verdict = self._read("requestOf", dispute_id)
        if deadline == 0:
            return None
        return CourtRequest(bytes(agreement_id), funder, period, obligation, deadline, Verdict(verdict))

    def answer_of(self, agreement_id: bytes, period: int, obligation: int) -> CourtAnswer | None:
        """What was answered in the dispute that is open in the escrow."""
        attained, charge, given, pays = self._read("answerOf", agreement_id, period, obligation)
        return CourtAnswer(attained, charge, pays) if given else None

    def fees_of(self, token: str, account: str) -> Fees:
        """What ``withdraw`` has for the account."""
        return Fees(*self._read("feesOf", token, account))

    def request(
        self, signer: Signer, agreement: Agreement, period: int, obligation: int, cost: int
    ) -> TxReceipt | None:
        """Bring an open dispute to the court for ``cost`` wei, which must be exactly what it costs by then."""
        key = (period, obligation)
        part = (terms_argument(agreement), obligations_hash(agreement.obligations))
        return self._send(signer, "request", *part, key, value=cost)

    def answer(
        self, signer: Signer, agreement: Agreement, period: int, obligation: int, said: tuple[int, int]
    ) -> TxReceipt | None:
        """As the disputer's opponent, name (attained, charge) for the court to choose as well."""
        key = (period, obligation)
        return self._send(signer, "answer", *_with_obligation(agreement, obligation), key, said)

    def submit_evidence(self, signer: Signer, dispute_id: int, uri: str) -> TxReceipt | None:
        """Name something for the court to read (ERC-1497), until it ruled."""
        return self._send(signer, "submitEvidence", dispute_id, uri)

    def execute(
        self, signer: Signer, dispute_id: int, agreement: Agreement, obligation: int, said: tuple[int, int]
    ) -> TxReceipt | None:
        """Pass the court's ruling on to the escrow. ``said`` is (attained, charge): the answer if the court ruled for
        that, else see ``finding_that_pays``."""
        return self._send(signer, "execute", dispute_id, *_with_obligation(agreement, obligation), said)

    def withdraw(self, signer: Signer, token: str, account: str, to: str) -> TxReceipt | None:
        """Pay out the fees of ``account``; only itself may name another recipient."""
        return self._send(signer, "withdraw", token, account, to)

    def _send(self, signer: Signer, name: str, *arguments: Any, value: int = 0) -> TxReceipt | None:
        return self.connection.send(signer, self.contract.functions[name](*arguments), self.dry_run, value)

    def _read(self, name: str, *arguments: Any) -> Any:
        return self.connection.read(self.contract.functions[name](*arguments))


def _with_obligation(agreement: Agreement, obligation: int) -> tuple[Any, ...]:
    """The terms, the obligations' hashes, the obligation concerned."""
    hashes = [obligation_hash(each) for each in agreement.obligations]
    return terms_argument(agreement), hashes, obligation_argument(agreement.obligations[obligation])


def deploy_court(
    connection: Connection,
    signer: Signer,
    escrow: str,
    arbitrator: str,
    extra_data: bytes,
    meta_evidence: str,
) -> str:
    """The address of a new CourtArbiter between this escrow and this ERC-792 court: immutable, without owner.

    ``extra_data`` is what the court wants to know of each dispute; ``meta_evidence`` is where the question to it is
    written down (ERC-1497). Before anything is sent the court is asked what it costs: ChainError when it does not say.
    """
    connection.read(connection.contract("IArbitrator", arbitrator).functions.arbitrationCost(extra_data))
    return connection.deploy(signer, "CourtArbiter", escrow, arbitrator, extra_data, meta_evidence)[0]


def finding_that_pays(
    obligation: Obligation, amount: int, charge: int, said: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """(attained, charge) that pays exactly ``amount``: the latest of ``said``, else the objective met or the worst sane
    attainment, which is what a missing-data policy can say. ``charge`` is the agreed one. NoFinding if none does."""
    worst = worst_attained(obligation)
    met = obligation.sane_min + obligation.sane_max - worst
    latest = [*reversed(said)]
    charges = [*(at for _, at in latest), charge]
    for attained, at in (*latest, *((level, at) for at in charges for level in (met, worst))):
        if is_sane(obligation, attained) and compensation(obligation, attained, at) == amount:
            return attained, at
    raise NoFinding(
        f"nothing that was alleged or reported pays {amount}, which the court ruled",
        "look whether the history is complete, then try again",
    )
