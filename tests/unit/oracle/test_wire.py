"""The questions of nodes over HTTP: the same answers as in one process, and nothing a stranger sends does harm."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oracle.asking import answers
from oracle.errors import PeerSilent, RoundRefused
from oracle.exchange import InProcess
from oracle.ports import Exchange, Peer, Proposal, Subject
from oracle.proposal import MAX_BUNDLE_BYTES, most_reports
from oracle.wire import NodeServer, OverHttp, messages
from oracle.wire.messages import MAX_ANSWER_BYTES, MAX_QUESTION_BYTES, MAX_SUBJECTS
from record import canonical
from record.bundle import Bundle, SignedObservation
from record.bundle_json import observation_json, report_json
from record.eip712 import round_preimage
from record.hexes import to_hex
from record.keccak import keccak256
from record.merkle import MerkleTree
from sla.errors import RecordError
from sla.report import Observation, Report
from tests.unit.oracle.world import CHAIN_ID, COMMITTEE, KEYS, LENGTH, MEMBERS, NEWCOMER, SETTINGS, World

AGREEMENT = keccak256(b"agreement")
SUBJECT = Subject(AGREEMENT, 3, 1)
SIGNED = SignedObservation(
    Observation(AGREEMENT, 3, 1, 0, True, 999_000, 1_000, keccak256(b"samples")), MEMBERS[0], bytes(65)
)
REPORT = Report(AGREEMENT, 3, 1, 0, 999_000, 1_000)
BUNDLE = Bundle(CHAIN_ID, COMMITTEE.address, 5, COMMITTEE.quorum, (REPORT,), (SIGNED,))


def proposal(number: int = 5, signer: int | None = None) -> Proposal:
    data = Bundle(CHAIN_ID, COMMITTEE.address, number, COMMITTEE.quorum, (REPORT,), (SIGNED,)).to_bytes()
    root = MerkleTree((REPORT,)).root
    key = KEYS[number % 4 if signer is None else signer]
    return Proposal(data, key.sign(round_preimage(number, root, keccak256(data), COMMITTEE.domain)))


@dataclass
class Answers:
    """A node that answers what it is told to, and remembers what it was asked."""

    member: str = MEMBERS[0]
    last_round: int = 0
    error: Exception | None = None
    asked: list[object] = field(default_factory=list)
    wait_seconds: float = 0.0

    def observations(self, subjects: Sequence[Subject]) -> Sequence[SignedObservation]:
        self._meet(list(subjects))
        return [SIGNED] if SUBJECT in subjects else []

    def countersign(self, proposal: Proposal) -> bytes:
        self._meet(proposal)
        return b"s" * 65

    def bundle(self, bundle_hash: bytes) -> bytes | None:
        self._meet(bundle_hash)
        return BUNDLE.to_bytes() if bundle_hash == BUNDLE.hash else None

    def _meet(self, question: object) -> None:
        self.asked.append(question)
        time.sleep(self.wait_seconds)
        if self.error is not None:
            raise self.error


class Served:
    """A node behind a server, as member 0; member 1 asks it."""

    def __init__(self) -> None:
        self.node = Answers()
        self.told: list[tuple[str, Mapping[str, object]]] = []
        self.server = NodeServer(
            "127.0.0.1",
            0,
            self.node,
            lambda: COMMITTEE,
            lambda kind, details: self.told.append((kind, details)),
            2.0,
        )
        self.server.start()
        self.url = f"http://127.0.0.1:{self.server.port}"

    def exchange(self) -> Exchange:
        return OverHttp(lambda: COMMITTEE, {MEMBERS[0]: self.url}, 1.0, 1.0)

    def raw(self, data: bytes, seconds: float = 3.0) -> bytes:
        """What comes back for these bytes, to the end of the connection."""
        with socket.create_connection(("127.0.0.1", self.server.port), seconds) as line:
            got = b""
            try:
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
                while chunk := line.recv(65_536):
                    got += chunk
            except TimeoutError:
                raise
            except OSError:
                pass  # it would not hear us out
            return got

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=3)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def one_server() -> Iterator[Served]:
    made = Served()
    yield made
    made.server.stop()


@pytest.fixture
def served(one_server: Served) -> Served:
    one_server.node.__init__()  # type: ignore[misc]
    one_server.told.clear()
    return one_server


# The same answers, however a peer is reached


def in_process(served: Served) -> Exchange:
    made = InProcess()
    made.join(MEMBERS[0], served.node)
    made.join(MEMBERS[1], Answers(MEMBERS[1]))
    return made


WAYS: list[Callable[[Served], Exchange]] = [in_process, Served.exchange]


@pytest.fixture(params=WAYS, ids=["in process", "over HTTP"])
def peer(request: pytest.FixtureRequest, served: Served) -> Peer:
    (found,) = request.param(served).peers(MEMBERS[1])
    return found  # type: ignore[no-any-return]


def test_peer__is_asked__gives_what_the_node_answers(peer: Peer, served: Served) -> None:
    assert list(peer.observations([SUBJECT])) == [SIGNED]
    assert list(peer.observations([Subject(AGREEMENT, 4, 1)])) == []
    assert peer.bundle(BUNDLE.hash) == BUNDLE.to_bytes()
    assert peer.bundle(bytes(32)) is None
    assert peer.countersign(proposal()) == b"s" * 65
    assert served.node.asked[-1] == proposal()


def test_peer__refuses_a_round__says_why(peer: Peer, served: Served) -> None:
    served.node.error = RoundRefused("wrong median", "recompute")

    with pytest.raises(RoundRefused) as refused:
        peer.countersign(proposal())

    assert (refused.value.problem, refused.value.remedy) == ("wrong median", "recompute")


def test_peer__fails__is_silent_to_the_others(peer: Peer, served: Served) -> None:
    served.node.error = ZeroDivisionError("bug")

    for question in (
        lambda: peer.observations([SUBJECT]),
        lambda: peer.bundle(BUNDLE.hash),
        lambda: peer.countersign(proposal()),
    ):
        with pytest.raises(PeerSilent):
            question()


# What the other side may do to who asks


def test_peers__of_one__are_all_whose_url_is_known_the_next_first() -> None:
    made = OverHttp(lambda: COMMITTEE, dict.fromkeys((MEMBERS[0], MEMBERS[1], MEMBERS[3]), "http://h"))

    assert [one.member for one in made.peers(MEMBERS[1])] == [MEMBERS[3], MEMBERS[0]]  # type: ignore[attr-defined]


def test_peers__a_member_is_replaced__are_those_of_now() -> None:
    """R12: the file names both from the beginning; who left is not asked any more."""
    now = [COMMITTEE]
    made = OverHttp(lambda: now[0], dict.fromkeys((*MEMBERS, NEWCOMER.address), "http://h"))
    others = (MEMBERS[1], MEMBERS[2], MEMBERS[3])
    assert [one.member for one in made.peers(MEMBERS[0])] == list(others)  # type: ignore[attr-defined]
    now[0] = replace(COMMITTEE, members=(MEMBERS[0], MEMBERS[1], NEWCOMER.address, MEMBERS[3]))
    others = (MEMBERS[1], NEWCOMER.address, MEMBERS[3])
    assert [one.member for one in made.peers(MEMBERS[0])] == list(others)  # type: ignore[attr-defined]


def test_peer__many_subjects__are_several_questions(served: Served) -> None:
    (peer,) = served.exchange().peers(MEMBERS[1])
    subjects = [Subject(AGREEMENT, period, 0) for period in range(2 * MAX_SUBJECTS + 1)]

    peer.observations(subjects)

    asked = [one for one in served.node.asked if isinstance(one, list)]
    assert [len(one) for one in asked] == [MAX_SUBJECTS, MAX_SUBJECTS, 1]
    assert [subject for one in asked for subject in one] == subjects


def speak(data: bytes, every: float = 0.0, size: int = 1 << 20) -> Iterator[str]:
    """A server that says ``data`` to whoever comes, ``size`` bytes every so many seconds."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with line:
                try:
                    line.recv(65_536)
                    for start in range(0, len(data), size):
                        line.sendall(data[start : start + size])
                        time.sleep(every)
                    # Closing with something unread would take back what was said.
                    line.shutdown(socket.SHUT_WR)
                    line.settimeout(1.0)
                    while line.recv(65_536):
                        pass
                except OSError:
                    pass

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    listening.close()


HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"garbage\r\n\r\n",
        HEAD + b"Content-Length: 5\r\n\r\nab",
        HEAD + b"\r\n{}",
        HEAD + b"\r\n[[[[",
        HEAD + b"\r\n" + b"[" * 100_000,
        HEAD + b'\r\n{"observations":[1]}',
        HEAD + b'\r\n{"signature":"0x00"}',
        HEAD + b'\r\n{"observations":[],"observations":[]}',
        HEAD + b"Content-Length: 99999999999\r\n\r\n{}",
        HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 409 Conflict\r\n\r\n{}",
        b"HTTP/1.1 500 Oops\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Much: " + b"a" * 70_000 + b"\r\n\r\n",
    ],
)
def test_peer__answers_nonsense__is_silent(said: bytes) -> None:
    speaking = speak(said)
    (peer,) = OverHttp(lambda: COMMITTEE, {MEMBERS[0]: next(speaking)}, 2.0, 2.0).peers(MEMBERS[1])

    for question in (
        lambda: peer.observations([SUBJECT]),
        lambda: peer.bundle(BUNDLE.hash),
        lambda: peer.countersign(proposal()),
    ):
        with pytest.raises(PeerSilent):
            question()


@pytest.mark.parametrize("size", [1, 20])
def test_peer__drips_for_ever__is_silent_when_the_time_is_over(size: int) -> None:
    """Each read succeeds; only the whole takes too long: in the head, and in the body."""
    speaking = speak(HEAD + b"\r\n" + b" " * 10_000, every=0.05, size=size)
    (peer,) = OverHttp(lambda: COMMITTEE, {MEMBERS[0]: next(speaking)}, 0.5, 0.5).peers(MEMBERS[1])
    begin = time.monotonic()

    with pytest.raises(PeerSilent):
        peer.observations([SUBJECT])

    assert time.monotonic() - begin < 2


