"""Commands typed into PowerShell, from bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders import execution
from parsers.contract import ProblemKind
from parsers.windows.console_history import _MOST_SIGNS, console_history
from pipeline.extract.select import select
from tests.artefacts import FileArtefact, Yielded, artefact, from_bytes, run
from tests.damaged import cut, flipped

FOLDER = execution.FOLDER / "console_history"
PLACE = "/Users/hanako/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt"


def fixture(scenario: str) -> FileArtefact:
    return artefact(FOLDER / scenario / "ConsoleHost_history.txt", PLACE)


def read(content: bytes, folder: Path) -> Yielded:
    return run(console_history, from_bytes(content, folder))


def test_each_command_is_a_row_with_its_first_word() -> None:
    found = run(console_history, fixture("typed"))
    assert found.problems == []
    rows = found.table("windows_console_history")
    assert [(one["command_place"], one["program_path"]) for one in rows] == [
        (1, "Get-Process"),
        (2, "cd"),
        (3, "robocopy"),
        (4, r"C:\Tools\転送 ツール.exe"),
        (5, None),
        (6, "Get-ChildItem"),
        (7, "wevtutil.exe"),
    ]
    assert rows[2]["command_line"] == r'robocopy C:\顧客 "E:\顧客" /E /MOVE'
    assert rows[5]["command_line"] == "Get-ChildItem |\n  Where-Object { $_.Length -gt 1MB }"
    # The empty line is counted, so the locator is that of an editor.
    assert [one[1] for one in found.rows] == [f"line:{number}" for number in (1, 2, 3, 4, 5, 6, 9)]
    assert {(one["profile_name"], one["history_host"], one["codec"]) for one in rows} == {
        ("hanako", "ConsoleHost", "utf-8")
    }


def test_no_time_is_answered() -> None:
    (answer,) = console_history.tables[0].answers
    assert dict(answer.columns) == {"account": "profile_name", "program_path": "program_path"}


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("  .\\run.ps1 -x", ".\\run.ps1"),
        ("& 'C:\\a b\\c.exe' x", "C:\\a b\\c.exe"),
        ("&'C:\\a b\\c.exe'", "C:\\a b\\c.exe"),
        (". C:\\x.ps1", "C:\\x.ps1"),
        ("dir|sort", "dir"),
        ("$x=1", None),
        ("x = 1", None),
        ("(Get-Date).Year", None),
        ("# note", None),
        ("{", None),
        ('"text', None),
    ],
)
def test_the_first_word(command: str, program: str | None, tmp_path: Path) -> None:
    (row,) = read(command.encode(), tmp_path).table("windows_console_history")
    assert (row["command_line"], row["program_path"]) == (command, program)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_each_encoding_is_read(codec: str, tmp_path: Path) -> None:
    told = "copy C:\\顧客名簿①.xlsx E:\\\r\n" * 3
    found = read(told.encode(codec), tmp_path)
    assert found.problems == []
    assert {one["command_line"] for one in found.table("windows_console_history")} == {
        "copy C:\\顧客名簿①.xlsx E:\\"
    }


def test_a_byte_that_cannot_be_read_is_kept_and_told() -> None:
    found = run(console_history, fixture("damaged-bytes"))
    assert [one["command_line"] for one in found.table("windows_console_history")] == [
        "dir",
        "echo 顧客\\xff",
    ]
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.DAMAGED, "offset:15")]


def test_a_command_without_end_is_cut_and_told(tmp_path: Path) -> None:
    for content in (b"a" * (3 << 20) + b"\nb\n", b"aaaaaaaaa`\n" * 100_000 + b"c\nb\n"):
        found = read(content, tmp_path)
        rows = found.table("windows_console_history")
        assert len(rows) == 2
        assert len(str(rows[0]["command_line"])) <= _MOST_SIGNS
        assert rows[1]["command_line"] == "b"
        assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.LIMIT, "command_line")]
        assert [one[2] for one in found.rows] == ["partial", "ok"]


def test_a_command_that_is_continued_nowhere_is_kept(tmp_path: Path) -> None:
    assert [one["command_line"] for one in read(b"a `\n", tmp_path).table("windows_console_history")] == [
        "a "
    ]


def test_which_files_are_histories() -> None:
    parsers = (console_history,)
    assert select(parsers, PLACE, b"dir\n").chosen == parsers
    other = PLACE.replace("ConsoleHost", "Visual Studio Code Host")
    assert select(parsers, other, b"dir\n").chosen == parsers
    assert select(parsers, "/x/history.txt", b"dir\n").chosen == ()


def test_damage_neither_raises_nor_hangs(tmp_path: Path) -> None:
    content = (FOLDER / "typed" / "ConsoleHost_history.txt").read_bytes()
    for damaged in (*flipped(content, 150), *cut(content)):
        read(damaged, tmp_path)
