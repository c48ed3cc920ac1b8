"""The attributes of a TNEF stream, and the MAPI properties in them.

References:
    - [MS-OXTNEF] 2.1.3 (attributes), 2.1.3.4 (properties), 2.1.3.5 (recipients)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.formats.mapi import MULTIPLE

SIGNATURE = b"\x78\x9f\x3e\x22"
_ATTRIBUTE = struct.Struct("<BII")
# [MS-OXTNEF] 2.1.3.4: how many bytes a value of a type takes, filled to four.
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = (0x0D, 0x1E, 0x1F, 0x102)
_MOST = 100_000
_SET_END = bytes.fromhex("00000000c000000000000046")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: where it begins, whether it is of an attachment, its number, its bytes, what is wrong."""

    offset: int
    is_of_attachment: bool
    number: int
    content: bytes
    wrong: str | None


def attributes(content: bytes, offset: int = 6) -> Iterator[Attribute]:
    """The attributes in stored order, up to the first that is none."""
    at = offset
    while at + _ATTRIBUTE.size <= len(content):
        level, number, size = _ATTRIBUTE.unpack_from(content, at)
        begin = at + _ATTRIBUTE.size
        if level not in (1, 2):
            yield Attribute(at, False, 0, b"", f"{level} is no level of an attribute; the rest is not read")
            return
        own = content[begin : begin + size]
        wrong = None
        if begin + size + 2 > len(content):
            wrong = f"an attribute of {size} bytes, {len(own)} are there"
        elif int.from_bytes(content[begin + size : begin + size + 2], "little") != sum(own) & 0xFFFF:
            wrong = f"the checksum of attribute {number & 0xFFFF:04x} does not hold"
        yield Attribute(at, level == 2, number & 0xFFFF, own, wrong)
        at = begin + size + 2
    if at < len(content) and content[at:].strip(b"\0\r\n"):
        yield Attribute(at, False, 0, b"", f"{len(content) - at} bytes at the end are no attribute")


@dataclass(slots=True)
class Listed:
    """Properties out of an attribute: number, type, bytes; named ones by a number given here; where the list ends."""

    values: list[tuple[int, int, bytes]]
    names: dict[tuple[int, int], int]
    end: int
    wrong: str | None = None


def listed(content: bytes, at: int = 0) -> Listed:
    """A list of properties from a place on; it ends at the first that is cut or of no type."""
    found = Listed([], {}, at)
    if at + 4 > len(content):
        found.wrong = "a list of properties is cut short"
        return found
    count = int.from_bytes(content[at : at + 4], "little")
    at += 4
    for index in range(min(count, _MOST)):
        try:
            at = _property(content, at, index, found)
        except (struct.error, ValueError) as error:
            found.wrong = f"property {index + 1} of {count} cannot be read: {error}"
            break
    found.end = at
    return found


def _property(content: bytes, at: int, index: int, into: Listed) -> int:
    kind, number = struct.unpack_from("<HH", content, at)
    at += 4
    if number >= 0x8000:
        group, form = content[at : at + 16], int.from_bytes(content[at + 16 : at + 20], "little")
        (told,) = struct.unpack_from("<I", content, at + 20)
        at += 24
        # Numbers of named properties hold for one message alone: each gets one of its own here.
        number = 0x8000 + min(index, 0x7FFF)
        if form:
            at += told + -told % 4
        elif group[4:] == _SET_END:
            into.names[int.from_bytes(group[:4], "little"), told] = number
    base = kind & ~MULTIPLE
    count = 1
    if kind & MULTIPLE or base in _VARIABLE:
        (count,) = struct.unpack_from("<I", content, at)
        at += 4
    if base not in _FIXED and base not in _VARIABLE:
        raise ValueError(f"{kind:#06x} is no type")
    values = []
    for _ in range(count):
        if base in _FIXED:
            size, step = _FIXED[base], _FIXED[base]
        else:
            (size,) = struct.unpack_from("<I", content, at)
            at, step = at + 4, size + -size % 4
        if at + size > len(content):
            raise ValueError(f"a value of {size} bytes, {len(content) - at} are there")
        values.append(content[at : at + size])
        at += step
    into.values.append((number, kind, _together(values) if kind & MULTIPLE else b"".join(values[:1])))
    return at


def _together(values: list[bytes]) -> bytes:
    """Several values as an Outlook store keeps them: a count, offsets, bytes."""
    places, at = [], 4 + 4 * len(values)
    for one in values:
        places.append(at)
        at += len(one)
    return struct.pack(f"<{len(values) + 1}I", len(values), *places) + b"".join(values)
