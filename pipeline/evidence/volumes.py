"""Volumes of an item: partitions (MBR, GPT, APM) and bare file systems, each with the address that opens it again."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import pyfsntfs
import pytsk3
from dfvfs.lib import definitions
from dfvfs.path import factory
from dfvfs.serializer import json_serializer

from pipeline.evidence.source import Source, media_spec
from pipeline.evidence.stream import SpecStream

_NAMES = {"folder": "folder", "zip": "zip", "tar": "tar", "file": "single"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A file system in an item, or the item itself where it is a folder, an archive or a single file."""

    number: int
    file_system: str
    label: str | None
    serial: str | None
    offset_bytes: int
    size_bytes: int
    path_spec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeProblem:
    """A part of the medium that holds something which cannot be opened."""

    kind: str
    locator: str
    message: str


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
        size = source.path.stat().st_size if source.format != "folder" else 0
        yield Volume(
            number=1,
            file_system=_NAMES[source.format],
            label=None,
            serial=None,
            offset_bytes=0,
            size_bytes=size,
            path_spec=_serialised(base),
        )
        return
    stream = open_spec(_serialised(base))
    stream.seek(0, os.SEEK_END)
    size = stream.tell()
    number = 0
    for offset, length in _areas(stream, size):
        found = _file_system(stream, offset, length)
        if found is None:
            if length >= 4096 and _has_bytes(stream, offset):
                yield VolumeProblem(
                    kind="unsupported",
                    locator=str(offset),
                    message=f"{length} bytes at {offset} hold no file system that is read here",
                )
            continue
        name, label, serial = found
        if name in ("bitlocker", "luks"):
            yield VolumeProblem(
                kind="locked",
                locator=str(offset),
                message=f"the volume at {offset} ({length} bytes) is encrypted with {name}; nothing in it is counted",
            )
            continue
        number += 1
        yield Volume(
            number=number,
            file_system=name,
            label=label,
            serial=serial,
            offset_bytes=offset,
            size_bytes=length,
            path_spec=_serialised(_range(base, offset, length, size)),
        )
    if number == 0:
        yield VolumeProblem(
            kind="unrecognised",
            locator="0",
            message="no volume was found on the medium; nothing in it is counted",
        )


def _range(base: Any, offset: int, length: int, size: int) -> Any:
    if offset == 0 and length == size:
        return base
    return factory.Factory.NewPathSpec(
        definitions.TYPE_INDICATOR_DATA_RANGE, range_offset=offset, range_size=length, parent=base
    )


def _serialised(spec: Any) -> str:
    text: str = json_serializer.JsonPathSpecSerializer.WriteSerialized(spec)
    return text.strip()


def _areas(stream: BinaryIO, size: int) -> list[tuple[int, int]]:
    """Allocated partitions as (offset, length); the whole medium where there is no partition table."""
    if _file_system(stream, 0, size) is not None:
        return [(0, size)]
    try:
        table = pytsk3.Volume_Info(Image(stream))
    except OSError:
        return [(0, size)]
    block = int(table.info.block_size)
    found = []
    for part in table:
        is_allocated = int(part.flags) & int(pytsk3.TSK_VS_PART_FLAG_ALLOC)
        offset, length = int(part.start) * block, int(part.len) * block
        if is_allocated and 0 <= offset < size:
            found.append((offset, min(length, size - offset)))
    return found or [(0, size)]


def _file_system(stream: BinaryIO, offset: int, length: int) -> tuple[str, str | None, str | None] | None:
    """Name, label and serial number of the file system at an offset, told by its own signature."""
    head = _at(stream, offset, 0x9000)
    oem = head[3:11]
    if oem == b"-FVE-FS-":
        return "bitlocker", None, None
    if head.startswith(b"LUKS\xba\xbe"):
        return "luks", None, None
    if oem == b"NTFS    ":
        # The volume serial number stands at 0x48, eight bytes; Windows shows its lower four.
        return "ntfs", _ntfs_label(stream, offset, length), f"{struct.unpack_from('<I', head, 0x48)[0]:08X}"
    if oem == b"EXFAT   ":
        return "exfat", None, f"{struct.unpack_from('<I', head, 0x64)[0]:08X}"  # exFAT specification, 3.1.11
    if head[510:512] == b"\x55\xaa" and head[82:90] == b"FAT32   ":
        return "fat32", _fat_label(head[71:82]), f"{struct.unpack_from('<I', head, 67)[0]:08X}"
    if head[510:512] == b"\x55\xaa" and head[54:62] in (b"FAT12   ", b"FAT16   "):
        return (
            head[54:59].decode("ascii").lower(),
            _fat_label(head[43:54]),
            f"{struct.unpack_from('<I', head, 39)[0]:08X}",
        )
    if head[0x438:0x43A] == b"\x53\xef":
        label = head[0x478:0x488].split(b"\0")[0].decode("utf-8", "backslashreplace") or None
        return "ext", label, head[0x468:0x478].hex().upper()
    if head[1024:1026] in (b"H+", b"HX"):
        return "hfsplus", None, None
    if head[0x8001:0x8006] == b"CD001":
        return "iso9660", head[0x8028:0x8048].decode("ascii", "backslashreplace").strip() or None, None
    if head.startswith(b"XFSB"):
        return (
            "xfs",
            head[108:120].split(b"\0")[0].decode("utf-8", "backslashreplace") or None,
            head[32:48].hex().upper(),
        )
    return None


def _ntfs_label(stream: BinaryIO, offset: int, length: int) -> str | None:
    volume = pyfsntfs.volume()
    try:
        volume.open_file_object(_Window(stream, offset, length))
        name: str | None = volume.get_name()
    except OSError:
        return None
    return name or None


def _fat_label(raw: bytes) -> str | None:
    text = raw.decode("cp932", "backslashreplace").rstrip()
    return None if text in ("", "NO NAME") else text


def _at(stream: BinaryIO, offset: int, size: int) -> bytes:
    try:
        stream.seek(offset)
        return stream.read(size).ljust(size, b"\0")
    except OSError:
        return b"\0" * size


def _has_bytes(stream: BinaryIO, offset: int) -> bool:
    return any(_at(stream, offset, 1 << 16))


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
