"""What a file named like a text is by its first bytes: delimited records, a table of fixed columns, orders to a bank, or running text.

One answer for every parser that reads such files, so that each file is read by one of them.
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import lru_cache

from parsers.formats import codecs, delimited, fixed_columns, pipe_table, tabular, zengin

PROSE, DELIMITED, COLUMNS, ORDERS = "prose", "delimited", "columns", "orders"
_LEAST_LINES = 5
_LEAST_HEADED = 3
_LEAST_CELLS = 3
_HEAD_BYTES = 4096


def is_prose(head: bytes) -> bool:
    """Whether the first bytes are text and not those of a table."""
    return codecs.is_text(head) and shape(head) == PROSE


def is_delimited(head: bytes) -> bool:
    """Whether the first bytes are records with delimiters."""
    return codecs.is_text(head) and shape(head) == DELIMITED


def is_columns(head: bytes) -> bool:
    """Whether the first bytes are a table of fixed columns."""
    return codecs.is_text(head) and shape(head) == COLUMNS


@lru_cache(maxsize=8)
def shape(head: bytes) -> str:
    """Which of the four the first bytes are; prose unless much speaks for another."""
    if zengin.looks_like(head):
        return ORDERS
    decoder = codecs.Decoder(codecs.decide(head))
    text = decoder.feed(head).lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    # The last line may be cut.
    if len(head) >= _HEAD_BYTES and len(lines) > 1:
        lines.pop()
    if _is_delimited(lines):
        return DELIMITED
    return COLUMNS if fixed_columns.find(lines) is not None else PROSE


def _is_delimited(lines: list[str]) -> bool:
    """Whether nearly all lines are records of one width, below a header or with a column of values."""
    if pipe_table.is_framed(lines):
        lines = [pipe_table.unframed(line) for line in lines]
    filled = [line for line in lines if line.strip()]
    if len(filled) < _LEAST_HEADED or fixed_columns.is_code(filled):
        return False
    for delimiter in delimited.DELIMITERS:
        rows = list(csv.reader((f"{line}\n" for line in filled), delimiter=delimiter))
        width, count = Counter(map(len, rows)).most_common(1)[0]
        if width < _LEAST_CELLS or count < fixed_columns.LEAST_SHARE * len(rows):
            continue
        first = [(number, row) for number, row in enumerate(rows[: tabular.LOOK_ROWS], 1)]
        position = tabular.header_position(first)
        if position is not None and sum(map(tabular.is_usual, map(str.strip, rows[position]))) >= 2:
            return True
        if len(rows) < _LEAST_LINES or fixed_columns.is_log(filled):
            continue
        columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
        if any(sum(tabular.is_value(cell.strip()) for cell in one) >= 0.8 * len(one) for one in columns):
            return True
    return False
