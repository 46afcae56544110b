"""Priorities by ordered, versioned rules: the first that fits, and what made it fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.classification import (
    Classification,
    ClassificationError,
    Condition,
    Rule,
    RuleBook,
    RuleSet,
    classify,
)

CRITICAL = Rule(
    "revenue down",
    "P1",
    (
        Condition("text", words=("system down", "outage")),
        Condition("client tier", values=("gold", "platinum")),
    ),
)
DEGRADED = Rule(
    "degraded",
    "P2",
    (Condition("text", words=("slow", "degraded")), Condition("text", words=("workaround",), holds=False)),
)
MONITORING = Rule("by monitoring", "P2", (Condition("source system", values=("zabbix",)),))
RULES = RuleSet("2027-1", 1_000, (CRITICAL, DEGRADED, MONITORING), otherwise="P3")


@pytest.mark.parametrize(
    ("text", "tier", "source", "priority", "rule"),
    [
        ("The billing System DOWN since noon", "gold", "mail", "P1", "revenue down"),
        ("Outage!", "platinum", "zabbix", "P1", "revenue down"),
        ("Outage!", "bronze", "zabbix", "P2", "by monitoring"),
        ("Outage!", "bronze", "mail", "P3", None),
        ("Login is slow", "gold", "mail", "P2", "degraded"),
        ("Login is slow, workaround: wait", "gold", "mail", "P3", None),
        ("The system is down", "gold", "mail", "P3", None),
        ("", "", "", "P3", None),
    ],
)
def test_classify__a_ticket__has_the_priority_of_the_first_rule_that_fits(
    text: str, tier: str, source: str, priority: str, rule: str | None
) -> None:
    found = classify(RULES, {"text": text, "client tier": tier, "source system": source})

    assert (found.priority, found.rule, found.version) == (priority, rule, "2027-1")


def test_classify__a_rule_that_fires__is_on_record_with_its_version_and_what_it_found() -> None:
    found = classify(RULES, {"text": "Outage: system down", "client tier": "gold"})

    assert found == Classification(
        "P1", "revenue down", "2027-1", (("text", "system down"), ("client tier", "gold"))
    )
    assert classify(RULES, {"text": "slow"}).found == (("text", "slow"),)


@pytest.mark.parametrize(
    ("keyword", "text", "fits"),
    [
        ("down", "DOWN", True),
        ("down", "it is down.", True),
        ("down", "download", False),
        ("down", "countdown", False),
        ("down", "back_down_now", True),
        ("e-mail", "no E-Mail today", True),
        ("e-mail", "no email today", False),
        ("system down", "system\n\tDOWN", True),
        ("system down", "system, down", True),
        ("system down", "ecosystem down", False),
        ("störung", "STÖRUNG im Netz", True),
        ("straße", "STRASSE", True),
        ("störung", "Sto\u0308rung", True),
        ("p1", "ｐ１ ticket", True),
        ("500", "error 500", True),
        ("500", "error 5000", False),
    ],
)
def test_condition__a_keyword__is_whole_words_whatever_their_case_or_form(
    keyword: str, text: str, fits: bool
) -> None:
    rules = RuleSet("1", 0, (Rule("only", "P1", (Condition("text", words=(keyword,)),)),))

    assert (classify(rules, {"text": text}).priority == "P1") is fits


KEYWORDS = st.text(alphabet="abcß0-_ ", min_size=1).filter(lambda word: any(map(str.isalnum, word)))


@given(text=st.text(), words=st.lists(KEYWORDS, min_size=1))
def test_condition__its_contrary__fits_exactly_where_it_does_not(text: str, words: list[str]) -> None:
    plain, contrary = (Condition("text", words=tuple(words), holds=holds) for holds in (True, False))
    rules = [RuleSet("1", 0, (Rule("only", "P1", (condition,)),)) for condition in (plain, contrary)]
    fired = [classify(version, {"text": f"{text} {words[0]}", "other": text}).rule for version in rules]

    assert fired == ["only", None]


def test_condition__a_value__is_compared_exactly_and_a_missing_field_is_empty() -> None:
    absent = RuleSet("1", 0, (Rule("no client", "P3", (Condition("client", values=("",)),)),), otherwise="P2")

    assert classify(absent, {}).rule == "no client"
    assert classify(absent, {"client": " "}).rule is None


def test_rule_book__a_time__has_the_version_in_force_then() -> None:
    second = RuleSet("2027-2", 2_000, (MONITORING,))
    book = RuleBook((RULES, second))

    assert book.in_force(999) is None
    assert book.in_force(1_000) == book.in_force(1_999) == RULES
    assert book.in_force(2_000) == book.in_force(10**12) == second
    assert RuleBook(()).in_force(5) is None


def test_rule_book__versions_out_of_order_or_of_one_name__are_refused() -> None:
    with pytest.raises(
        ClassificationError, match=r"'2027-1' is in force from 1000, version '2027-2' before it from 1000"
    ):
        RuleBook((RuleSet("2027-2", 1_000, ()), RULES))
    with pytest.raises(ClassificationError, match="share a name"):
        RuleBook((RULES, RuleSet("2027-1", 2_000, ())))


def test_rule_set__rules_that_cannot_be_meant__are_refused() -> None:
    with pytest.raises(ClassificationError, match="two rules named 'degraded'"):
        RuleSet("1", 0, (DEGRADED, DEGRADED))
    with pytest.raises(
        ClassificationError, match="'degraded' of version '1' can never fire: 'all' always does"
    ):
        RuleSet("1", 0, (Rule("all", "P3", ()), DEGRADED))
    assert classify(RuleSet("1", 0, (DEGRADED, Rule("all", "P3", ()))), {}).rule == "all"


def test_condition__without_or_with_two_questions_or_a_keyword_of_signs__is_refused() -> None:
    with pytest.raises(ClassificationError, match="exactly one"):
        Condition("text")
    with pytest.raises(ClassificationError, match="exactly one"):
        Condition("text", words=("a",), values=("b",))
    with pytest.raises(ClassificationError, match="'!!' for 'text' has no letter"):
        Condition("text", words=("down", "!!"))
