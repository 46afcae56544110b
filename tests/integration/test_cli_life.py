"""How an agreement goes on, at the command line and on a real chain: amended, ended, corrected, contested."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chain.token import Token
from record.terms import TermsDocument, load_terms
from sla.agreement import NO_DATA
from sla.report import Report
from sla.schedule import boundary
from tests.integration.cli_world import KEYS, ONE, CliWorld, cli_world

pytestmark = pytest.mark.xdist_group("cli-life")

COLLATERAL = 3_000 * ONE
CHARGE = 1_000 * ONE
BREACH, WORSE = 985_000, 940_000
"""Of the quick terms' bands 98.5 % pays 10 % of the charge, 94 % pays 30 %."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CliWorld]:
    with cli_world(tmp_path_factory.mktemp("life")) as built:
        built.token.mint(KEYS["operator"], KEYS["provider"].address, 1_000_000 * ONE)
        yield built


def wall(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def where(period: int = 0) -> list[str]:
    return ["--period", str(period), "--obligation", "0"]


def report(agreement: str, attained: int, period: int = 0, revision: int = 0) -> Report:
    return Report(bytes.fromhex(agreement[2:]), period, 0, revision, attained, CHARGE)


def ended(world: CliWorld, document: TermsDocument, periods: int) -> None:
    """Let time pass until the first ``periods`` are over."""
    world.travel(max(0, boundary(document.service, periods) + 1 - world.connection.now()))


def amendment(world: CliWorld, name: str, predecessor: str, start: int, **replaced: str) -> Path:
    """Terms that take over at ``start``, with 500 more collateral."""
    file = world.terms(name)
    text = file.read_text()
    lines = [
        f"    start: {wall(start)}"
        if line.startswith("    start: ")
        else f"  openBy: {wall(start + 3_600)}Z"
        if line.startswith("  openBy: ")
        else line
        for line in text.splitlines()
    ]
    text = "\n".join(lines) + "\n"
    for old, new in {'collateral: "3000.00"': 'collateral: "500.00"', **replaced}.items():
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text.replace("  collateral:", f'  predecessor: "{predecessor}"\n  collateral:'))
    return file


# Amendments


def test_amend__new_terms__take_over_where_a_period_ends(world: CliWorld) -> None:
    first, document = world.opened("amended")
    start = boundary(document.service, 3)
    terms = amendment(world, "amendment", first, start, **{"pay: 10% of charge": "pay: 15% of charge"})
    signatures = world.signatures(terms)
    with world.untouched():
        told = world.run("open", terms, *signatures, *world.key("provider"), code=2).stderr
    assert "bring them with makegood amend" in told
    with world.untouched():
        told = world.run("amend", terms, *signatures, *world.key("provider"), "--dry-run").stdout
    assert "Nothing was sent" in told
    before = world.balance("provider")
    said = world.json("amend", terms, *signatures, *world.key("provider"))
    assert (said["predecessor"], said["periods"], said["collateral"]) == (first, 3, str(500 * ONE))
    assert before - world.balance("provider") == 500 * ONE

    whole = world.json("status", said["agreement"])["agreement"]
    assert (whole["first"], whole["version"], whole["isHead"]) == (first, 1, True)
    assert whole["collateral"]["amount"] == str(COLLATERAL + 500 * ONE)
    shown = world.run("status", first).stdout
    assert f"version 1  {first[:10]}: 3 periods" in shown
    assert "amended at 3" in shown
    assert "1, amended" in world.run("status").stdout

    with world.untouched():
        told = world.run("amend", terms, *signatures, *world.key("provider"), code=1).stderr
    assert "AgreementExists" in told
    again = amendment(world, "late", first, start)
    signatures = world.signatures(again)
    with world.untouched():
        told = world.run("amend", again, *signatures, *world.key("provider"), code=1).stderr
    assert "NotHead" in told
    assert said["agreement"] in told

    # A period before the cut is still claimed and paid under the terms that govern it, from the one account.
    ended(world, document, 1)
    world.claimed(first, document, BREACH)
    world.travel(61)
    told = world.run("settle", said["agreement"], *world.key("stranger")).stdout
    assert told == f"Nothing is due. Claims due under its other terms {first}: 1.\n"
    customer = world.balance("customer")
    world.run("settle", first, *world.key("stranger"))
    assert world.balance("customer") - customer == 100 * ONE


