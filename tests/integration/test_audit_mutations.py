"""Whatever is changed, removed, repeated or reordered in a pack: never a PASS, and never an error."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from audit import Kind, run, run_files
from record import canonical
from tests.unit.audit.mutations import mutations
from tests.unit.audit.story import Story, make_story


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return make_story(tmp_path_factory.mktemp("audit"))


@pytest.mark.parametrize("kind", ["pack.json", "blocks.json", "history.json", "rounds"])
def test_audit__one_thing_changed_anywhere__never_passes(
    story: Story, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [name for name in story.files if name.startswith(kind)]
    files = dict(story.files)
    tried = 0
    for name in names:
        # The history is compared as bytes: one change of each leaf shows as much as three.
        for what, document in mutations(json.loads(story.files[name]), thorough=kind != "history.json"):
            files[name] = canonical.dumps(document)
            verdict = run_files(files, story.roots)
            assert verdict.kind is Kind.FAIL, f"{name}: {what}"
            assert verdict.first_difference
            tried += 1
        files[name] = story.files[name]

    assert run_files(files, story.roots).kind is Kind.PASS
    assert tried > 10
    with capsys.disabled():
        print(f"\n{kind}: {tried} mutations, no PASS")


@pytest.mark.parametrize("kind", ["pack.json", "blocks.json", "history.json", "rounds"])
def test_audit__other_bytes_for_the_same_value__never_pass(story: Story, kind: str) -> None:
    """One pack has one form."""
    for name in [name for name in story.files if name.startswith(kind)]:
        data = story.files[name]
        for changed in (
            data + b"\n",
            b" " + data,
            b"\xef\xbb\xbf" + data,
            data.replace(b":", b": ", 1),
            data[:-1],
            b"",
        ):
            if changed != data:
                assert run_files({**story.files, name: changed}, story.roots).kind is Kind.FAIL


def test_audit__files_removed_renamed_added_swapped__never_pass(story: Story, tmp_path: Path) -> None:
    copy = tmp_path / "pack"

    def verdict_after(change: str, *paths: Path) -> None:
        assert run(copy, story.roots).kind is Kind.FAIL, (change, paths)
        shutil.rmtree(copy)
        shutil.copytree(story.folder, copy)

    shutil.copytree(story.folder, copy)
    assert run(copy, story.roots).kind is Kind.PASS
    for name in story.files:
        path = copy / name
        path.unlink()
        verdict_after("removed", path)
        path.rename(path.with_name(f"x{path.name}"))
        verdict_after("renamed", path)
        shutil.copy(path, path.with_name(f"x{path.name}"))
        verdict_after("added", path)
        path.unlink()
        path.symlink_to(story.folder / name)
        verdict_after("linked", path)
    first, second = sorted((copy / "rounds").iterdir())
    first.rename(copy / "held")
    second.rename(first)
    (copy / "held").rename(second)
    verdict_after("swapped", first, second)
    (copy / "more").mkdir()
    verdict_after("empty folder")
    shutil.rmtree(copy / "rounds")
    verdict_after("no rounds")
