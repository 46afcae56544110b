"""What the routes read from, and how they get at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Response

from api.parameters import AgreementId
from api.problems import NotFound, NotModified, StoreAway
from chain.clock import Clock
from index.bundles import BundledReports
from index.facts import AgreementRecord
from index.follower import Follower
from index.history import History
from record.hexes import from_hex, to_hex

VERSION = "0.1.0"

Bundles = Callable[[bytes], bytes | None]
"""The exact bytes of the bundle of a hash; None when nobody has it."""

Documents = Callable[[bytes], str | None]
"""The text of the terms document of a hash; None when nobody has it."""


T = TypeVar("T")


def answering(store: Callable[[bytes], T | None]) -> Callable[[bytes], T | None]:
    """The store, whose failures are its own and not the caller's."""

    def ask(wanted: bytes) -> T | None:
        try:
            return store(wanted)
        except Exception as error:
            raise StoreAway("the store behind the API does not answer", "ask again later") from error

    return ask


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything the API reads from; it writes nothing."""

    chain_id: int
    escrow: str
    first_block: int
    follower: Follower
    bundles: Bundles
    bundled: BundledReports
    documents: Documents
    clock: Clock


def reading(request: Request) -> Reading:
    """What this application was made with."""
    found: Reading = request.app.state.reading
    return found


Read = Annotated[Reading, Depends(reading)]


def look(read: Read) -> History:
    """All that happened up to the chain's head; the same for all that is asked within one request."""
    return read.follower.look()


Look = Annotated[History, Depends(look)]


def tagged_look(request: Request, response: Response, at: Look) -> History:
    """The same, for answers made of nothing else: they are as good as the head, so that is their tag."""
    tagged(request, response, f"{VERSION}-{at.head.hash.hex()}", "no-cache")
    return at


At = Annotated[History, Depends(tagged_look)]


def agreement(agreement_id: AgreementId, at: Look) -> AgreementRecord:
    """The agreement the path names."""
    found = at.agreements.get(from_hex(agreement_id, 32))
    if found is None:
        raise NotFound(
            f"no agreement {agreement_id} was opened in this escrow", "see /agreements for those that were"
        )
    return found


OfAgreement = Annotated[AgreementRecord, Depends(agreement)]


def immutable(request: Request, response: Response, content_hash: bytes) -> None:
    """What is named by its hash never changes."""
    tagged(request, response, to_hex(content_hash), "public, max-age=31536000, immutable")


def tagged(request: Request, response: Response, tag: str, caching: str) -> None:
    """Name the answer's state; NotModified when the caller has it already."""
    headers = {"ETag": f'"{tag}"', "Cache-Control": caching}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]
    if headers["ETag"] in known or "*" in known:
        raise NotModified(headers)
    response.headers.update(headers)
