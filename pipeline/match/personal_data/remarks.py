"""What stands in the remarks of a sheet: free text in cells that no column was recognised by.

A remark speaks of the row's main person. What is found there is added to that person's mention as it would be in a text: items
that are sure, and candidates for special care-required information.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import digest
from pipeline.match.personal_data.judgement import HELD, NONE, Judgement
from pipeline.match.personal_data.passages import item_row
from pipeline.match.personal_data.texts import Hit, TextRules, find_items, gate

_LEAST_SIGNS = 4


def of_batch(
    batch: pa.RecordBatch, judged: Sequence[Judgement], rules: TextRules
) -> list[tuple[int, str, Hit]]:
    """What was found in the remarks of a batch: place of the row in it, column, and hit, in the order of rows."""
    names = [
        one.columns[0]
        for one in judged
        if one.status == NONE and len(one.columns) == 1 and not rules.items.is_refused(one.header)
    ]
    encoded = [batch.column(name).dictionary_encode() for name in names]
    if not encoded:
        return []
    # All columns at once: the patterns are made anew for every question.
    hits = _of_values(pa.concat_arrays([one.dictionary for one in encoded]), rules)
    found: list[tuple[int, str, Hit]] = []
    first = 0
    for name, one in zip(names, encoded, strict=True):
        own = {
            place - first: found_there
            for place, found_there in hits.items()
            if first <= place < first + len(one.dictionary)
        }
        first += len(one.dictionary)
        indices = pc.fill_null(one.indices, -1).to_numpy()
        rows = np.flatnonzero(np.isin(indices, list(own))) if own else ()
        found += [(int(row), name, hit) for row in rows for hit in own[int(indices[row])]]
    return sorted(found, key=lambda one: (one[0], one[1], one[2].start, one[2].item))


def added(mentions: pa.Table, found: Sequence[tuple[int, str, Hit]], batch: pa.RecordBatch) -> pa.Table:
    """Mentions of a batch's main persons with what was found in their remarks."""
    if not found or not mentions.num_rows:
        return mentions
    numbers = batch.column("row_number").to_pylist()
    by_row: dict[int, list[Hit]] = {}
    for row, _, hit in found:
        by_row.setdefault(numbers[row], []).append(hit)
    # The main person of a row comes first; whoever else it speaks of is not meant.
    places: dict[int, int] = {}
    for place, number in enumerate(mentions.column("row_number").to_pylist()):
        places.setdefault(number, place)
    told = {name: mentions.column(name).to_pylist() for name in ("items", "categories", "candidates")}
    for number, hits in by_row.items():
        if (main := places.get(number)) is None:
            continue
        for hit in hits:
            more = (
                {"items": hit.item, "categories": hit.category}
                if hit.status == HELD
                else {"candidates": hit.category}
            )
            for name, word in more.items():
                told[name][main] = list(dict.fromkeys([*told[name][main], word]))
    for name, lists in told.items():
        index = mentions.column_names.index(name)
        mentions = mentions.set_column(index, name, pa.array(lists, pa.list_(pa.string())))
    return mentions


def item_rows(
    sheet_id: str, found: Sequence[tuple[int, str, Hit]], batch: pa.RecordBatch
) -> list[dict[str, Any]]:
    """The rows of `text_item` for what was found in remarks: the locator names sheet, row and column."""
    numbers = batch.column("row_number").to_pylist()
    ids = digest.short_numbered(sheet_id, [numbers[row] for row, _, _ in found])
    return [
        item_row(f"{sheet_id}:{numbers[row]}:{name}+{hit.start}", hit, mention_id)
        for (row, name, hit), mention_id in zip(found, ids, strict=True)
    ]


def _of_values(values: pa.Array, rules: TextRules) -> dict[int, list[Hit]]:
    """By place among the distinct values what was found in them."""
    long_enough = pc.greater_equal(pc.utf8_length(values), _LEAST_SIGNS)
    mask = pc.fill_null(pc.and_(long_enough, pc.match_substring_regex(values, gate(rules))), False)
    places = np.flatnonzero(mask.to_numpy(zero_copy_only=False))
    if not len(places):
        return {}
    hits = find_items(values.take(pa.array(places)).to_pylist(), rules)
    return {int(place): own for place, own in zip(places, hits, strict=True) if own}
