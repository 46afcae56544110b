"""The API on a port of this machine, in a thread that can be stopped."""

from __future__ import annotations

import socket
import threading
import time

import uvicorn
from starlette.types import ASGIApp

from sla.errors import Kind, MakegoodError

START_SECONDS = 10
STOP_SECONDS = 5


class ServerError(MakegoodError):
    """The API could not be served there."""

    kind = Kind.OUTSIDE


class Server:
    """A running API at ``url``. ``stop`` it, or use it as a context."""

    def __init__(self, server: uvicorn.Server, thread: threading.Thread, url: str) -> None:
        self._server = server
        self._thread = thread
        self.url = url

    def stop(self) -> None:
        """Answer what is being answered, then end; at once when called again."""
        self._server.should_exit = True
        self._thread.join()

    def __enter__(self) -> Server:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()


def serve(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Server:
    """Serve ``app``; ``port`` 0 takes a free one. Returns once it answers. ServerError when the port cannot be had."""
    listening = _listen(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), name="api", daemon=True)
    thread.start()
    until = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            server.should_exit = True
            listening.close()
            raise ServerError(
                f"the API did not start within {START_SECONDS} s", "see the log, then try again"
            )
        time.sleep(0.01)
    shown = f"[{host}]" if ":" in host else host
    return Server(server, thread, f"http://{shown}:{listening.getsockname()[1]}")


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket. It names its protocol: asyncio turns off delays of small writes (40 ms each) only for those."""
    try:
        if not 0 <= port < 2**16:  # the C library would take the rest of a division
            raise OverflowError(f"ports run from 0 to {2**16 - 1}")
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen()
        except BaseException:
            listening.close()
            raise
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ServerError(
            f"the API cannot listen on {host}:{port}: {reason}", "choose another port"
        ) from error
    return listening
