"""The API's own description, with problems under their media type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import MEDIA_TYPE

DESCRIPTION = """\
What the chain says of every agreement of one escrow: terms, periods, claims, disputes, rounds. It only reads.

- JSON names are camelCase. Identifiers are 0x and lower-case hex, accounts carry the letters of EIP-55.
- Amounts are decimal strings in token base units; `text` beside them is exact and for people.
- Times are ISO 8601 in UTC, ratios whole parts per million, attainments integers in the indicator's unit.
- Lists run from the oldest to the newest and come in pages: `limit`, `offset`, `total`.
- Attainments may be as large as 2**64; read them as integers, not as floating point.
- An answer made from the chain alone belongs to its head, which is its `ETag`. HEAD is answered wherever GET is.
- Errors are problem details (RFC 9457) with a `remedy`. Unknown and repeated parameters are refused.
"""


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What ``app.openapi`` is to be."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            for path in schema["paths"].values():
                for operation in path.values():
                    _name_problems(operation["responses"])
            app.openapi_schema = schema
        return app.openapi_schema

    return openapi


def _name_problems(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if status >= "400" and "application/json" in response.get("content", {}):
            response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