def test_amend__terms_that_amend_nothing_known__are_refused(world: CliWorld) -> None:
    terms = world.terms("first")
    told = world.run("amend", terms, *world.signatures(terms), *world.key("provider"), code=2).stderr
    assert "spec.predecessor: is missing" in told
    stray = amendment(world, "stray", "0x" + "ab" * 32, world.now + 600)
    signatures = world.signatures(stray)
    with world.untouched():
        told = world.run("amend", stray, *signatures, *world.key("provider"), code=2).stderr
    assert f"no agreement 0x{'ab' * 32} is in force" in told


def test_amend__start_inside_a_period__names_the_boundaries_around_it(world: CliWorld) -> None:
    first, document = world.opened("inside")
    one, two = boundary(document.service, 1), boundary(document.service, 2)
    terms = amendment(world, "inside-amendment", first, one + 7)
    signatures = world.signatures(terms)
    with world.untouched():
        told = world.run("amend", terms, *signatures, *world.key("provider"), code=2).stderr
    assert f"start at {wall(one).replace('T', ' ')} or {wall(two).replace('T', ' ')}" in told


def test_amend__period_that_began__is_the_contracts_word(world: CliWorld) -> None:
    first, document = world.opened("begun")
    terms = amendment(world, "begun-amendment", first, boundary(document.service, 1))
    signatures = world.signatures(terms)
    ended(world, document, 1)
    with world.untouched():
        told = world.run("amend", terms, *signatures, *world.key("provider"), code=1).stderr
    assert "PeriodBegun" in told


# Terminations


def test_terminate__both_parties__cut_the_periods(world: CliWorld) -> None:
    agreement, document = world.opened("terminated")
    offer = world.folder / "end.json"
    until = wall(boundary(document.service, 1)) + "Z"
    with world.untouched():
        world.run("terminate", "propose", agreement, offer, "--valid-by", until, "--dry-run")
    said = world.json("terminate", "propose", agreement[:10], offer, "--valid-by", until)
    # The period that begins at the very end of the validity has begun by then.
    assert said["periods"] == 2
    with world.untouched():
        told = world.run(
            "terminate", "sign", offer, "--as", "customer", *world.key("stranger"), code=2
        ).stderr
    assert f"the customer of this agreement is {KEYS['customer'].address}" in told
    world.run("terminate", "sign", offer, "--as", "provider", *world.key("provider"))
    with world.untouched():
        told = world.run("terminate", "submit", offer, *world.key("stranger"), code=2).stderr
    assert "the customer's signature is missing" in told
    typed = json.loads(world.run("terminate", "sign", offer, "--as", "customer", "--typed-data").stdout)
    assert typed["message"] == {
        "agreement": agreement,
        "count": "2",
        "validBy": str(boundary(document.service, 1)),
    }
    world.run("terminate", "sign", offer, "--as", "customer", *world.key("customer"))
    with world.untouched():
        world.run("terminate", "submit", offer, *world.key("stranger"), "--dry-run")
    world.run("terminate", "submit", offer, *world.key("stranger"))
    assert world.json("status", agreement)["agreement"]["periods"] == 2
    with world.untouched():
        told = world.run("terminate", "submit", offer, *world.key("stranger"), code=2).stderr
    assert "the agreement has 2 left" in told


def test_terminate__another_partys_signature__names_who_signed(world: CliWorld) -> None:
    agreement, document = world.opened("forged end")
    offer = world.folder / "forged.json"
    world.run(
        "terminate", "propose", agreement, offer, "--valid-by", wall(boundary(document.service, 1)) + "Z"
    )
    for role in ("provider", "customer"):
        world.run("terminate", "sign", offer, "--as", role, *world.key(role))
    file = world.folder / "forged.customer.sig.json"
    provider = json.loads((world.folder / "forged.provider.sig.json").read_text())
    said = {**json.loads(file.read_text()), "signature": provider["signature"]}
    file.write_text(json.dumps(said, sort_keys=True, separators=(",", ":")) + "\n")
    with world.untouched():
        told = world.run("terminate", "submit", offer, *world.key("stranger"), code=2).stderr
    assert f"the signature is that of {KEYS['provider'].address}, but the customer is" in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--valid-by", "2020-01-01T00:00:00Z"], "--valid-by: is over"),
        (["--valid-by", "soon"], "--valid-by: 'soon'"),
        (["--valid-by", "2099-01-01T00:00:00Z"], "--valid-by: 10 periods would be kept"),
        (["--valid-by", "2099-01-01T00:00:00Z", "--count", "99"], "--count: 99 periods would be kept"),
    ],
)
def test_terminate__wrong_time_or_count__is_one_sentence(
    world: CliWorld, options: list[str], told: str
) -> None:
    known = next(
        one["id"] for one in world.json("status")["agreements"] if one["periods"] == 10 and one["isHead"]
    )
    with world.untouched():
        said = world.run("terminate", "propose", known, world.folder / "no.json", *options, code=2).stderr
    assert told in said
    assert said.count("\n") == 1


