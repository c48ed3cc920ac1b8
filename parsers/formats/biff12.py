"""Records of the binary parts of an XLSB workbook beside its cells: comments, headers, hidden rows, texts of pivot tables.

References:
    - [MS-XLSB] 2.1.4 (records), 2.4.28 (BrtBeginComment), 2.4.315 (BrtBundleSh), 2.4.323 (BrtColInfo), 2.4.327 (BrtCommentText),
      2.4.47 (BrtBeginHeaderFooter), 2.4.714 (BrtPCDIString), 2.4.741 (BrtRowHdr), 2.5.169 (XLWideString)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from parsers.contract import Yields
from parsers.formats import drawing_text
from parsers.formats.office_text import REMARK_SIGNS, REMARKS, Lines
from parsers.formats.package import Package, problem
from parsers.formats.sheet_blocks import column_letters
from parsers.formats.sheet_xml import Extent, Hidden, header_lines
from parsers.formats.xml_stream import BadPart

_LAST_CELL = 11
_ROW, _COLUMN, _SHEET, _HEADERS = 0, 60, 156, 479
_AUTHOR, _COMMENT, _COMMENT_TEXT = 632, 635, 637
_ITEMS = (24, 31)
_MOST_AUTHORS = 10_000
_LONGEST_RECORD = 16 << 20


def records(parts: Package, name: str) -> Iterator[tuple[int, int, bytes]]:
    """Place, type and body of each record of a part.

    Raises:
        BadPart: the part cannot be unpacked further.
    """
    held, base, at = b"", 0, 0
    for block in parts.blocks(name):
        held, base, at = held[at:] + block, base + at, 0
        while True:
            head = _head(held, at)
            if head is None or head[1] > _LONGEST_RECORD or head[2] + head[1] > len(held):
                break
            kind, size, body = head
            yield base + at, kind, held[body : body + size]
            at = body + size
        if head is not None and head[1] > _LONGEST_RECORD:
            return


def _head(held: bytes, at: int) -> tuple[int, int, int] | None:
    """Type and size of a record and where its body begins; each byte holds seven bits and whether another follows."""
    numbers = []
    for most in (2, 4):
        number = 0
        for index in range(most):
            if at >= len(held):
                return None
            number |= (held[at] & 0x7F) << 7 * index
            at += 1
            if not held[at - 1] & 0x80:
                break
        numbers.append(number)
    return numbers[0], numbers[1], at


def hidden(parts: Package) -> dict[str, Hidden]:
    """Hidden rows and columns by the name of the sheet.

    Raises:
        TooWide: the cells of a sheet lie too far apart for the reader of the cells.
    """
    found: dict[str, Hidden] = {}
    try:
        for main in drawing_text.targets(parts, "", "officeDocument"):
            if not main.lower().endswith(".bin"):
                continue
            targets = {one.id: one.target for one in parts.relations(main)}
            for _, kind, body in records(parts, main):
                if kind == _SHEET:
                    identifier, at = _wide(body, 8)
                    part = targets.get(identifier, "")
                    if part in parts.parts:
                        found[_wide(body, at)[0]] = _hidden(parts, part)
    except (BadPart, struct.error):
        pass  # the reader of the cells tells that the workbook is damaged
    return found


def _hidden(parts: Package, name: str) -> Hidden:
    rows = columns = row = 0
    extent = Extent(name)
    for _, kind, body in records(parts, name):
        if kind == _ROW and len(body) > 11:
            rows += bool(body[11] & 0x10)
            row = int.from_bytes(body[:4], "little")
        elif kind <= _LAST_CELL and len(body) >= 4:
            column = int.from_bytes(body[:4], "little")
            extent.take((row, row), (column, column))
        elif kind == _COLUMN and len(body) >= 18 and body[16] & 1:
            first, last = struct.unpack_from("<II", body)
            columns += max(min(last, 16_383) - first + 1, 0)
    return Hidden(rows, columns)


def texts(parts: Package) -> Yields:
    """Comments, headers and footers, and texts that caches of pivot tables keep, by the name of the part."""
    for name in parts.parts:
        lower = name.lower()
        if not lower.startswith("xl/") or not lower.endswith(".bin"):
            continue
        segment = next((one for word, one in _SEGMENTS.items() if word in lower), None)
        if segment is None:
            continue
        lines = {one: Lines(one) for one in segment}
        try:
            if "comment" in lines:
                yield from _comments(parts, name, lines["comment"])
            elif "header" in lines:
                yield from _headers(parts, name, lines)
            else:
                for at, kind, body in records(parts, name):
                    if kind in _ITEMS:
                        yield from lines["pivot_item"].add(f"part:{name}/offset:{at}", _wide(body, 0)[0])
        except BadPart as error:
            yield problem(name, error)
        for one in lines.values():
            yield from one.end()


_SEGMENTS = {
    "/comments": ("comment",), "/worksheets/sheet": ("header", "footer"),
    "/pivotcachedefinition": ("pivot_item",), "/pivotcacherecords": ("pivot_item",),
}  # fmt: skip


def _comments(parts: Package, name: str, lines: Lines) -> Yields:
    authors: list[str] = []
    author, cell = "", ""
    for _, kind, body in records(parts, name):
        if kind == _AUTHOR and len(authors) < _MOST_AUTHORS:
            authors.append(_wide(body, 0)[0])
        elif kind == _COMMENT and len(body) >= 20:
            number, row, _, column, _ = struct.unpack_from("<5I", body)
            author = authors[number] if number < len(authors) else ""
            cell = f"{column_letters(min(column, 16_383))}{row + 1}"
        elif kind == _COMMENT_TEXT:
            text = _wide(body, 1)[0]
            locator = f"part:{name}/cell:{cell}"
            yield from lines.add(locator, text)
            yield REMARKS.row(
                locator, remark_kind="comment", remark_author=author or None, remark_text=text[:REMARK_SIGNS] or None, document_part=name
            )  # fmt: skip


def _headers(parts: Package, name: str, lines: dict[str, Lines]) -> Yields:
    for at, kind, body in records(parts, name):
        if kind == _HEADERS:
            place = 2
            for side in ("header", "footer") * 3:
                stored, place = _wide(body, place)
                for line in header_lines(stored):
                    yield from lines[side].add(f"part:{name}/offset:{at}", line)


def _wide(body: bytes, at: int) -> tuple[str, int]:
    """A string with four bytes of length, and where it ends; the length of none is the highest number."""
    count = int.from_bytes(body[at : at + 4], "little")
    if count == 0xFFFFFFFF:
        return "", at + 4
    stored = body[at + 4 : at + 4 + 2 * count]
    return stored[: len(stored) & ~1].decode("utf-16-le", "replace"), at + 4 + 2 * count
