"""The terms document: what people write becomes exactly one agreement, or is refused by field and line."""

from pathlib import Path

import pytest

from record.canonical import canonical_hash
from record.eip712 import agreement_digest, escrow_domain
from record.terms import load_terms
from record.terms.indicators import HttpProbe, Ratio
from sla.agreement import Comparator, Formation, MissingData, PayUnit, ScheduleUnit, Stake, Tier
from sla.errors import TermsError

DAY = 86_400
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "aws-compute-region.yaml"
TEXT = EXAMPLE.read_text()
STEPS = EXAMPLE.with_name("openreach-first-appointment.yaml").read_text()


def refusal(text: str) -> TermsError:
    with pytest.raises(TermsError) as refused:
        load_terms(text).agreement()
    return refused.value


def change(text: str, old: str, new: str) -> str:
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def test_load_terms__the_compute_example__means_what_it_says() -> None:
    document = load_terms(TEXT)
    terms = document.agreement()

    assert document.name == "aws-compute-region"
    assert (document.token.symbol, document.token.decimals) == ("USDX", 6)
    assert terms.parties.provider == document.parties.provider.address
    assert terms.service.start == 1_798_761_600  # 2027-01-01T00:00:00Z
    assert (terms.service.unit, terms.service.length, terms.service.count) == (ScheduleUnit.MONTHS, 1, 12)
    assert (terms.service.charge, terms.service.charge_max, terms.service.period_cap) == (1_000_000_000, 0, 0)
    assert terms.stake == Stake(
        token=document.token.address,
        bond=50_000_000,
        arbiter_fee=20_000_000,
        dispute_window=3 * DAY,
        report_within=7 * DAY,
        claim_within=62 * DAY,
        rule_within=14 * DAY,
        downstream=bytes(32),
    )
    assert terms.formation == Formation(
        document=document.document_hash,
        collateral=3_000_000_000,
        predecessor=bytes(32),
        open_by=1_799_971_200,  # 2027-01-15T00:00:00Z
        exit_breaches=3,
        exit_periods=6,
    )
    (obligation,) = terms.obligations
    assert obligation.comparator is Comparator.AT_LEAST
    assert obligation.pay_unit is PayUnit.CHARGE_PPM
    assert obligation.missing_data is MissingData.BREACH
    assert (obligation.cap, obligation.sane_min, obligation.sane_max) == (0, 0, 1_000_000)
    assert obligation.tiers == (
        Tier(999_900, 100_000, 0, 0),
        Tier(990_000, 300_000, 0, 0),
        Tier(950_000, 1_000_000, 0, 0),
    )


def test_load_terms__its_indicator__says_what_to_measure_and_how() -> None:
    (obligation,) = load_terms(TEXT).obligations

    assert obligation.indicator.source.connection == HttpProbe(
        "https://health.example.com/region", "GET", 60_000, 5_000
    )
    assert obligation.indicator.metric == Ratio("up", 400, None)
    assert obligation.indicator.unit.text(999_900) == "99.99%"
    assert (obligation.owner, obligation.objective) == ("Cloud operations", "at least 99.99%")


def test_document_hash__comments_layout_and_quotes__do_not_count() -> None:
    other = "# a remark\n" + change(TEXT, 'fixed: "1000.00"', "fixed:   '1000.00'   # a month")

    assert load_terms(other).document_hash == load_terms(TEXT).document_hash


def test_document_hash__every_word__counts_in_what_is_signed() -> None:
    other = load_terms(change(TEXT, "owner: Cloud operations", "owner: Somebody else"))
    domain = escrow_domain(31337, "0x" + "11" * 20)

    assert other.document_hash != load_terms(TEXT).document_hash
    assert agreement_digest(other.agreement(), domain) != agreement_digest(
        load_terms(TEXT).agreement(), domain
    )


def test_indicator_id__is_the_hash_of_the_sli_and_its_source_alone() -> None:
    (obligation,) = load_terms(TEXT).obligations
    documents = load_terms(TEXT).documents
    (same,) = load_terms(change(TEXT, "owner: Cloud operations", "owner: Somebody else")).obligations
    (other,) = load_terms(change(TEXT, "timeoutMilliseconds: 5000", "timeoutMilliseconds: 6000")).obligations

    assert obligation.terms.indicator == canonical_hash({"DataSource": documents[1], "SLI": documents[2]})
    assert same.terms.indicator == obligation.terms.indicator
    assert other.terms.indicator != obligation.terms.indicator


