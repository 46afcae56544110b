"""A call, as people think of it, as bytes, and as a line of a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import coincurve

from chain.keys import LocalKey
from record.keccak import keccak256
from sla.agreement import Formation
from sla.report import Report
from tests.invariant.deal import Deal, formation_words
from tests.invariant.encoding import Dynamic, array, blob, head_and_tail, selector, static, tail, word, words

COMMITTEE_CALLS = ("post", "publish", "proposeRotation", "rotate")
LOW_GAS = 340_000
"""Enough to come to a transfer, too little to make it."""


@cache
def address_of(name: str) -> str:
    """The checksummed address of somebody with a key."""
    return LocalKey(keccak256(name.encode())).address


@cache
def _key(name: str) -> coincurve.PrivateKey:
    return coincurve.PrivateKey(keccak256(name.encode()))


@lru_cache(maxsize=20_000)
def _signed(name: str, digest: bytes) -> bytes:
    signature = _key(name).sign_recoverable(digest, hasher=None)
    return signature[:64] + bytes([27 + signature[64]])


@dataclass(frozen=True, slots=True)
class Signature:
    """Whose, and of what; of nobody, it is no signature at all."""

    by: str
    digest: bytes

    def encoded(self) -> bytes:
        """r, s, v."""
        return _signed(self.by, self.digest) if self.by else self.digest * 2 + b"\x1b"

    def __repr__(self) -> str:
        return f"{self.by or 'nobody'} signs {self.digest.hex()[:6]}"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the escrow or the committee; ``with_low_gas`` it runs dry where tokens would move."""

    function: str
    by: str
    arguments: tuple[Any, ...]
    with_low_gas: bool = False

    def __repr__(self) -> str:
        shown = ", ".join(_shown(value) for value in self.arguments)
        return f"{self.by}: {self.function}({shown})" + (" with little gas" if self.with_low_gas else "")

    def calldata(self) -> bytes:
        """Selector and arguments."""
        contract = "Committee" if self.function in COMMITTEE_CALLS else "SLAEscrow"
        return selector(contract, self.function) + _arguments(self.function, *self.arguments)


def _shown(value: Any) -> str:
    match value:
        case Deal():
            return value.name
        case bytes():
            return value.hex()[:6]
        case tuple():
            return "(" + ", ".join(_shown(one) for one in value) + ")"
        case Report():
            finding = f"attained {value.attained} charge {value.charge}"
            return (
                f"{value.agreement.hex()[:6]} p{value.period} o{value.obligation} r{value.revision} {finding}"
            )
    return repr(value)


def _arguments(function: str, *given: Any) -> bytes:
    match function, given:
        case "open", (Deal() as deal, provider, customer):
            return head_and_tail([Dynamic(deal.words), _signature(provider), _signature(customer)])
        case "amend", (Deal() as deal, provider, customer, Deal() as before, count):
            signatures = [_signature(provider), _signature(customer)]
            return head_and_tail([Dynamic(deal.words), *signatures, _fixed(before) + word(count)])
        case "terminate", (Deal() as deal, count, valid_by, provider, customer):
            head = _fixed(deal) + words((count, valid_by))
            return head_and_tail([head, _signature(provider), _signature(customer)])
        case "exit", (Deal() as deal, Formation() as formation, count, breaches):
            return head_and_tail([_fixed(deal) + formation_words(formation) + word(count), _keys(breaches)])
        case "link", (Deal() as deal, Deal() as downstream):
            return _fixed(deal) + _fixed(downstream)
        case "deposit", (Deal() as deal, amount):
            return _fixed(deal) + word(amount)
        case "claim", (Deal() as deal, key, revision, found, proof):
            head = words((*key, revision, *found))
            return head_and_tail([*_with_obligation(deal, key[1]), head, Dynamic(array(proof))])
        case "dispute" | "rule", (Deal() as deal, key, found):
            return head_and_tail([*_with_obligation(deal, key[1]), words((*key, *found))])
        case "concede", (Deal() as deal, key, alleged):
            return _fixed(deal) + words((*key, alleged))
        case "submitEvidence", (Deal() as deal, key, content_hash, uri):
            head = _fixed(deal) + words((*key, content_hash))
            return head_and_tail([head, Dynamic(blob(uri.encode()))])
        case "settle", (Deal() as deal, keys):
            return head_and_tail([_fixed(deal), _keys(keys)])
        case "release", (Deal() as deal,):
            return _fixed(deal)
        case "multicall", (calls,):
            return head_and_tail([Dynamic(tail([blob(call.calldata()) for call in calls]))])
        case "post", (number, root, bundle, reports, signatures):
            head = words((number, root, bundle))
            return head_and_tail([head, _reports(reports), _signatures(signatures)])
        case "publish", (root, reports):
            return head_and_tail([word(root), _reports(reports)])
        case "proposeRotation", (outgoing, incoming, signatures):
            return head_and_tail([words((outgoing, incoming)), _signatures(signatures)])
        case "withdraw" | "permit" | "rotate", _:
            return words(given)
    raise AssertionError(f"{function} is no function, or not with {given}")


def _fixed(deal: Deal) -> bytes:
    return deal.terms_words + deal.obligations_hash


def _with_obligation(deal: Deal, index: int) -> list[bytes | Dynamic]:
    one = deal.obligations_words[min(index, len(deal.hashes) - 1)]
    return [deal.terms_words, Dynamic(array(deal.hashes)), Dynamic(one)]


def _signature(signature: Signature) -> Dynamic:
    return Dynamic(blob(signature.encoded()))


def _signatures(signatures: Sequence[Signature]) -> Dynamic:
    return Dynamic(tail([blob(one.encoded()) for one in signatures]))


def _keys(keys: Sequence[tuple[int, int]]) -> Dynamic:
    return Dynamic(array([words(key) for key in keys]))


def _reports(reports: Sequence[Report]) -> Dynamic:
    return Dynamic(array([static(report) for report in reports]))
