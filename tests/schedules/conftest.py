from __future__ import annotations

from collections.abc import Iterator

import pytest

from metering.engine import Engine, open_engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened
