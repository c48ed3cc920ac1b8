"""Records of a workbook of Excel 97 to 2003 beside its cells: comments, shapes, hidden rows, names, lists, caches.

References:
    - [MS-XLS] 2.1.4 (records), 2.4.28 (BoundSheet8), 2.4.53 (ColInfo), 2.4.63 (CRN), 2.4.91 (Dv), 2.4.150 (Lbl), 2.4.179 (Note),
      2.4.181 (Obj), 2.4.221 (Row), 2.4.271 (SupBook), 2.4.329 (TxO), 2.5.294 (XLUnicodeString), 2.4.117 (FilePass)
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.contract import Yields
from parsers.formats.office_text import REMARK_SIGNS, REMARKS, Grid, Lines
from parsers.formats.sheet_blocks import column_letters
from parsers.formats.sheet_xml import Hidden, header_lines

_BOF, _CONTINUE, _BIFF8 = 0x809, 0x3C, 0x600
_SHEET, _ROW, _COLUMN = 0x85, 0x208, 0x7D
_NOTE, _OBJECT, _TEXT = 0x1C, 0x5D, 0x1B6
_HEADER, _FOOTER, _NAME, _ALLOWED, _LINK = 0x14, 0x15, 0x18, 0x1BE, 0x1B8
_BOOK, _BOOK_SHEET, _BOOK_ROW = 0x1AE, 0x59, 0x5A
_STRING_VALUE, _FIELD = 0xCD, 0xC7
_COMMENT_OBJECT, _STRING_TOKEN = 0x19, 0x17
_MOST_CONTINUED = 1 << 20
_MOST_SHEETS, _MOST_TEXTS = 10_000, 100_000
_MOST_COLUMNS = 256
_HYPERLINK_URL = bytes.fromhex("e0c9ea79f9bace118c8200aa004ba90b")  # CLSID of a moniker of an address
_PATH_MARK = re.compile("[\0-\x08]")


@dataclass(slots=True)
class _Sheet:
    name: str
    number: int
    rows: int = 0
    columns: int = 0


class Records:
    """What the records of the workbook's stream tell as they go by."""

    def __init__(self, content: bytes) -> None:
        """Nothing is read yet."""
        self.hidden: dict[str, Hidden] = {}
        self._content = content
        self._sheets: dict[int, _Sheet] = {}
        self._sheet: _Sheet | None = None
        self._shape: tuple[int, int] = (0, 0)
        self._texts: dict[int, str] = {}
        self._book: list[str] = []
        self._grid: Grid | None = None
        self._lines = {
            one: Lines(one)
            for one in ("text_box", "comment", "header", "footer", "defined_name", "validation", "hyperlink")
        }

    def told(self) -> Yields:
        """Text in stored order; locators are offsets of records in the stream."""
        for at, kind, body in _records(self._content):
            try:
                yield from self._take(at, kind, body)
            except (struct.error, IndexError):
                continue  # a record that is cut off tells nothing
        yield from self._end_sheet()
        yield from self._end_grid()
        for lines in self._lines.values():
            yield from lines.end()

    def _take(self, at: int, kind: int, body: bytes) -> Yields:
        sheet = self._sheet
        place = f"offset:{at}"
        match kind:
            case 0x809:
                yield from self._end_sheet()
                self._sheet = self._sheets.get(at)
            case 0x85 if len(self._sheets) < _MOST_SHEETS:
                (offset,) = struct.unpack_from("<I", body)
                self._sheets[offset] = _Sheet(_short(body, 6), len(self._sheets) + 1)
            case 0x208 if sheet is not None:
                sheet.rows += bool(struct.unpack_from("<H", body, 12)[0] & 0x20)
            case 0x7D if sheet is not None:
                first, last, _, _, flags = struct.unpack_from("<5H", body)
                sheet.columns += max(min(last, 255) - first + 1, 0) if flags & 1 else 0
            case 0x5D if body[:4] == b"\x15\0\x12\0":
                self._shape = struct.unpack_from("<HH", body, 4)
            case 0x1B6:
                yield from self._text(place, body)
            case 0x1C:
                yield from self._comment(place, body)
            case 0x14 | 0x15 if body:
                side = "header" if kind == _HEADER else "footer"
                for line in header_lines(_string(body, 0)[0]):
                    yield from self._lines[side].add(place, line)
            case 0x18:
                yield from self._name(place, body)
            case 0x1BE:
                yield from self._allowed(place, body)
            case 0x1B8:
                begin = body.find(_HYPERLINK_URL)
                if begin >= 0:
                    stored = body[
                        begin + 20 : begin + 20 + int.from_bytes(body[begin + 16 : begin + 20], "little")
                    ]
                    yield from self._lines["hyperlink"].add(
                        place, stored[: len(stored) & ~1].decode("utf-16-le", "replace").partition("\0")[0]
                    )
            case 0x1AE:
                yield from self._linked_book(place, body)
            case 0x59:
                yield from self._end_grid()
                number = struct.unpack_from("<hH", body)[1] if len(body) >= 4 else 0
                name = self._book[number] if number < len(self._book) else ""
                self._grid = Grid(f"external {name}".strip(), place)
            case 0x5A if self._grid is not None:
                yield from self._grid.add(_cached(body))

    def _text(self, place: str, body: bytes) -> Yields:
        """Text of a shape; that of a comment waits for its author."""
        count = int.from_bytes(body[10:12], "little")
        text = _continued(body[18:], count)
        kind, number = self._shape
        if kind == _COMMENT_OBJECT:
            if len(self._texts) < _MOST_TEXTS:
                self._texts[number] = text
        else:
            yield from self._lines["text_box"].add(place, text.replace("\r", "\n"))

    def _comment(self, place: str, body: bytes) -> Yields:
        row, column, _, number = struct.unpack_from("<4H", body)
        author, _ = _string(body, 8)
        text = self._texts.pop(number, "").replace("\r", "\n")
        locator = f"{place}/cell:{column_letters(column)}{row + 1}"
        yield from self._lines["comment"].add(locator, text)
        yield REMARKS.row(
            locator, remark_kind="comment", remark_author=author or None, remark_text=text[:REMARK_SIGNS] or None,
            document_part="" if self._sheet is None else f"sheet:{self._sheet.number}",
        )  # fmt: skip

    def _name(self, place: str, body: bytes) -> Yields:
        flags, count, size = body[0], body[3], int.from_bytes(body[4:6], "little")
        if flags & 0x20:
            return  # a name of the program itself: an area to print and the like
        name, end = _signs(body, 14, count)
        token = body[end : end + size]
        value = _short(token, 1) if token[:1] == bytes([_STRING_TOKEN]) else ""
        yield from self._lines["defined_name"].add(place, f"{name}: {value}" if value else name)

    def _allowed(self, place: str, body: bytes) -> Yields:
        at, told = 4, []
        for _ in range(4):
            word, at = _string(body, at)
            told.append(word.replace("\0", ""))
        token = body[at + 4 : at + 4 + int.from_bytes(body[at : at + 2], "little")]
        if token[:1] == bytes([_STRING_TOKEN]):
            told += _short(token, 1).split("\0")
        yield from self._lines["validation"].add(place, "\n".join(filter(None, told)))

    def _linked_book(self, place: str, body: bytes) -> Yields:
        yield from self._end_grid()
        self._book = []
        count, size = struct.unpack_from("<HH", body)
        if size in (0x0401, 0x3A01):
            return  # the workbook itself, and functions of add-ins
        path, at = _string(body, 2)
        for _ in range(min(count, _MOST_COLUMNS)):
            if at >= len(body):
                break
            name, at = _string(body, at)
            self._book.append(name)
        yield from self._lines["hyperlink"].add(
            place, "externalLinkPath: " + _PATH_MARK.sub("/", path).strip("/")
        )

    def _end_sheet(self) -> Yields:
        sheet, self._sheet = self._sheet, None
        if sheet is not None:
            self.hidden[sheet.name] = Hidden(sheet.rows, sheet.columns)
            # Texts whose comment is lost.
            for text in self._texts.values():
                yield from self._lines["text_box"].add(f"sheet:{sheet.number}", text)
            self._texts = {}

    def _end_grid(self) -> Yields:
        if self._grid is not None:
            yield from self._grid.end()
            self._grid = None


