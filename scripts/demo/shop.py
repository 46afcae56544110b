"""The service that is measured: a real HTTP server on loopback that can be stopped and slowed."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Shop:
    """Listens on one port from ``start`` to ``stop``, as often as wanted."""

    def __init__(self) -> None:
        self.delay_seconds = 0.0
        self._server = self._listen(0)
        self.port = int(self._server.server_address[1])
        self._serve()

    @property
    def url(self) -> str:
        """Where the front page is."""
        return f"http://127.0.0.1:{self.port}/"

    def stop(self) -> None:
        """Close the port: connections are refused from now on."""
        self._server.shutdown()
        self._server.server_close()

    def start(self) -> None:
        """Open the port again."""
        self._server = self._listen(self.port)
        self._serve()

    def _listen(self, port: int) -> ThreadingHTTPServer:
        shop = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                time.sleep(shop.delay_seconds)
                body = b"<h1>Harbour Books</h1>\n"
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: the demo's progress is on the screen."""

        return ThreadingHTTPServer(("127.0.0.1", port), Page)

    def _serve(self) -> None:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