def test_scalars__that_yaml_would_turn_into_other_things__stay_text() -> None:
    """ "no" is a name here, not false; 1_0 is no number; 2027-01-01 is not parsed by YAML."""
    document = load_terms(change(change(TEXT, "name: Northwind Cloud", "name: no"), "00:00:00\n", "00:00\n"))

    assert document.parties.provider.name == "no"
    assert document.agreement().service.start == 1_798_761_600
    assert refusal(change(TEXT, "periods: 12", "periods: 1_0")).path == "spec.schedule.periods"


REFUSALS = [
    ('fixed: "1000.00"', "fixed: 1000.0000001", "spec.charge.fixed", "7 decimals where 6 can be kept"),
    ('fixed: "1000.00"', "fixed: 1e3", "spec.charge.fixed", "is not a plain decimal number"),
    ('fixed: "1000.00"', "fixed: -5", "spec.charge.fixed", "is not a plain decimal number"),
    ('fixed: "1000.00"', "fixed: 0", "spec.charge.fixed", "is no charge"),
    ('fixed: "1000.00"', "fixed: 99999999999999999999999", "spec.charge.fixed", "2**96 - 1"),
    ('fixed: "1000.00"', "max: 10\n    fixed: 10", "spec.charge", "is not either fixed or max"),
    ("below: 99.0%", "below: 99.00001%", "spec.obligations[0].tiers[1].below", "5 decimals where 4"),
    ("below: 95%", "below: 0.95", "spec.obligations[0].tiers[2].below", "is not a percentage"),
    ("below: 99.99%", "below: 100.1%", "spec.obligations[0].tiers[0].below", "is more than 100%"),
    ("atLeast: 99.0%", "atLeast: 98.9%", "spec.obligations[0].tiers[0].atLeast", "overlap between 98.9% and 99%"),
    ("atLeast: 99.0%", "atLeast: 99.5%", "spec.obligations[0].tiers[0].atLeast", "gap between 99% and 99.5%"),
    ("  pay: 100%", "  atLeast: 1%\n          pay: 100%", "spec.obligations[0].tiers[2].atLeast", "between 0% and 1%"),
    ("pay: 30% of charge", "pay: 5% of charge", "spec.obligations[0].tiers[1]", "worse attainment would pay less"),
    ("pay: 30% of charge", "pay: 30", "spec.obligations[0].tiers[1].pay", "mixes amounts with parts"),
    ("pay: 30% of charge", "pay: 30 EUR", "spec.obligations[0].tiers[1].pay", "is not a plain decimal number"),
    ("pay: 30% of charge", "plus: 30% of charge", "spec.obligations[0].tiers[1].plus", "does not say per what"),
    ("pay: 30% of charge", "plus: 1% of charge per 0%", "spec.obligations[0].tiers[1].plus", "has a step of zero"),
    ("pay: 30% of charge", "pays: 30% of charge", "spec.obligations[0].tiers[1].pays", "is not a known field"),
    ("below: 99.0%", "above: 99.0%", "spec.obligations[0].tiers[1].above", "is not a known field"),
    ("at least 99.99%", "at least 99.9%", "spec.obligations[0].objective", "is not where the first tier begins"),
    ("at least 99.99%", "better than 99.99%", "spec.obligations[0].objective", "is not an objective"),
    ("indicator: availability", "indicator: uptime", "spec.obligations[0].indicator", "names no SLI"),
    ("missingData: breach", "missingData: pay", "spec.obligations[0].missingData", "is no policy"),
    ("      missingData", "      cap: 0\n      missingData", "spec.obligations[0].cap", "would mean no cap"),
    ("missingData: ", "sane: {min: 96%, max: 100%}\n      missingData: ", "spec.obligations[0].tiers[2]", "no sane"),
    ("service: compute-region", "service: other", "spec.service", "names no Service"),
    ("  reportWithin: 7 days\n", "", "spec.reportWithin", "is missing"),
    ("reportWithin: 7 days", "reportWithin: a week", "spec.reportWithin", "is not a duration"),
    ("reportWithin: 7 days", "reportWithin: 62 days", "spec.reportWithin", "not due before claims end"),
    ("claimWithin: 62 days", "claimWithin: 401 days", "spec.claimWithin", "longer than 400 days"),
    ('bond: "50.00"', "bond: 10", "spec.dispute.arbiterFee", "fee exceeds the bond"),
    ("breaches: 3", "breaches: 9", "spec.exit", "cannot be met"),
    ("every: 1 month", "every: 14 months", "spec.schedule.every", "out of range"),
    ("every: 1 month", "every: monthly", "spec.schedule.every", "is not a period"),
    ("every: 1 month", "every: 0 months", "spec.schedule.every", "is not a period"),
    ("periods: 12", "periods: 0", "spec.schedule.periods", "out of range"),
    ("periods: 12", "periods: 16777216", "spec.schedule.periods", "is not a whole number in range"),
    ("zone: UTC", "zone: Mars/Olympus", "spec.schedule.zone", "is not a time zone"),
    ("zone: UTC", "zone: ../../etc/passwd", "spec.schedule.zone", "is not a time zone"),
    ("zone: UTC", "zone: America", "spec.schedule.zone", "is not a time zone"),
    ("start: 2027-01-01T00:00:00", "start: 2027-01-01T00:00:00Z", "spec.schedule.start", "is not a local date"),
    ("start: 2027-01-01T00:00:00", "start: 2027-02-29", "spec.schedule.start", "is not in the calendar"),
    ("start: 2027-01-01T00:00:00", "start: 1969-12-31", "spec.schedule.start", "lies before 1970"),
    ("openBy: 2027-01-15T00:00:00Z", "openBy: 2027-01-15", "spec.openBy", "is not a moment in UTC"),
    ("decimals: 6", "decimals: 37", "spec.token.decimals", "is not a whole number in range"),
    ("counter: true", "counter: yes", "spec.ratioMetric.counter", "is not known here"),
    ("count: up", "count: fast", "spec.ratioMetric.good.metricSource.spec.count", "do not go together"),
    ("count: known", "count: all", "spec.ratioMetric.total.metricSource.spec.count", "is not known here"),
    ("type: http-probe", "type: zabbix", "spec.type", "is not a known type of source"),
    ("https://health", "ftp://health", "spec.connectionDetails.url", "is not a web address"),
    ("Milliseconds: 5000", "Milliseconds: 0", "spec.connectionDetails.timeoutMilliseconds", "no time at all"),
    ("apiVersion: makegood/v1", "apiVersion: openslo/v1", "apiVersion", "does not go with kind SLA"),
    ("kind: SLI", "kind: SLO", "kind", "is no kind of document"),
    ("metadata:\n", "metadata:\n  labels: x\n", "metadata.labels", "is not a known field"),
    ("description: Instances", "description:\n    - Instances", "spec.description", "is not a single value"),
    ("scope: All instances", "scope: ''\n  source2: All", "spec.source2", "is not a known field"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "problem"), REFUSALS)
