"""Each role at the command line, on a real chain: what is done, what is shown, what is refused."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from chain.keystore import create_keystore
from chain.network import Network
from tests.integration.cli_world import KEYS, ONE, PERIOD, SECRETS, CliWorld, cli_world
from tests.unit.chain.server import Said, serving

pytestmark = pytest.mark.xdist_group("cli")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CliWorld]:
    with cli_world(tmp_path_factory.mktemp("cli")) as built:
        yield built


def test_life__from_open_to_release__every_role_at_its_command(world: CliWorld) -> None:
    agreement, document = world.opened("life")
    before = {who: world.balance(who) for who in ("provider", "customer", "arbiter")}
    assert world.json("status")["agreements"][-1]["id"] == agreement
    assert world.json("status", agreement)["agreement"]["collateral"]["text"] == "3,000.00 tUSD"

    world.travel(60 + 2 * PERIOD)
    world.claimed(agreement, document, 985_000, period=0)
    world.claimed(agreement, document, 940_000, period=1)
    shown = world.run("status", agreement).stdout
    assert "98.5%" in shown
    assert "pending" in shown

    short = agreement[:10]
    where = ["--period", "1", "--obligation", "0"]
    with world.untouched():
        told = world.run(
            "dispute", short, *where, "--attained", "96%", *world.key("provider"), "--dry-run"
        ).stdout
    assert "Nothing was sent" in told
    said = world.json("dispute", short, *where, "--attained", "96%", *world.key("provider"))
    assert (said["alleged"], said["bond"]) == (960_000, str(50 * ONE))
    note = world.folder / "note.txt"
    note.write_text("a load test, agreed upon")
    world.run(
        "evidence", short, note, *where, "--uri", "https://example.org/note.txt", *world.key("provider")
    )
    world.run("rule", short, *where, "--attained", "95%", *world.key("arbiter"))
    dispute = world.json("status", agreement)["disputes"][0]
    assert dispute["ruling"]["finding"]["attained"] == 950_000
    assert dispute["evidence"][0]["uri"] == "https://example.org/note.txt"

    world.travel(61)
    settled = world.json("settle", short, *world.key("stranger"))
    assert settled["claims"] == [{"period": 0, "obligation": 0}, {"period": 1, "obligation": 0}]
    assert world.run("settle", short, *world.key("stranger")).stdout == "Nothing is due.\n"
    # 98.5 % pays 10 % of 1 000, and so does the ruling of 95 %, the last of that band.
    assert world.balance("customer") - before["customer"] == 200 * ONE
    assert world.balance("arbiter") - before["arbiter"] == 20 * ONE
    # The ruling moved the pay the disputer's way: the bond came back, less the fee.
    assert world.balance("provider") - before["provider"] == -20 * ONE

    with world.untouched():
        late = world.run("dispute", short, *where, "--attained", "96%", *world.key("customer"), code=1).stderr
    assert "NotDisputable" in late
    assert world.token.allowance(KEYS["customer"].address, world.escrow.address) == 0
    with world.untouched():
        told = world.run("release", short, *world.key("provider"), code=1).stderr
    assert "NotReleasable" in told
    deposited = world.json("deposit", short, "250.50", *world.key("provider"))
    assert deposited["collateral"] == str(3_000 * ONE - 200 * ONE + 250_500_000)
    world.travel(3_600)
    world.run("release", short, *world.key("stranger"))
    assert world.json("status", agreement)["agreement"]["state"] == "released"
    assert world.balance("provider") - before["provider"] == (-20 - 200) * ONE + 3_000 * ONE


def test_keystore__in_place_of_a_bare_key__signs(world: CliWorld) -> None:
    file, password = world.folder / "provider.json", world.folder / "password"
    password.write_text("a long one\n")
    create_keystore(file, "a long one", SECRETS["provider"])
    terms = world.terms("keystore")
    options = ["--keystore", str(file), "--password-file", str(password)]
    said = world.json("terms", "sign", terms, "--as", "provider", "--yes", *options)
    assert said["address"] == KEYS["provider"].address
    password.write_text("another\n")
    with world.untouched():
        told = world.run("deposit", "0x1234", "1", *options, code=2).stderr
    assert "password" in told


def test_fund__on_a_development_chain__gives_ether_and_tokens(world: CliWorld) -> None:
    nobody = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    said = world.json("fund", nobody, "--tokens", "12.5")
    assert said["balance"] == "12500000"
    assert world.connection.web3.eth.get_balance(nobody) > 10**18  # type: ignore[arg-type]


def test_withdraw__with_nothing_there__is_refused(world: CliWorld) -> None:
    with world.untouched():
        told = world.run("withdraw", *world.key("stranger"), code=1).stderr
    assert "NothingToWithdraw" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["0x12"], "'0x12' is not an id"),
        (["0xzzzz"], "is not an id"),
        (["0xdeadbeefdeadbeef"], "no agreements of escrow"),
    ],
)
def test_status__id_that_is_none__says_so(world: CliWorld, words: list[str], told: str) -> None:
    assert told in world.run("status", *words, code=2).stderr


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["dispute", "--period", "99", "--obligation", "0", "--attained", "99%"], "--period: there is no period 99"),
        (["dispute", "--period", "0", "--obligation", "7", "--attained", "9%"], "there is no obligation 7"),
        (["dispute", "--period", "0", "--obligation", "0", "--attained", "101%"], "'101%' is more than 100%"),
        (["dispute", "--period", "0", "--obligation", "0", "--attained", "nan"], "'nan' is not a percentage"),
        (["dispute", "--period", "0", "--obligation", "0", "--attained", "1e400"], "'1e400' is not a percentage"),
        (["rule", "--period", "-1", "--obligation", "0", "--attained", "99%"], "--period: there is no period -1"),
        (["deposit", "1.0000001"], "AMOUNT: '1.0000001' has 7 decimals where 6 can be kept"),
        (["deposit", "-5"], "AMOUNT: '-5' is not a plain decimal number"),
        (["deposit", str(2**96)], "is more than the contracts can keep"),
        (["deposit", str(2**256)], "is not a plain decimal number"),
        (["deposit", "NaN"], "AMOUNT: 'NaN' is not a plain decimal number"),
    ],
)  # fmt: skip
def test_actions__wrong_value__names_the_option_and_sends_nothing(
    world: CliWorld, command: list[str], told: str
) -> None:
    agreements = world.json("status")["agreements"]
    known = agreements[-1]["id"] if agreements else world.opened("wrong values")[0]
    action, *values = command
    with world.untouched():
        # What begins with a minus is no option.
        end = [] if values[0].startswith("--") else ["--"]
        words = (
            [known, *values, *world.key("provider")]
            if not end
            else [*world.key("provider"), *end, known, *values]
        )
        assert told in world.run(action, *words, code=2).stderr


def test_actions__wrong_role__is_the_contracts_word(world: CliWorld) -> None:
    agreement, document = world.opened("roles")
    world.travel(60 + PERIOD)
    world.claimed(agreement, document, 940_000)
    where = [agreement, "--period", "0", "--obligation", "0", "--attained", "99.9%"]
    with world.untouched():
        told = world.run("rule", *where, *world.key("stranger"), code=1).stderr
    assert "CallerInvalid" in told
    assert told.count("\n") == 1


def test_key_options__none_or_two__ask_for_one(world: CliWorld) -> None:
    with world.untouched():
        told = world.run("withdraw", code=2).stderr
        both = [*world.key("provider"), "--signer", "http://127.0.0.1:1"]
        assert "in one way" in world.run("withdraw", *both, code=2).stderr
    assert "Say who signs" in told


def test_audit_export__folder_that_is_something_else__is_left_alone(world: CliWorld) -> None:
    folder = world.folder / "mine"
    folder.mkdir(exist_ok=True)
    (folder / "thesis.txt").write_text("years of work")
    with world.untouched():
        told = world.run("audit", "--export", folder, code=3).stderr
    assert "holds something other than a pack" in told


def test_json__error__is_an_object_on_stderr(world: CliWorld) -> None:
    result = world.run("status", "0xdeadbeef", "--json", code=2)
    told = json.loads(result.stderr)["error"]
    assert (told["kind"], told["field"]) == ("input", "AGREEMENT")
    assert result.stdout == ""


# The chain is not what it should be


def test_chain__absent__is_one_sentence_and_exit_3(world: CliWorld) -> None:
    away = world.write_network("away.toml", _at(world, "http://127.0.0.1:9"))
    told = world.run("status", network=away, code=3).stderr
    assert told.count("\n") == 1


def test_chain__of_another_id__is_refused(world: CliWorld) -> None:
    other = world.write_network("other.toml", _at(world, world.rpc, chain_id=1))
    told = world.run("status", network=other, code=2).stderr
    assert "is on chain 31337, not 1" in told


def test_chain__other_code_at_the_escrows_address__is_refused(world: CliWorld) -> None:
    wrong = world.write_network("wrong.toml", _at(world, world.rpc, escrow=world.token.address))
    with world.untouched():
        told = world.run("deposit", "0x1234", "1", *world.key("provider"), network=wrong, code=2).stderr
    assert "is not the SLAEscrow this version was built for" in told


def test_chain__nothing_at_the_escrows_address__is_refused(world: CliWorld) -> None:
    empty = world.write_network("empty.toml", _at(world, world.rpc, escrow=KEYS["stranger"].address))
    assert "there is no contract at" in world.run("status", network=empty, code=2).stderr


def _at(world: CliWorld, rpc: str, chain_id: int | None = None, escrow: str | None = None) -> Network:
    return Network(
        rpc=rpc,
        chain_id=chain_id or world.network.chain_id,
        escrow=escrow or world.network.escrow,
        first_block=0,
        committee=world.network.committee,
        token=world.network.token,
        documents=Path("documents"),
        api=None,
    )


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            {"code": -32005, "message": "daily request count exceeded, request rate limited"},
            "has had too many requests",
        ),
        (
            {"code": -32000, "message": "missing trie node 1234 (path )"},
            "no longer keeps what eth_getLogs asks for",
        ),
        (
            {"code": -32000, "message": "history has been pruned for this block"},
            "no longer keeps what eth_getLogs asks for",
        ),
    ],
)
def test_chain__that_limits_or_forgot__is_one_sentence_and_exit_3(
    world: CliWorld, monkeypatch: pytest.MonkeyPatch, error: dict[str, object], told: str
) -> None:
    """The real chain behind a node that refuses what takes effort."""

    def speak(method: str, path: str, body: bytes) -> Said:
        asked = json.loads(body)
        if asked["method"] == "eth_getLogs":
            answer = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "error": error}).encode()
        else:
            request = urllib.request.Request(world.rpc, body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request) as real:
                answer = real.read()
        return Said(headers={"Content-Type": "application/json"}, body=answer)

    monkeypatch.setattr("chain.node.PAUSES", (0.01, 0.01))
    with serving(speak) as url:
        refusing = world.write_network("refusing.toml", _at(world, url))
        said = world.run("status", network=refusing, code=3).stderr
    assert told in said
    assert said.count("\n") == 1
