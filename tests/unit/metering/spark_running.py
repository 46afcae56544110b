"""A Spark as a cluster runs it, two executors in processes of their own, for the tests that compare engines."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from metering.engine import Engine, open_engine
from metering.engine.opening import CLUSTER_SPARK
from scripts import spark


def require_spark() -> None:
    """On CI Spark must be there; elsewhere a test without it is skipped."""
    if not spark.is_current():
        reason = "Spark and its Java are not in build/tools: run python -m scripts.tools --spark"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


_SHORT_LIVED = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
"""To compile thoroughly takes longer than these queries run: without it they take twice as long."""


@contextmanager
def running_spark() -> Iterator[Engine]:
    """The engine. It starts in a zone that is 5:45 from UTC, which must not show."""
    require_spark()
    sys.path.insert(0, str(spark.PACKAGES))
    try:
        with environment(spark.environment() | _SHORT_LIVED | {"TZ": "Asia/Kathmandu"}):
            engine = open_engine("spark", master=CLUSTER_SPARK)
        with engine:
            yield engine
    finally:
        sys.path.remove(str(spark.PACKAGES))


@contextmanager
def environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """These variables, in this process and what it starts."""
    before = dict(os.environ)
    os.environ.update(wanted)
    time.tzset()
    try:
        yield
    finally:
        for name in wanted:
            os.environ.pop(name)
        os.environ.update({name: before[name] for name in wanted if name in before})
        time.tzset()
