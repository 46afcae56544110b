"""What a signature means, in a dozen lines: shown before anybody signs."""

from __future__ import annotations

from collections.abc import Iterator

from cli.terms_words import paid
from record.eip712 import Domain, agreement_digest
from record.hexes import to_hex
from record.readable import duration, utc
from record.terms import TermsDocument
from record.terms.periods import every_text, period_name
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
    yield f"  collateral  {paid(document, document.formation.collateral)}, from the provider on opening"
    yield f"  at worst    {paid(document, largest_period_compensation(document.terms()))} a period to the customer"
    yield f"  disputes    within {duration(stake.dispute_window)}, for a bond of {paid(document, stake.bond)}"
    yield f"  open before {utc(document.formation.open_by)} UTC"
    yield f"  token       {stake.token}, which must be what {document.token.symbol} means to you"
    yield f"  committee   {service.committee}, whose nodes measure"
    yield f"  escrow      {domain.verifying_contract} on chain {domain.chain_id}"
    yield f"  document    {to_hex(document.document_hash)}"
    yield f"  agreement   {to_hex(agreement_digest(document.agreement(), domain))}"
