"""Brings Spark and the Java it runs on into build/tools, for the tests and measurements that need them.

They weigh 430 MB to download and 650 MB on disk, so only who asks for them has them. Spark is installed in a folder of
its own, by ``locks/spark.txt``: the set-up removes from the virtual environment what its own lock does not name.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil

from scripts.debian import FOLDER, ToolsError, Unpacked
from scripts.setup import BIN, ROOT, SetupError, run

LOCK = ROOT / "locks" / "spark.txt"
PACKAGES = FOLDER / "spark"
"""Where the Python packages are; to be put on the path."""

JAVA = Unpacked(
    "java",
    "Java and Spark",
    (("openjdk-17-jre-headless", "openjdk-21-jre-headless"),),
    ("usr/lib/jvm/java-*-openjdk-*/bin/java", "usr/lib/jvm/java-*-openjdk-*/lib/server/libjvm.so"),
)


def is_current() -> bool:
    """Whether what the lock names is there, and a Java."""
    stamp = PACKAGES / ".stamp"
    return JAVA.is_current() and stamp.is_file() and stamp.read_text() == _wanted()


def bring() -> None:
    """Download and install what is not there. ToolsError says what is missing."""
    if not JAVA.is_current():
        JAVA.bring()
    fresh = PACKAGES.with_name("spark.new")
    shutil.rmtree(fresh, ignore_errors=True)
    print(f"Spark is brought into {PACKAGES}.", flush=True)
    # There is no wheel of it; what builds one is in the virtual environment. Kept in no cache: it would be three times
    # the size of what is installed.
    how = ("--require-hashes", "--no-deps", "--no-build-isolation", "--no-cache")
    try:
        run("spark", [BIN / "uv", "pip", "install", *how, "--target", fresh, "-r", LOCK])
    except SetupError as error:
        raise ToolsError(str(error)) from None
    (fresh / ".stamp").write_text(_wanted())
    shutil.rmtree(PACKAGES, ignore_errors=True)
    fresh.replace(PACKAGES)


def environment() -> dict[str, str]:
    """What is to be added to the environment of a process that runs Spark, and of its children."""
    java = next(JAVA.root.glob(JAVA.programs[0])).resolve()
    libraries = JAVA.environment().get("LD_LIBRARY_PATH")
    before = os.environ.get("PYTHONPATH")
    return {
        "JAVA_HOME": str(java.parents[1]),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PACKAGES), before])),
        **({"LD_LIBRARY_PATH": libraries} if libraries else {}),
    }


def _wanted() -> str:
    return hashlib.sha256(LOCK.read_bytes() + platform.python_version().encode()).hexdigest()