def test_load_terms__one_thing_wrong__is_refused_by_field(
    old: str, new: str, path: str, problem: str
) -> None:
    error = refusal(change(TEXT, old, new))

    assert error.path == path
    assert problem in error.problem
    assert error.remedy


def test_refusal__of_a_field__names_the_line_of_the_file() -> None:
    text = change(TEXT, "below: 95%", "below: 95")
    expected = text.splitlines().index("        - below: 95") + 1

    assert refusal(text).line == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (TEXT.replace("periods: 12", "periods: 12\n    periods: 13"), "occurs twice"),
        (TEXT.replace("zone: UTC", "zone: &zone UTC"), "anchors and aliases"),
        (TEXT.replace("zone: UTC", "zone: *zone"), "anchors and aliases"),
        (TEXT.replace("periods: 12", "periods: !!int 12"), "carries the tag"),
        (TEXT.replace("periods: 12", "? [a, b]\n    : 12"), "key that is not text"),
        (TEXT + "\n---\n- a list\n", "not a group of fields"),
        (TEXT + "\n---\n", "not a group of fields"),
        (TEXT + TEXT[TEXT.index("---\napiVersion: makegood") :], "2 documents of kind SLA"),
        (TEXT[: TEXT.index("---\napiVersion: makegood")], "0 documents of kind SLA"),
        (TEXT + "---\n" + TEXT[: TEXT.index("---")], "names two documents"),
        ("%YAML 1.1\n---\n" + TEXT, "directives"),
        ("", "no document"),
        ("# nothing\n", "no document"),
        ("a: b: c", "not YAML"),
        ('a: "\\UFFFFFFFF"', "not YAML"),
        ('a: "\\uD800"', "half of a surrogate pair"),
        ("\ud800", "not valid Unicode"),
        ("\x00", "not YAML"),
        ("[" * 40, "deeper than 32 levels"),
        ("{" * 10_000, "deeper than 32 levels"),
        ("a: [" + "b," * 50_000 + "]", "more than 50000 values"),
        ("a: " + "x" * 1_000_000, "the text has 1000003 bytes"),
    ],
)
def test_load_terms__yaml_with_surprises__is_refused(text: str, problem: str) -> None:
    assert problem in str(refusal(text))