def test_peer__says_more_than_it_was_asked__is_cut_off_at_the_limit() -> None:
    """All that it says would have to be checked: 19 300 bytes are eight revisions of four members."""
    speaking = speak(HEAD + b"\r\n" + b" " * (8 << 20))
    (peer,) = OverHttp(lambda: COMMITTEE, {MEMBERS[0]: next(speaking)}, 20.0).peers(MEMBERS[1])

    with pytest.raises(PeerSilent, match="more than 19300 bytes"):
        peer.observations([SUBJECT])
    with pytest.raises(PeerSilent, match=f"more than {MAX_ANSWER_BYTES} bytes"):
        peer.countersign(proposal())


def test_peer__its_words_hold_control_characters__are_made_harmless() -> None:
    body = messages.problem_bytes("\x1b[2Jred\r\nX", "ok")
    speaking = speak(b"HTTP/1.1 409 Conflict\r\nConnection: close\r\n\r\n" + body)
    (peer,) = OverHttp(lambda: COMMITTEE, {MEMBERS[0]: next(speaking)}, 2.0).peers(MEMBERS[1])

    with pytest.raises(RoundRefused) as refused:
        peer.countersign(proposal())

    assert refused.value.problem == "�[2Jred��X"


def test_answers__one_peer_hangs__the_others_are_heard_at_once() -> None:
    """A liar that answers slowly must not hold up the committee: remote peers are asked side by side."""
    speaking = speak(b"", every=0.0)
    silent = next(speaking)
    listening = socket.create_server(("127.0.0.1", 0))
    hangs = f"http://127.0.0.1:{listening.getsockname()[1]}"
    made = Served()
    urls = {MEMBERS[0]: hangs, MEMBERS[2]: silent, MEMBERS[3]: made.url}
    begin = time.monotonic()

    first = next(
        answers(
            OverHttp(lambda: COMMITTEE, urls, 3.0, 3.0).peers(MEMBERS[1]),
            lambda peer: peer.observations([SUBJECT]),
        )
    )

    assert list(first) == [SIGNED]
    assert time.monotonic() - begin < 2
    made.server.stop()
    listening.close()


