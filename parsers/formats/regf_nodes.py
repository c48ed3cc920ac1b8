"""Key nodes and values of registry hives as records at an offset, told from other bytes by what they must hold.

In free space nothing says where a record begins: what is taken for one must have possible flags, lengths that fit, a name of
letters a name can have, a time between 1990 and 2100, and offsets at which a cell can stand.

References:
    - M. Suhanov, Windows registry file format specification (cited as [REGF])
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

from parsers.formats.filetime import ticks
from parsers.formats.regf_log import BASE_BLOCK_BYTES

NODE_BYTES, VALUE_BYTES = 76, 20
_NODE = struct.Struct("<2sHQIIIIIIIIIIIIIIIHH")  # [REGF] Key node
_VALUE = struct.Struct("<2sHIIIHH")  # [REGF] Key value
_NOWHERE = 0xFFFFFFFF
_INLINE = 0x80000000
# [REGF] Key node, flags: all that were seen but the first, of keys that are never written to a file.
_KEY_FLAGS = 0x53FE
_COMPRESSED = 0x20
_LONGEST_KEY, _LONGEST_VALUE = (
    510,
    2048,
)  # bytes of a name: 255 characters; of a value, far above what programs use
_MOST_KEYS, _MOST_VALUES, _LARGEST = 1 << 20, 1 << 16, 64 << 20
_FIRST, _LAST = (ticks(datetime(year, 1, 1, tzinfo=UTC)) for year in (1990, 2100))
# [REGF] Key value, data type: 0 to 11, or a property of a device (DEVPROPTYPE).
_TYPES, _PROPERTY, _PROPERTIES = 12, 0xFFFF0000, 0x2020


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A key node: `place` is the offset of its cell among the bins, as parents and lists name it."""

    place: int
    name: str
    name_bytes: int
    written_ticks: int
    parent: int
    values: int
    value_count: int

    @property
    def offset(self) -> int:
        """Where its cell begins in the file."""
        return BASE_BLOCK_BYTES + self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCell:
    """A value without its data: `size` and `where` as stored."""

    place: int
    name: str
    name_bytes: int
    kind: int
    size: int
    where: int

    @property
    def offset(self) -> int:
        """Where its cell begins in the file."""
        return BASE_BLOCK_BYTES + self.place

    @property
    def data_bytes(self) -> int:
        """How many bytes its data have."""
        return self.size & ~_INLINE


def node_at(content: bytes, at: int, end: int, *, is_live: bool = False) -> Node | None:
    """The key node at a file offset that ends before another; of a live one only the name is looked at."""
    if end - at < NODE_BYTES or content[at : at + 2] != b"nk":
        return None
    fields = _NODE.unpack_from(content, at)
    flags, written, parent, length = fields[1], fields[2], fields[4], fields[18]
    stored = content[at + NODE_BYTES : min(at + NODE_BYTES + length, end)]
    name = _name(stored, is_compressed=bool(flags & _COMPRESSED))
    node = Node(
        place=at - 4 - BASE_BLOCK_BYTES,
        name=name or "",
        name_bytes=length,
        written_ticks=written,
        parent=parent,
        values=fields[10],
        value_count=fields[9],
    )
    if is_live:
        return node if name is not None else None
    sub_keys, volatile = fields[5], fields[6]
    is_likely = (
        0 < length <= _LONGEST_KEY
        and len(stored) == length
        and flags & ~_KEY_FLAGS == 0
        and _FIRST <= written < _LAST
        and max(sub_keys, volatile) <= _MOST_KEYS
        and fields[9] <= _MOST_VALUES
        and all(map(_is_place, (parent, fields[7], fields[10], fields[11], fields[12])))
    )
    return node if is_likely and name and "\\" not in name and _is_readable(name) else None


def value_at(content: bytes, at: int, end: int) -> ValueCell | None:
    """The value at a file offset that ends before another."""
    if end - at < VALUE_BYTES or content[at : at + 2] != b"vk":
        return None
    _, length, size, where, kind, flags, _ = _VALUE.unpack_from(content, at)
    stored = content[at + VALUE_BYTES : at + VALUE_BYTES + length]
    if at + VALUE_BYTES + length > end or length > _LONGEST_VALUE or flags & ~3:
        return None
    if size & _INLINE:
        is_likely = size & ~_INLINE <= 4
    else:
        is_likely = size <= _LARGEST and (_is_place(where) or not size)
    # Below the names of accounts the type of an empty value is the number of the account.
    is_known = kind < _TYPES or (kind >= _PROPERTY and kind - _PROPERTY < _PROPERTIES) or size == _INLINE
    name = _name(stored, is_compressed=bool(flags & 1))
    if not is_likely or not is_known or name is None or not _is_readable(name):
        return None
    return ValueCell(
        place=at - 4 - BASE_BLOCK_BYTES, name=name, name_bytes=length, kind=kind, size=size, where=where
    )


def _is_place(offset: int) -> bool:
    """Whether a cell can stand at an offset among the bins, or the offset stands for none."""
    return offset == _NOWHERE or (offset % 8 == 0 and offset < 1 << 31)


def _is_readable(name: str) -> bool:
    return all(one >= " " and not "\x7f" <= one <= "\x9f" for one in name)


def _name(stored: bytes, *, is_compressed: bool) -> str | None:
    """A name as stored, None where its bytes are no text."""
    if is_compressed:
        return stored.decode("latin-1")
    try:
        return stored.decode("utf-16-le")
    except UnicodeDecodeError:
        return None
