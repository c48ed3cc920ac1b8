"""Volumes of an item: partitions (MBR, GPT, APM) and bare file systems, each with the address that opens it again."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

import pyfshfs
import pyfsntfs
import pytsk3
from dfvfs.lib import definitions
from dfvfs.lib import errors as dfvfs_errors
from dfvfs.path import factory
from dfvfs.resolver import context, resolver
from dfvfs.serializer import json_serializer

from pipeline.evidence.item import short
from pipeline.evidence.names import escape
from pipeline.evidence.source import Source, fat_type, media_spec
from pipeline.evidence.stream import SpecStream

_NAMES = {"folder": "folder", "zip": "zip", "tar": "tar", "file": "single"}
_ENCRYPTED = {"bitlocker": "BitLocker", "luks": "LUKS"}
_BITLOCKER_TO_GO = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")
_PART_ALLOCATED = int(pytsk3.TSK_VS_PART_FLAG_ALLOC)
_PART_GAP = int(pytsk3.TSK_VS_PART_FLAG_UNALLOC)
_SNAPSHOT_HEADER = 0x1E00
_SNAPSHOT_GUID = bytes.fromhex("6b87083876c1484eb7ae04046e6cc752")
_SMALLEST = 4096
_ROOT_BYTES = 1 << 20
_SLACK = 1 << 16  # a file system may state its backup boot sector or last, cut block too


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A file system in an item, or the item itself where it is a folder, an archive or a single file.

    A shadow copy of a volume is a volume of its own, behind the one it was taken of.
    """

    number: int
    file_system: str
    label: str | None
    serial: str | None
    offset_bytes: int
    size_bytes: int
    path_spec: str
    serial_full: str | None = None
    snapshot_number: int | None = None
    snapshot_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeProblem:
    """A part of the medium that holds something which cannot be opened."""

    kind: str
    locator: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a signature tells of a file system; a size of 0 is not stated."""

    name: str
    label: str | None = None
    serial: str | None = None
    serial_full: str | None = None
    size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Area:
    """A partition, or a gap between partitions."""

    offset: int
    length: int
    is_allocated: bool = True


class Image(pytsk3.Img_Info):  # type: ignore[misc]
    """A dfVFS file object as The Sleuth Kit reads it."""

    def __init__(self, stream: BinaryIO) -> None:
        """Take the stream; its size is that of the image."""
        self._stream = stream
        stream.seek(0, os.SEEK_END)
        self._size = stream.tell()
        super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

    def read(self, offset: int, size: int) -> bytes:
        """Bytes of the image; what lies beyond its end is empty."""
        self._stream.seek(offset)
        return self._stream.read(size)

    def get_size(self) -> int:
        """Size of the image."""
        return self._size


def open_spec(path_spec: str) -> BinaryIO:
    """The bytes at a path spec.

    Raises:
        OSError: they cannot be opened.
    """
    return cast(BinaryIO, SpecStream(json_serializer.JsonPathSpecSerializer.ReadSerialized(path_spec)))


def volumes(source: Source) -> Iterator[Volume | VolumeProblem]:
    """Every volume of a source, in order of its place on the medium, and what could not be opened."""
    base = media_spec(source)
    if not source.is_image:
        size = 0 if source.format == "folder" else source.size_bytes
        yield _volume(1, _Found(name=_NAMES[source.format]), 0, size, base)
        return
    stream = open_spec(_serialised(base))
    size = stream.seek(0, os.SEEK_END)
    try:
        stream.seek(0)
        stream.read(1 << 16)
    except (OSError, RuntimeError) as error:
        message = f"the first bytes of the medium cannot be read, so no volume can be told: {short(error)}"
        yield VolumeProblem(kind="unreadable", locator="0", message=message)
        return
    number = 0
    problems = 0
    for area in _areas(stream, size):
        for one in _in_area(stream, area, size, base):
            if isinstance(one, VolumeProblem):
                problems += 1
                yield one
                continue
            number += 1
            yield replace(one, number=number)
    if number == 0 and not problems:
        message = "no volume was found on the medium; nothing in it is counted"
        yield VolumeProblem(kind="unrecognised", locator="0", message=message)


def _in_area(stream: BinaryIO, area: _Area, size: int, base: Any) -> Iterator[Volume | VolumeProblem]:
    offset, length = area.offset, min(area.length, size - area.offset)
    found = _file_system(stream, offset, length)
    if not area.is_allocated:
        if found is not None:
            message = f"a {found.name} file system begins at {offset}, outside every partition; it is not read: carve it out and add it as an item"
            yield VolumeProblem(kind="unsupported", locator=str(offset), message=message)
        return
    if found is None:
        if length >= _SMALLEST and _has_bytes(stream, offset, length):
            message = f"{length} bytes at {offset} hold no file system that is read here"
            yield VolumeProblem(kind="unsupported", locator=str(offset), message=message)
        return
    if found.name in _ENCRYPTED:
        message = f"the volume at {offset} ({length} bytes) is encrypted with {_ENCRYPTED[found.name]}; nothing in it is counted"
        yield VolumeProblem(kind="locked", locator=str(offset), message=message)
        return
    if found.name == "lvm":
        message = f"the {length} bytes at {offset} are an LVM physical volume, which is not read: export its logical volumes"
        yield VolumeProblem(kind="unsupported", locator=str(offset), message=message)
        return
    stated = max(found.size_bytes, area.length)
    if stated > length + _SLACK:
        message = f"the {found.name} volume at {offset} states {stated} bytes, but the medium ends after {length}; what lay behind is not counted"
        yield VolumeProblem(kind="truncated", locator=str(offset), message=message)
    spec = _range(base, offset, length, size)
    if found.name == "apfs":
        yield from _apfs(spec, offset, length)
        return
    live = _volume(0, found, offset, length, spec)
    yield live
    if found.name == "ntfs" and _has_snapshots(stream, offset, length):
        yield from _snapshots(live, spec)


def _has_snapshots(stream: BinaryIO, offset: int, length: int) -> bool:
    # J. Metz, Volume Shadow Snapshot format 3: the volume header, identified by a GUID, stands at 0x1e00 of the volume.
    if length < _SNAPSHOT_HEADER + 16:
        return False
    stream.seek(offset + _SNAPSHOT_HEADER)
    return stream.read(16) == _SNAPSHOT_GUID


def _snapshots(live: Volume, spec: Any) -> Iterator[Volume | VolumeProblem]:
    """The shadow copies kept on a volume, oldest first."""
    at = str(live.offset_bytes)
    root = factory.Factory.NewPathSpec(definitions.TYPE_INDICATOR_VSHADOW, location="/", parent=spec)
    try:
        system = resolver.Resolver.OpenFileSystem(root, resolver_context=context.Context())
        kept = system.GetVShadowVolume()
        for index in range(kept.number_of_stores):
            taken = kept.get_store(index).get_creation_time()
            store = factory.Factory.NewPathSpec(
                definitions.TYPE_INDICATOR_VSHADOW,
                location=f"/vss{index + 1}",
                store_index=index,
                parent=spec,
            )
            yield replace(
                live,
                path_spec=_serialised(store),
                snapshot_number=index + 1,
                snapshot_at=taken.replace(tzinfo=UTC),
            )
    except (dfvfs_errors.Error, OSError, RuntimeError, ValueError, AttributeError) as error:
        message = f"shadow copies of the volume at {at} cannot be opened: {short(error)}; nothing in them is counted"
        yield VolumeProblem(kind="damaged", locator=at, message=message)


def _volume(number: int, found: _Found, offset: int, length: int, spec: Any) -> Volume:
    return Volume(
        number=number,
        file_system=found.name,
        label=found.label,
        serial=found.serial,
        serial_full=found.serial_full or found.serial,
        offset_bytes=offset,
        size_bytes=length,
        path_spec=_serialised(spec),
    )


def _apfs(spec: Any, offset: int, length: int) -> Iterator[Volume | VolumeProblem]:
    """Volumes of an APFS container, each with the address `/apfsN` below it."""
    container = factory.Factory.NewPathSpec(
        definitions.TYPE_INDICATOR_APFS_CONTAINER, location="/", parent=spec
    )
    try:
        root = resolver.Resolver.OpenFileEntry(container, resolver_context=context.Context())
        listed = [] if root is None else list(root.sub_file_entries)
        for entry in listed:
            inner = entry.GetAPFSVolume()
            label = escape(inner.name)[0] if inner.name else None
            if inner.is_locked():
                message = f"the APFS volume {label!r} at {offset} is encrypted; nothing in it is counted"
                yield VolumeProblem(kind="locked", locator=str(offset), message=message)
                continue
            serial = str(inner.identifier).replace("-", "").upper() or None
            yield _volume(0, _Found(name="apfs", label=label, serial=serial), offset, length, entry.path_spec)
    except (dfvfs_errors.Error, OSError, RuntimeError, ValueError) as error:
        message = f"the APFS container at {offset} cannot be opened: {short(error)}"
        yield VolumeProblem(kind="damaged", locator=str(offset), message=message)


def _range(base: Any, offset: int, length: int, size: int) -> Any:
    if offset == 0 and length == size:
        return base
    return factory.Factory.NewPathSpec(
        definitions.TYPE_INDICATOR_DATA_RANGE, range_offset=offset, range_size=length, parent=base
    )


def _serialised(spec: Any) -> str:
    text: str = json_serializer.JsonPathSpecSerializer.WriteSerialized(spec)
    return text.strip()


def _areas(stream: BinaryIO, size: int) -> list[_Area]:
    """Partitions and the gaps between them; the whole medium where there is no partition table."""
    whole = [_Area(offset=0, length=size)]
    if _file_system(stream, 0, size) is not None:
        return whole
    found = []
    try:
        table = pytsk3.Volume_Info(Image(stream))
        block = int(table.info.block_size)
        for part in table:
            flags = int(part.flags)
            is_allocated = bool(flags & _PART_ALLOCATED)
            offset, length = int(part.start) * block, int(part.len) * block
            # A table itself is neither: only partitions, and gaps large enough to hold a file system.
            if 0 <= offset < size and (is_allocated or (flags & _PART_GAP and length >= _SMALLEST)):
                found.append(_Area(offset=offset, length=length, is_allocated=is_allocated))
    except (OSError, RuntimeError):
        return whole
    return found if any(one.is_allocated for one in found) else whole


def _file_system(stream: BinaryIO, offset: int, length: int) -> _Found | None:
    """The file system at an offset, told by its own signature."""
    head = _at(stream, offset, 0x9000)
    for tell in (_locked, _ntfs, _exfat, _fat, _ext, _hfs, _plain):
        found = tell(head, stream, offset, length)
        if found is not None:
            return found
    return None


def _locked(head: bytes, _stream: BinaryIO, _offset: int, _length: int) -> _Found | None:
    # BitLocker To Go keeps a FAT boot sector in front; its GUID stands at 0x1A8 (libbde documentation, 4.1).
    if head[3:11] == b"-FVE-FS-" or head[0x1A8:0x1B8] == _BITLOCKER_TO_GO:
        return _Found(name="bitlocker")
    if head.startswith(b"LUKS\xba\xbe"):
        return _Found(name="luks")
    # LVM2: the label stands in one of the first four sectors.
    if any(head[at : at + 8] == b"LABELONE" for at in range(0, 2048, 512)):
        return _Found(name="lvm")
    return None


def _ntfs(head: bytes, stream: BinaryIO, offset: int, length: int) -> _Found | None:
    if head[3:11] != b"NTFS    ":
        return None
    # The volume serial number stands at 0x48, eight bytes; Windows shows its lower four. Sectors at 0x28.
    sector = struct.unpack_from("<H", head, 11)[0]
    sectors, full = struct.unpack_from("<Q", head, 0x28)[0], struct.unpack_from("<Q", head, 0x48)[0]
    return _Found(
        name="ntfs",
        label=_library_label(pyfsntfs.volume(), stream, offset, length),
        serial=f"{full & 0xFFFFFFFF:08X}",
        serial_full=f"{full:016X}",
        size_bytes=sectors * sector,
    )


def _exfat(head: bytes, stream: BinaryIO, offset: int, _length: int) -> _Found | None:
    if head[3:11] != b"EXFAT   ":
        return None
    # exFAT specification, 3.1: VolumeLength, ClusterHeapOffset, FirstClusterOfRootDirectory, VolumeSerialNumber, shifts.
    sectors = struct.unpack_from("<Q", head, 0x48)[0]
    heap, _, root, serial = struct.unpack_from("<IIII", head, 0x58)
    sector_shift, cluster_shift = head[0x6C], head[0x6D]
    if sector_shift > 12 or cluster_shift > 25 - sector_shift:
        return _Found(name="exfat", serial=f"{serial:08X}")
    at = (heap << sector_shift) + (max(root - 2, 0) << (sector_shift + cluster_shift))
    label = None
    folder = _at(stream, offset + at, min(1 << (sector_shift + cluster_shift), _ROOT_BYTES))
    for entry in range(0, len(folder), 32):
        if folder[entry] == 0x83:  # exFAT specification, 7.3: volume label
            count = min(folder[entry + 1], 11)
            label = (
                escape(folder[entry + 2 : entry + 2 + 2 * count].decode("utf-16-le", "surrogatepass"))[0]
                or None
            )
            break
    return _Found(name="exfat", label=label, serial=f"{serial:08X}", size_bytes=sectors << sector_shift)


def _fat(head: bytes, stream: BinaryIO, offset: int, _length: int) -> _Found | None:
    name = fat_type(head)
    if name is None:
        return None
    # Extended boot signature 0x29 says that serial and label follow (Microsoft FAT specification, 3.2 and 3.3).
    extended = 66 if name == "fat32" else 38
    serial = label = None
    if head[extended] in (0x28, 0x29):
        serial = f"{struct.unpack_from('<I', head, extended + 1)[0]:08X}"
        label = _fat_label(head[extended + 5 : extended + 16]) if head[extended] == 0x29 else None
    sector, cluster, reserved, tables, roots, sectors, _, length = struct.unpack_from("<HBHBHHBH", head, 11)
    sectors = sectors or struct.unpack_from("<I", head, 32)[0]
    root = reserved + tables * (length or struct.unpack_from("<I", head, 36)[0])
    size = roots * 32
    if name == "fat32":
        root += max(struct.unpack_from("<I", head, 44)[0] - 2, 0) * cluster
        size = sector * cluster
    folder = _at(stream, offset + root * sector, min(size, _ROOT_BYTES))
    for entry in range(0, len(folder) - 31, 32):
        if folder[entry] == 0:
            break
        # The label in the root folder is the one Windows shows; a long name's parts carry 0x0F.
        if folder[entry + 11] & 0x3F == 0x08 and folder[entry] != 0xE5:
            label = _fat_label(folder[entry : entry + 11]) or label
            break
    return _Found(name=name, label=label, serial=serial, size_bytes=sectors * sector)


def _ext(head: bytes, _stream: BinaryIO, _offset: int, _length: int) -> _Found | None:
    if head[0x438:0x43A] != b"\x53\xef":
        return None
    blocks, shift = struct.unpack_from("<I", head, 0x404)[0], struct.unpack_from("<I", head, 0x418)[0]
    return _Found(
        name="ext",
        label=_c_label(head[0x478:0x488]),
        serial=head[0x468:0x478].hex().upper(),
        size_bytes=blocks << (10 + shift) if shift <= 6 else 0,
    )


def _hfs(head: bytes, stream: BinaryIO, offset: int, length: int) -> _Found | None:
    if head[1024:1026] not in (b"H+", b"HX"):
        return None
    # TN1150, volume header: blockSize at 40, totalBlocks at 44, finder info 6 and 7 hold the identifier.
    block, blocks = struct.unpack_from(">II", head, 1024 + 40)
    serial = head[1024 + 104 : 1024 + 112].hex().upper()
    return _Found(
        name="hfsplus",
        label=_library_label(pyfshfs.volume(), stream, offset, length),
        serial=serial if serial.strip("0") else None,
        size_bytes=block * blocks,
    )


def _plain(head: bytes, _stream: BinaryIO, _offset: int, _length: int) -> _Found | None:
    """File systems whose own header says everything at a fixed place."""
    if head[0x8001:0x8006] == b"CD001":  # ECMA-119, 8.4: volume identifier, volume space size, block size
        blocks, block = struct.unpack_from("<I", head, 0x8050)[0], struct.unpack_from("<H", head, 0x8080)[0]
        label = head[0x8028:0x8048].decode("ascii", "backslashreplace").strip("\0 ") or None
        return _Found(name="iso9660", label=label, size_bytes=blocks * block)
    if head.startswith(b"XFSB"):
        block, blocks = struct.unpack_from(">IQ", head, 4)
        return _Found(
            name="xfs",
            label=_c_label(head[108:120]),
            serial=head[32:48].hex().upper(),
            size_bytes=block * blocks,
        )
    if head[32:36] == b"NXSB":
        block, blocks = struct.unpack_from("<IQ", head, 36)
        return _Found(name="apfs", size_bytes=block * blocks)
    return None


def _library_label(volume: Any, stream: BinaryIO, offset: int, length: int) -> str | None:
    try:
        volume.open_file_object(_Window(stream, offset, length))
        name: str | None = volume.get_name()
    except (OSError, RuntimeError, ValueError):
        return None
    return escape(name)[0] if name else None


def _fat_label(raw: bytes) -> str | None:
    text = raw.decode("cp932", "backslashreplace").rstrip("\0 ")
    return None if text in ("", "NO NAME") else text


def _c_label(raw: bytes) -> str | None:
    return escape(raw.split(b"\0")[0])[0] or None


def _at(stream: BinaryIO, offset: int, size: int) -> bytes:
    try:
        stream.seek(offset)
        return stream.read(size).ljust(size, b"\0")
    except (OSError, RuntimeError):
        return b"\0" * size


def _has_bytes(stream: BinaryIO, offset: int, length: int) -> bool:
    """Whether anything but zeros stands at the beginning of an area or at 63 places over it."""
    if any(_at(stream, offset, min(length, 1 << 16))):
        return True
    return any(any(_at(stream, offset + length * part // 64, 4096)) for part in range(1, 64))


class _Window:
    """A range of a stream as a stream, for a library that reads a volume."""

    def __init__(self, stream: BinaryIO, offset: int, length: int) -> None:
        self._stream, self._offset, self._length, self._at = stream, offset, length, 0

    def read(self, size: int) -> bytes:
        self._stream.seek(self._offset + self._at)
        block = self._stream.read(max(min(size, self._length - self._at), 0))
        self._at += len(block)
        return block

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence] + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def get_size(self) -> int:
        return self._length
