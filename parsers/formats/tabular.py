"""Finds the header of a table, cuts rows into batches, and tells the lines above a header as text.

A row whose cells are all empty is no row; a cell that is there and empty is an empty text, a cell beyond
the end of a row is null.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import pyarrow as pa

from parsers.contract import Text

BATCH_ROWS = 2000
_MOST_BATCH_SIGNS = 16 << 20
# As many filled lines as are looked at for a header, and how deep it may stand among them.
LOOK_ROWS = 50
_DEEPEST = 20
_HEADER_SIGNS = 40
_LEAST_FILLED = 0.6
_MOST_VALUES = 0.25

Line = tuple[int, Sequence[str | None]]

# A number, date, time, telephone, amount, share, address of mail or page, or a Japanese era date.
_VALUE = re.compile(
    r"[-+(¥￥$€]*\d[\d\s.,:/()+¥￥$%TZ年月日時分秒円歳-]*|\S+@\S+\.\S+|https?://\S+|(?i:true|false|null)"
    r"|(?:明治|大正|昭和|平成|令和|[MTSHRmtshr])\s?(?:\d{1,2}|元)[年./-]\s?\d{1,2}[月./-]\s?\d{1,2}日?"
)
# A word that heads columns ends so, whatever stands before it (お届け先住所, 保護者氏名); notes in brackets may follow.
_USUAL = re.compile(
    r".{0,12}(氏名|名前|姓|名|フリガナ|ふりがな|カナ|かな|ﾌﾘｶﾞﾅ|読み|世帯主?|連絡先|住所|所在地|番地|建物|都道府県|市区町村|電話|携帯|TEL|FAX"
    r"|メール|メールアドレス|アドレス|番号|コード|年月日|日付|日時|時刻|[録新成付入更約注生期購文会送]日|ID|No\.?|区分|種別"
    r"|分類|状態|商品名|会社名|企業名|法人名|勤務先|団体名|部署|所属|役職|数量|金額|単価|合計|税|備考|メモ|摘要|性別|年齢|続柄|職業|国籍"
    r"|血液型|口座|名義|ポイント|件数|件名|内容|レベル|ソース|タスクのカテゴリ|イベント ID)\d?\s*([(（\[【].*)?"
    r"|([A-Za-z]+[ _.-])*(name|address|phone|tel|mobile|fax|e-?mail|mail|date|time|id|code|zip|type|kind|status|amount|price"
    r"|qty|quantity|number|no\.?|sex|gender|age|birthday|birth|dob|company|department|title|country|city|state|note|notes"
    r"|comment|remarks|user|account|level|source|description|url|path|size|count|total|value|key|card)s?\d?",
    re.IGNORECASE,
)


def header_position(first: Sequence[Line]) -> int | None:
    """Which of the first lines (up to LOOK_ROWS filled ones) is the header; None where the table begins with values.

    A header fills about as many columns as the lines below it and hardly has values (numbers, dates, addresses). It has
    words that usually head columns, or a column below it holds values where it has a word. Banner lines above it
    fill fewer columns. Where two lines could be it (a header of two floors), the one with more usual words is.
    """
    best: tuple[int, int] | None = None
    for position in range(min(len(first), _DEEPEST)):
        usual = _usual_words(first, position)
        if usual is not None and (best is None or usual > best[1]):
            if best is not None and position != best[0] + 1:
                break
            best = position, usual
        elif best is not None or _is_wide(first, position):
            break
    return None if best is None else best[0]


def header_words(cells: Sequence[str | None], width: int) -> tuple[str, ...]:
    """The words of a header line, one for each column, empty where there is none."""
    words = [" ".join((cell or "").split()) for cell in cells]
    return (*words, *[""] * (width - len(words)))


def banner(line: Line, codec: str | None, place: str = "row") -> Text:
    """A line above a header: no row of the table, and not to be lost."""
    number, cells = line
    content = "\t".join(cell for cell in cells if cell and cell.strip())
    return Text(locator=f"{place}:{number}", segment="banner", content=content, codec=codec)


def is_filled(cells: Sequence[str | None]) -> bool:
    """Whether any cell holds more than blanks."""
    return any(cell and not cell.isspace() for cell in cells)


@lru_cache(maxsize=64)
def schema(width: int) -> pa.Schema:
    """The columns of a sheet: row_number, c000, c001, ..."""
    return pa.schema(
        [("row_number", pa.int64()), *((f"c{index:03d}", pa.string()) for index in range(width))]
    )


def batches(lines: Iterable[Line], width: int) -> Iterator[pa.RecordBatch]:
    """Rows as batches of bounded size, without rows whose cells are all empty; cells beyond a row's end are null."""
    pending: list[Line] = []
    signs = 0
    for line in lines:
        if not is_filled(line[1]):
            continue
        pending.append(line)
        signs += sum(map(len, filter(None, line[1])))
        if len(pending) >= BATCH_ROWS or signs > _MOST_BATCH_SIGNS:
            yield batch(pending, width)
            pending, signs = [], 0
    if pending:
        yield batch(pending, width)


