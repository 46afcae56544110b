"""Real monitors on loopback: nginx serves, a blackbox exporter probes it, Prometheus scrapes the exporter."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from scripts import tools

SCRAPE_SECONDS = 1


def require_tools() -> None:
    """On CI the tools must be there; elsewhere a test without them is skipped."""
    if not tools.MONITORS.is_current():
        reason = "the monitors are not in build/tools: run python -m scripts.tools"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Program:
    """One server, started and stopped as often as wanted; ``ready`` is a page that answers once it runs."""

    def __init__(self, command: Sequence[str | Path], ready: str, folder: Path) -> None:
        self._command = command
        self._ready = ready
        self._log = folder / f"{Path(command[0]).name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=tools.MONITORS.environment(),
            )
        end = time.monotonic() + 20
        while not answers(self._ready):
            if self._process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"{self._command[0]} did not start: {self._log.read_text()[-2_000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2):
            return True
    except (URLError, OSError):
        return False


class Monitored:
    """All three, running. ``shop`` is what is measured."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        ports = [free_port() for _ in range(3)]
        self.shop_url, self.blackbox_url, self.prometheus_url = (f"http://127.0.0.1:{port}" for port in ports)
        self.page_url = (
            f"{self.blackbox_url}/probe?module=http_2xx&target={quote(self.shop_url + '/', safe='')}"
        )
        (folder / "nginx.conf").write_text(_nginx(ports[0], folder))
        (folder / "blackbox.yml").write_text(_BLACKBOX)
        (folder / "prometheus.yml").write_text(_prometheus(self.shop_url, f"127.0.0.1:{ports[1]}"))
        self.shop = Program(
            [tools.NGINX, "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"], self.shop_url, folder
        )
        self.blackbox = Program(
            [
                tools.BLACKBOX,
                f"--config.file={folder / 'blackbox.yml'}",
                f"--web.listen-address=127.0.0.1:{ports[1]}",
                # How much sooner than the scrape its probe gives up: half a second, were it not said.
                "--timeout-offset=0.1",
            ],
            self.blackbox_url,
            folder,
        )
        self.prometheus = Program(
            [
                tools.PROMETHEUS,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{ports[2]}",
            ],
            f"{self.prometheus_url}/-/ready",
            folder,
        )
        for program in (self.shop, self.blackbox, self.prometheus):
            stack.callback(program.stop)
            program.start()


def _nginx(port: int, folder: Path) -> str:
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; master_process off; pid {folder}/nginx.pid; events {{}} "
        f"http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{port}; location / {{ return 200 ok; }} }} }}"
    )


_BLACKBOX = "modules: {http_2xx: {prober: http, timeout: 2s, http: {preferred_ip_protocol: ip4}}}\n"


def _prometheus(target: str, blackbox: str) -> str:
    return f"""
global: {{scrape_interval: {SCRAPE_SECONDS}s, scrape_timeout: {SCRAPE_SECONDS}s}}
scrape_configs:
  - job_name: shop
    metrics_path: /probe
    params: {{module: [http_2xx]}}
    static_configs: [{{targets: ["{target}/"]}}]
    relabel_configs:
      - {{source_labels: [__address__], target_label: __param_target}}
      - {{source_labels: [__param_target], target_label: instance}}
      - {{target_label: __address__, replacement: "{blackbox}"}}
"""
