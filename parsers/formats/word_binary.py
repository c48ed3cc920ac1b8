"""The text of a binary Word document piece by piece, with where each sign is stored.

References:
    - [MS-DOC] 2.4.1 (retrieving text), 2.5 (FIB), 2.8.35 (PlcPcd), 2.9.38 (Clx), 2.9.73 (FcCompressed), 2.9.23 (BxPap)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.contract import ProblemKind
from parsers.formats.xml_stream import BadPart

MAGIC = 0xA5EC
# [MS-DOC] 2.5.1: the lowest nFib of Word 97; those of Word 6 and 95 lie below.
WORD_97 = 0xC1
_STEP = 1 << 16
_SEGMENTS = (
    ("body", 0x4C), ("footnote", 0x50), ("header", 0x54), ("macro", 0x58), ("comment", 0x5C), ("endnote", 0x60),
    ("text_box", 0x64), ("header_text_box", 0x68),
)  # fmt: skip
_CLX, _PAPX = 0x1A2, 0x102
_PAGE = 512
_MOST_PIECES = 500_000
_MOST_PARAGRAPHS = 1_000_000
# [MS-DOC] 2.9.73: what single bytes stand for that are no sign of Latin-1.
_COMPRESSED = {one: bytes([one]).decode("cp1252", "replace") for one in range(0x80, 0xA0)}


@dataclass(frozen=True, slots=True)
class Fib:
    """What the head of the document says."""

    version: int
    flags: int
    counts: tuple[tuple[str, int], ...]

    @property
    def is_encrypted(self) -> bool:
        """FEncrypted."""
        return bool(self.flags & 0x0100)

    @property
    def is_obfuscated(self) -> bool:
        """fObfuscated: XOR."""
        return bool(self.flags & 0x8000)

    @property
    def table(self) -> str:
        """Name of the table stream."""
        return "1Table" if self.flags & 0x0200 else "0Table"


def fib(content: bytes) -> Fib:
    """The head of a WordDocument stream.

    Raises:
        BadPart: it is cut off.
    """
    if len(content) < 0x1AA:
        raise BadPart(ProblemKind.TRUNCATED, f"the head of the document has {len(content)} bytes of 426")
    counts = tuple((name, int.from_bytes(content[at : at + 4], "little")) for name, at in _SEGMENTS)
    version, flags = int.from_bytes(content[2:4], "little"), int.from_bytes(content[10:12], "little")
    return Fib(version, flags, counts)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of signs: first character position, how many, where they are stored, bytes for each."""

    first: int
    count: int
    offset: int
    width: int


def pieces(content: bytes, table: bytes) -> list[Piece]:
    """The pieces of the text in order.

    Raises:
        BadPart: the table of pieces is not there or makes no sense.
    """
    at, size = struct.unpack_from("<II", content, _CLX)
    clx = table[at : at + size]
    if not size or len(clx) < size:
        raise BadPart(ProblemKind.DAMAGED, f"the table of pieces at {at} of {size} bytes is not there")
    place = 0
    while clx[place : place + 1] == b"\1":  # property modifiers of fast saves
        place += 3 + int.from_bytes(clx[place + 1 : place + 3], "little")
    if clx[place : place + 1] != b"\2":
        raise BadPart(ProblemKind.DAMAGED, "the table of pieces does not begin with its mark")
    plc = clx[place + 5 : place + 5 + int.from_bytes(clx[place + 1 : place + 5], "little")]
    count = (len(plc) - 4) // 12
    if count > _MOST_PIECES:
        raise BadPart(ProblemKind.LIMIT, f"{count} pieces of text: more than a document has; not read")
    found = []
    for index in range(max(count, 0)):
        first, end = struct.unpack_from("<II", plc, 4 * index)
        (stored,) = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * index + 2)
        if end < first:
            raise BadPart(ProblemKind.DAMAGED, f"piece {index} ends before it begins")
        is_compressed = bool(stored & 0x40000000)
        offset = stored & 0x3FFFFFFF
        found.append(
            Piece(first, end - first, offset // 2 if is_compressed else offset, 1 if is_compressed else 2)
        )
    return found


def in_tables(content: bytes, table: bytes) -> dict[int, bool]:
    """Where in the stream the paragraphs of tables end, and whether each ends a row; as far as they can be read."""
    at, size = struct.unpack_from("<II", content, _PAPX)
    plc = table[at : at + size]
    count = max((len(plc) - 4) // 8, 0)
    ends: dict[int, bool] = {}
    seen = 0
    for index in range(count):
        page = (int.from_bytes(plc[4 * (count + 1) + 4 * index :][:4], "little") & 0x3FFFFF) * _PAGE
        fkp = content[page : page + _PAGE]
        if len(fkp) < _PAGE:
            continue
        paragraphs = min(fkp[-1], 29)
        seen += paragraphs
        if seen > _MOST_PARAGRAPHS:
            break
        for number in range(paragraphs):
            place = 2 * fkp[4 * (paragraphs + 1) + 13 * number]
            is_row = _ends_row(fkp, place) if place else None
            if is_row is not None:
                ends[int.from_bytes(fkp[4 * number + 4 : 4 * number + 8], "little")] = is_row
    return ends


def _ends_row(fkp: bytes, place: int) -> bool | None:
    """Whether a paragraph of a table ends a row; None for one of no table. sprmPFInTable, sprmPFTtp: [MS-DOC] 2.6.2."""
    is_inside: bool | None = None
    size = 2 * fkp[place] - 1
    place += 1
    if size < 0 and place < _PAGE:
        size = 2 * fkp[place]
        place += 1
    grpprl = fkp[place + 2 : place + size]
    at = 0
    while at + 3 <= len(grpprl):
        code = int.from_bytes(grpprl[at : at + 2], "little")
        if code == 0x2417 and grpprl[at + 2]:
            return True
        if code == 0x2416:
            is_inside = False if grpprl[at + 2] else None
        operand = (1, 1, 2, 4, 2, 2, 0, 3)[code >> 13]
        if not operand:
            operand = 1 + grpprl[at + 2]
            if code == 0xD608:  # sprmTDefTable has a length of two bytes
                operand = 1 + int.from_bytes(grpprl[at + 2 : at + 4], "little")
        at += 2 + operand
    return is_inside


def signs(content: bytes, listed: list[Piece]) -> Iterator[tuple[int, str, int, int]]:
    """Runs of text: character position, signs, offset in the stream, bytes for each sign.

    Raises:
        BadPart: a piece lies beyond the stream, or pieces share what is stored too often.
    """
    left = 2 * len(content)
    for piece in listed:
        done = 0
        while done < piece.count:
            step = min(_STEP, piece.count - done)
            offset = piece.offset + done * piece.width
            stored = content[offset : offset + step * piece.width]
            left -= len(stored)
            if left < 0:
                raise BadPart(
                    ProblemKind.LIMIT, "pieces give more text than twice what is stored; the rest is not read"
                )
            if piece.width == 1:
                run = stored.decode("latin-1").translate(_COMPRESSED)
            else:
                run = stored[: len(stored) // 2 * 2].decode("utf-16-le", "surrogatepass")
            if run:
                yield piece.first + done, run, offset, piece.width
            if len(run) < step and len(stored) < step * piece.width:
                message = f"a piece of {piece.count} signs at offset {piece.offset} lies beyond the end of the stream"
                raise BadPart(ProblemKind.TRUNCATED, message)
            done += step
