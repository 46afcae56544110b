"""Terms files that build on each other, made of plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from record.terms.inheritance import Inherited, among, inherit, read_layer
from record.terms.section import node_json


def put_together(files: Mapping[str, str], name: str) -> Inherited:
    layers = {each: read_layer(each, text) for each, text in files.items()}
    return inherit(layers[name], among(layers.values()))


def sla(inherits: list[str], spec: Mapping[str, Any], name: str = "x") -> str:
    """A file, as JSON: the reader takes it for YAML."""
    members: dict[str, Any] = {"kind": "SLA", "metadata": {"name": name}, "spec": spec}
    return json.dumps({**members, "inherits": inherits} if inherits else members, ensure_ascii=False)


def spec_of(found: Inherited) -> Any:
    (document,) = found.documents
    value = node_json(document)
    assert isinstance(value, dict)
    assert "inherits" not in value
    return value["spec"]


def merged(*specs: Mapping[str, Any]) -> Inherited:
    """Each laid over the one before."""
    files = {str(place): sla([str(place - 1)] if place else [], spec) for place, spec in enumerate(specs)}
    return put_together(files, str(len(specs) - 1))
