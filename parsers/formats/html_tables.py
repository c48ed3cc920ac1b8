"""Tables of HTML as rows of cells, with spans, and whether a table holds values or only lays out a page.

References:
    - HTML Standard (WHATWG), 4.9.12 (forming a table): colspan at most 1000, rowspan at most 65534
"""

from __future__ import annotations

from dataclasses import dataclass, field

from parsers.formats.tabular import Line

MOST_WIDTH = 1024
# Cells of one document, those of spans included.
MOST_CELLS = 5_000_000
# Longer than what a cell of a table of values usually holds.
_LAYOUT_SIGNS = 4000


@dataclass(slots=True)
class HtmlTable:
    """A table while it is read."""

    line: int
    lines: list[Line] = field(default_factory=list)
    caption: str = ""
    is_presentation: bool = False
    has_inner: bool = False
    header: dict[int, str] | None = None
    width: int = 0
    cells: int = 0
    is_cut: bool = False
    _row: dict[int, str] = field(default_factory=dict)
    _row_line: int = 0
    _heads: int = 0
    _rest: list[str] = field(default_factory=list)
    _spans: dict[int, tuple[int, str]] = field(default_factory=dict)
    _cell: list[str] | None = None
    _cell_span: tuple[int, int] = (1, 1)
    _header_spans: dict[int, int] = field(default_factory=dict)

    @property
    def is_in_cell(self) -> bool:
        """Whether a cell is open."""
        return self._cell is not None

    def begin_row(self, line: int) -> None:
        """A row begins; one that is open ends."""
        self.end_row()
        self._row_line = line

    def begin_cell(self, line: int, attributes: dict[str, str], *, is_head: bool) -> None:
        """A cell begins; one that is open ends."""
        self.end_cell()
        self._row_line = self._row_line or line
        self._cell = []
        self._heads += is_head
        self._cell_span = _number(attributes.get("colspan"), 1000), _number(attributes.get("rowspan"), 65534)

    def add(self, content: str) -> None:
        """Text of the open cell."""
        if self._cell is not None:
            self._cell.append(content)

    def end_cell(self) -> None:
        """The cell takes the first columns that no cell of a row above reaches into."""
        if self._cell is None:
            return
        content = folded("".join(self._cell))
        self._cell = None
        columns, rows = (1, 1) if self.cells > MOST_CELLS else self._cell_span
        place = max(self._row, default=-1) + 1
        while place in self._spans:
            place += 1
        place = self._after_spans(place)
        if place >= MOST_WIDTH:
            self.is_cut = True
            self._rest.append(content)
            self.cells += 1
            return
        self._row[place] = content
        self.cells += 1
        for column in range(place, min(place + columns, MOST_WIDTH)):
            if column > place:
                self._row[column] = ""
                self._header_spans[column] = place
            if rows > 1:
                self._spans[column] = rows, content if column == place else ""
                self.cells += 1
        self.cells += min(columns, MOST_WIDTH)

    def _after_spans(self, place: int) -> int:
        """Cells of rows above that reach into this one stand before the next free place."""
        for column in sorted(self._spans):
            if column < place and column not in self._row:
                self._row[column] = self._spans[column][1]
        return place

    def end_row(self) -> None:
        """The row is kept if anything stands in it; the first of head cells alone is the header."""
        self.end_cell()
        if self._row:
            if self._rest:
                self._row[MOST_WIDTH - 1] = " ".join([self._row.get(MOST_WIDTH - 1, ""), *self._rest]).strip()
            for column, (_, content) in self._spans.items():
                self._row.setdefault(column, content)
            own = sum(column not in self._spans for column in self._row)
            if (
                self._heads
                and self._heads >= own - len(self._header_spans)
                and len(self._row) > 1
                and not self.lines
            ):
                self._take_header()
            else:
                last = max((at for at, content in self._row.items() if content), default=-1) + 1
                self.width = max(self.width, last)
                self.lines.append((self._row_line, [self._row.get(at) for at in range(last)]))
                self.cells += last
            self._spans = {at: (left - 1, told) for at, (left, told) in self._spans.items() if left > 1}
        # Where there are too many cells, the table becomes text: no span is worth its memory.
        self._spans = {} if self.cells > MOST_CELLS else self._spans
        self._row, self._heads, self._row_line, self._header_spans, self._rest = {}, 0, 0, {}, []

    def _take_header(self) -> None:
        """A header row; over several floors the words of each column one behind the other."""
        words = {
            at: content or self._row.get(self._header_spans.get(at, at), "")
            for at, content in self._row.items()
        }
        before = self.header or {}
        self.header = {
            at: " ".join(dict.fromkeys(one for one in (before.get(at, ""), words.get(at, "")) if one))
            for at in {*before, *words}
        }
        self.width = max(self.width, max(words) + 1)

    @property
    def is_sheet(self) -> bool:
        """Whether the table holds values: it has a header or several columns, and no text of a page in its cells."""
        if self.is_presentation or not self.lines or self.width < 1:
            return False
        if any(cell and len(cell) > _LAYOUT_SIGNS for _, cells in self.lines for cell in cells):
            return False
        filled = [sum(bool(cell) for cell in cells) for _, cells in self.lines]
        if self.header is not None:
            return True
        return not self.has_inner and len(self.lines) >= 2 and sum(count >= 2 for count in filled) >= 2


def folded(content: str) -> str:
    """Text with blanks folded as a browser shows it, line breaks kept."""
    lines = (" ".join(line.split()) for line in content.split("\n"))
    return "\n".join(line for line in lines if line)


def _number(written: str | None, most: int) -> int:
    """A span; what is no number is 1, none of rows is to the end of the table."""
    stripped = (written or "").strip()
    return min(max(int(stripped[:6]), 1), most) if stripped[:6].isascii() and stripped[:6].isdigit() else 1
