"""Terms files that must be refused: one change each to a sound one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

CYRILLIC_A = "\u0430"
FULL_WIDTH_2 = "\uff12"
ESCAPE = "\x1b"
BIDI_OVERRIDE = "\u202e"

PROVIDER = "0x5935897A39AFABbedA5a599D38236E7Df151C8b8"
CUSTOMER = "0x8105660Af15a4eB54Fa0571BC84DFBEC0294A99A"
ARBITER = "0xa78Cac12f68179fd780Ae347F8D4F170FC615D0C"
TOKEN = "0x6f64f6D0d58ACABD288774e993d9caCFa3FC88eE"
COMMITTEE = "0x949e63296823174a1d244FfbC90EC87d75C40936"

SOUND = f"""\
apiVersion: openslo/v1
kind: Service
metadata:
  name: shop
spec:
  description: A web shop.
---
apiVersion: openslo/v1
kind: DataSource
metadata:
  name: probe
spec:
  description: A request a minute.
  type: http-probe
  connectionDetails:
    url: https://shop.example.com/health
    intervalMilliseconds: 60000
    timeoutMilliseconds: 5000
---
apiVersion: openslo/v1
kind: SLI
metadata:
  name: availability
spec:
  description: Answers with a status below 400.
  ratioMetric:
    counter: true
    good:
      metricSource:
        metricSourceRef: probe
        spec:
          count: up
    total:
      metricSource:
        metricSourceRef: probe
        spec:
          count: known
---
apiVersion: makegood/v1
kind: SLA
metadata:
  name: shop
spec:
  service: shop
  description: The shop answers.
  source: Contract 7 of 2027.
  scope: The front page.
  parties:
    provider:
      name: Northwind
      address: "{PROVIDER}"
    customer:
      name: Harbour
      address: "{CUSTOMER}"
    arbiter:
      name: Chamber
      address: "{ARBITER}"
  token:
    address: "{TOKEN}"
    symbol: USDX
    decimals: 6
  committee:
    address: "{COMMITTEE}"
  schedule:
    start: 2027-05-01T00:00:00
    zone: UTC
    every: 1 month
    periods: 3
  charge:
    fixed: "1000.00"
  collateral: "3000.00"
  dispute:
    window: 3 days
    bond: "50.00"
    arbiterFee: "20.00"
    rulingWithin: 14 days
  reportWithin: 7 days
  claimWithin: 62 days
  openBy: 2027-05-01T00:00:00Z
  obligations:
    - name: Availability
      indicator: availability
      owner: Operations
      scope: The front page
      objective: at least 99.99%
      missingData: ignore
      tiers:
        - below: 99.99%
          atLeast: 99%
          pay: 10% of charge
        - below: 99%
          atLeast: 95%
          pay: 30% of charge
        - below: 95%
          pay: 100% of charge
