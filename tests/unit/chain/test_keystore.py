"""Encrypted keystores and bare keys: opened, refused in one sentence, never overwritten."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from chain.errors import KeyFileError, UnsafeKey
from chain.keys import LocalKey, require_safe
from chain.keystore import create_keystore, is_exposed, keystore_address, open_keystore, read_bare_key
from chain.keystore_shape import check_shape
from record.keccak import keccak256
from record.signing import CURVE_ORDER
from sla.errors import SignatureError

KEY = bytes.fromhex("7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d")
ADDRESS = "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b"

# The two test vectors of the format's own page, and their password.
PASSWORD = "testpassword"
PBKDF2 = {
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {
            "c": 262144,
            "dklen": 32,
            "prf": "hmac-sha256",
            "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
        },
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3,
}
SCRYPT = {
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
        "kdf": "scrypt",
        "kdfparams": {
            "dklen": 32,
            "n": 262144,
            "p": 8,
            "r": 1,
            "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
        },
        "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3,
}


def quick(folder: Path, change: Callable[[dict[str, Any]], object] = lambda _: None) -> Path:
    """A keystore that opens fast, with something about it changed."""
    content = Account.encrypt(KEY, "pw", kdf="pbkdf2", iterations=10)
    change(content)
    path = folder / "key.json"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("vector", [PBKDF2, SCRYPT], ids=["pbkdf2", "scrypt"])
def test_open_keystore__the_published_vectors__hold_the_published_key(
    vector: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "vector.json"
    path.write_text(json.dumps(vector))
    key = open_keystore(path, PASSWORD)

    assert (key.address, key.is_bare) == (ADDRESS, False)
    assert key.sign(b"m") == bytes(Account.unsafe_sign_hash(keccak256(b"m"), KEY).signature)


def test_create_keystore__a_new_key__is_opened_by_others_and_by_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "new.json"
    address = create_keystore(path, "pass wörd")
    content = json.loads(path.read_bytes())

    assert Account.from_key(Account.decrypt(content, "pass wörd")).address == address
    assert content["crypto"]["kdf"] == "scrypt"
    assert content["crypto"]["kdfparams"]["n"] >= 2**18
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not is_exposed(path)
    assert keystore_address(path) == address
    assert os.listdir(tmp_path) == ["new.json"]


def test_create_keystore__a_file_that_exists__is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "there"
    path.write_text("precious")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    for taken in (path, link):
        with pytest.raises(KeyFileError, match="never overwritten"):
            create_keystore(taken, "pw", KEY)

    assert path.read_text() == "precious"
    assert sorted(os.listdir(tmp_path)) == ["link", "there"]


def test_create_keystore__nowhere_to_write__leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be written"):
        create_keystore(tmp_path / "no" / "folder" / "key.json", "pw", KEY)


def test_create_keystore__the_disk_is_full__leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeyFileError, match="No space left on device"):
        create_keystore(tmp_path / "key.json", "pw", KEY)
    assert os.listdir(tmp_path) == []


def test_create_keystore__no_password__is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="empty password"):
        create_keystore(tmp_path / "key.json", "", KEY)


def test_open_keystore__a_symlink__is_followed(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(quick(tmp_path))

    assert open_keystore(link, "pw").address == ADDRESS


def test_open_keystore__members_in_capitals_and_no_address__opens(tmp_path: Path) -> None:
    """As older wallets wrote them, and as newer ones may."""

    def change(content: dict[str, Any]) -> None:
        content["Crypto"] = content.pop("crypto")
        del content["address"]

    path = quick(tmp_path, change)
    assert open_keystore(path, "pw").address == ADDRESS
    with pytest.raises(KeyFileError, match="does not say its address"):
        keystore_address(path)


def test_open_keystore__the_wrong_password__is_said_so(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="does not open with this password"):
        open_keystore(quick(tmp_path), "wrong")


def crypto(**changed: Any) -> Callable[[dict[str, Any]], object]:
    return lambda content: content["crypto"].update(changed)


def parameters(**changed: Any) -> Callable[[dict[str, Any]], object]:
    return lambda content: content["crypto"]["kdfparams"].update(changed)


def scrypt(**changed: Any) -> Callable[[dict[str, Any]], object]:
    usual = {"dklen": 32, "n": 2**18, "r": 8, "p": 1, "salt": "00" * 32}
    return crypto(kdf="scrypt", kdfparams=usual | changed)


REFUSALS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda content: content.update(address="11" * 20), "says it is 0x1111.* but holds the key of 0x008A"),
    (lambda content: content.update(address="11" * 19), "address is not 20 bytes of hex"),
    (lambda content: content.update(address=["11" * 20]), "address is not 20 bytes of hex"),
    (lambda content: content.update(version=4), "version 4, not 3"),
    (lambda content: content.update(version="3"), "version 3, not 3"),
    (lambda content: content.update(version=True), "version True, not 3"),
    (lambda content: content.pop("version"), "version None, not 3"),
    (lambda content: content.update(crypto=[]), "crypto is not an object"),
    (crypto(cipher="aes-256-gcm"), "cipher is not aes-128-ctr"),
    (crypto(cipherparams={"iv": "00"}), "iv is not 16 bytes of hex"),
    (crypto(ciphertext="zz" * 32), "ciphertext is not 32 bytes of hex"),
    (crypto(ciphertext="00" * 10**4), "ciphertext is not 32 bytes of hex"),
    (crypto(mac=None), "mac is not 32 bytes of hex"),
    (crypto(kdf="argon2"), "neither scrypt nor pbkdf2"),
    (crypto(kdf={}), "neither scrypt nor pbkdf2"),
    (parameters(prf="hmac-md5"), "prf is not hmac-sha256"),
    (parameters(dklen=16), "dklen is not 32"),
    (parameters(dklen=2**40), "kdfparams.dklen of more than 1024"),
    (parameters(c=0), "c is not a number above zero"),
    (parameters(c=-1), "c is not a number above zero"),
    (parameters(c=1.5), "c is not a number above zero"),
    (parameters(c=2**40), "kdfparams.c of more than 10000000"),
    (scrypt(n=2**40), "kdfparams.n of more than"),
    (scrypt(n=2**25, r=2**20), "more memory or time than a key is worth"),
    (scrypt(p=2**25), "more memory or time than a key is worth"),
    (scrypt(n=2, r=1, p=2**20), "more memory or time than a key is worth"),
    (scrypt(n=2, r=2**20, p=1), "more memory or time than a key is worth"),
    (scrypt(n=3), "not a power of two"),
    (scrypt(n=1), "not a power of two"),
    (scrypt(salt="0"), "salt is not hex"),
]


@pytest.mark.parametrize(("change", "words"), REFUSALS, ids=[words for _, words in REFUSALS])
def test_open_keystore__one_thing_wrong__is_refused_in_one_sentence_at_once(
    change: Callable[[dict[str, Any]], object], words: str, tmp_path: Path
) -> None:
    path = quick(tmp_path, change)
    with pytest.raises(KeyFileError, match=words) as refused:
        open_keystore(path, "pw")
    assert refused.value.file == str(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b"[]", "not an object"),
        (b"{}", "version None"),
        (b"0x" + b"11" * 32, "not JSON"),
        (b" " * 70_000, "more than 65536 bytes"),
    ],
)
def test_open_keystore__another_file__is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(data)
    with pytest.raises(KeyFileError, match=words):
        open_keystore(path, "pw")


def test_key_files__that_are_no_files__are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero"), tmp_path / "absent"):
        with pytest.raises(KeyFileError, match=r"is not a file|cannot be read"):
            open_keystore(path, "pw")
        with pytest.raises(KeyFileError, match=r"is not a file|cannot be read"):
            read_bare_key(path)
    with pytest.raises(KeyFileError, match="cannot be read"):
        is_exposed(tmp_path / "absent")


@pytest.mark.parametrize(("mode", "exposed"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_is_exposed__by_mode__is_whether_others_can_read(mode: int, exposed: bool, tmp_path: Path) -> None:
    path = quick(tmp_path)
    path.chmod(mode)
    assert is_exposed(path) == exposed


@given(st.binary(max_size=300))
def test_check_shape__arbitrary_bytes__are_refused(data: bytes) -> None:
    with pytest.raises(KeyFileError):
        check_shape("file", data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
    st.lists,
    max_leaves=3,
)


PLACES = st.sampled_from(["", "crypto", "kdfparams", "cipherparams"])


@given(where=PLACES, name=st.text(max_size=9), value=JSON, at=st.randoms())
def test_check_shape__any_member_replaced__is_well_or_refused(
    where: str, name: str, value: Any, at: Any
) -> None:
    content: dict[str, Any] = json.loads(json.dumps(SCRYPT))
    holder = {"": content, "crypto": content["crypto"]}.get(where, content["crypto"].get(where))
    holder[at.choice([name, *holder])] = value
    try:
        check_shape("file", json.dumps(content).encode())
    except KeyFileError:
        return


@pytest.mark.parametrize("text", [KEY.hex(), "0x" + KEY.hex(), f"  {KEY.hex().upper()}\n"])
def test_read_bare_key__64_hex_digits__is_a_bare_key(text: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(text)
    key = read_bare_key(tmp_path / "key")

    assert (key.address, key.is_bare) == (ADDRESS, True)


@pytest.mark.parametrize(
    "text", ["", KEY.hex()[:-1], KEY.hex() + "0", "g" * 64, "00" * 32, f"{CURVE_ORDER:064x}", "11 " * 32]
)
def test_read_bare_key__anything_else__is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(KeyFileError) as refused:
        read_bare_key(tmp_path / "key")
    assert not text or text[:20] not in str(refused.value)


def test_local_key__of_a_number_off_the_curve__is_refused() -> None:
    for key in (b"", bytes(32), CURVE_ORDER.to_bytes(32), b"\x01" * 33):
        with pytest.raises(SignatureError, match="not a number of the curve"):
            LocalKey(key)


def test_local_key__shown__shows_no_secret() -> None:
    assert repr(LocalKey(KEY)) == f"LocalKey({ADDRESS})"


def test_require_safe__only_a_bare_key_on_a_chain_of_worth__is_refused() -> None:
    require_safe(True, LocalKey(KEY))
    require_safe(False, LocalKey(KEY, is_bare=False))
    with pytest.raises(UnsafeKey, match="bare key of 0x008A"):
        require_safe(False, LocalKey(KEY))
