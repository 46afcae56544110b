"""What the demo promised, checked against the chain with the published tables written out here once more."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.demo.ledger import Ledger, Line
from scripts.demo.world import MEMBERS, ONE, QUORUM, World

CHARGE = 1_000 * ONE

EC2_INSTANCE = ((995_000, 10), (990_000, 30), (950_000, 100))
"""Amazon Compute SLA, instance level: below 99.5 % 10 % of the charge, below 99.0 % 30 %, below 95 % 100 %."""

OKKAMI = ((999_000, 2), (995_000, 5), (980_000, 10))
"""Okkami's SLA: below 99.9 % 2 % of the charge, below 99.5 % 5 %, below 98 % 10 %."""

PUBLISHED = (EC2_INSTANCE, OKKAMI)


def credit(obligation: int, attained: int) -> int:
    """What the published schedule owes, in base units."""
    percent = 0
    for below, pays in PUBLISHED[obligation]:
        if attained < below:
            percent = pays
    return CHARGE * percent // 100


def broken_promises(
    world: World, ledger: Ledger, before: dict[str, int], after: dict[str, int], silent_from: int
) -> Iterator[str]:
    """A sentence for each promise that was not kept."""
    if [period.number for period in ledger.periods] != [0, 1, 2, 3]:
        yield f"there are reports for periods {[period.number for period in ledger.periods]}, not for 0 to 3"
        return
    for period in ledger.periods:
        posts = [key for key in period.gas if key.startswith("post")]
        if len(posts) != 1:
            yield f"period {period.number} took {len(posts)} postings"
        if period.signers.bit_count() < QUORUM:
            yield f"the round of period {period.number} has {period.signers.bit_count()} signers"
        if (period.observers | period.signers) >> (MEMBERS - 1) and period.number >= silent_from:
            yield f"the silent node was heard in period {period.number}"
        for line in period.lines:
            yield from _line(line)
    if ledger.periods[0].observers != (1 << MEMBERS) - 1:
        yield "not all nodes observed period 0"
    for number in (0, 3):
        quiet = ledger.periods[number]
        if any(line.claimed for line in quiet.lines) or len(quiet.gas) != 1:
            yield f"period {number} was meant to be compliant and to cost nothing but its round"
    outage, slow = ledger.periods[1], ledger.periods[2]
    if not (outage.lines[0].settled and outage.lines[0].disputed is None):
        yield "the outage of period 1 was not simply settled"
    if slow.lines[0].claimed or not (
        slow.lines[1].disputed and slow.lines[1].ruled and slow.lines[1].settled
    ):
        yield "the slowness of period 2 was not disputed, ruled and settled"
    yield from _money(world, ledger, before, after)


def _line(line: Line) -> Iterator[str]:
    where = f"period {line.period}, obligation {line.obligation}"
    owed = credit(line.obligation, line.attained)
    if (owed > 0) != (line.claimed is not None):
        yield f"{where}: attained {line.attained} owes {owed}, claimed is {line.claimed}"
    if line.claimed and line.claimed.compensation != owed:
        yield f"{where}: claimed {line.claimed.compensation}, the published schedule says {owed}"
    final = credit(line.obligation, line.ruled.attained) if line.ruled else owed
    if line.claimed and (line.settled is None or line.settled.compensation != final):
        yield f"{where}: settled {line.settled}, the published schedule says {final}"


def _money(world: World, ledger: Ledger, before: dict[str, int], after: dict[str, int]) -> Iterator[str]:
    entitled = 0
    for period in ledger.periods:
        finals = [credit(line.obligation, (line.ruled or line).attained) for line in period.lines]
        entitled += min(CHARGE, sum(finals))
    if ledger.paid != entitled:
        yield f"{ledger.paid} was paid where {entitled} was owed"
    if after["customer"] - before["customer"] != entitled:
        yield f"the customer has {after['customer'] - before['customer']} more, not {entitled}"
    # The provider won the dispute: the bond came back less the arbiter's fee, which is what it cost.
    fee, collateral = world.agreement.stake.arbiter_fee, world.agreement.formation.collateral
    if before["provider"] - after["provider"] != collateral + fee:
        yield f"the provider has {before['provider'] - after['provider']} less, not {collateral + fee}"
    if after["arbiter"] - before["arbiter"] != fee:
        yield f"the arbiter has {after['arbiter'] - before['arbiter']} more, not the fee of {fee}"
    if after["escrow"] != collateral - entitled:
        yield f"the escrow holds {after['escrow']}, not {collateral - entitled}"
    account = world.escrow.account_of(world.agreement_id)
    if (account.due, account.open_claims) != (0, 0):
        yield f"the account ends with {account.due} due and {account.open_claims} open claims"
