"""Terms that inherit, on the command line: found beside the file, checked where they stand, signed as one document."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chain.network import Network
from cli.agreements import document_path, read_document
from cli.main import main
from cli.signed_terms import keep
from cli.terms_file import open_terms
from cli.terms_layers import MAX_BESIDE
from oracle.documents import read_document as read_as_a_node
from record.offer import read_offer
from record.terms import load_terms
from tests.unit.cli.terms_hostile import CUSTOMER, change
from tests.unit.cli.test_terms_show import ESCROW
from tests.unit.cli.test_terms_show import NETWORK as NETWORK_TEXT

ROOT = Path(__file__).resolve().parents[3]
AT = "2026-11-01T00:00:00Z"
WHOLE = change("window: 3 days", "window: 5 days")
BY_HAND = load_terms(WHOLE)

BASE = change(
    f"""\
    customer:
      name: Harbour
      address: "{CUSTOMER}"
""",
    "",
)
SHOP = f"""\
# Harbour's own.
apiVersion: makegood/v1
kind: SLA
inherits: base.yaml
metadata:
  name: shop
spec:
  parties:
    customer:
      name: Harbour
      address: "{CUSTOMER}"
  dispute:
    window: 5 days
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(BASE)
    Path("shop.yaml").write_text(SHOP)
    Path("whole.yaml").write_text(WHOLE)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["terms", *map(str, words)])


def check(file: object, *options: str) -> Result:
    return run("check", file, "--at", AT, *options)


def refusal(inherits: str, text: str = SHOP) -> str:
    """What ``check`` says of the shop when it inherits something else, in its one finding."""
    Path("shop.yaml").write_text(change("inherits: base.yaml", f"inherits: {inherits}", text))
    result = check("shop.yaml")
    assert result.exit_code == 1, result.output
    found, verdict = result.output.splitlines()
    assert verdict == "shop.yaml cannot become an agreement: 1 error, 0 warnings, 0 hints."
    return found


def test_check__files_that_are_whole_only_together__find_nothing_more() -> None:
    result = check("shop.yaml", "--strict", "--json")

    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["document"] == "0x" + BY_HAND.document_hash.hex()
    assert told["findings"] == []
    assert check("base.yaml").exit_code == 1


def test_check__each_finding__is_told_in_the_file_and_line_that_says_it() -> None:
    """The same line in both files, and the same path in two documents: which is meant is certain all the same."""
    base = BASE
    for old, new in [
        ("https://shop", "ftp://shop"),
        ("pay: 30% of charge", "pay: 30 percent"),
        ("  scope: The front page.\n", ""),
    ]:
        base = change(old, new, base)
    shop = change("window: 5 days", "window: soon", SHOP) + "  openBy: never\n"
    Path("base.yaml").write_text(base)
    Path("shop.yaml").write_text(shop)
    found = json.loads(check("shop.yaml", "--json").stdout)["findings"]

    def line(text: str, words: str) -> int:
        return 1 + text.splitlines().index(words)

    assert [(each["file"], each["path"], each["line"]) for each in found] == [
        ("base.yaml", "spec.connectionDetails.url", line(base, "    url: ftp://shop.example.com/health")),
        ("base.yaml", "spec.obligations[0].tiers[1].pay", line(base, "          pay: 30 percent")),
        ("shop.yaml", "spec.scope", line(shop, "  parties:")),
        ("shop.yaml", "spec.dispute.window", line(shop, "    window: soon")),
        ("shop.yaml", "spec.openBy", line(shop, "  openBy: never")),
    ]
    places = [f"error: {each['file']}:{each['line']}: {each['path']}: " for each in found]
    told = check("shop.yaml").output.splitlines()
    assert all(text.startswith(place) for place, text in zip(places, told[:-1], strict=True))


@pytest.mark.parametrize("command", [["show"], ["diff", "whole.yaml"], ["sign", "--as", "customer"]])
def test_other_commands__something_wrong_below__name_the_file_it_is_in(command: list[str]) -> None:
    Path("makegood.toml").write_text(NETWORK_TEXT)
    Path("base.yaml").write_text(change("pay: 30% of charge", "pay: 30 percent", BASE))
    result = run(*command, "shop.yaml")

    assert result.exit_code == 2
    line = 1 + BASE.splitlines().index("          pay: 30% of charge")
    assert result.output.startswith(f"Error: base.yaml:{line}: spec.obligations[0].tiers[1].pay: ")
    assert len(result.output.splitlines()) == 1


