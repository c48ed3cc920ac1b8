"""Tables of an Access database: their definition, and the values in their rows as text.

References:
    - mdbtools, HACKING.md: table definition pages, row definition, column types, text data type
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from parsers.formats import codecs
from parsers.formats.jet_pages import DATA, DEFINITION, ELSEWHERE, JetError, Pages

BOOL, TEXT, OBJECT, MEMO, COMPLEX = 0x01, 0x0A, 0x0B, 0x0C, 0x12
_MOST_COLUMNS = 1024
_MOST_PAGES = 256
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a date of no zone
_FIXED = {0x02: "<B", 0x03: "<h", 0x04: "<i", 0x06: "<f", 0x07: "<d", 0x12: "<i", 0x13: "<q"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a definition has its parts: Jet 3 and Jet 4 differ in nothing else."""

    row_count: int
    kind: int
    variable_count: int
    column_count: int
    index_count: int
    owned: int
    indices: int
    index_bytes: int
    column_bytes: int
    number: int
    variable: int
    scale: int
    flags: int
    fixed: int


_JET3 = Places(
    row_count=0x0C, kind=0x14, variable_count=0x17, column_count=0x19, index_count=0x1F, owned=0x23, indices=0x2B, index_bytes=8,
    column_bytes=18, number=1, variable=3, scale=10, flags=13, fixed=14,
)  # fmt: skip
_JET4 = Places(
    row_count=0x10, kind=0x28, variable_count=0x2B, column_count=0x2D, index_count=0x33, owned=0x37, indices=0x3F, index_bytes=12,
    column_bytes=25, number=5, variable=7, scale=12, flags=15, fixed=21,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column as the definition has it."""

    name: str
    kind: int
    number: int
    variable: int
    fixed: int
    size: int
    scale: int
    is_fixed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A table: how many rows it says it has, its columns, and where the map of its pages stands."""

    page: int
    row_count: int
    is_system: bool
    has_variable: bool
    fields: tuple[Field, ...]
    owned: int


def definition(pages: Pages, number: int) -> Definition:
    """The table defined on a page, which may go on on others.

    Raises:
        JetError: no table is defined there.
    """
    at = _JET3 if pages.is_jet3 else _JET4
    content = _joined(pages, number)
    try:
        (rows,) = struct.unpack_from("<I", content, at.row_count)
        variable, count = struct.unpack_from("<HH", content, at.variable_count)
        (indices,) = struct.unpack_from("<I", content, at.index_count)
        (owned,) = struct.unpack_from("<I", content, at.owned)
        if not 0 < count <= _MOST_COLUMNS or indices > _MOST_COLUMNS:
            raise JetError(f"the definition on page {number} has {count} columns and {indices} indices")
        begin = at.indices + indices * at.index_bytes
        stored = [content[begin + index * at.column_bytes :][: at.column_bytes] for index in range(count)]
        names = _names(content, begin + count * at.column_bytes, count, pages)
        fields = [_field(one, name, at) for one, name in zip(stored, names, strict=True)]
    except struct.error as error:
        raise JetError(f"the definition on page {number} ends early") from error
    return Definition(
        page=number,
        row_count=rows,
        is_system=content[at.kind] == ord("S"),
        has_variable=variable > 0,
        fields=tuple(sorted(fields, key=lambda one: one.number)),
        owned=owned,
    )


def _joined(pages: Pages, number: int) -> bytes:
    parts: list[bytes] = []
    seen: set[int] = set()
    while number and number not in seen and len(seen) < _MOST_PAGES:
        seen.add(number)
        page = pages.page(number)
        if page[0] != DEFINITION:
            raise JetError(f"page {number} is no definition of a table")
        parts.append(page[8:] if parts else page)
        (number,) = struct.unpack_from("<I", page, 4)
    return b"".join(parts)


def _names(content: bytes, place: int, count: int, pages: Pages) -> Iterator[str]:
    for _ in range(count):
        if pages.is_jet3:
            (size,) = struct.unpack_from("<B", content, place)
            place += 1
        else:
            (size,) = struct.unpack_from("<H", content, place)
            place += 2
        stored = content[place : place + size]
        if len(stored) < size:
            raise JetError("the name of a column ends early")
        place += size
        yield _page_text(stored, pages.code_page) if pages.is_jet3 else stored.decode("utf-16-le", "replace")


def _field(stored: bytes, name: str, at: Places) -> Field:
    (number,) = struct.unpack_from("<H", stored, at.number)
    (variable,) = struct.unpack_from("<H", stored, at.variable)
    fixed, size = struct.unpack_from("<HH", stored, at.fixed)
    return Field(
        name=name, kind=stored[0], number=number, variable=variable, fixed=fixed, size=size,
        scale=stored[at.scale], is_fixed=bool(stored[at.flags] & 1),
    )  # fmt: skip


def rows(pages: Pages, table: Definition, number: int) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each row on a page of a table: neither deleted nor a mere pointer to one elsewhere.

    A row that outgrew its page stands on another one of the table, and is read there.

    Raises:
        JetError: the page is none of the table's.
    """
    page = pages.page(number)
    (owner,) = struct.unpack_from("<I", page, 4)
    if page[0] != DATA or owner != table.page:
        raise JetError(f"page {number} is no page of the table")
    for slot, (flags, start, end) in enumerate(pages.slots(page)):
        if not flags & ELSEWHERE:
            yield slot, page[start:end]


def fields_of(pages: Pages, table: Definition, row: bytes) -> list[bytes | bool | None]:
    """The stored bytes of each column of a row; a truth value where the column is one, None where it is null.

    Raises:
        JetError: the row is not laid out as rows are.
    """
    head = 1 if pages.is_jet3 else 2
    if len(row) <= head:
        raise JetError("the row is too short")
    count = int.from_bytes(row[:head], "little")
    mask_bytes = (count + 7) // 8
    if len(row) < head + mask_bytes or not count:
        raise JetError(f"the row says it has {count} columns")
    mask = row[len(row) - mask_bytes :]
    offsets = _offsets(row, mask_bytes, pages) if table.has_variable else []
    out: list[bytes | bool | None] = []
    for one in table.fields:
        is_set = one.number < count and bool(mask[one.number // 8] >> one.number % 8 & 1)
        if one.kind == BOOL:
            out.append(is_set)
        elif not is_set:
            out.append(None)
        elif one.is_fixed:
            stored = row[head + one.fixed : head + one.fixed + one.size]
            if len(stored) < one.size:
                raise JetError(f"column {one.number} lies beyond the row")
            out.append(stored)
        elif one.variable + 1 < len(offsets):
            start, end = offsets[one.variable], offsets[one.variable + 1]
            if not head <= start <= end <= len(row):
                raise JetError(f"column {one.number} lies beyond the row")
            out.append(row[start:end])
        else:
            out.append(None)
    return out


def _offsets(row: bytes, mask_bytes: int, pages: Pages) -> list[int]:
    """Where each variable column begins, and where the last one ends: stored from the end of the row to its front."""
    end = len(row) - mask_bytes
    try:
        if pages.is_jet3:
            return _jumped(row, end)
        (count,) = struct.unpack_from("<H", row, end - 2)
        stored = struct.unpack_from(f"<{count + 1}H", row, end - 4 - 2 * count)
        return list(reversed(stored))
    except (struct.error, IndexError) as error:
        raise JetError("the table of variable columns lies beyond the row") from error


def _jumped(row: bytes, end: int) -> list[int]:
    """Jet 3: offsets of one byte, and a table of the columns at which they pass a multiple of 256."""
    count = row[end - 1]
    jumps = (len(row) - 1) // 256
    place = end - 2 - jumps
    # The last jump is a dummy where the offsets end before it.
    told = jumps - ((place - count) // 256 < jumps)
    used, out = 0, []
    for index in range(count + 1):
        while used < told and index == row[end - 2 - used]:
            used += 1
        if place < index:
            raise JetError("the table of variable columns lies beyond the row")
        out.append(row[place - index] + 256 * used)
    return out


def value(pages: Pages, one: Field, stored: bytes | bool | None, most: int) -> str | None:
    """A value as text; objects and references to other tables have none.

    Raises:
        JetError: it is not what its column holds.
    """
    if stored is None or one.kind in (OBJECT, COMPLEX):
        return None
    if isinstance(stored, bool):
        return "true" if stored else "false"
    try:
        if one.kind == TEXT:
            return text(stored, pages)
        if one.kind == MEMO:
            return text(pages.long_value(stored, most), pages)
        return _plain(one, stored)
    except (struct.error, OverflowError, ArithmeticError) as error:
        raise JetError(f"column {one.number} cannot be read") from error


def _plain(one: Field, stored: bytes) -> str:
    if one.kind in (0x06, 0x07):
        return f"{struct.unpack_from(_FIXED[one.kind], stored)[0]:.{7 if one.kind == 0x06 else 15}g}"
    if one.kind in _FIXED:
        return str(struct.unpack_from(_FIXED[one.kind], stored)[0])
    if one.kind == 0x05:
        return _decimal(struct.unpack_from("<q", stored)[0], 4)
    if one.kind == 0x08:
        return _moment(struct.unpack_from("<d", stored)[0])
    if one.kind == 0x0F and len(stored) == 16:
        return f"{{{str(uuid.UUID(bytes_le=stored)).upper()}}}"
    if one.kind == 0x10 and len(stored) == 17:
        words = struct.unpack_from("<4I", stored, 1)
        number = sum(word << 96 - 32 * index for index, word in enumerate(words))
        return _decimal(-number if stored[0] & 0x80 else number, min(one.scale, 28))
    return stored.decode("ascii") if one.kind == 0x14 and stored.isascii() else stored.hex()


def _decimal(number: int, scale: int) -> str:
    told = format(Decimal(number).scaleb(-scale), "f")
    return told.rstrip("0").rstrip(".") if "." in told else told


def _moment(days: float) -> str:
    # Before the epoch the part of the day still counts forward.
    whole = int(days)
    moment = _EPOCH + timedelta(days=whole, seconds=round(abs(days - whole) * 86_400))
    if not whole and days:
        return moment.strftime("%H:%M:%S")
    return moment.isoformat(" ") if moment.time() != time() else moment.date().isoformat()


def text(stored: bytes, pages: Pages) -> str:
    """Text of a column: in a code page (Jet 3), as UTF-16, or as UTF-16 without its zero bytes."""
    if pages.is_jet3:
        return _page_text(stored, pages.code_page)
    if not stored.startswith(b"\xff\xfe"):
        return stored.decode("utf-16-le", "replace")
    return _expanded(stored[2:])


def _expanded(stored: bytes) -> str:
    """UTF-16 of which the zero bytes are left out; a zero byte turns that off and on."""
    out, place, is_short = [], 0, True
    while place < len(stored):
        if is_short:
            end = stored.find(b"\0", place)
            end = len(stored) if end < 0 else end
            out.append(stored[place:end].decode("latin-1"))
            place = end + 1
        else:
            end = place
            while end + 1 < len(stored) and stored[end]:
                end += 2
            if end < len(stored) and stored[end]:
                end = len(stored)
            out.append(stored[place:end].decode("utf-16-le", "replace"))
            place = end + 1
        is_short = not is_short
    return "".join(out)


def _page_text(stored: bytes, code_page: int) -> str:
    codec = {0: "cp932", 65001: "utf-8"}.get(code_page, f"cp{code_page}")
    try:
        return codecs.decode(stored, codec)[0]
    except LookupError:
        return codecs.decode(stored, codecs.decide(stored))[0]