def at_least_one(some: Iterable[pa.RecordBatch], width: int) -> Iterator[pa.RecordBatch]:
    """The batches, or one without rows where there are none, so that a reader has the columns."""
    is_first = True
    for one in some:
        yield one
        is_first = False
    if is_first:
        yield batch([], width)


def batch(lines: Sequence[Line], width: int) -> pa.RecordBatch:
    """One batch of these rows."""
    columns = [pa.array([number for number, _ in lines], pa.int64())]
    if width > len(lines):
        # A hostile sheet has many thousands of columns and few rows: one array, cut, is made in a fraction of the time.
        together = pa.array(
            [cells[index] if index < len(cells) else None for index in range(width) for _, cells in lines],
            pa.string(),
        )
        columns += [together.slice(index * len(lines), len(lines)) for index in range(width)]
        return pa.RecordBatch.from_arrays(columns, schema=schema(width))
    for index in range(width):
        columns.append(
            pa.array([cells[index] if index < len(cells) else None for _, cells in lines], pa.string())
        )
    return pa.RecordBatch.from_arrays(columns, schema=schema(width))


def _filled(cells: Sequence[str | None]) -> int:
    return sum(bool(cell and not cell.isspace()) for cell in cells)


def _is_wide(first: Sequence[Line], position: int) -> bool:
    """Whether a line fills about as many columns as the lines below it usually do."""
    below = sorted(_filled(cells) for _, cells in first[position + 1 :])
    usual = below[len(below) // 2] if below else 0
    own = _filled(first[position][1])
    return own >= 2 and own >= usual * _LEAST_FILLED


def _usual_words(first: Sequence[Line], position: int) -> int | None:
    """How many usual words a line has that could be the header; None for a line that could not."""
    cells = first[position][1]
    words = [cell.strip() for cell in cells if cell and not cell.isspace()]
    usual = sum(len(word) <= _HEADER_SIGNS and bool(_USUAL.fullmatch(word)) for word in words)
    if len(words) == 1:
        is_list = position == 0 and all(_filled(line) <= 1 for _, line in first)
        return usual if is_list and usual else None
    if not words or not _is_wide(first, position):
        return None
    values = sum(is_value(word) for word in words)
    is_short = sum(len(word) > _HEADER_SIGNS for word in words) <= len(words) * 0.1
    # Years and the like may head some columns among usual words.
    if not is_short or values > len(words) * (0.7 if usual >= 2 else _MOST_VALUES):
        return None
    if _recurs(first, position, words):
        return None
    is_distinct = len(set(words)) >= len(words) * 0.5
    if usual >= max(2, len(words) * 0.3) or (usual and is_distinct and len(words) <= 4):
        return usual
    if values == 0 and is_distinct and _is_of_another_kind(first, position):
        return usual
    return None


def is_usual(word: str) -> bool:
    """Whether a word is one that usually heads columns."""
    return len(word) <= _HEADER_SIGNS and _USUAL.fullmatch(word) is not None


def is_value(word: str) -> bool:
    """Whether a cell is a number, a date, an address of mail or the like."""
    return len(word) <= 2 * _HEADER_SIGNS and _VALUE.fullmatch(word) is not None


def _recurs(first: Sequence[Line], position: int, words: Sequence[str]) -> bool:
    """Whether the words stand below in the same columns as well, as values do; a header repeated whole does not count."""
    own = first[position][1]
    again = 0
    below = [cells for _, cells in first[position + 1 :] if list(cells) != list(own)]
    # The next line may be the lower floor of a header, with cells merged over both.
    if below and sum(bool(_USUAL.fullmatch(cell.strip())) for cell in below[0] if cell) >= 2:
        below = below[1:]
    for index, cell in enumerate(own):
        if cell and not cell.isspace():
            again += any(index < len(cells) and cells[index] == cell for cells in below)
    return again > len(words) * 0.2


def _is_of_another_kind(first: Sequence[Line], position: int) -> bool:
    """Whether some column below holds values throughout where this line has a word."""
    cells = first[position][1]
    for index, cell in enumerate(cells):
        if not cell or cell.isspace():
            continue
        column = [line[index] or "" for _, line in first[position + 1 :] if index < len(line)]
        filled = [one.strip() for one in column if one and not one.isspace()]
        if filled and sum(map(is_value, filled)) >= 0.8 * len(filled):
            return True
    return False


def is_label(word: str) -> bool:
    """Whether a word is one that usually heads a column or stands before a value."""
    return len(word) <= _HEADER_SIGNS and _USUAL.fullmatch(word) is not None
