"""Writes the locks again, from pyproject.toml, locks/*.in and package.json; pins that still fit stay."""

import sys

from scripts.setup import BIN, SetupError, run

# One lock for every Python the set-up takes; neither addresses nor paths get into it.
LOCK = (
    *(BIN / "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate"),
)


def main() -> None:
    """Run uv once a lock and npm once."""
    try:
        run("uv", [*LOCK, "locks/uv.in", "--output-file", "locks/uv.txt"])
        run("uv", [*LOCK, "locks/analysis.in", "--output-file", "locks/analysis.txt"])
        run("uv", [*LOCK, "locks/spark.in", "--output-file", "locks/spark.txt"])
        run("uv", [*LOCK, "pyproject.toml", "--extra", "dev", "--output-file", "locks/python.txt"])
        run("npm", [BIN / "npm", "install", "--package-lock-only", "--ignore-scripts"])
    except SetupError as error:
        sys.exit(str(error))
    print("The locks are written: git diff shows what changed.")


if __name__ == "__main__":
    main()
