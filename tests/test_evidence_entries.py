"""Volumes and entries of made images: names, states, times, content, and damage."""

from __future__ import annotations

import io
import lzma
import os
import struct
import tarfile
import uuid
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.evidence import entries, source, volumes
from pipeline.evidence.entry import Address, Entry, WalkProblem
from pipeline.evidence.names import escape, escape_part, unescape
from pipeline.tables.catalogue import FILE_ENTRY

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "evidence"
LONG = b"k" * 70_000


def raw(kind: str) -> bytearray:
    return bytearray(lzma.decompress((FIXTURES / kind / "image.xz").read_bytes()))


class Walked:
    """Everything one volume gave, and the door to its bytes."""

    def __init__(self, path: Path) -> None:
        self.source = source.identify(path)
        self.told = list(volumes.volumes(self.source))
        self.volumes = [one for one in self.told if isinstance(one, volumes.Volume)]
        self.volume = self.volumes[0]
        found = list(entries.walk(self.source, self.volume))
        self.entries = [one for one in found if isinstance(one, Entry)]
        self.problems = [one for one in found if isinstance(one, WalkProblem)]
        self.by_path = {one.path: one for one in self.entries}

    def content(self, path: str) -> bytes:
        one = self.by_path[path]
        address = Address(
            file_system=self.volume.file_system,
            path_spec=self.volume.path_spec,
            path=one.path,
            file_reference=one.file_reference,
            stream_name=one.stream_name,
        )
        with entries.Door(self.source.path) as door, door.open(address) as stream:
            return stream.read()


def walked(tmp_path: Path, content: bytes | bytearray) -> Walked:
    (tmp_path / "item").write_bytes(content)
    return Walked(tmp_path / "item")


def test_entry_has_exactly_the_columns_of_the_table_it_fills():
    own = set(Entry.__slots__)
    others = {"volume_id", "container_entry_id", "member_locator", "depth", "media_type"}
    assert own == {one.name for one in FILE_ENTRY.columns} - others


@pytest.mark.parametrize(
    ("kind", "name", "label", "serial"),
    [
        ("ext", "ext", "KSEXT", "11111111222233334444555555555555"),
        ("fat", "fat12", "KSFAT", "1234ABCD"),
        ("ntfs", "ntfs", "試料", "245D14F8"),
        ("xfs", "xfs", "KSXFS", "66666666777788889999AAAAAAAAAAAA"),
        ("iso", "iso9660", "KSISO", None),
    ],
)
def test_a_volume_tells_its_kind_label_and_serial(tmp_path, kind, name, label, serial):
    found = walked(tmp_path, raw(kind))
    assert (found.volume.file_system, found.volume.label, found.volume.serial) == (name, label, serial)
    assert len(found.told) == 1
    assert found.problems == []


def test_ntfs_gives_the_whole_serial_too(tmp_path):
    assert walked(tmp_path, raw("ntfs")).volume.serial_full == "37DFD13F245D14F8"


@pytest.mark.parametrize("kind", ["ext", "fat", "ntfs", "xfs", "iso"])
def test_content_opens_again_from_the_address(tmp_path, kind):
    found = walked(tmp_path, raw(kind))
    long = "/folder/long.bin" if kind == "xfs" else "/long.bin"
    assert found.content("/hello.txt") == b"hello"
    assert found.content(long) == LONG
    if kind != "xfs":
        assert "見本 花子" in found.content("/顧客名簿.csv").decode()


def test_links_are_told_and_loops_end(tmp_path):
    found = walked(tmp_path, raw("ext"))
    assert (found.by_path["/loop"].kind, found.by_path["/loop"].link_target) == ("link", ".")
    assert found.by_path["/部署/up"].link_target == "../../outside"
    assert found.by_path["/hard.txt"].file_reference == found.by_path["/hello.txt"].file_reference
    assert found.by_path["/部署/内/memo.txt"].modified_at == datetime(2026, 9, 14, 1, 2, 3, tzinfo=UTC)
    assert walked(tmp_path, raw("xfs")).by_path["/loop"].link_target == "."


def test_a_folder_that_contains_its_parent_ends(tmp_path):
    content = raw("ext")
    # ext4 directory entry: inode, record length, name length, type, name. 内 is made an entry of the root folder again.
    at = content.index("内".encode()) - 8
    struct.pack_into("<I", content, at, 2)
    found = walked(tmp_path, content)
    assert found.by_path["/部署/内"].file_reference == 2
    assert len(found.entries) < 30


