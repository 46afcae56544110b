"""One number out of a page of metrics: exact, or refused."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families as plain_families

from metering.sources.exposition import Exposed, read_value
from record.terms.ratios import ValueRatio
from sla.agreement import Comparator
from sla.errors import MeasurementError

# What the blackbox exporter 0.23 answers, shortened.
PAGE = """\
# HELP probe_dns_lookup_time_seconds Returns the time taken for probe dns lookup in seconds
# TYPE probe_dns_lookup_time_seconds gauge
probe_dns_lookup_time_seconds 5.6e-05
# TYPE probe_http_duration_seconds gauge
probe_http_duration_seconds{phase="connect"} 0.000112
probe_http_duration_seconds{phase="processing"} 0.30000000000000000001
# TYPE probe_success gauge
probe_success 1
"""


def wanted(metric: str, **labels: str) -> ValueRatio:
    return ValueRatio(metric, tuple(sorted(labels.items())), Comparator.AT_LEAST, Decimal(1))


def value(text: str, metric: str, **labels: str) -> str:
    return read_value(text, False, wanted(metric, **labels)).value


def refusal(text: str, ratio: ValueRatio, is_openmetrics: bool = False) -> str:
    with pytest.raises(MeasurementError) as refused:
        read_value(text, is_openmetrics, ratio)
    return refused.value.problem


def test_value__of_a_real_page__is_as_it_was_written() -> None:
    assert value(PAGE, "probe_success") == "1"
    assert value(PAGE, "probe_dns_lookup_time_seconds") == "5.6e-05"


def test_value__that_a_float_would_round__is_kept_to_the_last_digit() -> None:
    """As floats the two are equal; as decimals the sample is above the limit."""
    found = value(PAGE, "probe_http_duration_seconds", phase="processing")

    assert float(found) == 0.3
    assert not ValueRatio("m", (), Comparator.AT_MOST, Decimal("0.3")).is_good(Decimal(found))


def test_labels__chosen__are_those_asked_for_and_may_be_some_of_them() -> None:
    page = 'm{a="1",b="x y"} 1\nm{b="x\\"}\\\\\\n",a="2",} 2 \n m { c = "3" } 3\n'
    page = page.replace("\n m {", "\nm {")

    assert value(page, "m", a="1") == "1"
    assert value(page, "m", b='x"}\\\n') == "2"
    assert value(page, "m", c="3") == "3"


@pytest.mark.parametrize(
    ("ratio", "problem"),
    [
        (wanted("probe_successes"), "0 samples of probe_successes"),
        (wanted("probe_success", target="x"), "0 samples of probe_success target='x'"),
        (wanted("probe_http_duration_seconds"), "2 samples of probe_http_duration_seconds"),
    ],
)
def test_sample__missing_or_there_twice__is_refused(ratio: ValueRatio, problem: str) -> None:
    assert problem in refusal(PAGE, ratio)


def test_sample__duplicated__is_refused() -> None:
    assert "2 samples" in refusal("m 1\nm 1\n", wanted("m"))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("m NaN", "has no value"),
        ("m +Inf", "has no value"),
        ("m -inf", "has no value"),
        ("m 1e9999", "has a value that is no number"),
        ("m 0x1p3", "has a value that is no number"),
        ("m 1_000", "has a value that is no number"),
        ("m 1,5", "has a value that is no number"),
        ("m \u0661", "has a value that is no number"),
        ("m " + "1" * 41, "has a value that is no number"),
        ("m 1 1.5", "has a time that is none"),
        ("m 1 yesterday", "has a time that is none"),
        ("m", "is no sample"),
        ("m 1 2 3", "is no sample"),
        ('m{a="1" 1', "is no sample"),
        ('m{a="1"b="2"} 1', "has labels that are malformed"),
        ('m{a="1",a="1"} 1', "has labels that are malformed"),
        ('m{a="1",,} 1', "has labels that are malformed"),
        ("m{a=1} 1", "has labels that are malformed"),
        ('{"m"} 1', "is no sample"),
        ("<html>", "is no sample"),
        ('m 1 # {trace="1"} 1', "is no sample"),
        ("m 1\r", "has a value that is no number"),
    ],
)
def test_line__malformed__is_refused_with_its_number(line: str, problem: str) -> None:
    said = refusal(f"other 1\n{line}\n", wanted("m"))

    assert said.startswith("line 2 of the page, ")
    assert said.endswith(problem)


def test_page__cut_off__is_refused() -> None:
    assert "does not end with a line feed" in refusal("m 1\nm2 1", wanted("m"))
    assert "does not end with # EOF" in refusal("m 1\n", wanted("m"), is_openmetrics=True)
    assert "0 samples of m" in refusal("", wanted("m"))


def test_time__of_a_sample__is_in_the_unit_of_its_format() -> None:
    assert read_value("m 1 1795305478250\n", False, wanted("m")) == Exposed("1", 1_795_305_478_250)
    assert read_value("m 1 -5\n", False, wanted("m")) == Exposed("1", -5)
    assert read_value("m 1 1795305478.25\n# EOF\n", True, wanted("m")) == Exposed("1", 1_795_305_478_250)
    assert read_value("m 1 -1.5\n# EOF", True, wanted("m")) == Exposed("1", -1_500)


def test_exemplar__in_openmetrics__is_passed_over() -> None:
    page = '# TYPE m counter\nm_total 8 5 # {trace_id="a b"} 0.054 1.0\n# EOF\n'

    assert read_value(page, True, wanted("m_total")) == Exposed("8", 5_000)


def test_page__of_millions_of_lines__is_refused_at_once() -> None:
    """Two million of them fit into what is read of an answer, and took ten seconds of the node's time."""
    begin = time.monotonic()

    assert "more than 200000 lines" in refusal("y 1\n" * 2_000_000, wanted("up"))
    assert time.monotonic() - begin < 1