def test_check__a_broken_rule__names_the_file_of_the_value_that_breaks_it() -> None:
    Path("base.yaml").write_text(change("atLeast: 99%", "atLeast: 98%", BASE))
    line = 1 + BASE.splitlines().index("        - below: 99%")
    found = check("shop.yaml").output.splitlines()[0]

    assert re.match(rf"error: base\.yaml:{line - 2}: spec\.obligations\[0\]", found), found
    assert "leaves an overlap" in found


def test_diff__inherited_and_written_in_one__are_the_same_words() -> None:
    result = run("diff", "shop.yaml", "whole.yaml")

    assert result.exit_code == 0
    assert result.output == "The same terms, word for word: the agreement's id stays.\n"


def test_merge__printed_or_written__is_the_document_that_is_signed() -> None:
    printed = run("merge", "shop.yaml").stdout
    assert load_terms(printed).document_hash == open_terms(Path("shop.yaml")).document().document_hash

    result = run("merge", "shop.yaml", "--output", "out.yaml")
    assert result.output == f"out.yaml written: document 0x{load_terms(printed).document_hash.hex()}\n"
    assert Path("out.yaml").read_text() == printed
    assert run("diff", "shop.yaml", "out.yaml").exit_code == 0
    assert run("merge", "shop.yaml", "--output", "out.yaml").exit_code == 2, "nothing is overwritten"


def test_merge__json_and_half_terms__say_what_there_is() -> None:
    told = json.loads(run("merge", "shop.yaml", "--json").stdout)
    assert told["layers"] == ["base.yaml", "shop.yaml"]
    assert told["text"] == run("merge", "shop.yaml").stdout
    assert told["document"] == "0x" + load_terms(told["text"]).document_hash.hex()

    assert json.loads(run("merge", "base.yaml", "--json").stdout)["document"] is None
    assert run("merge", "base.yaml").stdout == BASE, "what inherits nothing stays as it is, comments and all"
    assert "not whole" in run("merge", "base.yaml", "--output", "half.yaml").output


def test_inherit__files_of_other_names_and_places__are_the_same_document() -> None:
    Path("terms/below").mkdir(parents=True)
    Path("terms/below/b.yml").write_text(BASE)
    Path("terms/s.yaml").write_text(change("base.yaml", "./below/../below/b.yml", SHOP))

    here, there = run("merge", "shop.yaml").stdout, run("merge", "terms/s.yaml").stdout
    assert here == there
    assert json.loads(run("merge", "terms/s.yaml", "--json").stdout)["layers"] == [
        "terms/below/b.yml",
        "terms/s.yaml",
    ]


def test_inherit__the_name_of_an_sla__finds_the_file_beside_that_is_called_so() -> None:
    named = change("name: shop\nspec:\n  service", "name: enterprise\nspec:\n  service", BASE)
    Path("base.yaml").write_text(named)
    Path("broken.yaml").write_text("enterprise: [")
    Path("shop.yaml").write_text(change("base.yaml", "enterprise", SHOP))
    assert json.loads(run("merge", "shop.yaml", "--json").stdout)["layers"] == ["base.yaml", "shop.yaml"]

    Path("copy.yml").write_text(named)
    assert "which base.yaml and copy.yml are called; name the file" in refusal("enterprise")
    for number in range(MAX_BESIDE):
        Path(f"{number}.yaml").write_text("{}")
    assert f"beside this one lie more than {MAX_BESIDE}; name the file" in refusal("enterprise")


@pytest.mark.parametrize(
    "outside", ["../secret.yaml", "/etc/hostname", "sub/../../secret.yaml", "link.yaml", ".."]
)
def test_inherit__a_file_elsewhere__is_not_even_looked_at(outside: str, tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "secret.yaml").write_text(BASE)
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    os.chdir(folder)
    Path("shop.yaml").write_text(SHOP)

    assert refusal(outside) == (
        f"error: shop.yaml:4: inherits: names '{outside}', which lies outside the folder of this file; move it beside "
        "this file, or below it"
    )


def test_inherit__from_below__goes_no_higher_than_the_file_that_says_it() -> None:
    Path("below").mkdir()
    Path("below/middle.yaml").write_text(change("base.yaml", "../base.yaml", SHOP))
    Path("shop.yaml").write_text(change("base.yaml", "below/middle.yaml", SHOP))

    assert (
        "error: below/middle.yaml:4: inherits: names '../base.yaml', which lies outside"
        in check("shop.yaml").output
    )