def test_fat_gives_deleted_files_and_wall_clocks_whatever_the_zone_here(tmp_path, monkeypatch):
    import time

    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        found = walked(tmp_path, raw("fat"))
        gone = found.by_path["/_eleted.txt"]
        assert (gone.is_allocated, gone.size_bytes, gone.modified_at) == (False, 4, None)
        assert gone.modified_local == datetime(2026, 9, 14, 10, 2, 2)  # noqa: DTZ001  wall clock
        assert found.content("/_eleted.txt") == b"gone"
        assert found.by_path["/FOLDER/_emo.txt"].is_allocated is False
    monkeypatch.undo()
    time.tzset()


def record_at(content: bytearray, number: int) -> int:
    """Where an MFT record stands: the fixture's $MFT is contiguous, 1024 bytes each (boot sector, 0x0B to 0x30)."""
    sector, cluster = struct.unpack_from("<HB", content, 11)
    first = struct.unpack_from("<Q", content, 0x30)[0] * sector * cluster
    return first + number * 1024


def delete(content: bytearray, number: int) -> None:
    """What NTFS does on deletion: the in-use flag goes, the sequence number rises."""
    at = record_at(content, number)
    flags, sequence = (
        struct.unpack_from("<H", content, at + 0x16)[0],
        struct.unpack_from("<H", content, at + 0x10)[0],
    )
    struct.pack_into("<H", content, at + 0x16, flags & ~1)
    struct.pack_into("<H", content, at + 0x10, sequence + 1)


def reparent(content: bytearray, number: int, parent: int, sequence: int) -> None:
    at = record_at(content, number)
    old = content.index(
        struct.pack("<IHH", 5, 0, 5), at, at + 1024
    )  # the parent reference in $FILE_NAME: root
    struct.pack_into("<IHH", content, old, parent, 0, sequence)


def information_at(content: bytearray, number: int) -> int:
    """Where the times of $STANDARD_INFORMATION stand: creation first, the attributes 32 bytes on."""
    at = record_at(content, number)
    first = at + struct.unpack_from("<H", content, at + 0x14)[0]
    assert struct.unpack_from("<I", content, first)[0] == 0x10
    return first + struct.unpack_from("<H", content, first + 20)[0]


def test_ntfs_gives_both_time_sets_and_alternate_streams(tmp_path):
    found = walked(tmp_path, raw("ntfs"))
    one = found.by_path["/hello.txt"]
    assert all(getattr(one, f"{name}_at") for name in ("created", "modified", "changed", "accessed"))
    assert all(getattr(one, f"name_{name}_at") for name in ("created", "modified", "changed", "accessed"))
    stream = found.by_path["/hello.txt:Zone.Identifier"]
    assert (stream.kind, stream.stream_name, stream.file_reference) == (
        "stream",
        "Zone.Identifier",
        one.file_reference,
    )
    assert found.content("/hello.txt:Zone.Identifier") == b"gone"


