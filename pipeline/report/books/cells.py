"""Workbooks as these need them: every text a text, whatever it begins with, and the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import xlsxwriter

from pipeline.report.texts import safe

# Rows of a sheet below its header, and signs of a cell (ECMA-376 leaves both open; the limits are Excel's).
MOST_ROWS = 1_000_000
_MOST_SIGNS = 32_000
_AT = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_FONT = "Yu Gothic"
Cell = str | int | bool | None


class Book:
    """A workbook written row by row to a file; nothing in it is a formula or a link to anywhere outside of it."""

    def __init__(self, path: Path, title: str) -> None:
        """Begin the file."""
        self._book: Any = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_format_properties": {"font_name": _FONT, "font_size": 10},
            },
        )
        self._book.set_properties({"title": safe(title), "author": "kanshiki", "created": _AT})
        self._head = self._book.add_format(
            {
                "bold": True,
                "bg_color": "#1F3A5F",
                "font_color": "#FFFFFF",
                "text_wrap": True,
                "valign": "top",
                "font_name": _FONT,
            }
        )
        self._text = self._book.add_format(
            {"text_wrap": True, "valign": "top", "font_name": _FONT, "num_format": "@"}
        )
        self._number = self._book.add_format({"num_format": "#,##0", "valign": "top", "font_name": _FONT})
        self._strong = self._book.add_format(
            {"bold": True, "font_size": 14, "font_name": _FONT, "text_wrap": True, "valign": "top"}
        )

    def __enter__(self) -> Self:
        """The book itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the file."""
        self._book.close()

    def sheet(
        self, name: str, header: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[Cell]]
    ) -> int:
        """A sheet with a header that stays in sight and filters over its rows; how many rows were written.

        Rows beyond `MOST_ROWS` are left out: who calls says so.
        """
        sheet = self._page(name, widths)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        for column, text in enumerate(header):
            sheet.write_string(0, column, safe(text), self._head)
        count = 0
        for row in rows:
            if count == MOST_ROWS:
                break
            count += 1
            self._row(sheet, count, row)
        sheet.autofilter(0, 0, max(count, 1), len(header) - 1)
        return count

    def cover(self, name: str, title: str, rows: Iterable[Sequence[Cell]], widths: Sequence[int]) -> None:
        """A sheet of a title and rows, without filters."""
        sheet = self._page(name, widths)
        sheet.write_string(0, 0, safe(title), self._strong)
        for number, row in enumerate(rows, start=2):
            self._row(sheet, number, row)

    def _page(self, name: str, widths: Sequence[int]) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(8)  # A3
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        return sheet

    def _row(self, sheet: Any, number: int, row: Sequence[Cell]) -> None:
        for column, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, bool):
                sheet.write_string(number, column, "はい" if value else "いいえ", self._text)
            elif isinstance(value, int):
                sheet.write_number(number, column, value, self._number)
            else:
                text = safe(value)
                if len(text) > _MOST_SIGNS:
                    text = f"{text[:_MOST_SIGNS]}…(以下略 cut)"
                sheet.write_string(number, column, text, self._text)
