"""A termination: both parties end an agreement after some of its periods.

The offer file says what is proposed; each party signs it into a file of its own. Both are canonical JSON: one
proposal, one file. Chain, escrow and agreement stand in them because a signature binds all three.
"""

from __future__ import annotations

from dataclasses import dataclass

from record import canonical
from record.canonical import Json
from record.eip712 import Domain, termination_digest, termination_preimage, termination_typed_data
from record.hexes import to_hex
from record.json_fields import Fields
from record.offer import ROLES, check_signature, parse_signature, party
from record.readable import utc
from sla.agreement import Agreement
from sla.errors import RecordError, SignatureError

OFFER_FORMAT = "makegood-termination/1"
SIGNATURE_FORMAT = "makegood-termination-signature/1"
MAX_BYTES = 100_000

_OFFER = ("format", "chainId", "escrow", "agreement", "count", "validBy")


class TerminationFileError(SignatureError):
    """A file that is no offer of a termination, or no party's signature under this one."""


@dataclass(frozen=True, slots=True)
class Termination:
    """``agreement``, the id of the terms in force, ends after ``count`` periods. ``valid_by`` is in seconds UTC: from
    then on nobody can bring it any more."""

    agreement: bytes
    count: int
    valid_by: int

    def preimage(self, domain: Domain) -> bytes:
        """What a party's signer is given."""
        return termination_preimage(self.agreement, self.count, self.valid_by, domain)

    def digest(self, domain: Domain) -> bytes:
        """What both parties sign."""
        return termination_digest(self.agreement, self.count, self.valid_by, domain)

    def typed_data(self, domain: Domain) -> dict[str, object]:
        """The termination as a wallet shows and signs it (``eth_signTypedData_v4``)."""
        return termination_typed_data(self.agreement, self.count, self.valid_by, domain)


def offer_bytes(termination: Termination, domain: Domain) -> bytes:
    """The offer file."""
    return canonical.dumps(_offer_json(termination, domain, OFFER_FORMAT)) + b"\n"


def read_offer(data: bytes, domain: Domain) -> Termination:
    """The termination of an offer file; TerminationFileError unless it is one for this escrow on this chain."""
    return _termination(_fields(data, _OFFER, OFFER_FORMAT), domain)


def signature_bytes(
    termination: Termination, domain: Domain, agreement: Agreement, role: str, signature: bytes
) -> bytes:
    """A party's file: the termination, who signs, and the signature."""
    value = _offer_json(termination, domain, SIGNATURE_FORMAT)
    said: dict[str, Json] = {
        "role": role,
        "address": party(agreement, role),
        "signature": to_hex(signature),
    }
    return canonical.dumps({**value, **said}) + b"\n"


def read_signature(
    data: bytes, termination: Termination, domain: Domain, agreement: Agreement
) -> tuple[str, bytes]:
    """Whose signature it is, "provider" or "customer", and its bytes, not yet verified (``check_signature``).

    TerminationFileError unless the file is about this very termination and names the party's account.
    """
    fields = _fields(data, (*_OFFER, "role", "address", "signature"), SIGNATURE_FORMAT)
    signed = _termination(fields, domain)
    if signed != termination:
        raise TerminationFileError(
            f"it was signed for {_words(signed)}, not for {_words(termination)}",
            "have this termination signed",
        )
    try:
        role, address = fields.text("role"), fields.address("address")
        signature = parse_signature(fields.text("signature"))
    except RecordError as error:
        raise _unreadable(error) from None
    if role not in ROLES:
        raise TerminationFileError(
            f"its role is {role[:80]!r}", "use the file of the provider or the customer"
        )
    if address != party(agreement, role):
        raise TerminationFileError(
            f"it names the account {address}, but the {role} is {party(agreement, role)}",
            f"have it signed by {party(agreement, role)}",
        )
    return role, signature


def verify(
    signature: bytes, termination: Termination, domain: Domain, agreement: Agreement, role: str
) -> None:
    """SignatureError unless the party's own key made this signature; a contract wallet's only the chain can verify."""
    check_signature(signature, termination.digest(domain), party(agreement, role), role)


def _words(termination: Termination) -> str:
    return (
        f"agreement {to_hex(termination.agreement)} to end after {termination.count} periods, valid until "
        f"{utc(termination.valid_by)} UTC"
    )


def _offer_json(termination: Termination, domain: Domain, kind: str) -> dict[str, Json]:
    return {
        "format": kind,
        "chainId": domain.chain_id,
        "escrow": domain.verifying_contract,
        "agreement": to_hex(termination.agreement),
        "count": termination.count,
        "validBy": termination.valid_by,
    }


def _fields(data: bytes, members: tuple[str, ...], kind: str) -> Fields:
    if len(data) > MAX_BYTES:
        raise TerminationFileError(f"the file has more than {MAX_BYTES} bytes", "ask for the file again")
    try:
        value = canonical.loads(data.removesuffix(b"\n"))
        said = value.get("format") if isinstance(value, dict) else None
        if isinstance(said, str) and said != kind:
            raise TerminationFileError(f"its format is {said[:80]!r}", f"use a file of format {kind}")
        return Fields.of(value, "$", members)
    except RecordError as error:
        raise _unreadable(error) from None


def _termination(fields: Fields, domain: Domain) -> Termination:
    """The termination, for this escrow on this chain; else what the difference is."""
    try:
        if fields.number("chainId", 53) != domain.chain_id:
            raise TerminationFileError(
                f"it is for chain {fields.number('chainId', 53)}, but the network is chain {domain.chain_id}",
                "use a file for this chain, or name the other network",
            )
        if fields.address("escrow") != domain.verifying_contract:
            raise TerminationFileError(
                f"it is for the escrow {fields.address('escrow')}, but the network's is {domain.verifying_contract}",
                "use a file for this escrow, or name the other network",
            )
        return Termination(
            fields.hex("agreement", 32), fields.number("count", 24), fields.number("validBy", 40)
        )
    except RecordError as error:
        raise _unreadable(error) from None


def _unreadable(error: RecordError) -> TerminationFileError:
    return TerminationFileError(
        f"the file cannot be read: {error.problem}", "use the file as makegood terminate wrote it"
    )
