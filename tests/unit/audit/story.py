"""A short history, and the pack it left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from audit import TrustRoots
from audit.folder import read_folder
from sla.agreement import Agreement
from tests.unit.audit.world import World, embedded_world, live


@dataclass(frozen=True, slots=True)
class Story:
    """What happened, the pack's folder, its files, its trust roots."""

    world: World
    agreements: Mapping[str, Agreement]
    folder: Path
    files: Mapping[str, bytes]
    roots: TrustRoots


def make_story(folder: Path) -> Story:
    """Let it happen on a chain of its own; the pack lies in ``folder``."""
    world = embedded_world()
    agreements = live(world)
    roots = world.export(folder / "pack")
    return Story(world, agreements, folder / "pack", read_folder(folder / "pack"), roots)
