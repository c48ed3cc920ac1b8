"""A real device installation log: every section, and the one about a USB memory."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from parsers.windows.setupapi import setupapi
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "windows_artifacts.json"
EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))["setupapi"] if FILE.is_file() else {}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_sections_are_as_expected(name: str) -> None:
    expected = EXPECTED[name]
    found = run(setupapi, artefact(CORPUS / name))
    assert found.problems == []
    rows = found.table("windows_setupapi")
    assert len(rows) == expected["sections"]
    assert all(one["ended_local"] >= one["started_local"] and one["exit_status"] for one in rows)
    told = [
        (f"{one['section_title']} - {one['section_subject']}", one["started_local"])
        for one in rows
        if one.get("enumerator") in ("USB", "USBSTOR")
    ]
    assert told == [
        (
            one["title"],
            datetime.strptime(one["start"], "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=UTC).replace(tzinfo=None),
        )
        for one in expected["usb_sections"]
    ]
    (stick,) = [one for one in rows if one.get("enumerator") == "USBSTOR"]
    assert (stick["vendor"], stick["product"], stick["device_serial"]) == (
        "Generic",
        "Flash_Disk",
        "99E2116A",
    )
