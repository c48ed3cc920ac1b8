"""Metadata of recordings, from bytes."""

from __future__ import annotations

import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fixtures.builders import videos as builder
from fixtures.builders.videos import FOLDER, box, header, named, said, track
from parsers.contract import ProblemKind
from parsers.documents.video_metadata import video_metadata
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

AT = datetime(2026, 9, 20, 4, 5, 9, tzinfo=UTC)
QT = box(b"ftyp", b"qt  ", bytes(4))


def fixture(name: str) -> Yielded:
    one = builder.scenarios()["video_metadata"][name]
    return run(video_metadata, artefact(FOLDER / "video_metadata" / name / one.artefact, one.path))


def row(found: Yielded) -> dict[str, Any]:
    (one,) = found.table("video")
    return one


def test_a_recording_of_a_telephone_has_time_place_device_and_people() -> None:
    found = fixture("phone")
    assert found.problems == []
    one = row(found)
    assert (one["media_type"], one["track_kinds"]) == ("video/quicktime", ["vide", "soun", "meta"])
    assert (one["recorded_at"], one["recorded_local"]) == (AT, datetime.fromisoformat("2026-09-20T13:05:09"))
    assert (one["media_created_at"], one["media_modified_at"]) == (AT, AT + timedelta(minutes=1))
    assert (one["duration_seconds"], one["pixel_width"], one["pixel_height"]) == (12.55, 1920, 1080)
    assert (one["camera"], one["software"]) == ("Mihon Phone 7", "26.0.1")
    assert (one["latitude_degrees"], one["longitude_degrees"]) == (35.6751, 139.7501)
    assert (one["altitude_metres"], one["media_title"], one["artist"]) == (40.4, "展示会", "見本 花子")


def test_user_data_and_numbers_of_64_bits() -> None:
    one = row(fixture("android"))
    assert (one["media_type"], one["camera"], one["media_comment"]) == ("video/3gpp", "Mihon M-1", "名札")
    assert one["media_created_at"] == AT
    assert (one["media_modified_at"], one.get("duration_seconds")) == (None, None)
    assert one["latitude_degrees"] == pytest.approx(-33.508333, abs=1e-6)
    assert (one["longitude_degrees"], one["altitude_metres"]) == (-70.25, None)
    # A year alone is no time.
    assert one.get("recorded_local") is None


def test_a_sound_recording_without_a_time() -> None:
    one = row(fixture("song"))
    assert (one["media_type"], one["track_kinds"], one["duration_seconds"]) == ("audio/mp4", ["soun"], 2.0)
    assert (one["media_created_at"], one["media_modified_at"]) == (None, None)
    assert (one["media_title"], one["artist"], one["software"]) == ("会議 録音", "見本 太郎", "Lavf60")


def test_values_that_are_none_are_null_and_told() -> None:
    found = fixture("odd")
    assert row(found)["media_modified_at"] == AT
    assert row(found).get("media_created_at") is None
    assert {(one.kind, one.column) for one in found.problems} == {
        (ProblemKind.DAMAGED, column)
        for column in (None, "media_created_at", "duration_seconds", "latitude_degrees", "recorded_local")
    }
    assert [status for _, _, status, _ in found.rows] == ["partial"]


def test_a_recording_that_was_broken_off_is_told() -> None:
    assert ProblemKind.TRUNCATED in [one.kind for one in fixture("broken-off").problems]


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ("+00.5-000.25/", (0.5, -0.25)),
        ("-334015.5+1390000/", (-33 - 40 / 60 - 15.5 / 3600, 139.0)),
        ("+35+139+10CRSWGS_84/", (35.0, 139.0)),
        ("north", None),
        ("+95+139/", None),
        ("+35123+139/", None),
    ],
)
def test_a_place_of_iso_6709(tmp_path: Path, told: str, place: tuple[float, float] | None) -> None:
    content = QT + box(b"moov", header(1, 1, 1, 1), named({"com.apple.quicktime.location.ISO6709": told}))
    found = run(video_metadata, from_bytes(content, tmp_path))
    if place is None:
        assert [one.column for one in found.problems] == ["latitude_degrees"]
        assert row(found).get("latitude_degrees") is None
    else:
        assert (row(found)["latitude_degrees"], row(found)["longitude_degrees"]) == pytest.approx(place)


def test_a_time_without_offset_is_no_instant_and_one_of_utc_no_wall_clock(tmp_path: Path) -> None:
    for told, at, clock in (
        ("2026-09-20T13:05:09", None, datetime.fromisoformat("2026-09-20T13:05:09")),
        ("2026-09-20T04:05:09Z", AT, None),
    ):
        data = box(b"udta", said(b"day", told.encode()))
        one = row(run(video_metadata, from_bytes(QT + box(b"moov", header(1, 1, 1, 1), data), tmp_path)))
        assert (one["recorded_at"], one["recorded_local"]) == (at, clock)


def test_which_files_are_recordings() -> None:
    chosen = {
        path: bool(select((video_metadata,), path, head).chosen)
        for path, head in {
            "/a.bin": QT, "/a.heic": box(b"ftyp", b"heic", bytes(4)), "/a.cr3": box(b"ftyp", b"crx ", bytes(4)),
            "/old.mov": box(b"moov"), "/old.bin": box(b"moov"), "/a.mov": b"text text text",
        }.items()
    }  # fmt: skip
    assert [path for path, is_chosen in chosen.items() if is_chosen] == ["/a.bin", "/old.mov"]
    assert not select((video_metadata,), "/a.mov", b"text text text").refused


def test_boxes_without_end_are_bounded_and_told(tmp_path: Path) -> None:
    content = QT + box(b"moov", header(1, 1, 1, 1), track(b"vide", 4, 4), box(b"free") * 100_000)
    start = time.monotonic()
    found = run(video_metadata, from_bytes(content, tmp_path))
    assert time.monotonic() - start < 20
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]
    assert row(found)["pixel_width"] == 4


def test_a_box_of_size_zero_reaches_to_the_end_and_a_large_one_is_cut(tmp_path: Path) -> None:
    inner = header(1, 1, 2, 3)
    found = run(video_metadata, from_bytes(QT + struct.pack(">I4s", 0, b"moov") + inner, tmp_path))
    assert (row(found)["duration_seconds"], found.problems) == (1.5, [])
    large = QT + struct.pack(">I4sQ", 1, b"moov", (1 << 64) - 1) + inner
    found = run(video_metadata, from_bytes(large, tmp_path))
    assert (row(found)["duration_seconds"], [one.kind for one in found.problems]) == (
        1.5,
        [ProblemKind.DAMAGED],
    )


def test_damaged_recordings_give_one_row(tmp_path: Path) -> None:
    content = builder.phone()
    for damaged in [*cuts(content), *mutants([content, builder.android(), builder.odd()], 11, 300)]:
        assert len(run(video_metadata, from_bytes(damaged, tmp_path)).table("video")) == 1
