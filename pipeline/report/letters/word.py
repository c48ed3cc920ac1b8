"""A letter as a Word file: paragraphs, blanks that stand out, and fields a mail merge fills."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

from docx import Document as new_document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_COLOR_INDEX
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from pipeline.report.packed import packed
from pipeline.report.signs import visible
from pipeline.report.word_fields import field

_CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_FONT, _SIZE = "Yu Mincho", 10.5
# What is filled in by hand, and what the mail merge fills: «氏名».
_PART = re.compile(r"(【[^】]*】|«[^»]*»)")
_WIDE = {"left": WD_ALIGN_PARAGRAPH.LEFT, "right": WD_ALIGN_PARAGRAPH.RIGHT, "center": WD_ALIGN_PARAGRAPH.CENTER}  # fmt: skip


class Letter:
    """A letter under way, on A4 with the margins of a business letter."""

    def __init__(self, title: str) -> None:
        """An empty letter whose properties name it and carry a fixed day."""
        self._document = new_document()
        properties = self._document.core_properties
        properties.title, properties.author, properties.comments = visible(title)[:255], "kanshiki", ""
        properties.created = properties.modified = _CREATED
        properties.last_modified_by, properties.revision, properties.language = "kanshiki", 1, "ja-JP"
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(25)
        section.top_margin, section.bottom_margin = Mm(18), Mm(16)
        normal = self._document.styles["Normal"]
        normal.font.name, normal.font.size = _FONT, Pt(_SIZE)
        fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), _FONT)
        normal.paragraph_format.space_after = Pt(2)

    def line(
        self,
        text: str,
        at: str = "left",
        *,
        size: float = _SIZE,
        is_bold: bool = False,
        is_inside: bool = False,
    ) -> None:
        """A paragraph, `is_inside` with its first line a sign in; 【…】 in it is a blank to fill in, «…» a field of the mail merge."""
        paragraph = self._document.add_paragraph()
        paragraph.alignment = _WIDE[at]
        if is_inside:
            paragraph.paragraph_format.first_line_indent = Pt(size)
        _write(paragraph, text, size=size, is_bold=is_bold)

    def boxed(self, lines: list[str]) -> None:
        """Lines in a frame."""
        cell = self._document.add_table(1, 1, style="Table Grid").cell(0, 0)
        for place, text in enumerate(lines):
            paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
            _write(paragraph, text, size=9, is_bold=place == 0)
        self._document.add_paragraph()

    def table(self, rows: list[tuple[str, ...]], widths: tuple[float, ...]) -> None:
        """A table whose first row is its header; widths in millimetres."""
        made = self._document.add_table(len(rows), len(widths), style="Table Grid")
        made.alignment = WD_TABLE_ALIGNMENT.CENTER
        made.autofit = False
        for row, texts in zip(made.rows, rows, strict=True):
            for cell, text, width in zip(row.cells, texts, widths, strict=True):
                cell.width = Mm(width)
                _write(cell.paragraphs[0], text, size=9, is_bold=texts is rows[0])
        self._document.add_paragraph()

    def new_page(self) -> None:
        """Go on with a new page."""
        self._document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def content(self) -> bytes:
        """The file's bytes."""
        target = io.BytesIO()
        self._document.save(target)
        return packed(target.getvalue())


def _write(paragraph: Paragraph, text: str, *, size: float, is_bold: bool) -> None:
    for part in _PART.split(visible(text)):
        if not part:
            continue
        name = part[1:-1]
        merged = part.startswith("«")
        runs = (
            field(paragraph, f' MERGEFIELD "{name}" \\* MERGEFORMAT ', part)
            if merged
            else [paragraph.add_run(part)]
        )
        for run in runs:
            run.bold = is_bold or None
            run.font.size = Pt(size)
            if part.startswith("【"):
                run.font.highlight_color = WD_COLOR_INDEX.YELLOW
