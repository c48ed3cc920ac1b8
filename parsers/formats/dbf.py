"""Tables of dBase, FoxPro and Clipper: header, fields, and the text of memo files.

References:
    - dBASE Level 5 and 7 table file formats (dBASE, "Table File Structure"); Microsoft, "Table File Structure (.dbc, .dbf,
      .frx, ...)" of Visual FoxPro, code pages and memo files (.fpt); Library of Congress, fdd000325 (DBF)
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

_HEADER = struct.Struct("<B3xIHH16xBB2x")
_FIELD = struct.Struct("<11sc4xBB14x")
_FIELD_7 = struct.Struct("<32scBB13x")
_END_OF_FIELDS = 0x0D
MOST_FIELDS = 2048
_MOST_MEMO = 1 << 20
# Language drivers, from the list of Visual FoxPro and that of dBASE; what is not here is told by the bytes.
_PAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x7B: "cp932", 0x7A: "gb18030", 0x4D: "gb18030", 0x4E: "cp949",
    0x79: "cp949", 0x4F: "cp950", 0x78: "cp950", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0xC8: "cp1250", 0xC9: "cp1251",
    0x26: "cp866", 0x65: "cp866", 0x64: "cp852", 0x6A: "cp737", 0xCB: "cp1253", 0xCA: "cp1254", 0x7C: "cp874", 0x1B: "cp1252",
}  # fmt: skip
_VERSIONS = {
    0x02,
    0x03,
    0x04,
    0x05,
    0x30,
    0x31,
    0x32,
    0x43,
    0x63,
    0x7B,
    0x83,
    0x8B,
    0x8C,
    0x8E,
    0xCB,
    0xE5,
    0xF5,
    0xFB,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name as stored, its kind, and where it stands in a record."""

    name: bytes
    kind: str
    start: int
    size: int
    decimals: int


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says: version, records, sizes, code page, fields."""

    version: int
    count: int
    header_size: int
    record_size: int
    has_memo: bool
    codec: str | None
    fields: tuple[Field, ...]


def is_dbf(head: bytes) -> bool:
    """Whether the first bytes are those of a table: a known version, a date, sizes that fit."""
    if len(head) < 33 or head[0] not in _VERSIONS:
        return False
    _, _, header_size, record_size, _, _ = _HEADER.unpack_from(head)
    return head[2] <= 12 and head[3] <= 31 and header_size >= 33 and record_size >= 2


def read_header(head: bytes) -> Header:
    """The header of a table.

    Raises:
        ValueError: it has no fields, or is cut short.
    """
    if len(head) < _HEADER.size:
        raise ValueError(f"{len(head)} bytes are too few for a header")
    version, count, header_size, record_size, flags, driver = _HEADER.unpack_from(head)
    is_seven = version & 7 == 4
    form, place = (_FIELD_7, 68) if is_seven else (_FIELD, 32)
    fields: list[Field] = []
    # Byte 0 of a record is the mark of deletion.
    start = 1
    while (
        place + form.size <= min(len(head), header_size)
        and head[place] != _END_OF_FIELDS
        and len(fields) < MOST_FIELDS
    ):
        raw, kind, size, decimals = form.unpack_from(head, place)
        letter = kind.decode("latin-1")
        if letter == "C" and not is_seven:
            # Clipper and FoxPro: the byte of decimals is the high one of the length.
            size, decimals = size + 256 * decimals, 0
        fields.append(Field(raw.split(b"\0")[0], letter, start, size, decimals))
        start += size
        place += form.size
    if not fields:
        raise ValueError("its header names no fields")
    codec = _PAGES.get(driver)
    has_memo = bool(version & 0x80) or version == 0x7B or bool(flags & 2 and version in (0x30, 0x31, 0x32))
    return Header(version, count, header_size, record_size, has_memo, codec, tuple(fields))


def memo_reader(stream: BinaryIO, header: Header, *, is_fox: bool) -> Callable[[int], bytes]:
    """What gives the bytes of a memo by the number of its block.

    Raises (when called):
        ValueError: no memo is there.
    """
    head = stream.read(512)
    if is_fox:
        size = int.from_bytes(head[6:8], "big") or 64
    else:
        size = (
            int.from_bytes(head[20:22], "little")
            if header.version & 0x7F in (0x0B, 0x7B, 0x43, 0x4B, 0x63, 0x0C)
            else 512
        )
        size = size or 512

    def read(number: int) -> bytes:
        place = number * size
        stream.seek(place)
        first = stream.read(8)
        if number <= 0 or len(first) < 8:
            raise ValueError(f"block {number} is not in the memo file")
        if is_fox:
            length = int.from_bytes(first[4:8], "big")
            content = stream.read(min(length, _MOST_MEMO))
            if len(content) < length:
                raise ValueError(f"block {number} has {length} bytes, of which {len(content)} are read")
            return content
        if first[:4] == b"\xff\xff\x08\x00":
            length = max(int.from_bytes(first[4:8], "little") - 8, 0)
            return stream.read(min(length, _MOST_MEMO))
        content = first
        while b"\x1a" not in content[-513:] and len(content) < _MOST_MEMO and (block := stream.read(512)):
            content += block
        return content.split(b"\x1a", 1)[0]

    return read
