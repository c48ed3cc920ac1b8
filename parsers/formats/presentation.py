"""Text, tables and comments of a part of a presentation, as its events go by.

References:
    - ISO/IEC 29500-1 19.3 (slides), 19.4 (comments), 21.1.2 (text), 21.1.3 (tables); [MS-PPTX] 2.16 (modern comments)
"""

from __future__ import annotations

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
from parsers.formats.package import Package, problem
from parsers.formats.xml_stream import START, BadPart

_TEXTS = {"a:t", "p:text", "m:t"}
_MOST_AUTHORS = 10_000
_MOST_PROBLEMS = 20


class Authors:
    """Who may have commented, by the number or identifier comments name."""

    def __init__(self) -> None:
        """Nobody yet."""
        self.known: dict[str, dict[str, str]] = {}

    def read(self, parts: Package, name: str) -> Yields:
        """Take the authors of a part; told as text too, since their accounts may be addresses of mail."""
        lines = Lines("setting")
        try:
            for kind, one, given in parts.events(name):
                if kind != START or one not in ("p:cmAuthor", "p188:author"):
                    continue
                if len(self.known) < _MOST_AUTHORS:
                    self.known[given.get("id", "")] = given
                words = "\t".join(filter(None, (given.get("name"), given.get("userId"))))
                yield from lines.add(f"part:{name}/author:{given.get('id', '')[:60]}", words)
        except BadPart as error:
            yield problem(name, error)
        yield from lines.end()


@dataclass(slots=True)
class _Table:
    """A table that is open: its grid, the cells of the row, and what merged cells above hold."""

    grid: Grid
    row: list[str | None] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    above: dict[int, str] = field(default_factory=dict)
    size: int = 0


def texts(parts: Package, name: str, segment: str, authors: Authors) -> Yields:
    """Everything a part says; what cannot be read as a problem."""
    yield from read_part(_Part(name, segment, authors), parts.events(name), f"part:{name}")


class _Part:
    """The state of a part as it is read."""

    def __init__(self, name: str, segment: str, authors: Authors) -> None:
        self.out: list[Yield] = []
        self._name = name
        self._segment = segment
        self._authors = authors
        self._lines: dict[str, Lines] = {}
        self._path: list[str] = []
        self._paragraph: list[str] = []
        self._size = self._count = self._table_count = self._problem_count = 0
        self._tables: list[_Table] = []
        self._choices: list[int] = []
        self._comment: dict[str, str] | None = None
        self._comment_lines: list[str] = []

    def text(self, content: str) -> None:
        """Characters, which count only within an element of text."""
        if not self._path or self._path[-1] not in _TEXTS:
            return
        if self._choices:
            if "mc:Fallback" in self._path and self._choices[-1]:
                return
            self._choices[-1] += len(content)
        self._paragraph.append(content)
        self._size += len(content)
        if self._size > CELL_SIGNS:
            self._end_paragraph()

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""
        self._path.append(name)
        match name:
            case "p:sld" if given.get("show") in ("0", "false"):
                self._segment = "hidden_slide"
            case "a:p" | "p:text":
                self._count += 1
            case "a:br":
                self._paragraph.append("\n")
            case "a:tbl":
                self._table_count += 1
                grid = Grid(
                    f"{self._segment} {self._table_count}", f"part:{self._name}/table:{self._table_count}"
                )
                self._tables.append(_Table(grid))
            case "a:tr" if self._tables:
                self._tables[-1].row = []
            case "a:tc" if self._tables:
                table = self._tables[-1]
                table.cell, table.given, table.size = [], given, 0
            case "p:cNvPr":
                words = [given[one] for one in ("title", "descr") if given.get(one)]
                self._line("alternative", "\t".join(words))
            case "p:tag":
                self._line("setting", "\t".join(filter(None, (given.get("name"), given.get("val")))))
            case "mc:AlternateContent":
                self._choices.append(0)
            case "p:cm" | "p188:cm" | "p188:reply":
                self._end_comment()
                self._comment, self._comment_lines = given, []

    def end(self, name: str) -> None:
        """An element ends."""
        self._path.pop()
        match name:
            case "a:p" | "p:text":
                self._end_paragraph()
            case "a:tc" if self._tables:
                self._end_cell(self._tables[-1])
            case "a:tr" if self._tables:
                self.out += self._tables[-1].grid.add(self._tables[-1].row)
            case "a:tbl" if self._tables:
                self.out += self._tables.pop().grid.end()
            case "mc:AlternateContent" if self._choices:
                self._choices.pop()
            case "p:cm" | "p188:cm" | "p188:reply":
                self._end_comment()

    def close(self) -> Yields:
        """What is still open where the part ends, or ends too early."""
        self._end_paragraph()
        self._end_comment()
        for table in self._tables:
            self._line("table", "\n".join(table.cell))
            self.out += table.grid.end()
        for lines in self._lines.values():
            self.out += lines.end()
        yield from self.out

    def _end_paragraph(self) -> None:
        line = "".join(self._paragraph)
        self._paragraph, self._size = [], 0
        if self._comment is not None:
            if line and len(self._comment_lines) < REMARK_SIGNS:
                self._comment_lines.append(line)
        elif self._tables and "a:tc" in self._path[-4:]:
            table = self._tables[-1]
            table.size += len(line)
            if table.size <= CELL_SIGNS:
                table.cell.append(line)
                return
        self._line(self._segment, line)

    def _line(self, segment: str, line: str) -> None:
        if segment not in self._lines:
            self._lines[segment] = Lines(segment)
        self.out += self._lines[segment].add(f"part:{self._name}/paragraph:{self._count}", line)

    def _end_cell(self, table: _Table) -> None:
        column, content = len(table.row), "\n".join(table.cell)
        given, table.cell = table.given, []
        if given.get("hMerge") in ("1", "true") and not content:
            table.grid.put(table.row, None)
            return
        if given.get("vMerge") in ("1", "true"):
            content = content or table.above.get(column, "")
        elif given.get("rowSpan") and column <= MOST_COLUMNS:
            table.above[column] = content
        if not table.grid.put(table.row, content):
            self._line("table", content)

    def _end_comment(self) -> None:
        if self._comment is None:
            return
        given, self._comment = self._comment, None
        author = self._authors.known.get(given.get("authorId", ""), {})
        locator = f"part:{self._name}/paragraph:{self._count}"
        at, wall = None, None
        try:
            told = moment(given.get("dt") or given.get("created"))
            # A time with a zone is an instant; one without is the wall clock of who commented.
            at, wall = (told, None) if told is not None and told.tzinfo else (None, told)
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
                remark_kind="comment",
                remark_author=author.get("name") or None,
                remark_initials=author.get("initials") or None,
                remark_local=wall,
                remark_at=at,
                remark_text="\n".join(self._comment_lines)[:REMARK_SIGNS] or None,
                document_part=self._name,
            )
        )
