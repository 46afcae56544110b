"""Turns every error into a problem: one place, one form, nothing leaked."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.parameters import FORMS, shown
from api.problems import (
    MEDIA_TYPE,
    TITLES,
    Crashed,
    FieldProblem,
    Malformed,
    MethodNotAllowed,
    NotFound,
    NotModified,
    Problem,
    Refusal,
    Unprocessable,
)
from sla.errors import Kind, MakegoodError, problem_of

STATUS = {Kind.INPUT: 422, Kind.REFUSED: 409, Kind.OUTSIDE: 503}

_ADDRESS = re.compile(r"\w+://\S+")

LOG = logging.getLogger("api")

HEADERS = {405: {"Allow": "GET, HEAD"}, 503: {"Retry-After": "5"}}


def install(app: FastAPI) -> None:
    """Have the application answer with problems."""
    app.add_exception_handler(NotModified, _not_modified)
    readers: dict[type[Exception], Callable[[Request, Any], MakegoodError]] = {
        MakegoodError: _as_it_is,
        RequestValidationError: _misunderstood,
        HTTPException: _unrouted,
        Exception: _crashed,
    }
    for kind, read in readers.items():
        app.add_exception_handler(kind, _answering(read))


def answer(error: MakegoodError) -> Response:
    """The error as a problem. Where it happened on the server (``file``, ``line``) stays there."""
    known = problem_of(error)
    status = error.status if isinstance(error, Refusal) else STATUS[error.kind]
    problem = Problem.model_validate(
        {
            "type": "about:blank",
            "title": TITLES[status],
            "status": status,
            "detail": _without_addresses(error.problem),
            "remedy": _without_addresses(error.remedy),
            "kind": known["kind"],
            "name": known["name"],
            "values": known["values"],
            "errors": error.errors if isinstance(error, Refusal) else (),
        }
    )
    if status >= 500:
        LOG.warning("%s, because of: %r", error, error.__cause__)
    headers = {"Cache-Control": "no-store", **HEADERS.get(status, {})}
    return JSONResponse(problem.model_dump(mode="json", by_alias=True), status, headers, MEDIA_TYPE)


def _without_addresses(text: str) -> str:
    """A node's own words may name its address, and with it its owner's key: those are for the log."""
    return _ADDRESS.sub("…", text)


def _answering(read: Callable[[Request, Any], MakegoodError]) -> Callable[[Request, Exception], Response]:
    return lambda request, error: answer(read(request, error))


def _as_it_is(_: Request, error: MakegoodError) -> MakegoodError:
    return error


def _misunderstood(_: Request, error: RequestValidationError) -> MakegoodError:
    wrong = []
    for one in error.errors():
        name = str(one["loc"][-1])
        problem = f"{shown(one.get('input'))!r} does not fit"
        wrong.append(FieldProblem(field=name, problem=problem, remedy=FORMS.get(name, str(one["msg"]))))
    return Unprocessable(wrong)


def _unrouted(request: Request, error: HTTPException) -> MakegoodError:
    """What the router or the framework says."""
    if error.status_code == 405:
        return MethodNotAllowed(
            f"{shown(request.method)} is not possible: the API only reads", "use GET or HEAD"
        )
    if error.status_code == 404:
        return NotFound(f"there is nothing at {shown(request.url.path)}", "see /openapi.json for all paths")
    return Malformed(shown(error.detail), "see /openapi.json for what can be asked")


def _crashed(_: Request, __: Exception) -> MakegoodError:
    """What it was stands in the server's log and nowhere else."""
    return Crashed("something went wrong inside", "try again; if it stays, tell the operator when it was")


def _not_modified(_: Request, error: Exception) -> Response:
    return Response(status_code=304, headers=error.headers if isinstance(error, NotModified) else None)