def test_answers__peer_is_lost_in_its_resolver__is_given_up() -> None:
    class Lost:
        within_seconds = 0.2

        def observations(self, subjects: Sequence[Subject]) -> Sequence[SignedObservation]:
            time.sleep(1)
            return []

        def countersign(self, proposal: Proposal) -> bytes:
            raise NotImplementedError

        def bundle(self, bundle_hash: bytes) -> bytes | None:
            raise NotImplementedError

    begin = time.monotonic()
    assert list(answers([Lost()], lambda peer: peer.observations([]))) == []
    assert time.monotonic() - begin < 0.9


# What a stranger may send


def head(asked: Proposal) -> dict[str, str]:
    return messages.head_of(asked).headers()


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"Makegood-Signature": to_hex(b"\x01" * 65)}, 400, "v is 1"),
        ({"Makegood-Signature": "0x"}, 400, "65 bytes"),
        ({"Makegood-Round": "6"}, 400, "not 0x"),
        ({"Makegood-Round": "-1"}, 400, "whole number"),
        ({"Makegood-Round": str(2**64)}, 400, "whole number"),
        ({"Makegood-Root": to_hex(bytes(32))}, 400, "to propose"),
        ({"Makegood-Bundle": to_hex(bytes(32))}, 400, "to propose"),
        ({"Makegood-Root": ""}, 400, "32 bytes"),
    ],
)
def test_countersign__head_is_not_the_proposers__body_is_never_read(
    served: Served, change: dict[str, str], status: int, says: str
) -> None:
    asked = proposal()
    headers = {**head(asked), **change, "Content-Length": str(MAX_BUNDLE_BYTES)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    # No body at all is sent: an answer means that none was waited for.
    got = served.raw(f"POST /v1/countersign HTTP/1.1\r\n{lines}\r\n".encode())

    assert got.startswith(f"HTTP/1.0 {status} ".encode())
    if "not 0x" not in says:
        assert says.encode() in got
    assert served.node.asked == []


def test_countersign__another_member_than_whose_turn_it_is__is_refused(served: Served) -> None:
    status, body = served.request("POST", "/v1/countersign", b"", head(proposal(5, signer=0)))

    assert (status, b"is not " + MEMBERS[0].encode() + b"'s to propose" in body) == (400, True)


def test_countersign__round_is_over__is_refused_without_reading(served: Served) -> None:
    """Signatures of posted rounds are public: who repeats them must not make a node compute."""
    served.node.last_round = 5

    status, body = served.request("POST", "/v1/countersign", proposal().data, head(proposal()))

    assert (status, b"round 5 is over" in body, served.node.asked) == (409, True, [])


def test_countersign__refused_before_a_large_body_is_read__the_asker_hears_why(served: Served) -> None:
    """The connection must not be cut while the body is still on its way."""
    served.node.last_round = 5
    body = bytes(900_000)

    for _ in range(5):
        status, said = served.request("POST", "/v1/countersign", body, head(proposal()))
        assert (status, b"round 5 is over" in said) == (409, True)


def test_countersign__other_bundle_than_was_signed__is_refused(served: Served) -> None:
    status, body = served.request("POST", "/v1/countersign", proposal(6).data, head(proposal(5)))

    assert (status, b"not the one that was signed" in body, served.node.asked) == (400, True, [])


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        ("/v1/observations", str(MAX_QUESTION_BYTES + 1), 413),
        ("/v1/observations", "999999999", 413),
        ("/v1/observations", "9" * 30, 411),
        ("/v1/observations", "-5", 411),
        ("/v1/observations", "+5", 411),
        ("/v1/observations", "0x10", 411),
        ("/v1/observations", "\u0665", 411),
        ("/nothing", "5", 404),
    ],
)
def test_question__length_is_wrong_or_too_much__is_answered_without_reading(
    served: Served, path: str, length: str, status: int
) -> None:
    got = served.raw(f"POST {path} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode())

    assert got.startswith(f"HTTP/1.0 {status} ".encode())


def test_question__chunked_or_two_lengths__is_refused(served: Served) -> None:
    for lines in (
        "Transfer-Encoding: chunked\r\nContent-Length: 2",
        "Content-Length: 2\r\nContent-Length: 3",
    ):
        got = served.raw(f"POST /v1/observations HTTP/1.1\r\n{lines}\r\n\r\n{{}}".encode())
        assert got.startswith(b"HTTP/1.0 411 ")


def test_question__too_many_subjects__is_refused(served: Served) -> None:
    def question(count: int) -> bytes:
        return messages.subjects_bytes([Subject(AGREEMENT, number, 0) for number in range(count)])

    assert len(question(MAX_SUBJECTS)) <= MAX_QUESTION_BYTES
    assert served.request("POST", "/v1/observations", question(MAX_SUBJECTS))[0] == 200
    assert served.request("POST", "/v1/observations", question(MAX_SUBJECTS + 1))[0] == 400


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400))
@example(b"GET / HTTP/1.1\r\n\r\n")
@example(b"BREW /v1/node HTTP/1.1\r\n\r\n")
@example(b"GET /v1/bundles/0x" + b"00" * 31 + b" HTTP/1.1\r\n\r\n")
@example(b"GET /v1/bundles/../../etc/passwd HTTP/1.1\r\n\r\n")
@example(b"GET /v1/node HTTP/9.9\r\n\r\n")
@example(b"GET /v1/node HTTP/1.1\r\n" + b"a: b\r\n" * 150 + b"\r\n")
@example(b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n")
@example(b"GET /v1/node\r\n")
@example(b"\x16\x03\x01\x02\x00\x01\x00")
def test_server__any_bytes__never_fails(one_server: Served, data: bytes) -> None:
    check(one_server, one_server.raw(data))


@settings(max_examples=150, deadline=None)
@given(
    path=st.sampled_from(["/v1/observations", "/v1/countersign", "/v1/node", "/v1/bundles/0x00", "/"]),
    method=st.sampled_from(["GET", "POST"]),
    headers=st.dictionaries(
        st.sampled_from(["Makegood-Round", "Makegood-Root", "Makegood-Bundle", "Makegood-Signature"]),
        st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=140),
    ),
    body=st.one_of(
        st.binary(max_size=300),
        st.sampled_from(
            [b"[" * 5_000, b'{"subjects":[]}', b'{"subjects":[{}]}', b'{"subjects":1e400}', b"NaN"]
        ),
    ),
)
def test_endpoint__any_body_and_headers__never_fails(
    one_server: Served, path: str, method: str, headers: dict[str, str], body: bytes
) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    text = f"{method} {path} HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n"

    check(one_server, one_server.raw(text.encode("latin-1") + body))


