"""The one Spark of this process: started for the first engine that asks, stopped when the last is closed."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from metering.engine.errors import EngineError, shown

_JAVA_REMEDY = "install Java 17 and have it on PATH, or in JAVA_HOME"

_LOGGING = """\
status = off
rootLogger.level = off
"""


@dataclass(slots=True)
class _Running:
    session: Any
    master: str
    folder: TemporaryDirectory[str]
    users: int


_running: _Running | None = None


class Lease:
    """A share in the process's Spark; all who have one use the same ``master``."""

    def __init__(self, master: str, memory_limit_bytes: int | None) -> None:
        global _running
        if _running is None:
            _running = _start(master, memory_limit_bytes)
        elif _running.master != master:
            raise EngineError(
                f"Spark runs already, as {_running.master}", f"close that engine before opening {master}"
            )
        _running.users += 1
        self.session = _running.session.newSession()
        self._open = True

    def close(self) -> None:
        """Gives the share back; the last one out stops Spark."""
        global _running
        if not self._open or _running is None:
            return
        self._open = False
        _running.users -= 1
        if _running.users == 0:
            running, _running = _running, None
            application = running.session.sparkContext.applicationId
            running.session.stop()
            _stop_java()
            running.folder.cleanup()
            # A local cluster keeps its executors' logs here, wherever the other folders are.
            shutil.rmtree(Path(os.environ["SPARK_HOME"]) / "work" / application, ignore_errors=True)


def _start(master: str, memory_limit_bytes: int | None) -> _Running:
    try:
        import pyspark
        from pyspark import SparkConf, SparkContext, java_gateway
        from pyspark.sql import SparkSession
    except ImportError:
        raise EngineError("Spark is not installed", "pip install makegood[spark]") from None
    _check_java()
    # A machine's own set-up of Spark must not leak in: other versions, other settings.
    os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    # Spark's own log of each failed query, call stacks included: the error says it already.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    folder = TemporaryDirectory(prefix="makegood-spark-")
    conf = SparkConf(loadDefaults=False).setMaster(master).setAppName("makegood")
    conf.setAll(list(_settings(Path(folder.name), memory_limit_bytes).items()))
    try:
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        # Named so that type checkers say the same whether Spark is installed or not.
        launch_gateway: Any = java_gateway.launch_gateway
        SparkContext._gateway = launch_gateway(conf, popen_kwargs=streams)
        SparkContext._jvm = SparkContext._gateway.jvm
        context = SparkContext(conf=conf)
        context.setLogLevel("OFF")
        session = SparkSession(context)
    except Exception as error:  # of py4j, of the JVM, of the operating system
        complaint = shown(error)
        if SparkContext._active_spark_context is not None:
            SparkContext._active_spark_context.stop()
        _stop_java()
        folder.cleanup()
        raise EngineError(
            f"Spark does not start as {master[:60]!r}: {complaint}",
            "check the master's address, the memory it may take, and Java",
        ) from None
    return _Running(session, master, folder, 0)


def _stop_java() -> None:
    """Ends the Java that Spark ran in. By itself it would stay until this process ends, with the settings of the first
    engine, and write to its folders when they are gone."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is None:
        return
    SparkContext._gateway = SparkContext._jvm = None
    gateway.shutdown()
    java = gateway.proc
    java.stdin.close()
    try:
        java.wait(timeout=30)
    except subprocess.TimeoutExpired:
        java.kill()
        java.wait()


def _settings(folder: Path, memory_limit_bytes: int | None) -> dict[str, str]:
    logging_file = folder / "log4j2.properties"
    logging_file.write_text(_LOGGING)
    options = f"-Duser.timezone=UTC -Dlog4j2.configurationFile={logging_file.as_uri()}"
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": options,
        "spark.executor.extraJavaOptions": options,
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        # An overflow is an error, not another number.
        "spark.sql.ansi.enabled": "true",
        "spark.sql.shuffle.partitions": "8",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if memory_limit_bytes is not None:
        settings["spark.driver.memory"] = f"{memory_limit_bytes >> 20}m"
    return settings


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None:
        raise EngineError("Spark needs Java, and there is none", _JAVA_REMEDY)
    try:
        said = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=60, check=True
        ).stderr
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineError(
            f"Spark needs Java, and {java} does not run: {shown(error)}", _JAVA_REMEDY
        ) from None
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < 17:
        found = said.splitlines()[0][:80] if said else "nothing"
        raise EngineError(f"Spark needs Java 17 or later, found {found}", _JAVA_REMEDY)