def test_line__of_eight_megabytes__is_refused_at_once() -> None:
    for line in ('m{a="' + "\\" * 8_000_000, "m{" + "," * 8_000_000, 'm{a="1",' + "a" * 8_000_000 + "} 1"):
        assert "line 1" in refusal(line + "\n", wanted("m"))


@settings(max_examples=300)
@given(st.text(alphabet='m{}a=",\\n 1.e-+#\n\t\rEOFNaN\u00e9', max_size=80), st.booleans())
def test_page__any_text__is_a_number_or_a_measurement_error(text: str, is_openmetrics: bool) -> None:
    try:
        found = read_value(text, is_openmetrics, wanted("m"))
    except MeasurementError:
        return
    assert Decimal(found.value).is_finite()


NAMES = st.from_regex(r"[a-z_:][a-z0-9_:]{0,6}", fullmatch=True)
LABELS = st.dictionaries(
    # The reference refuses names that begin with two underscores: they are Prometheus' own.
    st.from_regex(r"(?!__)[a-z_][a-z0-9_]{0,4}", fullmatch=True),
    st.text(max_size=6),
    max_size=3,
)
VALUES = st.one_of(
    st.integers(-(10**15), 10**15).map(str),
    st.decimals(-(10**6), 10**6, places=6).map(lambda value: format(value, "f")),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30).map(repr),
)


def written(name: str, labels: dict[str, str], value: str) -> str:
    def escaped(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    inner = ",".join(f'{key}="{escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{inner}}} {value}" if labels else f"{name} {value}"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(NAMES, LABELS, VALUES), min_size=1, max_size=6), st.booleans())
def test_page__any_valid_one__is_read_as_the_reference_reads_it(
    samples: list[tuple[str, dict[str, str], str]], is_openmetrics: bool
) -> None:
    """The reference is the parser of Prometheus' own Python client, which knows values only as floats."""
    samples = list(
        {
            (name, tuple(sorted(labels.items()))): (name, labels, value) for name, labels, value in samples
        }.values()
    )
    if is_openmetrics:
        samples = list({name: (name, labels, value) for name, labels, value in samples}.values())
    page = "".join(written(*sample) + "\n" for sample in samples) + ("# EOF\n" if is_openmetrics else "")
    parse = openmetrics_families if is_openmetrics else plain_families
    families = parse(page)
    reference = [sample for family in families for sample in family.samples]

    for name, labels, value in samples:
        like = [one for one in reference if one.name == name and labels.items() <= one.labels.items()]
        ratio = wanted(name, **labels)
        if len(like) == 1:
            found = read_value(page, is_openmetrics, ratio)
            assert found == Exposed(value, None)
            assert float(found.value) == like[0].value
        else:
            assert f"{len(like)} samples" in refusal(page, ratio, is_openmetrics)
