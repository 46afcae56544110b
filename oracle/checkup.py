"""Is this node fit to run? Everything it needs of the world is tried once; nothing is written, signed or sent."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from chain.http import origin
from chain.keys import Signer
from oracle.documents import PATTERN, read_document
from oracle.errors import JournalError, PeerSilent
from oracle.journal import Journal, Owner
from oracle.node_file import NodeFile
from oracle.onchain import OnChain
from oracle.ports import CommitteeTerms, View
from oracle.process import exchange, open_chain
from oracle.running import journal_path
from oracle.sourcing import require_bearable
from oracle.telling import in_words
from oracle.trying_sources import try_source
from record.hexes import to_hex
from record.readable import utc
from record.terms import TermsDocument
from sla.errors import MakegoodError

POSTS = 100
"""A balance that does not pay for so many rounds is told about."""
GAS_PER_ROUND = 400_000
"""A round with a few reports, a claim and a settlement: more than they take."""
DISK_FAIL_BYTES, DISK_WARN_BYTES = 100 << 20, 1 << 30
BEHIND_SECONDS, AHEAD_SECONDS = 15, 60
"""So much may the chain's newest block lie ahead of this machine's clock, and so much behind it."""


class Status(Enum):
    """How something was found."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it was found, and what to do about it ("" when nothing is)."""

    about: str
    status: Status
    found: str
    remedy: str = ""


def ok(about: str, found: str) -> Finding:
    """Fine."""
    return Finding(about, Status.OK, found)


def warn(about: str, found: str, remedy: str) -> Finding:
    """The node runs, but somebody should look at it."""
    return Finding(about, Status.WARN, found, remedy)


def fail(about: str, error: Exception | str, remedy: str = "") -> Finding:
    """The node cannot do its work."""
    if isinstance(error, MakegoodError):
        place = str(error).removesuffix(f"; {error.remedy}")
        return Finding(about, Status.FAIL, place, remedy or error.remedy)
    told = error if isinstance(error, str) else in_words(error)
    return Finding(about, Status.FAIL, told, remedy or "mend that and check again")


def check_up(config: NodeFile, open_key: Callable[[], Signer]) -> Iterator[Finding]:
    """All findings, each as soon as it is there."""
    yield ok("node file", f"{config.path}, {'dry run' if config.settings.dry_run else 'sends transactions'}")
    key, chain = None, None
    try:
        key = open_key()
        yield ok("key", key.address)
    except (MakegoodError, OSError) as error:
        yield fail("key", error)
    yield from _disk(config.data)
    documents, findings = _documents(config.documents)
    yield from findings
    yield from _sources(config, documents)
    if key is not None:
        try:
            chain = open_chain(config, key)
            yield ok("chain", f"{origin(config.network.rpc)} is on chain {chain.committee.chain_id}")
            yield ok("contracts", f"escrow {config.network.escrow}, committee {config.committee}")
            yield _member(chain.committee, key.address)
        except (MakegoodError, OSError) as error:
            yield fail(
                "chain",
                error,
                "" if isinstance(error, MakegoodError) else f"see that {origin(config.network.rpc)} runs",
            )
    if key is not None and chain is not None:
        yield from _on_chain(config, chain, key, documents)
        runs = _is_running(config, chain.committee, key)
        yield from _listen(config, runs)
        yield _journal(config, chain.committee, key, runs)
        yield from _peers(config, chain.committee)


def _member(committee: CommitteeTerms, address: str) -> Finding:
    rotation = committee.rotation
    if address in committee.members:
        told = f"number {committee.members.index(address)} of {len(committee.members)}"
        if rotation is None or rotation.outgoing != address:
            return ok("member", told)
        told += f", until {rotation.incoming} comes in at {utc(rotation.effective_at)} UTC"
        return warn("member", told, "this node stops by itself then")
    assert rotation is not None
    return warn(
        "member",
        f"comes in for {rotation.outgoing} from {utc(rotation.effective_at)} UTC on",
        "run it: it measures already, and signs as soon as the rotation is carried out",
    )


def _disk(folder: Path) -> Iterator[Finding]:
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    free = shutil.disk_usage(there).free
    told = f"{free >> 20} MB free at {there}"
    if free < DISK_FAIL_BYTES:
        yield fail("disk", told, "make room: a node that cannot write does not sign")
    elif free < DISK_WARN_BYTES:
        yield warn("disk", told, "make room soon")
    else:
        yield ok("disk", told)


def _documents(folder: Path) -> tuple[list[TermsDocument], list[Finding]]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.match(PATTERN))
    except OSError as error:
        return [], [fail("documents", f"{folder} cannot be read ({error.strerror})", "make the folder")]
    documents, findings = [], []
    for path in paths:
        try:
            documents.append(read_document(path))
        except (MakegoodError, OSError) as error:
            findings.append(fail(f"document {path.name}", error))
    if not documents:
        findings.append(
            warn("documents", f"no terms in {folder}", f"put the agreements' documents there ({PATTERN})")
        )
    return documents, findings


