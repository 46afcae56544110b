"""Writes an audit pack of a network, and the roots to check it against."""

from __future__ import annotations

import json
from pathlib import Path

from audit import TrustRoots, read_roots
from chain.http import HttpFailure, ask, origin
from chain.network import read_network
from chain.pack import FindBundle, export_pack
from cli.agreements import history_of
from cli.base import notes
from cli.network_option import reach
from cli.sending import working
from record.hexes import to_hex
from record.keccak import keccak256
from sla.errors import Kind, MakegoodError

MAX_BUNDLE_BYTES = 64 * 1024 * 1024
SECONDS = 20


class ExportError(MakegoodError):
    """A folder that is something else, or an API that does not answer as it should."""

    kind = Kind.OUTSIDE


def export(network_file: Path, folder: Path, api: str | None, as_json: bool) -> TrustRoots:
    """Write the pack to ``folder`` and ``FOLDER.roots.json`` beside it. An earlier pack there is replaced."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "pack.json").exists():
        raise ExportError(f"{folder} holds something other than a pack", "name a new folder")
    if folder.name in ("", ".."):
        folder = folder.resolve()
    network = read_network(network_file)
    connection, escrow = reach(network)
    with working("writing the pack: every block header since the deployment", as_json):
        committees = [
            address
            for address, committee in history_of(network, escrow).committees.items()
            if committee.terms.is_genuine
        ]
        if network.committee is not None and network.committee not in committees:
            committees.append(network.committee)
        roots = export_pack(
            connection,
            network.escrow,
            committees,
            network.first_block,
            bundles_of(api or network.api),
            folder,
        )
    file = folder.with_name(f"{folder.name}.roots.json")
    file.write_text(json.dumps(roots, indent=2) + "\n")
    if not as_json:
        notes().print(f"Pack written to {folder}, its roots to {file}.", markup=False)
    return read_roots(file.read_bytes())


def bundles_of(api: str | None) -> FindBundle:
    """Bundles from an API: what comes is kept only if it hashes to what was asked for."""

    def find(bundle: bytes) -> bytes | None:
        if api is None:
            return None
        url = f"{api.rstrip('/')}/bundles/{to_hex(bundle)}"
        try:
            answer = ask("GET", url, None, SECONDS, MAX_BUNDLE_BYTES)
        except HttpFailure as failure:
            raise ExportError(
                f"the API at {origin(api)} does not answer: {failure.reason}",
                "start the API, or name another with --api",
            ) from None
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise ExportError(
                f"the API at {origin(api)} answers {answer.status} for bundle {to_hex(bundle)}",
                "look into the API's log",
            )
        return answer.body if keccak256(answer.body) == bundle else None

    return find
