"""A pack's folder from anybody: its files as they are, or refused before anything falls over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import Kind, run
from audit.folder import read_folder
from sla.errors import RecordError
from tests.unit.record.hostile import refused_or_read

NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20
).filter(lambda name: name not in (".", ".."))
FILES = st.dictionaries(
    NAMES | st.tuples(st.just("rounds"), NAMES).map("/".join), st.binary(max_size=20), max_size=4
)
DEPTH = 1_100


@contextmanager
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as made:
        yield Path(made)


@settings(max_examples=30)
@given(files=FILES.filter(lambda files: "rounds" not in files))
def test_read_folder__any_files__are_read_as_they_are_or_refused_for_their_names(
    files: dict[str, bytes],
) -> None:
    with folder() as place:
        (place / "rounds").mkdir()
        (place / "rounds" / "1.json").write_bytes(b"1")
        for name, data in files.items():
            (place / name).write_bytes(data)
        found = refused_or_read(read_folder, place)

    if all(name.isprintable() for name in files):
        assert found == {"rounds/1.json": b"1", **files}
    else:
        assert found is None


@pytest.mark.parametrize(
    "name",
    [
        b"\xff.json",
        b"rounds/\xc3\x28",
        b"\xed\xa0\x80",
        b"\x1b[2J.json",
        b"pack.json\n",
        b"\xe2\x80\xaegnp.json",
    ],
    ids=["not UTF-8", "half a letter", "half of a pair", "clears the screen", "two lines", "right to left"],
)
def test_audit__a_file_whose_name_cannot_be_shown__fails_with_a_sentence_that_can(
    name: bytes, tmp_path: Path
) -> None:
    (tmp_path / "rounds").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"{}")
    verdict = run(tmp_path, None)

    assert verdict.kind is Kind.FAIL
    assert verdict.first_difference is not None
    assert verdict.first_difference.isprintable()


def test_read_folder__folders_in_folders__are_refused_however_deep(tmp_path: Path) -> None:
    """Deeper than the interpreter calls functions."""
    usual = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(DEPTH):
            os.mkdir("a")
            os.chdir("a")
        with pytest.raises(RecordError, match="a/a is a folder in a folder"):
            read_folder(tmp_path)
    finally:
        # By hand: those who clear up behind tests walk as deep as the folders lie.
        for _ in range(DEPTH):
            os.chdir("..")
            os.rmdir("a")
        os.chdir(usual)


@pytest.mark.parametrize("kind", ["link", "link to a folder", "pipe", "empty folder", "socket"])
def test_read_folder__what_is_no_file__is_refused_and_not_opened(kind: str, tmp_path: Path) -> None:
    """A pipe would be waited for without end."""
    (tmp_path / "rounds").mkdir()
    (tmp_path / "rounds" / "1.json").write_bytes(b"1")
    assert read_folder(tmp_path) == {"rounds/1.json": b"1"}
    for place in (tmp_path / "odd", tmp_path / "rounds" / "odd"):
        match kind:
            case "link":
                place.symlink_to(tmp_path / "rounds" / "1.json")
            case "link to a folder":
                place.symlink_to(tmp_path)
            case "pipe":
                os.mkfifo(place)
            case "empty folder":
                place.mkdir()
            case "socket":
                os.mknod(place, 0o140600)
        assert refused_or_read(read_folder, tmp_path) is None
        place.rmdir() if kind == "empty folder" else place.unlink()
