"""A committee: rounds, publication, rotation (R11, R12, P5)."""

from __future__ import annotations

from collections.abc import Sequence

from record.eip712 import ROUND_TYPES
from record.keccak import keccak256
from record.signing import recover
from record.typed_data import Domain, type_hash
from sla.agreement import ZERO_ADDRESS, ZERO_BYTES32
from sla.report import Report
from tests.invariant.books import Rotation
from tests.invariant.calls import Signature, address_of
from tests.invariant.deal import separator
from tests.invariant.encoding import words
from tests.invariant.model_context import Context, Refused
from tests.invariant.rounds import leaf_of, nodes_over

_ROTATION = keccak256(b"Rotation(address outgoing,address incoming,uint256 number)")
_ROUND = type_hash("Round", ROUND_TYPES)


def round_digest(domain: Domain, number: int, root: bytes, bundle: bytes) -> bytes:
    """What a quorum signs to attest a root."""
    return _digest(domain, _ROUND + words([number, root, bundle]))


def rotation_digest(domain: Domain, outgoing: str, incoming: str, number: int) -> bytes:
    """What a quorum signs to replace a member."""
    return _digest(domain, _ROTATION + words([outgoing, incoming, number]))


def _digest(domain: Domain, struct: bytes) -> bytes:
    return keccak256(b"\x19\x01" + separator(domain) + keccak256(struct))


def post(
    context: Context,
    number: int,
    root: bytes,
    bundle: bytes,
    reports: Sequence[Report],
    signatures: Sequence[Signature],
) -> None:
    """Rounds increase; a root is new; a quorum of the present members signed."""
    books = context.books
    if number <= books.last_round[0]:
        raise Refused("RoundNotAfter", number, books.last_round[0])
    if root == ZERO_BYTES32:
        raise Refused("RootEmpty")
    if books.roots[root]:
        raise Refused("RootAlreadyAttested", root)
    signers = _signers(context, round_digest(context.committee_domain, number, root, bundle), signatures)
    books.last_round[0] = number
    books.roots[root] = context.now
    _emit(context, "RoundPosted", number, root, bundle, signers)
    if reports:
        publish(context, root, reports)


def publish(context: Context, root: bytes, reports: Sequence[Report]) -> None:
    """The reports of an attested root."""
    if context.books.roots[root] == 0:
        raise Refused("RootNotAttested", root)
    computed = _root_of(reports) if reports else ZERO_BYTES32
    if computed != root:
        raise Refused("ReportsNotOfRoot", computed, root)
    values = [
        (one.agreement, one.period, one.obligation, one.revision, one.attained, one.charge) for one in reports
    ]
    _emit(context, "ReportsPublished", root, values)


def propose_rotation(context: Context, outgoing: str, incoming: str, signatures: Sequence[Signature]) -> None:
    """A quorum of the present members lets one of them be replaced; one at a time."""
    books = context.books
    pending = books.pending[0]
    if pending is not None:
        raise Refused("RotationPending", pending.incoming, pending.effective_at)
    if books.numbers[outgoing] == 0:
        raise Refused("SignerNotMember", outgoing)
    if incoming == ZERO_ADDRESS or books.numbers[incoming]:
        raise Refused("MemberInvalid", incoming)
    number = books.rotations[0]
    signers = _signers(
        context, rotation_digest(context.committee_domain, outgoing, incoming, number), signatures
    )
    effective_at = context.now + context.delay
    books.rotations[0] = number + 1
    books.pending[0] = Rotation(outgoing, incoming, effective_at)
    _emit(context, "RotationProposed", outgoing, incoming, number, effective_at, signers)


def rotate(context: Context) -> None:
    """Anybody, once the delay is over."""
    books = context.books
    pending = books.pending[0]
    if pending is None:
        raise Refused("NoRotationPending")
    if context.now < pending.effective_at:
        raise Refused("RotationTooEarly", context.now, pending.effective_at)
    number = books.numbers[pending.outgoing]
    books.numbers[pending.outgoing] = 0
    books.numbers[pending.incoming] = number
    books.members[number - 1] = pending.incoming
    books.pending[0] = None
    _emit(context, "MemberRotated", pending.outgoing, pending.incoming, number - 1)


def _signers(context: Context, digest: bytes, signatures: Sequence[Signature]) -> int:
    if len(signatures) < context.quorum:
        raise Refused("QuorumMissing", len(signatures), context.quorum)
    signers = 0
    for signature in signatures:
        genuine = signature.by and signature.digest == digest
        signer = address_of(signature.by) if genuine else recover(digest, signature.encoded())
        number = context.books.numbers[signer]
        if number == 0:
            raise Refused("SignerNotMember", signer)
        if signers >> (number - 1) & 1:
            raise Refused("SignerRepeated", signer)
        signers |= 1 << (number - 1)
    return signers


def _root_of(reports: Sequence[Report]) -> bytes:
    """The tree with the reports as its leaves in this order, whether or not that is the tree's own."""
    return nodes_over([leaf_of(report) for report in reports])[0]


def _emit(context: Context, name: str, *values: object) -> None:
    context.events.append((context.committee, name, values))