# Exit


def test_exit__after_paid_breaches__finds_them_by_itself(world: CliWorld) -> None:
    rule = {"  collateral:": "  exit: {breaches: 2, periods: 3}\n  collateral:"}
    terms = world.terms("exit", rule)
    agreement = world.json("open", terms, *world.signatures(terms), *world.key("provider"))["agreement"]
    document = load_terms(terms.read_text())
    ended(world, document, 3)
    with world.untouched():
        told = world.run("exit", agreement, *world.key("customer"), code=1).stderr
    assert "BreachesTooFew" in told
    world.claimed(agreement, document, BREACH, period=0)
    world.claimed(agreement, document, WORSE, period=2)
    named = ["--breach", "0/0", "--breach", "2/0"]
    with world.untouched():
        told = world.run("exit", agreement, *named, *world.key("customer"), code=1).stderr
    assert "BreachNotFinal" in told
    world.travel(61)
    world.run("settle", agreement, *world.key("stranger"))
    with world.untouched():
        told = world.run("exit", agreement, *world.key("provider"), code=2).stderr
    assert f"is not the customer {KEYS['customer'].address}" in told
    said = world.json("exit", agreement[:12], *world.key("customer"))
    assert said["breaches"] == [{"period": 0, "obligation": 0}, {"period": 2, "obligation": 0}]
    whole = world.json("status", agreement)["agreement"]
    assert whole["periods"] == said["periods"]
    assert whole["versions"][0]["cuts"][0]["reason"] == "exited"


def test_exit__terms_without_the_rule__says_so(world: CliWorld) -> None:
    agreement, _ = world.opened("no exit")
    with world.untouched():
        told = world.run("exit", agreement, *world.key("customer"), code=1).stderr
        wrong = world.run("exit", agreement, "--breach", "x", *world.key("customer"), code=1).stderr
    assert "the terms have no exit rule (ExitRuleMissing)" in told
    assert "ExitRuleMissing" in wrong


# Back-to-back


def test_link__downstream_of_our_customer__is_paid_in_its_place(world: CliWorld) -> None:
    people = {KEYS["provider"].address: KEYS["customer"].address}
    terms = world.terms("downstream")
    text = terms.read_text()
    # Our customer is the provider there, and a stranger its customer.
    text = text.replace(KEYS["customer"].address, KEYS["stranger"].address)
    text = text.replace(KEYS["provider"].address, people[KEYS["provider"].address])
    terms.write_text(text)
    signatures = []
    for role, who in (("provider", "customer"), ("customer", "stranger")):
        out = world.folder / f"downstream.{role}.json"
        world.run("terms", "sign", terms, "--as", role, "--out", out, "--yes", *world.key(who))
        signatures += ["--signature", str(out)]
    downstream = world.json("open", terms, *signatures, *world.key("customer"))["agreement"]

    upstream = world.terms("upstream", {"  collateral:": f'  downstream: "{downstream}"\n  collateral:'})
    agreement = world.json("open", upstream, *world.signatures(upstream), *world.key("provider"))["agreement"]
    assert "the customer; " in world.run("status", agreement).stdout
    with world.untouched():
        told = world.run("link", downstream, *world.key("stranger"), code=2).stderr
    assert "its terms name no downstream agreement" in told
    assert world.json("link", agreement, *world.key("stranger"))["downstream"] == downstream
    assert f"pays the escrow of {downstream[:10]}" in world.run("status", agreement).stdout

    document = load_terms(upstream.read_text())
    ended(world, document, 1)
    world.claimed(agreement, document, BREACH)
    world.travel(61)
    before = world.balance("customer")
    world.run("settle", agreement, *world.key("stranger"))
    assert world.balance("customer") == before
    credited = world.json("status", downstream)["agreement"]
    assert credited["collateral"]["amount"] == str(COLLATERAL + 100 * ONE)


# Reports, corrections, silence


