"""Sources of type records: what the terms declare is what lands; what cannot be meant is refused where it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.engine import open_engine
from metering.landing import land
from metering.residency import Homes
from record.landing.declaration import (
    Clock,
    Constant,
    Declaration,
    How,
    Number,
    Rounding,
    Text,
    Time,
    Truth,
)
from record.landing.kinds import DIMENSIONS, KINDS, Column, Type
from record.terms.records import Records, read_records
from record.terms.section import Field
from record.terms.yaml_reading import read_documents
from sla.errors import TermsError
from tests.unit.record.records_terms import CALENDAR, INDICATOR, SOURCE, change, indicator_of, refusal, terms

DETAILS = "spec.connectionDetails"
NAME = Field("gateway", "metadata.name", 1)


def read(text: str) -> Records:
    """The ``connectionDetails`` alone."""
    (details,) = read_documents(text)
    return read_records(details, NAME)


def test_records__least_that_can_be_said__takes_the_rest_as_it_comes() -> None:
    connection = indicator_of(terms()).source.connection

    assert connection == Records(
        "gateway",
        Declaration(
            source="gateway",
            kind="counts",
            format="csv",
            columns={
                "time": Time("minute"),
                "seconds": Constant(60),
                "good": Number("answered"),
                "total": Number("received"),
            },
        ),
    )


def test_records__all_that_can_be_said__is_what_it_says() -> None:
    text = r"""
kind: tickets
format: csv
files: desk/incidents
columns:
  ticket: number
  time: {column: sys_updated_at, format: "%d-%m-%Y %H:%M", zone: Europe/Rome, twice: earlier, missing: "?"}
  sequence: {column: n, times: 10, per: 4, rounding: down, missing: ["-", "n/a"], otherwise: 7}
  state: {column: incident_state, words: {"Awaiting Vendor": held, "-100": open}, missing: "?"}
  priority: {constant: ""}
  group: {column: team}
  opened: {column: opened_at, format: milliseconds}
  client: {constant: acme}
lateness: 2 days
clock: {aheadMilliseconds: -250, within: 2 seconds}
notAfter:
  - {earlier: opened_at, later: {column: closed_at, format: iso, zone: UTC}}
