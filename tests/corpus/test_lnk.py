"""Real shell links: every value as liblnk reads it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from parsers.windows.lnk import SIGNATURE, lnk
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "windows_artifacts.json"
EXPECTED = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {"lnk": {}, "recyclebin-I": {}}
TEXTS = {
    "local_path": "local_path",
    "network_path": "network_path",
    "description": "description",
    "relative_path": "relative_path",
    "working_directory": "working_path",
    "command_line_arguments": "arguments",
    "icon_location": "icon_path",
    "volume_label": "volume_label",
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
DRIVES = {0: "unknown", 2: "removable", 3: "fixed", 4: "network", 5: "cdrom"}


@pytest.mark.parametrize("name", sorted(EXPECTED["lnk"]))
def test_every_value_is_the_one_liblnk_reads(name: str) -> None:
    expected: dict[str, Any] = EXPECTED["lnk"][name]["liblnk"]
    found = run(lnk, artefact(CORPUS / name))
    assert found.problems == []
    (row,) = found.table("windows_lnk")
    for theirs, ours in TEXTS.items():
        assert (row.get(ours) or None) == (expected.get(theirs) or None), ours
    for theirs, ours in TIMES.items():
        at = expected.get(theirs)
        assert row.get(ours) == (datetime.fromisoformat(at) if at else None), ours
    # liblnk gives 0 for the type and serial number where the link holds no volume.
    serial = expected.get("drive_serial_number_hex")
    if row.get("volume_serial") is None:
        assert serial in (None, "00000000")
        assert expected.get("drive_type") in (None, 0)
    else:
        assert (row["volume_serial"], row["drive_type"]) == (serial, DRIVES[expected["drive_type"]])
    assert row["target_path"] == (
        expected.get("local_path")
        or expected.get("network_path")
        or expected.get("environment_variables_location")
        or row["id_list_path"]
    )


def test_the_whole_of_the_kind_is_covered() -> None:
    assert len(EXPECTED["lnk"]) == 98


@pytest.mark.parametrize("name", sorted(EXPECTED["recyclebin-I"]))
def test_recycle_bin_files_named_lnk_are_not_taken_for_links(name: str) -> None:
    assert not (CORPUS / name).read_bytes().startswith(SIGNATURE[:8])
    found = run(lnk, artefact(CORPUS / name))
    assert found.rows == []
    assert [str(one.kind) for one in found.problems] == ["unrecognised"]
