"""The FastAPI application: read-only, over one escrow."""

from __future__ import annotations

from fastapi import FastAPI

from api import handlers
from api.http import ReadOnly
from api.openapi import DESCRIPTION, described
from api.reading import VERSION, Bundles, Documents, Reading, answering
from api.routes import agreements, rounds, system
from chain.clock import Clock, SystemClock
from chain.escrow import Escrow
from index.bundles import BundledReports
from index.follower import Follower
from index.node import RpcNode

TAGS = [
    {"name": "System", "description": "What runs here, and how far it is"},
    {"name": "Agreements", "description": "What was signed, attained, claimed, contested and paid"},
    {"name": "Rounds and evidence", "description": "What committees attested, and what it rests on"},
]


def create_app(
    escrow: Escrow,
    first_block: int = 0,
    bundles: Bundles = lambda _: None,
    documents: Documents = lambda _: None,
    clock: Clock | None = None,
) -> FastAPI:
    """The API over ``escrow`` and the committees its agreements name.

    Events are read from ``first_block`` on: the block of the escrow's deployment, or of its oldest committee's.
    ``bundles`` and ``documents`` give what hashes name, from wherever it is kept; they are called in several threads.
    """
    app = FastAPI(
        title="Makegood",
        summary="Service level agreements that pay by themselves",
        description=DESCRIPTION,
        version=VERSION,
        openapi_tags=TAGS,
        docs_url=None,  # their pages load code from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    kept = answering(bundles)
    app.state.reading = Reading(
        chain_id=escrow.connection.chain_id,
        escrow=escrow.address,
        first_block=first_block,
        follower=Follower(RpcNode(escrow), first_block),
        bundles=kept,
        bundled=BundledReports(kept),
        documents=answering(documents),
        clock=clock or SystemClock(),
    )
    handlers.install(app)
    for part in (system, agreements, rounds):
        app.include_router(part.routes)
    app.openapi = described(app)  # type: ignore[method-assign]
    app.add_middleware(ReadOnly)
    return app
