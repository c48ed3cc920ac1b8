"""Judges which columns of a sheet hold which items: over every row, batch by batch, each distinct value of a batch once.

A header proposes items and the values decide; where it proposes none that hold, the values alone may. An item may be written
over several columns beside one another. What comes of each column is kept as a row of `sheet_column`, so that a count can be
walked back to why a column was taken for what it is, and so that a column that looks like names or addresses of mail but was
taken for nothing is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.match.personal_data import fold, name_lists
from pipeline.match.personal_data.items import Item, Items
from pipeline.match.personal_data.judgement import (
    CANDIDATE,
    HELD,
    NONE,
    Judgement,
    Seen,
    given_names,
    is_weak,
    supported,
)
from pipeline.match.personal_data.masks import Check

# What a column of persons often holds: a short name in kanji or kana, an address of mail, a telephone number.
_NAME_LIKE = r"^[\p{Han}々ヶ]{1,4}[ 　]?[\p{Han}\p{Hiragana}\p{Katakana}ー々]{1,5}$"
_LATIN_NAME_LIKE = r"^[A-Z][a-z]{1,15}[ ,]{1,2}[A-Z][a-z]{1,15}$"
_REACH_LIKE = r"^[^@\s]{1,64}@[^@\s]+\.[a-zA-Z]{2,}$|^(\+81|0)\d{1,4}[-( )]?\d{1,4}[-) ]?\d{3,4}$"
_SUSPECT = ((_NAME_LIKE, 0.8), (_LATIN_NAME_LIKE, 0.8), (_REACH_LIKE, 0.3))
_FEW = 0.5  # share of distinct values up to which each is judged once and put back by index
_FIRST = 1000  # values that tell whether the rest is worth a look
_MANY_DISTINCT = 20  # names repeat in a long list; so many different ones are names all the same
_DISTINCT_SHARE = 0.5  # what tells persons apart differs from row to row; a state or a remark repeats


@dataclass(slots=True, kw_only=True)
class _Column:
    names: tuple[str, ...]
    separator: str
    header: str
    role: str | None
    proposed: tuple[Item, ...]
    alone: tuple[Item, ...]
    is_refused: bool
    filled: int = 0
    passed: dict[int, int] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    years: dict[int, set[str]] = field(default_factory=dict)
    distinct: int = 0  # of each batch, added up
    first: set[str] = field(default_factory=set)  # the first different values, as many as a decision needs
    passed_distinct: dict[int, int] = field(default_factory=dict)
    known: int = 0
    suspect: list[int] = field(default_factory=lambda: [0] * len(_SUSPECT))


def judge(
    header: tuple[str | None, ...] | None,
    width: int,
    read: Callable[[], Iterable[pa.RecordBatch]],
    items: Items,
) -> list[Judgement]:
    """What each column of a sheet holds, over all its rows; joined columns have one judgement, in the place of the first.

    `read` gives the batches of the sheet from its beginning: it is read twice where a header says less than the values may.
    """
    words = [
        (header[index] or "") if header is not None and index < len(header) else "" for index in range(width)
    ]
    single = [_column(index, word, items) for index, word in enumerate(words)]
    joined = _joined_columns(words, items)
    for batch in read():
        for one in (*single, *joined):
            _tally(one, values_of(batch, one.names, one.separator), items)
    found = {one.columns: one for one in map(_judgement, joined) if one.is_held}
    taken = {name for names in found for name in names}
    # What no header settles may be told by the values alone.
    unsettled = [one for one in single if one.names[0] not in taken and not _judgement(one).is_held]
    for batch in read() if unsettled else ():
        _tally_alone(unsettled, batch, items)
    rest = [one for one in single if one.names[0] not in taken]
    result = sorted(
        [*found.values(), *_beside_one_another(rest, found.values())], key=lambda one: one.columns
    )
    told = {one.names: one for one in (*single, *joined)}
    seen = {
        names: Seen(
            known=one.known,
            is_one=len(one.first) == 1,
            is_varied=len(one.first) >= min(_MANY_DISTINCT, _DISTINCT_SHARE * one.filled),
            is_person_like=_looks_like_persons(one),
        )
        for names, one in told.items()
    }
    return given_names(supported(result, seen, items), items)


def ruled(judged: Sequence[Judgement], decided: Mapping[str, Item | None]) -> list[Judgement]:
    """Judgements with an examiner's rulings in their place: the item of a column, or None for none."""
    return [
        replace(
            one,
            item=decided[one.columns[0]],
            status=NONE if decided[one.columns[0]] is None else HELD,
            proposed_by="ruling",
            is_suspect=False,
        )
        if one.columns[0] in decided
        else one
        for one in judged
    ]


