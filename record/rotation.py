"""A rotation: one member of a committee replaced by another, by the committee's own quorum (R12).

The offer file says what is proposed; each member that agrees signs it into a file of its own. Both are canonical JSON:
one proposal, one file. The chain id and the committee stand in them because a signature binds both.
"""

from __future__ import annotations

from dataclasses import dataclass

from record import canonical
from record.canonical import Json
from record.eip712 import ROTATION_TYPES, Domain, rotation_digest, rotation_preimage
from record.hexes import to_hex
from record.json_fields import Fields
from record.signing import recover
from record.typed_data import typed_data
from sla.errors import RecordError, SignatureError

OFFER_FORMAT = "makegood-rotation/1"
SIGNATURE_FORMAT = "makegood-rotation-signature/1"
MAX_BYTES = 10_000

_OFFER = ("format", "chainId", "committee", "outgoing", "incoming", "number")


class RotationFileError(SignatureError):
    """A file that is no offer of a rotation, or no member's signature of this one."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """``incoming`` takes the place of ``outgoing``; ``number`` rotations were proposed before."""

    outgoing: str
    incoming: str
    number: int

    def preimage(self, domain: Domain) -> bytes:
        """What a member's signer is given."""
        return rotation_preimage(self.outgoing, self.incoming, self.number, domain)

    def digest(self, domain: Domain) -> bytes:
        """What a quorum of the members sign."""
        return rotation_digest(self.outgoing, self.incoming, self.number, domain)

    def typed_data(self, domain: Domain) -> dict[str, object]:
        """The rotation as a wallet shows and signs it (``eth_signTypedData_v4``)."""
        message = {"outgoing": self.outgoing, "incoming": self.incoming, "number": self.number}
        return typed_data(domain, "Rotation", ROTATION_TYPES, message)


@dataclass(frozen=True, slots=True)
class PendingRotation:
    """A rotation that a quorum proposed: from ``effective_at``, seconds UTC, anyone may carry it out."""

    outgoing: str
    incoming: str
    effective_at: int


def offer_bytes(rotation: Rotation, domain: Domain) -> bytes:
    """The offer file."""
    return canonical.dumps(_offer_json(rotation, domain, OFFER_FORMAT)) + b"\n"


def read_offer(data: bytes, domain: Domain) -> Rotation:
    """The rotation of an offer file; RotationFileError unless it is one of this committee."""
    return _rotation(_fields(data, _OFFER, OFFER_FORMAT), domain)


def signature_bytes(rotation: Rotation, domain: Domain, signature: bytes) -> bytes:
    """A member's file: the rotation, and its signature."""
    value = _offer_json(rotation, domain, SIGNATURE_FORMAT)
    return canonical.dumps({**value, "signature": to_hex(signature)}) + b"\n"


def read_signature(data: bytes, rotation: Rotation, domain: Domain) -> tuple[str, bytes]:
    """Who signed, and the signature; RotationFileError unless the file is about this very rotation."""
    fields = _fields(data, (*_OFFER, "signature"), SIGNATURE_FORMAT)
    signed = _rotation(fields, domain)
    if signed != rotation:
        raise RotationFileError(
            f"it was signed for rotation {signed.number}, {signed.incoming} in place of {signed.outgoing}; not for "
            f"{rotation.number}, {rotation.incoming} in place of {rotation.outgoing}",
            "have this rotation signed",
        )
    try:
        signature = fields.hex("signature", 65)
    except RecordError as error:
        raise _unreadable(error) from None
    return recover(rotation.digest(domain), signature), signature


def _offer_json(rotation: Rotation, domain: Domain, kind: str) -> dict[str, Json]:
    return {
        "format": kind,
        "chainId": domain.chain_id,
        "committee": domain.verifying_contract,
        "outgoing": rotation.outgoing,
        "incoming": rotation.incoming,
        "number": str(rotation.number),
    }


def _fields(data: bytes, members: tuple[str, ...], kind: str) -> Fields:
    if len(data) > MAX_BYTES:
        raise RotationFileError(f"the file has more than {MAX_BYTES} bytes", "ask for the file again")
    try:
        fields = Fields.of(canonical.loads(data.removesuffix(b"\n")), "$", members)
        if fields.text("format") != kind:
            raise RotationFileError(
                f"its format is {fields.text('format')[:80]!r}", f"use a file of format {kind}"
            )
    except RecordError as error:
        raise _unreadable(error) from None
    return fields


def _rotation(fields: Fields, domain: Domain) -> Rotation:
    """The rotation, of this committee on this chain; else what the difference is."""
    try:
        chain_id, committee = fields.number("chainId", 53), fields.address("committee")
        rotation = Rotation(
            outgoing=fields.address("outgoing"),
            incoming=fields.address("incoming"),
            number=fields.decimal("number", 256),
        )
    except RecordError as error:
        raise _unreadable(error) from None
    if chain_id != domain.chain_id:
        raise RotationFileError(
            f"it is for chain {chain_id}, but the network is chain {domain.chain_id}",
            "use a file for this chain, or name the other network",
        )
    if committee != domain.verifying_contract:
        raise RotationFileError(
            f"it is about the committee {committee}, not {domain.verifying_contract}",
            "name that committee with --committee",
        )
    return rotation


def _unreadable(error: RecordError) -> RotationFileError:
    return RotationFileError(
        f"the file cannot be read: {error.problem}", "use the file as makegood committee wrote it"
    )
