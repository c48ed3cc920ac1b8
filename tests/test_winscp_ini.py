"""Servers WinSCP keeps in a file, from bytes."""

from __future__ import annotations

from pathlib import Path

from fixtures.builders.user_hives import FOLDER
from fixtures.builders.user_tools import SECRET, winscp_ini_scenarios
from parsers.contract import ProblemKind
from parsers.windows.winscp_ini import winscp_ini
from pipeline.extract.select import select
from tests.artefacts import artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_winscp_ini"
ONE = winscp_ini_scenarios()["portable"]
FOUND = run(winscp_ini, artefact(FOLDER / "winscp_ini" / "portable" / ONE.artefact, ONE.path))


def test_sessions_with_what_is_stored() -> None:
    sessions = [one for one in FOUND.table(TABLE) if one["site_kind"] == "session"]
    first, second = sessions
    assert (first["session_name"], first["remote_host"], first["remote_port"]) == (
        "納品",
        "upload.example.net",
        2022,
    )
    assert (first["protocol"], first["logon_name"]) == ("SCP", "hanako")
    assert (first["local_directory"], first["remote_directory"]) == (r"E:\out", "/incoming")
    assert (second["remote_host"], second["remote_port"], second["protocol"]) == ("192.0.2.77", None, "9")
    assert {one["profile_name"] for one in FOUND.table(TABLE)} == {"見本花子"}
    assert [(one.kind, one.locator, one.column) for one in FOUND.problems] == [
        (ProblemKind.DAMAGED, "line:13", "remote_port")
    ]


def test_what_stands_outside_the_sessions() -> None:
    rest = [one for one in FOUND.table(TABLE) if one["site_kind"] != "session"]
    assert [(one["site_kind"], one.get("remote_host"), one.get("remote_port")) for one in rest] == [
        ("fingerprint", "upload.example.net", 2022),
        ("typed", None, None),
        ("host_key", "upload.example.net", 2022),
    ]
    assert (rest[1]["typed_list"], rest[1]["typed_text"]) == ("LocalTarget", r"E:\out\*.*")
    assert [locator for _, locator, _, _ in FOUND.rows] == [
        "line:3",
        "line:11",
        "line:17",
        "line:19",
        "line:23",
    ]


def test_a_password_is_told_and_never_given() -> None:
    assert [one.get("has_stored_password") for one in FOUND.table(TABLE)] == [True, False, None, None, None]
    assert ONE.content.count(SECRET.encode()) == 2
    assert SECRET not in repr((FOUND.rows, FOUND.problems))


def test_a_password_in_a_file_that_breaks_off_is_not_given_either(tmp_path: Path) -> None:
    for content in cuts(ONE.content):
        found = run(winscp_ini, from_bytes(content, tmp_path))
        assert SECRET not in repr((found.rows, found.problems))


def test_endless_files_end(tmp_path: Path) -> None:
    found = run(winscp_ini, from_bytes(b"[Sessions\\a]\nHostName=b\n" * 20_100, tmp_path))
    assert len(found.rows) == 20_000
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_which_files_are_wanted() -> None:
    assert select((winscp_ini,), "/tools/WinSCP.ini", b"[Configuration\\Interface]\r\n").chosen
    assert not select((winscp_ini,), "/tools/WinSCP.ini", b"MZ\0\0\1").chosen
    assert not select((winscp_ini,), "/tools/desktop.ini", b"[Sessions\\a]\r\n").chosen


def test_damage_never_raises(tmp_path: Path) -> None:
    for mutant in (*cuts(ONE.content), *mutants(ONE.content, seed=31, count=300)):
        found = run(winscp_ini, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