def test_signs_of_times_set_by_a_program(tmp_path):
    content = raw("ntfs")
    plain = walked(tmp_path, content).by_path["/long.bin"]
    assert (plain.is_name_later, plain.has_zero_fraction) == (False, False)
    year = 365 * 86400 * 10_000_000
    own = information_at(content, 67)
    (made,) = struct.unpack_from("<Q", content, own)
    struct.pack_into("<Q", content, own, (made - year) // 10_000_000 * 10_000_000)
    one = walked(tmp_path, content).by_path["/long.bin"]
    assert (one.is_name_later, one.has_zero_fraction) == (True, True)
    assert one.created_at < one.name_created_at


def test_a_file_that_lies_in_a_cloud_drive_was_not_looked_at(tmp_path):
    content = raw("ntfs")
    own = information_at(content, 67) + 32
    struct.pack_into("<I", content, own, 0x00400000 | 0x00001000 | 0x20)
    found = walked(tmp_path, content)
    assert {one.path for one in found.entries if one.is_placeholder} == {"/long.bin"}
    assert found.by_path["/long.bin"].file_attributes == 0x00401020
    assert [(one.kind, one.path) for one in found.problems] == [("unreadable", "/long.bin")]
    assert "cloud" in found.problems[0].message


def test_a_deleted_ntfs_file_keeps_its_path_and_content(tmp_path):
    content = raw("ntfs")
    for number in (66, 67):
        delete(content, number)
    found = walked(tmp_path, content)
    for path, expected in (("/deleted.txt", b"gone"), ("/long.bin", LONG)):
        assert found.by_path[path].is_allocated is False
        assert found.content(path) == expected


def test_a_file_whose_folder_s_record_was_used_again_is_an_orphan(tmp_path):
    content = raw("ntfs")
    delete(content, 66)
    reparent(content, 66, 11, 11)  # $Extend, as it stands
    assert "/$Extend/deleted.txt" in walked(tmp_path, content).by_path
    struct.pack_into("<H", content, record_at(content, 11) + 0x10, 12)  # the same record, another folder
    found = walked(tmp_path, content)
    assert "/$OrphanFiles/deleted.txt" in found.by_path
    assert found.content("/$OrphanFiles/deleted.txt") == b"gone"


def test_ntfs_parents_in_a_circle_end(tmp_path):
    content = raw("ntfs")
    reparent(content, 66, 67, 1)
    reparent(content, 67, 66, 1)
    found = walked(tmp_path, content)
    assert any(path.startswith("/$OrphanFiles/") and path.endswith("deleted.txt") for path in found.by_path)


def test_names_that_are_no_text_reach_arrow_and_come_back(tmp_path):
    content = raw("ntfs")
    old = "deleted.txt".encode("utf-16-le")
    new = struct.pack("<4H", 0xD800, 0x2F, 0xDC00, 0x0A) + "\\..\x1btxt".encode("utf-16-le")
    assert len(new) == len(old)
    found = walked(tmp_path, content.replace(old, new))
    name = "\ud800/\udc00\n\\..\x1btxt"
    [one] = [entry for entry in found.entries if entry.file_reference == 66]
    assert unescape(one.name) == name
    assert one.path == f"/{one.name}"
    assert one.path.count("/") == 1
    assert one.name_raw is not None
    assert pa.array([one.path], pa.string())[0].as_py() == one.path
    assert found.content(one.path) == b"gone"


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "a\\b",
        "\\x41",
        "\\u1234",
        "\ud83d",
        "x\udc80y",
        "../..",
        "\n\t\0\x1b[31m",
        "=cmd()",
        "a/b",
        "\\\\x",
    ],
)
def test_escaping_is_reversible_and_storable(name):
    for one in (escape, escape_part):
        text, _ = one(name)
        assert unescape(text) == name
        text.encode()


@pytest.mark.parametrize("name", [b"\xff\xfe", b"\x83\x5c\x81", b"ok", "日本".encode(), b"\\\xc3"])
def test_undecodable_bytes_come_back_as_bytes(name):
    text, kept = escape(name)
    text.encode()
    assert unescape(text).encode("utf-8", "surrogateescape") == name
    assert kept in (None, name)


