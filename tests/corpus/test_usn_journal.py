"""A real change journal: every record as fsutil of Windows lists it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from parsers.windows.usn_journal import usn_journal
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

NAME = "dfir_ntfs/test_data/usnjrnlj.bin"
FILE = CORPUS / "expected" / "windows_artifacts.json"
# fsutil shows local time; the machine of this journal stood at UTC.


def listed(path: Path) -> Iterator[dict[str, str]]:
    """The records of a listing by fsutil, by its own labels."""
    for block in path.read_text(encoding="utf-8").split("Usn   ")[1:]:
        yield dict(re.findall(r"^(.+?) +: (.*?)\s*$", f"Usn   {block}", re.MULTILINE))


def number(text: str) -> int:
    return int(text.partition(":")[0], 16)


def test_every_record_is_the_one_fsutil_lists() -> None:
    expected = json.loads(FILE.read_text(encoding="utf-8"))["usnjrnl"][NAME]
    found = run(usn_journal, artefact(CORPUS / NAME, "/$Extend/$UsnJrnl:$J"))
    assert found.problems == []
    rows = found.table("windows_usn_journal")
    assert len(rows) == expected["records"]
    assert Counter(str(one["record_version"]) for one in rows) == expected["versions"]
    assert len({one["file_name"] for one in rows} - {None}) == expected["distinct_names"]
    by_usn = {one["usn"]: one for one in rows}
    compared = 0
    for one in listed(CORPUS / "dfir_ntfs/test_data/usnjrnlj.fsutil.txt"):
        row = by_usn[int(one["Usn"])]
        assert row["file_reference"] + (row["sequence"] << 48) == int(one["File ID"], 16)
        assert row["parent_reference"] + (row["parent_sequence"] << 48) == int(one["Parent file ID"], 16)
        assert row["reason_flags"] == number(one["Reason"])
        named = one["Reason"].partition(": ")[2].lower().replace(":", "").replace(" ", "_").split("_|_")
        assert row["reasons"] == named
        if one["Major version"] == "4":
            assert row["changed_ranges"] == ["0+2228224"]
        else:
            at = datetime.strptime(one["Time stamp"], "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)
            assert row["recorded_at"].replace(microsecond=0) == at
            assert row["file_name"] == one["File name"]
            assert row["attributes_flags"] == number(one["File attributes"])
            assert row["security_id"] == int(one["Security ID"])
        compared += 1
    assert compared == 268


def test_where_the_stream_begins_does_not_matter(tmp_path: Path) -> None:
    content = (CORPUS / NAME).read_bytes()
    whole = run(usn_journal, artefact(CORPUS / NAME)).table("windows_usn_journal")
    sparse = tmp_path / "J"
    sparse.write_bytes(bytes(3 << 20) + content[8192:])
    late = run(usn_journal, artefact(sparse))
    assert late.table("windows_usn_journal") == [one for one in whole if one["usn"] >= 8192]
    assert late.problems == []