def values_of(batch: pa.RecordBatch, names: Sequence[str], separator: str) -> pa.Array:
    """The values of a column, or of several joined; null where one of these is empty."""
    if len(names) == 1:
        return batch.column(names[0])
    parts = []
    for name in names:
        column = pc.utf8_trim_whitespace(batch.column(name))
        parts.append(pc.if_else(is_filled(column), column, pa.scalar(None, pa.string())))
    return pc.binary_join_element_wise(*parts, separator)


def forms(column: pa.Array, check: Check) -> pa.Array:
    """Each value in its one form as a check gives it, or null; each distinct value is judged once where they repeat."""
    first = column[:_FIRST]
    if len(pc.unique(first)) > _FEW * len(first):
        return check(fold.width(column))
    encoded = column.dictionary_encode()
    if len(encoded.dictionary) > _FEW * len(column):
        return check(fold.width(column))
    return check(fold.width(encoded.dictionary)).take(encoded.indices)


def is_filled(column: pa.Array) -> pa.Array:
    """Where something other than space stands."""
    is_blank = pc.or_(pc.equal(pc.binary_length(column), 0), pc.utf8_is_space(column))
    return pc.fill_null(pc.invert(is_blank), False)


def _column(index: int, word: str, items: Items) -> _Column:
    is_refused = bool(word) and items.is_refused(word)
    proposed = items.proposed(word) if word else ()
    return _Column(
        names=(f"c{index:03d}",),
        separator="",
        header=word,
        role=items.role(word),
        proposed=proposed,
        alone=() if is_refused else tuple(one for one in items.items if _may_be_alone(one, word)),
        is_refused=is_refused,
    )


def _may_be_alone(item: Item, word: str) -> bool:
    """Whether values may tell an item below a header that proposes none."""
    if item.alone is None:
        return False
    return item.alone_unless is None or not word or item.alone_unless.search(fold.header(word)) is None


def _joined_columns(words: Sequence[str], items: Items) -> list[_Column]:
    """Columns that may be one item together, the longest first, none in two."""
    folded = [fold.header(word) for word in words]
    found: list[_Column] = []
    start = 0
    while start < len(words):
        fitting = [
            one
            for one in items.joined
            if start + len(one.parts) <= len(words)
            and one.fits(tuple(folded[start : start + len(one.parts)]))
        ]
        if not fitting:
            start += 1
            continue
        rule = max(fitting, key=lambda one: len(one.parts))
        stop = start + len(rule.parts)
        found.append(
            _Column(
                names=tuple(f"c{index:03d}" for index in range(start, stop)),
                separator=rule.separator,
                header=words[start],
                role=items.role(words[start]),
                proposed=(items.of(rule.item),),
                alone=(),
                is_refused=False,
            )
        )
        start = stop
    return found


