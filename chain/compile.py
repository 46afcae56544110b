"""Compiles contracts/ to build/contracts/ with py-solc-x.

Every file is compiled alone with the files it imports, so that a change costs only what depends on it, and under the
source names Hardhat gives them ("project/contracts/X.sol", "npm/package@version/Y.sol"), so that both hand the
compiler the same names in the same order: the code generator numbers what it reads.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OWN = "project/"
_IMPORT = re.compile(r"""^\s*import\b[^"';]*["']([^"']+)["']""", re.MULTILINE)


class CompileError(Exception):
    """The compiler refused a contract, or two contracts share a name; the text is for people."""


@dataclass(frozen=True, slots=True)
class _Package:
    prefix: str  # as imported: "solady/"
    name: str  # as Hardhat names it: "npm/solady@0.1.26/"
    folder: Path


def compile_contracts(root: Path) -> None:
    """Write build/contracts/NAME.json for all under contracts/: abi, bytecode, deployedBytecode, where libraries are
    linked into either (linkReferences, deployedLinkReferences), storageLayout.

    The folder is replaced as a whole; contracts of packages are not written. A file is compiled again only if it or
    what it imports changed. Warnings go to stderr. Raises CompileError.
    """
    artifacts: dict[str, Any] = {}
    files = sorted((root / "contracts").rglob("*.sol"))
    if files:
        settings = json.loads((root / "contracts" / "solc.json").read_text())
        packages = _packages(root)
        requests = [_request(root, file, packages, settings["settings"]) for file in files]
        compiler = _compiler(root, settings["version"])
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for found in pool.map(lambda request: _compile(root, request, compiler), requests):
                for name in found.keys() & artifacts.keys():
                    raise CompileError(f"Two contracts are called {name}, and artifacts are found by name.")
                artifacts.update(found)
    _write(root / "build" / "contracts", artifacts)


def _request(root: Path, file: Path, packages: list[_Package], settings: dict[str, Any]) -> dict[str, Any]:
    """Build the compiler's input for one file; the file itself is its first source."""
    name = OWN + file.relative_to(root).as_posix()
    remappings = [f"{OWN}:{package.prefix}={package.name}" for package in packages]
    # Code is generated for the file's own contracts only: most of the time goes there.
    selection = {name: settings["outputSelection"]["*"]}
    return {
        "language": "Solidity",
        "sources": _sources(root, name, packages),
        "settings": settings | {"remappings": remappings, "outputSelection": selection},
    }


def _compile(root: Path, request: dict[str, Any], compiler: Path) -> dict[str, Any]:
    """Compile a request, or take the answer to the same request from the cache; artifacts by contract name."""
    from solcx import compile_standard
    from solcx.exceptions import SolcError

    key = hashlib.sha256(f"{os.path.relpath(compiler, root)}\n{json.dumps(request)}".encode()).hexdigest()
    cached = root / "build" / "cache" / "contracts" / f"{key}.json"
    own_name = next(iter(request["sources"]))
    if cached.is_file():
        output = json.loads(cached.read_text())
    else:
        try:
            output = compile_standard(request, solc_binary=compiler, allow_empty=True)
        except SolcError as error:
            raise CompileError(error.message) from None
        _replace(cached, json.dumps(output))
    for message in output.get("errors", []):
        # A package's warnings are its authors' business; ours are shown once, with the file they lie in.
        if message.get("sourceLocation", {}).get("file") == own_name:
            print(message["formattedMessage"], file=sys.stderr)
    return {
        name: {
            "abi": contract["abi"],
            "bytecode": "0x" + contract["evm"]["bytecode"]["object"],
            "deployedBytecode": "0x" + contract["evm"]["deployedBytecode"]["object"],
            "linkReferences": contract["evm"]["bytecode"].get("linkReferences", {}),
            "deployedLinkReferences": contract["evm"]["deployedBytecode"].get("linkReferences", {}),
            "storageLayout": contract.get("storageLayout", {}),
        }
        for name, contract in output.get("contracts", {}).get(own_name, {}).items()
    }


def _sources(root: Path, entry: str, packages: list[_Package]) -> dict[str, dict[str, str]]:
    """Collect the entry and all it imports, by source name."""
    sources: dict[str, dict[str, str]] = {}
    pending = [entry]
    while pending:
        name = pending.pop()
        if name in sources:
            continue
        path = _path(root, name, packages)
        if not path.is_file():
            raise CompileError(f"{entry.removeprefix(OWN)} needs {path}, which does not exist.")
        content = path.read_text()
        sources[name] = {"content": content}
        pending += [_resolve(name, target, packages) for target in _IMPORT.findall(content)]
    return sources


def _resolve(importer: str, target: str, packages: list[_Package]) -> str:
    if target.startswith("."):
        return os.path.normpath(os.path.join(os.path.dirname(importer), target))
    for package in packages:
        if target.startswith(package.prefix):
            return package.name + target.removeprefix(package.prefix)
    raise CompileError(f"{importer.removeprefix(OWN)} imports {target}: no package of package.json has it.")


def _path(root: Path, name: str, packages: list[_Package]) -> Path:
    for package in packages:
        if name.startswith(package.name):
            return package.folder / name.removeprefix(package.name)
    return root / name.removeprefix(OWN)


def _packages(root: Path) -> list[_Package]:
    dependencies = json.loads((root / "package.json").read_text())["dependencies"]
    return [
        _Package(f"{name}/", f"npm/{name}@{version}/", root / "node_modules" / name)
        for name, version in dependencies.items()
    ]


def _compiler(root: Path, version: str) -> Path:
    """Find an installed native compiler of exactly this version, else the launcher of the npm package."""
    native = shutil.which("solc")
    if native:
        answer = subprocess.run([native, "--version"], capture_output=True, text=True, check=False).stdout
        if f"Version: {version}+" in answer:
            return Path(native)
    # The launcher finds Node on PATH, also when this Python was started without the virtual environment's.
    os.environ["PATH"] = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
    # py-solc-x makes its download folder on import, in the home directory unless told otherwise.
    folder = root / "build" / "cache" / "solcx"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("SOLCX_BINARY_PATH", str(folder))
    return root / "scripts" / "solc"


def _replace(path: Path, text: str) -> None:
    """Write a file so that a reader, or a killed run, never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


def _write(folder: Path, artifacts: dict[str, Any]) -> None:
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, artifact in artifacts.items():
        (fresh / f"{name}.json").write_text(json.dumps(artifact, indent=1) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


if __name__ == "__main__":
    try:
        compile_contracts(Path(__file__).resolve().parent.parent)
    except CompileError as error:
        sys.exit(str(error))
