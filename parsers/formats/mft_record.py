"""Records of an NTFS master file table, decoded from its bytes.

Decoded here and not by a library, since libfsntfs takes every record of a table handed over alone for 1024 bytes and so
numbers those of 4096 bytes wrongly; it is the second reader of the tests.

References:
    - J. Metz, New Technologies File System (NTFS), sections 5 (MFT) and 6 (attributes)
    - [MS-FSCC] 2.1.2.1 (reparse tags), 2.1.5.1 (file reference), 2.6 (file attributes)
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from uuid import UUID

SIGNATURE = b"FILE"
DAMAGED_SIGNATURE = b"BAAD"
RECORD_SIZES = (1024, 4096, 512, 2048)
REFERENCE = (1 << 48) - 1
_SECTOR_BYTES = 512
_IN_USE, _DIRECTORY = 1, 2
# Signature, fix-up offset and count, LSN, sequence, links, attributes offset, flags, used, allocated, base reference.
_HEADER = struct.Struct("<4sHHQHHHHIIQ")
_ATTRIBUTE = struct.Struct(
    "<IIBBHHH"
)  # type, size, is non-resident, name characters, name offset, flags, identifier
_RESIDENT = struct.Struct("<IH")  # at 16: size, offset
_OUTSIDE = struct.Struct("<QQHHIQQQ")  # at 16: VCNs, runs, unit, -, allocated, size, initialised
_INFORMATION = struct.Struct("<QQQQI")  # creation, change, change of the entry, access, attributes
_NAME = struct.Struct(
    "<QQQQQQQIIBB"
)  # parent, four times, allocated, size, attributes, -, characters, name space
_STANDARD_INFORMATION, _FILE_NAME, _OBJECT_ID, _DATA, _REPARSE = 0x10, 0x30, 0x40, 0x80, 0xC0
_END = 0xFFFFFFFF
_TICKS_PER_SECOND = 10_000_000
# FILE_ATTRIBUTE_RECALL_ON_OPEN and _ON_DATA_ACCESS: the content lies elsewhere ([MS-FSCC] 2.6).
_RECALL = 0x00040000 | 0x00400000
# IO_REPARSE_TAG_CLOUD and its fifteen numbered kinds, without their number; IO_REPARSE_TAG_ONEDRIVE ([MS-FSCC] 2.1.2.1).
_CLOUD, _CLOUD_MASK, _ONE_DRIVE = 0x9000001A, 0xFFFF0FFF, 0x80000021
_DOS_ONLY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One $FILE_NAME: the name as stored, the folder it stands in, its own times as FILETIMEs."""

    stored: bytes
    parent: int
    times: tuple[int, int, int, int]


@dataclass(slots=True, kw_only=True)
class Record:
    """What one MFT record holds, or a base record with its extensions."""

    index: int
    sequence: int
    is_in_use: bool
    is_directory: bool
    base: int
    names: list[Name] = field(default_factory=list)
    times: tuple[int, int, int, int] | None = None
    attributes: int | None = None
    security_id: int | None = None
    last_usn: int | None = None
    size: int | None = None
    allocated: int | None = None
    is_resident: bool | None = None
    resident: bytes | None = None
    reparse_tag: int | None = None
    # Object, then where it was born: volume, object, domain; those are absent where Windows stored the first alone.
    object_ids: tuple[str, ...] = ()
    streams: list[bytes] = field(default_factory=list)
    has_attributes: bool = False
    faults: list[str] = field(default_factory=list)

    def extend(self, other: Record) -> None:
        """Take over what an extension record holds."""
        self.names += other.names
        self.streams += other.streams
        self.faults += other.faults
        self.has_attributes |= other.has_attributes
        if self.times is None:
            self.times, self.attributes = other.times, other.attributes
            self.security_id, self.last_usn = other.security_id, other.last_usn
        if self.size is None:
            self.size, self.allocated, self.is_resident = other.size, other.allocated, other.is_resident
            self.resident = other.resident
        if self.reparse_tag is None:
            self.reparse_tag = other.reparse_tag
        self.object_ids = self.object_ids or other.object_ids


def is_placeholder(attributes: int | None, reparse_tag: int | None = None) -> bool | None:
    """Whether a file's content is fetched from a cloud drive when it is opened, and is not on the volume; None without attributes.

    A file of a cloud drive (OneDrive and others) that is on the volume has the reparse tag alone.
    """
    if attributes is None:
        return None
    is_of_cloud = reparse_tag is None or reparse_tag & _CLOUD_MASK == _CLOUD or reparse_tag == _ONE_DRIVE
    return bool(attributes & _RECALL) and is_of_cloud


def has_zero_fraction(created: int | None) -> bool | None:
    """Whether a FILETIME of creation stands on a whole second, a sign that a program set it; None for none."""
    return created % _TICKS_PER_SECOND == 0 if created else None


def is_name_later(created: int | None, name_created: int | None) -> bool | None:
    """Whether creation in $FILE_NAME is later than in $STANDARD_INFORMATION, a sign too; None where one is missing."""
    return name_created > created if created and name_created else None


