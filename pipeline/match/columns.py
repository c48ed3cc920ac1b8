"""Judges which columns of a sheet hold which items: over every row, batch by batch, each distinct value of a batch once.

A header proposes an item and the values decide; a column without header is judged by its values alone. What comes of each
column is kept as a row of `sheet_column`, so that a count can be walked back to why a column was taken for what it is,
and so that a column that looks like names or addresses of mail but was taken for nothing is seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.match.items import Item, Items
from pipeline.match.values import CHECKS

_ALONE_VALUES = 20
# What a column of persons often holds: a short name in kanji or kana, an address of mail, a telephone number.
_NAME_LIKE = r"^[\p{Han}々ヶ]{1,4}[ 　]?[\p{Han}\p{Hiragana}\p{Katakana}ー々]{1,5}$"
_LATIN_NAME_LIKE = r"^[A-Z][a-z]{1,15}[ ,]{1,2}[A-Z][a-z]{1,15}$"
_REACH_LIKE = r"^[^@\s]{1,64}@[^@\s]+\.[a-zA-Z]{2,}$|^(\+81|0)\d{1,4}[-( )]?\d{1,4}[-) ]?\d{3,4}$"
_SUSPECT = ((_NAME_LIKE, 0.8), (_LATIN_NAME_LIKE, 0.8), (_REACH_LIKE, 0.3))
_DISTINCT_SHARE = 0.5  # what tells persons apart differs from row to row; a state or a remark repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What came of one column: its place and header, the item it holds or None, and the values that decided."""

    column: str
    header: str
    item: Item | None
    proposed_by: str
    filled: int
    passed: int
    is_suspect: bool


@dataclass(slots=True, kw_only=True)
class _Column:
    name: str
    header: str
    proposed_by: str
    candidates: tuple[Item, ...]
    is_refused: bool
    filled: int = 0
    passed: dict[str, int] = field(default_factory=dict)
    distinct: int = 0
    suspect: list[int] = field(default_factory=lambda: [0] * len(_SUSPECT))


def judge(
    header: tuple[str | None, ...] | None, width: int, batches: Iterable[pa.RecordBatch], items: Items
) -> list[Judgement]:
    """What each column of a sheet holds, over all its rows; at most one item a column."""
    columns = [_column(index, header, items) for index in range(width)]
    for batch in batches:
        for one in columns:
            _tally(one, batch.column(one.name))
    return [_judgement(one) for one in columns]


def forms(column: pa.Array, item: Item) -> pa.Array:
    """Each value in its one form as the item's check gives it, or null."""
    encoded = column.dictionary_encode()
    check = CHECKS[item.check]
    words = encoded.dictionary.to_pylist()
    return pa.array([check(word) if word and word.strip() else None for word in words], pa.string()).take(
        encoded.indices
    )


def is_filled(column: pa.Array) -> pa.Array:
    """Where something other than space stands."""
    return pc.fill_null(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0), False)


def _column(index: int, header: tuple[str | None, ...] | None, items: Items) -> _Column:
    word = (header[index] or "") if header is not None and index < len(header) else ""
    proposed = items.proposed(word) if word else None
    alone = tuple(one for one in items.items if one.alone is not None)
    return _Column(
        name=f"c{index:03d}",
        header=word,
        proposed_by="header" if proposed is not None else "none" if word else "values",
        candidates=(proposed,) if proposed is not None else () if word else alone,
        is_refused=items.is_refused(word),
    )


def _tally(one: _Column, values: pa.Array) -> None:
    filled = is_filled(values)
    one.filled += pc.sum(filled).as_py() or 0
    for item in one.candidates:
        found = pc.sum(pc.and_(filled, pc.is_valid(forms(values, item)))).as_py() or 0
        one.passed[item.name] = one.passed.get(item.name, 0) + found
    one.distinct += pc.count_distinct(values.filter(filled)).as_py()
    trimmed = pc.utf8_trim_whitespace(values)
    for index, (pattern, _) in enumerate(_SUSPECT):
        one.suspect[index] += pc.sum(pc.match_substring_regex(trimmed, pattern)).as_py() or 0


def _judgement(one: _Column) -> Judgement:
    held = None
    for item in one.candidates:
        is_proposed = one.proposed_by == "header"
        least = item.share if is_proposed else item.alone or 1.0
        is_enough = one.passed.get(item.name, 0) >= least * one.filled
        if one.filled and is_enough and (is_proposed or one.filled >= _ALONE_VALUES):
            held = item
            break
    likeness = one.distinct >= _DISTINCT_SHARE * one.filled and any(
        count >= share * one.filled for count, (_, share) in zip(one.suspect, _SUSPECT, strict=True)
    )
    return Judgement(
        column=one.name,
        header=one.header,
        item=held,
        proposed_by=one.proposed_by if held is not None else "none",
        filled=one.filled,
        passed=0 if held is None else one.passed[held.name],
        is_suspect=held is None and bool(one.filled) and likeness and not one.is_refused,
    )
