"""What is signed: an agreement, its termination, a round, an observation, a committee's rotation. Each has one digest,
and the agreement's digest is its id (R1).

A digest is the keccak256 of its preimage. Signers are given the preimage, and hash it themselves: that is what external
signers do.
"""

from __future__ import annotations

from collections.abc import Sequence

from record.keccak import keccak256
from record.typed_data import Domain as Domain
from record.typed_data import Types, hash_array, hash_struct, type_hash, typed_data, typed_preimage
from record.typed_messages import agreement_message, flat_message, obligation_message, observation_message
from sla.agreement import Agreement, Formation, Obligation
from sla.report import Observation

ESCROW_NAME = "Makegood"
COMMITTEE_NAME = "Makegood Committee"
VERSION = "1"

AGREEMENT_TYPES: Types = {
    "Agreement": (
        ("parties", "Parties"),
        ("service", "Service"),
        ("stake", "Stake"),
        ("formation", "Formation"),
        ("obligations", "Obligation[]"),
    ),
    "Parties": (("provider", "address"), ("customer", "address"), ("arbiter", "address")),
    "Service": (
        ("committee", "address"),
        ("start", "uint40"),
        ("unit", "uint8"),
        ("length", "uint32"),
        ("count", "uint24"),
        ("zoneLagSeconds", "uint32"),
        ("charge", "uint96"),
        ("chargeMax", "uint96"),
        ("periodCap", "uint96"),
    ),
    "Stake": (
        ("token", "address"),
        ("bond", "uint96"),
        ("arbiterFee", "uint96"),
        ("disputeWindow", "uint32"),
        ("reportWithin", "uint32"),
        ("claimWithin", "uint32"),
        ("ruleWithin", "uint32"),
        ("downstream", "bytes32"),
    ),
    "Formation": (
        ("document", "bytes32"),
        ("collateral", "uint96"),
        ("predecessor", "bytes32"),
        ("openBy", "uint40"),
        ("exitBreaches", "uint16"),
        ("exitPeriods", "uint16"),
    ),
    "Obligation": (
        ("indicator", "bytes32"),
        ("comparator", "uint8"),
        ("payUnit", "uint8"),
        ("missingData", "uint8"),
        ("cap", "uint96"),
        ("saneMin", "uint64"),
        ("saneMax", "uint64"),
        ("tiers", "Tier[]"),
    ),
    "Tier": (("bound", "uint64"), ("base", "uint96"), ("slope", "uint96"), ("step", "uint64")),
}

ROUND_TYPES: Types = {"Round": (("round", "uint64"), ("root", "bytes32"), ("bundle", "bytes32"))}

OBSERVATION_TYPES: Types = {
    "Observation": (
        ("agreement", "bytes32"),
        ("period", "uint32"),
        ("obligation", "uint8"),
        ("revision", "uint16"),
        ("known", "bool"),
        ("attained", "uint64"),
        ("charge", "uint96"),
        ("evidence", "bytes32"),
    )
}

TERMINATION_TYPES: Types = {
    "Termination": (("agreement", "bytes32"), ("count", "uint24"), ("validBy", "uint40"))
}

ROTATION_TYPES: Types = {
    "Rotation": (("outgoing", "address"), ("incoming", "address"), ("number", "uint256"))
}

AGREEMENT_TYPE_HASH = type_hash("Agreement", AGREEMENT_TYPES)
ROUND_TYPE_HASH = type_hash("Round", ROUND_TYPES)
OBSERVATION_TYPE_HASH = type_hash("Observation", OBSERVATION_TYPES)
TERMINATION_TYPE_HASH = type_hash("Termination", TERMINATION_TYPES)
ROTATION_TYPE_HASH = type_hash("Rotation", ROTATION_TYPES)


def escrow_domain(chain_id: int, escrow: str) -> Domain:
    """The domain of agreements and terminations: the escrow contract at this address on this chain."""
    return Domain(ESCROW_NAME, VERSION, chain_id, escrow)


def committee_domain(chain_id: int, committee: str) -> Domain:
    """The domain of rounds, observations and rotations: the committee contract at this address on this chain."""
    return Domain(COMMITTEE_NAME, VERSION, chain_id, committee)


