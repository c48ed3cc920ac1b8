"""Programs a user started from the desktop, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from regipy.plugins.ntuser.user_assist import UserAssistPlugin
from regipy.registry import RegistryHive

from fixtures.builders import user_hives
from fixtures.builders.regf import binary
from parsers.contract import ProblemKind
from parsers.windows.user_assist import USER_ASSIST, user_assist
from tests.artefacts import artefact, from_bytes, run
from tests.hive_damage import survives

FIXTURES = user_hives.FOLDER / "user_assist"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)
PROGRAMS = rf"{user_hives.EXPLORER}\UserAssist\{{CEBFF5CD-ACE2-4F4F-9178-9926F41749EA}}\Count"


def test_windows_10_counts_programs_and_shortcuts_apart() -> None:
    found = run(user_assist, artefact(FIXTURES / "windows-10" / "NTUSER.DAT", "/Users/hanako/NTUSER.DAT"))
    rows = {one["entry_name"]: one for one in found.table("windows_user_assist")}
    excel = rows[r"{6D809377-6AF0-444B-8957-A3773F02200E}\Microsoft Office\root\Office16\EXCEL.EXE"]
    assert excel["program_path"] == r"%ProgramFiles%\Microsoft Office\root\Office16\EXCEL.EXE"
    assert (excel["run_count"], excel["focus_count"], excel["focus_ms"]) == (41, 120, 2 * 60 * 60 * 1000)
    assert excel["last_run_at"] == AT - timedelta(minutes=9)
    assert excel["profile_name"] == "hanako"
    assert rows[r"E:\持出し\copy.exe"]["last_run_at"] == AT - timedelta(hours=1)
    shortcut = rows[r"{9E3995AB-1F9C-4F13-B827-48B24B6C7174}\TaskBar\表計算.lnk"]
    assert "program_path" not in shortcut
    assert str(shortcut["link_path"]).endswith(r"\Quick Launch\User Pinned\TaskBar\表計算.lnk")
    assert "UEME_CTLSESSION" not in rows
    cut = rows[r"C:\cut.exe"]
    assert "run_count" not in cut
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "run_count")]
    assert [values["entry_name"] for _, _, status, values in found.rows if status == "partial"] == [
        r"C:\cut.exe"
    ]


def test_what_a_new_profile_is_filled_with_shares_one_time_and_is_not_told_as_run() -> None:
    rows = run(user_assist, artefact(FIXTURES / "windows-10" / "NTUSER.DAT")).table("windows_user_assist")
    first = AT - timedelta(days=400)
    seeds = [one for one in rows if one["is_time_shared"]]
    assert [(one["run_count"], one["focus_ms"], one["last_run_at"]) for one in seeds] == [
        (14, 420_000, first),
        (7, 105_000, first),
    ]
    # The shortcut and the program it starts have one time as well, and are of different kinds.
    used = [one["entry_name"] for one in rows if one.get("last_run_at") == AT - timedelta(minutes=9)]
    assert len(used) == 2
    assert [one["is_time_shared"] for one in rows if one["entry_name"] in used] == [False, False]
    assert [one["entry_name"] for one in rows if one["is_time_shared"] is None] == [
        "UEME_CTLCUACount:ctor",
        "Microsoft.Windows.Shell.RunDialog",
        r"C:\cut.exe",
    ]
    (answer,) = USER_ASSIST.answers
    assert answer.where.endswith("last_run_at is not null and not is_time_shared")


def test_windows_xp_begins_to_count_at_five() -> None:
    given = artefact(FIXTURES / "windows-xp" / "NTUSER.DAT", "/Documents and Settings/taro/NTUSER.DAT")
    found = run(user_assist, given)
    assert found.problems == []
    first = datetime(2009, 8, 4, 15, 14, 42, tzinfo=UTC)
    told = [
        (
            one.get("program_path"),
            one.get("link_path"),
            one["stored_count"],
            one["run_count"],
            one["last_run_at"],
        )
        for one in found.table("windows_user_assist")
    ]
    assert told == [
        (None, None, 2, None, None),
        (None, None, 9, 4, first + timedelta(minutes=8)),  # the sum of all programs is no program
        (r"C:\WINDOWS\system32\NOTEPAD.EXE", None, 7, 2, first + timedelta(minutes=8)),
        (None, r"%csidl2%\アクセサリ\メモ帳.lnk", 19, 14, first),
        (None, r"%csidl2%\アクセサリ\電卓.lnk", 18, 13, first),
    ]
    shared = [one["is_time_shared"] for one in found.table("windows_user_assist")]
    assert shared == [None, None, False, True, True]


def test_regipy_counts_the_same() -> None:
    for name in ("windows-10", "windows-xp"):
        file = FIXTURES / name / "NTUSER.DAT"
        plugin = UserAssistPlugin(RegistryHive(str(file)), as_json=False)
        plugin.run()
        # regipy looks up some groups twice, as versions of Windows share them.
        theirs = {
            (one["session_id"], one.get("focus_count"), one.get("total_focus_time_ms"))
            for one in plugin.entries
        }
        ours = {
            (one["session_number"], one.get("focus_count"), one.get("focus_ms"))
            for one in run(user_assist, artefact(file)).table("windows_user_assist")
            if "stored_count" in one
        }
        assert ours == theirs


def test_a_time_that_is_none_is_a_problem(tmp_path: Path) -> None:
    entry = user_hives.assist_value(r"C:\a.exe", runs=1, at=AT)
    bad = binary(entry.name, entry.content[:60] + b"\xff" * 8 + entry.content[68:])
    found = run(user_assist, from_bytes(user_hives.hive({PROGRAMS: (bad,)}), tmp_path))
    assert [one["last_run_at"] for one in found.table("windows_user_assist")] == [None]
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "last_run_at")]


def test_damage_ends_in_problems(tmp_path: Path) -> None:
    for seed, name in enumerate(("windows-10", "windows-xp")):
        survives(user_assist, (FIXTURES / name / "NTUSER.DAT").read_bytes(), tmp_path, seed=seed)
