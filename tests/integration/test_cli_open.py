"""``makegood open`` against everything that should not come into force: one sentence, exit code not 0, nothing sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chain.escrow import Escrow
from record.eip712 import agreement_preimage, escrow_domain
from record.signing import CURVE_ORDER
from record.terms import load_terms
from tests.integration.cli_world import KEYS, CliWorld, cli_world

pytestmark = pytest.mark.xdist_group("cli")

Spoil = Callable[[CliWorld, dict[str, str]], object]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CliWorld]:
    with cli_world(tmp_path_factory.mktemp("open")) as built:
        yield built


@pytest.fixture(scope="module")
def offer(world: CliWorld) -> tuple[Path, list[str]]:
    """Terms with both signatures, never opened."""
    terms = world.terms("offer")
    return terms, world.signatures(terms)


def signed_by(who: str) -> Spoil:
    def spoil(world: CliWorld, file: dict[str, str]) -> dict[str, object]:
        agreement = load_terms((world.folder / "offer.yaml").read_text()).agreement()
        signature = KEYS[who].sign(agreement_preimage(agreement, world.escrow.domain))
        return {**file, "signature": f"0x{signature.hex()}"}

    return spoil


def for_domain(chain_id: int | None, escrow: str | None) -> Spoil:
    """Truly signed by the party, and the file truly says for what."""

    def spoil(world: CliWorld, file: dict[str, str]) -> dict[str, object]:
        agreement = load_terms((world.folder / "offer.yaml").read_text()).agreement()
        domain = escrow_domain(chain_id or world.connection.chain_id, escrow or world.escrow.address)
        signature = KEYS["customer"].sign(agreement_preimage(agreement, domain))
        said = {"chainId": domain.chain_id, "escrow": domain.verifying_contract}
        return {**file, **said, "signature": f"0x{signature.hex()}"}

    return spoil


def malleable(world: CliWorld, file: dict[str, str]) -> dict[str, str]:
    signature = bytes.fromhex(file["signature"][2:])
    other = CURVE_ORDER - int.from_bytes(signature[32:64])
    twin = signature[:32] + other.to_bytes(32) + bytes([55 - signature[64]])
    return {**file, "signature": f"0x{twin.hex()}"}


def of_length(length: int) -> Spoil:
    def spoil(world: CliWorld, file: dict[str, str]) -> dict[str, str]:
        signature = (bytes.fromhex(file["signature"][2:]) + b"\x00")[:length]
        return {**file, "signature": f"0x{signature.hex()}"}

    return spoil


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (signed_by("stranger"), f"the signature is that of {KEYS['stranger'].address}, but the customer is"),
        (signed_by("provider"), f"the signature is that of {KEYS['provider'].address}, but the customer is"),
        (for_domain(1, None), "it was signed for chain 1, but the network is chain 31337"),
        (for_domain(None, KEYS["stranger"].address), "it was signed for the escrow"),
        (malleable, "s is in the upper half"),
        (of_length(64), "the signature has 64 bytes, the compact form of EIP-2098"),
        (of_length(66), "the signature has 66 bytes"),
        (of_length(0), "the signature file cannot be read"),
        (lambda world, file: {**file, "role": "arbiter"}, "$.role is 'arbiter'"),
        (lambda world, file: {**file, "agreement": "0x" + "00" * 32}, "it was signed for another agreement"),
        (lambda world, file: {**file, "document": "0x" + "00" * 32}, "it was signed under other terms"),
        (lambda world, file: {**file, "address": file["address"].lower()}, "is not a checksummed address"),
        (lambda world, file: {**file, "more": "1"}, "$.more is not known"),
        (
            lambda world, file: {**file, "format": "makegood-signature/2"},
            "its format is 'makegood-signature/2'",
        ),
    ],
)
def test_open__hostile_signature__one_sentence_and_nothing_sent(
    world: CliWorld, offer: tuple[Path, list[str]], tmp_path: Path, spoil: Spoil, told: str
) -> None:
    terms, signatures = offer
    file = json.loads(Path(signatures[3]).read_text())
    spoiled = tmp_path / "customer.json"
    changed = spoil(world, file)
    spoiled.write_text(json.dumps(changed, sort_keys=True, separators=(",", ":")) + "\n")
    with world.untouched():
        options = [*signatures[:2], "--signature", str(spoiled), *world.key("provider")]
        said = world.run("open", terms, *options, code=2).stderr
    assert told in said
    assert "customer.json" in said
    assert said.count("\n") == 1
    assert not world.escrow.account_of(agreement_id(world, terms)).is_open


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"{}" * 60_000, b"[" * 90_000])
def test_open__file_that_is_no_signature__one_sentence_and_nothing_sent(
    world: CliWorld, offer: tuple[Path, list[str]], tmp_path: Path, content: bytes
) -> None:
    terms, signatures = offer
    (tmp_path / "torn.json").write_bytes(content)
    with world.untouched():
        options = [*signatures[:2], "--signature", str(tmp_path / "torn.json"), *world.key("provider")]
        said = world.run("open", terms, *options, code=2).stderr
    assert said.count("\n") == 1


def test_open__one_signature_only__names_the_missing_one(
    world: CliWorld, offer: tuple[Path, list[str]]
) -> None:
    terms, signatures = offer
    with world.untouched():
        said = world.run("open", terms, *signatures[:2], *world.key("provider"), code=2).stderr
    assert "the customer's is missing" in said


def test_open__by_a_stranger_before_the_provider_allowed_it__says_who_must(
    world: CliWorld, offer: tuple[Path, list[str]]
) -> None:
    terms, signatures = offer
    with world.untouched():
        said = world.run("open", terms, *signatures, *world.key("stranger"), code=2).stderr
    assert "the provider has not allowed the escrow to pull the 3,000.00 tUSD" in said


def test_open__dry_run__sends_nothing(world: CliWorld, offer: tuple[Path, list[str]]) -> None:
    terms, signatures = offer
    with world.untouched():
        said = world.run("open", terms, *signatures, *world.key("provider"), "--dry-run").stdout
    assert "Nothing was sent" in said


@pytest.mark.parametrize(
    ("replaced", "told"),
    [
        ({"decimals: 6": "decimals: 18"}, "the terms say 18, but the token"),
        ({"symbol: tUSD": "symbol: USDC"}, "the terms say 'USDC', but the token"),
    ],
)
def test_open__token_that_is_not_what_the_terms_say__is_refused(
    world: CliWorld, replaced: dict[str, str], told: str
) -> None:
    terms = world.terms("token", replaced)
    signatures = world.signatures(terms)
    with world.untouched():
        said = world.run("open", terms, *signatures, *world.key("provider"), code=2).stderr
    assert told in said


def test_open__token_that_is_no_contract__is_refused(world: CliWorld) -> None:
    terms = world.terms("no token", {world.token.address: KEYS["stranger"].address})
    signatures = world.signatures(terms)
    with world.untouched():
        said = world.run("open", terms, *signatures, *world.key("provider"), code=2).stderr
    assert "there is no contract at" in said


def test_open__after_the_offer_ended__is_refused_and_twice_too(world: CliWorld) -> None:
    terms = world.terms("late")
    signatures = world.signatures(terms)
    again = world.terms("again")
    options = world.signatures(again)
    world.run("open", again, *options, *world.key("provider"))
    with world.untouched():
        assert "AgreementExists" in world.run("open", again, *options, *world.key("provider"), code=1).stderr
    world.travel(600)
    with world.untouched():
        said = world.run("open", terms, *signatures, *world.key("provider"), code=2).stderr
    assert "the offer ended at" in said


def test_open__terms_that_inherit__are_kept_and_signed_as_one_document(world: CliWorld) -> None:
    base = world.terms("base", {"name: Availability": "name: Front page"})
    heir = world.folder / "heir.yaml"
    inherited = "inherits: base.yaml\nmetadata: {name: heir}\nspec: {scope: The front page only.}\n"
    heir.write_text(f"apiVersion: makegood/v1\nkind: SLA\n{inherited}")
    said = world.json("open", heir, *world.signatures(heir), *world.key("provider"))
    merged = world.json("terms", "merge", heir)
    base.unlink()

    kept = world.folder / "documents" / f"{merged['document']}.yaml"
    assert kept.read_text() == merged["text"]
    document = load_terms(kept.read_text())
    assert document.scope == "The front page only."
    assert said["agreement"] == f"0x{world.escrow.id_of(document.agreement()).hex()}"
    assert said["agreement"] in world.run("status", said["agreement"]).output


def agreement_id(world: CliWorld, terms: Path) -> bytes:
    return Escrow.id_of(world.escrow, load_terms(terms.read_text()).agreement())
