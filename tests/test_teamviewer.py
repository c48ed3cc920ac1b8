"""Sessions and transfers of TeamViewer, from bytes."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders.tool_logs import FOLDER, teamviewer_scenarios
from parsers.contract import ProblemKind
from parsers.windows.teamviewer import SESSIONS, teamviewer
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants


def fixture(name: str) -> Yielded:
    one = teamviewer_scenarios()[name]
    return run(teamviewer, artefact(FOLDER / "teamviewer" / name / one.artefact, one.path))


def test_incoming_sessions_are_told_in_utc() -> None:
    found = fixture("incoming")
    rows = found.table("windows_teamviewer_session")
    assert [(one["remote_id"], one["remote_name"], one["session_kind"]) for one in rows] == [
        ("1225411107", "外部 サポート", "RemoteControl"),
        ("1225411107", "Test", "FileTransfer"),
        ("1225411107", "Test", "FileTransfer"),
    ]
    assert [(one["started_at"], one["ended_at"]) for one in rows] == [
        (datetime(2026, 9, 28, 8, 25, 50, tzinfo=UTC), datetime(2026, 9, 28, 8, 28, 54, tzinfo=UTC)),
        (datetime(2026, 9, 28, 9, 0, tzinfo=UTC), None),
        (None, datetime(2026, 9, 28, 9, 10, tzinfo=UTC)),
    ]
    assert rows[0]["local_account"] == "見本花子"
    assert [(one.locator, one.column) for one in found.problems] == [
        ("line:3", "started_at"),
        ("line:4", None),
    ]
    assert [status for _, _, status, _ in found.rows] == ["ok", "ok", "partial"]


def test_outgoing_sessions_have_a_clock_of_unknown_zone() -> None:
    found = fixture("outgoing")
    assert found.problems == []
    (one,) = found.table("windows_teamviewer_session")
    assert (one["session_direction"], one["remote_id"], one["local_account"]) == (
        "outgoing",
        "920981533",
        "hanako",
    )
    assert one["began_local"] == datetime(2026, 9, 28, 7, 48, 50)  # noqa: DTZ001
    assert one.get("started_at") is None
    outgoing = [answer for answer in SESSIONS.answers if answer.question.name == "network"]
    assert [dict(answer.columns).get("at") for answer in outgoing] == [None]


def test_lines_of_the_log_that_tell_of_sessions_and_files() -> None:
    found = fixture("log")
    rows = found.table("windows_teamviewer_log")
    assert [one["trace_kind"] for one in rows] == [
        "participant_added", "login_tried", "file_written", "file_downloaded", "file_sent", "participant_removed",
    ]  # fmt: skip
    assert (rows[0]["remote_id"], rows[0]["remote_name"]) == ("1651063400", "外部 | サポート")
    assert rows[0]["logged_local"] == datetime(2026, 9, 28, 20, 23, 37, 280000)  # noqa: DTZ001
    assert rows[1]["remote_id"] == "1349779002"
    assert (rows[3]["source_path"], rows[3]["target_path"]) == (r"道具\a.zip", r"C:\Windows\Temp\道具\a.zip")
    assert rows[4]["source_path"] == r"E:\持出し\顧客一覧.zip"
    assert [(one.locator, one.column) for one in found.problems] == [("line:8", "logged_local")]


def test_a_name_with_tabs_stays_a_name(tmp_path: Path) -> None:
    line = "7\ta\tb\t28-09-2026 08:25:50\t28-09-2026 08:28:54\tu\tRemoteControl\t{g}\n"
    found = run(teamviewer, from_bytes(line.encode(), tmp_path, "Connections_incoming.txt"))
    assert [one["remote_name"] for one in found.table("windows_teamviewer_session")] == ["a b"]


def test_what_is_no_list_is_unrecognised_and_an_empty_one_is_not(tmp_path: Path) -> None:
    for name in ("Connections.txt", "TeamViewer15_Logfile.log"):
        found = run(teamviewer, from_bytes(b"x\n", tmp_path, name))
        assert ProblemKind.UNRECOGNISED in {one.kind for one in found.problems}
        found = run(teamviewer, from_bytes(b"", tmp_path, name))
        assert (found.rows, found.problems) == ([], [])


@pytest.mark.parametrize("name", ["Connections.txt", "Connections_incoming.txt", "TeamViewer15_Logfile.log"])
@pytest.mark.parametrize("filling", [b" ", b"\t", b'" to "', b" (", b"28-09-2026 08:25:50\t"])
def test_endless_lines_take_no_time(name: str, filling: bytes, tmp_path: Path) -> None:
    line = b'2026/09/28 20:30:49.603  1 2 G1   Download from "' + filling * (1 << 14) + b"\n"
    begin = time.monotonic()
    found = run(teamviewer, from_bytes(line * 3, tmp_path, name))
    assert time.monotonic() - begin < 5
    assert found.problems


def test_which_files_are_wanted() -> None:
    assert select((teamviewer,), "/Program Files/TeamViewer/Connections_incoming.txt", b"1\t").chosen
    assert select((teamviewer,), "/x/TeamViewer15_Logfile_OLD.log", b"2026/").chosen
    assert not select((teamviewer,), "/x/Connections.txt", b"1\t").chosen


@pytest.mark.parametrize("name", sorted(teamviewer_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    one = teamviewer_scenarios()[name]
    for mutant in (*cuts(one.content), *mutants(one.content, seed=34, count=150)):
        found = run(teamviewer, from_bytes(mutant, tmp_path, one.artefact))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
