"""The questions of ``oracle.ports.Peer`` between processes: over HTTP, every byte that comes in untrusted."""

from oracle.wire.client import OverHttp
from oracle.wire.server import NodeServer

__all__ = ["NodeServer", "OverHttp"]
