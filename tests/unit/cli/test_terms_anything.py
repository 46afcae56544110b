"""Whatever a stranger writes, every command of ``makegood terms`` ends in a result or in one sentence."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.main import main
from tests.unit.record.terms_drawing import Drawn, drawn

EXAMPLES = [
    path.read_text() for path in sorted((Path(__file__).resolve().parents[3] / "examples").glob("*.yaml"))
]
LINES = sorted({line for text in EXAMPLES for line in text.splitlines()})
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
ODD = [
    "",
    "~",
    "-1",
    "1e400",
    "99%",
    "[]",
    "{}",
    "&a x",
    '"\\e[2J"',
    "\u202e",
    "0 days",
    "9" * 40,
    "'",
    "<x>",
]


def run(command: str, data: bytes, *more: str) -> Result:
    with TemporaryDirectory() as folder:
        file = Path(folder, "terms.yaml")
        file.write_bytes(data)
        names = [str(file)] * (2 if command == "diff" else 1)
        return CliRunner().invoke(main, ["terms", command, *names, *more])


def expect_an_end(command: str, data: bytes) -> None:
    result = run(command, data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1, 2)
    assert not UNSEEN.search(result.output)
    assert result.exit_code == 0 or result.output.strip()


@st.composite
def mutated(draw: st.DrawFn) -> str:
    lines = draw(st.sampled_from(EXAMPLES)).splitlines()
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        key = lines[place].partition(": ")[0]
        lines[place] = draw(
            st.one_of(st.sampled_from(LINES), st.sampled_from(ODD).map(lambda odd, key=key: f"{key}: {odd}"))  # type: ignore[misc]
        )
    return "\n".join(lines)


@settings(max_examples=60, deadline=None)
@given(text=mutated(), command=st.sampled_from(["check", "show", "diff"]))
def test_terms__changed_examples__end_in_a_result_or_a_sentence(text: str, command: str) -> None:
    expect_an_end(command, text.encode())


@settings(max_examples=60, deadline=None)
@given(
    data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)),
    command=st.sampled_from(["check", "show"]),
)
def test_terms__arbitrary_bytes__are_refused(data: bytes, command: str) -> None:
    expect_an_end(command, data)
    assert run(command, data).exit_code in (1, 2)


@settings(max_examples=25, deadline=None)
@given(terms=drawn())
def test_terms__any_sound_table__is_shown_with_what_it_pays_and_equals_itself(terms: Drawn) -> None:
    data = terms.text().encode()
    shown = run("show", data, "--json")
    assert shown.exit_code == 0, shown.output
    told = json.loads(shown.stdout)

    for example in told["obligations"][0]["examples"]:
        assert Decimal(example["attainedText"].removesuffix("%")) * 10_000 == int(example["attained"])
        amount = Decimal(example["amountText"].removesuffix(" USDX").replace(",", ""))
        assert amount * 10**6 == int(example["amount"])
        assert terms.pays(Fraction(int(example["attained"]), 10**6)) == Fraction(
            int(example["amount"]), 10**6
        )
    assert run("diff", data).exit_code == 0
    assert run("check", data, "--at", "2027-01-01T00:00:00Z").exit_code == 0
