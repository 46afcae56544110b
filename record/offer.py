"""The signature file: one party's signature under an agreement, with all that says what was signed.

Canonical JSON, so that one signature has one file. The agreement's id already binds chain, escrow and every term; the
other members are there to say in words which of them is not the one meant.
"""

from __future__ import annotations

from dataclasses import dataclass

from record import canonical
from record.eip712 import Domain, agreement_digest
from record.hexes import to_hex
from record.json_fields import Fields
from record.readable import utc
from record.signing import recover
from sla.agreement import Agreement
from sla.errors import RecordError, SignatureError

FORMAT = "makegood-signature/1"
ROLES = ("provider", "customer")
MAX_BYTES = 100_000
MAX_CONTRACT_SIGNATURE = 20_000
"""Bytes of a contract wallet's signature: hundreds of owners."""

_MEMBERS = ("format", "chainId", "escrow", "agreement", "document", "role", "address", "signature")


class OfferError(SignatureError):
    """A signature file that does not sign this agreement, for this party, on this chain."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a signature file says. ``agreement`` and ``document`` are hashes, ``signature`` its bytes."""

    chain_id: int
    escrow: str
    agreement: bytes
    document: bytes
    role: str
    address: str
    signature: bytes


def party(agreement: Agreement, role: str) -> str:
    """The account of the provider or the customer."""
    return agreement.parties.provider if role == "provider" else agreement.parties.customer


def offer_of(agreement: Agreement, domain: Domain, role: str, signature: bytes) -> Offer:
    """The file's content for a signature that was just made."""
    return Offer(
        chain_id=domain.chain_id,
        escrow=domain.verifying_contract,
        agreement=agreement_digest(agreement, domain),
        document=agreement.formation.document,
        role=role,
        address=party(agreement, role),
        signature=signature,
    )


def offer_bytes(offer: Offer) -> bytes:
    """The file: canonical JSON, a line end behind it."""
    value: canonical.Json = {
        "format": FORMAT,
        "chainId": offer.chain_id,
        "escrow": offer.escrow,
        "agreement": to_hex(offer.agreement),
        "document": to_hex(offer.document),
        "role": offer.role,
        "address": offer.address,
        "signature": to_hex(offer.signature),
    }
    return canonical.dumps(value) + b"\n"


def read_offer(data: bytes) -> Offer:
    """What a signature file says; OfferError unless it is exactly of this format. Nothing is verified yet."""
    if len(data) > MAX_BYTES:
        raise OfferError(f"the signature file has more than {MAX_BYTES} bytes", "ask for the file again")
    try:
        fields = Fields.of(canonical.loads(data.removesuffix(b"\n")), "$", _MEMBERS)
        if fields.text("format") != FORMAT:
            raise OfferError(
                f"its format is {fields.text('format')[:80]!r}", f"use a file of format {FORMAT}"
            )
        return Offer(
            chain_id=fields.number("chainId", 53),
            escrow=fields.address("escrow"),
            agreement=fields.hex("agreement", 32),
            document=fields.hex("document", 32),
            role=_role(fields.text("role")),
            address=fields.address("address"),
            signature=parse_signature(fields.text("signature")),
        )
    except RecordError as error:
        raise OfferError(
            f"the signature file cannot be read: {error.problem}",
            "use the file as makegood terms sign wrote it",
        ) from None


def read_signature(
    data: bytes,
    agreement: Agreement,
    domain: Domain,
    role: str,
    now: int | None = None,
    is_contract: bool = False,
) -> bytes:
    """The signature of a file, verified to be that of the agreement's ``role``; OfferError says what does not fit.

    ``now`` (seconds UTC), when given, refuses an offer whose time is over. Where the party ``is_contract`` the
    signature may be anything: its contract decides when the agreement is opened (ERC-1271).
    """
    offer = read_offer(data)
    _require_same(offer, agreement, domain, role)
    if now is not None and now >= agreement.formation.open_by:
        raise OfferError(
            f"the offer ended at {utc(agreement.formation.open_by)} UTC (openBy), now it is {utc(now)} UTC",
            "sign new terms with a later openBy",
        )
    if not is_contract:
        check_signature(offer.signature, offer.agreement, offer.address, role)
    return offer.signature


def check_signature(signature: bytes, agreement_id: bytes, address: str, role: str) -> None:
    """OfferError unless ``address`` made this signature of the id, in its one accepted form."""
    if len(signature) == 64:
        raise OfferError(
            "the signature has 64 bytes, the compact form of EIP-2098, which the escrow refuses",
            "give 65 bytes: r, s, v",
        )
    try:
        signer = recover(agreement_id, signature)
    except SignatureError as error:
        raise OfferError(error.problem, error.remedy) from None
    if signer != address:
        raise OfferError(
            f"the signature is that of {signer}, but the {role} is {address}", f"have it signed by {address}"
        )


def _require_same(offer: Offer, agreement: Agreement, domain: Domain, role: str) -> None:
    """The most telling difference first: what lies behind the others' being different."""
    if offer.chain_id != domain.chain_id:
        raise OfferError(
            f"it was signed for chain {offer.chain_id}, but the network is chain {domain.chain_id}",
            "sign for this chain, or name the other network",
        )
    if offer.escrow != domain.verifying_contract:
        raise OfferError(
            f"it was signed for the escrow {offer.escrow}, but the network's is {domain.verifying_contract}",
            "sign for this escrow, or name the other network",
        )
    if offer.document != agreement.formation.document:
        raise OfferError(
            f"it was signed under other terms: document {to_hex(offer.document)}, not "
            f"{to_hex(agreement.formation.document)}",
            "compare the files with makegood terms diff, and have this one signed",
        )
    agreement_id = agreement_digest(agreement, domain)
    if offer.agreement != agreement_id:
        raise OfferError(
            f"it was signed for another agreement: {to_hex(offer.agreement)}, not {to_hex(agreement_id)}",
            "have this agreement signed",
        )
    if offer.role != role:
        raise OfferError(f"it was signed as {offer.role}, not as {role}", f"give the {role}'s file")
    if offer.address != party(agreement, role):
        raise OfferError(
            f"it names the account {offer.address}, but the {role} is {party(agreement, role)}",
            f"have it signed by {party(agreement, role)}",
        )


def _role(text: str) -> str:
    if text not in ROLES:
        raise RecordError(f"$.role is {text[:80]!r}", "write provider or customer")
    return text


def parse_signature(text: str) -> bytes:
    """The bytes of a signature in lower-case hex, of any length up to the largest wallet's; RecordError otherwise."""
    if len(text) > 2 + 2 * MAX_CONTRACT_SIGNATURE or not text.startswith("0x") or len(text) < 4:
        raise RecordError("the signature is not one in hex", "write 0x and lower-case digits")
    try:
        data = bytes.fromhex(text[2:])
    except ValueError:
        raise RecordError("the signature is not hex", "write 0x and lower-case digits, two a byte") from None
    if to_hex(data) != text:
        raise RecordError("the signature is not lower-case hex", "write 0x and lower-case digits")
    return data
