"""Real pictures: what exiftool reads of time, camera and place is what the row says."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest

from parsers.documents.pictures import pictures
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "media.json"
FILES = json.loads(FILE.read_text(encoding="utf-8"))["files"] if FILE.is_file() else {}
EXPECTED = {name: one for name, one in FILES.items() if one["kind"] == "exif-image"}
# exifread stops at a box it does not know; the row says so.
UNREAD = "testHEIF.heic"


def clock(told: str | None) -> datetime | None:
    return datetime.strptime(told[:19], "%Y:%m:%d %H:%M:%S") if told and told.strip(" :0") else None  # noqa: DTZ007


def degrees(told: str | None) -> float | None:
    found = re.fullmatch(r"(\d+) deg (\d+)' ([\d.]+)\" ([NSEW])", told or "")
    if found is None:
        return None
    value = int(found[1]) + int(found[2]) / 60 + float(found[3]) / 3600
    return -value if found[4] in "SW" else value


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_picture_is_what_exiftool_reads(name: str) -> None:
    said = EXPECTED[name]["exiftool"]
    found = run(pictures, artefact(CORPUS / name))
    (row,) = found.table("picture")
    if name.endswith(UNREAD):
        assert [one.kind for one in found.problems] == ["damaged"]
        return
    assert row["media_type"] == (
        "image/heic" if said["File:FileType"] in ("HEIC", "HEIF") else said["File:MIMEType"]
    )
    taken = said.get("ExifIFD:DateTimeOriginal") or said.get("SubIFD:DateTimeOriginal")
    assert row["taken_local"] == clock(taken)
    assert row["modified_local"] == clock(said.get("IFD0:ModifyDate"))
    make, model = ((said.get(f"IFD0:{one}") or "").strip() for one in ("Make", "Model"))
    assert (row["camera"] or "") == (
        model if model.casefold().startswith(make.casefold()) else f"{make} {model}".strip()
    )
    for column, tag in (("latitude_degrees", "Latitude"), ("longitude_degrees", "Longitude")):
        expected = degrees(said.get(f"Composite:GPS{tag}"))
        if expected is not None and not any(one.column == column for one in found.problems):
            assert row[column] == pytest.approx(expected, abs=1e-5)
