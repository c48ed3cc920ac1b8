"""Word files as these drafts need them: Japanese fonts, A4, tables, comments that name sources, and the same bytes for the same content."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from pipeline.report.drafts.values import Line
from pipeline.report.packed import packed
from pipeline.report.signs import visible
from pipeline.report.word_fields import field

BLANK = "要記入"
_FONT = "Yu Mincho"
_AT = datetime(2000, 1, 1, tzinfo=UTC)
_AUTHOR, _INITIALS = "kanshiki", "K"
_BLACK, _GREY, _SHADE = RGBColor(0, 0, 0), RGBColor(0x59, 0x59, 0x59), "E7E6E6"
_SMALL, _BEFORE = Pt(8), Pt(4)


class Word:
    """A document being written. Everything put in passes `visible`."""

    def __init__(self, title: str, header: str) -> None:
        """Begin a document with a title in its properties and a line at the head of every page."""
        self._docx = docx.Document()
        properties = self._docx.core_properties
        properties.author, properties.title, properties.comments = _AUTHOR, visible(title), ""
        properties.created = properties.modified = _AT
        properties.revision, properties.last_modified_by = 1, _AUTHOR
        for name in ("Normal", "Title", "Heading 1", "Heading 2", "Table Grid", "Header", "Footer"):
            self._in_japanese(self._docx.styles[name])
        for name, size in (("Normal", 10.5), ("Title", 15), ("Heading 1", 14), ("Heading 2", 11.5)):
            self._docx.styles[name].font.size = Pt(size)
            self._docx.styles[name].font.color.rgb = _BLACK
        # Lines break by Japanese rules, and nothing is proofread as English.
        for lang in self._docx.styles.element.iter(qn("w:lang")):
            lang.set(qn("w:eastAsia"), "ja-JP")
        section = self._docx.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(22)
        section.top_margin = section.bottom_margin = Mm(22)
        section.header.paragraphs[0].text = visible(header)
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        field(foot, "PAGE")
        foot.add_run(" / ")
        field(foot, "NUMPAGES")

    @staticmethod
    def _in_japanese(style: Any) -> None:
        style.font.name = _FONT
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("w:eastAsia", "w:ascii", "w:hAnsi"):
            fonts.set(qn(kind), _FONT)
        for theme in ("w:asciiTheme", "w:eastAsiaTheme", "w:hAnsiTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)

    def title(self, text: str) -> None:
        """The one title."""
        self._docx.add_heading(visible(text), level=0)

    def heading(self, text: str, level: int = 1, *, en: str = "") -> None:
        """A heading, with English beside it."""
        heading = self._docx.add_heading(visible(text), level=level)
        if en:
            _small(heading, f"  {en}", is_bold=False)

    def paragraph(
        self, text: str, *, is_bold: bool = False, is_small: bool = False, is_marked: bool = False
    ) -> None:
        """A paragraph; lines stay lines."""
        paragraph = self._docx.add_paragraph()
        paragraph.paragraph_format.space_before = _BEFORE
        run = paragraph.add_run(visible(text))
        run.bold = is_bold
        if is_small:
            run.font.size = Pt(8.5)
        if is_marked:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW

    def table(self, header: tuple[str, ...], widths_mm: tuple[int, ...]) -> Table:
        """A table whose header stands on every page."""
        return Table(self._docx, header, widths_mm, self._blank_in)

    @staticmethod
    def _blank_in(paragraph: Any, asks: str) -> None:
        run = paragraph.add_run(f"【{BLANK}】")
        run.bold = True
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW
        told = paragraph.add_run(f" {visible(asks)}")
        told.font.size = Pt(8.5)
        told.italic = True

    def content(self) -> bytes:
        """The file's bytes: the same for the same content, wherever and whenever it is written."""
        made = io.BytesIO()
        self._docx.save(made)
        return packed(made.getvalue(), _undated)


class Table:
    """Rows of a Word table."""

    def __init__(
        self, document: Any, header: tuple[str, ...], widths_mm: tuple[int, ...], blank_in: Any
    ) -> None:
        """Begin a table with a row of headers, its columns of so many millimetres."""
        self._document, self._widths, self._blank_in = document, widths_mm, blank_in
        self._table = document.add_table(rows=1, cols=len(header), style="Table Grid")
        self._table.autofit = False
        for column, width in zip(self._table.columns, widths_mm, strict=True):
            column.width = Mm(width)
        for cell, text, width in zip(self._table.rows[0].cells, header, widths_mm, strict=True):
            cell.width = Mm(width)
            cell.paragraphs[0].add_run(visible(text)).bold = True
            shade = OxmlElement("w:shd")
            shade.set(qn("w:val"), "clear")
            shade.set(qn("w:fill"), _SHADE)
            cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001
        repeated = OxmlElement("w:tblHeader")
        repeated.set(qn("w:val"), "true")
        self._table.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001

    def row(self, *texts: str | None) -> None:
        """A row of texts; what is not known stays empty."""
        for cell, text in zip(self._cells(), texts, strict=True):
            cell.paragraphs[0].add_run(visible(text or ""))

    def field(self, names: tuple[str, ...], lines: tuple[Line, ...], *, asks: str = "") -> None:
        """A row of a field: its names, the first large; its lines, each with a comment that names its source, or a place to be filled in."""
        label, value = self._cells()
        label.paragraphs[0].add_run(visible(names[0]))
        for one in names[1:]:
            _small(label.add_paragraph(), one)
        if not lines:
            self._blank_in(value.paragraphs[0], asks)
        for number, line in enumerate(lines):
            self._line(value.paragraphs[0] if number == 0 else value.add_paragraph(), line)

    def figures(self, *cells: tuple[Line, ...]) -> None:
        """A row of cells of lines, each with a comment that names its source."""
        for cell, lines in zip(self._cells(), cells, strict=True):
            for number, line in enumerate(lines):
                self._line(cell.paragraphs[0] if number == 0 else cell.add_paragraph(), line)

    def _line(self, paragraph: Any, line: Line) -> None:
        run = paragraph.add_run(visible(line.ja))
        if line.source:
            self._document.add_comment(
                [run], text=visible(f"出典 source: {line.source}"), author=_AUTHOR, initials=_INITIALS
            )
        if line.en:
            _small(paragraph, f"  {line.en}")

    def _cells(self) -> list[Any]:
        row = self._table.add_row()
        unsplit = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(unsplit)  # noqa: SLF001
        for cell, width in zip(row.cells, self._widths, strict=True):
            cell.width = Mm(width)
        return list(row.cells)


def _small(paragraph: Any, text: str, *, is_bold: bool | None = None) -> None:
    run = paragraph.add_run(visible(text))
    run.bold = is_bold
    run.font.size, run.font.color.rgb = _SMALL, _GREY


def _undated(content: bytes) -> bytes:
    """A part without the time it was written at: comments are dated by the library."""
    return re.sub(rb'(w:date=")[^"]*(")', rb"\g<1>2000-01-01T00:00:00Z\g<2>", content)
