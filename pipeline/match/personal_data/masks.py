"""What checks of values are made of: masks over a column by pattern or list, and the values that stay behind a mask."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Check = Callable[[pa.Array], pa.Array]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
_NOTHING = (
    "", "-", "--", "ー", "なし", "無し", "無", "ナシ", "ない", "無い", "n/a", "na", "no", "none", "null", "nil", "該当なし", "該当無し",
    "非該当", "特になし", "特に無し", "特記なし", "特記事項なし", "いいえ", "×", "✕", "未登録", "未記入", "未回答", "不明", "false",
)  # fmt: skip


def only(shape: str | Check) -> Callable[[Check], Check]:
    """A check that looks at the values of a shape alone, by a pattern (RE2) or a mask; all others are none."""

    def of(check: Check) -> Check:
        @wraps(check)
        def quick(values: pa.Array) -> pa.Array:
            shaped = pc.match_substring_regex(values, shape) if isinstance(shape, str) else shape(values)
            mask = pc.fill_null(shaped, False)
            count = pc.sum(mask).as_py() or 0
            if count == len(values):
                return check(values)
            empty = pa.nulls(len(values), pa.string())
            return pc.replace_with_mask(empty, mask, check(values.filter(mask))) if count else empty

        return quick

    return of


def letters(most: int) -> Check:
    """A mask of the values of letters alone, so many at most; as a pattern it takes milliseconds to make."""

    def mask(values: pa.Array) -> pa.Array:
        return pc.and_(pc.utf8_is_alpha(values), pc.less_equal(pc.utf8_length(values), most))

    return mask


def filled(values: pa.Array) -> pa.Array:
    """Anything that is not a word for nothing."""
    return where(values, ~flags(pc.is_in(pc.utf8_lower(values), value_set=pa.array(_NOTHING))))


def where(values: pa.Array, mask: Flags) -> pa.Array:
    """The values under a mask; null in the place of all others."""
    return pc.if_else(pa.array(mask), values, pa.scalar(None, pa.string()))


def flags(mask: pa.Array) -> Flags:
    """A mask of Arrow as one of numpy, null as false."""
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def matches(values: pa.Array, pattern: str) -> Flags:
    """Where a pattern (RE2) is found."""
    return flags(pc.match_substring_regex(values, pattern))


def among(values: pa.Array, words: tuple[str, ...]) -> pa.Array:
    """The values that are one of these words."""
    return where(values, flags(pc.is_in(values, value_set=pa.array(words))))
