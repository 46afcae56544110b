"""EIP-712: the standard's own example, ``eth_account`` on any agreement, and the structs of Types.sol (P6)."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from record.eip712 import (
    AGREEMENT_TYPES,
    OBSERVATION_TYPES,
    Domain,
    agreement_digest,
    agreement_typed_data,
    committee_domain,
    escrow_domain,
    obligation_hash,
    obligations_hash,
    observation_digest,
    round_digest,
)
from record.hexes import checksum_address
from record.keccak import keccak256
from record.typed_data import Types, encode_type, hash_struct, typed_preimage
from record.typed_messages import agreement_message
from sla.agreement import (
    Agreement,
    Comparator,
    Formation,
    MissingData,
    Obligation,
    Parties,
    PayUnit,
    ScheduleUnit,
    Service,
    Stake,
    Tier,
)
from sla.errors import RecordError
from sla.report import Observation

ROOT = Path(__file__).resolve().parents[3]


def uint(bits: int) -> st.SearchStrategy[int]:
    return st.integers(0, 2**bits - 1)


BYTES32 = st.binary(min_size=32, max_size=32)
ADDRESSES = st.binary(min_size=20, max_size=20).map(checksum_address)
OBLIGATIONS = st.builds(
    Obligation,
    BYTES32,
    st.sampled_from(Comparator),
    st.sampled_from(PayUnit),
    st.sampled_from(MissingData),
    uint(96),
    uint(64),
    uint(64),
    st.lists(st.builds(Tier, uint(64), uint(96), uint(96), uint(64)), max_size=4).map(tuple),
)
AGREEMENTS = st.builds(
    Agreement,
    st.builds(Parties, ADDRESSES, ADDRESSES, ADDRESSES),
    st.builds(
        Service,
        ADDRESSES,
        uint(40),
        st.sampled_from(ScheduleUnit),
        uint(32),
        uint(24),
        uint(32),
        uint(96),
        uint(96),
        uint(96),
    ),
    st.builds(
        Stake,
        ADDRESSES,
        uint(96),
        uint(96),
        uint(32),
        uint(32),
        uint(32),
        uint(32),
        BYTES32,
    ),
    st.builds(Formation, BYTES32, uint(96), BYTES32, uint(40), uint(16), uint(16)),
    st.lists(OBLIGATIONS, max_size=4).map(tuple),
)
OBSERVATIONS = st.builds(
    Observation, BYTES32, uint(32), uint(8), uint(16), st.booleans(), uint(64), uint(96), BYTES32
)
DOMAINS = st.builds(escrow_domain, st.integers(1, 2**53 - 1), ADDRESSES)
SOME_DOMAIN = escrow_domain(31337, "0x" + "11" * 20)


def wallet_digest(data: dict[str, Any]) -> bytes:
    """What a wallet signs, by an implementation that is not ours."""
    signable = encode_typed_data(full_message=json.loads(json.dumps(data)))
    return keccak256(b"\x19" + signable.version + signable.header + signable.body)


def test_typed_digest__the_mail_of_the_standard__has_the_published_hashes() -> None:
    """https://eips.ethereum.org/EIPS/eip-712, the Ether Mail example."""
    types: Types = {
        "Mail": (("from", "Person"), ("to", "Person"), ("contents", "string")),
        "Person": (("name", "string"), ("wallet", "address")),
    }
    mail = {
        "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
        "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
        "contents": "Hello, Bob!",
    }
    domain = Domain("Ether Mail", "1", 1, "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC")

    assert (
        encode_type("Mail", types)
        == "Mail(Person from,Person to,string contents)Person(string name,address wallet)"
    )
    assert domain.separator().hex() == "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f"
    assert (
        hash_struct("Mail", types, mail).hex()
        == "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e"
    )
    assert (
        keccak256(typed_preimage(domain, "Mail", types, mail)).hex()
        == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"
    )


@settings(max_examples=50)
@given(agreement=AGREEMENTS, domain=DOMAINS)
def test_agreement_digest__any_agreement__is_what_a_wallet_signs(
    agreement: Agreement, domain: Domain
) -> None:
    assert agreement_digest(agreement, domain) == wallet_digest(agreement_typed_data(agreement, domain))


