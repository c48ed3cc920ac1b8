"""Metadata of pictures, from bytes."""

from __future__ import annotations

import random
import struct
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fixtures.builders import pictures as builder
from fixtures.builders.pictures import FOLDER
from parsers.contract import ProblemKind
from parsers.documents.pictures import pictures
from pipeline.extract.unread import is_icon, unread_document
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import in_child


def fixture(name: str) -> Yielded:
    one = builder.scenarios()["pictures"][name]
    return run(pictures, artefact(FOLDER / "pictures" / name / one.artefact, one.path))


def clock(told: str) -> datetime:
    """A time of no zone."""
    return datetime.fromisoformat(told)


def row(found: Yielded) -> dict[str, Any]:
    (one,) = found.table("picture")
    return one


def test_a_photograph_has_time_place_camera_and_people() -> None:
    found = fixture("phone")
    assert found.problems == []
    one = row(found)
    assert (one["taken_local"], one["offset_minutes"]) == (clock("2026-09-20T13:05:09"), 540)
    assert one["taken_at"] == datetime(2026, 9, 20, 4, 5, 9, tzinfo=UTC)
    assert (one["digitised_local"].second, one["modified_local"]) == (10, clock("2026-09-21T08:00:00"))
    # The make is not written twice.
    assert (one["camera"], one["camera_serial"], one["lens"]) == (
        "Mihon Phone 7",
        "MP7-000123",
        "Mihon 26mm f/1.8",
    )
    assert one["latitude_degrees"] == pytest.approx(35.6750333, abs=1e-6)
    assert (one["longitude_degrees"], one["altitude_metres"]) == (139.75, 40.4)
    assert one["gps_at"] == datetime(2026, 9, 20, 4, 5, 9, 500000, tzinfo=UTC)
    assert (one["artist"], one["owner_name"], one["copyright_notice"]) == (
        "見本 花子",
        "見本 太郎",
        "(c) 見本",
    )
    assert (one["image_description"], one["user_comment"]) == ("展示会 名札", "会場にて")
    assert (one["pixel_width"], one["pixel_height"], one["orientation"]) == (4032, 3024, 6)
    assert (one["media_type"], one["software"], one["has_thumbnail"]) == ("image/jpeg", "7.1.2", False)


def test_without_an_offset_the_clock_stays_the_camera_s() -> None:
    one = row(fixture("no-offset"))
    assert (one["media_type"], one["taken_local"], one["taken_at"]) == (
        "image/png",
        clock("2026-09-20T13:05:09"),
        None,
    )


def test_a_picture_without_metadata_is_a_row() -> None:
    found = fixture("nothing")
    assert (row(found)["media_type"], row(found)["camera"], found.problems) == ("image/jpeg", None, [])


def test_values_that_are_none_are_told() -> None:
    found = fixture("wrong-values")
    one = row(found)
    assert (one["taken_local"], one["digitised_local"], one["latitude_degrees"]) == (None, None, None)
    assert (one["longitude_degrees"], one["altitude_metres"]) == (-70.5, -12.0)
    assert [(each.kind, each.column) for each in found.problems] == [
        (ProblemKind.DAMAGED, "taken_local"),
        (ProblemKind.DAMAGED, "latitude_degrees"),
        (ProblemKind.DAMAGED, "gps_at"),
    ]
    assert found.rows[0][2] == "partial"


@pytest.mark.parametrize(
    ("code", "content", "told"),
    [
        (b"ASCII\0\0\0", b"hall 3", "hall 3"),
        (b"ASCII\0\0\0", "会場".encode("cp932"), "会場"),
        (b"JIS\0\0\0\0\0", "会場".encode("iso-2022-jp"), "会場"),
        (b"UNICODE\0", "会場".encode("utf-16-le"), "会場"),
        (bytes(8), "会場".encode(), "会場"),
        (bytes(8), b" " * 20, None),
    ],
)
def test_comments_in_the_codes_cameras_use(
    code: bytes, content: bytes, told: str | None, tmp_path: Path
) -> None:
    metadata = builder.tiff({}, {0x9286: code + content}, {})
    found = run(pictures, from_bytes(builder.jpeg(metadata), tmp_path, "a.jpg"))
    assert (row(found)["user_comment"], found.problems) == (told, [])


def test_a_comment_too_long_to_be_read_is_told(tmp_path: Path) -> None:
    metadata = builder.tiff({}, {0x9286: b"ASCII\0\0\0" + b"a" * 1000}, {})
    found = run(pictures, from_bytes(builder.jpeg(metadata), tmp_path, "a.jpg"))
    assert row(found)["user_comment"] is None
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "user_comment")]


def test_counts_beyond_the_file_cost_nothing() -> None:
    in_child("tests.test_pictures", "hostile()")


