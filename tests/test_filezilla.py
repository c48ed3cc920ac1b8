"""Servers FileZilla remembers, from bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.user_hives import FOLDER
from fixtures.builders.user_tools import SECRET, filezilla_scenarios
from parsers.contract import ProblemKind
from parsers.windows.filezilla import filezilla
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_filezilla"


def fixture(name: str) -> Yielded:
    one = filezilla_scenarios()[name]
    return run(filezilla, artefact(FOLDER / "filezilla" / name / one.artefact, one.path))


def test_saved_servers_are_told_with_their_folders() -> None:
    found = fixture("saved")
    first, second = found.table(TABLE)
    assert (first["session_name"], first["folder_names"]) == ("納品サーバー", "取引先")
    assert (first["remote_host"], first["remote_port"], first["protocol"]) == (
        "ftp.client.example",
        990,
        "FTPS",
    )
    assert (first["local_directory"], first["remote_directory"]) == (r"E:\持出し", "/納品/2026 Sept")
    assert (first["site_comment"], first["has_stored_password"]) == ("月次 & 年次", True)
    assert (second["session_name"], second.get("folder_names")) == ("old name", None)
    assert (second["protocol"], second["remote_port"], second["has_stored_password"]) == ("99", None, False)
    assert second["remote_directory"] == "8 0 2 C:"
    assert {one["server_list"] for one in (first, second)} == {"saved"}
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "remote_port")]
    assert [(locator, status) for _, locator, status, _ in found.rows] == [
        ("line:5", "ok"),
        ("line:20", "partial"),
    ]


def test_servers_connected_to_lately() -> None:
    found = fixture("recent")
    assert found.problems == []
    (one,) = found.table(TABLE)
    assert (one["server_list"], one["remote_host"], one["protocol"]) == ("recent", "203.0.113.9", "SFTP")
    assert (one["logon_name"], one["has_stored_password"]) == ("root", True)


def test_a_document_that_breaks_off_gives_what_it_has() -> None:
    found = fixture("cut")
    assert [(status, values["remote_host"]) for _, _, status, values in found.rows] == [
        ("partial", "ftp.client.example")
    ]
    assert [one.kind for one in found.problems] == [ProblemKind.TRUNCATED]


def test_whether_a_password_is_stored_is_unknown_where_the_document_breaks_off_before_it(
    tmp_path: Path,
) -> None:
    content = filezilla_scenarios()["saved"].content
    found = run(filezilla, from_bytes(content[: content.index(b"<Pass")], tmp_path))
    assert "has_stored_password" not in found.table(TABLE)[0]


@pytest.mark.parametrize("name", sorted(filezilla_scenarios()))
def test_no_password_is_ever_given(name: str, tmp_path: Path) -> None:
    content = filezilla_scenarios()[name].content
    for one in (content, *cuts(content)):
        found = run(filezilla, from_bytes(one, tmp_path))
        assert SECRET not in repr((found.rows, found.problems))


def test_a_document_type_is_refused_and_nothing_expanded() -> None:
    found = fixture("hostile")
    assert found.rows == []
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.UNSUPPORTED, "line:2")]


@pytest.mark.parametrize("encoding", ["no-such-encoding", "cp932", "utf-7"])
def test_an_encoding_that_is_not_read_is_a_problem(encoding: str, tmp_path: Path) -> None:
    content = f'<?xml version="1.0" encoding="{encoding}"?><FileZilla3><Servers/></FileZilla3>'.encode()
    found = run(filezilla, from_bytes(content, tmp_path))
    assert (found.rows, len(found.problems)) == ([], 1)


def test_deep_and_endless_documents_end(tmp_path: Path) -> None:
    found = run(filezilla, from_bytes(b"<FileZilla3>" + b"<Folder>" * 100_000, tmp_path))
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]
    many = b"<FileZilla3><Servers>" + b"<Server><Host>a</Host></Server>" * 20_100
    found = run(filezilla, from_bytes(many, tmp_path))
    assert len(found.rows) == 20_000
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_which_files_are_wanted() -> None:
    head = b'<?xml version="1.0"?>\n<FileZilla3>'
    assert select((filezilla,), "/Users/a/AppData/Roaming/FileZilla/sitemanager.xml", head).chosen
    assert select((filezilla,), "/x/FileZilla export.xml", head).chosen
    assert not select((filezilla,), "/x/other.xml", head).chosen


@pytest.mark.parametrize("name", sorted(filezilla_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = filezilla_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=32, count=200)):
        found = run(filezilla, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
