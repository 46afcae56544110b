"""Two terms files compared, by field and by money."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from record.terms import load_terms
from record.terms.difference import (
    FieldChange,
    Payment,
    field_changes,
    obligation_changes,
)
from tests.unit.cli.terms_hostile import SOUND, TOKEN, change, obligations
from tests.unit.record.terms_drawing import Drawn, drawn

EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "examples").glob("*.yaml"))


@pytest.mark.parametrize(
    "file", [each for each in EXAMPLES if each.stem != "telus-wavelength"], ids=lambda each: each.stem
)
def test_difference__of_a_file_with_itself__is_empty(file: Path) -> None:
    old, new = load_terms(file.read_text()), load_terms("# another layout\n" + file.read_text())

    assert field_changes(old, new) == []
    assert not any(change.pays_differently for change in obligation_changes(old, new))


@settings(max_examples=40)
@given(old=drawn(), new=drawn())
def test_difference__of_any_two__is_empty_only_for_equal_ones(old: Drawn, new: Drawn) -> None:
    before, after, again = load_terms(old.text()), load_terms(new.text()), load_terms(old.text())

    assert field_changes(before, again) == []
    assert (field_changes(before, after) == []) == (before.document_hash == after.document_hash)


def test_field_changes__changed_new_and_gone__are_told_apart() -> None:
    text = change("  source: Contract 7 of 2027.\n", "", change("owner: Operations", "owner: NOC"))
    new = change("  collateral:", '  periodCap: "500.00"\n  collateral:', text)

    assert field_changes(load_terms(SOUND), load_terms(new)) == [
        FieldChange("SLA.spec.source", "Contract 7 of 2027.", None),
        FieldChange("SLA.spec.obligations[Availability].owner", "Operations", "NOC"),
        FieldChange("SLA.spec.periodCap", None, "500.00"),
    ]


def test_field_changes__obligations_in_another_order__are_a_difference() -> None:
    head, _, both = obligations(2, 1).partition("    - name: Availability 0")
    first, _, second = both.partition("    - name: Availability 1")
    swapped = f"{head}    - name: Availability 1{second}    - name: Availability 0{first}"
    changes = field_changes(load_terms(obligations(2, 1)), load_terms(swapped))

    assert changes == [
        FieldChange(
            "SLA.spec.obligations", "Availability 0, Availability 1", "Availability 1, Availability 0"
        )
    ]


def test_obligation_changes__another_charge_and_share__are_shown_in_money() -> None:
    """10, 30, 100 % of 1 000 against 10, 20, 100 % of 2 000."""
    new = change('fixed: "1000.00"', 'fixed: "2000.00"', change("pay: 30% of charge", "pay: 20% of charge"))
    (found,) = obligation_changes(load_terms(SOUND), load_terms(new))

    million = 1_000_000
    assert found.pays_differently
    assert found.payments == (
        Payment(1_000_000, 0, 0),
        Payment(999_900, 0, 0),
        Payment(995_000, 100 * million, 200 * million),
        Payment(990_000, 100 * million, 200 * million),
        Payment(970_000, 300 * million, 400 * million),
        Payment(950_000, 300 * million, 400 * million),
        Payment(500_000, 1_000 * million, 2_000 * million),
        Payment(0, 1_000 * million, 2_000 * million),
    )


def test_obligation_changes__renamed_or_paid_in_another_token__are_not_compared() -> None:
    renamed = change("    - name: Availability\n", "    - name: Uptime\n")
    gone, fresh = obligation_changes(load_terms(SOUND), load_terms(renamed))
    assert (gone.name, gone.new, fresh.name, fresh.old) == ("Availability", None, "Uptime", None)

    other_token = change(TOKEN, "0x" + "11" * 20)
    (same,) = obligation_changes(load_terms(SOUND), load_terms(other_token))
    assert not same.is_comparable
    assert same.pays_differently


def test_field_changes__obligations_of_one_name__are_told_apart_by_their_place() -> None:
    both = obligations(2, 1).replace("Availability 0", "Same").replace("Availability 1", "Same")
    changed = both[::-1].replace("snoitarepO", "CON", 1)[::-1]

    assert field_changes(load_terms(both), load_terms(changed)) == [
        FieldChange("SLA.spec.obligations[1].owner", "Operations", "NOC")
    ]
    first = both.replace("Operations", "NOC", 1)
    assert field_changes(load_terms(both), load_terms(first)) == [
        FieldChange("SLA.spec.obligations[0].owner", "Operations", "NOC")
    ]
