"""The structs of ``contracts/Types.sol`` as web3 encodes them: tuples of their members in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from record.eip712 import formation_hash
from record.typed_messages import agreement_message, flat_message, obligation_message
from sla.agreement import Agreement, Obligation
from sla.report import Report


def agreement_argument(agreement: Agreement) -> tuple[Any, ...]:
    """``Agreement``, whole."""
    return _members(agreement_message(agreement))


def terms_argument(agreement: Agreement) -> tuple[Any, ...]:
    """``Terms``: the fixed part, the formation by its hash, the obligations not at all."""
    return (*agreement_argument(agreement)[:3], formation_hash(agreement.formation))


def obligation_argument(obligation: Obligation) -> tuple[Any, ...]:
    """``Obligation``."""
    return _members(obligation_message(obligation))


def claim_arguments(report: Report) -> tuple[Any, ...]:
    """``ClaimKey``, revision, ``Finding``: what of a report the terms do not say."""
    return (report.period, report.obligation), report.revision, (report.attained, report.charge)


def report_argument(report: Report) -> tuple[Any, ...]:
    """``Report``."""
    return _members(flat_message(report))


def _members(message: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(_member(value) for value in message.values())


def _member(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _members(value)
    return [_member(element) for element in value] if isinstance(value, list) else value
