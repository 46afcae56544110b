"""Loaded by the schemathesis command: what it does not know by itself."""

from typing import Any

import schemathesis
import yaml


@schemathesis.deserializer("text/yaml")
def documents(_: Any, response: Any) -> list[Any]:
    """A terms file is a stream of several YAML documents; schemathesis' own reader fails on the second."""
    return list(yaml.safe_load_all(response.content.decode()))