"""


def change(old: str, new: str, text: str = SOUND) -> str:
    """One change, which must be possible."""
    assert old in text, old
    return text.replace(old, new, 1)


def obligations(count: int, tiers: int = 3) -> str:
    """So many obligations of so many tiers each, 0.1 % apart."""
    head, _, _ = SOUND.partition("    - name: Availability\n")
    body = []
    for number in range(count):
        bounds = [f"{(9_999 - 10 * row) // 100}.{(9_999 - 10 * row) % 100:02}%" for row in range(tiers)]
        rows = "".join(
            f"        - below: {bound}\n          pay: {row + 1}% of charge\n"
            for row, bound in enumerate(bounds)
        )
        body.append(
            f"    - name: Availability {number}\n      indicator: availability\n      owner: Operations\n"
            f"      scope: The front page\n      objective: at least 99.99%\n      missingData: ignore\n"
            f"      tiers:\n{rows}"
        )
    return head + "".join(body)


@dataclass(frozen=True)
class Hostile:
    """A text, and words of the one sentence that refuses it."""

    name: str
    text: str
    words: str


def _yaml(name: str, change_text: Callable[[str], str], words: str) -> Hostile:
    return Hostile(name, change_text(SOUND), words)


def _one(name: str, old: str, new: str, words: str) -> Hostile:
    return Hostile(name, change(old, new), words)


SIGNED_ELSEWHERE = {
    "one second",
    "exit",
    "predecessor",
    "downstream",
    "metered charge",
    "first period over",
    "offer over",
}
"""What can be read, shown and compared, and only not be signed: by the clock, or by this version of the protocol."""

HOSTILE = [
    _one("gap", "atLeast: 99%", "atLeast: 99.5%", "leaves a gap between 99% and 99.5%"),
    _one("overlap", "atLeast: 99%", "atLeast: 98%", "leaves an overlap between 98% and 99%"),
    _one("wrong order",
         "          atLeast: 99%\n          pay: 10% of charge\n        - below: 99%\n          atLeast: 95%",
         "          pay: 10% of charge\n        - below: 99.995%\n          atLeast: 95%", "TiersUnordered"),
    _one("more pay for less damage", "pay: 30% of charge", "pay: 5% of charge", "a worse attainment would pay less"),
    _one("tier nobody can reach", "below: 99%\n          atLeast: 95%", "below: 99%\n          plus: 1 per 1%",
         "mixes amounts"),
    _one("bound nothing lies beyond", "          atLeast: 95%\n          pay: 30% of charge\n        - below: 95%",
         "          pay: 30% of charge\n        - below: 0%", "BoundOutOfSane"),
    _one("zero seconds", "every: 1 month", "every: 0 seconds", "is not a period"),
    _one("one second", "every: 1 month", "every: 1 second", "cannot be measured"),
    _one("100 years", "every: 1 month", "every: 100 years", "LengthOutOfRange"),
    _one("duplicate key", "    periods: 3\n", "    periods: 3\n    periods: 4\n",
         "spec.schedule.periods: occurs twice"),
    _one("unknown field", "  scope: The front page.\n", "  scope: The front page.\n  penalty: 5\n",
         "spec.penalty: is not a known"),
    _one("misspelt field", "reportWithin:", "reportsWithin:", "spec.reportsWithin: is not a known"),
    _one("billion laughs", "  name: shop\n", "  name: &a [x, x]\n  b: &b [*a, *a]\n  c: &c [*b, *b]\n",
         "anchors and aliases"),
    _one("not a number", 'fixed: "1000.00"', "fixed: .nan", "'.nan' is not a plain decimal number"),
    _one("NaN", 'fixed: "1000.00"', "fixed: NaN", "'NaN' is not a plain decimal number"),
    _one("infinite", 'fixed: "1000.00"', "fixed: 1e400", "'1e400' is not a plain decimal number"),
    _one("2**256", 'fixed: "1000.00"', f"fixed: {2**256}", "is not a plain decimal number"),
    _one("2**96", 'fixed: "1000.00"', f"fixed: {2**96}", "is more than the contracts can keep"),
    _one("2**256 periods", "periods: 3", f"periods: {2**256}", "is not a whole number in range"),
    _one("2**256 seconds", "every: 1 month", f"every: {2**256} seconds", "is not a period"),
    _one("2**256 percent", "pay: 100% of charge", f"pay: {2**256}% of charge", "is not a plain decimal number"),
    _one("negative", 'bond: "50.00"', "bond: -50", "is not a plain decimal number"),
    _one("full-width digits", "fixed: \"1000.00\"", f"fixed: {FULL_WIDTH_2}000", "is not a plain decimal number"),
    _one("full-width year", "start: 2027", f"start: {FULL_WIDTH_2}027", "is not a local date and time"),
    _one("Cyrillic a in an address", PROVIDER, PROVIDER.replace("A", CYRILLIC_A, 1), "CYRILLIC SMALL LETTER A"),
    _one("full-width digit in an address", CUSTOMER, CUSTOMER[:-1] + "\uff18", "FULLWIDTH DIGIT EIGHT"),
    _one("bad checksum", PROVIDER, PROVIDER.replace("A", "a", 1), "its capitals do not fit"),
    _one("lower case", PROVIDER, PROVIDER.lower(), f"write {PROVIDER} if that is the account"),
    _one("short address", PROVIDER, PROVIDER[:-1], "39 digits"),
    _one("zero address", PROVIDER, "0x" + "0" * 40, "ZeroAddress"),
    Hostile("one account for all", SOUND.replace(CUSTOMER, PROVIDER).replace(ARBITER, PROVIDER), "SameParty"),
    _one("arbiter is the customer", ARBITER, CUSTOMER, "SameParty"),
    _one("37 decimals", "decimals: 6", "decimals: 37", "is not a whole number in range"),
    _one("symbol that steers the terminal", "symbol: USDX", f'symbol: "{ESCAPE}[31mUSDX"', "special characters"),
    _one("escaped escape in a symbol", "symbol: USDX", 'symbol: "\\e[31mUSDX"', "the unseen character U+001B"),
    _one("symbol that reads backwards", "symbol: USDX", f"symbol: US{BIDI_OVERRIDE}DX", "the unseen character U+202E"),
    _one("symbol with a look-alike", "symbol: USDX", "symbol: USD\u0425", "is not a plain symbol"),
    _one("symbol with a full-width dollar", "symbol: USDX", "symbol: USD\uff04", "is not a plain symbol"),
    _one("symbol of digits", "symbol: USDX", 'symbol: "10"', "is not a plain symbol"),
    _one("symbol without end", "symbol: USDX", f"symbol: {'U' * 10_000}", "is not a plain symbol"),
    _one("name that steers the terminal", "name: Northwind", 'name: "\\x9b31mNorthwind"',
         "the unseen character U+009B"),
    _one("key that steers the terminal", "  scope: The", '  "\\e[2Jscope": x\n  scope: The',
         "the unseen character U+001B"),
    _one("name with a hidden character", "name: Northwind", "name: North\u200bwind", "the unseen character U+200B"),
    _one("escaped hidden character", "name: Northwind", 'name: "North\\u2060wind"',
         "name: holds the unseen character U+2060"),
    _one("comment that reads backwards", "periods: 3", f"periods: 3 # {BIDI_OVERRIDE}evif",
         "the unseen character U+202E"),
    _one("line that ends unseen", "periods: 3", "periods: 3 # a\u2028    zone: Europe/Rome",
         "the unseen character U+2028"),
    _one("missing section", f'  committee:\n    address: "{COMMITTEE}"\n', "", "spec.committee: is missing"),
    _one("section that is text", f'  committee:\n    address: "{COMMITTEE}"\n', "  committee: x\n",
         "is not a group of fields"),
    _one("placeholder", "name: Northwind", 'name: "<the name>"',
         "spec.parties.provider.name: '<the name>' is still a placeholder"),
    _one("exit nobody can reach", "  collateral:", "  exit: {breaches: 2, periods: 1}\n  collateral:",
         "ExitRuleInvalid"),
    _one("exit after nothing", "  collateral:", "  exit: {breaches: 0, periods: 2}\n  collateral:", "ExitRuleInvalid"),
    _one("predecessor that is no id", "  collateral:", "  predecessor: 0xab\n  collateral:", "spec.predecessor"),
    _one("downstream that is no id", "  collateral:", f"  downstream: {'ab' * 32}\n  collateral:", "spec.downstream"),
    _one("metered charge", "fixed:", "max:", "makes the charge metered"),
    _one("first period over", "start: 2027-05-01", "start: 2026-01-01", "FirstPeriodOver"),
    _one("offer over", "openBy: 2027-05-01", "openBy: 2026-05-01", "OpenByPassed"),
    _one("zone of this machine", "zone: UTC", "zone: localtime", "is not a time zone"),
    _one("zone that is a path", "zone: UTC", "zone: ../../../etc/passwd", "is not a time zone"),
    _one("tabs", "  scope: The", "\tscope: The", "not YAML"),
    _one("tag", "periods: 3", "periods: !!python/object/apply:os.system [id]", "carries the tag"),
    _yaml("two agreements", lambda text: text + text[text.rindex("---\n") :], "2 documents of kind SLA"),
    _yaml("no agreement", lambda text: text[: text.rindex("---\n")], "0 documents of kind SLA"),
    Hostile("deep nesting", "a: " + "[" * 100_000, "deeper than 32 levels"),
    Hostile("deep mappings", "".join(f"{' ' * depth}a:\n" for depth in range(500)), "deeper than 32 levels"),
    Hostile("65 obligations", obligations(65), "65 obligations"),
    Hostile("17 tiers", obligations(1, 17), "17 tiers"),
    Hostile("empty", "", "no document"),
    Hostile("only comments", "# nothing\n", "no document"),
    Hostile("a list", "- a\n", "not a group of fields"),
    Hostile("text", "hello", "not a group of fields"),
    Hostile("zeros", "\x00" * 100, "special characters"),
]  # fmt: skip
