"""Windows Timeline from bytes: what was opened and run, with and without the write-ahead log."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders import sqlite as builder
from parsers.contract import ProblemKind
from parsers.windows.activities_cache import activities_cache
from tests.artefacts import artefact, from_bytes, run

FOLDER = builder.FOLDER / "activities_cache"
PATH = "/Users/eigyo/AppData/Local/ConnectedDevicesPlatform/L.eigyo/ActivitiesCache.db"
NAME = "ActivitiesCache.db"


def test_a_file_opened_has_path_program_time_and_profile() -> None:
    found = run(activities_cache, artefact(FOLDER / "without-log" / NAME, PATH))
    row = found.table("windows_activity")[0]
    assert row["opened_path"] == "E:\\営業部\\顧客名簿.xlsx"
    assert row["display_text"] == "顧客名簿.xlsx"
    assert row["program_path"] == r"C:\Program Files\表計算\calc.exe"
    assert row["started_at"] == datetime(2026, 9, 28, 9, 13, 30, tzinfo=UTC)
    assert row["ended_at"] is None
    assert (row["profile_name"], row["activity_kind"], row["is_wal_applied"]) == ("eigyo", "open", False)


def test_a_share_a_program_in_use_and_the_clipboard() -> None:
    rows = run(activities_cache, artefact(FOLDER / "without-log" / NAME, PATH)).table("windows_activity")
    assert rows[2]["opened_path"] == r"\\fs01\share\計画.docx"
    use = rows[1]
    assert (use["activity_kind"], use["active_seconds"], use["user_time_zone"]) == (
        "in_use",
        540,
        "Asia/Tokyo",
    )
    assert use["ended_at"] == datetime(2026, 9, 28, 9, 24, 30, tzinfo=UTC)
    assert (rows[3]["activity_kind"], rows[3]["clipboard_text"]) == ("clipboard", "社員番号 K-1024")


def test_the_log_adds_and_removes_rows() -> None:
    given = artefact(FOLDER / "with-log" / NAME, PATH, **{"-wal": FOLDER / "with-log" / f"{NAME}-wal"})
    found = run(activities_cache, given)
    assert [locator for _, locator, _, _ in found.rows] == [
        "Activity#1", "Activity#2", "Activity#4", "Activity#5", "Activity#6", "ActivityOperation#1",
    ]  # fmt: skip
    page, pending = found.table("windows_activity")[-2:]
    assert page["content_uri"] == "https://files.example/up?id=7"
    assert (page["opened_path"], page["application_id"]) == (None, "Example.Browser_abc!App")
    assert (page["is_pending"], pending["is_pending"], pending["is_wal_applied"]) == (False, True, True)


def test_values_that_cannot_be_read_are_problems_of_their_columns() -> None:
    found = run(activities_cache, artefact(FOLDER / "without-log" / NAME, PATH))
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "Activity#5", "display_text"),
        (ProblemKind.DAMAGED, "Activity#5", "started_at"),
    ]
    assert found.rows[4][2] == "partial"


@pytest.mark.parametrize(
    "payload",
    [b"[" * 100_000, b"\xff\xfe", b"1", b"null", b'{"contentUri": 5, "activeDurationSeconds": "x"}', b'{"contentUri": "file:%ZZ%00"}', b'{"contentUri": "file:"}'],
)  # fmt: skip
def test_odd_payloads_never_raise(payload: bytes, tmp_path: Path) -> None:
    schema, _, _ = builder.timeline()
    change = builder.Change(
        statements=(
            builder.activity(1, kind=5, Payload=payload, AppId="{", ClipboardPayload=payload, Id=b"short"),
        )
    )
    content, _ = builder.build(schema, change)
    found = run(activities_cache, from_bytes(content, tmp_path))
    assert len(found.rows) == 1
    assert {"program_path", "timeline_id"} <= {one.column for one in found.problems}


def test_the_fixtures_are_what_the_builder_makes() -> None:
    for name, one in builder.scenarios().items():
        files = [builder.FOLDER / name / file for file in one.files]
        assert [place.stat().st_size for place in files] == [len(content) for content in one.files.values()]


def test_a_database_of_another_kind_is_told(tmp_path: Path) -> None:
    content, _ = builder.build(["CREATE TABLE other (a)"], builder.Change())
    found = run(activities_cache, from_bytes(content, tmp_path))
    assert (found.rows, [one.locator for one in found.problems]) == ([], ["Activity"])


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    content = (FOLDER / "without-log" / NAME).read_bytes()
    for size in range(0, len(content), 700):
        assert run(activities_cache, from_bytes(content[:size], tmp_path)).problems
    for seed in range(60):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 10, 60))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        run(activities_cache, from_bytes(bytes(changed), tmp_path))
