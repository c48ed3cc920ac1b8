"""A block of cells that is a table of a sheet, which of its cells are filled, and which lines are headers by their words alone."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import ne
from typing import Any

from parsers.formats import tabular

# Values of a row as the library gives them: an empty text for an empty cell.
Cells = Sequence[Any]

_FEW_CELLS = 4
LEAST_WORDS = 3
_LEAST_USUAL = 0.6


@dataclass(slots=True, kw_only=True)
class Block:
    """A table of a sheet: rows and columns from 0, the last row included and the last column not."""

    top: int
    bottom: int
    left: int
    right: int
    header_row: int | None = None
    header: tuple[str, ...] = ()
    # The first rows with their numbers from 0; those above the header alone when the block is given.
    first: list[tabular.Line] = field(default_factory=list)
    # Which columns are filled in any row, and in each one.
    union: int = 0
    numbers: array[int] = field(default_factory=lambda: array("I"))
    masks: list[int] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The range as a program writes it: B12:H40."""
        top = self.top if self.header_row is None else self.header_row
        return f"{column_letters(self.left)}{top + 1}:{column_letters(self.right - 1)}{self.bottom + 1}"

    @property
    def is_note(self) -> bool:
        """Whether it is a few cells below one another and no table."""
        return (
            self.header_row is None and self.right - self.left == 1 and self.bottom - self.top < LEAST_WORDS
        )


def column_letters(column: int) -> str:
    """The letters of a column counted from 0: A, B, ..., AA."""
    letters = ""
    column += 1
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def filled_mask(values: Cells) -> int:
    """Which cells are filled; a row of blanks alone is empty."""
    stored = bytes(map(ne, values, repeat("")))
    if stored.count(1) <= _FEW_CELLS:
        stored = bytes(one != "" and not (isinstance(one, str) and one.isspace()) for one in values)
    return int.from_bytes(stored, "little")


def extent(mask: int) -> tuple[int, int]:
    """The first filled column and the one behind the last."""
    if not mask:
        return 0, 0
    return ((mask & -mask).bit_length() - 1) // 8, (mask.bit_length() - 1) // 8 + 1


def is_header(cells: Sequence[str | None]) -> bool:
    """Whether a line is a header by its words alone: nearly all are such as usually head columns, and all differ."""
    words = [cell.strip() for cell in cells if cell and not cell.isspace()]
    if len(words) < LEAST_WORDS or len(set(words)) < len(words) or len(words[0]) > 20:
        return False
    if not any(map(tabular.is_usual, words[:LEAST_WORDS])) or any(map(tabular.is_value, words)):
        return False
    return sum(map(tabular.is_usual, words)) >= max(LEAST_WORDS, _LEAST_USUAL * len(words))


def before_next_header(lines: list[tabular.Line]) -> list[tabular.Line]:
    """The lines before the header of the next table, whose words would be taken for values that recur."""
    heads = [at for at, (_, cells) in enumerate(lines) if is_header(cells)]
    later = [at for at in heads if at > heads[0] + 1]
    return lines[: later[0]] if later else lines
