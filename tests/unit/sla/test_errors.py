"""Errors say what is wrong and how to mend it."""

import pytest

from sla.errors import MakegoodError, RecordError, RuleBroken, TermsError
from sla.rule_sentences import RULE_SENTENCES


def test_error__as_text__is_problem_then_remedy() -> None:
    error = RecordError("the tree is empty", "give a report")

    assert str(error) == "the tree is empty; give a report"
    assert (error.problem, error.remedy) == ("the tree is empty", "give a report")


def test_terms_error__with_a_line__names_path_and_line() -> None:
    error = TermsError("spec.obligations[1].tiers[0].below", "is no percentage", "write 99.9%", 41)

    assert str(error) == "spec.obligations[1].tiers[0].below (line 41): is no percentage; write 99.9%"


def test_rule_broken__as_text__reads_like_the_solidity_error() -> None:
    error = RuleBroken("ArbiterFeeAboveBond", 7, 5)

    assert str(error).startswith("ArbiterFeeAboveBond(7, 5): the arbiter's fee exceeds")
    assert isinstance(error, MakegoodError)


@pytest.mark.parametrize("rule", RULE_SENTENCES)
def test_rule_sentences__every_rule__has_problem_and_remedy(rule: str) -> None:
    problem, remedy = RULE_SENTENCES[rule]

    assert problem
    assert remedy
    assert not problem.endswith(".")
    assert not remedy.endswith(".")
