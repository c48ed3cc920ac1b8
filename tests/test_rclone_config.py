"""Places rclone is set up to reach, from bytes."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from fixtures.builders.tool_logs import FOLDER, SECRET, rclone_config_scenarios
from parsers.contract import ProblemKind
from parsers.windows.rclone_config import REMOTES, rclone_config
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_rclone_config"


def fixture(name: str) -> Yielded:
    one = rclone_config_scenarios()[name]
    return run(rclone_config, artefact(FOLDER / "rclone_config" / name / one.artefact, one.path))


def test_remotes_are_told_with_where_they_lead() -> None:
    found = fixture("remotes")
    assert found.problems == []
    assert [
        (one["rclone_remote"], one["remote_type"], one["remote_service"]) for one in found.table(TABLE)
    ] == [
        ("個人メガ", "mega", "mega"),
        ("s3", "s3", "s3.example.net"),
        ("dav", "webdav", "https://dav.example.net/remote.php"),
        ("drive", "drive", "drive"),
        ("隠し", "crypt", "crypt"),
        ("inline", "alias", "alias"),
        ("both", "union", "union"),
        ("plain", "sftp", "192.0.2.77"),
        ("empty", None, None),
    ]
    by_name = {one["rclone_remote"]: one for one in found.table(TABLE)}
    assert by_name["個人メガ"]["logon_name"] == "hanako@example.net"
    assert by_name["隠し"]["wrapped_remote"] == "drive:業務/控え, 2026"
    assert by_name["inline"]["wrapped_remote"] == ":sftp,..."
    assert by_name["both"]["wrapped_remote"] == "drive:a :sftp,..."
    assert found.rows[0][1] == "line:2"


def test_a_secret_is_told_and_never_given() -> None:
    found = fixture("remotes")
    without = [one["rclone_remote"] for one in found.table(TABLE) if not one["has_stored_secret"]]
    assert without == ["plain", "empty"]
    assert rclone_config_scenarios()["remotes"].content.count(SECRET.encode()) == 9
    assert SECRET not in repr((found.rows, found.problems))


def test_only_remotes_that_lead_out_answer_what_was_reached() -> None:
    (answer,) = REMOTES.answers
    connection = duckdb.connect(":memory:")
    connection.register(
        "told", pa.Table.from_pylist(fixture("remotes").table(TABLE), schema=REMOTES.schema())
    )
    reached = connection.sql(f"SELECT rclone_remote FROM told WHERE {answer.where}").fetchall()
    connection.close()
    assert [one for (one,) in reached] == ["個人メガ", "s3", "dav", "drive", "plain"]


def test_an_encrypted_file_is_locked() -> None:
    found = fixture("encrypted")
    assert found.rows == []
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.LOCKED, "line:3")]


def test_what_is_no_settings_is_unrecognised_and_an_empty_one_is_not(tmp_path: Path) -> None:
    assert [one.kind for one in run(rclone_config, from_bytes(b"a\n", tmp_path)).problems] == [
        ProblemKind.UNRECOGNISED
    ]
    found = run(rclone_config, from_bytes(b"", tmp_path))
    assert (found.rows, found.problems) == ([], [])


def test_endless_files_end(tmp_path: Path) -> None:
    found = run(rclone_config, from_bytes(b"[a]\ntype = s3\n" * 10_100, tmp_path))
    assert len(found.rows) == 10_000
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_which_files_are_wanted() -> None:
    assert select((rclone_config,), "/Users/a/AppData/Roaming/rclone/rclone.conf", b"[a]\n").chosen
    assert select((rclone_config,), "/tools/.rclone.conf", b"[a]\ntype = s3\n").chosen
    assert not select((rclone_config,), "/tools/other.conf", b"[a]\ntype = s3\n").chosen


@pytest.mark.parametrize("name", sorted(rclone_config_scenarios()))
def test_damage_never_raises_and_gives_no_secret_of_a_file_that_breaks_off(name: str, tmp_path: Path) -> None:
    content = rclone_config_scenarios()[name].content
    for one in cuts(content):
        assert SECRET not in repr(run(rclone_config, from_bytes(one, tmp_path)).rows)
    for one in mutants(content, seed=35, count=200):
        found = run(rclone_config, from_bytes(one, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