def _sources(config: NodeFile, documents: list[TermsDocument]) -> Iterator[Finding]:
    tried = set()
    for document in documents:
        try:
            require_bearable(document, config.settings.observe_after_seconds)
        except MakegoodError as error:
            yield fail(f"document {document.name}", error)
        for obligation in document.obligations:
            indicator = obligation.indicator
            if (indicator.source.connection, indicator.metric) in tried:
                continue
            tried.add((indicator.source.connection, indicator.metric))
            about = f"source {document.name}/{indicator.name}"
            try:
                yield ok(about, try_source(obligation.indicator, config.files))
            except (MakegoodError, OSError) as error:
                yield fail(about, error, "see that this machine reaches it")


def _on_chain(
    config: NodeFile, chain: OnChain, key: Signer, documents: list[TermsDocument]
) -> Iterator[Finding]:
    try:
        view = chain.look()
        balance, price = chain.purse()
    except Exception as error:
        yield fail("chain", error, "see what the chain's node says")
        return
    yield _clock(view)
    posts = balance // max(1, price * GAS_PER_ROUND)
    told = f"{key.address} holds {balance} wei: about {posts} rounds with a claim each"
    if config.settings.dry_run:
        yield ok("balance", told)
    elif posts == 0:
        yield fail("balance", told, "send it money for gas")
    elif posts < POSTS:
        yield warn("balance", told, "send it money for gas soon")
    else:
        yield ok("balance", told)
    yield from _matches(view, documents)


def _clock(view: View) -> Finding:
    behind = round(time.time()) - view.time
    if behind < -BEHIND_SECONDS:
        return fail(
            "clock",
            f"the chain's newest block is {-behind} s in this machine's future",
            "set the clock (NTP)",
        )
    if behind > AHEAD_SECONDS:
        return warn(
            "clock",
            f"the chain's newest block is {behind} s old: it stands still, or this machine's clock is fast",
            "compare the clock with another machine's",
        )
    return ok("clock", f"{behind} s after the chain's newest block")


def _matches(view: View, documents: list[TermsDocument]) -> Iterator[Finding]:
    by_hash = {document.document_hash: document for document in documents}
    used = {agreement.formation.document for agreement in view.agreements.values()}
    for agreement_id, agreement in view.agreements.items():
        if agreement.formation.document not in by_hash:
            yield warn(
                f"agreement {to_hex(agreement_id)[:10]}…",
                "this node has no document of its hash, and cannot measure it",
                "ask the parties for their terms document",
            )
    for digest, document in by_hash.items():
        if digest in used:
            yield ok(f"document {document.name}", f"is that of {_count(view, digest)}")
        else:
            yield warn(
                f"document {document.name}",
                "belongs to no agreement yet",
                "nothing is to be done before it is opened",
            )


def _count(view: View, digest: bytes) -> str:
    count = sum(agreement.formation.document == digest for agreement in view.agreements.values())
    return "one agreement" if count == 1 else f"{count} agreements"


def _is_running(config: NodeFile, committee: CommitteeTerms, key: Signer) -> bool:
    """Whether this very node answers where it listens."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)
    place = f"[{host}]" if ":" in host else host
    urls = {key.address: f"http://{place}:{config.port}"}
    asked = exchange(lambda: committee, urls, config.settings).peer(key.address)
    try:
        return asked.who() == (committee.chain_id, committee.address, key.address)
    except PeerSilent:
        return False


def _listen(config: NodeFile, runs: bool) -> Iterator[Finding]:
    about, place = "listen", f"{config.host}:{config.port}"
    if runs:
        yield ok(about, f"this node runs, and answers at {place}")
        return
    try:
        family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
        with socket.socket(family) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((config.host, config.port))
        yield ok(about, f"{place} is free")
    except OSError as error:
        yield fail(about, f"{place}: {error.strerror}", "stop what uses it, or choose another address")


def _journal(config: NodeFile, committee: CommitteeTerms, key: Signer, runs: bool) -> Finding:
    path = journal_path(config.data, key.address)
    if runs:
        return ok("journal", f"{path} is in use by this node")
    if not path.exists():
        return ok("journal", f"{path} will be made")
    try:
        Journal(path, Owner(committee.chain_id, committee.address, key.address)).close()
    except (JournalError, OSError) as error:
        return fail("journal", error)
    return ok("journal", f"{path} opens")


def _peers(config: NodeFile, committee: CommitteeTerms) -> Iterator[Finding]:
    others = set(committee.members) - set(config.peers)
    named = set(config.peers) & set(committee.members)
    if len(named) + 1 < committee.quorum:
        yield fail(
            "peers",
            f"{len(named)} named; a quorum is {committee.quorum} with this node",
            "add the other members' URLs under [peers]",
        )
    elif len(others) > 1:
        yield warn("peers", f"{len(others) - 1} members have no URL here", "add them under [peers]")
    asked = exchange(lambda: committee, config.peers, config.settings)

    def ask(member: str) -> Finding:
        about = f"peer {member[:10]}…"
        if committee.seat(member) is None:
            return fail(about, f"{member} is no member of the committee", "name the members under [peers]")
        try:
            if asked.peer(member).who() == (committee.chain_id, committee.address, member):
                return ok(about, f"answers at {config.peers[member]}")
            return fail(about, f"somebody else answers at {config.peers[member]}", "correct its URL")
        except PeerSilent as error:
            return warn(about, error.problem, "see that it runs and can be reached from here")

    with ThreadPoolExecutor(max_workers=8) as pool:
        yield from pool.map(ask, config.peers)
