"""Text, tables and remarks of a part of OpenDocument, as its events go by.

References:
    - OASIS OpenDocument 1.3 part 3: 5.1 (paragraphs), 5.5 (changes), 6.1 (runs), 6.4 (ruby), 9.1 (tables), 14.1 (annotations)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.contract import Problem, ProblemKind, Yield, Yields
from parsers.formats.office_text import (
    CELL_SIGNS,
    MOST_COLUMNS,
    REMARK_SIGNS,
    REMARKS,
    Grid,
    Lines,
    read_part,
)
from parsers.formats.office_times import moment
from parsers.formats.xml_stream import Event

_PARAGRAPHS = {"text:p", "text:h"}
# Which segment what stands within an element belongs to; the innermost counts.
_SEGMENTS = {
    "draw:text-box": "text_box", "text:note": "footnote", "office:annotation": "annotation", "text:deletion": "deleted",
    "presentation:notes": "notes", "draw:page": "slide", "text:hidden-paragraph": "hidden", "text:footnote": "footnote",
    "text:endnote": "footnote", "table:tracked-changes": "former",
    **{f"style:{one}{side}": one for one in ("header", "footer") for side in ("", "-left", "-first")},
}  # fmt: skip
# Text that is no text of a paragraph: bytes of pictures, scripts, styles.
_SKIPPED = {"text:note-citation", "office:binary-data", "office:script", "office:scripts", "office:meta", "office:settings", "svg:title", "svg:desc"}  # fmt: skip
_REMARKS = {"office:annotation": "comment", "text:insertion": "insertion", "text:deletion": "deletion"}
_TOLD = {"text:hidden-text": "text:string-value", "text:conditional-text": "text:string-value-if-true",
    "text:user-field-decl": "office:string-value", "text:variable-set": "office:string-value"}  # fmt: skip
_LINKED = {
    "text:a",
    "draw:a",
    "text:section-source",
    "draw:image",
    "draw:object",
    "draw:plugin",
    "presentation:sound",
}
_MOST_BLANKS = 1000
_BLANKS = re.compile(r"[ \t\r\n]+")
_MOST_PROBLEMS = 20


@dataclass(slots=True)
class _Frame:
    """What is open: a segment with its paragraph, the cell of a table, or a remark."""

    segment: str
    paragraph: list[str] = field(default_factory=list)
    size: int = 0
    depth: int = 0


@dataclass(slots=True)
class _Table:
    grid: Grid
    row: list[str | None] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)
    size: int = 0
    above: dict[int, tuple[int, str]] = field(default_factory=dict)
    repeat: int = 1
    span: int = 1
    frames: int = 0


@dataclass(slots=True)
class _Remark:
    kind: str
    author: str = ""
    initials: str = ""
    date: str = ""
    lines: list[str] = field(default_factory=list)
    size: int = 0


def texts(place: str, given: Iterator[Event]) -> Yields:
    """Everything a part says; what cannot be read as a problem."""
    yield from read_part(_Part(place), given, place)


class _Part:
    """The state of a part as it is read."""

    def __init__(self, place: str) -> None:
        self.out: list[Yield] = []
        self._place = place
        self._path: list[str] = []
        self._frames: list[_Frame] = [_Frame("body")]
        self._tables: list[_Table] = []
        self._remarks: list[_Remark] = []
        self._lines: dict[str, Lines] = {}
        self._skip = self._count = self._table_count = self._problem_count = 0
        self._open = 0  # paragraphs that are open
        self._ruby: tuple[list[str], list[str]] | None = None

    def text(self, content: str) -> None:
        """Characters, which count only within a paragraph, or in what says who and when."""
        where = self._path[-1] if self._path else ""
        if (
            where in ("dc:creator", "dc:date", "meta:creator-initials", "loext:sender-initials")
            and self._remarks
        ):
            remark = self._remarks[-1]
            if where == "dc:creator":
                remark.author += content[:1000]
            elif where == "dc:date":
                remark.date += content[:100]
            else:
                remark.initials += content[:100]
        elif where in ("svg:title", "svg:desc"):
            self._line("alternative", content)
        elif self._open and not self._skip:
            # 6.1.2: white space counts as one blank, and more are written as elements.
            self._add(_BLANKS.sub(" ", content))

    def _add(self, content: str) -> None:
        if self._ruby is not None:
            is_reading = "text:ruby-text" in self._path[-3:]
            self._ruby[is_reading].append(content)
            if is_reading:
                return
        frame = self._frames[-1]
        frame.paragraph.append(content)
        frame.size += len(content)
        if frame.size > CELL_SIGNS:
            self._end_paragraph()

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""
        self._path.append(name)
        if name in _SKIPPED:
            self._skip += 1
        if name in _PARAGRAPHS:
            self._count += 1
            self._open += 1
        elif name in _SEGMENTS:
            # All text of a slide stands in boxes.
            above = self._frames[-1].segment
            is_slide = name == "draw:text-box" and above in ("slide", "notes")
            self._frames.append(_Frame(above if is_slide else _SEGMENTS[name], depth=len(self._path)))
        elif name == "text:section" and given.get("text:display") == "none":
            self._frames.append(_Frame("hidden", depth=len(self._path)))
        if name in _REMARKS:
            self._begin_remark(name, given)
        elif name == "text:s":
            count = given.get("text:c", "1")
            self._add(
                " "
                * min(
                    int(count) if count.isascii() and count.isdigit() and len(count) < 8 else 1, _MOST_BLANKS
                )
            )
        elif name in ("text:tab", "text:tab-stop"):
            self._add("\t")
        elif name == "text:line-break":
            self._add("\n")
        elif name == "text:ruby":
            self._ruby = [], []
        elif name in _TOLD and given.get(_TOLD[name]):
            self._line("field", given[_TOLD[name]])
        if name.startswith("table:"):
            self._start_table(name, given)
        target = given.get("xlink:href", "") if given else ""
        if name in _LINKED and ":" in target:
            self._line("hyperlink", target)

    def end(self, name: str) -> None:
        """An element ends."""
        depth = len(self._path)
        self._path.pop()
        self._skip -= name in _SKIPPED
        if name in _PARAGRAPHS:
            self._open -= 1
            self._end_paragraph()
        elif name == "text:ruby" and self._ruby is not None:
            base, reading = ("".join(one) for one in self._ruby)
            self._ruby = None
            self._line("ruby", f"{base}（{reading}）" if reading else "")
        if name in _REMARKS and self._remarks:
            self._end_remark(self._remarks.pop())
        if name.startswith("table:"):
            self._end_table(name)
        if self._frames[-1].depth == depth and len(self._frames) > 1:
            self._end_paragraph()
            self._frames.pop()

    def close(self) -> Yields:
        """What is still open where the part ends, or ends too early."""
        while len(self._frames) > 1:
            self._end_paragraph()
            self._frames.pop()
        self._end_paragraph()
        for table in self._tables:
            self._line("table", "\n".join(table.cell))
            self.out += table.grid.end()
        for lines in self._lines.values():
            self.out += lines.end()
        yield from self.out

    def _line(self, segment: str, line: str) -> None:
        if segment not in self._lines:
            self._lines[segment] = Lines(segment)
        self.out += self._lines[segment].add(f"{self._place}/paragraph:{self._count}", line)

    def _end_paragraph(self) -> None:
        frame = self._frames[-1]
        line, frame.paragraph, frame.size = "".join(frame.paragraph), [], 0
        if not line:
            return
        for remark in self._remarks[-1:]:
            if remark.size < REMARK_SIGNS:
                remark.lines.append(line)
                remark.size += len(line)
        table = self._tables[-1] if self._tables else None
        if table is not None and table.frames == len(self._frames):
            table.size += len(line)
            if table.size <= CELL_SIGNS:
                table.cell.append(line)
                return
        self._line(frame.segment, line)

    # Tables

    def _start_table(self, name: str, given: dict[str, str]) -> None:
        if name == "table:table":
            self._table_count += 1
            grid = Grid(given.get("table:name", "")[:200], f"{self._place}/table:{self._table_count}")
            self._tables.append(_Table(grid, frames=len(self._frames)))
        elif self._tables and name == "table:table-row":
            table = self._tables[-1]
            table.row = []
        elif self._tables and name in ("table:table-cell", "table:covered-table-cell"):
            table = self._tables[-1]
            table.cell, table.size = [], 0
            table.repeat = _number(given, "table:number-columns-repeated")
            table.span = _number(given, "table:number-rows-spanned")

    def _end_table(self, name: str) -> None:
        if not self._tables:
            return
        table = self._tables[-1]
        if name in ("table:table-cell", "table:covered-table-cell"):
            column, content = len(table.row), "\n".join(table.cell)
            table.cell = []
            left, word = table.above.pop(column, (0, ""))
            cell: str | None = content
            if name == "table:covered-table-cell" and not content:
                cell = word if left else None
                if left > 1:
                    table.above[column] = left - 1, word
            elif table.span > 1 and column <= MOST_COLUMNS:
                table.above[column] = table.span - 1, content
            for _ in range(min(table.repeat, MOST_COLUMNS)):
                if not table.grid.put(table.row, cell):
                    self._line("table", cell or "")
                    break
        elif name == "table:table-row":
            self.out += table.grid.add(table.row)
        elif name == "table:table":
            self.out += self._tables.pop().grid.end()

    # Remarks

    def _begin_remark(self, name: str, given: dict[str, str]) -> None:
        author = given.get("office:author", given.get("office:chg-author", ""))
        date = given.get("office:create-date", given.get("office:chg-date-time", ""))
        self._remarks.append(_Remark(_REMARKS[name], author=author, date=date))

    def _end_remark(self, remark: _Remark) -> None:
        locator = f"{self._place}/paragraph:{self._count}"
        told = None
        try:
            told = moment(remark.date)
        except ValueError as error:
            self._problem_count += 1
            if self._problem_count <= _MOST_PROBLEMS:
                wrong = Problem(
                    kind=ProblemKind.DAMAGED, locator=locator, message=str(error), column="remark_local"
                )
                self.out.append(wrong)
        self.out.append(
            REMARKS.row(
                locator,
                remark_kind=remark.kind,
                remark_author=remark.author or None,
                remark_initials=remark.initials or None,
                remark_local=told if told is not None and told.tzinfo is None else None,
                remark_at=told if told is not None and told.tzinfo is not None else None,
                remark_text="\n".join(remark.lines)[:REMARK_SIGNS] or None,
                document_part=self._place.removeprefix("part:"),
            )
        )


def _number(given: dict[str, str], name: str) -> int:
    stored = given.get(name, "1")
    return int(stored) if stored.isascii() and stored.isdigit() and len(stored) < 10 else 1