def _tally(one: _Column, values: pa.Array, items: Items) -> None:
    """Count what is filled, and what of that passes as the items the header proposes."""
    distinct, counts = _counted(values, items)
    one.distinct += len(distinct)
    if len(one.first) < _MANY_DISTINCT:
        one.first.update(distinct[:_MANY_DISTINCT].to_pylist())
    one.filled += int(pc.sum(counts).as_py() or 0)
    for index, item in enumerate(one.proposed):
        _pass(one, index, item, item.check(distinct), distinct, counts)
    if any(is_weak(item, one.header, items) for item in one.proposed):
        known = pc.or_(name_lists.is_person(distinct), name_lists.is_reading(distinct))
        one.known += _rows(counts, known)


def _tally_alone(columns: Sequence[_Column], batch: pa.RecordBatch, items: Items) -> None:
    """Count what passes as an item that needs no header, and what looks like persons.

    A check is asked once of the values of all columns: in a small sheet its patterns take longer to make than to match.
    """
    counted = [_counted(batch.column(one.names[0]), items) for one in columns]
    asked: dict[int, list[tuple[int, int]]] = {}
    for place, one in enumerate(columns):
        for index, item in enumerate(one.alone, len(one.proposed)):
            asked.setdefault(id(item), []).append((place, index))
    for wanted in asked.values():
        item = _item(columns[wanted[0][0]], wanted[0][1])
        parts = [counted[place][0] for place, _ in wanted]
        for (place, index), formed in zip(wanted, _each(item.check, parts), strict=True):
            _pass(columns[place], index, item, formed, *counted[place])
    for index, (pattern, _) in enumerate(_SUSPECT):
        found = _each(
            partial(pc.match_substring_regex, pattern=pattern), [distinct for distinct, _ in counted]
        )
        for one, mask, (_, counts) in zip(columns, found, counted, strict=True):
            one.suspect[index] += _rows(counts, mask)


def _each(change: Check, parts: Sequence[pa.Array]) -> Iterator[pa.Array]:
    """What is made of each array, made of all of them at once: for what looks at every value alone."""
    made = change(pa.concat_arrays(parts))
    start = 0
    for part in parts:
        yield made.slice(start, len(part))
        start += len(part)


def _pass(
    one: _Column, index: int, item: Item, formed: pa.Array, distinct: pa.Array, counts: pa.Array
) -> None:
    """Count the values that pass as an item, given what its check made of the distinct ones."""
    passes = pc.is_valid(formed)
    passed = _rows(counts, passes)
    one.passed[index] = one.passed.get(index, 0) + passed
    one.passed_distinct[index] = one.passed_distinct.get(index, 0) + len(formed) - formed.null_count
    if item.of_row is not item.check and (passed or index < len(one.proposed)):
        # What passes the check of the column passes that of a row; the rest is asked, where any of it may matter.
        rest = pc.invert(passes)
        passed += _rows(counts.filter(rest), pc.is_valid(item.of_row(distinct.filter(rest))))
    one.rows[index] = one.rows.get(index, 0) + passed
    if item.least_years:
        years = pc.unique(pc.utf8_slice_codeunits(pc.drop_null(formed), 0, 4)).to_pylist()
        one.years.setdefault(index, set()).update(years)


def _counted(values: pa.Array, items: Items) -> tuple[pa.Array, pa.Array]:
    """The distinct values that are filled, width folded, and how many rows have each; not what only points to another cell."""
    counted = pc.value_counts(values.filter(is_filled(values)))
    distinct, counts = fold.width(pc.struct_field(counted, "values")), pc.struct_field(counted, "counts")
    points = pc.is_in(distinct, value_set=items.pointers)
    if not pc.any(points).as_py():
        return distinct, counts
    own = pc.invert(points)
    return distinct.filter(own), counts.filter(own)


def _rows(counts: pa.Array, mask: pa.Array) -> int:
    return int(pc.sum(counts.filter(mask)).as_py() or 0)


