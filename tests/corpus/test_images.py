"""Real images against the listings that other tools made of them.

Three differences are expected, and only these: TSK's own virtual folder `/$OrphanFiles` on NTFS, which libfsntfs
does not have; entries given here and not there (alternate data streams, MFT records without a name, what lies
in `/$OrphanFiles`, which the listings did not enter); and the root folder, which is an entry here.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import EvidenceError
from pipeline.evidence import acquisition, entries, source, volumes
from pipeline.evidence.entry import Address, Entry
from tests.corpus import CORPUS, needs_corpus
from tests.whole_case import ask, run_case

pytestmark = [needs_corpus, pytest.mark.corpus]
INDEX = CORPUS / "expected" / "images_index.json"
IMAGES: dict[str, Any] = json.loads(INDEX.read_text(encoding="utf-8"))["images"] if INDEX.is_file() else {}
LISTED = sorted(name for name, one in IMAGES.items() if one.get("listing_json"))
NAMES = {
    "NTFS": "ntfs", "FAT12": "fat12", "FAT16": "fat16", "FAT32": "fat32", "exFAT": "exfat", "ext2": "ext",
    "HFS+": "hfsplus", "APFS": "apfs",
}  # fmt: skip


def unpacked(name: str, folder: Path) -> Path:
    """The image itself, unpacked where it is stored compressed."""
    path = CORPUS / name
    if name.endswith(".raw.gz"):
        found = folder / path.name.removesuffix(".gz")
        with gzip.open(path) as packed, found.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        return found
    if name.endswith(".tgz"):
        found = folder / "unpacked.raw"
        with tarfile.open(path) as archive, found.open("wb") as plain:
            member = archive.extractfile(next(one for one in archive if one.isreg()))
            assert member is not None
            shutil.copyfileobj(member, plain)
        return found
    if name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            return Path(archive.extract(archive.namelist()[0], folder))
    return path


def expected_volumes(name: str) -> dict[int, dict[str, Any]]:
    listing = json.loads((CORPUS / "expected" / IMAGES[name]["listing_json"]).read_text(encoding="utf-8"))
    return {one["offset"]: one for one in listing["volumes"]}


@pytest.mark.parametrize("name", LISTED)
def test_an_image_gives_what_other_tools_list(tmp_path, name):
    found = source.identify(unpacked(name, tmp_path))
    hashed = source.hash_source(found, lambda _: None)
    assert found.size_bytes == IMAGES[name]["media_size"]
    assert hashed.media.sha256 == IMAGES[name]["media_sha256"]
    assert hashed.is_complete
    expected = expected_volumes(name)
    told = [
        one
        for one in volumes.volumes(found)
        if isinstance(one, volumes.Volume) and one.snapshot_number is None
    ]
    readable = {at: NAMES[one["fs"]] for at, one in expected.items() if one.get("fs")}
    assert {one.offset_bytes: one.file_system for one in told} == readable
    for volume in told:
        check_volume(found, volume, expected[volume.offset_bytes]["listing"])


def check_volume(found: source.Source, volume: volumes.Volume, listing: list[dict[str, Any]]) -> None:
    walked = [one for one in entries.walk(found, volume) if isinstance(one, Entry)]
    given = {(one.path, one.is_allocated): one for one in walked}
    virtual = {"/$OrphanFiles"} if volume.file_system == "ntfs" else set()
    wanted = {(one["path"], one["name_flag"] == "allocated") for one in listing if one["path"] not in virtual}
    assert wanted - set(given) == set()
    own = {path for path, _ in set(given) - wanted}
    assert [
        path for path in own if path != "/" and ":" not in path and not path.startswith("/$OrphanFiles/")
    ] == []
    with entries.Door(found.path) as door:
        for one in listing:
            if one["path"] in virtual:
                continue
            entry = given[one["path"], one["name_flag"] == "allocated"]
            if entry.kind == "file" and one.get("type") == "file":
                assert entry.size_bytes == one["size"], entry.path
            if "sha256" in one:
                assert digest_of(door, volume, entry) == one["sha256"], entry.path


def digest_of(door: entries.Door, volume: volumes.Volume, entry: Entry) -> str:
    address = Address(
        file_system=volume.file_system,
        path_spec=volume.path_spec,
        path=entry.path,
        file_reference=entry.file_reference,
        stream_name=entry.stream_name,
    )
    with door.open(address) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@pytest.mark.parametrize("name", sorted(one for one in LISTED if one.endswith(".E01")))
def test_every_digest_stored_in_an_e01_matches(name):
    found = source.identify(CORPUS / name)
    stated = [one for one in acquisition.stated_digests(found, {}) if one.origin == found.path.name]
    compared = acquisition.compare(found, stated, source.hash_source(found, lambda _: None))
    assert stated
    assert {one.result for one in compared} == {"match"}


def test_a_later_segment_is_refused_and_a_differential_image_needs_its_parent(tmp_path):
    for name in ("ext2.split.E02", "ext2.splitraw.001"):
        with pytest.raises(EvidenceError, match="name the first segment"):
            source.identify(CORPUS / "dfvfs" / "test_data" / name)
    shutil.copy(CORPUS / "dfvfs" / "test_data" / "image-differential.vhd", tmp_path)
    with pytest.raises(EvidenceError, match=r"expected image\.vhd beside image-differential\.vhd"):
        source.identify(tmp_path / "image-differential.vhd")


def test_deleted_orphans_of_fat_can_be_read(tmp_path):
    found = source.identify(unpacked("dfir_ntfs/test_data/fat_deleted_dir_2.raw.gz", tmp_path))
    [volume] = [one for one in volumes.volumes(found) if isinstance(one, volumes.Volume)]
    orphans = [
        one
        for one in entries.walk(found, volume)
        if isinstance(one, Entry) and one.path.startswith("/$OrphanFiles/")
    ]
    assert len(orphans) == 188
    assert {(one.kind, one.is_allocated) for one in orphans} == {("file", False)}


def test_shadow_copies_are_volumes_of_their_own(tmp_path):
    name = "plaso/test_data/vsstest.qcow2"
    found = source.identify(CORPUS / name)
    copies = [
        one for one in volumes.volumes(found) if isinstance(one, volumes.Volume) and one.snapshot_number
    ]
    expected = IMAGES[name]["vss_stores"]
    assert [(one.snapshot_number, one.snapshot_at) for one in copies] == [
        (one["store"], datetime.fromisoformat(one["creation_time"]).replace(tzinfo=UTC)) for one in expected
    ]
    for copy, known in zip(copies, expected, strict=True):
        walked = [one for one in entries.walk(found, copy) if isinstance(one, Entry)]
        files = [one for one in walked if one.kind == "file" and one.is_allocated]
        assert len(files) == known["files_allocated"]
    with entries.Door(found.path) as door:
        texts = {
            one.path: digest_of(door, copies[0], one) for one in walked if one.path.startswith("/syslog")
        }
    assert texts


def test_of_a_shadow_copy_only_what_differs_is_listed(tmp_path):
    root = tmp_path / "case"
    (root / "evidence").mkdir(parents=True)
    shutil.copy(CORPUS / "plaso" / "test_data" / "vsstest.qcow2", root / "evidence")
    run_case(root, until="ingest")
    told = ask(
        root,
        "SELECT v.snapshot_number, count(*) FILTER (NOT starts_with(f.name, '$')) FROM volume v JOIN file_entry f "
        "USING (evidence_id, volume_id) WHERE f.kind = 'file' GROUP BY 1 ORDER BY 1 NULLS FIRST",
    )
    assert told[0][0] is None
    assert sum(count for number, count in told if number is not None) < 2 * told[0][1]
