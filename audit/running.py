"""An audit from beginning to end: whose blocks, whose words, whose numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from audit.authenticity import authentic_entries, authentic_headers, check_roots
from audit.books import Account, Version
from audit.difference import Difference
from audit.evidence import match_evidence
from audit.findings import AgreementBalance, VersionFound
from audit.folder import read_folder
from audit.forming import terms_of
from audit.replay import replay
from audit.roots import TrustRoots
from audit.state import State
from audit.tokens import Ledger
from audit.verdict import Kind, Verdict
from record.eip712 import escrow_domain
from record.headers import Header
from record.pack import HISTORY_FILE, Pack
from record.pack_history import history_bytes
from record.pack_logs import Entry, Scope
from sla.errors import RecordError


class _Audit:
    """What is known so far, so that a difference does not hide what came before it."""

    def __init__(self, roots: TrustRoots | None) -> None:
        self.roots = roots
        self.pack: Pack | None = None
        self.headers: list[Header] = []
        self.state: State | None = None

    def run(self, files: Mapping[str, bytes]) -> None:
        """Cheap checks first: reading, hashes, words; then signatures and numbers."""
        pack = self.pack = Pack.from_files(files)
        if self.roots is not None:
            check_roots(pack, self.roots)
        scope = Scope(pack.escrow, pack.committees)
        head = None if self.roots is None else self.roots.block_hash
        self.headers = authentic_headers(pack.blocks, head)
        entries = authentic_entries(scope, self.headers, pack.blocks)
        _check_history(pack, entries)
        domain = escrow_domain(pack.chain_id, pack.escrow)
        tokens = self.roots.tokens if self.roots is not None else None
        self.state = State(
            chain_id=pack.chain_id,
            scope=scope,
            domain=domain,
            trusted=self.roots is not None,
            terms=terms_of(entries, domain),
            ledger=Ledger(pack.escrow, None if tokens is None else frozenset(tokens)),
        )
        replay(self.state, entries, match_evidence(entries, pack.rounds))

    def verdict(self, kind: Kind, difference: str | None) -> Verdict:
        """What is known, under this verdict."""
        state, pack = self.state, self.pack
        head = self.headers[-1] if self.headers else None
        accounts = list(state.accounts.values()) if state else []
        tokens = {account.token for account in accounts}
        counts = dict(state.counts) if state else {}
        return Verdict(
            kind=kind,
            first_difference=difference,
            chain_id=pack.chain_id if pack else None,
            escrow=pack.escrow if pack else None,
            head=(head.number, head.time, head.hash) if head else None,
            settlements=tuple(state.settlements) if state else (),
            payments=tuple(state.payments) if state else (),
            disputes=tuple(state.disputes) if state else (),
            cases=tuple(state.cases) if state else (),
            agreements=tuple(map(_balance, accounts)),
            tokens=state.ledger.balances(tokens) if state else (),
            counts={"headers": len(self.headers), **counts},
            notes=tuple(state.notes) if state else (),
        )


def run(folder: Path, roots: TrustRoots | None) -> Verdict:
    """Audit the pack in ``folder``. OSError if it cannot be read; whatever else is wrong is a FAIL."""
    try:
        files = read_folder(folder)
    except RecordError as problem:
        return _Audit(roots).verdict(Kind.FAIL, str(problem))
    return run_files(files, roots)


def run_files(files: Mapping[str, bytes], roots: TrustRoots | None) -> Verdict:
    """Audit a pack given as the bytes of its files by path. Never an error: whatever is wrong is a FAIL."""
    audit = _Audit(roots)
    try:
        audit.run(files)
    except (Difference, RecordError) as problem:
        return audit.verdict(Kind.FAIL, str(problem))
    return audit.verdict(Kind.INTERNALLY_CONSISTENT if roots is None else Kind.PASS, None)


def _check_history(pack: Pack, entries: list[Entry]) -> None:
    derived = history_bytes(entries)
    if pack.history != derived:
        pairs = enumerate(zip(pack.history, derived, strict=False))
        start = next(
            (place for place, (one, other) in pairs if one != other), min(len(pack.history), len(derived))
        )
        raise Difference(HISTORY_FILE, f"from byte {start} on it is not what the receipts say")


def _balance(account: Account) -> AgreementBalance:
    return AgreementBalance(
        agreement_id=account.id,
        agreement=account.versions[0].agreement,
        received=account.received,
        credits=account.credits,
        compensated=account.compensated,
        credited=account.credited,
        released=account.released,
        collateral=account.collateral,
        due=account.due,
        open_claims=account.open_claims,
        in_scope=all(version.in_scope for version in account.versions),
        versions=tuple(map(_found, account.versions)),
    )


def _found(version: Version) -> VersionFound:
    return VersionFound(version.id, version.agreement, version.count, version.ending, version.in_scope)
