"""Every error is a problem with a status, a sentence and a remedy; nothing of the server is in it."""

from __future__ import annotations

import json

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import handlers
from api.handlers import answer
from api.problems import MEDIA_TYPE, NotFound
from chain.errors import ChainError
from sla.errors import MakegoodError, RuleBroken, TermsError


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (TermsError("spec.charge", "is negative", "write a positive amount"), 422, "input"),
        (RuleBroken("BondZero"), 409, "refused"),
        (ChainError("the node is away", "start it"), 503, "outside"),
        (NotFound("there is none", "look elsewhere"), 404, "input"),
    ],
)
def test_answer__any_error__has_its_kinds_status_and_its_own_words(
    error: MakegoodError, status: int, kind: str
) -> None:
    response = answer(error)
    problem = json.loads(bytes(response.body))

    assert (response.status_code, response.media_type) == (status, MEDIA_TYPE)
    assert (problem["status"], problem["kind"]) == (status, kind)
    assert (problem["detail"], problem["remedy"]) == (error.problem, error.remedy)


def test_answer__an_error_of_a_file__keeps_the_servers_paths_to_itself() -> None:
    error = TermsError("spec.charge", "is negative", "write a positive amount", line=7)
    error.file = "/srv/secret/terms.yaml"

    assert b"secret" not in bytes(answer(error).body)


def test_crash__whatever_it_was__leaks_nothing() -> None:
    app = FastAPI()
    handlers.install(app)

    @app.get("/crash")
    def crash() -> None:
        raise RuntimeError("password 1234")

    response = TestClient(app, raise_server_exceptions=False).get("/crash")

    assert (response.status_code, response.headers["content-type"]) == (500, MEDIA_TYPE)
    assert response.json()["name"] == "Crashed"
    assert "1234" not in response.text
    assert "RuntimeError" not in response.text
