"""A forger makes every hash fit. Without keys it fails on signatures; without the chain it fails on the trust root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from audit import Kind, run_files
from record.bundle import Bundle
from record.eip712 import agreement_digest
from record.events import AgreementOpened, event_topic
from record.merkle import MerkleTree
from record.pack import RoundEvidence
from sla.agreement import Agreement
from tests.unit.audit.forging import RawLog, forge, replace_word
from tests.unit.audit.story import Story, make_story
from tests.unit.audit.world import DAY, KEYS, embedded_world, live

OPENED = event_topic(AgreementOpened)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return make_story(tmp_path_factory.mktemp("audit"))


def difference(story: Story, files: Mapping[str, bytes]) -> str:
    """What is found without roots, after it was made sure that with roots the head gives it away."""
    trusted = run_files(files, story.roots)
    assert trusted.kind is Kind.FAIL
    assert "the last block's hash" in str(trusted.first_difference)
    alone = run_files(files, None)
    assert alone.kind is Kind.FAIL
    return str(alone.first_difference)


def test_forging__nothing_changed__gives_the_same_pack(story: Story) -> None:
    """The forger's tools are right: what fails below fails for the change."""
    assert forge(story.files) == story.files


def test_forger__higher_payment_in_all_events__is_recomputed(story: Story) -> None:
    change = replace_word(300_000, 600_000)

    def edit(number: int, logs: list[RawLog]) -> None:
        for log in logs:
            if log[1][0] != OPENED:
                change(log)

    found = difference(story, forge(story.files, edit))

    assert "the compensation is 600000, recomputed 300000" in found


def test_forger__other_attainment_in_round_claim_and_bundle__lacks_the_members_signatures(
    story: Story,
) -> None:
    """The money stays as it was: only the signatures know."""
    old = Bundle.from_bytes(_bundle_of(story, 2))
    report = replace(old.reports[0], attained=970_000)
    observations = tuple(
        replace(signed, observation=replace(signed.observation, attained=970_000))
        for signed in old.observations
    )
    new = replace(old, reports=(report,), observations=observations)
    changes = [
        replace_word(MerkleTree(old.reports).root, MerkleTree(new.reports).root),
        replace_word(old.hash, new.hash),
        replace_word(985_000, 970_000),
    ]

    def edit(number: int, logs: list[RawLog]) -> None:
        for log in logs:
            for change in changes:
                change(log)

    def rounds(evidence: RoundEvidence) -> RoundEvidence:
        return replace(evidence, bundle=new.to_bytes()) if evidence.round == 2 else evidence

    assert "the signatures are not those" in difference(story, forge(story.files, edit, rounds))


def test_forger__other_terms_under_their_new_id__lack_the_parties_signatures(story: Story) -> None:
    agreement = story.agreements["uptime"]
    promise = agreement.obligations[0]
    softer = replace(
        agreement,
        obligations=(replace(promise, tiers=(promise.tiers[0], replace(promise.tiers[1], base=300_001))),),
    )
    old, new = _id(story, agreement), _id(story, softer)

    def edit(number: int, logs: list[RawLog]) -> None:
        for log in logs:
            if log[1][0] == OPENED and log[1][1] == old:
                log[2] = log[2].replace((300_000).to_bytes(32), (300_001).to_bytes(32))
            replace_word(old, new)(log)

    assert "the provider's signature is not by the key" in difference(story, forge(story.files, edit))


def test_forger__other_member_of_the_committee__is_not_who_signed(story: Story) -> None:
    old, new = (
        bytes.fromhex(key[2:]).rjust(32, b"\0")
        for key in (story.world.committee.members[0], story.roots.escrow)
    )

    def edit(number: int, logs: list[RawLog]) -> None:
        for log in logs:
            replace_word(old, new)(log)

    assert "the signatures are not those" in difference(story, forge(story.files, edit))


def test_forger__agreement_hidden__leaves_its_claim_behind(story: Story) -> None:
    hidden = _id(story, story.agreements["repair"])

    def edit(number: int, logs: list[RawLog]) -> None:
        logs[:] = [log for log in logs if log[1][:2] != [OPENED, hidden]]

    assert "is not open" in difference(story, forge(story.files, edit))


def test_forger__payment_hidden__is_missed(story: Story) -> None:
    """P1, P12: every token that left must have been due, and what was due must have left."""

    def edit(number: int, logs: list[RawLog]) -> None:
        if number == story.world.connection.web3.eth.block_number:
            del logs[1:]

    assert "was due and in escrow, but not paid" in difference(story, forge(story.files, edit))


def test_forger__window_skipped_by_the_clock__is_noticed(story: Story) -> None:
    last = story.world.connection.web3.eth.get_block("latest")["timestamp"]
    files = forge(story.files, times=lambda time: time - 2 * DAY if time > last - DAY else time)

    assert "the window ends at" in difference(story, files)


def test_forger__end_of_the_history_cut_off__does_not_reach_the_trust_root(story: Story) -> None:
    """Alone it is as good as any: what came later shows only from outside."""
    files = forge(story.files, blocks=slice(-1))

    assert run_files(files, story.roots).kind is Kind.FAIL
    assert run_files(files, None).kind is Kind.INTERNALLY_CONSISTENT


def test_forger__beginning_cut_off__is_noticed(story: Story) -> None:
    for start in range(1, 4):
        files = forge(story.files, blocks=slice(start, None))

        assert run_files(files, story.roots).kind is Kind.FAIL
        assert run_files(files, None).kind is Kind.FAIL


def test_forger__own_chain_with_the_same_addresses__does_not_reach_the_trust_root(story: Story) -> None:
    """Whoever has all keys can act out another history on a chain of their own; only the trust root tells."""
    world = embedded_world()
    agreements = live(world)
    world.escrow.deposit(KEYS["provider"], agreements["uptime"], 1)
    folder = story.folder.with_name("other")
    roots = world.export(folder)
    assert (roots.escrow, roots.committees) == (story.roots.escrow, story.roots.committees)
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.json")}

    assert run_files(files, roots).kind is Kind.PASS
    assert run_files(files, None).kind is Kind.INTERNALLY_CONSISTENT
    assert run_files(files, story.roots).kind is Kind.FAIL


def _id(story: Story, agreement: Agreement) -> bytes:
    return agreement_digest(agreement, story.world.escrow.domain)


def _bundle_of(story: Story, number: int) -> bytes:
    return next(data for data in story.world.bundles.values() if Bundle.from_bytes(data).round == number)
