"""Every error of the project says whose move it is: exit codes and HTTP statuses hang on it."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from chain.connection import WrongNode
from chain.errors import ChainError, KeyFileError, Refused, Reverted, StillWaiting, UnsafeKey, WrongContract
from sla.errors import Kind, MakegoodError

ROOMS = ("sla", "record", "audit", "chain", "metering", "oracle", "api", "cli")


def all_errors() -> set[type[MakegoodError]]:
    for room in ROOMS:
        for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found: set[type[MakegoodError]] = set()
    pending = [MakegoodError]
    while pending:
        for error in pending.pop().__subclasses__():
            if error.__module__.split(".")[0] in ROOMS:
                found.add(error)
                pending.append(error)
    return found


def test_errors__of_all_rooms__say_their_kind() -> None:
    """Itself or by a parent; the root's own is for nobody."""
    errors = all_errors()
    silent = {
        error
        for error in errors
        if all("kind" not in vars(one) for one in error.__mro__[: error.__mro__.index(MakegoodError)])
    }

    assert len(errors) > 15
    assert silent == set()
    assert all(isinstance(error.kind, Kind) for error in errors)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ChainError, Kind.OUTSIDE),
        (StillWaiting, Kind.OUTSIDE),
        (Refused, Kind.REFUSED),
        (Reverted, Kind.REFUSED),
        (WrongContract, Kind.INPUT),
        (WrongNode, Kind.INPUT),
        (UnsafeKey, Kind.INPUT),
        (KeyFileError, Kind.INPUT),
    ],
)
def test_kind__of_the_chains_errors__is_whose_move_it_is(error: type[MakegoodError], kind: Kind) -> None:
    assert error.kind is kind