@pytest.mark.parametrize(
    ("inherits", "told"),
    [
        ("gone.yaml", "error: shop.yaml:4: inherits: names 'gone.yaml', which is no terms file here; give that file"),
        (".", "error: shop.yaml:4: inherits: names '.', which is no terms file here"),
        ("shop.yaml", "error: shop.yaml:4: inherits: closes a circle: shop.yaml -> shop.yaml"),
        ("./shop.yaml", "error: shop.yaml:4: inherits: closes a circle: shop.yaml -> shop.yaml"),
        ("[base.yaml, ./base.yaml]", "error: shop.yaml:4: inherits[1]: names 'base.yaml' twice"),
        ("odd.yaml", "error: odd.yaml:3: not YAML: "),
        ("x" * 300, "which is no terms file here"),
        ("{a: b}", "error: shop.yaml:4: inherits: names no file"),
    ],
)  # fmt: skip
def test_check__what_cannot_be_put_together__is_one_finding(inherits: str, told: str) -> None:
    Path("odd.yaml").write_text("a: b\nc: [\n")

    assert told in refusal(inherits)


def test_check__removal_of_what_is_not_there__is_told_where_it_is_written() -> None:
    text = f"{SHOP}  workload: null\n"

    assert refusal("base.yaml", text).startswith(
        f"error: shop.yaml:{text.count(chr(10))}: spec.workload: removes what is not inherited"
    )


def test_inherit__a_file_that_is_no_text__is_refused_by_its_name() -> None:
    Path("base.yaml").write_bytes(BASE.encode("utf-16"))
    result = check("shop.yaml")

    assert result.exit_code == 2
    assert result.output == "Error: base.yaml: is UTF-16 or UTF-32; save it as UTF-8\n"


def test_inherit__together_longer_than_any_file__is_refused() -> None:
    for name, key in (("base.yaml", "one"), ("shop.yaml", "two")):
        text = Path(name).read_text() + f"  {key}: {'x' * 600_000}\n"
        Path(name).write_text(text)

    assert "error: shop.yaml: put together: the text has " in check("shop.yaml").output


def test_show__overrides__tell_who_said_what_and_what_was_before() -> None:
    told = json.loads(run("show", "shop.yaml", "--overrides", "--json").stdout)
    base, shop = told["layers"]
    before, after = (
        1 + text.splitlines().index(words)
        for text, words in ((BASE, "    window: 3 days"), (SHOP, "    window: 5 days"))
    )

    assert (base["file"], base["overrides"], shop["file"]) == ("base.yaml", [], "shop.yaml")
    assert shop["overrides"] == [
        {
            "path": "SLA.spec.dispute.window",
            "from": "3 days",
            "to": "5 days",
            "file": "shop.yaml",
            "line": after,
            "fromFile": "base.yaml",
            "fromLine": before,
        }
    ]
    address = 1 + SHOP.splitlines().index(f'      address: "{CUSTOMER}"')
    assert {
        "path": "SLA.spec.parties.customer.address",
        "value": CUSTOMER,
        "file": "shop.yaml",
        "line": address,
    } in shop["sets"]
    assert "window" not in json.dumps(base)

    lines = run("show", "shop.yaml", "--overrides").output.partition("Inherited\n")[2].splitlines()
    assert (
        f'  shop.yaml:{after}: SLA.spec.dispute.window: "5 days", was "3 days" (base.yaml:{before})' in lines
    )
    assert f'  shop.yaml:{address}: SLA.spec.parties.customer.address: "{CUSTOMER}"' in lines
    assert lines[-4] == "shop.yaml overrides 1 value and sets 2 values besides:"


def test_show__removed_value__is_told_as_removed() -> None:
    Path("shop.yaml").write_text(f"{SHOP}  source: null\n")
    text = run("show", "shop.yaml", "--overrides").output

    assert 'SLA.spec.source: removed, was "Contract 7 of 2027." (base.yaml:' in text


def test_show__nothing_inherited__says_so() -> None:
    assert run("show", "whole.yaml", "--overrides").output.endswith("\nInherited\nNothing is inherited.\n")
    assert json.loads(run("show", "whole.yaml", "--overrides", "--json").stdout)["layers"] == []
    assert "layers" not in json.loads(run("show", "shop.yaml", "--json").stdout)
    assert "Inherited" not in run("show", "shop.yaml").output


