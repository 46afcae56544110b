from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from metering.engine import Engine
from tests.unit.metering.serving import Serve, Server
from tests.unit.metering.spark_running import running_spark


@pytest.fixture(scope="session")
def spark() -> Iterator[Engine]:
    """One for all modules: a process has one Spark. Whoever asks for it belongs to the xdist group "spark"."""
    with running_spark() as engine:
        yield engine


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(answer: Callable[[socket.socket], None]) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
