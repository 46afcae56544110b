"""What a signature means, in a dozen lines: shown before anybody signs."""

from __future__ import annotations

from collections.abc import Iterator

from cli.terms_words import paid
from record.eip712 import Domain, agreement_digest
from record.hexes import to_hex
from record.readable import duration, utc
from record.terms import TermsDocument
from record.terms.periods import every_text, period_name
from sla.agreement import ZERO_BYTES32
from sla.validation import largest_period_compensation


def summary(document: TermsDocument, domain: Domain, role: str) -> Iterator[str]:
    """Who, what, how much, until when, where; the id last, to be compared with what a wallet shows."""
    parties, service, stake = document.parties, document.service, document.stake
    yield f"You sign as the {role} of {document.display_name}: {document.description}"
    yield f"  provider    {parties.provider.address}  {parties.provider.name}"
    yield f"  customer    {parties.customer.address}  {parties.customer.name}"
    yield f"  arbiter     {parties.arbiter.address}  {parties.arbiter.name}"
    yield f"  periods     {service.count} of {every_text(document)} from {period_name(document, 0)} on, {document.zone}"
    for obligation in document.obligations:
        yield f"  promise     {obligation.name}: {obligation.objective}"
    formation = document.formation
    if formation.predecessor != ZERO_BYTES32:
        yield f"  amends      {to_hex(formation.predecessor)}, from the first period on"
    more = " more" if formation.predecessor != ZERO_BYTES32 else ""
    yield f"  collateral  {paid(document, formation.collateral)}{more}, from the provider on opening"
    worst = paid(document, largest_period_compensation(document.terms()))
    yield f"  at worst    {worst} a period to the {_recipient(document)}"
    if formation.exit_breaches:
        breaches, periods = formation.exit_breaches, formation.exit_periods
        yield f"  exit        the customer may leave after {breaches} paid of {periods} periods"
    yield f"  disputes    within {duration(stake.dispute_window)}, for a bond of {paid(document, stake.bond)}"
    yield f"  open before {utc(document.formation.open_by)} UTC"
    yield f"  token       {stake.token}, which must be what {document.token.symbol} means to you"
    yield f"  committee   {service.committee}, whose nodes measure"
    yield f"  escrow      {domain.verifying_contract} on chain {domain.chain_id}"
    yield f"  document    {to_hex(document.document_hash)}"
    yield f"  agreement   {to_hex(agreement_digest(document.agreement(), domain))}"


def _recipient(document: TermsDocument) -> str:
    downstream = document.stake.downstream
    return "customer" if downstream == ZERO_BYTES32 else f"escrow of {to_hex(downstream)}, once linked"
