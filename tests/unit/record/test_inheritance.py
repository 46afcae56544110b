"""Terms that inherit: what the files say decides, never what they are called; and everything tells where it is from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from record.canonical import Json
from record.terms import load_terms
from record.terms.inheritance import InheritanceError, Leaf, Override, inherit, read_layer
from record.terms.layers import MAX_CHAIN, MAX_LAYERS
from sla.errors import TermsError
from tests.unit.cli.terms_hostile import CUSTOMER, change
from tests.unit.record.layered import put_together, sla, spec_of

ENTERPRISE = """\
kind: SLA
metadata:
  name: enterprise
spec:
  reportWithin: 7 days
  dispute:
    window: 3 days
    rulingWithin: 14 days
  obligations:
    - name: Availability
      objective: at least 99%
      owner: Operations
      tiers:
        - below: 99%
          pay: 5% of charge
    - name: Latency
      objective: at most 200
"""
CUSTOMER_FILE = """\
kind: SLA
inherits: enterprise.yaml
metadata:
  name: acme
spec:
  dispute:
    window: 5 days
  reportWithin: 7 days
  obligations:
    - name: Availability
      tiers:
        - below: 99%
          pay: 10% of charge
    - name: Support
      objective: at most 4 hours
"""
GOLD = """\
kind: SLA
inherits: [acme]
metadata:
  name: gold
spec:
  obligations:
    Latency: null
    Availability:
      objective: at least 99.9%
      owner: null
"""
FILES = {"enterprise.yaml": ENTERPRISE, "acme.yaml": CUSTOMER_FILE, "gold.yaml": GOLD}


def refusal(files: Mapping[str, str], name: str) -> str:
    with pytest.raises(InheritanceError) as refused:
        put_together(files, name)
    assert refused.value.remedy
    assert refused.value.file in files
    return str(refused.value)


def test_inherit__three_levels__is_the_document_one_would_have_written() -> None:
    assert (
        put_together(FILES, "gold.yaml").text()
        == """\
kind: SLA
metadata:
  name: gold
spec:
  reportWithin: 7 days
  dispute:
    window: 5 days
    rulingWithin: 14 days
  obligations:
    - name: Availability
      objective: at least 99.9%
      tiers:
        - below: 99%
          pay: 10% of charge
    - name: Support
      objective: at most 4 hours
"""
    )


def test_inherit__three_levels__tells_what_was_overridden_by_whom() -> None:
    found = put_together(FILES, "gold.yaml")

    assert found.layers == ("enterprise.yaml", "acme.yaml", "gold.yaml")
    path = "SLA.spec.obligations"
    old: Json = [{"below": "99%", "pay": "5% of charge"}]
    new: Json = [{"below": "99%", "pay": "10% of charge"}]
    top, middle, last = found.layers
    assert found.overrides == (
        Override("SLA.metadata.name", "enterprise", "acme", top, 3, middle, 4),
        Override("SLA.spec.dispute.window", "3 days", "5 days", top, 7, middle, 7),
        Override(f"{path}[Availability].tiers", old, new, top, 14, middle, 12),
        Override("SLA.metadata.name", "acme", "gold", middle, 4, last, 4),
        Override(f"{path}[Latency].name", "Latency", None, top, 16, last, 7),
        Override(f"{path}[Latency].objective", "at most 200", None, top, 17, last, 7),
        Override(f"{path}[Availability].objective", "at least 99%", "at least 99.9%", top, 11, last, 9),
        Override(f"{path}[Availability].owner", "Operations", None, top, 12, last, 10),
    )


def test_inherit__each_leaf__tells_the_file_and_line_that_gave_it_last() -> None:
    leaves = put_together(FILES, "gold.yaml").leaves

    assert [(each.path.removeprefix("SLA."), each.document, each.line) for each in leaves] == [
        ("kind", "gold.yaml", 1),
        ("metadata.name", "gold.yaml", 4),
        ("spec.reportWithin", "acme.yaml", 8),
        ("spec.dispute.window", "acme.yaml", 7),
        ("spec.dispute.rulingWithin", "enterprise.yaml", 8),
        ("spec.obligations[Availability].name", "acme.yaml", 10),
        ("spec.obligations[Availability].objective", "gold.yaml", 9),
        ("spec.obligations[Availability].tiers", "acme.yaml", 12),
        ("spec.obligations[Support].name", "acme.yaml", 14),
        ("spec.obligations[Support].objective", "acme.yaml", 15),
    ]
    assert leaves[-1] == Leaf("SLA.spec.obligations[Support].objective", "at most 4 hours", "acme.yaml", 15)


SHARED = change(
    f"""\
    customer:
      name: Harbour
      address: "{CUSTOMER}"
""",
    "",
)
NAMED = f"""\
apiVersion: makegood/v1
kind: SLA
inherits: shared
metadata:
  name: shop
spec:
  parties:
    customer:
      name: Harbour
      address: "{CUSTOMER}"
---
apiVersion: openslo/v1
kind: DataSource
metadata:
  name: probe
