"""Real $I files and an INFO2: every value as told by the corpus."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from parsers.windows.recycle_bin import recycle_bin
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "windows_artifacts.json"
EXPECTED = (
    json.loads(FILE.read_text(encoding="utf-8"))
    if FILE.is_file()
    else {"recyclebin-I": {}, "recyclebin-INFO2": {}}
)


@pytest.mark.parametrize("name", sorted(EXPECTED["recyclebin-I"]))
def test_a_deleted_file_is_as_expected(name: str) -> None:
    expected = EXPECTED["recyclebin-I"][name]
    found = run(recycle_bin, artefact(CORPUS / name))
    assert found.problems == []
    (row,) = found.table("windows_recycle_bin")
    assert row["bin_format"] == f"i_{expected['version']}"
    assert row["original_path"] == expected["original_path"]
    assert row["original_bytes"] == expected["original_size"]
    assert row["deleted_at"] == datetime.fromisoformat(expected["deleted"])
    assert row["recycled_name"] == name.rsplit("/", 1)[-1].replace("$I", "$R")


@pytest.mark.parametrize("name", sorted(EXPECTED["recyclebin-INFO2"]))
def test_the_entries_of_an_info2_are_as_expected(name: str) -> None:
    found = run(recycle_bin, artefact(CORPUS / name))
    assert found.problems == []
    told = [
        (one["bin_entry_number"], one["original_path"], one["original_bytes"], one["deleted_at"])
        for one in found.table("windows_recycle_bin")
    ]
    assert told == [
        (one["index"], one["path"], one["size"], datetime.fromisoformat(one["deleted"]))
        for one in EXPECTED["recyclebin-INFO2"][name]["records"]
    ]
