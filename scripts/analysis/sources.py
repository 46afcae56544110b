"""What Slither reads: the contracts' syntax trees, by the project's compiler, without any code being generated.

Forge would compile for a minute what takes two seconds here. The file has the form of Hardhat's build information,
with empty bytecode, which no detector that we use looks at.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from scripts.setup import BIN, ROOT

_IMPORT = re.compile(r"""^\s*import\b[^"';]*["']([^"']+)["']""", re.MULTILINE)
_EMPTY = {"object": "", "linkReferences": {}, "sourceMap": ""}
_SELECTION = {"*": {"*": ["abi", "evm.methodIdentifiers"], "": ["ast"]}}


class SourcesRefused(Exception):
    """The compiler refused the contracts; the text is its own."""


def write_build_information(folder: Path) -> None:
    """Parse ``folder``/contracts, without those for tests, into ``folder``/out/build-info. SourcesRefused."""
    wanted = json.loads((folder / "contracts" / "solc.json").read_text())
    packages = json.loads((ROOT / "package.json").read_text())["dependencies"]
    remappings = [f"{name}/=node_modules/{name}/" for name in packages]
    request = {
        "language": "Solidity",
        "sources": _sources(folder),
        "settings": wanted["settings"] | {"remappings": remappings, "outputSelection": _SELECTION},
    }
    answer = subprocess.run(
        [BIN / "node", ROOT / "scripts" / "solc", "--standard-json"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    output: dict[str, Any] = json.loads(answer.stdout)
    for message in output.get("errors", []):
        if message["severity"] == "error":
            raise SourcesRefused(message["formattedMessage"])
    for contracts in output["contracts"].values():
        for contract in contracts.values():
            contract.setdefault("evm", {}).update(bytecode=_EMPTY, deployedBytecode=_EMPTY)
    information = {
        "id": "makegood",
        "_format": "hh-sol-build-info-1",
        "solcVersion": wanted["version"],
        "solcLongVersion": wanted["version"],
        "input": request,
        "output": output,
    }
    target = folder / "out" / "build-info" / "makegood.json"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(information))


def _sources(folder: Path) -> dict[str, dict[str, str]]:
    """Our contracts and what they import, by the path from ``folder``."""
    found: dict[str, dict[str, str]] = {}
    pending = [
        path.relative_to(folder).as_posix()
        for path in sorted((folder / "contracts").rglob("*.sol"))
        if "test" not in path.relative_to(folder).parts
    ]
    while pending:
        name = pending.pop()
        if name in found:
            continue
        content = (folder / name).read_text()
        found[name] = {"content": content}
        for target in _IMPORT.findall(content):
            near = os.path.normpath(os.path.join(os.path.dirname(name), target))
            pending.append(near if target.startswith(".") else f"node_modules/{target}")
    return found
