"""What a source is, its segments, its digests, and what its acquisition states."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import EvidenceError
from pipeline.evidence import acquisition, source, volumes
from pipeline.evidence.acquisition import Comparison

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "evidence"
E01 = FIXTURES / "e01" / "sample.E01"


def image(kind: str, path: Path) -> Path:
    path.write_bytes(lzma.decompress((FIXTURES / kind / "image.xz").read_bytes()))
    return path


def hashed(path: Path) -> tuple[source.Source, source.Hashed]:
    found = source.identify(path)
    return found, source.hash_source(found, lambda _: None)


def compared(path: Path, by_case: dict[str, str] | None = None) -> tuple[Comparison, ...]:
    found, digests = hashed(path)
    return acquisition.compare(found, acquisition.stated_digests(found, by_case or {}), digests)


def results(path: Path) -> list[tuple[str, str]]:
    return [(one.stated.algorithm, one.result) for one in compared(path)]


def digest_of(content: bytes) -> dict[str, str]:
    return {name: hashlib.new(name, content).hexdigest() for name in ("md5", "sha1", "sha256")}


@pytest.mark.parametrize("kind", ["ext", "fat", "ntfs", "xfs", "iso"])
def test_an_image_is_told_by_its_bytes_whatever_its_name(tmp_path, kind):
    found = source.identify(image(kind, tmp_path / "報告.docx"))
    assert (found.format, len(found.segments)) == ("raw", 1)
    assert found.size_bytes == found.path.stat().st_size


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.E01", b"From: a@example.jp\n\nhello", "file"),
        ("b.dd", b"\0" * 4096, "file"),
        ("c.raw", b"PK\x03\x04 but no zip", "file"),
        ("d.gz", gzip.compress(b"one log line\n", mtime=0), "file"),
        ("e.gz", b"\x1f\x8b\x08\0 broken", "file"),
    ],
)
def test_bytes_that_are_no_container_are_a_single_file(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    assert source.identify(tmp_path / name).format == expected


def test_a_workbook_is_a_file_and_a_zip_of_logs_is_an_archive(tmp_path):
    for name, member in (("book.bin", "[Content_Types].xml"), ("logs.bin", "a.log")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(member, "x")
    assert source.identify(tmp_path / "book.bin").format == "file"
    assert source.identify(tmp_path / "logs.bin").format == "zip"


def test_a_compressed_tar_is_an_archive(tmp_path):
    with tarfile.open(tmp_path / "x", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a"), io.BytesIO())
    assert source.identify(tmp_path / "x").format == "tar"


def test_what_is_missing_empty_or_no_file_is_an_error_that_says_so(tmp_path):
    (tmp_path / "empty.E01").touch()
    (tmp_path / "link.dd").symlink_to("nowhere/at/all")
    os.mkfifo(tmp_path / "pipe")
    for name, words in (
        ("absent.E01", "No such file"),
        ("empty.E01", "is empty"),
        ("link.dd", "is a link to nowhere/at/all"),
        ("pipe", "neither a file nor a folder"),
        ("nul\0.E01", "no path"),
    ):
        with pytest.raises(EvidenceError, match=words):
            source.identify(tmp_path / name)


@pytest.mark.parametrize("endings", [("000", "001", "002"), ("001", "002", "003"), ("aa", "ab", "ac")])
def test_a_split_image_gives_the_medium_s_digest_and_each_file_s(tmp_path, endings):
    content = lzma.decompress((FIXTURES / "ext" / "image.xz").read_bytes())
    cuts = (content[:1_000_000], content[1_000_000:1_000_001], content[1_000_001:])
    for ending, part in zip(endings, cuts, strict=True):
        (tmp_path / f"case7.{ending}").write_bytes(part)
    found, digests = hashed(tmp_path / f"case7.{endings[0]}")
    assert [one.name for one in found.segments] == [f"case7.{one}" for one in endings]
    assert digests.media.named() == digest_of(content)
    assert [one.sha256 for one in digests.files] == [hashlib.sha256(one).hexdigest() for one in cuts]
    [volume] = volumes.volumes(found)
    assert isinstance(volume, volumes.Volume)
    assert volume.size_bytes == len(content)


def test_a_missing_middle_segment_is_named(tmp_path):
    content = lzma.decompress((FIXTURES / "ext" / "image.xz").read_bytes())
    for ending, part in (("001", content[:1_000_000]), ("003", content[1_000_000:])):
        (tmp_path / f"case7.{ending}").write_bytes(part)
    with pytest.raises(EvidenceError, match=r"segment 2 of 3 .* expected case7\.002 beside case7\.001"):
        source.identify(tmp_path / "case7.001")
    with pytest.raises(EvidenceError, match=r"later segment of case7\.001"):
        source.identify(tmp_path / "case7.003")


def test_missing_e01_segments_are_named(tmp_path):
    content = E01.read_bytes()
    follows = content[:-76] + b"next".ljust(16, b"\0") + content[-60:]
    (tmp_path / "case7.E01").write_bytes(follows)
    with pytest.raises(EvidenceError, match=r"segment 2 is missing: expected case7\.E02 beside case7\.E01"):
        source.identify(tmp_path / "case7.E01")
    (tmp_path / "case7.E02").write_bytes(follows)
    (tmp_path / "case7.E04").write_bytes(content)
    with pytest.raises(
        EvidenceError, match=r"segment 3 of 4 is missing: expected case7\.E03 beside case7\.E02"
    ):
        source.identify(tmp_path / "case7.E01")


@pytest.mark.parametrize("size", [60, 400, 8_000, -1, -76, -77])
def test_an_e01_cut_short_is_an_error(tmp_path, size):
    (tmp_path / "cut.E01").write_bytes(E01.read_bytes()[:size])
    with pytest.raises(EvidenceError, match="cut short"):
        source.identify(tmp_path / "cut.E01")


def test_an_e01_agrees_with_the_digests_it_stores():
    found, digests = hashed(E01)
    assert results(E01) == [("md5", "match"), ("sha1", "match")]
    assert digests.media.named() == digest_of(lzma.decompress((FIXTURES / "ext" / "image.xz").read_bytes()))
    assert digests.files[0].sha256 == hashlib.sha256(E01.read_bytes()).hexdigest()
    header = acquisition.acquired(found)
    assert (header.examiner, header.tool) == ("examiner", "20140813")


def test_a_flipped_stored_digest_is_refused_by_its_section_s_checksum(tmp_path):
    content = bytearray(E01.read_bytes())
    stored = bytes.fromhex(hashed(E01)[1].media.md5)
    places = [at for at in range(len(content)) if content[at : at + 16] == stored]
    assert len(places) == 2
    for at in places:
        content[at] ^= 1
    (tmp_path / "flip.E01").write_bytes(content)
    with pytest.raises(EvidenceError, match="cannot be opened as ewf"):
        source.identify(tmp_path / "flip.E01")


def test_a_flipped_bit_of_an_e01_s_data_is_a_mismatch_and_never_a_match(tmp_path):
    content = E01.read_bytes()
    right = hashed(E01)[1].media.sha256
    verdicts = []
    for at in range(2_000, len(content) - 600, 499):
        flipped = content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :]
        (tmp_path / "flip.E01").write_bytes(flipped)
        try:
            found, digests = hashed(tmp_path / "flip.E01")
        except EvidenceError:
            continue
        if digests.media.sha256 != right:
            stated = acquisition.stated_digests(found, {})
            verdicts.append(acquisition.verdict(acquisition.compare(found, stated, digests)))
    assert verdicts
    assert set(verdicts) == {"mismatch"}


MEDIUM = b"Subject: x\n\nbody\n"
VALUES = digest_of(MEDIUM)
OTHER = digest_of(b"another medium")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("m.eml.md5", f"{VALUES['md5']}  m.eml\n", [("md5", "match")]),
        ("m.eml.md5", f"{VALUES['md5'].upper()} *m.eml\r\n", [("md5", "match")]),
        ("m.eml.sha1", VALUES["sha1"], [("sha1", "match")]),
        ("m.sha256", f"SHA256 (m.eml) = {VALUES['sha256']}\n", [("sha256", "match")]),
        ("m.sha256", f"SHA2-256(m.eml)= {VALUES['sha256']}\n", [("sha256", "match")]),
        ("m.eml.md5", f"{OTHER['md5']}  m.eml\n", [("md5", "mismatch")]),
        ("m.eml.md5", f"{VALUES['md5']}  other.eml\n", [("md5", "ambiguous")]),
        ("m.eml.md5", "no digest in here", [("md5", "unparsable")]),
        ("m.eml.md5", VALUES["md5"][:-1], [("md5", "unparsable")]),
        (
            "m.eml.txt",
            f"[Computed Hashes]\n MD5 checksum:    {VALUES['md5']}\n SHA1 checksum:   {VALUES['sha1']}\n"
            f"Image Verification Results:\n MD5 checksum:    {VALUES['md5']} : verified\n",
            [("md5", "match"), ("sha1", "match")],
        ),
        (
            "m.eml.info",
            f"MD5 hash                   : {VALUES['md5']}\nSHA256 hash                : {VALUES['sha256']}\n"
            "MD5 hash verified source   : --\n",
            [("md5", "match"), ("sha256", "match")],
        ),
        ("m.eml.log", f"MD5 hash calculated over data:\t\t{OTHER['md5']}\n", [("md5", "mismatch")]),
        ("m.eml.log", f"   {VALUES['sha1']} (sha1)\n", [("sha1", "match")]),
        (
            "m.eml.txt",
            f"%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## $ hashdeep m.eml\n"
            f"17,{VALUES['md5']},{VALUES['sha256']},C:\\case\\m.eml\n",
            [("md5", "match"), ("sha256", "match")],
        ),
        (
            "SHA256SUMS",
            f"{OTHER['sha256']}  other.eml\n{VALUES['sha256']}  ./m.eml\n",
            [("sha256", "match")],
        ),
        ("SHA256SUMS", f"{OTHER['sha256']}  other.eml\n", []),
        ("m.txt", f"MD5: {OTHER['md5']}\n", []),
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_sidecars_of_the_usual_tools_are_read(tmp_path, name, text, expected, codec):
    (tmp_path / "m.eml").write_bytes(MEDIUM)
    (tmp_path / name).write_bytes(text.encode(codec))
    assert results(tmp_path / "m.eml") == expected


def test_a_later_segment_s_digest_is_compared_with_that_segment(tmp_path):
    content = lzma.decompress((FIXTURES / "ext" / "image.xz").read_bytes())
    first, second = content[:1_000_000], content[1_000_000:]
    (tmp_path / "c.001").write_bytes(first)
    (tmp_path / "c.002").write_bytes(second)
    (tmp_path / "c.001.md5").write_text(
        f"{digest_of(first)['md5']}  c.001\n{digest_of(second)['md5']}  c.002\n{digest_of(content)['md5']}  c\n"
        f"{digest_of(first)['md5']}  c.002\n"
    )
    assert [one.result for one in compared(tmp_path / "c.001")] == ["match", "match", "match", "mismatch"]


def test_case_toml_is_compared_and_a_mismatch_outweighs_a_match(tmp_path):
    (tmp_path / "m.eml").write_bytes(MEDIUM)
    both = compared(tmp_path / "m.eml", {"md5": VALUES["md5"], "sha1": OTHER["sha1"]})
    assert [one.result for one in both] == ["match", "mismatch"]
    assert acquisition.verdict(both) == "mismatch"
    assert acquisition.verdict(compared(tmp_path / "m.eml")) == "absent"


def test_a_truncated_qcow2_is_told_as_unreadable_ranges_and_never_matches(tmp_path):
    # QCOW2 specification: header version 2, one L1 entry that points behind the end of the file.
    header = b"QFI\xfb" + b"".join(
        value.to_bytes(size, "big")
        for value, size in (
            (2, 4), (0, 8), (0, 4), (16, 4), (1 << 20, 8), (0, 4), (1, 4), (65536, 8), (131072, 8), (1, 4), (0, 4), (0, 8),
        )
    )  # fmt: skip
    content = header.ljust(65536, b"\0") + (1 << 63 | 1 << 20).to_bytes(8, "big").ljust(131072, b"\0")
    (tmp_path / "cut.qcow2").write_bytes(content)
    found, digests = hashed(tmp_path / "cut.qcow2")
    assert found.format == "qcow2"
    assert not digests.is_complete
    assert sum(one.size for one in digests.ranges) == 1 << 20
    own = compared(tmp_path / "cut.qcow2", {"md5": digests.media.md5})
    assert acquisition.verdict(own) == "mismatch"


def test_an_image_that_names_a_parent_by_a_path_is_refused(tmp_path):
    name = b"../../outside.qcow2"
    header = b"QFI\xfb" + b"".join(
        value.to_bytes(size, "big")
        for value, size in (
            (2, 4), (72, 8), (len(name), 4), (16, 4), (1 << 20, 8), (0, 4), (1, 4), (65536, 8), (131072, 8), (1, 4), (0, 4), (0, 8),
        )
    )  # fmt: skip
    (tmp_path / "x.qcow2").write_bytes((header + name).ljust(196608, b"\0"))
    with pytest.raises(EvidenceError, match="a path that is not followed"):
        source.identify(tmp_path / "x.qcow2")


def test_a_vmdk_without_its_extent_is_an_error(tmp_path):
    text = (
        '# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\ncreateType="monolithicFlat"\n'
        '# Extent description\nRW 64 FLAT "disk-flat.vmdk" 0\n# The Disk Data Base\n#DDB\n'
        'ddb.virtualHWVersion = "4"\n'
    )
    (tmp_path / "disk.vmdk").write_text(text)
    with pytest.raises(EvidenceError, match=r"extent of disk\.vmdk is missing: expected disk-flat\.vmdk"):
        source.identify(tmp_path / "disk.vmdk")
    (tmp_path / "disk-flat.vmdk").write_bytes(b"x" * 64 * 512)
    found, digests = hashed(tmp_path / "disk.vmdk")
    assert [one.name for one in found.segments] == ["disk.vmdk", "disk-flat.vmdk"]
    assert digests.media.sha256 == hashlib.sha256(b"x" * 64 * 512).hexdigest()


def test_a_folder_is_hashed_by_its_listing_and_links_are_not_followed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(b"1")
    (tmp_path / "in" / "loop").symlink_to("..")
    (tmp_path / "in" / os.fsdecode(b"\x83\x5c")).write_bytes(b"2")
    found, digests = hashed(tmp_path)
    assert (found.format, found.size_bytes, len(digests.files)) == ("folder", 2, 2)
    before = digests.media.sha256
    (tmp_path / "in" / "a").write_bytes(b"3")
    assert hashed(tmp_path)[1].media.sha256 != before