@settings(max_examples=50)
@given(observation=OBSERVATIONS, chain_id=st.integers(1, 2**53 - 1), committee=ADDRESSES)
def test_observation_digest__any_observation__is_what_a_wallet_signs(
    observation: Observation, chain_id: int, committee: str
) -> None:
    message = {
        "agreement": observation.agreement,
        "period": observation.period,
        "obligation": observation.obligation,
        "revision": observation.revision,
        "known": observation.known,
        "attained": observation.attained,
        "charge": observation.charge,
        "evidence": observation.evidence,
    }
    signable = encode_typed_data(
        domain_data={
            "name": "Makegood Committee",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": committee,
        },
        message_types={
            "Observation": [
                {"name": "agreement", "type": "bytes32"},
                {"name": "period", "type": "uint32"},
                {"name": "obligation", "type": "uint8"},
                {"name": "revision", "type": "uint16"},
                {"name": "known", "type": "bool"},
                {"name": "attained", "type": "uint64"},
                {"name": "charge", "type": "uint96"},
                {"name": "evidence", "type": "bytes32"},
            ]
        },
        message_data=message,
    )
    expected = keccak256(b"\x19" + signable.version + signable.header + signable.body)
    assert observation_digest(observation, committee_domain(chain_id, committee)) == expected


@given(number=uint(64), root=BYTES32, bundle=BYTES32)
def test_round_digest__any_round__is_what_a_wallet_signs(number: int, root: bytes, bundle: bytes) -> None:
    domain = {
        "name": "Makegood Committee",
        "version": "1",
        "chainId": 1,
        "verifyingContract": "0x" + "11" * 20,
    }
    types = {
        "Round": [
            {"name": "round", "type": "uint64"},
            {"name": "root", "type": "bytes32"},
            {"name": "bundle", "type": "bytes32"},
        ]
    }
    signable = encode_typed_data(domain, types, {"round": number, "root": root, "bundle": bundle})
    expected = keccak256(b"\x19" + signable.version + signable.header + signable.body)
    assert round_digest(number, root, bundle, committee_domain(1, "0x" + "11" * 20)) == expected


@given(agreement=AGREEMENTS)
def test_obligations_hash__as_a_later_call_brings_it__fits_the_agreements_encoding(
    agreement: Agreement,
) -> None:
    """The escrow rebuilds the struct hash from its parts and the obligations' hashes."""
    message = agreement_message(agreement)
    type_hash = keccak256(encode_type("Agreement", AGREEMENT_TYPES).encode())
    words = [
        hash_struct(struct, AGREEMENT_TYPES, message[member])  # type: ignore[arg-type]
        for struct, member in (
            ("Parties", "parties"),
            ("Service", "service"),
            ("Stake", "stake"),
            ("Formation", "formation"),
        )
    ]
    array = keccak256(b"".join(obligation_hash(obligation) for obligation in agreement.obligations))

    assert obligations_hash(agreement.obligations) == array
    assert keccak256(type_hash + b"".join(words) + array) == hash_struct(
        "Agreement", AGREEMENT_TYPES, message
    )


@given(agreement=AGREEMENTS, other=AGREEMENTS)
def test_agreement_digest__another_chain_contract_or_committee__is_another_digest(
    agreement: Agreement, other: Agreement
) -> None:
    """P6."""
    digest = agreement_digest(agreement, SOME_DOMAIN)

    assert digest != agreement_digest(agreement, escrow_domain(1, "0x" + "11" * 20))
    assert digest != agreement_digest(agreement, escrow_domain(31337, "0x" + "22" * 20))
    assert digest != agreement_digest(agreement, committee_domain(31337, "0x" + "11" * 20))
    assert (digest == agreement_digest(other, SOME_DOMAIN)) == (agreement == other)


@pytest.mark.parametrize(
    "struct", ["Agreement", "Parties", "Service", "Stake", "Formation", "Obligation", "Tier"]
)
def test_types__every_struct__has_the_members_of_types_sol_in_order(struct: str) -> None:
    enums = {"ScheduleUnit": "uint8", "Comparator": "uint8", "PayUnit": "uint8", "MissingData": "uint8"}
    source = (ROOT / "contracts" / "Types.sol").read_text()
    body = re.search(rf"struct {struct} {{(.*?)}}", source, re.DOTALL)
    assert body
    members = re.findall(r"^\s*([\w\[\]]+) (\w+);", body[1], re.MULTILINE)

    assert AGREEMENT_TYPES[struct] == tuple((name, enums.get(kind, kind)) for kind, name in members)


def test_types__observation__is_a_report_with_what_the_member_knows() -> None:
    assert encode_type("Observation", OBSERVATION_TYPES) == (
        "Observation(bytes32 agreement,uint32 period,uint8 obligation,uint16 revision,"
        "bool known,uint64 attained,uint96 charge,bytes32 evidence)"
    )


def test_digest__a_value_that_does_not_fit_its_type__is_refused() -> None:
    tier = Tier(2**64, 0, 0, 0)
    obligation = Obligation(
        bytes(32), Comparator.AT_LEAST, PayUnit.AMOUNT, MissingData.IGNORE, 0, 0, 1, (tier,)
    )

    for broken in (
        obligation,
        replace(obligation, tiers=(Tier(-1, 0, 0, 0),)),
        replace(obligation, tiers=(), indicator=bytes(31)),
    ):
        with pytest.raises(RecordError, match="is not a"):
            obligation_hash(broken)
