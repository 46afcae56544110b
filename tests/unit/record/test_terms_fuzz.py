"""Whatever a stranger writes as terms, the answer is an agreement or a TermsError."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from record.terms import load_terms
from record.terms.findings import Severity, error_finding
from record.terms.lint import inspect_terms
from record.terms.section import Section, node_json
from record.terms.yaml_reading import read_documents
from sla.errors import TermsError

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
TEXTS = [path.read_text() for path in sorted(EXAMPLES.glob("*.yaml"))]
LINES = sorted({line for text in TEXTS for line in text.splitlines()})
BEYOND_THE_RULES = {
    "spec.exit",
    "spec.predecessor",
    "spec.downstream",
    "spec.charge.max",
    "spec.schedule.every",
}
"""What the rules allow and this version cannot keep, or nobody can measure."""
ODD = [
    "", "null", "~", "true", ".inf", "0x10", "1e9", "-1", "99%", "[]", "{}", "- a", "|", ">",
    "&a x", "*a", "!!x y", "'", '"',
    "10% of charge", "5 days", "0 days", "% of charge", "1 per ", " per 1", "at least ", "2027-13-01",
    "\u0000", "\u00a0",
]  # fmt: skip


def attempt(text: str) -> None:
    """An agreement or a TermsError; and an inspection that agrees on which of the two, and on the first error."""
    inspection = inspect_terms(text, now=0)
    errors = [found for found in inspection.findings if found.severity is Severity.ERROR]
    try:
        load_terms(text).agreement()
    except TermsError as error:
        refused = error
    else:
        assert inspection.document is not None
        assert {found.path for found in errors} <= BEYOND_THE_RULES
        return
    assert refused.problem
    assert refused.remedy
    assert error_finding(refused) in errors


@settings(max_examples=150, deadline=None)
@given(text=st.sampled_from(TEXTS), data=st.data())
def test_load_terms__lines_dropped_swapped_or_changed__never_fails_otherwise(
    text: str, data: st.DataObject
) -> None:
    lines = text.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        key = lines[place].partition(": ")[0]
        lines[place : place + 1] = data.draw(
            st.one_of(
                st.just([]),
                st.sampled_from(LINES).map(lambda line: [line]),
                st.one_of(st.sampled_from(ODD), st.text(max_size=12)).map(
                    lambda value, key=key: [f"{key}: {value}"]  # type: ignore[misc]
                ),
            )
        )
        lines = lines or [""]
    attempt("\n".join(lines))


@settings(deadline=None)
@given(text=st.text(alphabet="ab:-?|>[]{},&*!%@'\"\\# \n\t0.~\u00e9\U0001f600", max_size=60))
def test_read_documents__arbitrary_yaml__is_text_all_the_way_down(text: str) -> None:
    try:
        documents = read_documents(text)
    except TermsError:
        return
    assert all(isinstance(document, Section) for document in documents)
    assert "None" not in repr([node_json(document) for document in documents]) or "None" in text