def test_claim__correction__moves_only_the_difference(world: CliWorld) -> None:
    agreement, document = world.opened("corrected")
    ended(world, document, 1)
    with world.untouched():
        told = world.run("claim", agreement, *where(), *world.key("stranger"), code=1).stderr
    assert "no report of period 0, obligation 0 was attested" in told
    world.post([report(agreement, BREACH), report(agreement, 1_000_000, revision=7)])
    with world.untouched():
        shown = world.run(
            "claim", agreement, *where(), "--revision", "0", *world.key("stranger"), "--dry-run"
        )
    assert "98.5% of Availability in period 0, revision 0, which pays 100.00 tUSD" in shown.stdout
    said = world.json("claim", agreement, *where(), "--revision", "0", *world.key("stranger"))
    assert (said["status"], said["attained"]) == ("pending", BREACH)
    world.travel(61)
    before = world.balance("customer")
    world.run("settle", agreement, *world.key("stranger"))
    world.post([report(agreement, WORSE, revision=9)])
    corrected = world.json("claim", agreement, *where(), *world.key("stranger"))
    assert corrected["revision"] == 9
    assert "pending, corrected" in world.run("status", agreement).stdout
    with world.untouched():
        told = world.run("claim", agreement, *where(), *world.key("stranger"), code=1).stderr
    assert "RevisionNotHigher" in told
    world.travel(61)
    world.run("settle", agreement, *world.key("stranger"))
    assert world.balance("customer") - before == 300 * ONE


def test_dispute__leafless__is_answered_by_a_report(world: CliWorld) -> None:
    agreement, document = world.opened("silent")
    ended(world, document, 1)
    alleged = [*where(), "--attained", "94%"]
    with world.untouched():
        told = world.run("dispute", agreement, *alleged, *world.key("customer"), code=1).stderr
    assert "NotOverdue" in told
    world.travel(6 * 60)
    world.run("dispute", agreement, *alleged, *world.key("customer"))
    with world.untouched():
        told = world.run("concede", agreement, *where(), *world.key("customer"), code=2).stderr
    assert "only the opponent can concede it" in told
    assert "awaited" in world.run("status", agreement).stdout
    world.post([report(agreement, 1_000_000)])
    answered = world.json("claim", agreement, *where(), *world.key("provider"))
    assert answered["status"] == "disputed"
    before = world.balance("customer")
    world.travel(10 * 60 + 1)
    world.run("settle", agreement, *world.key("stranger"))
    # The arbiter was silent and the report says that all was fine: the bond comes back, nothing more.
    assert world.balance("customer") - before == 50 * ONE


def test_concede__opponent__pays_what_was_alleged(world: CliWorld) -> None:
    agreement, document = world.opened("conceded")
    with world.untouched():
        told = world.run("concede", agreement, *where(), *world.key("provider"), code=1).stderr
    assert "NotDisputed" in told
    ended(world, document, 1)
    world.claimed(agreement, document, BREACH)
    before = world.balance("customer")
    world.run("dispute", agreement, *where(), "--attained", "94%", *world.key("customer"))
    said = world.json("concede", agreement, *where(), *world.key("provider"))
    assert (said["alleged"], said["compensation"]) == (WORSE, str(300 * ONE))
    world.run("settle", agreement, *world.key("stranger"))
    assert world.balance("customer") - before == 300 * ONE


def test_case__report_without_data__is_for_the_arbiter(world: CliWorld) -> None:
    policy = {"missingData: ignore": "missingData: arbiter"}
    terms = world.terms("case", policy)
    agreement = world.json("open", terms, *world.signatures(terms), *world.key("provider"))["agreement"]
    ended(world, load_terms(terms.read_text()), 1)
    world.post([report(agreement, NO_DATA)])
    said = world.run("claim", agreement, *where(), *world.key("stranger")).stdout
    assert "outside the sane bounds, for which the missing-data policy says 0.00 tUSD" in said
    assert "the arbiter may rule until" in said
    shown = world.run("status", agreement).stdout
    assert "Case of Availability of period 0" in shown
    with world.untouched():
        told = world.run("concede", agreement, *where(), *world.key("provider"), code=2).stderr
    assert "nobody disputes it" in told
    log = world.folder / "log.txt"
    log.write_text("what the customer saw")
    world.run("evidence", agreement, log, *where(), *world.key("customer"))
    before = world.balance("customer")
    world.run("rule", agreement, *where(), "--attained", "94%", *world.key("arbiter"))
    world.run("settle", agreement, *world.key("stranger"))
    assert world.balance("customer") - before == 300 * ONE


