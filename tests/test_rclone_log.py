"""What rclone wrote it did, from bytes."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest

from fixtures.builders.tool_logs import FOLDER, SECRET, rclone_log_scenarios
from parsers.contract import ProblemKind
from parsers.windows.rclone_log import LOG, rclone_log
from pipeline.extract.select import select
from tests.artefacts import artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_rclone_log"
ONE = rclone_log_scenarios()["copy"]
FOUND = run(rclone_log, artefact(FOLDER / "rclone_log" / "copy" / ONE.artefact, ONE.path))


def test_files_are_told_with_what_was_done() -> None:
    rows = FOUND.table(TABLE)
    assert [(one["rclone_act"], one.get("target_path")) for one in rows] == [
        ("command", None),
        ("command", None),
        ("copied", "営業部/顧客一覧.xlsx"),
        ("copied", "a: b.txt"),
        ("deleted", "old/見積.pdf"),
        ("moved", "x.txt"),
        ("failed", "big.zip"),
        ("sum", None),
        ("sum", None),
        ("copied", "bad.txt"),
        ("failed", None),
    ]
    assert rows[2]["written_local"] == datetime(2026, 9, 28, 18, 21, 24)  # noqa: DTZ001
    assert rows[3]["written_local"] == datetime(2026, 9, 28, 18, 21, 25, 123456)  # noqa: DTZ001
    assert rows[7]["log_note"] == "Transferred: 10.595 MiB / 10.595 MiB, 100%, 2.644 MiB/s, ETA 0s"
    # A sum has the time of the line it follows.
    assert rows[7]["written_local"] == datetime(2026, 9, 28, 18, 22)  # noqa: DTZ001
    assert [(one.kind, one.locator, one.column) for one in FOUND.problems] == [
        (ProblemKind.DAMAGED, "line:12", "written_local")
    ]
    assert FOUND.rows[9][2] == "partial"


def test_a_command_is_told_without_the_values_of_its_options() -> None:
    first, second = FOUND.table(TABLE)[:2]
    assert (
        first["log_note"] == r"rclone copy E:\営業部 mega:out -P --sftp-pass ... --header=... --log-file ..."
    )
    assert second["log_note"] == "rclone obscure ..."


def test_no_secret_is_given() -> None:
    assert ONE.content.count(SECRET.encode()) == 5
    assert SECRET not in repr((FOUND.rows, FOUND.problems))


@pytest.mark.parametrize(
    "words",
    [
        f'"rclone" "copy" "a" ":sftp,host=h,pass={SECRET}:/b"',
        f'"rclone" "config" "create" "n" "mega" "pass={SECRET}"',
        f'"rclone" "copy" "-vv" "--s3-secret-access-key" "{SECRET}" "a" "b:"',
        f'"rclone" "--password-command" "echo {SECRET}" "copy" "a" "b:"',
        f'"rclone" "copy" "a" "b:" "--header" "Authorization: Bearer {SECRET}"',
    ],
)
def test_no_secret_of_a_command_is_given(words: str, tmp_path: Path) -> None:
    line = f'2026/09/28 18:20:00 DEBUG : rclone: Version "v1" starting with parameters [{words}]\n'
    found = run(rclone_log, from_bytes(line.encode(), tmp_path))
    assert [one["rclone_act"] for one in found.table(TABLE)] == ["command"]
    assert SECRET not in repr((found.rows, found.problems))


def test_only_what_was_deleted_answers_that() -> None:
    (answer,) = LOG.answers
    assert answer.question.name == "deleted"
    assert "at" not in dict(answer.columns)


def test_which_files_are_wanted() -> None:
    line = b"2026/09/28 18:21:24 INFO  : a: Copied (new)\n"
    assert select((rclone_log,), "/x/anything", line).chosen
    assert select((rclone_log,), "/x/rclone.log", b"2026/09/28 18:21:24 NOTICE: a\n").chosen
    # Other programs write lines much like these.
    assert not select((rclone_log,), "/x/app.log", b"2026/09/28 18:21:24 ERROR: a\n").chosen
    assert not select((rclone_log,), "/x/app.log", b"2026-09-28 18:21:24 INFO  : a\n").chosen


@pytest.mark.parametrize("filling", [b": ", b" ", b'"', b"?", b"://a"])
def test_endless_lines_take_no_time(filling: bytes, tmp_path: Path) -> None:
    line = b'2026/09/28 18:20:00 DEBUG : rclone: Version "v" starting with parameters [' + filling * (1 << 15)
    begin = time.monotonic()
    found = run(rclone_log, from_bytes((line + b"\n") * 3, tmp_path))
    assert time.monotonic() - begin < 5
    assert found.problems


def test_damage_never_raises(tmp_path: Path) -> None:
    for mutant in (*cuts(ONE.content), *mutants(ONE.content, seed=36, count=300)):
        found = run(rclone_log, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