def check(served: Served, got: bytes) -> None:
    """Answered with something below 500 or not at all, nothing failed inside, and it still answers the next one."""
    if got.startswith(b"HTTP/"):
        assert got.split(b" ")[1] < b"500", got[:200]
    assert served.told == []
    served.node.error = None
    assert served.request("GET", "/v1/node") == (200, messages.node_bytes(COMMITTEE, MEMBERS[0]))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
@example(b"null")
@example(b'{"observations":{}}')
@example(b'{"subjects":[[[[]]]]}')
def test_reader__any_bytes__gives_a_value_or_a_record_error(data: bytes) -> None:
    for read in (
        messages.read_subjects,
        messages.read_observations,
        messages.read_signature,
        messages.read_refusal,
        messages.read_node,
    ):
        with suppress(RecordError):
            read(data)


def test_server__slow_strangers_hold_all_they_may__others_are_still_answered(served: Served) -> None:
    """One address has only so many connections; the time of each is limited, so that its own come in again."""
    lines = [socket.create_connection(("127.0.0.1", served.server.port)) for _ in range(30)]
    try:
        for line in lines:
            line.sendall(b"POST /v1/observations HTTP/1.1\r\nContent-Length: 100\r\n")
        time.sleep(0.3)
        with pytest.raises(PeerSilent):
            served.exchange().peers(MEMBERS[1])[0].observations([SUBJECT])
        time.sleep(2.2)
        assert list(served.exchange().peers(MEMBERS[1])[0].observations([SUBJECT])) == [SIGNED]
    finally:
        for line in lines:
            line.close()


