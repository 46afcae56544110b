"""What ``terms check`` says about terms the rules allow: words, sampling, money, windows."""

from __future__ import annotations

from pathlib import Path

import pytest

from record.terms.bands import Band, bands, is_reachable
from record.terms.findings import Finding, Severity
from record.terms.lint import inspect_terms
from sla.agreement import Comparator, MissingData, Obligation, PayUnit, Tier
from tests.unit.cli.terms_hostile import SOUND, change

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
NOW = 1_795_305_600  # 2026-11-22


def findings(text: str) -> dict[str, Finding]:
    inspection = inspect_terms(text, NOW)
    assert len({finding.path for finding in inspection.findings}) == len(inspection.findings)
    return {finding.path: finding for finding in inspection.findings}


def seconds(length: str, interval: int = 1_000) -> str:
    text = change("every: 1 month", f"every: {length}")
    return change("intervalMilliseconds: 60000", f"intervalMilliseconds: {interval}", text)


def test_inspect__sound_terms__have_no_findings() -> None:
    assert findings(SOUND) == {}


def test_sampling__20_samples__cannot_reach_a_tier_narrower_than_5_percent() -> None:
    """Of 20 samples 20 good are 100 %, 19 are 95 %: 99 to 99.99 % and 95 to 99 % is only the latter, at its far end."""
    found = findings(seconds("20 seconds"))

    tier = found["spec.obligations[0].tiers[0]"]
    assert tier.severity is Severity.WARNING
    assert tier.problem == (
        "can never be reached: 20 samples in 20 seconds, all known, move the attainment in steps of 5%, and none "
        "of them falls between 99% and 99.9899%"
    )
    assert "spec.obligations[0].tiers[1]" not in found
    assert SOUND.splitlines()[(tier.line or 0) - 1] == "        - below: 99.99%"


@pytest.mark.parametrize(
    ("length", "interval", "severity", "words"),
    [
        ("1 second", 1_000, Severity.ERROR,
         "a period of 1 second holds 1 sample of 'availability': it cannot be measured"),
        ("1 second", 60_000, Severity.ERROR, "holds 0 samples"),
        ("10 seconds", 1_000, Severity.WARNING, "a single bad one moves the attainment by 10%"),
        ("3 seconds", 1_000, Severity.WARNING, "moves the attainment by 33.333%"),
    ],
)  # fmt: skip
def test_sampling__few_samples__are_told_with_their_number(
    length: str, interval: int, severity: Severity, words: str
) -> None:
    found = findings(seconds(length, interval))["spec.schedule.every"]

    assert found.severity is severity
    assert words in found.problem


def test_sampling__a_month__is_taken_at_its_shortest() -> None:
    """February 2028 has 29 days; three months from May have 30 at least: 30 days of one sample a day are 30."""
    text = change("intervalMilliseconds: 60000", "intervalMilliseconds: 86400000")

    assert "30 samples in 30 days" in findings(text)["spec.obligations[0].tiers[0]"].problem


