"""Thumbnail caches from bytes: which small pictures, by identifier, size and digest."""

from __future__ import annotations

import hashlib
import random
import struct
from pathlib import Path

import pytest

from fixtures.builders import thumbcache as builder
from parsers.contract import ProblemKind
from parsers.windows.thumbcache import thumbcache
from tests.artefacts import FileArtefact, artefact, from_bytes, run

FOLDER = builder.FOLDER / "thumbcache"
PATH = "/Users/eigyo/AppData/Local/Microsoft/Windows/Explorer/thumbcache_256.db"


def test_an_entry_has_identifier_format_size_and_digest() -> None:
    found = run(thumbcache, artefact(FOLDER / "windows-10" / "thumbcache_256.db", PATH))
    assert found.problems == []
    rows = found.table("windows_thumbnail")
    assert rows[0] == {
        "profile_name": "eigyo",
        "cache_kind": "256",
        "thumbnail_cache_id": "ffeeddccbbaa9988",
        "image_name": "ffeeddccbbaa9988",
        "image_format": "jpeg",
        "image_bytes": 64,
        "image_width": 256,
        "image_height": 144,
        "image_sha256": hashlib.sha256(b"\xff\xd8\xff\xe0" + bytes(60)).hexdigest(),
    }
    assert [one.get("image_format") for one in rows] == ["jpeg", None, "png", "unknown"]
    assert [locator for _, locator, _, _ in found.rows][0] == "24"


@pytest.mark.parametrize("version", [builder.VISTA, builder.SEVEN, builder.TEN])
def test_every_layout_gives_the_same_pictures(version: int, tmp_path: Path) -> None:
    found = run(thumbcache, from_bytes(builder.build(builder.pictures(), version=version), tmp_path))
    assert found.problems == []
    assert [(one["thumbnail_cache_id"], one["image_bytes"]) for one in found.table("windows_thumbnail")] == [
        (f"{one.identifier:016x}", len(one.content)) for one in builder.pictures()
    ]


def test_a_lost_entry_is_told_and_the_next_is_found() -> None:
    found = run(thumbcache, artefact(FOLDER / "lost-entry" / "thumbcache_256.db", PATH))
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]
    assert [status for _, _, status, _ in found.rows] == ["ok", "ok", "recovered"]


def test_a_cut_cache_is_told_and_the_digest_of_a_cut_picture_is_left_out(tmp_path: Path) -> None:
    found = run(thumbcache, artefact(FOLDER / "windows-7-broken" / "thumbcache_96.db", PATH))
    assert {one.kind for one in found.problems} == {ProblemKind.TRUNCATED}
    content = builder.build(builder.pictures()[:1])
    row = run(thumbcache, from_bytes(content[:-10], tmp_path)).table("windows_thumbnail")[0]
    assert (row["image_format"], row["image_sha256"], row["image_bytes"]) == ("jpeg", None, 64)


def test_other_files_and_versions_are_told(tmp_path: Path) -> None:
    kinds = [
        run(thumbcache, from_bytes(content, tmp_path)).problems[0].kind
        for content in (b"", b"IMMM" + bytes(40), b"CMMM", struct.pack("<4sII", b"CMMM", 0x99, 0) + bytes(20))
    ]
    assert kinds == [
        ProblemKind.UNRECOGNISED,
        ProblemKind.UNRECOGNISED,
        ProblemKind.TRUNCATED,
        ProblemKind.UNSUPPORTED,
    ]


def test_cuts_and_changed_bytes_never_raise_and_end(tmp_path: Path) -> None:
    content = builder.build(builder.pictures() * 20)
    given: FileArtefact
    for size in range(0, len(content), 97):
        given = from_bytes(content[:size], tmp_path)
        assert run(thumbcache, given).problems
    for seed in range(200):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 5, 50))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        assert len(run(thumbcache, from_bytes(bytes(changed), tmp_path)).rows) <= 80
