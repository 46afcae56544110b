"""schemathesis asks the real API on a real chain everything its description allows, and much that it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from api.app import create_app
from api.server import serve
from record.hexes import to_hex
from tests.unit.api.story import Story, shared

ROOT = Path(__file__).resolve().parents[2]
HOOKS = "tests.integration.schemathesis_hooks"
EXAMPLES_EACH = 6
SEED = 1


def test_api__asked_by_schemathesis__keeps_every_promise_of_its_description(tmp_path: Path) -> None:
    story = shared()
    app = create_app(story.world.escrow, 0, story.bundles.get, story.documents.get, story.world.clock)
    answered: Counter[tuple[str, int]] = Counter()

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            route = scope.get("route")
            if message["type"] == "http.response.start" and scope["method"] == "GET" and route is not None:
                answered[route.path_format, message["status"]] += 1
            await send(message)

        await app(scope, receive, answer)

    schema = json.loads(json.dumps(app.openapi()))
    show_what_exists(schema, story)
    (tmp_path / "openapi.json").write_text(json.dumps(schema))
    with serve(counted) as server:
        outcome = subprocess.run(
            [
                str(Path(sys.prefix) / "bin" / "st"), "run", str(tmp_path / "openapi.json"), "--url", server.url,
                "--checks", "all", "--continue-on-failure", "--max-examples", str(EXAMPLES_EACH),
                "--seed", str(SEED), "--no-color", "--report", "json", "--report-dir", str(tmp_path),
            ],
            cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=110, check=False,
            env={**os.environ, "SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    said = outcome.stdout + outcome.stderr
    assert outcome.returncode == 0, said
    assert "Traceback" not in said, "schemathesis skips an operation on which it fails itself"
    assert f"Tested: {len(schema['paths'])}\n" in said
    # A check that never saw an answer of substance proves nothing.
    assert {path for path, status in answered if status == 200} == set(schema["paths"])
    assert {status for _, status in answered} == {200, 404, 422}


def show_what_exists(schema: dict[str, Any], story: Story) -> None:
    """Put the story's own identifiers where the description has examples, so that there is something to answer."""
    party = story.agreements["main"].parties
    there = {
        "agreementId": [to_hex(story.id_of(name)) for name in ("main", "silent", "withheld")],
        "committee": [story.world.committee.address],
        "number": [2, 4],
        "provider": [party.provider],
        "customer": [party.customer],
    }
    hashes = {"/bundles/{hash}": list(story.bundles), "/documents/{hash}": list(story.documents)}
    for path, operations in schema["paths"].items():
        for parameter in operations["get"].get("parameters", []):
            found = there.get(parameter["name"])
            if parameter["name"] == "hash":
                found = [to_hex(one) for one in hashes[path]]
            if found is not None:
                parameter["schema"]["examples"] = found


def test_description__each_operation__is_titled_named_and_declares_its_problems() -> None:
    schema = create_app(shared().world.escrow).openapi()
    operations = {path: one["get"] for path, one in schema["paths"].items()}

    assert len({one["operationId"] for one in operations.values()}) == len(operations) == 13
    for path, one in operations.items():
        assert one["summary"], path
        assert one["description"], path
        assert {"200", "422", "500", "503"} <= set(one["responses"]), path
        assert ("404" in one["responses"]) == ("{" in path and path != "/contracts/{name}/abi"), path
        for status, response in one["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], path
        for parameter in one.get("parameters", []):
            assert parameter["description"], (path, parameter["name"])
            assert parameter["schema"].get("examples"), (path, parameter["name"])


def test_description__each_field__has_an_example_or_is_made_of_fields() -> None:
    """Enumerations and truth values speak for themselves."""
    schemas = create_app(shared().world.escrow).openapi()["components"]["schemas"]
    bare = [
        f"{name}.{field}"
        for name, model in schemas.items()
        for field, kind in model.get("properties", {}).items()
        if "examples" not in kind and not _is_made_of_others(kind)
    ]

    assert len(schemas) > 30
    assert bare == []


def _is_made_of_others(kind: dict[str, Any]) -> bool:
    parts = [kind, *kind.get("anyOf", [])]
    parts += [part["items"] for part in parts if "items" in part]
    return any("$ref" in part or "examples" in part or part.get("type") == "boolean" for part in parts)