def test_claim__bundle_of_a_round_without_reports__is_found_in_a_file(world: CliWorld) -> None:
    agreement, document = world.opened("bundled")
    ended(world, document, 1)
    stray = world.folder / "stray.json"
    stray.write_text("{}")
    with world.untouched():
        told = world.run("claim", agreement, *where(), "--bundle", stray, *world.key("stranger"), code=2)
    assert "is the bundle of no round" in told.stderr
    bundle = world.folder / "bundle.json"
    bundle.write_bytes(world.post([report(agreement, BREACH)], published=False))
    with world.untouched():
        told = world.run("claim", agreement, *where(), *world.key("stranger"), code=1)
    assert "the reports of 1 round are not public" in told.stderr
    said = world.json("claim", agreement, *where(), "--bundle", bundle, *world.key("stranger"))
    assert (said["status"], said["attained"]) == ("pending", BREACH)


# Money


def test_permit__token_that_takes_them__opens_deposits_and_disputes_without_an_allowance(
    world: CliWorld,
) -> None:
    provider = KEYS["provider"]
    token, _ = world.connection.deploy(KEYS["operator"], "PermitToken")
    permitting = Token(world.connection, token)
    permitting.mint(KEYS["operator"], provider.address, 10_000 * 10**18)
    terms = world.terms("permit", {"symbol: tUSD": "symbol: pUSD", "decimals: 6": "decimals: 18"})
    terms.write_text(terms.read_text().replace(world.token.address, token))
    signatures = world.signatures(terms)
    with world.untouched():
        told = world.run("open", terms, *signatures, "--permit", *world.key("stranger"), code=2).stderr
        assert "only the provider" in told
        tried = world.run("open", terms, *signatures, "--permit", *world.key("provider"), "--dry-run")
    assert "Nothing was sent" in tried.stdout
    sent = world.connection.web3.eth.get_transaction_count(provider.address)  # type: ignore[arg-type]
    agreement = world.json("open", terms, *signatures, "--permit", *world.key("provider"))["agreement"]
    world.run("deposit", agreement, "5.5", "--permit", *world.key("provider"))
    document = load_terms(terms.read_text())
    ended(world, document, 1)
    breach = Report(bytes.fromhex(agreement[2:]), 0, 0, 0, BREACH, document.service.charge)
    world.post([breach])
    world.run("claim", agreement, *where(), *world.key("stranger"))
    world.run("dispute", agreement, *where(), "--attained", "100%", "--permit", *world.key("provider"))
    assert world.connection.web3.eth.get_transaction_count(provider.address) == sent + 3  # type: ignore[arg-type]
    assert permitting.allowance(provider.address, world.escrow.address) == 0
    assert world.escrow.account_of(bytes.fromhex(agreement[2:])).collateral == 3_005_500 * 10**15


def test_permit__token_without_them__is_one_sentence(world: CliWorld) -> None:
    agreement, _ = world.opened("permit")
    with world.untouched():
        told = world.run("deposit", agreement, "5", "--permit", *world.key("provider"), code=2).stderr
    assert "takes no permits (ERC-2612)" in told


def test_settle__arrears__are_paid_without_a_claim(world: CliWorld) -> None:
    little = {'collateral: "3000.00"': 'collateral: "40.00"'}
    terms = world.terms("arrears", little)
    agreement = world.json("open", terms, *world.signatures(terms), *world.key("provider"))["agreement"]
    document = load_terms(terms.read_text())
    ended(world, document, 1)
    assert agreement not in _short(world)
    world.claimed(agreement, document, BREACH)
    assert agreement in _short(world)
    world.travel(61)
    before = world.balance("customer")
    world.run("settle", agreement, *world.key("stranger"))
    assert world.balance("customer") - before == 40 * ONE
    told = world.run("settle", agreement, *world.key("stranger")).stdout
    assert told == "Nothing is due. 60.00 tUSD is owed, and there is no collateral: makegood deposit\n"
    shown = world.run("status", "--under-collateralised").stdout
    world.travel(3_600)
    told = world.run("release", agreement, *world.key("stranger")).stdout
    assert told.startswith("Nothing is left to release: 60.00 tUSD is still owed")
    assert f"{agreement[:10]} is under-collateralised: 60.00 tUSD in arrears" in shown
    world.run("deposit", agreement, "60", *world.key("provider"))
    assert world.balance("customer") - before == 100 * ONE
    assert agreement not in _short(world)


def _short(world: CliWorld) -> list[str]:
    return [one["id"] for one in world.json("status", "--under-collateralised")["agreements"]]
