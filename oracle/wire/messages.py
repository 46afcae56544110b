"""What travels between nodes, as canonical JSON, and how much of it at most.

===========================  ==================================================  =====================================
question                     asks with                                           is answered with
===========================  ==================================================  =====================================
``POST /v1/observations``    ``{"subjects": [{agreement, period, obligation}]}``  ``{"observations": [...]}``
``POST /v1/countersign``     the bundle's bytes; round, root, hash and the       ``{"signature": "0x…"}``, or 409 with
                             proposer's signature of them in four headers        ``{"problem", "remedy"}``
``GET /v1/bundles/0x<hash>``                                                     the bundle's bytes, or 404
``GET /v1/node``                                                                 ``{"chainId", "committee", "member"}``
===========================  ==================================================  =====================================

The headers of a proposal are checked before its body is read: who is no proposer cannot make a node read or compute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oracle.errors import RoundRefused
from oracle.ports import CommitteeTerms, Proposal, Subject
from record import canonical
from record.bundle import Bundle, SignedObservation
from record.bundle_json import observation_json, read_observation
from record.canonical import Json, parse_decimal
from record.eip712 import round_digest
from record.hexes import from_hex, to_hex
from record.json_fields import Fields
from record.keccak import keccak256
from record.merkle import MerkleTree
from record.signing import recover
from sla.errors import RecordError

MAX_QUESTION_BYTES = 64 << 10
MAX_ANSWER_BYTES = 64 << 10
"""Of all answers but bundles and observations."""
MAX_SUBJECTS = 200
"""How many subjects one question is about at most; who wants more asks again."""

HEAD_NAMES = ("Makegood-Round", "Makegood-Root", "Makegood-Bundle", "Makegood-Signature")


@dataclass(frozen=True, slots=True)
class ProposalHead:
    """What a proposer signed, and its signature; the bundle named here follows as the body."""

    round: int
    root: bytes
    bundle: bytes
    signature: bytes

    def headers(self) -> dict[str, str]:
        """As HTTP headers."""
        values = (str(self.round), to_hex(self.root), to_hex(self.bundle), to_hex(self.signature))
        return dict(zip(HEAD_NAMES, values, strict=True))

    def require_proposer(self, committee: CommitteeTerms) -> None:
        """RecordError or SignatureError unless the member whose turn this round is signed it."""
        signer = recover(round_digest(self.round, self.root, self.bundle, committee.domain), self.signature)
        if signer != committee.proposer(self.round):
            raise RecordError(f"round {self.round} is not {signer}'s to propose", "wait for your turn")


def head_of(proposal: Proposal) -> ProposalHead:
    """The head of a proposal; RecordError when its data is no bundle."""
    bundle = Bundle.from_bytes(proposal.data)
    root = MerkleTree(bundle.reports).root
    return ProposalHead(bundle.round, root, keccak256(proposal.data), proposal.signature)


def read_head(headers: Mapping[str, str]) -> ProposalHead:
    """The head that HTTP headers hold; RecordError for anything else."""
    number, root, bundle, signature = (headers.get(name) or "" for name in HEAD_NAMES)
    return ProposalHead(
        round=parse_decimal(number, 64, HEAD_NAMES[0]),
        root=from_hex(root, 32, HEAD_NAMES[1]),
        bundle=from_hex(bundle, 32, HEAD_NAMES[2]),
        signature=from_hex(signature, 65, HEAD_NAMES[3]),
    )


def most_observations_bytes(subjects: int, members: int) -> int:
    """How long an answer about so many subjects may be: eight revisions of every member. Each is checked, so a longer
    answer would be a way to keep who asked busy."""
    return 100 + subjects * members * 8 * 600


def subjects_bytes(subjects: Sequence[Subject]) -> bytes:
    """A question about subjects."""
    return canonical.dumps({"subjects": [_subject_json(subject) for subject in subjects]})


def read_subjects(data: bytes) -> list[Subject]:
    """The subjects of a question; RecordError for anything else, or too many."""
    fields = Fields.of(canonical.loads(data), "$", ("subjects",))
    subjects = [_read_subject(value, path) for path, value in fields.items("subjects")]
    if len(subjects) > MAX_SUBJECTS:
        raise RecordError(f"{len(subjects)} subjects", f"ask for {MAX_SUBJECTS} at most, then again")
    return subjects


def observations_bytes(signed: Sequence[SignedObservation], most: int) -> bytes:
    """The answer: the highest revisions first, as many as fit into ``most`` bytes. Where agreement is stuck, those are
    what it needs."""
    held = sorted(signed, key=lambda one: -one.observation.revision)
    items, left = [], most - 100
    for one in held:
        item = observation_json(one)
        left -= len(canonical.dumps(item)) + 1
        if left < 0:
            break
        items.append(item)
    answer: Json = {"observations": list[Json](items)}
    return canonical.dumps(answer)


def read_observations(data: bytes) -> list[SignedObservation]:
    """The observations of an answer; RecordError for anything else."""
    fields = Fields.of(canonical.loads(data), "$", ("observations",))
    return [read_observation(value, path) for path, value in fields.items("observations")]


def signature_bytes(signature: bytes) -> bytes:
    """The answer to a proposal."""
    return canonical.dumps({"signature": to_hex(signature)})


def read_signature(data: bytes) -> bytes:
    """The signature of an answer; RecordError for anything else."""
    return Fields.of(canonical.loads(data), "$", ("signature",)).hex("signature", 65)


def problem_bytes(problem: str, remedy: str) -> bytes:
    """Why there is no other answer. What cannot be written as UTF-8 is left out."""
    clean = {
        name: text.encode(errors="replace").decode()
        for name, text in (("problem", problem), ("remedy", remedy))
    }
    return canonical.dumps({"problem": clean["problem"][:1_000], "remedy": clean["remedy"][:1_000]})


def read_refusal(data: bytes) -> RoundRefused:
    """Why a peer does not sign; RecordError for anything else."""
    fields = Fields.of(canonical.loads(data), "$", ("problem", "remedy"))
    return RoundRefused(_plain(fields.text("problem")), _plain(fields.text("remedy")))


def node_bytes(committee: CommitteeTerms, member: str) -> bytes:
    """Who answers here."""
    return canonical.dumps({"chainId": committee.chain_id, "committee": committee.address, "member": member})


def read_node(data: bytes) -> tuple[int, str, str]:
    """Chain id, committee and member; RecordError for anything else."""
    fields = Fields.of(canonical.loads(data), "$", ("chainId", "committee", "member"))
    return fields.number("chainId", 53), fields.address("committee"), fields.address("member")


def _subject_json(subject: Subject) -> Json:
    return {
        "agreement": to_hex(subject.agreement),
        "period": subject.period,
        "obligation": subject.obligation,
    }


def _read_subject(value: Json, path: str) -> Subject:
    fields = Fields.of(value, path, ("agreement", "period", "obligation"))
    return Subject(fields.hex("agreement", 32), fields.number("period", 32), fields.number("obligation", 8))


def _plain(text: str) -> str:
    """A stranger's words must not steer the terminal they are shown on."""
    return "".join(sign if sign.isprintable() else "�" for sign in text[:1_000])
