"""The one place where a text becomes a cell: never a formula, never a link, nothing invisible, nothing too long.

Workbooks are the same bytes for the same content: their properties carry a fixed day, their parts a fixed time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.report.signs import visible

MOST_ROWS = 1_048_576
MOST_SIGNS = 32_767
# Excel takes no more links on a sheet.
MOST_LINKS = 65_000
_CUT = " …(以下略 cut)"
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LARGEST = 2**53 - 1
# A day that says nothing of when the workbook was made: custody does.
_CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_FONT = "Yu Gothic"
_POINTS, _MOST_LINES = 14.5, 5
_LOOKS: Mapping[str, Mapping[str, object]] = {
    "plain": {"text_wrap": True, "indent": 1},
    "english": {"text_wrap": True, "font_color": "#5B6878", "font_size": 9, "indent": 1},
    "number": {"num_format": "#,##0"},
    "header": {"bold": True, "bg_color": "#E7EEF7", "text_wrap": True, "bottom": 1},
    "title": {"bold": True, "font_size": 16},
    "strong": {"bold": True, "font_size": 12, "text_wrap": True},
    "notice": {"bold": True, "font_color": "#9A3412", "text_wrap": True},
    "link": {"font_color": "#0B5394", "underline": 1},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column of a sheet: its words and how wide it is, in signs."""

    ja: str
    en: str
    width: float

    @property
    def text(self) -> str:
        """Japanese above English."""
        return f"{self.ja}\n{self.en}" if self.en else self.ja


def text_of(value: str) -> str:
    """A text as a cell shows it, cut where Excel would refuse it."""
    shown = visible(value.replace("\r\n", "\n"))
    if len(shown) * 2 <= MOST_SIGNS:
        return shown
    # Excel counts UTF-16 units: a sign outside the basic plane is two.
    units = shown.encode("utf-16-le")
    if len(units) // 2 <= MOST_SIGNS:
        return shown
    return units[: 2 * (MOST_SIGNS - len(_CUT))].decode("utf-16-le", "ignore") + _CUT


def xml_of(value: str) -> str:
    """A text as it stands between the tags of a cell (ECMA-376 Part 1, 22.9.2.19: `_xHHHH_` would be read as a sign)."""
    return escape(_ESCAPED.sub("_x005F_", text_of(value)))


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column; a sign outside ASCII is as wide as two."""
    wide = max(width * 1.1 - 2, 1)  # as texts are set, less indent and margins
    return sum(
        max(1, math.ceil((len(one) + sum(not sign.isascii() for sign in one)) / wide))
        for one in text[:4000].split("\n")
    )


class Book:
    """A workbook under way; a sheet's rows are written in order."""

    def __init__(self, target: Path | IO[bytes], title: str, folder: Path | None = None) -> None:
        """A workbook with the properties `title` and a fixed day; temporary files go to `folder`."""
        self._book = xlsxwriter.Workbook(
            str(target) if isinstance(target, Path) else target,
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "in_memory": folder is None,
                **({"tmpdir": str(folder)} if folder is not None else {}),
            },
        )
        self._book.set_properties(
            {"title": text_of(title)[:255], "author": "kanshiki", "created": _CREATED, "comments": ""}
        )
        self._book.formats[0].set_font_name(_FONT)
        self._sheets: list[Sheet] = []
        self._looks: dict[str, Format] = {
            name: self._book.add_format({"font_name": _FONT, "valign": "top", "font_size": 10, **look})
            for name, look in _LOOKS.items()
        }

    def sheet(self, name: str, headings: Sequence[Heading], rows: int = 0) -> Sheet:
        """A sheet of ours by name; with headings a frozen, filtered header over `rows` rows that follow."""
        sheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer("&L&A&R&P / &N")
        for column, one in enumerate(headings):
            sheet.set_column(column, column, one.width)
            sheet.write_string(0, column, one.text, self._looks["header"])
        if headings:
            sheet.set_row(0, 32)
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
            sheet.autofilter(0, 0, max(rows, 1), len(headings) - 1)
        own = Sheet(sheet, self._looks, [one.width for one in headings])
        self._sheets.append(own)
        return own

    def close(self) -> None:
        """Write the workbook."""
        for one in self._sheets:
            one.fit()
        self._book.close()


class Sheet:
    """A sheet under way."""

    def __init__(self, sheet: Worksheet, looks: Mapping[str, Format], widths: Sequence[float]) -> None:
        """A sheet as `Book.sheet` made it."""
        self._sheet = sheet
        self._looks = looks
        self._widths = list(widths)
        self._links = 0
        self._lines: dict[int, int] = {}

    def widths(self, *widths: float) -> None:
        """How wide the columns are, in signs."""
        self._widths = list(widths)
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)

    def fit(self) -> None:
        """Make rows as high as their texts need: not every program does so itself."""
        for row, lines in self._lines.items():
            if lines > 1:
                self._sheet.set_row(row, min(lines, _MOST_LINES) * _POINTS)

    def text(self, row: int, column: int, value: str, look: str = "plain") -> None:
        """A text, as a text whatever it begins with; an empty one leaves the cell empty."""
        if value:
            # XlsxWriter escapes `_xHHHH_` itself; what begins as its rich text it would write as XML, unescaped.
            shown = text_of(value)
            plain = f" {shown}" if shown.startswith("<r>") else shown
            self._sheet.write_string(row, column, plain, self._looks[look])
            if row or look != "header":
                width = self._widths[column] if column < len(self._widths) else 8.0
                lines = _lines(plain, width) + (look in ("title", "strong"))
                self._lines[row] = max(self._lines.get(row, 1), lines)

    def line(self, row: int, first: int, last: int, value: str, look: str) -> None:
        """A text over columns of a row, first to last."""
        self._sheet.merge_range(row, first, row, last, "", self._looks[look])
        lines = self._lines.get(row, 1)
        self.text(row, first, value, look)
        self._lines[row] = max(lines, _lines(value, sum(self._widths[first : last + 1])))

    def number(self, row: int, column: int, value: int | None) -> None:
        """A whole number, as a text where a cell could not hold it exactly."""
        if value is None:
            return
        if abs(value) <= _LARGEST:
            self._sheet.write_number(row, column, value, self._looks["number"])
        else:
            self._sheet.write_string(row, column, str(value), self._looks["number"])

    def link(self, row: int, column: int, sheet: str, to_row: int, words: str) -> None:
        """A link of ours to a row (from 0) of another sheet of this workbook, with words of ours."""
        self._links += 1
        if self._links > MOST_LINKS:
            self.text(row, column, words)
        else:
            self._sheet.write_url(
                row, column, f"internal:'{sheet}'!A{to_row + 1}", self._looks["link"], words
            )
