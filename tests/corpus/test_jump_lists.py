"""Real jump lists: every link as liblnk reads it in its stream, every entry with its time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from parsers.windows.automatic_destinations import automatic_destinations
from parsers.windows.custom_destinations import custom_destinations
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "windows_artifacts.json"
EXPECTED = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
AUTOMATIC, CUSTOM = EXPECTED.get("jumplist-auto", {}), EXPECTED.get("jumplist-custom", {})
VALUES = {
    "local_path": "local_path",
    "description": "description",
    "command_line_arguments": "arguments",
    "icon_location": "icon_path",
    "drive_serial_number_hex": "volume_serial",
    "machine_identifier": "machine_id",
    "environment_variables_location": "environment_path",
    "droid_file_identifier": "droid_file_id",
    "birth_droid_file_identifier": "birth_file_id",
    "file_size": "target_bytes",
    "file_attribute_flags": "attributes_flags",
}
TIMES = {
    "file_creation_time": "target_created_at",
    "file_modification_time": "target_modified_at",
    "file_access_time": "target_accessed_at",
}


def agrees(row: dict[str, Any], said: dict[str, Any]) -> None:
    for theirs, ours in VALUES.items():
        assert (row.get(ours) or None) == (said.get(theirs) or None), ours
    for theirs, ours in TIMES.items():
        at = said.get(theirs)
        assert row.get(ours) == (datetime.fromisoformat(at) if at else None), ours


@pytest.mark.parametrize("name", sorted(AUTOMATIC))
def test_every_stream_is_read_and_every_entry_has_its_link(name: str) -> None:
    found = run(automatic_destinations, artefact(CORPUS / name))
    assert found.problems == []
    rows = {f"{one['entry_number']:x}": one for one in found.table("windows_automatic_destinations")}
    streams = {one["stream"]: one["lnk"] for one in AUTOMATIC[name]["streams"] if "lnk" in one}
    (listed,) = [one for one in AUTOMATIC[name]["streams"] if one["stream"] == "DestList"]
    assert rows.keys() == streams.keys()
    assert len(rows) == listed["entries"] == AUTOMATIC[name]["lnk_streams"]
    assert sum(bool(one["is_pinned"]) for one in rows.values()) == listed["pinned"]
    assert {one["list_version"] for one in rows.values()} == {listed["version"]}
    assert all(one["is_listed"] and one["has_link"] for one in rows.values())
    for stream, said in streams.items():
        agrees(rows[stream], said)


def test_entries_stand_newest_first_with_their_times() -> None:
    (name,) = AUTOMATIC
    rows = run(automatic_destinations, artefact(CORPUS / name)).table("windows_automatic_destinations")
    times = [one["last_used_at"] for one in rows]
    assert times == sorted(times, key=lambda at: at, reverse=True)
    assert times[0] == datetime(2015, 8, 29, 15, 32, 44, 34300, tzinfo=UTC)
    assert rows[0]["opened_path"] == r"C:\Users\bperry\Downloads"


@pytest.mark.parametrize("name", sorted(CUSTOM))
def test_every_link_of_a_custom_list_is_read_in_order(name: str) -> None:
    found = run(custom_destinations, artefact(CORPUS / name))
    assert found.problems == []
    rows = found.table("windows_custom_destinations")
    assert len(rows) == CUSTOM[name]["lnk_signatures"] == len(CUSTOM[name]["lnks"])
    for row, said in zip(rows, CUSTOM[name]["lnks"], strict=True):
        agrees(row, said)
    assert {(one["category_kind"], one["app_name"]) for one in rows} == {("tasks", "Windows Getting Started")}