spec:
  connectionDetails:
    intervalMilliseconds: 30000
"""


def test_inherit__terms_that_are_whole_only_together__are_signed_as_if_written_in_one() -> None:
    found = put_together({"shared": SHARED, "shop": NAMED}, "shop")
    by_hand = load_terms(change("intervalMilliseconds: 60000", "intervalMilliseconds: 30000"))
    loaded = load_terms(found.text())

    assert loaded.document_hash == by_hand.document_hash
    assert loaded.agreement() == by_hand.agreement()
    with pytest.raises(TermsError, match=r"inherits .*: builds on other files"):
        load_terms(NAMED)


def test_placed__an_error_in_the_merged_terms__names_the_file_it_is_in() -> None:
    found = put_together({"shared": SHARED, "shop": NAMED}, "shop")
    agreement = found.documents[-1]
    assert agreement.text("kind") == "SLA"
    spec = agreement.section("spec")
    tier = spec.sections("obligations")[0].sections("tiers")[1]
    customer = spec.section("parties").section("customer")

    def file_of(error: TermsError) -> tuple[str | None, int | None, str]:
        placed = found.placed(error)
        return placed.file, placed.line, placed.path

    line = 1 + SHARED.splitlines().index("          pay: 30% of charge")
    assert file_of(tier.field("pay").refuse("is odd", "mend it")) == (
        "shared", line, "spec.obligations[0].tiers[1].pay",
    )  # fmt: skip
    assert file_of(customer.field("address").refuse("is odd", "mend it"))[:2] == ("shop", 10)
    with pytest.raises(TermsError) as missing:
        customer.field("phone")
    assert file_of(missing.value) == ("shop", 9, "spec.parties.customer.phone")
    assert file_of(TermsError("nowhere", "is odd", "mend it")) == ("shop", None, "nowhere")


def test_inherit__two_parents_with_one_of_their_own__lays_it_below_both() -> None:
    """What the left one overrides, the right one does not undo by inheriting the old value."""
    files = {
        "root": sla([], {"x": "root", "y": "root", "z": "root"}),
        "left": sla(["root"], {"x": "left", "y": "left"}),
        "right": sla(["root"], {"y": "right"}),
        "child": sla(["left", "right"], {"w": "child"}),
        "other": sla(["right", "left"], {}),
    }
    assert spec_of(put_together(files, "child")) == {"x": "left", "y": "right", "z": "root", "w": "child"}
    assert spec_of(put_together(files, "other")) == {"x": "left", "y": "left", "z": "root"}
    assert put_together(files, "child").layers == ("root", "left", "right", "child")


def test_inherit__named_in_an_order_that_is_contradicted__is_refused() -> None:
    files = {"root": sla([], {}), "left": sla(["root"], {}), "child": sla(["left", "root"], {})}

    assert "names 'root' after 'left', but what else is inherited puts it before" in refusal(files, "child")


@pytest.mark.parametrize(
    ("links", "circle"),
    [
        ({"a": ["a"]}, "a -> a"),
        ({"a": ["b"], "b": ["a"]}, "a -> b -> a"),
        ({"a": ["b"], "b": ["c"], "c": ["b"]}, "b -> c -> b"),
    ],
)
def test_inherit__a_circle__is_refused_and_shown(links: dict[str, list[str]], circle: str) -> None:
    files = {name: sla(parents, {}) for name, parents in links.items()}

    assert f"closes a circle: {circle};" in refusal(files, "a")


def test_inherit__a_chain_too_long__is_refused_by_whatever_way_it_is_reached() -> None:
    chain = {str(n): sla([str(n - 1)] if n else [], {}) for n in range(MAX_CHAIN + 1)}
    assert len(put_together(chain, str(MAX_CHAIN - 1)).layers) == MAX_CHAIN
    assert "a chain of more than 8 files" in refusal(chain, str(MAX_CHAIN))
    # The middle is known already when the long way comes to it.
    around = {"side": sla([str(MAX_CHAIN - 2)], {}), "top": sla(["3", "side"], {})}
    assert "a chain of more than 8 files" in refusal({**chain, **around}, "top")


def test_inherit__files_without_an_end__are_refused_after_a_few() -> None:
    asked = []

    def find(reference: str, inheritor: str) -> Any:
        asked.append(reference)
        return read_layer(reference, sla([reference + "0", reference + "1"], {}))

    with pytest.raises(InheritanceError, match="a chain of more than 8 files"):
        inherit(read_layer("1", sla(["10"], {})), find)
    assert len(asked) == MAX_CHAIN


def test_inherit__too_many_files__are_refused() -> None:
    files = {str(n): sla([], {}) for n in range(MAX_LAYERS)}
    many = list(files)

    assert len(put_together({**files, "top": sla(many[1:], {})}, "top").layers) == MAX_LAYERS
    assert "more than 32 files" in refusal({**files, "top": sla(many, {})}, "top")


def test_inherit__a_name_of_several__is_refused_and_a_file_goes_before_a_name() -> None:
    files = {"one": sla([], {"v": "1"}, "acme"), "two": sla([], {"v": "2"}, "acme")}
    child = {"child": sla(["acme"], {}, "acme")}

    assert "'acme' is the name of several; name the file" in refusal({**files, **child}, "child")
    by_file = put_together({**files, **child, "acme": sla([], {"v": "3"}, "one")}, "child")
    assert spec_of(by_file) == {"v": "3"}


BASE = sla([], {"a": "1", "g": {"x": "1"}, "named": [{"name": "n", "v": "1"}], "list": ["1"]})
HALF = sla([], {"half": [{"name": "n"}, {"v": "1"}], "twice": [{"name": "n"}, {"name": "n"}]})


@pytest.mark.parametrize(
    ("base", "over", "problem"),
    [
        (BASE, {"b": "null"}, "spec.b (line 1): removes what is not inherited"),
        (BASE, {"g": {"y": "null"}}, "spec.g.y (line 1): removes what is not inherited"),
        (BASE, {"new": {"y": "null"}}, "spec.new.y (line 1): removes what is not inherited"),
        (BASE, {"list": ["null"]}, "spec.list[0] (line 1): removes what is not inherited"),
        (BASE, {"named": {"m": "null"}}, "spec.named.m (line 1): removes what is not inherited"),
        (BASE, {"named": [{"v": "2"}]}, "its own have none, or one twice"),
        (BASE, {"named": [{"name": "n"}, {"name": "n"}]}, "its own have none, or one twice"),
        (BASE, {"named": []}, "its own have none, or one twice"),
        (BASE, {"named": "none"}, "its own have none, or one twice"),
        (BASE, {"named": {"n": "2"}}, "spec.named.n (line 1): is no group of fields"),
        (BASE, {"named": {"n": {"name": "m"}}}, "spec.named.n.name (line 1): is 'n' already"),
        (BASE, {"named": {"m": {"v": "2"}}}, "spec.named.m (line 1): is not inherited; add it as an item"),
        (HALF, {"half": [{"name": "n", "v": "2"}]}, "some items have no name of their own (base, line 1)"),
        (HALF, {"twice": [{"name": "n", "v": "2"}]}, "some items have no name of their own (base, line 1)"),
    ],
)
def test_inherit__what_is_not_clear__is_refused(base: str, over: dict[str, Any], problem: str) -> None:
    found = refusal({"base": base, "over": sla(["base"], over)}, "over")

    assert found.startswith("over: spec.")
    assert problem in found


@pytest.mark.parametrize(
    ("over", "spec", "gone"),
    [
        ({"g": "text"}, {"g": "text"}, [("SLA.spec.g.x", None)]),
        ({"a": {"b": "2"}}, {"a": {"b": "2"}}, [("SLA.spec.a", None)]),
        ({"list": []}, {"list": []}, [("SLA.spec.list", [])]),
        ({"list": [{"name": "n"}]}, {"list": [{"name": "n"}]}, [("SLA.spec.list", None)]),
        (
            {"named": "null"},
            {"named": None},
            [("SLA.spec.named[n].name", None), ("SLA.spec.named[n].v", None)],
        ),
    ],
)
def test_inherit__another_kind_of_value__replaces_it_whole(
    over: dict[str, Any], spec: dict[str, Any], gone: list[tuple[str, Any]]
) -> None:
    found = put_together({"base": BASE, "over": sla(["base"], over)}, "over")

    assert {key: spec_of(found).get(key) for key in spec} == spec
    assert [(each.path, each.new) for each in found.overrides] == gone


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (sla(["gone"], {}), "names 'gone', which is no terms file here"),
        (sla(["", "b"], {}), "names no file"),
        (sla(["b", "b"], {}), "names 'b' twice"),
        ('{"kind": "SLA", "inherits": {"b": "c"}}', "names no file"),
        ('{"kind": "SLA"}\n---\n{"kind": "SLA"}', "is a second document of kind SLA"),
        ('{"kind": "SLI", "inherits": ["b"], "metadata": {"name": "i"}}', "stands in another document"),
        ('{"kind": "SLI", "metadata": {}}', "a document of kind SLI has no metadata.name"),
        ('{"spec": {}}', "a document has no kind"),
        ('{"kind": "SLI", "metadata": {"name": "i"}}\n---\n{"kind": "SLI", "metadata": {"name": "i"}}',
         "is a second document SLI i"),
        ('{"kind": "SLA", "spec": "null"}', "removes what is not inherited"),
    ],
)  # fmt: skip
def test_inherit__a_file_that_cannot_be_laid__is_refused(text: str, problem: str) -> None:
    assert problem in refusal({"a": text, "b": sla([], {})}, "a")


def test_read_layer__text_that_is_no_yaml__names_the_file() -> None:
    with pytest.raises(InheritanceError, match=r"^acme\.yaml: the document \(line 1\): not YAML") as refused:
        read_layer("acme.yaml", "a: [")
    assert (refused.value.file, refused.value.line) == ("acme.yaml", 1)