def _records(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Offset, type and body of each record; what is continued follows in one body, with the mark of where it was cut kept."""
    at = 0
    while at + 4 <= len(content):
        kind, size = struct.unpack_from("<HH", content, at)
        begin, at = at, at + 4 + size
        if kind not in _WANTED:
            continue
        body = content[begin + 4 : at]
        if kind == _TEXT:
            pieces = [body]
            while at + 4 <= len(content) and sum(map(len, pieces)) < _MOST_CONTINUED:
                following, size = struct.unpack_from("<HH", content, at)
                if following != _CONTINUE:
                    break
                pieces.append(content[at : at + 4 + size])
                at += 4 + size
            body = b"".join(pieces)
        yield begin, kind, body


_WANTED = {_BOF, _SHEET, _ROW, _COLUMN, _NOTE, _OBJECT, _TEXT, _HEADER, _FOOTER, _NAME, _ALLOWED, _LINK, _BOOK, _BOOK_SHEET, _BOOK_ROW}  # fmt: skip


def _continued(stored: bytes, count: int) -> str:
    """Signs in records that continue another: each begins with its own flag of how its signs are stored."""
    words, at = "", 0
    while at + 5 <= len(stored) and len(words) < count:
        size = int.from_bytes(stored[at + 2 : at + 4], "little")
        is_wide = stored[at + 4] & 1
        content = stored[at + 5 : at + 4 + size]
        words += (
            content[: len(content) & ~1].decode("utf-16-le", "replace")
            if is_wide
            else content.decode("latin-1")
        )
        at += 4 + size
    return words[:count]


def _string(body: bytes, at: int) -> tuple[str, int]:
    """A string with two bytes of length, and where it ends."""
    return _signs(body, at + 2, int.from_bytes(body[at : at + 2], "little"))


def _short(body: bytes, at: int) -> str:
    """A string with one byte of length."""
    return _signs(body, at + 1, body[at])[0]


def _signs(body: bytes, at: int, count: int) -> tuple[str, int]:
    """Signs after a byte of flags: two bytes each, or one where the other is zero."""
    is_wide = bool(body[at] & 1) if at < len(body) else False
    end = at + 1 + count * (1 + is_wide)
    stored = body[at + 1 : end]
    return (
        stored[: len(stored) & ~1].decode("utf-16-le", "replace") if is_wide else stored.decode("latin-1")
    ), end


def _cached(body: bytes) -> list[str | None]:
    """The cells of a row that is kept of another workbook."""
    last, first = body[0], body[1]
    cells: list[str | None] = [None] * first
    at = 4
    for _ in range(max(last - first + 1, 0)):
        kind = body[at] if at < len(body) else 0
        value: str | None = None
        if kind == 2:
            value, at = _string(body, at + 1)
        else:
            if kind == 1:
                (number,) = struct.unpack_from("<d", body, at + 1)
                value = str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
            elif kind == 4:
                value = "TRUE" if body[at + 1] else "FALSE"
            at += 9
        cells.append(value)
    return cells


def pivot_items(content: bytes, place: str) -> Yields:
    """Texts that a cache of a pivot table keeps, with the name of their column."""
    lines = Lines("pivot_item")
    name, at = "", 0
    while at + 4 <= len(content):
        kind, size = struct.unpack_from("<HH", content, at)
        body = content[at + 4 : at + 4 + size]
        # 2.4.283 SXFDB: the name stands behind seven numbers.
        if kind == _FIELD and len(body) > 16:
            name = _string(body, 14)[0]
        elif kind == _STRING_VALUE and len(body) > 2:
            yield from lines.add(f"{place}/offset:{at}", f"{name}: {_string(body, 0)[0]}")
        at += 4 + size
    yield from lines.end()


def protection(content: bytes) -> str | None:
    """How the workbook's stream is encrypted; None where it is not."""
    at = 0
    for _ in range(4):
        if at + 4 > len(content):
            break
        kind, size = struct.unpack_from("<HH", content, at)
        if kind == 0x2F:
            body = content[at + 4 : at + 4 + size]
            if body[:2] != b"\1\0":
                return "XOR obfuscation"
            return "RC4" if body[2:4] == b"\1\0" else "RC4 CryptoAPI"
        at += 4 + size
    return None
