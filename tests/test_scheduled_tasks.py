"""Scheduled tasks from definitions and from the cache in a SOFTWARE hive, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from regipy.registry import RegistryHive

from fixtures.builders import execution, tasks
from fixtures.builders.execution import system_hive
from fixtures.builders.keys import AT, key
from fixtures.builders.regf import Value, binary, dword, sz
from fixtures.builders.tasks import actions, com_action, definition, exec_action, guid, software_hive
from parsers.contract import ProblemKind
from parsers.formats.task_definition import Action, moment, read_actions
from parsers.windows.scheduled_tasks import TASKS, scheduled_tasks
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cut, flipped

FOLDER = execution.FOLDER / "scheduled_tasks"
CACHE = FOLDER / "cache" / "SOFTWARE"
PLACE = "/C/Windows/System32/Tasks/Kanshiki/転送"


def read(content: bytes, folder: Path) -> Yielded:
    return run(scheduled_tasks, from_bytes(content, folder, "転送"))


def one_task(*values: Value) -> bytes:
    return software_hive((), (key(guid(1), *values),))


def filled(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}


def test_a_definition_tells_what_it_starts_as_whom_and_when() -> None:
    found = run(scheduled_tasks, artefact(FOLDER / "definition" / "転送", PLACE))
    assert found.problems == []
    (row,) = found.table("windows_scheduled_task")
    assert filled(row) == {
        "task_source": "file",
        "task_path": r"\Kanshiki\転送",
        "program_path": r"C:\Tools\転送.exe",
        "action_count": 2,
        "trigger_kinds": ["LogonTrigger", "CalendarTrigger"],
        "runs_as": "S-1-5-18",
        "run_level": "HighestAvailable",
        "task_author": r"EIGYO-PC01\hanako",
        "task_description": "毎晩の転送",
        "registered_local": datetime(2026, 9, 20, 18, 30, 0, 123456),  # noqa: DTZ001
        "is_task_enabled": True,
        "is_task_hidden": True,
    }
    started, called = found.table("windows_scheduled_task_action")
    assert filled(started) == {
        "task_source": "file",
        "task_path": r"\Kanshiki\転送",
        "action_place": 1,
        "action_kind": "exec",
        "program_path": r"C:\Tools\転送.exe",
        "arguments": r'/to "E:\顧客" & exit',
        "working_path": r"E:\顧客",
    }
    assert (called["action_kind"], called["com_class_id"]) == ("com_handler", tasks.CLASS_ID)


def test_the_cache_tells_when_a_task_ran_and_what_is_hidden() -> None:
    found = run(scheduled_tasks, artefact(CACHE))
    assert found.problems == []
    rows = {one["task_path"]: one for one in found.table("windows_scheduled_task")}
    assert list(rows) == [r"\Kanshiki\転送", r"\Hidden", r"\Orphan", r"\Gone"]
    ran = rows[r"\Kanshiki\転送"]
    assert ran["task_created_at"] == AT - timedelta(days=8)
    assert ran["last_run_at"] == AT - timedelta(hours=11)
    assert ran["last_completed_at"] == AT - timedelta(hours=10)
    assert (ran["program_path"], ran["action_count"], ran["last_result"]) == (
        r"C:\Tools\転送.exe",
        2,
        "00000000",
    )
    assert (ran["is_in_tree"], ran["has_security_descriptor"]) == (True, True)
    # 18:30 in Japan; nothing of a run; a tree entry without a descriptor is not shown by Windows.
    hidden = rows[r"\Hidden"]
    assert hidden["registered_at"] == datetime(2026, 9, 20, 9, 30, tzinfo=UTC)
    assert (hidden["last_run_at"], hidden["has_security_descriptor"], hidden["program_path"]) == (
        None,
        False,
        "cmd.exe",
    )
    orphan = rows[r"\Orphan"]
    assert (orphan["is_in_tree"], orphan["has_security_descriptor"], orphan["last_result"]) == (
        False,
        None,
        "80070002",
    )
    assert filled(rows[r"\Gone"]) == {
        "task_source": "registry",
        "task_path": r"\Gone",
        "task_guid": guid(4),
        "is_in_tree": True,
        "has_security_descriptor": True,
        "key_written_at": AT,
        "is_replayed": False,
    }


def test_a_start_that_failed_does_not_answer_that_a_program_ran() -> None:
    (answer,) = TASKS.answers
    assert "last_result not like '8007%'" in answer.where


def test_regipy_reads_the_same_paths() -> None:
    other = RegistryHive(str(CACHE)).get_key(r"\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks")
    theirs = [(one.name, one.get_value("Path")) for one in other.iter_subkeys()]
    rows = run(scheduled_tasks, artefact(CACHE)).table("windows_scheduled_task")
    assert [(one["task_guid"], one["task_path"]) for one in rows[:3]] == theirs


def test_published_actions_of_windows_8_and_10_are_read() -> None:
    # Bytes of a published example: cmd.exe /c notepad.exe.
    command = "0e000000 63006d0064002e00650078006500"
    arguments = "1c000000 2f00630020006e006f00740065007000610064002e00650078006500"
    folder = "16000000 63003a005c00770069006e0064006f00770073005c00"
    windows_8 = bytes.fromhex(f"0100 6666 00000000 {command} {arguments} {folder}")
    windows_10 = bytes.fromhex(
        f"0300 0c000000 41007500740068006f007200 6666 00000000 {command} {arguments} 00000000 0000"
    )
    common = {"kind": "exec", "program": "cmd.exe", "arguments": "/c notepad.exe"}
    assert list(read_actions(windows_8)) == [Action(**common, folder="c:\\windows\\")]
    assert list(read_actions(windows_10)) == [Action(**common)]


@pytest.mark.parametrize("codec", ["utf-16", "utf-8", "utf-8-sig", "utf-16-le"])
def test_a_definition_is_read_in_each_encoding(codec: str, tmp_path: Path) -> None:
    found = read(definition(command="顧客.exe", codec=codec), tmp_path)
    assert found.problems == []
    (row,) = found.table("windows_scheduled_task")
    # Outside of the scheduler's folder the definition's own path is told.
    assert (row["program_path"], row["task_path"]) == ("顧客.exe", r"\Kanshiki\転送")


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE Task [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    told = definition(command="&b;", codec="utf-8").decode()
    for content in (
        told.replace("<Task ", f"{bomb}<Task ", 1),
        told.replace("<Task ", f"{bomb.replace('DOCTYPE', 'doctype')}<Task ", 1),
    ):
        for codec in ("utf-8", "utf-16"):
            found = read(content.encode(codec), tmp_path)
            assert found.rows == []
            assert [one.kind for one in found.problems] == [ProblemKind.UNRECOGNISED]


def test_elements_without_end_neither_raise_nor_hang(tmp_path: Path) -> None:
    content = definition(command="a", codec="utf-8").replace(b"<Triggers>", b"<Triggers>" + b"<x>" * 300_000)
    found = read(content, tmp_path)
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]
    assert len(found.rows) == 1


def test_dates_with_and_without_a_zone() -> None:
    assert moment("2019-01-11T15:50:17.0216712") == datetime(2019, 1, 11, 15, 50, 17, 21671)  # noqa: DTZ001
    assert moment("2019-01-11T15:50:17Z") == datetime(2019, 1, 11, 15, 50, 17, tzinfo=UTC)


def test_dates_that_are_none_are_null_and_a_problem(tmp_path: Path) -> None:
    for date in ("yesterday", "2026-02-30T00:00:00", "0001-01-01T00:00:00+14:00"):
        found = read(definition(command="a", date=date), tmp_path)
        (row,) = found.table("windows_scheduled_task")
        assert (row.get("registered_at"), row.get("registered_local")) == (None, None)
        assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "registered_at")]
        found = read(one_task(sz("Date", date)), tmp_path)
        assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "registered_at")]


@pytest.mark.parametrize(
    ("value", "kind", "count"),
    [
        (binary("Actions", actions(com_action(), exec_action("a.exe"))[:-6]), ProblemKind.TRUNCATED, 1),
        (binary("Actions", actions(com_action(), b"\x88\x88")), ProblemKind.UNSUPPORTED, 1),
        (binary("Actions", actions(com_action(), b"\x12\x34")), ProblemKind.UNSUPPORTED, 1),
        (binary("Actions", actions(version=9)), ProblemKind.UNSUPPORTED, 0),
        (binary("Actions", b""), ProblemKind.TRUNCATED, 0),
        (binary("DynamicInfo", b"\3" * 12), ProblemKind.DAMAGED, 0),
        (binary("DynamicInfo", b"\xff" * 28), ProblemKind.DAMAGED, 0),
        (dword("Path", 1), ProblemKind.DAMAGED, 0),
    ],
)
def test_values_that_cannot_be_read_are_problems(
    value: Value, kind: ProblemKind, count: int, tmp_path: Path
) -> None:
    found = read(one_task(value), tmp_path)
    assert {one.kind for one in found.problems} == {kind}
    assert len(found.table("windows_scheduled_task")) == 1
    assert len(found.table("windows_scheduled_task_action")) == count
    assert found.rows[0][2] == "partial"


def test_which_files_are_tasks() -> None:
    told = definition(command="a")
    parsers = (scheduled_tasks,)
    assert select(parsers, PLACE, told[:4096]).chosen == parsers
    assert select(parsers, "/x/Tasks/a/b", told[:4096]).chosen == parsers
    assert select(parsers, "/x/Tasks/a/b", b"text").chosen == ()
    assert select(parsers, "/x/Tasks/a/b", b"text").refused == ()
    assert select(parsers, PLACE, b"text").refused == parsers
    assert select(parsers, "/Windows/System32/config/SOFTWARE", CACHE.read_bytes()[:4096]).chosen == parsers


def test_another_hive_passes_in_silence(tmp_path: Path) -> None:
    found = run(scheduled_tasks, from_bytes(system_hive(), tmp_path, "SYSTEM"))
    assert (found.rows, found.problems) == ([], [])


def test_damage_neither_raises_nor_hides_a_cut(tmp_path: Path) -> None:
    xml = (FOLDER / "definition" / "転送").read_bytes()
    for damaged in flipped(xml, 200):
        read(damaged, tmp_path)
    for damaged in cut(xml):
        assert read(damaged, tmp_path).problems
    content = CACHE.read_bytes()
    for damaged in flipped(content, 120, spare=4):
        run(scheduled_tasks, from_bytes(damaged, tmp_path, "SOFTWARE"))
    whole = run(scheduled_tasks, from_bytes(content, tmp_path, "SOFTWARE")).rows
    for damaged in cut(content, 12):
        found = run(scheduled_tasks, from_bytes(damaged, tmp_path, "SOFTWARE"))
        assert found.problems or found.rows == whole
