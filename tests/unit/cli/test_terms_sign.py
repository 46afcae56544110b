"""``makegood terms sign``: the right key, under exactly these terms, for this chain and escrow, or nothing at all."""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from eth_account import Account
from eth_account.messages import encode_typed_data

from chain.keystore import create_keystore
from cli.main import main
from cli.terms_file import write_new
from record.eip712 import agreement_digest, escrow_domain
from record.offer import offer_bytes, offer_of, read_offer, read_signature
from record.signing import sign_digest
from record.terms import load_terms
from tests.unit.cli.terms_hostile import CUSTOMER, PROVIDER, SOUND, change
from tests.unit.cli.test_terms_show import ESCROW, NETWORK

NOW = 1_795_305_600  # 2026-11-22
PROVIDER_KEY, CUSTOMER_KEY = (1001).to_bytes(32), (1002).to_bytes(32)
AGREEMENT = load_terms(SOUND).agreement()
DOMAIN = escrow_domain(31337, ESCROW)
ID = agreement_digest(AGREEMENT, DOMAIN)
FILES = ["customer.key", "makegood.toml", "provider.key", "terms.yaml"]


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("cli.terms_sign.current_time", lambda: NOW)
    monkeypatch.chdir(tmp_path)
    Path("terms.yaml").write_text(SOUND)
    Path("makegood.toml").write_text(NETWORK)
    for name, key in (("provider", PROVIDER_KEY), ("customer", CUSTOMER_KEY)):
        Path(f"{name}.key").write_text(f"0x{key.hex()}\n")
        Path(f"{name}.key").chmod(0o600)


def sign(*arguments: object, role: str = "provider") -> Result:
    return CliRunner().invoke(main, ["terms", "sign", "terms.yaml", "--as", role, *map(str, arguments)])


def refused(result: Result, code: int = 2) -> str:
    """The one sentence; nothing was written."""
    assert result.exit_code == code, result.output
    assert sorted(os.listdir()) == FILES
    last = result.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    assert result.stdout == ""
    return last


@pytest.mark.parametrize("role", ["provider", "customer"])
def test_sign__the_partys_key__writes_the_file_that_proves_it(role: str) -> None:
    result = sign("--bare-key", f"{role}.key", role=role)

    assert result.exit_code == 0, result.output
    data = Path(f"terms.{role}.sig.json").read_bytes()
    signature = read_signature(data, AGREEMENT, DOMAIN, role, NOW)
    key = PROVIDER_KEY if role == "provider" else CUSTOMER_KEY
    assert signature == sign_digest(key, ID)
    assert result.stdout == (
        f"terms.{role}.sig.json written: the {role}'s signature under agreement 0x{ID.hex()}\n"
    )


def test_sign__before_signing__shows_what_is_signed() -> None:
    words = " ".join(sign("--bare-key", "provider.key").stderr.split())

    for part in (
        "You sign as the provider of shop: The shop answers.",
        f"provider {PROVIDER} Northwind",
        f"customer {CUSTOMER} Harbour",
        "periods 3 of 1 month from May 2027 on, UTC",
        "promise Availability: at least 99.99%",
        "collateral 3,000.00 USDX, from the provider on opening",
        "at worst 1,000.00 USDX a period to the customer",
        f"escrow {ESCROW} on chain 31337",
        f"agreement 0x{ID.hex()}",
    ):
        assert part in words, part


def test_sign__encrypted_keystore__signs_with_its_password() -> None:
    create_keystore(Path("provider.json"), "secret", PROVIDER_KEY)
    Path("password").write_text("secret\n")
    result = sign("--keystore", "provider.json", "--password-file", "password", "--out", "o.json", "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "file": "o.json",
        "written": True,
        "agreement": f"0x{ID.hex()}",
        "document": f"0x{AGREEMENT.formation.document.hex()}",
        "role": "provider",
        "address": PROVIDER,
    }
    assert read_offer(Path("o.json").read_bytes()).signature == sign_digest(PROVIDER_KEY, ID)


def test_sign__somebody_elses_key__is_refused_with_both_accounts() -> None:
    told = refused(sign("--bare-key", "customer.key"))

    assert f"the key is that of {CUSTOMER}, but the provider of this agreement is {PROVIDER}" in told


def test_sign__file_that_is_there__stays() -> None:
    Path("terms.provider.sig.json").write_text("mine")
    result = sign("--bare-key", "provider.key")

    assert result.exit_code == 2
    assert "is there already" in result.output
    assert Path("terms.provider.sig.json").read_text() == "mine"