def agreement_preimage(agreement: Agreement, domain: Domain) -> bytes:
    """What a party's signer is given: the 66 bytes whose hash is the agreement's id."""
    return typed_preimage(domain, "Agreement", AGREEMENT_TYPES, agreement_message(agreement))


def agreement_digest(agreement: Agreement, domain: Domain) -> bytes:
    """What both parties sign: the agreement's id."""
    return keccak256(agreement_preimage(agreement, domain))


def agreement_typed_data(agreement: Agreement, domain: Domain) -> dict[str, object]:
    """The agreement as a wallet shows and signs it (``eth_signTypedData_v4``)."""
    return typed_data(domain, "Agreement", AGREEMENT_TYPES, agreement_message(agreement))


def termination_preimage(agreement_id: bytes, count: int, valid_by: int, domain: Domain) -> bytes:
    """What a party's signer is given to end the agreement after ``count`` periods; valid before ``valid_by``."""
    message = _termination_message(agreement_id, count, valid_by)
    return typed_preimage(domain, "Termination", TERMINATION_TYPES, message)


def termination_digest(agreement_id: bytes, count: int, valid_by: int, domain: Domain) -> bytes:
    """What both parties sign to end the agreement: the head's id, how many periods it keeps, seconds UTC."""
    return keccak256(termination_preimage(agreement_id, count, valid_by, domain))


def termination_typed_data(
    agreement_id: bytes, count: int, valid_by: int, domain: Domain
) -> dict[str, object]:
    """The termination as a wallet shows and signs it (``eth_signTypedData_v4``)."""
    message = _termination_message(agreement_id, count, valid_by)
    return typed_data(domain, "Termination", TERMINATION_TYPES, message)


def formation_hash(formation: Formation) -> bytes:
    """The struct hash by which a later call brings the formation."""
    return hash_struct("Formation", AGREEMENT_TYPES, flat_message(formation))


def obligation_hash(obligation: Obligation) -> bytes:
    """The struct hash by which a later call names an obligation."""
    return hash_struct("Obligation", AGREEMENT_TYPES, obligation_message(obligation))


def obligations_hash(obligations: Sequence[Obligation]) -> bytes:
    """The hash of the array as it stands in the agreement's encoding."""
    return hash_array(obligation_hash(obligation) for obligation in obligations)


def round_preimage(round_number: int, root: bytes, bundle: bytes, domain: Domain) -> bytes:
    """What a member's signer is given to attest a round."""
    message = {"round": round_number, "root": root, "bundle": bundle}
    return typed_preimage(domain, "Round", ROUND_TYPES, message)


def round_digest(round_number: int, root: bytes, bundle: bytes, domain: Domain) -> bytes:
    """What a committee's members sign: the round, its Merkle root and the hash of its bundle."""
    return keccak256(round_preimage(round_number, root, bundle, domain))


def observation_preimage(observation: Observation, domain: Domain) -> bytes:
    """What a member's signer is given to vouch for its own measurement."""
    return typed_preimage(domain, "Observation", OBSERVATION_TYPES, observation_message(observation))


def observation_digest(observation: Observation, domain: Domain) -> bytes:
    """What one member signs about its own measurement."""
    return keccak256(observation_preimage(observation, domain))


def rotation_preimage(outgoing: str, incoming: str, number: int, domain: Domain) -> bytes:
    """What a member's signer is given to replace one member by another; ``number`` rotations were proposed before."""
    message = {"outgoing": outgoing, "incoming": incoming, "number": number}
    return typed_preimage(domain, "Rotation", ROTATION_TYPES, message)


def rotation_digest(outgoing: str, incoming: str, number: int, domain: Domain) -> bytes:
    """What a quorum of the committee's members sign to replace one of them (R12)."""
    return keccak256(rotation_preimage(outgoing, incoming, number, domain))


def _termination_message(agreement_id: bytes, count: int, valid_by: int) -> dict[str, object]:
    return {"agreement": agreement_id, "count": count, "validBy": valid_by}
