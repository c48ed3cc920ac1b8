"""The properties of an item within an attachment of an Outlook store, which the library gives as the bytes of its heap.

References:
    - [MS-PST] 2.3.1 (heap on a node), 2.3.2 (tree on a heap), 2.3.3 (property context)
"""

from __future__ import annotations

import struct

_SIGNATURE, _CONTEXT, _TREE = 0xEC, 0xBC, 0xB5
_BLOCK = 8176  # [MS-PST] 2.2.2.8.3.1: bytes of a data block of a Unicode store
_RECORD = struct.Struct("<HHI")
_MOST_DEPTH, _MOST = 4, 10_000
# Types whose value stands in the record itself.
_SHORT = {0x02: 2, 0x03: 4, 0x04: 4, 0x0A: 4, 0x0B: 1}


def properties(content: bytes) -> tuple[list[tuple[int, int, bytes]], int]:
    """Number, type and bytes of each property, and how many have their bytes elsewhere.

    Raises:
        ValueError: the bytes are no property context.
    """
    if len(content) < 12 or content[2] != _SIGNATURE or content[3] != _CONTEXT:
        raise ValueError(f"no property context: it begins with {content[:4].hex(' ')}")
    tree = _part(content, int.from_bytes(content[4:8], "little"))
    if len(tree) < 8 or tree[:3] != bytes((_TREE, 2, 6)):
        raise ValueError(f"no tree of properties: it begins with {tree[:4].hex(' ')}")
    found, elsewhere = [], 0
    records = _records(content, int.from_bytes(tree[4:8], "little"), min(tree[3], _MOST_DEPTH))
    for number, kind, value in records[:_MOST]:
        if kind in _SHORT:
            found.append((number, kind, value.to_bytes(4, "little")[: _SHORT[kind]]))
        elif value == 0:
            found.append((number, kind, b""))
        elif value & 0x1F:  # [MS-PST] 2.3.3.2: a node of its own
            elsewhere += 1
        else:
            found.append((number, kind, _part(content, value)))
    return found, elsewhere


def _records(content: bytes, place: int, levels: int) -> list[tuple[int, int, int]]:
    raw = _part(content, place) if place else b""
    if not levels:
        return [_RECORD.unpack_from(raw, at) for at in range(0, len(raw) - _RECORD.size + 1, _RECORD.size)]
    inner = [int.from_bytes(raw[at + 2 : at + 6], "little") for at in range(0, len(raw) - 5, 6)]
    return [one for each in inner[:500] for one in _records(content, each, levels - 1)]


def _part(content: bytes, place: int) -> bytes:
    """The bytes of an allocation; none where there is no such."""
    index, block = place >> 5 & 0x7FF, place >> 16
    start = block * _BLOCK
    own = content[start : start + _BLOCK]
    if not index or len(own) < 8:
        return b""
    at = int.from_bytes(own[:2], "little") + 4 + 2 * (index - 1)
    count = int.from_bytes(own[:2], "little")
    if index > int.from_bytes(own[count : count + 2], "little") or at + 4 > len(own):
        return b""
    begin, end = struct.unpack_from("<HH", own, at)
    return own[begin:end]
