"""The escrow's actions as calls not yet sent, one method each, named as in ``ISLAEscrow``.

A call can be tried, sent, or put beside others into one transaction (``Escrow.multicall``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from web3.contract import Contract
from web3.contract.contract import ContractFunction

from chain.messages import agreement_argument, claim_arguments, obligation_argument, terms_argument
from record.eip712 import obligation_hash, obligations_hash
from sla.agreement import Agreement
from sla.report import Report

Call = ContractFunction
"""A function of a contract with its arguments, for those who do not import web3."""

Keys = Sequence[tuple[int, int]]
"""Claims within an agreement: (period, obligation)."""


class EscrowCalls:
    """Calls of the escrow ``contract``. ``attained`` is in the indicator's unit, amounts are in token base units."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    # The life of an agreement

    def open(self, agreement: Agreement, provider_signature: bytes, customer_signature: bytes) -> Call:
        """Put signed terms into force."""
        return self._call("open", agreement_argument(agreement), provider_signature, customer_signature)

    def amend(
        self,
        agreement: Agreement,
        provider_signature: bytes,
        customer_signature: bytes,
        predecessor: Agreement,
        count: int,
    ) -> Call:
        """Put signed terms into force that take over from ``predecessor`` after ``count`` of its periods."""
        signed = (agreement_argument(agreement), provider_signature, customer_signature)
        return self._call("amend", *signed, *_fixed(predecessor), count)

    def terminate(
        self,
        agreement: Agreement,
        count: int,
        valid_by: int,
        provider_signature: bytes,
        customer_signature: bytes,
    ) -> Call:
        """End the agreement after ``count`` periods, as both signed (``record.eip712.termination_digest``)."""
        signatures = (provider_signature, customer_signature)
        return self._call("terminate", *_fixed(agreement), count, valid_by, *signatures)

    def exit(self, agreement: Agreement, count: int, breaches: Keys) -> Call:
        """Leave by the exit rule before period ``count``, the next one."""
        formation = agreement_argument(agreement)[3]
        return self._call("exit", *_fixed(agreement), formation, count, _keys(breaches))

    def link(self, agreement: Agreement, downstream: Agreement) -> Call:
        """Show the agreement whose escrow receives the compensation from now on."""
        return self._call("link", *_fixed(agreement), *_fixed(downstream))

    def deposit(self, agreement: Agreement, amount: int) -> Call:
        """Add the caller's tokens; arrears are paid first."""
        return self._call("deposit", *_fixed(agreement), amount)

    # Claims

    def claim(self, agreement: Agreement, report: Report, proof: Sequence[bytes]) -> Call:
        """Bring a report, the first of its period or one of a higher revision."""
        part = _with_obligation(agreement, report.obligation)
        return self._call("claim", *part, *claim_arguments(report), list(proof))

    def dispute(self, agreement: Agreement, period: int, obligation: int, attained: int, charge: int) -> Call:
        """Contest a claim or a case, or a period whose report is overdue, naming what was attained."""
        return self._contest("dispute", agreement, period, obligation, attained, charge)

    def concede(self, agreement: Agreement, period: int, obligation: int, alleged: int) -> Call:
        """Accept the compensation that the opponent alleged."""
        return self._call("concede", *_fixed(agreement), (period, obligation), alleged)

    def submit_evidence(
        self, agreement: Agreement, period: int, obligation: int, content_hash: bytes, uri: str
    ) -> Call:
        """Name a document by its keccak256 and where it lies."""
        return self._call("submitEvidence", *_fixed(agreement), (period, obligation), content_hash, uri)

    def rule(self, agreement: Agreement, period: int, obligation: int, attained: int, charge: int) -> Call:
        """Rule a dispute or a case."""
        return self._contest("rule", agreement, period, obligation, attained, charge)

    # Money

    def settle(self, agreement: Agreement, keys: Keys) -> Call:
        """Pay the claims that are due, and arrears; what is not due is skipped."""
        return self._call("settle", *_fixed(agreement), _keys(keys))

    def release(self, agreement: Agreement) -> Call:
        """Give what is left back to the provider."""
        return self._call("release", *_fixed(agreement))

    def withdraw(self, token: str, account: str, to: str) -> Call:
        """Pay out what a failed transfer left."""
        return self._call("withdraw", token, account, to)

    def permit(self, token: str, owner: str, amount: int, deadline: int, signature: bytes) -> Call:
        """Try an ERC-2612 permit for the escrow; ``signature`` is its 65 bytes (``chain.permits``)."""
        r, s, v = signature[:32], signature[32:64], signature[64]
        return self._call("permit", token, owner, amount, deadline, v, r, s)

    def multicall(self, calls: Sequence[Call]) -> Call:
        """Several calls of the escrow in one transaction: all of them, or none."""
        return self._call("multicall", [bytes.fromhex(call._encode_transaction_data()[2:]) for call in calls])

    def _contest(
        self, name: str, agreement: Agreement, period: int, obligation: int, attained: int, charge: int
    ) -> Call:
        part = _with_obligation(agreement, obligation)
        return self._call(name, *part, (period, obligation), (attained, charge))

    def _call(self, name: str, *arguments: Any) -> Call:
        return self._contract.functions[name](*arguments)


def _fixed(agreement: Agreement) -> tuple[Any, ...]:
    """The terms and the obligations' hash, as most actions bring them."""
    return terms_argument(agreement), obligations_hash(agreement.obligations)


def _with_obligation(agreement: Agreement, index: int) -> tuple[Any, ...]:
    hashes = [obligation_hash(obligation) for obligation in agreement.obligations]
    hashes[index] = bytes(32)  # filled in by the contract
    return terms_argument(agreement), hashes, obligation_argument(agreement.obligations[index])


def _keys(keys: Keys) -> list[tuple[int, int]]:
    return [(period, obligation) for period, obligation in keys]
