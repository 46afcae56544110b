"""Servers on loopback that answer whatever a test wants, byte by byte."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable


class Server:
    """A socket that hands every connection to ``answer``; counts them."""

    def __init__(self, answer: Callable[[socket.socket], None]) -> None:
        self._answer = answer
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/health?deep=1"
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._answer(connection)
            except OSError:
                return


Serve = Callable[[Callable[[socket.socket], None]], Server]


def replying(text: bytes, after: float = 0.0, apart: float | None = None) -> Callable[[socket.socket], None]:
    """Answer with ``text``; ``apart`` seconds between its bytes."""

    def answer(connection: socket.socket) -> None:
        connection.recv(4_096)
        time.sleep(after)
        if apart is None:
            connection.sendall(text)
            return
        for byte in text:
            connection.sendall(bytes([byte]))
            time.sleep(apart)

    return answer
