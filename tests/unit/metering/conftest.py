from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from tests.unit.metering.serving import Serve, Server


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(answer: Callable[[socket.socket], None]) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
