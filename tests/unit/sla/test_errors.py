"""Errors say what is wrong and how to mend it, in one sentence, and of which kind they are."""

from __future__ import annotations

import json
import string

import pytest

from sla.errors import (
    SENTENCES,
    Kind,
    MakegoodError,
    MeasurementError,
    RecordError,
    RuleBroken,
    ScheduleError,
    SignatureError,
    TermsError,
    problem_of,
)
from sla.sentences import Sentence, shown


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_error__as_text__is_problem_then_remedy() -> None:
    error = RecordError("the tree is empty", "give a report")

    assert str(error) == "the tree is empty; give a report"
    assert (error.problem, error.remedy) == ("the tree is empty", "give a report")


def test_terms_error__with_a_line__names_path_and_line() -> None:
    error = TermsError("spec.obligations[1].tiers[0].below", "is no percentage", "write 99.9%", 41)

    assert str(error) == "spec.obligations[1].tiers[0].below (line 41): is no percentage; write 99.9%"


def test_rule_broken__as_text__reads_like_the_solidity_error_and_says_the_values() -> None:
    error = RuleBroken("ArbiterFeeAboveBond", 7_000_000, 5)

    assert str(error) == (
        "ArbiterFeeAboveBond(7000000, 5): the arbiter's fee exceeds the bond that pays it: 7 000 000 against 5; "
        "lower the fee or raise the bond"
    )
    assert isinstance(error, MakegoodError)


@pytest.mark.parametrize("name", SENTENCES)
def test_sentences__every_error__has_problem_and_remedy_of_its_own_values(name: str) -> None:
    sentence = SENTENCES[name]

    for text in (sentence.problem, sentence.remedy):
        assert text
        assert not text.endswith(".")
        assert placeholders(text) <= set(sentence.parameters.split())


@pytest.mark.parametrize("name", SENTENCES)
def test_sentences__every_value__is_told(name: str) -> None:
    """A limit or a value that is left out is one that somebody has to go and look up; lists of bytes and the like of
    a single cause are named in the remedy instead."""
    sentence = SENTENCES[name]

    told = placeholders(sentence.problem) | placeholders(sentence.remedy)
    silent = {"TimesTooLate": {"limit"}, "CountOutOfRange": set()}.get(name, set())
    assert told | silent >= set(sentence.parameters.split())


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        (1_800_000_000, "time", "2027-01-15 08:00:00 UTC"),
        (0, "time", "no time yet"),
        (2**40, "time", "second 1 099 511 627 776 since 1970"),
        (2**256 - 1, "time", f"second {2**256 - 1:,} since 1970".replace(",", " ")),
        (400 * 86_400, "span", "400 days"),
        (86_401, "span", "86 401 s"),
        (0, "span", "0 s"),
        (1, "status", "pending"),
        (4, "status", "settled"),
        (9, "status", "9"),
        (12_345, "plain", "12345"),
        (12_345, "", "12 345"),
        (b"\x01\xff", "", "0x01ff"),
        ("a\x1b[31m\nb", "", "a�[31m�b"),
        ("x" * 500, "", "x" * 200 + "…"),
    ],
)
def test_shown__a_value__reads_as_people_write_it(value: object, how: str, text: str) -> None:
    assert shown(value, how) == text


def test_sentence__a_value_that_is_not_there__shows_as_a_question_mark() -> None:
    sentence = Sentence("a b", "{a} is above {b}", "lower it to {b:plain}")

    assert sentence.filled({"a": 5}) == ("5 is above ?", "lower it to ?")


def test_kind__of_each_class__is_whose_move_it_is() -> None:
    kinds: dict[type[MakegoodError], Kind] = {
        TermsError: Kind.INPUT,
        RuleBroken: Kind.REFUSED,
        ScheduleError: Kind.INPUT,
        SignatureError: Kind.INPUT,
        RecordError: Kind.INPUT,
        MeasurementError: Kind.OUTSIDE,
    }
    assert {cls: cls.kind for cls in kinds} == kinds


def test_problem_of__a_terms_error__is_json_with_its_place() -> None:
    error = TermsError("spec.openBy", "is over", "sign new terms", 7)
    error.file = "terms.yaml"

    assert json.loads(json.dumps(problem_of(error))) == {
        "kind": "input",
        "name": "TermsError",
        "problem": "is over",
        "remedy": "sign new terms",
        "field": "spec.openBy",
        "file": "terms.yaml",
        "line": 7,
        "values": {},
    }


def test_problem_of__a_broken_rule__has_its_values_exactly() -> None:
    problem = problem_of(RuleBroken("AmountTooLarge", 2**200, 2**96 - 1))

    assert (problem["name"], problem["kind"]) == ("AmountTooLarge", "refused")
    assert problem["values"] == {"amount": str(2**200), "max": "79228162514264337593543950335"}
