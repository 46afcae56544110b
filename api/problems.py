"""Errors as RFC 9457 has them: every refusal says what is wrong and what to do, in one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from api.answers.values import Answer
from sla.errors import Kind, MakegoodError

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "The request is malformed",
    404: "There is no such thing",
    405: "The API only reads",
    409: "The contract refuses",
    422: "A value cannot be understood",
    500: "The API failed",
    503: "The chain cannot be read now",
}


class FieldProblem(Answer):
    """What is wrong with one value."""

    field: str = Field(description="The parameter's name", examples=["limit"])
    problem: str = Field(examples=["is not a whole number"])
    remedy: str = Field(examples=["write a whole number from 1 to 200"])


class Problem(Answer):
    """An error, as RFC 9457 has it, with what to do about it."""

    type: str = Field(description="Always about:blank: `name` says more", examples=["about:blank"])
    title: str = Field(description="The same for every problem of this status", examples=[TITLES[422]])
    status: int = Field(ge=400, le=599, examples=[422])
    detail: str = Field(
        description="What is wrong, in one sentence", examples=["'ten' is not a whole number"]
    )
    remedy: str = Field(description="What to do", examples=["write a whole number from 1 to 200"])
    kind: str = Field(
        description="Whose move it is. input: the caller's; refused: a rule says no; outside: the operator's",
        examples=["input"],
    )
    name: str = Field(description="The error's name", examples=["Unprocessable"])
    values: dict[str, str] = Field(
        description="The offending values by name, where they are known apart", examples=[{}]
    )
    errors: list[FieldProblem] = Field(description="One for each parameter that cannot be understood")


class Refusal(MakegoodError):
    """An error of the API's own; ``status`` is the HTTP status it is answered with."""

    kind = Kind.INPUT
    status: ClassVar[int]
    errors: tuple[FieldProblem, ...] = ()


class NotFound(Refusal):
    """What was asked for is not there."""

    status = 404


class MethodNotAllowed(Refusal):
    """The API only reads."""

    status = 405


class Malformed(Refusal):
    """A request that is none."""

    status = 400


class Unprocessable(Refusal):
    """Values that cannot be understood."""

    status = 422

    def __init__(self, errors: Sequence[FieldProblem]) -> None:
        first = errors[0]
        super().__init__(f"{first.field}: {first.problem}", first.remedy)
        self.errors = tuple(errors)
        self.field = first.field


class Crashed(Refusal):
    """Something went wrong inside; what it was is not for the caller."""

    kind = Kind.OUTSIDE
    status = 500


class StoreAway(Refusal):
    """Where bundles or documents are kept does not answer."""

    kind = Kind.OUTSIDE
    status = 503


class NotModified(Exception):
    """The caller has the answer already."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__("not modified")
        self.headers = dict(headers)
