"""The operations: all of them GET, each with the problems it may answer with."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends

from api.parameters import known_parameters
from api.problems import Problem

Responses = dict[int | str, dict[str, Any]]

NOT_FOUND: Responses = {404: {"model": Problem, "description": "There is no such thing"}}
ALWAYS: Responses = {
    422: {"model": Problem, "description": "A parameter cannot be understood, or is not one"},
    500: {"model": Problem, "description": "The API failed; the reason stands in its log"},
    503: {"model": Problem, "description": "The chain, or the store behind the API, cannot be read now"},
}


def router(tag: str, prefix: str = "") -> APIRouter:
    """A router whose operations refuse unknown parameters."""
    return APIRouter(prefix=prefix, tags=[tag], responses=ALWAYS, dependencies=[Depends(known_parameters)])
