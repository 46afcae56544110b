"""Terms that inherit, against the plain rule: order, associativity where it must hold, the same again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.record.layered import merged, put_together, sla, spec_of

TEXTS = st.sampled_from(["1", "2", "3", "a", "10% of charge", "NULL", ""])
KEYS = st.sampled_from(["a", "b", "c", "x.y", "é"])
GROUPS = st.dictionaries(KEYS, TEXTS, max_size=3)
NAMES = ["Availability", "Latency", "[odd]", "7"]


@st.composite
def things(draw: st.DrawFn) -> list[dict[str, Any]]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    items = st.fixed_dictionaries({}, optional={"p": TEXTS, "tiers": st.lists(GROUPS, max_size=2)})
    return [{"name": name, **draw(items)} for name in names]


SPECS = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXTS,
        "group": GROUPS,
        "deep": st.fixed_dictionaries({}, optional={"one": GROUPS, "two": TEXTS}),
        "list": st.lists(TEXTS, max_size=3),
        "obligations": things(),
    },
)
"""Specs in which each member is of one kind always, and nothing is removed."""


def by_rule(base: Any, over: Any) -> Any:
    """The rule in its plainest form, over plain values."""
    if isinstance(base, dict) and isinstance(over, dict):
        found = dict(base)
        for key, value in over.items():
            if value == "null":
                del found[key]
            else:
                found[key] = by_rule(found[key], value) if key in found else value
        return found
    if is_named(base) and is_named(over):
        named = by_rule({each["name"]: each for each in base}, {each["name"]: each for each in over})
        return list(named.values())
    return over


def is_named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all("name" in each for each in value)


@st.composite
def patches(draw: st.DrawFn, base: Mapping[str, Any]) -> dict[str, Any]:
    """What may be laid over: anything that fits, some of it removing what is there."""
    over: dict[str, Any] = dict(draw(SPECS))
    for key in draw(st.lists(st.sampled_from(sorted(base)), unique=True)) if base else []:
        value = base[key]
        if isinstance(value, dict) and value and draw(st.booleans()):
            over[key] = {draw(st.sampled_from(sorted(value))): "null"}
        else:
            over[key] = "null"
    return over


@settings(max_examples=80)
@given(data=st.data())
def test_inherit__any_chain__is_what_the_plain_rule_gives(data: st.DataObject) -> None:
    specs: list[dict[str, Any]] = [data.draw(SPECS)]
    wanted: Any = specs[0]
    for _ in range(data.draw(st.integers(0, 3))):
        specs.append(data.draw(patches(wanted)))
        wanted = by_rule(wanted, specs[-1])
    found = merged(*specs)

    assert spec_of(found) == wanted
    assert json.dumps(spec_of(found)) == json.dumps(wanted)  # the order as well


@settings(max_examples=50)
@given(one=SPECS, two=SPECS, three=SPECS)
def test_inherit__nothing_removed_and_kinds_that_agree__is_associative(
    one: dict[str, Any], two: dict[str, Any], three: dict[str, Any]
) -> None:
    together = spec_of(merged(two, three))

    assert merged(one, together).text() == merged(one, two, three).text()


@settings(max_examples=50)
@given(data=st.data())
def test_inherit__merged_files_kept_and_built_upon__are_as_the_whole_chain(data: st.DataObject) -> None:
    """From the left it is always associative, removals included: a customer's merged terms can stand for its chain."""
    one = data.draw(SPECS)
    two = data.draw(patches(one))
    so_far = spec_of(merged(one, two))
    three = data.draw(patches(so_far))

    assert merged(so_far, three).text() == merged(one, two, three).text()


@settings(max_examples=50)
@given(one=SPECS, two=SPECS)
def test_inherit__the_same_again__changes_and_overrides_nothing(
    one: dict[str, Any], two: dict[str, Any]
) -> None:
    once, twice = merged(one, two), merged(one, two, two)

    assert twice.text() == once.text()
    assert twice.overrides == once.overrides
    alone = merged(one)
    assert spec_of(alone) == one
    assert put_together({"again": alone.text()}, "again").text() == alone.text()
    assert alone.overrides == ()


@settings(max_examples=50)
@given(data=st.data())
def test_inherit__overrides__lead_from_the_first_to_the_last(data: st.DataObject) -> None:
    """Undoing them from the end gives back every value that was replaced or removed."""
    one = data.draw(SPECS)
    two = data.draw(patches(one))
    found = merged(one, two)
    before = {each.path: each.value for each in merged(one).leaves}
    after = {each.path: each.value for each in found.leaves}

    assert {each.path: each.old for each in found.overrides} == {
        path: value for path, value in before.items() if after.get(path) != value
    }
    assert all(after.get(each.path) == each.new != each.old for each in found.overrides)
    assert all(each.document == "1" for each in found.leaves if before.get(each.path) != each.value)


@settings(max_examples=30)
@given(one=SPECS, two=SPECS, names=st.permutations(["a", "z/b", "é.yaml"]))
def test_inherit__files_of_other_names__give_the_same_bytes(
    one: dict[str, Any], two: dict[str, Any], names: list[str]
) -> None:
    top, left, right = names
    files = {top: sla([], one), left: sla([top], two), right: sla([left], {})}

    found = put_together(dict(sorted(files.items())), right)
    assert found.text() == merged(one, two, {}).text()
    assert found.layers == tuple(names)