delimiter: "\t"
encoding: latin-1
"""
    assert read(text) == Records(
        "desk/incidents",
        Declaration(
            source="gateway",
            kind="tickets",
            format="csv",
            columns={
                "ticket": Text("number"),
                "time": Time("sys_updated_at", "%d-%m-%Y %H:%M", "Europe/Rome", "earlier", ("", "?")),
                "sequence": Number("n", 10, 4, Rounding.DOWN, ("", "-", "n/a"), 7),
                "state": Text("incident_state", {"Awaiting Vendor": "held", "-100": "open"}, ("?",)),
                "priority": Constant(""),
                "group": Text("team"),
                "opened": Time("opened_at", "milliseconds"),
                "client": Constant("acme"),
            },
            clock=Clock(-250, 2),
            lateness_seconds=172_800,
            not_after=((Time("opened_at"), Time("closed_at", zone="UTC")),),
            delimiter="\t",
            encoding="latin-1",
        ),
    )


WORDS = st.text("abc Zè-_.:%|0123", min_size=1, max_size=8).filter(lambda text: text.strip() != "")
SETS = st.lists(WORDS, min_size=1, max_size=3, unique=True)
FORMATS = ["iso", "seconds", "nanoseconds", "%Y-%m-%d %H:%M", "%d %b %Y %I:%M:%S.%f %p%z"]


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"column": WORDS}, optional=fields)


@st.composite
def texts(draw: st.DrawFn, column: Column) -> tuple[How, Any]:
    if draw(st.booleans()):
        constant = draw(WORDS if column.name_it else st.one_of(WORDS, st.just("")))
        return Constant(constant), {"constant": constant}
    said = draw(optional(words=st.dictionaries(WORDS, WORDS, min_size=1, max_size=3), missing=SETS))
    return Text(said["column"], said.get("words"), tuple(said.get("missing", ()))), said


@st.composite
def numbers(draw: st.DrawFn, column: Column) -> tuple[How, Any]:
    within = st.integers(column.least, column.most)
    if draw(st.booleans()):
        constant = draw(within)
        return Constant(constant), {"constant": str(constant)}
    said = draw(
        optional(
            times=st.integers(1, 10**17),
            per=st.integers(1, 10**17),
            rounding=st.sampled_from([each.value for each in Rounding]),
            missing=SETS,
            otherwise=within,
        )
    )
    how = Number(
        said["column"],
        said.get("times", 1),
        said.get("per", 1),
        Rounding(said.get("rounding", "refuse")),
        ("", *said.get("missing", ())),
        said.get("otherwise"),
    )
    return how, {name: value if isinstance(value, list) else str(value) for name, value in said.items()}


@st.composite
def truths(draw: st.DrawFn, column: Column) -> tuple[How, Any]:
    if draw(st.booleans()):
        constant = draw(st.booleans())
        return Constant(constant), {"constant": str(constant).lower()}
    both = draw(st.lists(WORDS, min_size=2, max_size=4, unique=True))
    said = draw(optional(missing=SETS)) | {"true": both[:1], "false": both[1:]}
    return Truth(
        said["column"], tuple(both[:1]), tuple(both[1:]), ("", *said.get("missing", ()))
    ), said  # fmt: skip


@st.composite
def times(draw: st.DrawFn, column: Column) -> tuple[How, Any]:
    said = draw(optional(missing=SETS, twice=st.sampled_from(["refuse", "earlier", "later"])))
    said |= {
        "format": draw(st.sampled_from(FORMATS)),
        "zone": draw(st.sampled_from(["UTC", "Asia/Kathmandu"])),
    }
    how = Time(
        said["column"],
        said["format"],
        said["zone"],
        said.get("twice", "refuse"),
        ("", *said.get("missing", ())),
    )
    return how, said


MAKERS = {
    Type.TEXT: texts,
    Type.NUMBER: numbers,
    Type.TRUTH: truths,
    Type.TIME: times,
    Type.TIME_MS: times,
}


@st.composite
def declarations(draw: st.DrawFn) -> tuple[Declaration, dict[str, Any]]:
    """A declaration, and the same as terms say it."""
    kind = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    columns, said = {}, {}
    for column in kind.columns:
        may_lack = column.optional or column.name in DIMENSIONS
        if not may_lack or draw(st.booleans()):
            columns[column.name], said[column.name] = draw(MAKERS[column.type](column))
    file_format = draw(st.sampled_from(["csv", "jsonl", "parquet"]))
    details: dict[str, Any] = {"kind": kind.name, "format": file_format, "columns": said}
    ahead, within = draw(st.integers(-3_600_000, 3_600_000)), draw(st.integers(0, 3_600))
    late, earlier = draw(st.integers(0, 400 * 86_400)), draw(WORDS)
    if draw(st.booleans()):
        details |= {"clock": {"aheadMilliseconds": str(ahead), "within": f"{within} seconds"}}
        details |= {"lateness": f"{late} seconds", "notAfter": [{"earlier": earlier, "later": earlier}]}
    else:
        ahead, within, late, earlier = 0, 0, 0, ""
    delimiter = draw(st.sampled_from([",", ";", "\t", "|", " "])) if file_format == "csv" else ","
    if file_format == "csv":
        details |= {"delimiter": delimiter, "encoding": "utf-8"}
    pairs = ((Time(earlier), Time(earlier)),) if earlier else ()
    declaration = Declaration(
        NAME.text, kind.name, file_format, columns, Clock(ahead, within), late, pairs, delimiter
    )
    return declaration, details


@settings(max_examples=25, deadline=None)
@given(declared=declarations())
def test_records__declared_in_terms__is_the_declaration_one_would_have_made(
    declared: tuple[Declaration, dict[str, Any]],
) -> None:
    declaration, details = declared

    assert read(json.dumps(details, ensure_ascii=False)) == Records(NAME.text, declaration)


def test_records__declared_in_terms__land_as_they_say(tmp_path: Path) -> None:
    """On the clocks of Kathmandu, between tabs, in the source's words; what these do not cover is refused."""
    text = r"""
kind: states
format: csv
columns:
  time: {column: at, format: "%d.%m.%Y %H:%M", zone: Asia/Kathmandu}
  subject: {constant: ""}
  state: {column: s, words: {UP: up, "0": down}}
  client: {column: who, missing: "-"}
clock: {aheadMilliseconds: 60000}
delimiter: "\t"
encoding: latin-1
"""
    folder = tmp_path / "gateway"
    folder.mkdir()
    rows = (
        "at\ts\twho",
        "31.01.2026 17:21\tUP\tCaf\xe9",
        "31.01.2026 17:22\t0\t-",
        "31.01.2026 17:23\tup\tx",
    )
    (folder / "a.csv").write_bytes("\n".join(rows).encode("latin-1"))
    homes = Homes(tmp_path / "lake")
    result = land(folder, read(text).declaration, homes, 1_800_000_000)
    with open_engine(threads=1) as engine:
        found = engine.collect(homes.read(engine, ["gateway"], 0, 1_800_000_000)).to_pylist()

    # 17:21 there is 11:36 UTC, a minute by which the clock is ahead taken off.
    noon = 1_769_860_800
    assert sorted((row["time"], row["state"], row["client"], row["subject"]) for row in found) == [
        (noon - 25 * 60, "up", "Caf\xe9", ""),
        (noon - 24 * 60, "down", "", ""),
    ]
    assert result.refused == {"unknown word": 1}


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("kind: counts", "kind: dreams", "kind", "'dreams' is no kind of record"),
        ("kind: counts\n    ", "", "kind", "is missing"),
        ("format: csv", "format: xlsx", "format", "'xlsx' is no format of files"),
        ("      good: answered\n", "", "columns.good", "is missing"),
        ("      good: answered", "      status: answered", "columns.status", "is not a known field"),
        ("good: answered", "good: [answered]", "columns.good", "is not a group of fields"),
        ("good: answered", 'good: ""', "columns.good", "is empty"),
        ("good: answered", "good: {times: 2}", "columns.good.column", "is missing"),
        ("good: answered", "good: {column: a, unit: s}", "columns.good.unit", "is not a known field"),
        ("good: answered", "good: {column: a, times: 0}", "columns.good", "'0/1' converts nothing"),
        ("good: answered", "good: {column: a, per: -1}", "columns.good.per", "is not a whole number in range"),
        ("good: answered", "good: {column: a, times: 1.5}", "columns.good.times", "is not a whole number in range"),
        ("good: answered", "good: {column: a, rounding: half}", "columns.good.rounding", "'half' is no rounding"),
        ("good: answered", "good: {column: a, otherwise: -1}", "columns.good", "'-1' is out of range"),
        ("good: answered", "good: {column: a, otherwise: none}", "columns.good.otherwise", "is not a whole number"),
        ("good: answered", "good: {column: a, missing: [x, x]}", "columns.good.missing[1]", "stands twice"),
        ("good: answered", "good: {column: a, missing: []}", "columns.good.missing", "is an empty list"),
        ("constant: 60", "constant: 0", "columns.seconds", "'0' is out of range"),
        ("constant: 60", "constant: +60", "columns.seconds.constant", "is not a whole number in range"),
        ("constant: 60", "constant: 1e3", "columns.seconds.constant", "is not a whole number in range"),
        ("constant: 60", f"constant: {10**18}", "columns.seconds.constant", "is not a whole number in range"),
        ("constant: 60", "constant: 60, column: b", "columns.seconds.column", "is not a known field"),
        ("time: minute", "time: {constant: 2027}", "columns.time.constant", "'2027' is no time of each record"),
        ("time: minute", "time: {column: a, format: unix}", "columns.time", "'unix' is no format of times"),
        ("time: minute", "time: {column: a, format: '%d.%m.%Y %H:%M'}", "columns.time", "has no zone"),
        ("time: minute", "time: {column: a, format: '%Y', zone: UTC}", "columns.time", "does not tell a moment"),
        ("time: minute", "time: {column: a, zone: Mars}", "columns.time", "'Mars' is not a time zone"),
        ("time: minute", "time: {column: a, twice: both}", "columns.time", "'both' does not say which is meant"),
        ("      good:", "      client: {column: a, words: {}}\n      good:", "columns.client.words",
         "gives no word a meaning"),
        ("      good:", "      client: {column: a, words: {a: [b]}}\n      good:", "columns.client.words.a",
         "is not a single value"),
        ("      good:", '      client: {constant: "a\\tb"}\n      good:', "columns.client", "is no text that is kept"),
        ("    format:", "    clock: {aheadMilliseconds: 3600001}\n    format:", "clock.aheadMilliseconds",
         "'3600001' ms is no skew"),
        ("    format:", "    clock: {aheadMilliseconds: --5}\n    format:", "clock.aheadMilliseconds",
         "'--5' is not a whole number in range"),
        ("    format:", "    clock: {within: 2 hours}\n    format:", "clock.within", "'7200' s is no bound"),
        ("    format:", "    clock: {behind: 5}\n    format:", "clock.behind", "is not a known field"),
        ("    format:", "    lateness: 401 days\n    format:", "lateness", "'34646400' is out of range"),
        ("    format:", "    lateness: soon\n    format:", "lateness", "is not a duration"),
        ("    format:", "    notAfter: []\n    format:", "notAfter", "is not a list"),
        ("    format:", "    notAfter: [{earlier: a}]\n    format:", "notAfter[0].later", "is missing"),
        ("    format:", "    notAfter: [{earlier: a, later: [b]}]\n    format:", "notAfter[0].later",
         "is not a single value"),
        ("    format:", "    notAfter: [{earlier: a, later: {column: b, format: x}}]\n    format:",
         "notAfter[0].later", "'x' is no format of times"),
        ("    format:", '    delimiter: ";;"\n    format:', "delimiter", "';;' delimits nothing"),
        ("    format:", "    delimiter: \"'\\n'\"\n    format:", "delimiter", "delimits nothing"),
        ("    format: csv", '    delimiter: ";"\n    format: jsonl', "delimiter", "says nothing about jsonl"),
        ("    format: csv", "    encoding: utf-8\n    format: parquet", "encoding", "says nothing about parquet"),
        ("    format:", "    encoding: utf-7\n    format:", "encoding", "'utf-7' is not read here"),
        ("    format:", "    files: /etc\n    format:", "files", "'/etc' may lie outside the data folder"),
        ("    format:", "    files: a/../../b\n    format:", "files", "may lie outside the data folder"),
        ("    format:", '    files: "c:\\\\b"\n    format:', "files", "may lie outside the data folder"),
        ("    format:", "    path: a.csv\n    format:", "path", "is not a known field"),
    ],
)  # fmt: skip
def test_records__one_thing_wrong__is_refused_by_field_and_line(
    old: str, new: str, path: str, problem: str
) -> None:
    found = refusal(terms(source=change(old, new, SOURCE)))

    assert found[0] == f"{DETAILS}.{path}"
    assert problem in found[1]


