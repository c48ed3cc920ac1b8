"""LZ77 with Huffman codes (XPRESS Huffman), unpacked up to where the input ends, so that what is cut off is not made up.

References:
    - [MS-XCA] 2.1.4 and 2.2 LZ77+Huffman Compression Algorithm
"""

from __future__ import annotations

BLOCK_BYTES = 1 << 16  # [MS-XCA] 2.1.4.2: each table of codes serves 65536 bytes of output
_TABLE_BYTES = 256
_CODE_BITS = 15


def unpack(packed: bytes, size: int) -> tuple[bytes, str | None]:
    """The first `size` bytes that `packed` holds, and why they are fewer than that, None where they are all there."""
    out = bytearray()
    position = 0
    while len(out) < size:
        lengths = packed[position : position + _TABLE_BYTES]
        if len(lengths) < _TABLE_BYTES:
            return bytes(out), f"the packed bytes end at {len(packed)}, {len(out)} of {size} are unpacked"
        codes = _codes(lengths)
        if codes is None:
            return bytes(out), f"the table of codes at {position} is no table"
        reader = _Bits(packed, position + _TABLE_BYTES)
        why = _block(reader, codes, out, size)
        if why is not None:
            return bytes(out), why
        position = reader.position
    return bytes(out), None


class _Bits:
    """Reads bits from words of 16, the uppermost first, with whole bytes in between ([MS-XCA] 2.2.4)."""

    __slots__ = ("bits", "left", "packed", "position", "stored")

    def __init__(self, packed: bytes, position: int) -> None:
        self.packed = packed
        self.position = position
        self.bits = 0
        self.left = 0  # bits held
        self.stored = 0  # of these, how many the input holds; below 0 once more was taken
        self.fill()
        self.fill()

    def fill(self) -> None:
        """Hold another word; beyond the end it is 0 and not counted as stored."""
        word = self.packed[self.position : self.position + 2]
        self.bits = self.bits << 16 | int.from_bytes(word, "little")
        self.left += 16
        # The upper byte comes first, so half a word holds nothing.
        self.stored += 16 if len(word) == 2 else 0
        self.position += len(word)

    def take(self, count: int) -> int:
        """The next bits as a number; at least 16 are held after."""
        self.left -= count
        self.stored -= count
        found = self.bits >> self.left
        self.bits &= (1 << self.left) - 1
        if self.left < 16:
            self.fill()
        return found

    def number(self, size: int) -> int:
        """A number in whole bytes beside the bits."""
        part = self.packed[self.position : self.position + size]
        self.position += len(part)
        if len(part) < size:
            self.stored = -1
        return int.from_bytes(part, "little")


def _codes(lengths: bytes) -> list[tuple[int, int]] | None:
    """Symbol and length for each value of the next 15 bits; None where the lengths make no prefix code."""
    by_length: list[list[int]] = [[] for _ in range(16)]
    for place, pair in enumerate(lengths):
        by_length[pair & 15].append(2 * place)
        by_length[pair >> 4].append(2 * place + 1)
    codes: list[tuple[int, int]] = []
    for length in range(1, _CODE_BITS + 1):
        for symbol in by_length[length]:
            codes += [(symbol, length)] * (1 << (_CODE_BITS - length))
    # A table that leaves codes unused is filled with what cannot be met in sound data.
    if not codes or len(codes) > 1 << _CODE_BITS:
        return None
    return codes + [(-1, 1)] * ((1 << _CODE_BITS) - len(codes))


def _block(reader: _Bits, codes: list[tuple[int, int]], out: bytearray, size: int) -> str | None:
    """Unpack one block, at most to `size` bytes in all; gives why that could not be reached."""
    # A match may run over the end of its block; the next block then begins behind the match.
    end = min(size, len(out) + BLOCK_BYTES)
    while len(out) < end:
        symbol, length = codes[reader.bits >> (reader.left - _CODE_BITS)]
        reader.take(length)
        if reader.stored < 0:
            return f"the packed bytes end at {len(reader.packed)}, {len(out)} are unpacked"
        if symbol < 0:
            return f"no code at {reader.position}, {len(out)} are unpacked"
        if symbol < 256:
            out.append(symbol)
            continue
        count = (symbol & 15) + 3
        if symbol & 15 == 15:
            count = _long_count(reader)
        distance_bits = symbol - 256 >> 4
        distance = (1 << distance_bits) + (reader.take(distance_bits) if distance_bits else 0)
        if reader.stored < 0:
            return f"the packed bytes end at {len(reader.packed)}, {len(out)} are unpacked"
        if distance > len(out) or count < 3:
            return f"a match at {reader.position} reaches before the first byte, {len(out)} are unpacked"
        _copy(out, distance, min(count, size - len(out)))
    return None


def _long_count(reader: _Bits) -> int:
    """[MS-XCA] 2.2.4: a length of 15 or more stands in a byte, else in two, else in four behind it."""
    count = reader.number(1)
    if count < 255:
        return count + 18
    count = reader.number(2) or reader.number(4)
    return count + 3 if count >= 15 else -1


def _copy(out: bytearray, distance: int, count: int) -> None:
    """Repeat bytes that are `distance` back; they may reach into what is being written."""
    start = len(out) - distance
    piece = bytes(out[start : start + count])
    whole, rest = divmod(count, len(piece))
    out += piece * whole + piece[:rest]
