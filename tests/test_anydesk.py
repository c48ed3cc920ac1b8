"""Sessions and transfers of AnyDesk, from bytes."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders.tool_logs import FOLDER, anydesk_scenarios
from parsers.contract import ProblemKind
from parsers.windows.anydesk import SESSIONS, anydesk
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants


def fixture(name: str) -> Yielded:
    one = anydesk_scenarios()[name]
    return run(anydesk, artefact(FOLDER / "anydesk" / name / one.artefact, one.path))


def test_sessions_are_told_with_how_they_were_let_in() -> None:
    found = fixture("sessions")
    rows = found.table("windows_anydesk_session")
    assert [(one["let_in_by"], one["action"], one["remote_name"], one["remote_id"]) for one in rows] == [
        ("User", "connect", "サポート 担当", "221436813"),
        ("REJECTED", "failed", "desk01@ad", "987654321"),
        ("Token", "connect", "user2@ad", "123456"),
        ("Passwd", "connect", "221436813", "221436813"),
    ]
    assert [one["connected_at"] for one in rows] == [
        datetime(2026, 9, 28, 20, 29, tzinfo=UTC),
        datetime(2026, 9, 28, 21, 2, tzinfo=UTC),
        datetime(2014, 11, 26, 4, 38, tzinfo=UTC),
        None,
    ]
    assert [(one.locator, one.column) for one in found.problems] == [
        ("line:4", "connected_at"),
        ("line:5", None),
    ]
    assert [status for _, _, status, _ in found.rows] == ["ok", "ok", "ok", "partial"]
    (answer,) = SESSIONS.answers
    assert dict(answer.columns) == {"at": "connected_at", "action": "action", "from_host": "remote_id"}


def test_transfers_are_told_with_the_name_of_the_file() -> None:
    found = fixture("transfers")
    rows = found.table("windows_anydesk_transfer")
    assert [
        (one["transfer_channel"], one["transfer_step"], one["transfer_kind"], one["file_name"])
        for one in rows
    ] == [
        ("Clipboard", "start", "download", "顧客一覧.zip"),
        ("Clipboard", "finish", "download", "顧客一覧.zip"),
        ("FileManager", "start", "upload", "it's here.txt"),
    ]
    assert rows[0]["transfer_note"] == "(~0 B out of 4.20 MiB)"
    assert {one["profile_name"] for one in rows} == {"見本花子"}
    assert [one.locator for one in found.problems] == ["line:4"]


def test_lines_of_a_trace_that_tell_of_a_session() -> None:
    found = fixture("trace")
    rows = found.table("windows_anydesk_trace")
    assert [one["trace_kind"] for one in rows] == [
        "external_address", "relay_login", "session_request", "authenticated", "client_id",
        "files_prepared", "file_transfer", "session_closed",
    ]  # fmt: skip
    assert rows[1]["remote_address"] == "198.51.100.4"
    assert rows[1]["logged_at"] == datetime(2026, 9, 28, 20, 29, 1, tzinfo=UTC)
    assert (rows[2]["remote_name"], rows[2]["remote_id"]) == ("サポート 担当", "221436813")
    assert rows[2]["logged_at"] == datetime(2026, 9, 28, 20, 29, 4, 298000, tzinfo=UTC)
    assert rows[5]["target_path"] == r"E:\持出し"
    assert rows[7]["logged_at"] is None
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "line:10", "logged_at")
    ]


def test_what_is_no_trace_is_unrecognised_and_an_empty_one_is_not(tmp_path: Path) -> None:
    assert [one.kind for one in fixture("none").problems] == [ProblemKind.UNRECOGNISED]
    for name in ("ad.trace", "connection_trace.txt"):
        found = run(anydesk, from_bytes(b"", tmp_path, name))
        assert (found.rows, found.problems) == ([], [])


@pytest.mark.parametrize("name", ["ad.trace", "connection_trace.txt", "file_transfer_trace.txt"])
@pytest.mark.parametrize("filling", [b" ", b"\t", b"a ", b"'", b"   info 2026-09-28 20:29:04.298 "])
def test_endless_lines_take_no_time(name: str, filling: bytes, tmp_path: Path) -> None:
    line = b"Incoming    2026-09-28, 20:29    " + filling * (1 << 16) + b"x\n"
    begin = time.monotonic()
    found = run(anydesk, from_bytes(line * 3, tmp_path, name))
    assert time.monotonic() - begin < 5
    assert found.problems


def test_many_faults_are_counted_and_not_all_listed(tmp_path: Path) -> None:
    found = run(anydesk, from_bytes(b"nothing\n" * 300, tmp_path, "connection_trace.txt"))
    assert [one.kind for one in found.problems[-2:]] == [ProblemKind.UNRECOGNISED, ProblemKind.LIMIT]
    assert len(found.problems) == 102


def test_which_files_are_wanted() -> None:
    assert select((anydesk,), "/ProgramData/AnyDesk/ad_svc.trace", b"   info 2026").chosen
    assert select((anydesk,), "/ProgramData/AnyDesk/ad_1f2e/connection_trace.txt", b"Incoming").chosen
    assert select((anydesk,), "/collected/connection_trace.txt", b"Incoming").chosen
    assert not select((anydesk,), "/x/other.trace", b"text").chosen


@pytest.mark.parametrize("name", sorted(anydesk_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    one = anydesk_scenarios()[name]
    for mutant in (*cuts(one.content), *mutants(one.content, seed=33, count=150)):
        found = run(anydesk, from_bytes(mutant, tmp_path, one.artefact))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
