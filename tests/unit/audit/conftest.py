"""One short history for all tests of a worker."""

import pytest
from hypothesis import settings

from tests.unit.audit.story import Story, make_story

settings.register_profile("unit", deadline=None)
settings.load_profile("unit")


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return make_story(tmp_path_factory.mktemp("audit"))
