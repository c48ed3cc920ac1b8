"""Which rows of a sheet speak of somebody who is dead: no living natural person, whom the law counts alone.

A state or a remark says so, a column of the day or the fact of death is filled, or the name bears a mark (`refuse.toml`, `[deceased]`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.match.personal_data import fold
from pipeline.match.personal_data.items import Deceased, Items
from pipeline.match.personal_data.judgement import NONE, Judgement


def of_rows(judged: Sequence[Judgement], role: str | None, rows: pa.RecordBatch, items: Items) -> pa.Array:
    """Where a row says that its main person is dead; `role` is how that person is called where it has a name."""
    words = items.deceased
    found = pa.array([False] * rows.num_rows, pa.bool_())
    for one in judged:
        if len(one.columns) != 1 or one.role not in (None, role):
            continue
        is_death = words.headers.fullmatch(fold.header(one.header)) is not None
        if is_death or one.status == NONE:
            found = pc.or_(found, _of_column(rows.column(one.columns[0]), is_death, words))
    return found


def of_names(names: pa.Array, items: Items) -> pa.Array:
    """Where a name, width folded, bears the mark of the dead."""
    return pc.fill_null(pc.match_substring_regex(names, items.deceased.names), False)


def _of_column(column: pa.Array, is_death: bool, words: Deceased) -> pa.Array:
    """Where the cells of a column say so; each distinct value is looked at once, and few closely."""
    encoded = column.dictionary_encode()
    values = encoded.dictionary
    says = np.zeros(len(values), dtype=bool)
    asked = np.arange(len(values))
    if not is_death:
        asked = np.flatnonzero(pc.match_substring_regex(values, words.gate).to_numpy(zero_copy_only=False))
    if len(asked):
        close = fold.width(values.take(pa.array(asked)))
        told = pc.match_substring_regex(close, words.affirmed) if is_death else _told(close, words)
        says[asked] = told.to_numpy(zero_copy_only=False)
    return pc.fill_null(pc.take(pa.array(says), encoded.indices), False)


def _told(values: pa.Array, words: Deceased) -> pa.Array:
    is_cell = pc.is_in(pc.utf8_lower(values), value_set=pa.array(sorted(words.cells)))
    left = pc.replace_substring_regex(values, words.unless, "")
    return pc.or_(is_cell, pc.match_substring_regex(left, words.told))