def partitioned(*parts: tuple[int, int, bytes], sectors: int) -> bytearray:
    """A disk with a master boot record: (type, first sector, content) each."""
    disk = bytearray(sectors * 512)
    for number, (kind, first, content) in enumerate(parts):
        struct.pack_into("<B3xB3xII", disk, 446 + 16 * number, 0, kind, first, -(-len(content) // 512))
        disk[first * 512 : first * 512 + len(content)] = content
    disk[510:512] = b"\x55\xaa"
    return disk


def test_partitions_are_volumes_and_what_is_not_read_is_told(tmp_path):
    bitlocker = bytearray(b"\xeb\x58\x90-FVE-FS-".ljust(8192, b"\0"))
    luks = b"LUKS\xba\xbe\0\1".ljust(8192, b"\0")
    unknown = b"\x5a" * 8192
    disk = partitioned(
        (0x01, 64, bytes(raw("fat"))), (7, 4096, bytes(bitlocker)), (0x83, 4200, luks), (0x83, 4300, unknown), sectors=4400
    )  # fmt: skip
    found = walked(tmp_path, disk)
    assert [(one.number, one.offset_bytes, one.file_system) for one in found.volumes] == [
        (1, 64 * 512, "fat12")
    ]
    assert found.content("/hello.txt") == b"hello"
    told = [(one.kind, one.locator) for one in found.told if isinstance(one, volumes.VolumeProblem)]
    assert told == [
        ("locked", str(4096 * 512)),
        ("locked", str(4200 * 512)),
        ("unsupported", str(4300 * 512)),
    ]


def apple_partitioned(*parts: tuple[bytes, int, bytes], sectors: int) -> bytearray:
    """A disk with an Apple partition map: (type, first sector, content) each, after the entry of the map itself.

    Apple, Inside Macintosh: Devices, "Partition Maps": a driver descriptor in block 0, then one block for each entry.
    """
    disk = bytearray(sectors * 512)
    struct.pack_into(">2sHI", disk, 0, b"ER", 512, sectors)
    entries_of = [(b"Apple_partition_map", 1, b"", 63), *((*one, -(-len(one[2]) // 512)) for one in parts)]
    for number, (kind, first, content, count) in enumerate(entries_of, 1):
        head = struct.pack(
            ">2sHIII32s32sIII", b"PM", 0, len(entries_of), first, count, b"disk image", kind, 0, count, 0x33
        )
        disk[number * 512 : number * 512 + len(head)] = head
        disk[first * 512 : first * 512 + len(content)] = content if first > 1 else b""
    return disk


def test_an_apple_partition_map_is_read(tmp_path):
    disk = apple_partitioned(
        (b"DOS_FAT_12", 64, bytes(raw("fat"))), (b"Apple_UNIX_SVR2", 4096, bytes(raw("ext"))), sectors=40960
    )
    found = walked(tmp_path, disk)
    assert [(one.offset_bytes, one.file_system) for one in found.volumes] == [
        (64 * 512, "fat12"),
        (4096 * 512, "ext"),
    ]
    assert found.content("/hello.txt") == b"hello"


def guid_partitioned(*parts: tuple[int, bytes], sectors: int) -> bytearray:
    """A disk with a GUID partition table: (first sector, content) each (UEFI specification 5.3: header, array of entries)."""
    disk = bytearray(sectors * 512)
    struct.pack_into("<B3xB3xII", disk, 446, 0, 0xEE, 1, sectors - 1)
    disk[510:512] = b"\x55\xaa"
    basic = uuid.UUID("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7").bytes_le
    entries_of = bytearray(128 * 128)
    for number, (first, content) in enumerate(parts):
        last = first + -(-len(content) // 512) - 1
        own = uuid.UUID(int=number + 1).bytes_le
        struct.pack_into(
            "<16s16sQQQ72s", entries_of, 128 * number, basic, own, first, last, 0, "data".encode("utf-16-le")
        )
        disk[first * 512 : first * 512 + len(content)] = content
    disk[2 * 512 : 2 * 512 + len(entries_of)] = entries_of
    for at, other, table in ((1, sectors - 1, 2), (sectors - 1, 1, 2)):
        header = bytearray(
            struct.pack(
                "<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, at, other, 34, sectors - 34, bytes(16), table, 128, 128,
                zlib.crc32(entries_of),
            )
        )  # fmt: skip
        struct.pack_into("<I", header, 16, zlib.crc32(header))
        disk[at * 512 : at * 512 + 92] = header
    return disk


def test_a_guid_partition_table_is_read(tmp_path):
    found = walked(
        tmp_path, guid_partitioned((64, bytes(raw("fat"))), (4096, bytes(raw("ext"))), sectors=40960)
    )
    assert [(one.offset_bytes, one.file_system) for one in found.volumes] == [
        (64 * 512, "fat12"),
        (4096 * 512, "ext"),
    ]
    assert found.content("/hello.txt") == b"hello"


def test_a_file_system_outside_every_partition_is_told(tmp_path):
    disk = partitioned((0x01, 64, bytes(raw("fat"))), sectors=16384)
    disk[8192 * 512 : 8192 * 512 + len(raw("ext"))] = raw("ext")
    disk[2944 * 512 + 512 : 2944 * 512 + 520] = b"leftover"
    # The gap begins where the partition ends, so a file system must begin there to be told.
    first = 64 + len(raw("fat")) // 512
    disk[first * 512 : first * 512 + len(raw("ext"))] = raw("ext")
    found = walked(tmp_path, disk)
    assert [one.kind for one in found.told if isinstance(one, volumes.VolumeProblem)] == ["unsupported"]


def test_a_truncated_volume_is_told_and_what_is_there_is_walked(tmp_path):
    found = walked(tmp_path, raw("ext")[: 1 << 20])
    assert [one.kind for one in found.told if isinstance(one, volumes.VolumeProblem)] == ["truncated"]
    assert found.content("/hello.txt") == b"hello"


@pytest.mark.parametrize("kind", ["ext", "fat", "ntfs", "iso"])
def test_damage_gives_problems_and_never_more(tmp_path, kind):
    content = raw(kind)
    used = [at for at in range(0, len(content), 512) if any(content[at : at + 512])]
    for number, at in enumerate(used[:: max(len(used) // 25, 1)]):
        damaged = bytearray(content)
        damaged[at : at + 512] = bytes((number * 37 + n * 11) & 0xFF for n in range(512))
        (tmp_path / "item").write_bytes(damaged)
        found = source.identify(tmp_path / "item")
        for volume in volumes.volumes(found):
            if isinstance(volume, volumes.Volume):
                try:
                    assert len(list(entries.walk(found, volume))) < 100_000
                except OSError:
                    continue


def test_a_folder_is_walked_without_following_links(tmp_path):
    root = tmp_path / "in"
    (root / "部署").mkdir(parents=True)
    (root / "部署" / "a\nb.txt").write_bytes(b"1")
    (root / os.fsdecode(b"\x83\x5c.csv")).write_bytes(b"2")
    (root / "loop").symlink_to(".")
    (root / "out").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe")
    found = Walked(root)
    assert found.content("/部署/a\nb.txt") == b"1"
    assert found.content("/\\x83\\\\.csv") == b"2"
    assert {path: one.kind for path, one in found.by_path.items()} == {
        "/": "directory", "/部署": "directory", "/部署/a\nb.txt": "file", "/\\x83\\\\.csv": "file",
        "/loop": "link", "/out": "link", "/pipe": "other",
    }  # fmt: skip
    for path in ("/out", "/pipe", "/loop/pipe"):
        address = Address(
            file_system="folder", path_spec="", path=path, file_reference=None, stream_name=None
        )
        with entries.Door(root) as door, pytest.raises(OSError):
            door.open(address)


def test_a_folder_deeper_than_python_s_stack_is_walked(tmp_path):
    here = tmp_path
    for _ in range(400):
        here = here / "d"
    here.mkdir(parents=True)
    assert max(one.path.count("/") for one in Walked(tmp_path).entries) == 400


def zipped(*members: tuple[bytes, bytes]) -> bytes:
    """A zip whose names are these very bytes, without the flag that would call them UTF-8."""
    store = io.BytesIO()
    with zipfile.ZipFile(store, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(
                zipfile.ZipInfo(name.decode("latin-1").translate(dict.fromkeys(range(128, 256), "_"))),
                content,
            )
    made = store.getvalue()
    for name, _ in members:
        made = made.replace(
            name.decode("latin-1").translate(dict.fromkeys(range(128, 256), "_")).encode(), name
        )
    return made


def test_zip_members_with_shift_jis_and_hostile_names_stay_text(tmp_path):
    found = walked(
        tmp_path, zipped(("顧客.csv".encode("cp932"), b"1"), (b"../../etc/passwd", b"2"), (b"a\nb", b"3"))
    )
    assert found.content("/顧客.csv") == b"1"
    assert found.by_path["/顧客.csv"].name_raw == "顧客.csv".encode("cp932")
    assert found.content("/../../etc/passwd") == b"2"
    assert found.content("/a\nb") == b"3"
    assert not (tmp_path.parent / "etc").exists()


def test_an_encrypted_member_is_locked(tmp_path):
    content = bytearray(zipped((b"secret.csv", b"1234")))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    found = walked(tmp_path, content)
    assert [one.kind for one in found.problems] == ["locked"]
    with pytest.raises(OSError, match="encrypted"):
        found.content("/secret.csv")


def test_a_damaged_zip_is_a_problem(tmp_path):
    content = bytearray(zipped((b"a.log", b"x" * 1000), (b"b.log", b"y" * 1000)))
    content[content.index(b"PK\x01\x02") + 1] ^= 0xFF
    found = walked(tmp_path, content)
    assert [one.kind for one in found.problems] == ["damaged"]


def test_tar_members_are_read_in_any_order_and_a_cut_is_told(tmp_path):
    store = io.BytesIO()
    with tarfile.open(fileobj=store, mode="w:gz") as archive:
        for number in range(20):
            info = tarfile.TarInfo(f"../{number}.log")
            info.size = 1000
            archive.addfile(info, io.BytesIO(os.urandom(1000)))
        info = tarfile.TarInfo("link")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    found = walked(tmp_path, store.getvalue())
    assert len(found.content("/../19.log")) == len(found.content("/../0.log")) == 1000
    assert (found.by_path["/link"].kind, found.by_path["/link"].link_target) == ("link", "/etc/passwd")
    with pytest.raises(OSError):
        found.content("/link")
    cut = walked(tmp_path, store.getvalue()[: len(store.getvalue()) // 2])
    assert [one.kind for one in cut.problems] == ["truncated"]
    assert 1 < len(cut.entries) < len(found.entries)


def test_a_single_file_is_its_own_volume(tmp_path):
    (tmp_path / "報告.eml").write_bytes(b"Subject: x\n\n")
    found = Walked(tmp_path / "報告.eml")
    assert found.volume.file_system == "single"
    assert list(found.by_path) == ["/報告.eml"]
    assert found.content("/報告.eml") == b"Subject: x\n\n"