def test_sign__inherited_terms__sign_the_merged_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.terms_sign.current_time", lambda: 1_795_305_600)
    Path("makegood.toml").write_text(NETWORK_TEXT)
    Path("customer.key").write_text(f"0x{(1002).to_bytes(32).hex()}\n")
    Path("customer.key").chmod(0o600)
    result = run("sign", "shop.yaml", "--as", "customer", "--bare-key", "customer.key", "--yes")

    assert result.exit_code == 0, result.output
    merged = load_terms(run("merge", "shop.yaml").stdout)
    assert read_offer(Path("shop.customer.sig.json").read_bytes()).document == merged.document_hash


def test_keep__inherited_terms__lie_where_others_read_them_as_one_document(tmp_path: Path) -> None:
    """Nodes, the read model and auditors read one file, and need none of the others."""
    network = Network("http://127.0.0.1:1", 31337, ESCROW, 0, None, None, tmp_path / "documents", None)
    source = open_terms(Path("shop.yaml"))
    document = source.document()
    keep(network, document, Path("shop.yaml"))
    for name in ("base.yaml", "shop.yaml"):
        Path(name).unlink()

    kept = document_path(network.documents, document.document_hash)
    assert kept.read_text() == source.text
    read = read_document(network.documents, document.document_hash)
    assert read is not None
    assert read.agreement() == document.agreement() == BY_HAND.agreement()
    assert read_as_a_node(kept).document_hash == document.document_hash


def test_new__from_inherited_terms__begins_with_all_of_them() -> None:
    result = run("new", "mine.yaml", "--from", "shop.yaml")

    assert result.exit_code == 0, result.output
    text = Path("mine.yaml").read_text()
    assert "inherits" not in text
    assert "below: 99.99%" in text


def test_node__a_file_that_inherits__says_how_to_put_it_together() -> None:
    with pytest.raises(Exception, match=r"inherits .*: builds on other files.*makegood terms merge"):
        read_as_a_node(Path("shop.yaml"))


def test_example__three_layers__can_be_signed_and_pay_by_the_last() -> None:
    """Gold pays 10 and 30 % of 3 000.00, from 99.9 % on; standard 5 and 15 % of 2 000.00, from 99 % on."""
    folder = ROOT / "examples" / "inherited"
    for name in ("gold", "customer"):
        result = check(folder / f"{name}.yaml", "--strict")
        assert result.exit_code == 0, result.output
    gold, customer = (open_terms(folder / f"{name}.yaml") for name in ("gold", "customer"))
    assert gold.inherited is not None
    assert [Path(name).name for name in gold.inherited.layers] == [
        "enterprise.yaml",
        "customer.yaml",
        "gold.yaml",
    ]

    def paid(terms: str) -> list[tuple[str, str]]:
        (obligation,) = json.loads(run("show", folder / terms, "--json").stdout)["obligations"]
        return [(each["attainedText"], each["amountText"]) for each in obligation["examples"]]

    assert ("99.5%", "300.00 USDX") in paid("gold.yaml")
    assert ("99%", "0.00 USDX") in paid("customer.yaml")
    assert paid("gold.yaml")[-1] == ("0%", "900.00 USDX")
    assert paid("customer.yaml")[-1] == ("0%", "300.00 USDX")
    assert gold.document().agreement().parties == customer.document().agreement().parties
    words = " ".join(run("show", folder / "gold.yaml").output.split())
    assert (
        "Monday to Friday 07:00-22:00, Saturday 08:00-14:00, on the clocks of Europe/Rome, but not on"
        in words
    )
    assert "of the records whose client is harbour, in opening hours only: requests that the source" in words


LAYERS = {path.name: path.read_text() for path in sorted((ROOT / "examples" / "inherited").glob("*.yaml"))}
LINES = sorted({line for text in LAYERS.values() for line in text.splitlines()})
ODD = [
    "",
    "null",
    "[]",
    "{}",
    "[null]",
    "{name: null}",
    "'",
    "&a x",
    "enterprise.yaml",
    "[gold.yaml, customer.yaml]",
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(LAYERS)),
    command=st.sampled_from([["check"], ["merge"], ["show", "--overrides"]]),
    data=st.data(),
)
def test_layers__any_line_of_any_of_them_changed__end_in_a_result_or_a_sentence(
    name: str, command: list[str], data: st.DataObject
) -> None:
    lines = LAYERS[name].splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    key = lines[place].partition(": ")[0]
    lines[place] = data.draw(st.sampled_from([*LINES, *(f"{key}: {odd}" for odd in ODD)]))
    for each, text in (LAYERS | {name: "\n".join(lines)}).items():
        Path(each).write_text(text)
    result = run(*command, "gold.yaml")

    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1, 2)
    assert result.output.strip()
    if result.exit_code == 2:
        assert len(result.output.splitlines()) == 1
