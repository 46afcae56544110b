"""What a caller may write, and how. Each value has one form: what is not in it is refused, with what to write."""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated, Any

from fastapi import Path, Query, Request
from pydantic import BeforeValidator

from api.answers.agreements import UNDER_COLLATERALISED
from api.answers.lists import MOST_AT_ONCE, Paging
from api.answers.values import ADDRESS_PATTERN, EXAMPLE_ADDRESS, EXAMPLE_HASH, HASH_PATTERN
from api.problems import FieldProblem, Unprocessable

_WHOLE = re.compile(r"0|[1-9][0-9]{0,19}")

HASH_FORM = "write 0x and 64 lower-case hex digits"
ADDRESS_FORM = "write 0x and 40 hex digits"

MOST_OFFSET = 2**53 - 1
MOST_ROUND = 2**64 - 1

FORMS = {
    "agreementId": f"{HASH_FORM}, as /agreements shows it",
    "hash": HASH_FORM,
    "committee": f"{ADDRESS_FORM}, as /contracts shows it",
    "provider": ADDRESS_FORM,
    "customer": ADDRESS_FORM,
    "number": f"write a whole number from 0 to {MOST_ROUND}",
    "name": "write SLAEscrow or Committee",
    "open": "write true or false",
    "head": "write true or false",
    "inArrears": "write true or false",
    "underCollateralised": "write true or false",
    "limit": f"write a whole number from 1 to {MOST_AT_ONCE}",
    "offset": f"write a whole number from 0 to {MOST_OFFSET}",
}
"""What to write, by the parameter's name."""


def _whole(value: Any) -> Any:
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise ValueError("is not a whole number")
    return value


def _truth(value: Any) -> Any:
    if isinstance(value, str) and value not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return value


AgreementId = Annotated[
    str,
    Path(
        alias="agreementId",
        pattern=HASH_PATTERN,
        description="The agreement's id: the EIP-712 digest both parties signed",
        examples=[EXAMPLE_HASH],
    ),
]

BundleHash = Annotated[
    str,
    Path(alias="hash", pattern=HASH_PATTERN, description="keccak256 of the bundle", examples=[EXAMPLE_HASH]),
]

DocumentHash = Annotated[
    str,
    Path(
        alias="hash",
        pattern=HASH_PATTERN,
        description="The terms document's hash: `formation.document` of an agreement",
        examples=[EXAMPLE_HASH],
    ),
]

CommitteeAddress = Annotated[
    str,
    Path(
        alias="committee",
        pattern=ADDRESS_PATTERN,
        description="The committee's address; upper and lower case are alike",
        examples=[EXAMPLE_ADDRESS],
    ),
]

RoundNumber = Annotated[
    int,
    Path(alias="number", ge=0, le=MOST_ROUND, description="The round's number", examples=[1]),
    BeforeValidator(_whole),
]

AccountFilter = Annotated[
    str | None,
    Query(
        pattern=ADDRESS_PATTERN,
        description="Only those of this account; upper and lower case are alike",
        examples=[EXAMPLE_ADDRESS],
    ),
]

CommitteeFilter = Annotated[
    str | None,
    Query(
        pattern=ADDRESS_PATTERN,
        description="Only those of this committee; upper and lower case are alike",
        examples=[EXAMPLE_ADDRESS],
    ),
]

OpenFilter = Annotated[
    bool | None,
    Query(alias="open", description="Only those that are open, or only the others", examples=[True]),
    BeforeValidator(_truth),
]

HeadFilter = Annotated[
    bool | None,
    Query(
        alias="head",
        description="Only the version of each agreement that no other took over from, or only the others",
        examples=[True],
    ),
    BeforeValidator(_truth),
]

ArrearsFilter = Annotated[
    bool | None,
    Query(
        alias="inArrears",
        description="Only those that owe more than their collateral covered, or only the others",
        examples=[True],
    ),
    BeforeValidator(_truth),
]

UnderCollateralisedFilter = Annotated[
    bool | None,
    Query(
        alias="underCollateralised",
        description=f"Only those of which this is so, or only the others. {UNDER_COLLATERALISED}",
        examples=[True],
    ),
    BeforeValidator(_truth),
]

Limit = Annotated[
    int,
    Query(ge=1, le=MOST_AT_ONCE, description="How many at most", examples=[50]),
    BeforeValidator(_whole),
]

Offset = Annotated[
    int,
    Query(ge=0, le=MOST_OFFSET, description="How many to leave out before the first", examples=[0]),
    BeforeValidator(_whole),
]


def paging(limit: Limit = 50, offset: Offset = 0) -> Paging:
    """Which part of a list is wanted."""
    return Paging(limit, offset)


def known_parameters(request: Request) -> None:
    """Refuse parameters the operation does not have, and repeated ones: a misspelt filter would show everything."""
    operation = request.app.openapi()["paths"][request.scope["route"].path_format]["get"]
    allowed = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
    use = f"use {', '.join(allowed)}" if allowed else "leave it out: this operation has no parameters"
    wrong = [
        FieldProblem(field=shown(name), problem="is no parameter here", remedy=use)
        if name not in allowed
        else FieldProblem(field=name, problem=f"is given {count} times", remedy="give it once")
        for name, count in Counter(name for name, _ in request.query_params.multi_items()).items()
        if name not in allowed or count > 1
    ]
    if wrong:
        raise Unprocessable(wrong[:10])


def shown(text: object) -> str:
    """What a caller wrote, no longer than it takes to recognise it."""
    written = str(text)
    return written if len(written) <= 80 else f"{written[:80]}…"
