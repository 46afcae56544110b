"""The structs of ``contracts/Types.sol`` as EIP-712 values: dictionaries with Solidity's member names."""

from __future__ import annotations

from dataclasses import fields

from sla.agreement import Agreement, Formation, Obligation, Parties, Service, Stake, Tier
from sla.report import Observation, Report

Flat = Parties | Service | Stake | Formation | Tier | Observation | Report


def camel(name: str) -> str:
    """``zone_lag_seconds`` -> ``zoneLagSeconds``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def flat_message(struct: Flat) -> dict[str, object]:
    """A struct without nested structs."""
    return {camel(field.name): getattr(struct, field.name) for field in fields(struct)}


def obligation_message(obligation: Obligation) -> dict[str, object]:
    """An obligation with its tiers."""
    message = {camel(field.name): getattr(obligation, field.name) for field in fields(obligation)}
    return {**message, "tiers": [flat_message(tier) for tier in obligation.tiers]}


def observation_message(observation: Observation) -> dict[str, object]:
    """An observation."""
    return flat_message(observation)


def agreement_message(agreement: Agreement) -> dict[str, object]:
    """The whole agreement."""
    return {
        "parties": flat_message(agreement.parties),
        "service": flat_message(agreement.service),
        "stake": flat_message(agreement.stake),
        "formation": flat_message(agreement.formation),
        "obligations": [obligation_message(obligation) for obligation in agreement.obligations],
    }
