"""Exclusions as files: one form, bounded, readable by anybody; a signature counts only if it is what it says (P6)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from record.eip712 import agreement_digest, escrow_domain
from record.exclusion_fields import DIMENSIONS, MAX_VALUE, MAX_VALUES, ExclusionFileError
from record.exclusion_json import MAX_BYTES, exclusion_bytes, read_exclusion
from record.exclusions import EXCLUSION_TYPES, MAX_REASON, ExclusionFile, ExclusionRecord, approvers, counted
from record.hexes import checksum_address
from record.keccak import keccak256
from record.offer import MAX_CONTRACT_SIGNATURE
from record.signing import address_of, sign_digest
from record.terms import load_terms
from record.typed_data import Domain, encode_type
from sla.errors import RecordError, SignatureError
from sla.exclusions import Exclusion, ExclusionKind, Scope, trace, usual_ways
from tests.unit.cli.terms_hostile import CUSTOMER, PROVIDER, change
from tests.unit.record.hostile import damaged, refused_or_read, uint

ESCROW, OTHER = (checksum_address(bytes([n]) * 20) for n in (0xC0, 0xC1))
DOMAIN = escrow_domain(31337, ESCROW)
KEYS = {"provider": keccak256(b"a provider"), "customer": keccak256(b"a customer")}
TERMS = change(CUSTOMER, address_of(KEYS["customer"]), change(PROVIDER, address_of(KEYS["provider"])))
AGREEMENT = load_terms(TERMS).agreement()
RECORD = ExclusionRecord(
    agreement=agreement_digest(AGREEMENT, DOMAIN),
    kind=ExclusionKind.MAINTENANCE,
    scope=(("region", ("eu-west", "us")), ("service", ("shop",))),
    start=1_810_000_000,
    end=1_810_003_600,
    announced_at=1_809_000_000,
    reason="New switches in hall 3 – announced as ticket 4711",
)
BARE = ExclusionFile(RECORD)


def signed(*roles: str, file: ExclusionFile = BARE, domain: Domain = DOMAIN) -> ExclusionFile:
    for role in roles:
        file = file.approved(AGREEMENT, role, sign_digest(KEYS[role], file.record.digest(domain)))
    return file


def refusal(data: bytes) -> ExclusionFileError:
    with pytest.raises(ExclusionFileError) as refused:
        approvers(read_exclusion(data, DOMAIN), DOMAIN, AGREEMENT)
    assert refused.value.remedy
    return refused.value


def test_file__written__has_one_form_and_reads_back() -> None:
    data = exclusion_bytes(BARE, DOMAIN)
    assert data.decode() == (
        f'{{"agreement":"0x{RECORD.agreement.hex()}","announcedAt":1809000000,"approvals":[],"chainId":31337,'
        f'"end":1810003600,"escrow":"{ESCROW}","format":"makegood-exclusion/1","kind":"maintenance",'
        '"reason":"New switches in hall 3 – announced as ticket 4711",'
        '"scope":{"region":["eu-west","us"],"service":["shop"]},"start":1810000000}\n'
    )
    assert read_exclusion(data, DOMAIN) == BARE
    assert read_exclusion(data.rstrip(b"\n"), DOMAIN) == BARE


@pytest.mark.parametrize("roles", [("customer",), ("provider",), ("provider", "customer")])
def test_approvers__who_signed__is_known_whatever_the_order(roles: tuple[str, ...]) -> None:
    file = signed(*roles)

    assert approvers(file, DOMAIN, AGREEMENT) == set(roles)
    assert read_exclusion(exclusion_bytes(file, DOMAIN), DOMAIN) == file
    assert exclusion_bytes(file, DOMAIN) == exclusion_bytes(signed(*reversed(roles)), DOMAIN)
    assert signed(*roles, file=file) == file


TEXT = st.text(min_size=1, max_size=12).filter(lambda text: text.isprintable() and text == text.strip() != "")
SCOPES = st.dictionaries(
    st.sampled_from(DIMENSIONS), st.sets(TEXT, min_size=1, max_size=3).map(sorted).map(tuple)
).map(lambda drawn: tuple(sorted(drawn.items())))


@st.composite
def records(draw: st.DrawFn) -> ExclusionRecord:
    start = draw(st.integers(0, 2**40 - 2))
    return ExclusionRecord(
        agreement=draw(st.binary(min_size=32, max_size=32)),
        kind=draw(st.sampled_from(ExclusionKind)),
        scope=draw(SCOPES),
        start=start,
        end=draw(st.integers(start + 1, min(2**40 - 1, start + 400 * 86_400))),
        announced_at=draw(uint(40)),
        reason=draw(TEXT),
    )


@settings(max_examples=60)
@given(record=records(), chain_id=st.integers(1, 2**53 - 1))
def test_digest__any_exclusion__is_eth_accounts(record: ExclusionRecord, chain_id: int) -> None:
    domain = escrow_domain(chain_id, ESCROW)
    signable = encode_typed_data(full_message=record.typed_data(domain))

    assert record.digest(domain) == keccak256(b"\x19" + signable.version + signable.header + signable.body)
    assert keccak256(record.preimage(domain)) == record.digest(domain)


def test_type__as_wallets_hash_it__is_this() -> None:
    assert encode_type("Exclusion", EXCLUSION_TYPES) == (
        "Exclusion(bytes32 agreement,string kind,Dimension[] scope,uint40 start,uint40 end,uint40 announcedAt,"
        "string reason)Dimension(string name,string[] values)"
    )


@settings(max_examples=60)
@given(one=records(), other=records())
def test_digest__of_two_exclusions__is_one_only_if_they_are(
    one: ExclusionRecord, other: ExclusionRecord
) -> None:
    assert (one.digest(DOMAIN) == other.digest(DOMAIN)) == (one == other)
    file = ExclusionFile(one)
    assert read_exclusion(exclusion_bytes(file, DOMAIN), DOMAIN) == file


@pytest.mark.parametrize(
    "changed",
    [
        replace(RECORD, kind=ExclusionKind.FORCE_MAJEURE),
        replace(RECORD, scope=()),
        replace(RECORD, scope=(("region", ("eu-west",)), ("service", ("shop",)))),
        replace(RECORD, start=RECORD.start - 1),
        replace(RECORD, end=RECORD.end + 1),
        replace(RECORD, announced_at=RECORD.announced_at - 1),
        replace(RECORD, reason="Something else"),
    ],
)
def test_approvers__anything_changed_after_signing__is_refused(changed: ExclusionRecord) -> None:
    forged = ExclusionFile(changed, signed("provider").approvals)
    refused = refusal(exclusion_bytes(forged, DOMAIN))

    assert "the signature is that of" in refused.problem
    assert refused.field == "approvals[0].signature"


def test_approvers__signed_for_another_chain_or_escrow__is_refused() -> None:
    for domain in (escrow_domain(1, ESCROW), escrow_domain(31337, OTHER)):
        assert "the signature is that of" in refusal(
            exclusion_bytes(signed("provider", domain=domain), DOMAIN)
        ).problem  # fmt: skip
    by_chain = refusal(exclusion_bytes(BARE, escrow_domain(1, ESCROW)))
    assert (by_chain.field, by_chain.problem) == (
        "chainId",
        "it is for chain 1, but the network is chain 31337",
    )
    by_escrow = refusal(exclusion_bytes(BARE, escrow_domain(31337, OTHER)))
    assert (by_escrow.field, by_escrow.problem) == (
        "escrow",
        f"it is for the escrow {OTHER}, but the network's is {ESCROW}",
    )


def test_approvers__another_agreement__is_refused() -> None:
    other = ExclusionFile(replace(RECORD, agreement=bytes(32)))
    refused = refusal(exclusion_bytes(other, DOMAIN))

    assert refused.field == "agreement"
    assert "it is about the agreement 0x0000" in refused.problem


def test_approvers__a_contracts_signature__is_what_its_contract_says() -> None:
    file = BARE.approved(AGREEMENT, "customer", b"\x01" * 700)

    assert approvers(file, DOMAIN, AGREEMENT, {"customer": True}) == {"customer"}
    with pytest.raises(ExclusionFileError, match="does not accept the signature"):
        approvers(file, DOMAIN, AGREEMENT, {"customer": False})
    with pytest.raises(ExclusionFileError, match="700 bytes"):
        approvers(file, DOMAIN, AGREEMENT, {"provider": True})


def test_approvers__an_account_that_is_not_the_partys__is_refused() -> None:
    (approval,) = signed("provider").approvals
    refused = refusal(
        exclusion_bytes(ExclusionFile(RECORD, (replace(approval, role="customer"),)), DOMAIN)
    )  # fmt: skip
    assert refused.field == "approvals[0].address"


@pytest.mark.parametrize(
    ("seen_at", "announced_at"),
    [(None, RECORD.announced_at), (1, RECORD.announced_at), (RECORD.start, RECORD.start)],
)
def test_counted__a_date_in_a_file__cannot_be_before_it_was_seen(
    seen_at: int | None, announced_at: int
) -> None:
    assert counted(signed("provider"), DOMAIN, AGREEMENT, seen_at) == Exclusion(
        id="0x" + RECORD.digest(DOMAIN).hex(),
        kind=ExclusionKind.MAINTENANCE,
        scope=RECORD.scope,
        start=RECORD.start,
        end=RECORD.end,
        announced_at=announced_at,
        approvers=frozenset({"provider"}),
    )


def test_counted__announced_in_time_by_the_provider__excludes_until_it_was_seen_too_late() -> None:
    ways = usual_ways(notice_seconds=5 * 86_400, allowance_seconds=7_200)
    month = [(RECORD.start - 86_400, RECORD.end + 86_400)]
    dimensions = {"region": "us", "service": "shop"}

    def excluded(file: ExclusionFile, seen_at: int | None) -> int:
        found = trace([counted(file, DOMAIN, AGREEMENT, seen_at)], ways, month, dimensions)
        return sum(end - start for start, end in found.spans())

    assert excluded(signed("provider"), None) == 3_600
    assert excluded(signed("provider"), RECORD.start - 5 * 86_400) == 3_600
    assert excluded(signed("provider"), RECORD.start - 5 * 86_400 + 1) == 0
    assert excluded(signed("customer"), RECORD.end) == 3_600
    assert excluded(BARE, None) == 0


SIGNED = exclusion_bytes(signed("provider", "customer"), DOMAIN)
APPROVAL = json.loads(SIGNED)["approvals"][0]


@pytest.mark.parametrize(
    ("member", "value", "field", "problem"),
    [
        ("format", "makegood-exclusion/2", "format", "its format is 'makegood-exclusion/2'"),
        ("kind", "holiday", "kind", "'holiday' is no kind of exclusion"),
        ("kind", 7, "kind", "is not a string"),
        ("agreement", "0x12", "agreement", "is not 32 bytes of hex"),
        ("chainId", "1", "chainId", "is not a number below"),
        ("escrow", ESCROW.lower(), "escrow", "is not a checksummed address"),
        ("start", 1 << 40, "start", "is not a number below 2**40"),
        ("start", -1, "start", "is not a number below 2**40"),
        ("start", RECORD.end, "end", "it ends at"),
        ("end", RECORD.start + 400 * 86_400 + 1, "end", "more than 400 days"),
        ("announcedAt", True, "announcedAt", "is not a number"),
        ("reason", "", "reason", "has 0 characters"),
        ("reason", "x" * (MAX_REASON + 1), "reason", "has 1001 characters"),
        ("reason", "two\nlines", "reason", "holds what nobody sees"),
        ("reason", "\u202eesrever", "reason", "'\\u202eesrever' holds what nobody sees"),
        ("reason", "zero\u200bwidth", "reason", "holds what nobody sees"),
        ("reason", " around", "reason", "holds what nobody sees"),
        ("scope", ["region"], "scope", "is not an object"),
        ("scope", {"planet": ["earth"]}, "scope.planet", "this is no dimension"),
        ("scope", {"region": "eu"}, "scope.region", "this is not a list"),
        ("scope", {"region": [1]}, "scope.region", "a value is not text"),
        ("scope", {"region": []}, "scope.region", "it has 0 values"),
        ("scope", {"region": ["b", "a"]}, "scope.region", "not in order"),
        ("scope", {"region": ["a", "a"]}, "scope.region", "not in order"),
        ("scope", {"region": ["\x1b[2J"]}, "scope.region", "'\\x1b[2J' holds what nobody sees"),
        ("scope", {"region": ["x" * 81]}, "scope.region", "has 81 characters"),
        ("scope", {"region": [f"{n:03}" for n in range(65)]}, "scope.region", "it has 65 values"),
        ("approvals", {}, "approvals", "is not a list"),
        ("approvals", [APPROVAL, APPROVAL], "approvals", "not one a role"),
        ("approvals", [{**APPROVAL, "role": "arbiter"}], "approvals[0].role", "its role is 'arbiter'"),
        ("approvals", [{**APPROVAL, "signature": "0x"}], "approvals[0].signature", "is not one in hex"),
        ("approvals", [{**APPROVAL, "more": 1}], "approvals[0]", "$.approvals[0].more is not known"),
        ("approvals", [{**APPROVAL, "address": "0x"}], "approvals[0].address", "is not a checksummed address"),
        ("more", 1, None, "$.more is not known"),
    ],
)  # fmt: skip
def test_file__member_that_is_wrong__is_named(
    member: str, value: object, field: str | None, problem: str
) -> None:
    said = {**json.loads(SIGNED), member: value}
    data = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    refused = refusal(data)

    assert refused.field == field
    assert problem in refused.problem
    assert str(refused).isprintable()


@pytest.mark.parametrize("scope", [(("tier", ("a",)), ("region", ("b",))), (("tier", ("a",)),) * 2])
def test_record__a_scope_with_two_forms__is_refused(scope: Scope) -> None:
    with pytest.raises(ExclusionFileError, match="the dimensions are not in order"):
        replace(RECORD, scope=scope)


@pytest.mark.parametrize(("field", "value"), [("end", 2**40), ("announced_at", -1), ("agreement", b"")])
def test_digest__what_its_type_does_not_hold__is_refused(field: str, value: object) -> None:
    with pytest.raises(RecordError):
        replace(RECORD, **{"start": 2**40 - 9, "end": 2**40 - 1, field: value}).digest(DOMAIN)  # type: ignore[arg-type]


def test_file__the_largest_that_can_be__is_read() -> None:
    letter = "\U00020000"
    values = tuple(sorted(letter * (MAX_VALUE - 1) + chr(0x20000 + n) for n in range(MAX_VALUES)))
    record = replace(
        RECORD, scope=tuple((name, values) for name in DIMENSIONS), reason=letter * MAX_REASON
    )  # fmt: skip
    file = ExclusionFile(record)
    for role in ("customer", "provider"):
        file = file.approved(AGREEMENT, role, b"\xff" * MAX_CONTRACT_SIGNATURE)
    data = exclusion_bytes(file, DOMAIN)

    assert MAX_BYTES // 2 < len(data) < MAX_BYTES
    assert read_exclusion(data, DOMAIN) == file
    assert approvers(file, DOMAIN, AGREEMENT, dict.fromkeys(KEYS, True)) == {"customer", "provider"}


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b" " * (MAX_BYTES + 1), SIGNED[:-30]]
)
def test_file__that_is_something_else__is_one_sentence(data: bytes) -> None:
    assert refusal(data).field is None


@settings(max_examples=100)
@given(data=damaged(st.just(SIGNED)) | st.binary(max_size=80))
def test_file__damaged_anyhow__is_refused_with_a_sentence_or_the_same(data: bytes) -> None:
    def read(given: bytes) -> frozenset[str]:
        return approvers(read_exclusion(given, DOMAIN), DOMAIN, AGREEMENT)

    if refused_or_read(read, data, SignatureError) is not None:
        assert data.rstrip(b"\n") == SIGNED.rstrip(b"\n")
