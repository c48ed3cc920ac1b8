"""A real database of resource usage: as many rows as expected, every value as libesedb alone reads it."""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import pyesedb
import pytest

from parsers.windows.srum import srum
from tests.artefacts import Yielded, artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

NAME = "chainsaw/tests/srum/SRUDB.dat"
FILE = CORPUS / "expected" / "windows_artifacts.json"
EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))["srum"][NAME] if FILE.is_file() else {"tables": {}}
TABLES = {
    "{973F5D5C-1D90-4944-BE8E-24B94231A174}": ("windows_srum_network", {"BytesSent": "sent_bytes", "BytesRecvd": "received_bytes", "L2ProfileId": "network_profile_id"}),
    "{DD6636C4-8929-4683-974E-22C046A43763}": ("windows_srum_connectivity", {"ConnectedTime": "connected_seconds"}),
    "{D10CA2FE-6FCF-4F6D-848E-B2E99266FA89}": ("windows_srum_application", {"ForegroundCycleTime": "foreground_cycle_count", "BackgroundBytesWritten": "background_written_bytes", "FaceTime": "face_time"}),
    "{5C8CF1C7-7257-4F13-B223-970EF5939312}": ("windows_srum_timeline", {"SpanMS": "span_milliseconds", "InFocusS": "in_focus_seconds", "UserInputS": "user_input_seconds", "NetworkBytesRaw": "network_raw_bytes"}),
    "{D10CA2FE-6FCF-4F6D-848E-B2E99266FA86}": ("windows_srum_notification", {"PayloadSize": "payload_bytes"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Yielded:
    return run(srum, artefact(CORPUS / NAME))


@pytest.fixture(scope="module")
def library() -> Any:
    file = pyesedb.file()
    file.open(str(CORPUS / NAME))
    return file


def number(stored: bytes) -> int | None:
    return None if stored.strip(b"*") == b"" else int.from_bytes(stored, "little")


def test_a_clean_database_has_no_problems(found: Yielded) -> None:
    assert (found.problems, {status for _, _, status, _ in found.rows}) == ([], {"ok"})


@pytest.mark.parametrize("identifier", TABLES)
def test_rows_and_values_are_those_of_the_library(identifier: str, found: Yielded, library: Any) -> None:
    name, columns = TABLES[identifier]
    rows = found.table(name)
    assert len(rows) == EXPECTED["tables"][identifier]["rows"]
    table = library.get_table_by_name(identifier)
    places = {column.name: place for place, column in enumerate(table.columns)}
    for row, record in zip(rows, table.records, strict=True):
        assert row["record_id"] == number(record.get_value_data(places["AutoIncId"]))
        (days,) = struct.unpack("<d", record.get_value_data(places["TimeStamp"]))
        at = datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=days)
        assert abs(row["interval_ended_at"] - at) < timedelta(milliseconds=1)  # type: ignore[operator]
        for theirs, ours in columns.items():
            assert row.get(ours) == number(record.get_value_data(places[theirs])), theirs


def test_programs_and_accounts_are_named(found: Yielded) -> None:
    rows = found.table("windows_srum_network")
    nslookup = [one for one in rows if str(one.get("program_path")).endswith("nslookup.exe")]
    assert [(one["sent_bytes"], one["received_bytes"], one["account_sid"]) for one in nslookup] == [
        (1728, 2361, "S-1-5-21-2212929841-2730996645-2649195864-1000")
    ]
    # One row carries number 1 in the map, which has no name: traffic of no program.
    assert [one["record_id"] for one in rows if one.get("program_identity") is None][:1] == [1]
