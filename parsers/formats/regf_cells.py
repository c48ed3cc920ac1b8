"""Cells of a registry hive read one by one, for keys and values that libregf refuses.

libregf opens a hive only when every hive bin is in its place, and a key only when all its subkeys
are sound; here one bad cell costs no more than itself. What cannot be read raises ValueError.

References:
    - M. Suhanov, Windows registry file format specification (cited as [REGF])
"""

from __future__ import annotations

import io
import struct
from functools import cached_property
from typing import BinaryIO

from parsers.formats.regf_log import BASE_BLOCK_BYTES

_NOWHERE = 0xFFFFFFFF
_LARGEST = (
    16 << 20
)  # bytes of one cell or value: Windows holds no value above 1 MiB without complaint, none of these sizes
_INLINE = 0x80000000
_SEGMENT = 16344  # [REGF] Big data: bytes of a segment before the last
_KEY_NODE = struct.Struct("<2sHQIIIIIIIIIIIIIIIHH")  # [REGF] Key node, 76 bytes
_VALUE = struct.Struct("<2sHIIIHH")  # [REGF] Key value, 20 bytes


class CellKey:
    """A key read from its cell; the members used of libregf's key have the same names."""

    def __init__(self, content: BinaryIO, place: int) -> None:
        """Read the key node at an offset among the hive bins.

        Raises:
            ValueError: there is no key node.
        """
        node = _cell(content, place)
        if len(node) < _KEY_NODE.size or node[:2] != b"nk":
            raise ValueError(f"no key node at {BASE_BLOCK_BYTES + place:#x}")
        fields = _KEY_NODE.unpack_from(node)
        flags, length = fields[1], fields[18]
        self._content = content
        self._written = fields[2]
        self.stated_sub_keys, self._leaf = fields[5], fields[7]
        self.stated_values, self._values = fields[9], fields[10]
        self.offset = BASE_BLOCK_BYTES + place + 4
        self.name = _name(node[_KEY_NODE.size : _KEY_NODE.size + length], is_compressed=bool(flags & 0x20))

    def get_last_written_time_as_integer(self) -> int:
        """The FILETIME of the last change."""
        return int(self._written)

    @property
    def number_of_sub_keys(self) -> int:
        """How many subkeys are listed."""
        return len(self._subkeys)

    @property
    def number_of_values(self) -> int:
        """How many values are listed."""
        return len(self._value_places)

    def get_sub_key(self, number: int) -> CellKey:
        """A subkey by its number."""
        return CellKey(self._content, self._subkeys[number])

    def get_value(self, number: int) -> CellValue:
        """A value by its number."""
        return CellValue(self._content, self._value_places[number])

    @cached_property
    def _subkeys(self) -> tuple[int, ...]:
        if not self.stated_sub_keys or self._leaf == _NOWHERE:
            return ()
        signature, entries = _list(self._content, self._leaf)
        if signature != b"ri":
            return entries
        places: list[int] = []
        most = self._content.seek(0, io.SEEK_END) // _KEY_NODE.size
        for leaf in entries:
            if len(places) > most:  # more than the file has room for: the lists repeat one another
                break
            try:
                signature, entries = _list(self._content, leaf)
            except ValueError:
                continue
            if signature != b"ri":  # [REGF] Index root, note 1: it cannot point to another
                places.extend(entries)
        return tuple(places)

    @cached_property
    def _value_places(self) -> tuple[int, ...]:
        if not self.stated_values or self._values == _NOWHERE:
            return ()
        listed = _cell(self._content, self._values)
        count = min(self.stated_values, len(listed) // 4)
        return struct.unpack_from(f"<{count}I", listed)


class CellValue:
    """A value read from its cell; the members used of libregf's value have the same names."""

    def __init__(self, content: BinaryIO, place: int) -> None:
        """Read the value at an offset among the hive bins.

        Raises:
            ValueError: there is no value.
        """
        cell = _cell(content, place)
        if len(cell) < _VALUE.size or cell[:2] != b"vk":
            raise ValueError(f"no key value at {BASE_BLOCK_BYTES + place:#x}")
        _, length, size, where, self.type, flags, _ = _VALUE.unpack_from(cell)
        self.name = _name(cell[_VALUE.size : _VALUE.size + length], is_compressed=bool(flags & 1))
        self._content, self._cell, self._size, self._where = content, cell, size, where

    @property
    def data(self) -> bytes:
        """The value's data, read when asked for.

        Raises:
            ValueError: they cannot be reached.
        """
        return _data(self._content, self._cell, self._size, self._where)


def inline_data(content: BinaryIO, offset: int) -> bytes | None:
    """The data a value at a file offset holds in its own cell, None where the data stand elsewhere."""
    content.seek(offset)
    cell = content.read(_VALUE.size)
    if len(cell) < _VALUE.size or cell[:2] != b"vk":
        return None
    size = int.from_bytes(cell[4:8], "little")
    # [REGF] Data size: with the highest bit set, four bytes or less stand in the offset field, from its first byte.
    return cell[8 : 8 + min(4, size & ~_INLINE)] if size & _INLINE else None


def _data(content: BinaryIO, cell: bytes, size: int, where: int) -> bytes:
    if size & _INLINE:
        return cell[8 : 8 + min(4, size & ~_INLINE)]
    if not size:
        return b""
    stored = _cell(content, where)
    if size > _SEGMENT and stored[:2] == b"db":
        count, listed = struct.unpack_from("<HI", stored, 2)
        places = struct.unpack_from(f"<{count}I", _cell(content, listed).ljust(4 * count, b"\xff"))
        # No more segments than the size asks for: a list could name one of them a thousand times.
        stored = b"".join(_cell(content, place)[:_SEGMENT] for place in places[: -(-size // _SEGMENT)])
    if len(stored) < size:
        raise ValueError(f"the value has {size} bytes, {len(stored)} are there")
    return stored[:size]


def _cell(content: BinaryIO, place: int) -> bytes:
    """The bytes of a cell in use ([REGF] Cell: its size is negative)."""
    if place >= _NOWHERE - BASE_BLOCK_BYTES:
        raise ValueError("an offset leads nowhere")
    content.seek(BASE_BLOCK_BYTES + place)
    head = content.read(4)
    size = -int.from_bytes(head, "little", signed=True)
    if len(head) < 4 or not 8 <= size <= _LARGEST:
        raise ValueError(f"no cell in use at {BASE_BLOCK_BYTES + place:#x}")
    cell = content.read(size - 4)
    if len(cell) < size - 4:
        raise ValueError(f"the cell at {BASE_BLOCK_BYTES + place:#x} is cut off")
    return cell


def _list(content: BinaryIO, place: int) -> tuple[bytes, tuple[int, ...]]:
    """Signature and offsets of a list of subkeys ([REGF] Index leaf, Fast leaf, Hash leaf, Index root)."""
    cell = _cell(content, place)
    signature, stated = struct.unpack_from("<2sH", cell)
    step = {b"lf": 8, b"lh": 8, b"li": 4, b"ri": 4}.get(signature)
    if step is None:
        raise ValueError(f"no list of subkeys at {BASE_BLOCK_BYTES + place:#x}")
    count = min(stated, (len(cell) - 4) // step)
    return signature, tuple(
        int.from_bytes(cell[4 + step * at : 8 + step * at], "little") for at in range(count)
    )


def _name(stored: bytes, *, is_compressed: bool) -> str:
    # [REGF] Key node, flags: a compressed name has one byte for each character, the low half of its UTF-16.
    return (
        stored.decode("latin-1")
        if is_compressed
        else stored[: len(stored) // 2 * 2].decode("utf-16-le", "surrogatepass")
    )
