"""Rounds, and the evidence behind them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from api.answers.lists import PageOf, Paging, page
from api.answers.rounds import RoundAnswer, RoundSummary, round_summary, round_whole
from api.parameters import (
    BundleHash,
    CommitteeAddress,
    CommitteeFilter,
    DocumentHash,
    RoundNumber,
    paging,
)
from api.problems import NotFound
from api.reading import At, Look, Read, immutable
from api.routes import NOT_FOUND, Responses, router
from record.hexes import checksum_address, from_hex
from record.keccak import keccak256
from record.terms import load_terms
from sla.errors import TermsError

routes = router("Rounds and evidence")

Paged = Annotated[Paging, Depends(paging)]

BUNDLE: Responses = {
    200: {
        "description": "The bundle's exact bytes: canonical JSON whose keccak256 is the hash",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
DOCUMENT: Responses = {
    200: {
        "description": "The text as it was kept; its canonical JSON has the hash",
        "content": {"text/yaml": {"schema": {}}},
    }
}


@routes.get("/rounds", summary="Rounds, in the order of posting", operation_id="listRounds")
def rounds(at: At, paging: Paged, committee: CommitteeFilter = None) -> PageOf[RoundSummary]:
    """Of every committee that an agreement names, or of one."""
    found = at.rounds()
    if committee is not None:
        committee = checksum_address(committee)
        found = [one for one in found if one.committee == committee]
    return page(found, paging, lambda one: round_summary(one, at))


@routes.get(
    "/rounds/{committee}/{number}",
    summary="One round with its reports",
    operation_id="getRound",
    responses=NOT_FOUND,
)
def one_round(committee: CommitteeAddress, number: RoundNumber, at: Look, read: Read) -> RoundAnswer:
    """Who signed it, and what they found."""
    found = at.committees.get(checksum_address(committee))
    if found is None:
        raise NotFound(f"no agreement names a committee {committee}", "see /contracts for those that are")
    posted = found.rounds.get(number)
    if posted is None:
        raise NotFound(f"the committee posted no round {number}", "see /rounds: rounds may skip numbers")
    return round_whole(posted, at, read.bundled)


@routes.get(
    "/bundles/{hash}",
    summary="A round's evidence",
    operation_id="getBundle",
    responses={**BUNDLE, **NOT_FOUND},
    response_class=Response,
)
def bundle(bundle_hash: BundleHash, read: Read, request: Request) -> Response:
    """Every report of the round and every signed observation behind it, for anyone to recompute."""
    wanted = from_hex(bundle_hash, 32)
    data = read.bundles(wanted)
    if data is None or keccak256(data) != wanted:
        raise NotFound(f"nobody here has the bundle {bundle_hash}", "ask the committee's nodes, or a party")
    response = Response(data, media_type="application/json")
    immutable(request, response, wanted)
    return response


@routes.get(
    "/documents/{hash}",
    summary="A terms document",
    operation_id="getDocument",
    responses={**DOCUMENT, **NOT_FOUND},
    response_class=Response,
)
def document(document_hash: DocumentHash, read: Read, request: Request) -> Response:
    """The YAML text both parties read before they signed."""
    wanted = from_hex(document_hash, 32)
    text = read.documents(wanted)
    if text is None or not _is_document(text, wanted):
        raise NotFound(f"nobody here has the document {document_hash}", "ask one of the parties")
    response = Response(text.encode(), media_type="text/yaml")
    immutable(request, response, wanted)
    return response


def _is_document(text: str, wanted: bytes) -> bool:
    try:
        return load_terms(text).document_hash == wanted
    except TermsError:
        return False