def hostile() -> None:
    """A note of the maker that says it has 4 GiB, in front of a comment; a description as long, in a file of 48 MiB."""
    with tempfile.TemporaryDirectory() as folder:
        exif = struct.pack("<H", 1) + struct.pack("<HHII", 0x927C, 7, 0xFFFFFFFF, 100) + bytes(4)
        first = struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x8769, 4, 1, 26) + bytes(4)
        found = run(pictures, from_bytes(b"II*\0" + first + exif, Path(folder)))
        assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]
        long = struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x010E, 2, 0xFFFFFFFF, 26) + bytes(4)
        found = run(pictures, from_bytes(b"II*\0" + long + b"a" * (48 << 20), Path(folder)))
        assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_what_a_picture_shows_was_not_looked_at() -> None:
    """Its metadata is read and its content is not: a scan on a lost medium keeps the count open."""
    assert pictures.is_metadata_only
    scan = builder.jpeg(builder.camera(), (1240, 1754))
    for head in (scan, b"II*\0" + bytes(40), b"RIFF\x24\0\0\0WEBPVP8 ", b"\0\0\0\x18ftypheic\0\0\0\0"):
        assert "scan" in (unread_document("/a", head[:4096]) or "")
    # Where the size stands behind what is looked at, it is not taken for small.
    assert "scan" in (unread_document("/a", builder.jpeg(builder.camera())[:200]) or "")


@pytest.mark.parametrize(
    ("size", "told"), [((32, 32), True), ((33, 8), False), ((8, 33), False), ((0, 0), False)]
)
def test_icons_show_no_text(size: tuple[int, int], told: bool) -> None:
    assert is_icon(builder.jpeg(None, size)) is told
    assert (unread_document("/a.jpg", builder.jpeg(None, size)) is None) is told
    assert is_icon(builder.png(None))


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    content = builder.jpeg(builder.camera())
    for size in range(20, len(content), 7):
        assert len(run(pictures, from_bytes(content[:size], tmp_path, "a.jpg")).rows) == 1
    for seed in range(400):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 10, 60))):
            changed[chance.randrange(3, len(changed))] = chance.randrange(256)
        assert len(run(pictures, from_bytes(bytes(changed), tmp_path, "a.jpg")).rows) == 1


_FACES = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description><mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionInfo/>
<mwg-rs:RegionList><rdf:Bag><rdf:li><rdf:Description mwg-rs:Name="見本 花子 &amp; 犬" mwg-rs:Type="Face"/></rdf:li>
<rdf:li rdf:parseType="Resource"><mwg-rs:Type>Face</mwg-rs:Type><mwg-rs:Name>見本 太郎</mwg-rs:Name></rdf:li>
<rdf:li><rdf:Description mwg-rs:Type="Face"/></rdf:li>
<rdf:li><rdf:Description mwg-rs:Name="Rex" mwg-rs:Type="Pet"/></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"""
_PEOPLE = """<x:xmpmeta><MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag><rdf:li MPReg:Rectangle="0.1, 0.1, 0.2, 0.2"
MPReg:PersonDisplayName='見本 次郎'/></rdf:Bag></MPRI:Regions></MP:RegionInfo></x:xmpmeta>"""


@pytest.mark.parametrize(
    ("packet", "count", "names"),
    [
        (_FACES, 3, ["見本 花子 & 犬", "見本 太郎"]),
        (_PEOPLE, 1, ["見本 次郎"]),
        (_FACES.replace("Face", "Pet"), 0, None),
        ("<x:xmpmeta><rdf:li mwg-rs:Type='Face'/></x:xmpmeta>", None, None),
        (_FACES.removesuffix("</x:xmpmeta>"), None, None),
        ("", None, None),
    ],
)
def test_faces_that_the_metadata_marks_are_counted_with_their_names(
    tmp_path: Path, packet: str, count: int | None, names: list[str] | None
) -> None:
    told = packet.encode()
    content = builder.jpeg(None)
    body = b"http://ns.adobe.com/xap/1.0/\0" + told
    marked = content[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + content[2:]
    one = row(run(pictures, from_bytes(marked, tmp_path, "photo.jpg")))
    assert (one["face_count"], one["face_names"]) == (count, names)


def test_a_packet_of_regions_without_end_costs_nothing_and_counts_once(tmp_path: Path) -> None:
    region = b'<rdf:li mwg-rs:Type="Face" mwg-rs:Name="' + b"x" * 900 + b'"/>'
    content = builder.jpeg(None) + b"<x:xmpmeta><mwg-rs:RegionInfo>" + region * 1_000 + b"</x:xmpmeta>"
    one = row(run(pictures, from_bytes(content, tmp_path, "photo.jpg")))
    assert (one["face_count"], len(one["face_names"])) == (1_000, 1_000)
    huge = content.replace(region, region + b" " * 200)
    assert row(run(pictures, from_bytes(huge, tmp_path, "photo.jpg")))["face_count"] is None
