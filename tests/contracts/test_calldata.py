"""Calldata made by hand: `open` hashes it where it lies, so nothing may hide in it (decision 0003), and the event
repeats it, so everybody must be able to read it (P12)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from eth_abi import encode

from chain.messages import agreement_argument, claim_arguments, obligation_argument, terms_argument
from record.eip712 import AGREEMENT_TYPES, agreement_digest, obligation_hash, obligations_hash
from record.events import AgreementOpened
from record.keccak import keccak256
from record.signing import sign_digest
from record.typed_data import encode_type
from sla.agreement import Agreement, Comparator, Tier
from sla.report import Report
from tests.contracts.fast_chain import CallFailed, function
from tests.contracts.fast_world import FastWorld
from tests.contracts.world import BAD, COLLATERAL, DAY, KEYS, MONTH, START, UPTIME, WORSE
from tests.open_arguments import OPEN_ARGUMENTS

ENUMS = {"unit": 2, "comparator": 2, "payUnit": 2, "missingData": 3}
STRUCTS = {"parties": "Parties", "service": "Service", "stake": "Stake", "formation": "Formation"}
WORD = 32

Words = list[bytes]


@pytest.fixture
def world() -> FastWorld:
    return FastWorld()


def words_of(data: bytes) -> Words:
    return [data[at : at + WORD] for at in range(0, len(data), WORD)]


def number(word: bytes) -> int:
    return int.from_bytes(word)


def tail(data: bytes) -> Words:
    """The length of a `bytes`, and the bytes padded to whole words."""
    return [len(data).to_bytes(WORD), *words_of(data + bytes(-len(data) % WORD))]


class Layout:
    """The arguments of `open` in the encoding everybody uses, and where each member stands in it.

    The three offsets of the head, then the agreement: 26 words of its flat structs, the offset of the obligations,
    their number and offsets, the obligations: 7 words, the offset of the tiers, their number, the tiers.
    """

    def __init__(self, agreement: Agreement) -> None:
        self.words = words_of(encode(OPEN_ARGUMENTS, (agreement_argument(agreement), bytes(65), bytes(65))))
        self.members: dict[str, tuple[int, str]] = {}
        self.start = number(self.words[0]) // WORD
        at = self.start
        for part, struct in STRUCTS.items():
            at = self._place(part, struct, at)
        self.obligations = self.start + number(self.words[at]) // WORD
        self.offset_of_obligations = at
        self.each: list[int] = []
        self.tiers: list[list[int]] = []
        for i in range(number(self.words[self.obligations])):
            base = self.obligations + 1
            place = base + number(self.words[base + i]) // WORD
            self.each.append(place)
            self._place(f"obligations[{i}]", "Obligation", place)
            tiers = place + number(self.words[place + 7]) // WORD
            self.tiers.append([tiers + 1 + 4 * j for j in range(number(self.words[tiers]))])
            for j, tier in enumerate(self.tiers[-1]):
                self._place(f"obligations[{i}].tiers[{j}]", "Tier", tier)

    def _place(self, path: str, struct: str, at: int) -> int:
        for name, kind in AGREEMENT_TYPES[struct]:
            if not kind.endswith("[]"):
                self.members[f"{path}.{name}"] = (at, kind)
                at += 1
        return at

    def digest(self, words: Sequence[bytes], world: FastWorld) -> bytes:
        """The digest of the words as they lie, clean or not: what the contract hashes before it reads."""

        def structure(name: str, *content: bytes) -> bytes:
            return keccak256(keccak256(encode_type(name, AGREEMENT_TYPES).encode()) + b"".join(content))

        parts, at = [], self.start
        for struct in STRUCTS.values():
            length = len(AGREEMENT_TYPES[struct])
            parts.append(structure(struct, *words[at : at + length]))
            at += length
        hashes = [
            structure(
                "Obligation",
                *words[place : place + 7],
                keccak256(b"".join(structure("Tier", *words[tier : tier + 4]) for tier in tiers)),
            )
            for place, tiers in zip(self.each, self.tiers, strict=True)
        ]
        whole = structure("Agreement", *parts, keccak256(b"".join(hashes)))
        return keccak256(b"\x19\x01" + world.domain.separator() + whole)

    def with_signatures(self, words: Sequence[bytes], digest: bytes) -> Words:
        """The same, signed by both."""
        result = list(words)
        for place, name in ((1, "provider"), (2, "customer")):
            at = number(words[place]) // WORD
            result[at : at + 4] = tail(sign_digest(keccak256(name.encode()), digest))
        return result


def bring(world: FastWorld, words: Sequence[bytes] | bytes) -> bytes:
    data = words if isinstance(words, bytes) else b"".join(words)
    return world.chain.send(world.escrow, function("SLAEscrow", "open")[0] + data)


def opened_event(world: FastWorld) -> AgreementOpened:
    (event,) = (event for event in world.events() if isinstance(event, AgreementOpened))
    return event


def dirt(kind: str, name: str, clean: int) -> list[int]:
    """Values that are not a `kind`: the lowest and the highest bit above it, a byte of them, out-of-range members."""
    if kind == "bytes32":
        return []
    bits = 160 if kind == "address" else int(kind[4:])
    values = [clean | 1 << bits, clean | 1 << 255, clean | 0xAB << bits]
    if name in ENUMS:
        values += [ENUMS[name], ENUMS[name] + 1, 255]
    return values


def test_layout__of_clean_words__is_signed_and_opened_as_any_other(world: FastWorld) -> None:
    """The canary of the tests below: what they sign is what the contract hashes."""
    agreement = world.agreement()
    layout = Layout(agreement)
    digest = layout.digest(layout.words, world)

    assert digest == agreement_digest(agreement, world.domain)
    assert bring(world, layout.with_signatures(layout.words, digest)) == digest
    assert opened_event(world).arguments()[0] == agreement


def test_open__any_narrow_member_with_dirty_bits__is_refused_though_both_signed_it(world: FastWorld) -> None:
    """R1, R10: else one meaning would have many ids, or one id two meanings. Enums out of range likewise."""
    layout = Layout(world.agreement())
    tried = 0
    for path, (at, kind) in layout.members.items():
        for value in dirt(kind, path.rpartition(".")[2], number(layout.words[at])):
            words = list(layout.words)
            words[at] = value.to_bytes(WORD)
            signed = layout.with_signatures(words, layout.digest(words, world))
            with pytest.raises(CallFailed) as failure:
                bring(world, signed)
            # Refused by the compiler's own check of the value, before any rule or signature was looked at.
            assert failure.value.data == b"", (
                path,
                hex(value),
                world.chain.refusal("SLAEscrow", failure.value),
            )
            tried += 1
    narrow = [path for path, (_, kind) in layout.members.items() if kind != "bytes32"]
    assert tried >= 3 * len(narrow) > 120


def test_open__any_member_changed_after_signing__is_refused(world: FastWorld) -> None:
    """P6, P10: every member counts in the digest, bytes32 too."""
    layout = Layout(world.agreement())
    signed = layout.with_signatures(layout.words, layout.digest(layout.words, world))
    for path, (at, _) in layout.members.items():
        words = list(signed)
        words[at] = (number(words[at]) ^ 1).to_bytes(WORD)
        with pytest.raises(CallFailed):
            bring(world, words)
        assert world.chain.time == START, path
    bring(world, signed)


def test_open__garbage_after_the_arguments__opens_terms_that_everybody_can_read(world: FastWorld) -> None:
    """P12: the event carries the calldata as it came, with whatever follows it."""
    agreement = world.agreement()
    layout = Layout(agreement)
    digest = layout.digest(layout.words, world)
    words = layout.with_signatures(layout.words, digest)
    source = random.Random(1)

    for garbage in (b"\0", b"\xff" * 31, b"\xff" * 32, source.randbytes(1000), b"".join(layout.words)):
        with world.chain.undone():
            assert bring(world, b"".join(words) + garbage) == digest
            event = opened_event(world)
            read, *signatures = event.arguments()
            assert event.call.endswith(garbage)
            assert read == agreement
            assert signatures == [
                sign_digest(keccak256(name.encode()), digest) for name in ("provider", "customer")
            ]


def test_open__last_signature_without_its_padding__opens_terms_that_everybody_can_read(
    world: FastWorld,
) -> None:
    """P12: Solidity reads `bytes` that end with the calldata."""
    agreement = world.agreement()
    layout = Layout(agreement)
    digest = layout.digest(layout.words, world)
    data = b"".join(layout.with_signatures(layout.words, digest))

    assert bring(world, data[:-31]) == digest
    assert opened_event(world).arguments()[0] == agreement


def scattered(layout: Layout, digest: bytes, source: random.Random) -> tuple[bytes, bool]:
    """The same arguments, their pieces in any order with rubbish between them, at any byte, and whether all nested
    pointers lead forwards. Pieces: the agreement, its obligations' pointers, each obligation, its tiers, signatures."""
    words = layout.with_signatures(layout.words, digest)
    count = len(layout.each)
    pieces = {
        "agreement": words[layout.start : layout.start + 27],
        "obligations": words[layout.obligations : layout.obligations + 1 + count],
        **{f"obligation {i}": words[at : at + 8] for i, at in enumerate(layout.each)},
        **{f"tiers {i}": words[at[0] - 1 : at[-1] + 4] for i, at in enumerate(layout.tiers)},
        **{f"signature {i}": words[(at := number(words[i]) // WORD) : at + 4] for i in (1, 2)},
    }
    order = list(pieces)
    for _ in range(source.choice((0, 1, 2, 20))):
        one, other = source.sample(range(len(order)), 2)
        order[one], order[other] = order[other], order[one]
    places, end, gaps = {}, 3 * WORD, {}
    for name in order:
        gaps[name] = source.randbytes(source.choice((0, 0, WORD, source.randrange(70))))
        places[name] = end + len(gaps[name])
        end = places[name] + WORD * len(pieces[name])

    def point(piece: str, at: int, target: str, base: int) -> int:
        pieces[piece][at] = ((places[target] - base) % 2**256).to_bytes(WORD)
        return places[target] - base

    distances = [point("agreement", 26, "obligations", places["agreement"])]
    for i in range(count):
        distances.append(point("obligations", 1 + i, f"obligation {i}", places["obligations"] + WORD))
        distances.append(point(f"obligation {i}", 7, f"tiers {i}", places[f"obligation {i}"]))
    head = [places[name].to_bytes(WORD) for name in ("agreement", "signature 1", "signature 2")]
    data = b"".join(head) + b"".join(gaps[name] + b"".join(pieces[name]) for name in order)
    return data + source.randbytes(source.choice((0, 0, 5))), min(distances) >= 0


def test_open__pieces_in_any_order_and_place__opens_terms_that_everybody_can_read(world: FastWorld) -> None:
    """P12, in 600 encodings: accepted exactly if no pointer leads backwards, and then read as they were signed."""
    agreement = world.agreement()
    layout = Layout(agreement)
    digest = layout.digest(layout.words, world)
    signatures = [sign_digest(keccak256(name.encode()), digest) for name in ("provider", "customer")]
    source = random.Random(12)
    outcomes = {True: 0, False: 0}
    for _ in range(600):
        data, forwards = scattered(layout, digest, source)
        outcomes[forwards] += 1
        with world.chain.undone():
            if not forwards:
                with pytest.raises(CallFailed):
                    bring(world, data)
                continue
            assert bring(world, data) == digest
            assert opened_event(world).arguments() == (agreement, *signatures)
    assert min(outcomes.values()) > 150, outcomes


def test_open__obligations_that_share_their_tiers__opens_terms_that_everybody_can_read(
    world: FastWorld,
) -> None:
    """P12: two offsets may lead to one place."""
    usual = world.agreement()
    twins = Agreement(usual.parties, usual.service, usual.stake, usual.formation, usual.obligations[:1] * 2)
    layout = Layout(twins)
    digest = layout.digest(layout.words, world)
    words = layout.with_signatures(layout.words, digest)
    words[layout.obligations + 2] = words[layout.obligations + 1]
    for at in range(layout.each[1], layout.each[1] + 8):
        words[at] = b"\xee" * WORD

    assert bring(world, words) == digest
    assert opened_event(world).arguments()[0] == twins


@pytest.mark.parametrize("nested", ["obligations", "one obligation", "tiers"])
def test_open__an_offset_that_leads_backwards__is_refused_or_read_by_everybody(
    world: FastWorld, nested: str
) -> None:
    """P12: Solidity compares nested offsets as signed numbers, ABI decoders do not. Anybody may bring signed terms, so
    anybody could open them in an encoding that only Solidity reads."""
    agreement = world.agreement()
    layout = Layout(agreement)
    digest = layout.digest(layout.words, world)
    words = backwards(layout, digest, nested)

    with pytest.raises(CallFailed) as failure:
        bring(world, words)
    assert world.chain.refusal("SLAEscrow", failure.value) == ("OffsetBackwards", ())
    # The same words are good where the offset leads forwards.
    assert bring(world, layout.with_signatures(layout.words, digest)) == digest


def backwards(layout: Layout, digest: bytes, nested: str) -> Words:
    """The same arguments with a copy of a nested part in front of the agreement, and an offset of less than 0 to it."""
    words = layout.with_signatures(layout.words, digest)
    signature_at = number(words[1]) // WORD
    pointer, base, first, last = {
        "obligations": (layout.offset_of_obligations, layout.start, layout.obligations, signature_at),
        "one obligation": (
            layout.obligations + 1, layout.obligations + 1, layout.each[0], layout.each[1],
        ),
        "tiers": (layout.each[0] + 7, layout.each[0], layout.tiers[0][0] - 1, layout.tiers[0][-1] + 4),
    }[nested]  # fmt: skip
    part = words[first:last]
    words[pointer] = ((3 - (base + len(part))) * WORD % 2**256).to_bytes(WORD)
    for place in range(3):
        words[place] = (number(words[place]) + len(part) * WORD).to_bytes(WORD)
    return [*words[:3], *part, *words[3:]]


def test_open__tiers_laid_over_their_own_obligation__are_refused(world: FastWorld) -> None:
    """P12: an offset of -32 to tiers that are the obligation's own first words. Two accounts of one attacker can sign
    such terms, and nobody but Solidity could read the event: an index that must read every agreement would stop."""
    usual = world.agreement()
    odd = replace(
        usual.obligations[UPTIME], indicator=(5).to_bytes(WORD), comparator=Comparator.AT_MOST, sane_max=10,
        tiers=(Tier(bound=5, base=1, slope=0, step=0),),
    )  # fmt: skip
    agreement = replace(usual, obligations=(odd,))
    layout = Layout(agreement)
    digest = layout.digest(layout.words, world)
    words = layout.with_signatures(layout.words, digest)
    place = layout.each[0]
    # The number of tiers, 1, stands between the obligation's offset and the obligation; behind it rubbish.
    words[layout.obligations + 1] = (2 * WORD).to_bytes(WORD)
    words[place : place + 7 + 6] = [
        (1).to_bytes(WORD), *words[place : place + 7], (2**256 - WORD).to_bytes(WORD), *[bytes(WORD)] * 4
    ]  # fmt: skip

    for offset in (-WORD, -WORD + 1, -1):
        words[place + 8] = (2**256 + offset).to_bytes(WORD)
        with pytest.raises(CallFailed) as failure:
            bring(world, words)
        if offset == -WORD:
            assert world.chain.refusal("SLAEscrow", failure.value) == ("OffsetBackwards", ())


def test_open__offsets_or_lengths_out_of_the_calldata__are_refused(world: FastWorld) -> None:
    """Nothing is read beyond what came."""
    layout = Layout(world.agreement())
    words = layout.with_signatures(layout.words, layout.digest(layout.words, world))
    pointers = [0, 1, 2, layout.offset_of_obligations, layout.obligations, layout.obligations + 1,
                layout.each[0] + 7, layout.tiers[0][0] - 1, number(words[1]) // WORD]  # fmt: skip
    for at in pointers:
        for value in (len(words) * WORD + 1, 2**32, 2**63, 2**64 - 1, 2**64, 2**255, 2**256 - 1):
            broken = list(words)
            broken[at] = value.to_bytes(WORD)
            with pytest.raises(CallFailed):
                bring(world, broken)
    bring(world, words)


def test_open__calldata_cut_short_anywhere__is_refused(world: FastWorld) -> None:
    layout = Layout(world.agreement())
    data = b"".join(layout.with_signatures(layout.words, layout.digest(layout.words, world)))
    for length in range(0, len(data) - 31, 7):
        with pytest.raises(CallFailed):
            bring(world, data[:length])


def test_later_calls__terms_with_dirty_bits__are_unknown_or_refused(world: FastWorld) -> None:
    """P10: a later call cannot bend the terms: whatever is not the signed word is another agreement."""
    agreement = world.agreement()
    world.open(agreement)
    obligations = obligations_hash(agreement.obligations)
    selector, inputs, _ = function("SLAEscrow", "deposit")
    words = words_of(encode(inputs, (terms_argument(agreement), obligations, 0)))
    kinds = [
        (name, kind) for struct in ("Parties", "Service", "Stake") for name, kind in AGREEMENT_TYPES[struct]
    ]
    for at, (name, kind) in enumerate(kinds):
        for value in dirt(kind, name, number(words[at])):
            broken = list(words)
            broken[at] = value.to_bytes(WORD)
            with pytest.raises(CallFailed) as failure:
                world.chain.send(world.escrow, selector + b"".join(broken))
            refusal = failure.value.data
            assert refusal == b"" or world.chain.refusal("SLAEscrow", failure.value)[0] == "AgreementUnknown"
    world.chain.send(world.escrow, selector + b"".join(words))


@pytest.mark.parametrize("name", ["claim", "dispute", "rule"])
def test_later_calls__key_finding_or_obligation_with_dirty_bits__are_refused(
    world: FastWorld, name: str
) -> None:
    """What is not hashed into the id is checked when it is read."""
    agreement = world.agreement()
    agreement_id = world.open(agreement)
    world.chain.travel(START + MONTH)
    report = Report(agreement_id, 0, UPTIME, 0, WORSE, agreement.service.charge)
    tree = world.post(report)
    common = (
        terms_argument(agreement),
        [obligation_hash(obligation) for obligation in agreement.obligations],
        obligation_argument(agreement.obligations[UPTIME]),
    )
    allegation = ((0, UPTIME), (BAD, agreement.service.charge))
    arguments = (*common, *allegation)
    sender = "provider" if name == "dispute" else "arbiter"
    if name == "claim":
        arguments = (*common, *claim_arguments(report), list(tree.proof(report)))
    else:
        world.claim(agreement, report, tree.proof(report))
    if name == "rule":
        world.dispute(agreement, *allegation, by="provider")

    selector, inputs, _ = function("SLAEscrow", name)
    words = words_of(encode(inputs, arguments))
    # Terms are 21 words, then the two offsets of hashes and obligation.
    narrow = {22: "uint32", 23: "uint8", 24: "uint64", 25: "uint96"}
    if name == "claim":
        narrow = {22: "uint32", 23: "uint8", 24: "uint16", 25: "uint64", 26: "uint96"}
    assert len(encode(inputs[:1], arguments[:1])) == 21 * WORD
    at_obligation = number(words[22]) // WORD
    narrow = {at + 1: kind for at, kind in narrow.items()}
    members = AGREEMENT_TYPES["Obligation"][:-1]
    narrow |= {at_obligation + i: kind for i, (_, kind) in enumerate(members)}
    tried = 0
    for at, kind in narrow.items():
        for value in dirt(kind, "", number(words[at])):
            broken = list(words)
            broken[at] = value.to_bytes(WORD)
            with pytest.raises(CallFailed):
                world.chain.send(world.escrow, selector + b"".join(broken), KEYS[sender].address)
            tried += 1
    assert tried >= 30
    world.chain.send(world.escrow, selector + b"".join(words), KEYS[sender].address)
    assert world.balance(world.escrow) >= COLLATERAL
    assert world.now < START + MONTH + DAY