def reachable_by_trying(band: Band, samples: int) -> bool:
    return any(band.low <= good * 1_000_000 // samples <= band.high for good in range(samples + 1))


@pytest.mark.parametrize("comparator", list(Comparator))
def test_is_reachable__every_small_number_of_samples__is_as_found_by_trying_all(
    comparator: Comparator,
) -> None:
    bounds = [999_900, 995_000, 990_000, 950_000, 666_667, 333_333, 1]
    ordered = bounds if comparator is Comparator.AT_LEAST else bounds[::-1]
    tiers = tuple(Tier(bound, 1, 0, 0) for bound in ordered)
    terms = Obligation(bytes(32), comparator, PayUnit.AMOUNT, MissingData.IGNORE, 0, 0, 1_000_000, tiers)
    for band in bands(terms):
        for samples in [*range(1, 130), 999, 1_000, 1_001]:
            assert is_reachable(band, samples) == reachable_by_trying(band, samples)


def test_bands__of_both_directions__share_no_attainment_and_leave_out_the_objective() -> None:
    tiers = (Tier(2, 1, 0, 0), Tier(5, 2, 0, 0))
    late = Obligation(bytes(32), Comparator.AT_MOST, PayUnit.AMOUNT, MissingData.IGNORE, 0, 0, 9, tiers)
    up = Obligation(bytes(32), Comparator.AT_LEAST, PayUnit.AMOUNT, MissingData.IGNORE, 0, 0, 9, tiers[::-1])

    assert list(bands(late)) == [Band(0, 3, 5, 5), Band(1, 6, 9, 9)]
    assert list(bands(up)) == [Band(0, 2, 4, 2), Band(1, 0, 1, 0)]


@pytest.mark.parametrize(
    ("old", "new", "path", "severity", "words"),
    [
        ('collateral: "3000.00"', 'collateral: "999.99"', "spec.collateral", Severity.WARNING,
         "999.99 USDX does not cover one period at its worst, 1,000.00 USDX: 0.01 USDX would be owed and not paid"),
        ('collateral: "3000.00"', 'collateral: "2999.999999"', "spec.collateral", Severity.HINT,
         "2,999.999999 USDX covers 2 of 3 periods at their worst; all of them would come to 3,000.00 USDX"),
        ("window: 3 days", "window: 0 days", "spec.dispute.window", Severity.WARNING, "nobody can contest it"),
        ("window: 3 days", "window: 23 hours", "spec.dispute.window", Severity.WARNING, "leaves 23 hours"),
        ("reportWithin: 7 days", "reportWithin: 304 seconds", "spec.reportWithin", Severity.WARNING,
         "they need 305 seconds"),
        ("claimWithin: 62 days", "claimWithin: 604801 seconds", "spec.claimWithin", Severity.WARNING,
         "ends 1 second after"),
        ('bond: "50.00"', 'bond: "1000.01"', "spec.dispute.bond", Severity.HINT, "no dispute would be worth its bond"),
        ("openBy: 2027-05-01", "openBy: 2027-07-01", "spec.openBy", Severity.HINT, "2027-06-01 00:00:00 UTC"),
        ("owner: Operations", "owner: TBD", "spec.obligations[0].owner", Severity.WARNING, "it says 'TBD'"),
        ("      owner: Operations\n", "", "spec.obligations[0].owner", Severity.WARNING, "is missing"),
        ("scope: The front page\n", "scope: n/a\n", "spec.obligations[0].scope", Severity.WARNING, "says nothing"),
        ("description: The shop answers.", "description: TODO", "spec.description", Severity.WARNING, "'TODO'"),
        ("  source: Contract 7 of 2027.\n", "", "spec.source", Severity.HINT, "is missing"),
        ("name: Northwind", "name: N\u043erthwind", "spec.parties.provider.name", Severity.WARNING,
         "Cyrillic And Latin"),
        ("      missingData", '      cap: "300.00"\n      missingData', "spec.obligations[0].tiers[2]", Severity.HINT,
         "never pays more than the tier before it, 300.00 USDX"),
        ('fixed: "1000.00"', "fixed: 0.000009", "spec.obligations[0].tiers[0]", Severity.WARNING, "pays nothing"),
    ],
)  # fmt: skip
def test_lint__one_weakness__is_told_at_its_line(
    old: str, new: str, path: str, severity: Severity, words: str
) -> None:
    found = findings(change(old, new))[path]

    assert found.severity is severity
    assert words in found.problem
    assert found.remedy
    assert found.line


def test_inspect__unsupported_field__does_not_hide_the_rest() -> None:
    found = findings(change("owner: Operations", "owner: TBD", change("fixed:", "max:")))

    assert found["spec.charge.max"].severity is Severity.ERROR
    assert found["spec.obligations[0].owner"].severity is Severity.WARNING


def test_lint__exit_that_comes_too_late__is_a_warning() -> None:
    exit_after = "  exit: {{breaches: {0}, periods: {0}}}\n  collateral:"
    found = findings(change("  collateral:", exit_after.format(3)))

    assert "asks for 3 paid periods of 3 in all" in found["spec.exit.breaches"].problem
    assert not [path for path in findings(change("  collateral:", exit_after.format(2))) if "exit" in path]


def test_lint__opening_within_the_first_period__is_a_free_look() -> None:
    found = findings(change("openBy: 2027-05-01T00:00:00Z", "openBy: 2027-05-01T00:00:01Z"))

    assert found["spec.openBy"].severity is Severity.HINT
    assert "can watch the period before opening" in found["spec.openBy"].problem
    assert "spec.openBy" not in findings(SOUND)


def test_lint__ruling_due_before_the_window_would_end__is_a_warning() -> None:
    found = findings(change("rulingWithin: 14 days", "rulingWithin: 2 days"))

    assert found["spec.dispute.rulingWithin"].severity is Severity.WARNING
    assert "2 days from a dispute on, less than the 3 days" in found["spec.dispute.rulingWithin"].problem
    assert not findings(change("rulingWithin: 14 days", "rulingWithin: 3 days")).get(
        "spec.dispute.rulingWithin"
    )


def test_lint__amendment__is_not_measured_by_the_collateral_it_adds() -> None:
    text = change("  collateral:", f'  predecessor: "0x{"ab" * 32}"\n  collateral:')
    found = findings(change("openBy: 2027-05-01", "openBy: 2027-05-02", change('"3000.00"', '"1.00"', text)))

    assert "spec.collateral" not in found
    assert "when the escrow no longer takes the amendment" in found["spec.openBy"].problem


def test_inspect__first_period_over_and_offer_over__are_both_told() -> None:
    text = change(
        "openBy: 2027-05-01", "openBy: 2026-05-01", change("start: 2027-05-01", "start: 2026-05-01")
    )

    assert {"spec.schedule.start", "spec.openBy"} <= set(findings(text))


def test_inspect__errors_in_a_source_of_unknown_type__leave_what_rests_on_it_alone() -> None:
    text = change("type: http-probe", "type: zabbix", change("pay: 30% of charge", "pay: 30"))

    assert set(findings(text)) == {"spec.type"}


MONITORED = (EXAMPLES / "okkami-monitored.yaml").read_text()


def monitored(*changes: tuple[str, str]) -> str:
    text = MONITORED
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def test_inspect__errors_in_every_kind_of_monitor__are_all_told_in_one_run() -> None:
    """And those of the obligations that rest on them."""
    found = findings(
        monitored(
            ("url: https://prometheus.example.com", "url: prometheus:9090"),
            ("at least 0.99\n", "more than 0.99\n"),
            ("holdsFor: 2 days", "holdsFor: forever"),
            ("degraded: good", "degraded: maybe"),
            ("query: probe_success", "kuery: probe_success"),
            ("pay: 2% of charge", "pay: 2% of fee"),
        )
    )

    assert {(path, finding.line) for path, finding in found.items()} == {
        ("spec.connectionDetails.url", 19),
        ("spec.connectionDetails.holdsFor", 46),
        ("spec.ratioMetric.good.metricSource.spec.kuery", 60),
        ("spec.ratioMetric.good.metricSource.spec.goodWhen", 101),
        ("spec.ratioMetric.good.metricSource.spec.degraded", 121),
        *((f"spec.obligations[{place}].tiers[0].pay", 181 + 15 * place) for place in range(4)),
    }
    assert {finding.severity for finding in found.values()} == {Severity.ERROR}


def test_sampling__monitors__are_counted_by_their_interval_and_a_status_log_by_time() -> None:
    """An hour has 120 readings 30 s apart, 60 a minute apart, and 3 600 000 milliseconds of status."""
    found = findings(monitored(("every: 1 month", "every: 1 hour"), ("Asia/Singapore", "UTC")))

    unreachable = {
        path: finding.problem for path, finding in found.items() if "never be reached" in finding.problem
    }
    assert {path: problem.split(",")[0] for path, problem in unreachable.items()} == {
        # 119 of 120 are 99.1666 %, 59 of 60 are 98.3333 %.
        "spec.obligations[0].tiers[0]": "can never be reached: 120 samples in 1 hour",
        "spec.obligations[1].tiers[0]": "can never be reached: 120 samples in 1 hour",
        "spec.obligations[2].tiers[0]": "can never be reached: 60 samples in 1 hour",
    }


def test_sampling__prometheus_over_a_month__hints_at_what_it_keeps() -> None:
    found = findings(MONITORED)
    hints = {
        path: finding for path, finding in found.items() if "unless it is told otherwise" in finding.problem
    }

    assert set(hints) == {"spec.obligations[0].indicator", "spec.obligations[1].indicator"}
    assert {finding.severity for finding in hints.values()} == {Severity.HINT}
    fortnight = findings(monitored(("every: 1 month", "every: 2 weeks")))
    assert not fortnight.keys() & set(hints)
    assert Severity.ERROR not in {finding.severity for finding in fortnight.values()}


@pytest.mark.parametrize(("interval", "is_fine"), [(2_679, True), (2_678, False), (1, False)])
def test_sampling__more_values_than_a_node_asks_prometheus_for__are_refused(
    interval: int, is_fine: bool
) -> None:
    """31 days are 2 678 400 seconds: 2.679 s apart they hold 999 776 values, 2.678 s apart 1 000 149."""
    text = monitored(("intervalMilliseconds: 30000", f"intervalMilliseconds: {interval}"))
    found = findings(text)["spec.obligations[0].indicator"]

    assert (found.severity is not Severity.ERROR) == is_fine
    assert ("nodes ask for 1000000 at most" in found.problem) != is_fine


def test_inspect__every_example__can_be_signed_or_is_the_one_to_be_refused() -> None:
    for file in sorted(EXAMPLES.glob("*.yaml")):
        inspection = inspect_terms(file.read_text(), NOW)
        assert (inspection.count(Severity.ERROR) == 0) == (file.stem != "telus-wavelength"), file
