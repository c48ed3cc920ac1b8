"""Finds the header of a table and cuts rows into batches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

BATCH_ROWS = 2000
LOOK_ROWS = 20
_VALUE = re.compile(r"[\d\s.,:/()+¥$%-]*\d[\d\s.,:/()+¥$%年月日-]*|\S+@\S+")
_HEADER_SIGNS = 40

Line = tuple[int, Sequence[str | None]]


def header_position(first: Sequence[Line]) -> int | None:
    """Which of the first lines is the header; None where the table begins with values.

    A header has at least two words, all different and short, none of which looks like a value, and is as wide as the
    table below it; banner lines above it are narrower.
    """
    widths = [sum(bool(cell and cell.strip()) for cell in cells) for _, cells in first]
    most = max(widths, default=0)
    for position, (_, cells) in enumerate(first[:LOOK_ROWS]):
        words = [cell.strip() for cell in cells if cell and cell.strip()]
        if len(words) < 2 or len(words) < most * 0.6:
            if len(words) == 1 and most == 1 and _is_word(words[0]) and position == 0:
                return _single(first)
            continue
        if (
            all(_is_word(word) for word in words)
            and len(set(words)) == len(words)
            and _differs(first, position)
        ):
            return position
        return None
    return None


def batches(lines: Iterable[Line], width: int) -> Iterator[pa.RecordBatch]:
    """Rows as batches of `row_number` and c000, c001, ...; cells beyond a row's end are null."""
    schema = pa.schema(
        [("row_number", pa.int64()), *((f"c{index:03d}", pa.string()) for index in range(width))]
    )
    pending: list[Line] = []
    for line in lines:
        pending.append(line)
        if len(pending) >= BATCH_ROWS:
            yield _batch(pending, width, schema)
            pending = []
    if pending:
        yield _batch(pending, width, schema)


def _batch(lines: list[Line], width: int, schema: pa.Schema) -> pa.RecordBatch:
    columns = [pa.array([number for number, _ in lines], pa.int64())]
    for index in range(width):
        columns.append(
            pa.array([cells[index] if index < len(cells) else None for _, cells in lines], pa.string())
        )
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _is_word(cell: str) -> bool:
    return len(cell) <= _HEADER_SIGNS and "\n" not in cell.strip() and not _VALUE.fullmatch(cell)


def _differs(first: Sequence[Line], position: int) -> bool:
    """Whether some column below holds what no header word is: a number, a date, an address, a repeated or long value.

    A table of words alone (names under names) has no sign of a header: then its first line counts as one only if it
    holds a word that usual headers hold.
    """
    cells = first[position][1]
    below = [line for _, line in first[position + 1 :]]
    if not below:
        return any(_USUAL.search(cell or "") for cell in cells)
    for index, _word in enumerate(cells):
        values = [line[index] for line in below if index < len(line) and line[index]]
        if values and all(_VALUE.fullmatch(value or "") for value in values):
            return True
    return any(_USUAL.search(cell or "") for cell in cells)


_USUAL = re.compile(
    r"氏名|名前|フリガナ|カナ|住所|電話|メール|番号|日付|年月日|区分|種別|コード|商品|数量|金額|備考|性別|年齢|会社|部署"
    r"|\b(name|address|phone|tel|e-?mail|date|id|code|type|amount|price|number|no|sex|gender|age|company|note)s?\b",
    re.IGNORECASE,
)


def _single(first: Sequence[Line]) -> int | None:
    return 0 if _USUAL.search(first[0][1][0] or "") else None