def _beside_one_another(columns: Sequence[_Column], joined: Iterable[Judgement]) -> list[Judgement]:
    """Judgements of single columns; an item that needs another beside it only where another column has that.

    First what no other column could stand beside is given up, then what the items chosen leave alone, until all hold.
    """
    there = {one.item.name for one in joined if one.item is not None}
    hoped = [{index for index in _possible(one) if _item(one, index).beside} for one in columns]
    sure = [
        {_item(one, index).name for index in _possible(one) if not _item(one, index).beside}
        for one in columns
    ]
    while True:
        named = [
            names | {_item(one, index).name for index in own}
            for one, names, own in zip(columns, sure, hoped, strict=True)
        ]
        told = [_judgement(one, own) for one, own in zip(columns, hoped, strict=True)]
        chosen = [{one.item.name} if one.item is not None and one.is_held else set() for one in told]
        if not (_give_up(columns, hoped, there, named) or _give_up(columns, hoped, there, chosen)):
            return told


def _give_up(
    columns: Sequence[_Column], hoped: list[set[int]], there: set[str], named: Sequence[set[str]]
) -> bool:
    """Take the first hoped-for item away whose company no other column has; whether there was one."""
    for place, (one, own) in enumerate(zip(columns, hoped, strict=True)):
        others = there.union(*(names for at, names in enumerate(named) if at != place))
        before = named[place - 1] if place else set()
        for index in sorted(own):
            item = _item(one, index)
            company = before if item.is_behind else others
            if item.name in named[place] and not item.beside & company:
                own.remove(index)
                return True
    return False


def _item(one: _Column, index: int) -> Item:
    return (*one.proposed, *one.alone)[index]


def _possible(one: _Column) -> list[int]:
    """The items whose share of the values passes, likeliest first; those that need another beside them as well."""
    return [
        index
        for index, item in enumerate((*one.proposed, *one.alone))
        if one.filled and _passes(one, index, item)
    ]


def _passes(one: _Column, index: int, item: Item) -> bool:
    if index < len(one.proposed):
        return one.passed.get(index, 0) >= item.share * one.filled and _is_varied(
            one, index, item, item.share
        )
    least = item.alone or 1.0
    return (
        one.passed.get(index, 0) >= least * one.filled
        and one.filled >= item.least
        and len(one.years.get(index, ())) >= item.least_years
        and _is_varied(one, index, item, least)
    )


def _judgement(one: _Column, hoped: Collection[int] = ()) -> Judgement:
    """What a column holds; what values alone tell and needs another beside it only where that is hoped for."""
    held, status, proposed_by, passed = None, NONE, "none", 0
    for index in _possible(one):
        item = _item(one, index)
        is_proposed = index < len(one.proposed)
        if is_proposed or not item.beside or index in hoped:
            held, status, passed = item, HELD, one.rows[index]
            proposed_by = "header" if is_proposed else "values"
            break
    if held is None and one.filled:
        held = next((item for item in one.proposed if item.is_candidate), None)
        if held is not None:
            status, proposed_by, passed = CANDIDATE, "header", one.rows.get(one.proposed.index(held), 0)
    return Judgement(
        columns=one.names,
        separator=one.separator,
        header=one.header,
        role=one.role,
        item=held,
        status=status,
        proposed_by=proposed_by,
        filled=one.filled,
        passed=passed,
        is_suspect=held is None and _looks_like_persons(one),
    )


def _is_varied(one: _Column, index: int, item: Item, least: float) -> bool:
    """Whether the values differ as those of persons do, and the share that passes is not that of a few which repeat."""
    if not item.least_distinct:
        return True
    return (
        len(one.first) >= min(_MANY_DISTINCT, item.least_distinct * one.filled)
        and one.passed_distinct.get(index, 0) >= least * one.distinct
    )


def _looks_like_persons(one: _Column) -> bool:
    is_varied = one.filled > 0 and one.distinct >= _DISTINCT_SHARE * one.filled
    return (
        not one.is_refused
        and is_varied
        and any(count >= share * one.filled for count, (_, share) in zip(one.suspect, _SUSPECT, strict=True))
    )
