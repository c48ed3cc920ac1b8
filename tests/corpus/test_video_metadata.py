"""Real recordings: what exiftool reads of times, length, size and place is what the row says."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from parsers.documents.video_metadata import video_metadata
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus
from tests.corpus.test_pictures import degrees

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "media.json"
FILES = json.loads(FILE.read_text(encoding="utf-8"))["files"] if FILE.is_file() else {}
EXPECTED = {
    name: one["exiftool"]
    for name, one in FILES.items()
    if one["kind"] == "video" and one["exiftool"]["File:FileType"] in ("MP4", "MOV")
}


def instant(told: str) -> datetime | None:
    if told.startswith("0000"):
        return None
    return datetime.strptime(told, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_recording_is_what_exiftool_reads(name: str) -> None:
    said = EXPECTED[name]
    found = run(video_metadata, artefact(CORPUS / name))
    (row,) = found.table("video")
    assert found.problems == []
    assert row["media_type"] == said["File:MIMEType"]
    assert row["media_created_at"] == instant(said["QuickTime:CreateDate"])
    assert row["media_modified_at"] == instant(said["QuickTime:ModifyDate"])
    assert row["duration_seconds"] == pytest.approx(float(said["QuickTime:Duration"].split()[0]), abs=0.01)
    assert len(row["track_kinds"]) == len({key.split(":")[0] for key in said if key.startswith("Track")})
    assert (row.get("pixel_width"), row.get("pixel_height")) == (
        said.get("Track1:ImageWidth"),
        said.get("Track1:ImageHeight"),
    )
    for column, tag in (("latitude_degrees", "Latitude"), ("longitude_degrees", "Longitude")):
        expected = degrees(said.get(f"Composite:GPS{tag}"))
        assert row.get(column) == (None if expected is None else pytest.approx(expected, abs=1e-5))