def test_observations__more_than_an_answer_holds__the_highest_revisions_are_sent() -> None:
    def one(revision: int, member: str) -> SignedObservation:
        said = Observation(AGREEMENT, 2**32 - 1, 255, revision, True, 2**64 - 1, 2**96 - 1, bytes(32))
        return SignedObservation(said, member, bytes(65))

    most = messages.most_observations_bytes(1, 4)
    data = messages.observations_bytes([one(number, MEMBERS[0]) for number in range(1_000)], most)

    sent = [signed.observation.revision for signed in messages.read_observations(data)]
    assert len(data) <= most
    assert sent == list(range(999, 999 - len(sent), -1))
    assert len(sent) >= 4 * 8
    # Nothing is left out where revisions are as few as they should be.
    few = [one(2**16 - 1 - number, member) for number in range(8) for member in MEMBERS]
    assert len(messages.read_observations(messages.observations_bytes(few, most))) == len(few)


@pytest.mark.parametrize("members", [4, 31])
def test_most_reports__of_the_largest_values__fit_into_a_bundle(members: int) -> None:
    """Otherwise a round could be proposed that no peer would take, for ever."""
    report = Report(AGREEMENT, 2**32 - 1, 255, 2**16 - 1, 2**64 - 1, 2**96 - 1)
    said = Observation(AGREEMENT, 2**32 - 1, 255, 2**16 - 1, False, 2**64 - 1, 2**96 - 1, bytes(32))
    each = len(canonical.dumps(report_json(report))) + 1
    of_each_member = (
        len(canonical.dumps(observation_json(SignedObservation(said, MEMBERS[0], bytes(65))))) + 1
    )
    around = len(Bundle(2**53 - 1, COMMITTEE.address, 2**64 - 1, 2**16 - 1, (), ()).to_bytes())

    assert around + most_reports(members) * (each + members * of_each_member) <= MAX_BUNDLE_BYTES


# The whole committee


def test_committee__over_http__measures_agrees_and_pays(tmp_path: Path) -> None:
    """Four nodes with the exchange they have between processes; one of them is away throughout."""
    world = World(tmp_path, (980, 985, 970, 990))
    world.open()
    urls: dict[str, str] = {}
    made = OverHttp(lambda: COMMITTEE, urls, 2.0, 5.0)
    world.exchange.peers = made.peers  # type: ignore[method-assign]
    world.start()
    servers = [NodeServer("127.0.0.1", 0, node, lambda: COMMITTEE, lambda *_: None) for node in world.nodes]
    for node, server in zip(world.nodes, servers, strict=True):
        server.start()
        made._urls[node.member] = f"http://127.0.0.1:{server.port}"
    servers.pop().stop()
    world.exchange.silent = {MEMBERS[3]}

    world.contracts.time += LENGTH
    world.run(LENGTH + SETTINGS.collect_after_seconds + 5 * SETTINGS.turn_seconds, step=2)

    assert [report.attained for report in world.reports()] == [980_000]
    assert world.contracts.sent == ["post", "claim"]
    for server in servers:
        server.stop()
    world.stop()
