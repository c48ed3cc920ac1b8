"""Small pictures kept in a folder, from bytes."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from fixtures.builders.jump_lists import compound
from fixtures.builders.thumbs import AT, FOLDER, JPEG, image, thumbs_db_scenarios
from parsers.contract import ProblemKind
from parsers.windows.thumbs_db import SIGNATURE, thumbs_db
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_thumbs_db"


def fixture(name: str) -> Yielded:
    one = thumbs_db_scenarios()[name]
    return run(thumbs_db, artefact(FOLDER / "thumbs_db" / name / one.artefact, one.path))


def test_windows_xp_tells_names_and_times_of_pictures_that_lay_there() -> None:
    found = fixture("windows-xp")
    assert found.problems == []
    rows = found.table(TABLE)
    assert [(one.get("picture_name"), one["picture_number"], one.get("image_format")) for one in rows] == [
        ("図面①.jpg", 1, "jpeg"),
        ("名簿.png", 12, "png"),
        ("{A42CD7B6-E9B9-4D02-B7A6-288B71AD28BA}", 3, None),
        (None, 5, None),
    ]
    assert [one.get("target_modified_at") for one in rows] == [AT, AT + timedelta(days=1), None, None]
    assert rows[0]["image_sha256"] == hashlib.sha256(JPEG).hexdigest()


def test_on_a_share_pictures_bear_the_identifier_of_the_search() -> None:
    found = fixture("share")
    assert found.problems == []
    assert sorted((one["cache_kind"], one["thumbnail_cache_id"], one["image_format"]) for one in found.table(TABLE)) == [
        ("256", "0267ac1efabfe4df", "jpeg"),
        ("96", "2e7a5b4073e97666", "bmp"),
    ]  # fmt: skip


def test_what_cannot_be_read_is_null_and_told() -> None:
    found = fixture("odd")
    first, second = found.table(TABLE)
    assert (first["picture_name"], first["target_modified_at"], "image_bytes" in first) == (
        "a.jpg",
        None,
        False,
    )
    assert (second["picture_name"], second["target_modified_at"]) == ("b.jpg", AT)
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "target_modified_at"),
        (ProblemKind.DAMAGED, "image_bytes"),
        (ProblemKind.DAMAGED, None),
    ]


def test_another_compound_file_is_unrecognised(tmp_path: Path) -> None:
    found = run(thumbs_db, from_bytes(compound({"WordDocument": image()}), tmp_path))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])
    found = run(thumbs_db, from_bytes(b"hello", tmp_path))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])


def test_which_files_are_wanted() -> None:
    assert select((thumbs_db,), "/x/Thumbs.db", SIGNATURE).chosen
    assert not select((thumbs_db,), "/x/Thumbs.db", b"SQLite").refused


@pytest.mark.parametrize("name", sorted(thumbs_db_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = thumbs_db_scenarios()[name].content
    for number, mutant in enumerate((*cuts(content), *mutants(content, seed=21, count=150))):
        found = run(thumbs_db, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems, number
