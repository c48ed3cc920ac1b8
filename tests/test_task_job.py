"""Tasks of .job files, from bytes."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

from fixtures.builders import jobs as builder
from fixtures.builders.jobs import FOLDER, RAN
from parsers.contract import ProblemKind
from parsers.windows.task_job import task_job
from pipeline.tables import read, write
from pipeline.tables.schema import all_tables
from pipeline.tables.write import rows_to_table
from tests.artefacts import Yielded, artefact, from_bytes, run


def fixture(name: str) -> Yielded:
    one = builder.scenarios()["task_job"][name]
    return run(task_job, artefact(FOLDER / "task_job" / name / one.artefact, one.path))


def test_a_task_that_ran() -> None:
    found = fixture("daily")
    assert found.problems == []
    (row,) = found.table("windows_task_job")
    assert (row["program_path"], row["arguments"], row["task_author"]) == (
        r"C:\道具\rar.exe",
        "a -hp E:\\x.rar",
        "eigyo",
    )
    assert (row["last_run_local"], row["last_result"], row["task_state"]) == (RAN, "00000000", "ready")
    assert (row["is_task_enabled"], row["is_task_hidden"], row["windows_version"]) == (True, True, "5.1")
    assert (row["trigger_kinds"], row["trigger_begin_days"]) == (["daily"], ["2026-09-01"])
    assert (row["task_path"], row["task_guid"]) == ("At1.job", "{6A1B2C3D-9000-11F1-8001-0200000000D1}")
    assert (row["task_description"], row["working_path"]) == ("毎日の控え", None)


def test_a_task_that_never_ran() -> None:
    (row,) = fixture("never-ran").table("windows_task_job")
    assert (row["last_run_local"], row["task_state"], row["is_task_enabled"]) == (None, "has_not_run", False)
    assert (row["program_path"], row["arguments"], row["trigger_kinds"]) == ("cmd", None, [])


def test_the_last_run_is_an_instant_where_the_zone_is_known(tmp_path: Path) -> None:
    job = fixture("daily").table("windows_task_job")[0] | {"evidence_id": "pc"}
    clock = {
        "evidence_id": "pc", "from_local": datetime.fromisoformat("2026-01-01"), "until_local": datetime.fromisoformat("2027-01-01"),
        "earliest_offset_minutes": 540, "latest_offset_minutes": 540,
    }  # fmt: skip
    for name, rows in (("windows_task_job", [job]), ("machine_clock", [clock])):
        write.write_part(rows_to_table(all_tables()[name], rows), tmp_path / "tables" / name / "1.parquet")
    assert read.ask(tmp_path / "tables", "SELECT r.at, program_path FROM ran r")[1] == [
        (datetime(2026, 9, 28, 12, 7, 20, 250000, tzinfo=UTC), r"C:\道具\rar.exe")
    ]


def test_a_task_cut_short_is_told() -> None:
    found = fixture("cut-off")
    (row,) = found.table("windows_task_job")
    assert row["program_path"] == r"C:\道具\rar.exe"
    assert {(one.kind, one.column) for one in found.problems} == {(ProblemKind.DAMAGED, "arguments")}
    assert found.rows[0][2] == "partial"


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    content = builder.scenarios()["task_job"]["daily"].content
    for size in range(len(content)):
        found = run(task_job, from_bytes(content[:size], tmp_path, "a.job"))
        assert found.problems or found.rows
    for seed in range(300):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 10, 60))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        run(task_job, from_bytes(bytes(changed), tmp_path, "a.job"))
