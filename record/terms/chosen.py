"""Which records are meant: those whose dimensions have one of the values of each of ``where``."""

from __future__ import annotations

from typing import TypeAlias

from record.landing.kinds import DIMENSIONS
from record.terms.section import Section
from record.terms.values import texts

Where: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]


def read_where(spec: Section) -> Where:
    """The ``where`` of a section, if it has one."""
    if not spec.has("where"):
        return ()
    section = spec.section("where")
    section.require("", " ".join(DIMENSIONS))
    return tuple((name, texts(section, name)) for name in DIMENSIONS if section.has(name))