def test_sign__dry_run__needs_no_key_and_writes_nothing() -> None:
    result = sign("--dry-run")

    assert result.exit_code == 0
    assert f"would be written: the provider's signature under agreement 0x{ID.hex()}" in result.stdout
    assert sorted(os.listdir()) == FILES


def test_sign__bare_key_on_a_real_chain__is_refused() -> None:
    Path("makegood.toml").write_text(NETWORK.replace("31337", "1"))

    assert "bare key" in refused(sign("--bare-key", "provider.key"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (change("openBy: 2027-05-01", "openBy: 2026-05-01"),
         "terms.yaml:79: spec.openBy: the offer could be opened until"),
        (change("start: 2027-05-01", "start: 2026-05-01"), "the first period was over at"),
        (change("  collateral:", "  exit: {breaches: 2, periods: 1}\n  collateral:"),
         "spec.exit: the exit rule of 2 breaches within 1 periods cannot be met"),
        (change("fixed:", "max:"), "spec.charge.max: makes the charge metered"),
        (change("name: Northwind", 'name: "<name>"'), "is still a placeholder"),
    ],
)  # fmt: skip
def test_sign__terms_that_cannot_be_opened__are_not_signed(text: str, words: str) -> None:
    Path("terms.yaml").write_text(text)

    assert words in refused(sign("--bare-key", "provider.key"))


def test_sign__amendment_with_an_exit_paying_downstream__shows_all_three_before() -> None:
    lines = f'  exit: {{breaches: 2, periods: 3}}\n  predecessor: "0x{"ab" * 32}"\n  downstream: "0x{"cd" * 32}"\n'
    Path("terms.yaml").write_text(change("  collateral:", f"{lines}  collateral:"))
    shown = sign("--bare-key", "provider.key", "--dry-run").stderr

    assert f"amends      0x{'ab' * 32}, from the first period on" in shown
    assert "collateral  3,000.00 USDX more, from the provider" in shown
    assert f"1,000.00 USDX a period to the escrow of 0x{'cd' * 32}, once linked" in shown
    assert "the customer may leave after 2 paid of 3 periods" in shown


def test_sign__typed_data__is_what_wallets_sign_for_the_same_id() -> None:
    """eth-account computes the digest by itself."""
    result = sign("--typed-data")
    typed = json.loads(result.stdout)
    made = Account.sign_message(encode_typed_data(full_message=typed), PROVIDER_KEY)

    assert bytes(made.message_hash) == ID
    assert sorted(os.listdir()) == FILES
    taken = sign("--signature", "0x" + bytes(made.signature).hex().upper())
    assert taken.exit_code == 0, taken.output
    assert read_signature(
        Path("terms.provider.sig.json").read_bytes(), AGREEMENT, DOMAIN, "provider"
    ) == bytes(made.signature)


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        (sign_digest(CUSTOMER_KEY, ID).hex(), f"the signature is that of {CUSTOMER}"),
        (sign_digest(PROVIDER_KEY, bytes(32)).hex(), "but the provider is"),
        (sign_digest(PROVIDER_KEY, ID)[:64].hex(), "64 bytes, the compact form of EIP-2098"),
        (sign_digest(PROVIDER_KEY, ID).hex() + "00", "66 bytes"),
        ("hello", "not hex"),
        ("", "is not one in hex"),
    ],
)
def test_sign__wrong_signature_of_a_wallet__is_refused(signature: str, words: str) -> None:
    assert words in refused(sign("--signature", f"0x{signature}"))


def test_sign__contract_wallet__may_bring_any_signature() -> None:
    result = sign("--signature", "0x" + "ab" * 130, "--contract-wallet")
    data = Path("terms.provider.sig.json").read_bytes()

    assert result.exit_code == 0
    assert read_signature(data, AGREEMENT, DOMAIN, "provider", is_contract=True) == b"\xab" * 130
    assert data == offer_bytes(offer_of(AGREEMENT, DOMAIN, "provider", b"\xab" * 130))


def test_sign__without_saying_who_signs__is_refused() -> None:
    result = sign()

    assert result.exit_code == 2
    assert "--keystore" in result.output
    assert sorted(os.listdir()) == FILES


def test_write_new__where_no_more_fits__leaves_no_half_file() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_new(Path("new.json"), b"x" * 101)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert sorted(os.listdir()) == FILES
