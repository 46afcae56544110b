"""One world for each worker, brought back to its beginning before each test."""

import pytest

from tests.contracts.world import World


@pytest.fixture(scope="session")
def the_world() -> World:
    return World()


@pytest.fixture
def world(the_world: World) -> World:
    the_world.reset()
    return the_world