def test_records__truths__are_told_apart_or_refused() -> None:
    probes = change("kind: counts", "kind: probes", SOURCE).partition("    columns:\n")[0] + (
        "    columns:\n      time_ms: at\n      known: {column: k, true: [yes, 1]}\n"
        "      status: {column: s, otherwise: 0}\n      latency_us: {column: ms, times: 1000}\n"
    )
    counted = INDICATOR + "        count: up\n"
    connection = indicator_of(terms(source=probes, indicator=counted)).source.connection
    assert isinstance(connection, Records)
    assert connection.declaration.columns["known"] == Truth("k", ("yes", "1"), ("false",))

    for known, path, problem in (
        ("{constant: yes}", "known.constant", "'yes' is neither true nor false"),
        ("{column: k, true: false}", "known", "does not tell true from false"),
        ("{column: k, true: []}", "known.true", "is an empty list"),
    ):
        text = terms(change("{column: k, true: [yes, 1]}", known, probes), counted)
        found = refusal(text)
        assert found[0] == f"{DETAILS}.columns.{path}"
        assert problem in found[1]


def test_records__source_whose_name_names_no_folder__is_refused_at_its_name() -> None:
    source = change("name: gateway", "name: Gate Way", SOURCE)
    indicator = change("metricSourceRef: gateway", "metricSourceRef: Gate Way", INDICATOR)

    assert refusal(terms(source, indicator, CALENDAR)) == (
        "metadata.name",
        "'Gate Way' cannot name a source",
    )


def test_records__name_that_is_empty_for_all__is_refused() -> None:
    text = "kind: faults\nformat: csv\ncolumns: {fault: {constant: ''}, start: a, subject: b}"
    with pytest.raises(TermsError, match=r"columns\.fault .*is the same empty name for all"):
        read(text)
