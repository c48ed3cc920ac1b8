"""Real SQLite databases of Windows: as many rows as expected, a log applied, what was opened."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from datetime import UTC, datetime

import pytest

from parsers.formats.sqlite import open_database
from parsers.windows.activities_cache import activities_cache
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "databases.json"
EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))["files"] if FILE.is_file() else {}
TIMELINE = "plaso/test_data/windows/ActivitiesCache.db"
LOGGED = "plaso/test_data/wal_database.db"


def test_a_real_log_is_applied() -> None:
    said = EXPECTED[LOGGED]
    given = artefact(CORPUS / LOGGED, **{"-wal": CORPUS / f"{LOGGED}-wal"})
    with open_database(given) as database:
        counts = {name: len(list(database.rows(name, columns))) for name, columns in database.tables.items()}
        assert {name: count for name, count in counts.items() if count} == said["tables"]
        assert list(counts.values()).count(0) == said["empty_tables"]
        assert database.is_wal_applied
        assert list(database.problems()) == []


def test_every_activity_is_a_row_with_its_times() -> None:
    found = run(activities_cache, artefact(CORPUS / TIMELINE))
    rows = found.table("windows_activity")
    assert (len(rows), found.problems) == (EXPECTED[TIMELINE]["tables"]["Activity"], [])
    connection = sqlite3.connect(f"{(CORPUS / TIMELINE).as_uri()}?mode=ro&immutable=1", uri=True)
    stored = connection.execute(
        "SELECT hex(Id), StartTime, EndTime, ActivityType FROM Activity ORDER BY rowid"
    ).fetchall()
    connection.close()
    for row, (identifier, start, end, kind) in zip(rows, stored, strict=True):
        assert row["timeline_id"] == identifier.lower()
        assert row["started_at"] == datetime.fromtimestamp(start, UTC)
        assert row["ended_at"] == (datetime.fromtimestamp(end, UTC) if end else None)
        assert row["activity_type"] == kind


def test_files_opened_and_programs() -> None:
    rows = run(activities_cache, artefact(CORPUS / TIMELINE)).table("windows_activity")
    assert Counter(one["activity_kind"] for one in rows) == {"in_use": 79, "open": 33}
    assert sorted(str(one["opened_path"]) for one in rows if one.get("opened_path")) == [
        r"C:\Program Files\Git\ReleaseNotes.html",
        r"C:\Users\demouser\.ssh\id_rsa.pub",
        r"C:\Users\demouser\Desktop\SCHEMA.txt",
        r"C:\Users\demouser\src\l2tdevtools\config\docker\scripts\verify_environment.sh",
    ]
    assert all(one["program_path"] for one in rows)
