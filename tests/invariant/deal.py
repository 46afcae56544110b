"""An agreement as the invariant tests handle it: with its id, its calldata and its boundaries, each computed once.

Hashing is written out a second time here for speed; `test_encoding.py` compares it with ``record/``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

from record.eip712 import AGREEMENT_TYPE_HASH, AGREEMENT_TYPES
from record.keccak import keccak256
from record.typed_data import Domain, type_hash
from sla import compensation, schedule
from sla.agreement import Agreement, Formation, MissingData, Obligation
from tests.contracts.world import changed
from tests.invariant.encoding import array, static, tail, word

_TYPE_HASHES = {name: type_hash(name, AGREEMENT_TYPES) for name in AGREEMENT_TYPES}


@cache
def separator(domain: Domain) -> bytes:
    """Of EIP-712: the same for everything that is signed for a contract."""
    return domain.separator()


def hash_flat(struct: Any) -> bytes:
    """The EIP-712 hash of a struct of single words."""
    return keccak256(_TYPE_HASHES[type(struct).__name__] + static(struct))


@cache
def hash_obligation(obligation: Obligation) -> bytes:
    """The EIP-712 hash of an obligation."""
    tiers = keccak256(b"".join(map(hash_flat, obligation.tiers)))
    return keccak256(_TYPE_HASHES["Obligation"] + static(obligation) + tiers)


@dataclass(eq=False)
class Deal:
    """An agreement that somebody signed or made up; ``name`` is for people who read a failing script."""

    name: str
    agreement: Agreement
    domain: Domain
    _boundaries: dict[int, int] = field(default_factory=dict, repr=False)

    def altered(self, **parts: dict[str, Any]) -> Deal:
        """The same with other members: another agreement, which nobody knows."""
        return Deal(f"{self.name}{parts}", changed(self.agreement, **parts), self.domain)

    def with_obligations_of(self, other: Deal) -> Deal:
        """The same with another's obligations."""
        obligations = other.agreement.obligations
        return Deal(
            f"{self.name}~{other.name}", replace(self.agreement, obligations=obligations), self.domain
        )

    @cached_property
    def id(self) -> bytes:
        """The EIP-712 digest."""
        agreement = self.agreement
        parts = (agreement.parties, agreement.service, agreement.stake, agreement.formation)
        members = b"".join(map(hash_flat, parts)) + self.obligations_hash
        return keccak256(b"\x19\x01" + separator(self.domain) + keccak256(AGREEMENT_TYPE_HASH + members))

    # When

    def boundary(self, k: int) -> int:
        """The end of period k - 1, the start of period k."""
        if k not in self._boundaries:
            self._boundaries[k] = schedule.boundary(self.agreement.service, k)
        return self._boundaries[k]

    def end(self, period: int) -> int:
        """By then the period is over in the agreement's own zone too."""
        return self.boundary(period + 1) + self.agreement.service.zone_lag_seconds

    def overdue(self, period: int) -> int:
        """From here on a missing report can be disputed."""
        return self.end(period) + self.agreement.stake.report_within

    def claim_deadline(self, period: int) -> int:
        """From here on nothing more is claimed."""
        return self.end(period) + self.agreement.stake.claim_within

    def last_claim_deadline(self, count: int) -> int:
        """The same for the last of ``count`` periods."""
        service, stake = self.agreement.service, self.agreement.stake
        return self.boundary(count) + service.zone_lag_seconds + stake.claim_within

    # How much

    def is_sane(self, index: int, attained: int) -> bool:
        """Whether a report may pay by itself."""
        return compensation.is_sane(self.agreement.obligations[index], attained)

    def pays(self, index: int, attained: int, charge: int) -> int:
        """What a sane attainment costs."""
        return compensation.compensation(self.agreement.obligations[index], attained, charge)

    def pays_without_data(self, index: int, charge: int) -> int:
        """What the missing-data policy says: the worst sane value, or nothing."""
        obligation = self.agreement.obligations[index]
        if obligation.missing_data != MissingData.BREACH:
            return 0
        return compensation.worst_compensation(obligation, charge)

    # As calldata

    @cached_property
    def terms_words(self) -> bytes:
        """``Terms``, a static struct."""
        agreement = self.agreement
        fixed = static(agreement.parties, agreement.service, agreement.stake)
        return fixed + hash_flat(agreement.formation)

    @cached_property
    def hashes(self) -> list[bytes]:
        """The obligations by their hashes."""
        return [hash_obligation(obligation) for obligation in self.agreement.obligations]

    @cached_property
    def obligations_hash(self) -> bytes:
        """All of them by one."""
        return keccak256(b"".join(self.hashes))

    @cached_property
    def obligations_words(self) -> list[bytes]:
        """Each ``Obligation``, a dynamic struct."""
        return [
            static(one)[: 7 * 32] + word(8 * 32) + array([static(tier) for tier in one.tiers])
            for one in self.agreement.obligations
        ]

    @cached_property
    def words(self) -> bytes:
        """``Agreement``, a dynamic struct."""
        agreement = self.agreement
        fixed = static(agreement.parties, agreement.service, agreement.stake, agreement.formation)
        return fixed + word(27 * 32) + tail(self.obligations_words)


def formation_words(formation: Formation) -> bytes:
    """``Formation``, a static struct."""
    return static(formation)
