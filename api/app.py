"""The FastAPI application: read-only, no state of its own."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from api.reading import Reader
from api.schemas import AgreementAnswer, AgreementSummary, Health, Problem
from record.hexes import from_hex
from sla.errors import MakegoodError, RecordError

NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "No such agreement in this escrow"}
}


def create_app(reader: Reader) -> FastAPI:
    """The API over one escrow."""
    app = FastAPI(
        title="Makegood",
        summary="Service level agreements that pay by themselves",
        version="0.1.0",
    )

    @app.exception_handler(MakegoodError)
    async def _refuse(_: Request, error: MakegoodError) -> JSONResponse:
        return _problem(503, "The chain cannot be read", str(error))

    @app.exception_handler(HTTPException)
    async def _explain(_: Request, error: HTTPException) -> JSONResponse:
        return _problem(error.status_code, "Not found", str(error.detail))

    @app.get("/health", summary="Whether the chain answers, and how far it is")
    def health() -> Health:
        return reader.health()

    @app.get("/agreements", summary="All agreements, in the order in which they were opened")
    def agreements() -> list[AgreementSummary]:
        return reader.agreements()

    @app.get("/agreements/{agreement_id}", summary="One agreement with its claims", responses=NOT_FOUND)
    def agreement(agreement_id: str) -> AgreementAnswer:
        try:
            found = reader.agreement(from_hex(agreement_id, 32))
        except RecordError:
            found = None
        if found is None:
            raise HTTPException(
                404, f"There is no agreement {agreement_id[:80]}: ids are 0x and 64 hex digits."
            )
        return found

    return app


def _problem(status: int, title: str, detail: str) -> JSONResponse:
    problem = Problem(title=title, status=status, detail=detail)
    return JSONResponse(problem.model_dump(by_alias=True), status, media_type="application/problem+json")
