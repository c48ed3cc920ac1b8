"""Records of the NTFS change journal ($UsnJrnl:$J), found in a stream whose unused parts are zero.

References:
    - Microsoft, winioctl.h: USN_RECORD_V2, USN_RECORD_V3, USN_RECORD_V4, USN_REASON_*, USN_SOURCE_*
    - [MS-FSCC] 2.6 File Attributes; Microsoft, "Walking a Buffer of Change Journal Records"
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

# Records are aligned to 8 bytes and never cross a page of the journal (USN_PAGE_SIZE), so none is longer.
ALIGNMENT = 8
PAGE_BYTES = 0x1000
BLOCK_BYTES = 1 << 20
_HEAD = struct.Struct("<IHH")  # RecordLength, MajorVersion, MinorVersion
# References, Usn, TimeStamp, Reason, SourceInfo, SecurityId, FileAttributes, FileNameLength, FileNameOffset.
_V2 = struct.Struct("<8xQQQQIIIIHH")
_V3 = struct.Struct("<8x16s16sQQIIIIHH")
# References, Usn, Reason, SourceInfo, RemainingExtents, NumberOfExtents, ExtentSize.
_V4 = struct.Struct("<8x16s16sQIIIHH")
_EXTENT = struct.Struct("<qq")
_NOT_ZERO = re.compile(rb"[^\0]")
_ZEROS = bytes(BLOCK_BYTES)
# A run of zeros this long ends a stretch that is no record; a shorter one may stand in a damaged record.
_GAP_BYTES = 64
# Upper half of RecordLength, MajorVersion, MinorVersion.
_CANDIDATE = re.compile(rb"\0{%d}|(?=\0\0[\2-\4]\0\0\0)" % _GAP_BYTES)
# FILETIMEs of the years 1980 and 2200: what a record found by searching must lie between.
_TIMES = (119_600_064_000_000_000, 189_027_648_000_000_000)

REASONS = {
    0x00000001: "data_overwrite", 0x00000002: "data_extend", 0x00000004: "data_truncation",
    0x00000010: "named_data_overwrite", 0x00000020: "named_data_extend", 0x00000040: "named_data_truncation",
    0x00000100: "file_create", 0x00000200: "file_delete", 0x00000400: "ea_change", 0x00000800: "security_change",
    0x00001000: "rename_old_name", 0x00002000: "rename_new_name", 0x00004000: "indexable_change",
    0x00008000: "basic_info_change", 0x00010000: "hard_link_change", 0x00020000: "compression_change",
    0x00040000: "encryption_change", 0x00080000: "object_id_change", 0x00100000: "reparse_point_change",
    0x00200000: "stream_change", 0x00400000: "transacted_change", 0x00800000: "integrity_change",
    0x01000000: "desired_storage_class_change", 0x80000000: "close",
}  # fmt: skip
SOURCES = {
    0x1: "data_management",
    0x2: "auxiliary_data",
    0x4: "replication_management",
    0x8: "client_replication_management",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: where it stands and what it holds; times and names as stored, None where its version has none."""

    offset: int
    size: int
    version: int
    file: int  # 64 bits of an NTFS file reference, or 128 bits
    parent: int
    usn: int
    reason: int
    source: int
    time: int | None = None
    security_id: int | None = None
    attributes: int | None = None
    name: bytes | None = None
    ranges: tuple[tuple[int, int], ...] | None = None
    ranges_left: int | None = None
    is_searched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Bytes that are neither zero nor a record; `is_end` where a record runs past the end of the stream."""

    offset: int
    size: int
    is_end: bool = False


def flags(value: int, names: dict[int, str]) -> list[str]:
    """The names of the bits that are set, an unknown one as its number in hex."""
    return [names.get(1 << bit, f"{1 << bit:#x}") for bit in range(32) if value >> bit & 1]


def records(stream: BinaryIO) -> Iterator[Record | Unread]:
    """Every record of a stream in stored order, with what is none between them; zeros are passed over."""
    window, offset, is_last = b"", 0, False
    unread: int | None = None  # where bytes began that are no record
    while not is_last:
        block = stream.read(BLOCK_BYTES)
        is_last = not block
        if not window and unread is None and block == _ZEROS:
            offset += len(block)
            continue
        window += block
        place = 0
        while place < len(window) if is_last else place <= len(window) - PAGE_BYTES:
            record = read_record(window, place, offset + place, is_searched=unread is not None)
            step = _zeros(window, place) if record is None else record.size
            if record is None and step < (ALIGNMENT if unread is None else _GAP_BYTES):
                unread = offset + place if unread is None else unread
                place = _candidate(window, place + ALIGNMENT, is_last=is_last)
                continue
            if unread is not None:
                yield Unread(offset=unread, size=offset + place - unread)
                unread = None
            if record is not None:
                yield record
            place += step
        place = min(place, len(window))
        window, offset = window[place:], offset + place
    if unread is not None:
        yield Unread(offset=unread, size=offset - unread, is_end=True)


def _zeros(window: bytes, place: int) -> int:
    """How many bytes from here are zero, up to the place where a record may begin."""
    beyond = _NOT_ZERO.search(window, place)
    return len(window) - place if beyond is None else (beyond.start() - place) // ALIGNMENT * ALIGNMENT


def _candidate(window: bytes, place: int, *, is_last: bool) -> int:
    """Where next a record may begin, or a run of zeros does."""
    for found in _CANDIDATE.finditer(window, place):
        begin = -(-found.start() // ALIGNMENT) * ALIGNMENT if found[0] else found.start() - 2
        if begin >= place and begin % ALIGNMENT == 0:
            return begin
    return (
        len(window)
        if is_last
        else max(place, (len(window) - PAGE_BYTES) // ALIGNMENT * ALIGNMENT + ALIGNMENT)
    )


def read_record(content: bytes, place: int, offset: int, *, is_searched: bool = False) -> Record | None:
    """The record at a place, None where what stands there is none; one that is searched for must have a likely time."""
    if len(content) - place < _V2.size:
        return None
    size, version, minor = _HEAD.unpack_from(content, place)
    if (
        size % ALIGNMENT
        or size > PAGE_BYTES
        or place + size > len(content)
        or minor
        or version not in (2, 3, 4)
    ):
        return None
    if version == 4:
        return _with_ranges(content, place, offset, size, is_searched=is_searched)
    layout = _V2 if version == 2 else _V3
    if size < layout.size:
        return None
    file, parent, usn, time, reason, source, security, attributes, length, begin = layout.unpack_from(
        content, place
    )
    if begin != layout.size or length % 2 or begin + length > size or usn >> 63:
        return None
    # Windows rounds the length of a record up to the alignment and no further.
    if is_searched and not (_TIMES[0] < time < _TIMES[1] and size - begin - length < ALIGNMENT):
        return None
    return Record(
        offset=offset,
        size=size,
        version=version,
        file=file if version == 2 else int.from_bytes(file, "little"),
        parent=parent if version == 2 else int.from_bytes(parent, "little"),
        usn=usn,
        reason=reason,
        source=source,
        time=time,
        security_id=security,
        attributes=attributes,
        name=content[place + begin : place + begin + length],
        is_searched=is_searched,
    )


def _with_ranges(content: bytes, place: int, offset: int, size: int, *, is_searched: bool) -> Record | None:
    if size < _V4.size:
        return None
    file, parent, usn, reason, source, left, count, extent_size = _V4.unpack_from(content, place)
    padding = size - _V4.size - count * extent_size
    if extent_size != _EXTENT.size or padding < 0 or usn >> 63 or (is_searched and padding >= ALIGNMENT):
        return None
    begin = place + _V4.size
    return Record(
        offset=offset,
        size=size,
        version=4,
        file=int.from_bytes(file, "little"),
        parent=int.from_bytes(parent, "little"),
        usn=usn,
        reason=reason,
        source=source,
        ranges=tuple(_EXTENT.iter_unpack(content[begin : begin + count * extent_size])),
        ranges_left=left,
        is_searched=is_searched,
    )