def test_refusal__of_a_billion_laughs__comes_at_the_first_anchor() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"

    assert refusal(bomb).line == 1


def test_level__counted_in_another_unit__is_refused() -> None:
    error = refusal(change(STEPS, "above: 15 business days", "above: 15 days"))

    assert "is not in business days" in error.problem


def test_sane_bounds__of_a_number__must_be_stated() -> None:
    sane = STEPS[STEPS.index("      sane:") : STEPS.index("      tiers:")]

    assert refusal(change(STEPS, sane, "")).path == "spec.obligations[0].sane"


def test_level__one_of_a_unit__may_be_singular() -> None:
    terms = load_terms(
        STEPS.replace("12 business days", "1 business day").replace(
            "min: 0 business days", "min: 0 business day"
        )
    )
    assert terms.obligations[0].terms.tiers[0].bound == 1


def test_plus__per_several_units__is_a_step() -> None:
    terms = load_terms(change(STEPS, "2.00 GBPX per business day", "6.00 per 3 business days"))

    assert terms.obligations[0].terms.tiers[0] == Tier(12, 0, 600, 3)


def test_plus__of_a_ratio__is_a_part_of_the_charge_per_part_of_the_whole() -> None:
    terms = load_terms(
        change(TEXT, "pay: 10% of charge", "pay: 2% of charge\n          plus: 1% of charge per 0.1%")
    )

    assert terms.agreement().obligations[0].tiers[0] == Tier(999_900, 20_000, 10_000, 1_000)


def test_cap__as_a_part_of_the_charge__is_an_amount() -> None:
    terms = load_terms(change(TEXT, "  collateral:", "  periodCap: 50% of charge\n  collateral:"))

    assert terms.agreement().service.period_cap == 500_000_000


def test_cap__as_a_part_of_a_metered_charge__is_refused() -> None:
    text = change(TEXT, 'fixed: "1000.00"', 'max: "1000.00"')
    assert load_terms(text).agreement().service.charge_max == 1_000_000_000

    error = refusal(change(text, "  collateral:", "  periodCap: 50% of charge\n  collateral:"))
    assert error.path == "spec.periodCap"
    assert "not fixed" in error.problem


def test_cap__that_is_no_whole_number_of_base_units__is_refused() -> None:
    text = change(TEXT, 'fixed: "1000.00"', "fixed: 0.000001")

    assert (
        "whole number of base units"
        in refusal(change(text, "  collateral:", "  periodCap: 50% of charge\n  collateral:")).problem
    )


def test_predecessor_and_downstream__when_given__stand_in_the_agreement() -> None:
    text = change(
        TEXT, "  collateral:", f"  predecessor: 0x{'ab' * 32}\n  downstream: 0x{'cd' * 32}\n  collateral:"
    )
    terms = load_terms(text).agreement()

    assert (terms.formation.predecessor, terms.stake.downstream) == (b"\xab" * 32, b"\xcd" * 32)
    assert "32 bytes" in refusal(text.replace("ab" * 32, "ab" * 31)).problem