def record_size(head: bytes) -> int:
    """Size of each record, as the first records of a table state it; 1024 where none does."""
    for place in range(0, len(head) - _HEADER.size, _SECTOR_BYTES):
        if head.startswith(SIGNATURE, place):
            stated = int(_HEADER.unpack_from(head, place)[9])
            if stated in RECORD_SIZES:
                return stated
    return RECORD_SIZES[0]


def base_of(content: bytes, place: int = 0) -> int:
    """Reference of the record this one extends, 0 where it extends none."""
    return int.from_bytes(content[place + 32 : place + 40], "little")


def decode(content: bytes, index: int) -> Record:
    """A record that begins with its signature, whole in `content`; what is wrong in it stands in its faults.

    Raises:
        ValueError: the record's header cannot be.
    """
    _, fix_at, fix_count, _, sequence, _, begin, flags, used, _, base = _HEADER.unpack_from(content)
    record = Record(
        index=index,
        sequence=sequence,
        is_in_use=bool(flags & _IN_USE),
        is_directory=bool(flags & _DIRECTORY),
        base=base,
    )
    if not _HEADER.size <= begin <= len(content) or begin % 4:
        raise ValueError(f"its attributes begin at {begin} of {len(content)}")
    if used > len(content):
        record.faults.append(f"{used} of {len(content)} bytes are said to be in use")
    fixed = _fix_up(content, fix_at, fix_count, record)
    _attributes(fixed[: min(used, len(fixed))], begin, record)
    return record


def _fix_up(content: bytes, at: int, count: int, record: Record) -> bytes:
    """The record with the last two bytes of each sector put back (section 5.1: they hold a number until it is read)."""
    sectors = len(content) // _SECTOR_BYTES
    values = content[at : at + 2 * count]
    if count != sectors + 1 or len(values) < 2 * count:
        record.faults.append(f"{count} fix-up values at {at} for {sectors} sectors")
        return content
    fixed = bytearray(content)
    for number in range(sectors):
        end = (number + 1) * _SECTOR_BYTES
        if fixed[end - 2 : end] != values[:2]:
            record.faults.append(f"the sector that ends at {end} was not written with the rest")
        else:
            fixed[end - 2 : end] = values[2 * number + 2 : 2 * number + 4]
    return bytes(fixed)


def _attributes(content: bytes, place: int, record: Record) -> None:
    while len(content) - place >= 4:
        if int.from_bytes(content[place : place + 4], "little") == _END:
            return
        if len(content) - place < _ATTRIBUTE.size + 8:
            break
        kind, size, is_outside, length, name_at, _, _ = _ATTRIBUTE.unpack_from(content, place)
        if size < _ATTRIBUTE.size + 8 or size % 8 or place + size > len(content):
            record.faults.append(f"the attribute at {place} has {size} bytes")
            return
        attribute = content[place : place + size]
        record.has_attributes = True
        name = attribute[name_at : name_at + 2 * length]
        try:
            if kind == _DATA:
                _data(attribute, name, record, is_outside=bool(is_outside))
            elif not is_outside and kind in (_STANDARD_INFORMATION, _FILE_NAME, _OBJECT_ID, _REPARSE):
                length, at = _RESIDENT.unpack_from(attribute, 16)
                _told(kind, attribute[at : at + length], record)
        except struct.error:
            record.faults.append(f"the attribute {kind:#x} at {place} is too short")
        place += size
    record.faults.append("the attributes have no end")


def _data(attribute: bytes, name: bytes, record: Record, *, is_outside: bool) -> None:
    """Size and place of the content, or the name of an alternate data stream."""
    if is_outside:
        first, _, _, _, _, allocated, size, _ = _OUTSIDE.unpack_from(attribute, 16)
        # What continues an attribute begun in another record states no size.
        if first:
            return
    else:
        size, at = _RESIDENT.unpack_from(attribute, 16)
        allocated = 0
    if name:
        record.streams.append(name)
    elif record.size is None:
        record.resident = None if is_outside else attribute[at : at + size]
        record.size, record.allocated, record.is_resident = size, allocated, not is_outside


def _told(kind: int, content: bytes, record: Record) -> None:
    if kind == _STANDARD_INFORMATION:
        *times, record.attributes = _INFORMATION.unpack_from(content)
        record.times = (times[0], times[1], times[2], times[3])
        # Since NTFS 3.0: owner, security descriptor, quota and number in the change journal.
        if len(content) >= 72:
            record.security_id, record.last_usn = struct.unpack_from("<I8xQ", content, 52)
        return
    if kind == _REPARSE:
        (record.reparse_tag,) = struct.unpack_from("<I", content)
        return
    if kind == _OBJECT_ID:
        given = [content[place : place + 16] for place in range(0, min(len(content), 64) - 15, 16)]
        record.object_ids = tuple(str(UUID(bytes_le=one)).upper() for one in given)
        return
    parent, created, modified, changed, accessed, _, _, _, _, length, space = _NAME.unpack_from(content)
    stored = content[_NAME.size : _NAME.size + 2 * length]
    if len(stored) < 2 * length:
        record.faults.append(f"a name of {length} characters is cut")
    if space != _DOS_ONLY:
        record.names.append(Name(stored=stored, parent=parent, times=(created, modified, changed, accessed)))
