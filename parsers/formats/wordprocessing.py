"""Text and tables of a part in WordprocessingML, as its events go by.

References:
    - ISO/IEC 29500-1 17.3 (paragraphs, runs, ruby 17.3.3.25), 17.4 (tables), 17.13 (comments, tracked changes), 17.16 (fields)
    - ISO/IEC 29500-3 10 (AlternateContent); Transitional: 29500-4 14.9 (text boxes of VML)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

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
from parsers.formats.package import Package

_SIGNS = {"w:tab": "\t", "w:ptab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-", "a:br": "\n"}
_TEXTS = {"w:t", "w:delText", "m:t", "a:t"}
_CHANGES = {"w:ins": "insertion", "w:moveTo": "insertion", "w:del": "deletion", "w:moveFrom": "deletion"}
# Elements whose attributes say something: which segment, and which attributes.
_TOLD = {
    "wp:docPr": ("alternative", ("title", "descr")), "v:shape": ("alternative", ("alt",)),
    "v:textpath": ("alternative", ("string",)), "w:docVar": ("setting", ("w:name", "w:val")),
    "w:connectString": ("setting", ("w:val",)), "w:query": ("setting", ("w:val",)),
    "w15:person": ("setting", ("w15:author",)), "w15:presenceInfo": ("setting", ("w15:providerId", "w15:userId")),
    "w:fldSimple": ("field", ("w:instr",)),
}  # fmt: skip
# Fields that name only places of the document itself.
_OWN_FIELD = re.compile(
    r"\s*(PAGE|NUMPAGES|SECTION\w*|TOC|TC|REF|PAGEREF|NOTEREF|SEQ|STYLEREF|DATE|TIME|CREATEDATE|SAVEDATE|PRINTDATE|FORM\w+"
    r"|SYMBOL|EQ|=|IF|NUMWORDS|NUMCHARS|HYPERLINK\s+\\l)\b",
    re.IGNORECASE,
)
_OFF = {"0", "false", "off", "none"}
_MOST_PROBLEMS = 20


@dataclass(slots=True)
class _Paragraph:
    """What a paragraph says now, what it said before tracked changes, and what of it is put in, hidden or a reading."""

    place: str
    now: list[str] = field(default_factory=list)
    former: list[str] = field(default_factory=list)
    inserted: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    ruby: list[str] = field(default_factory=list)
    has_deleted: bool = False
    size: int = 0


@dataclass(slots=True)
class _Frame:
    """Where paragraphs go: a cell, a text box or a comment; what its own paragraphs were."""

    kind: str
    paragraphs: list[_Paragraph] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    size: int = 0
    given: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Table:
    """A table that is open: its grid, the cells of the row, and what stands in merged cells above."""

    grid: Grid
    row: list[str | None] = field(default_factory=list)
    above: dict[int, str] = field(default_factory=dict)
    span: int = 1
    merge: str | None = None


@dataclass(slots=True)
class _Alternative:
    """AlternateContent: what the choice gave, so that the fallback does not give it twice."""

    depth: int
    is_fallback: bool = False
    signs: int = 0
    boxes: list[list[str]] = field(default_factory=list)


@dataclass(slots=True)
class _Change:
    """A tracked change that is open."""

    kind: str
    given: dict[str, str]
    pieces: list[str] = field(default_factory=list)
    size: int = 0


def texts(parts: Package, name: str, segment: str) -> Yields:
    """Everything a part says: segments, sheets, rows of comments and changes; what cannot be read as a problem."""
    yield from read_part(_Part(name, segment), parts.events(name), f"part:{name}")


class _Part:
    """The state of a part as it is read."""

    def __init__(self, name: str, segment: str) -> None:
        self.out: list[Yield] = []
        self._name = name
        self._segment = segment
        self._lines: dict[str, Lines] = {segment: Lines(segment)}
        self._path: list[str] = []
        self._frames: list[_Frame] = []
        self._paragraphs: list[_Paragraph] = []
        self._tables: list[_Table] = []
        self._alternatives: list[_Alternative] = []
        self._changes: list[_Change] = []
        self._open = {"insertion": 0, "deletion": 0}
        self._fields: list[list[str]] = []
        self._ruby: dict[str, list[str]] | None = None
        self._paragraph_count = self._table_count = self._problem_count = 0
        self._is_hidden = False
        self._starts: dict[str, Callable[[dict[str, str]], Any]] = {
            "w:p": self._paragraph, "w:r": self._run, "w:tbl": self._table, "w:tr": self._row, "w:tc": self._cell,
            "w:txbxContent": lambda _: self._frames.append(_Frame("text_box")), "w:comment": self._comment,
            "mc:AlternateContent": lambda _: self._alternatives.append(_Alternative(len(self._frames))),
            "mc:Fallback": lambda _: self._fall_back(), "w:fldChar": self._field,
            "w:ruby": lambda _: self._begin_ruby(), "w:vanish": self._vanish,
        }  # fmt: skip
        self._ends: dict[str, Callable[[], Any]] = {
            "w:p": self._end_paragraph, "w:tbl": self._end_table, "w:tr": self._end_row, "w:tc": self._end_cell,
            "w:txbxContent": self._end_box, "w:comment": self._end_comment, "w:ruby": self._end_ruby,
            "mc:AlternateContent": lambda: self._alternatives and self._alternatives.pop(),
            "a:p": lambda: self._add("\n"),
        }  # fmt: skip

    def take(self) -> Iterator[Yield]:
        """What was found since the last call."""
        found, self.out = self.out, []
        yield from found

    def close(self) -> Yields:
        """What is still open where the part ends, or ends too early."""
        while self._paragraphs:
            self._end_paragraph()
        for code in self._fields:
            self._tell("w:fldSimple", {"w:instr": "".join(code).strip()})
        for one in self._frames:
            for paragraph in one.paragraphs:
                self._say(one.kind if one.kind != "cell" else "table", paragraph)
            for line in one.lines if one.kind == "cell" else ():
                self._line("table", f"part:{self._name}", line)
        for table in self._tables:
            self.out += table.grid.end()
        for lines in self._lines.values():
            self.out += lines.end()
        yield from self.take()

    def text(self, content: str) -> None:
        """Characters, which count only within an element of text."""
        where = self._path[-1] if self._path else ""
        if where in _TEXTS:
            self._add(content)
        elif where == "w:instrText" and self._fields and len(self._fields[-1]) < 1000:
            self._fields[-1].append(content)

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""
        above = self._path[-1] if self._path else ""
        self._path.append(name)
        if name in self._starts:
            self._starts[name](given)
        elif name in _SIGNS:
            if above in ("w:r", "a:p"):
                self._add(_SIGNS[name])
        elif name in _CHANGES:
            if above not in ("w:rPr", "w:trPr", "w:tcPr", "w:numPr"):
                self._changes.append(_Change(_CHANGES[name], given))
                self._open[_CHANGES[name]] += 1
        elif name in _TOLD:
            self._tell(name, given)
        elif above == "w:tcPr" and self._tables:
            if name == "w:gridSpan":
                self._tables[-1].span = _number(given)
            elif name == "w:vMerge":
                self._tables[-1].merge = given.get("w:val", "continue")
        elif name == "w:gridBefore" and self._tables:
            self._tables[-1].grid.put(self._tables[-1].row, None, _number(given) - 1)

    def end(self, name: str) -> None:
        """An element ends."""
        self._path.pop()
        above = self._path[-1] if self._path else ""
        if name in self._ends:
            self._ends[name]()
        elif name in _CHANGES and self._changes and above not in ("w:rPr", "w:trPr", "w:tcPr", "w:numPr"):
            self._open[_CHANGES[name]] -= 1
            self._end_change(self._changes.pop())

    # Paragraphs and runs

    def _paragraph(self, _: dict[str, str]) -> None:
        self._paragraph_count += 1
        place = f"part:{self._name}/paragraph:{self._paragraph_count}"
        self._paragraphs.append(_Paragraph(place))

    def _run(self, _: dict[str, str]) -> None:
        self._is_hidden = False

    def _vanish(self, given: dict[str, str]) -> None:
        # In the properties of the run alone; those of a paragraph are of its mark (ISO/IEC 29500-1 17.3.1.29).
        if self._path[-3:-1] == ["w:r", "w:rPr"]:
            self._is_hidden = given.get("w:val", "1") not in _OFF

    def _add(self, content: str) -> None:
        alternative = self._alternatives[-1] if self._alternatives else None
        if alternative is not None and alternative.depth == len(self._frames):
            if alternative.is_fallback and alternative.signs:
                return
            alternative.signs += len(content)
        if self._ruby is not None:
            self._ruby["rt" if "w:rt" in self._path[-4:] else "base"].append(content)
            if "w:rt" in self._path[-4:]:
                return
        is_loose = not self._paragraphs
        if is_loose:
            self._paragraphs.append(_Paragraph(f"part:{self._name}/paragraph:{self._paragraph_count}"))
        paragraph = self._paragraphs[-1]
        is_deleted = self._open["deletion"] > 0
        if is_deleted or self._path[-1] == "w:delText":
            paragraph.former.append(content)
            paragraph.has_deleted = True
        else:
            paragraph.now.append(content)
            (paragraph.inserted if self._open["insertion"] else paragraph.former).append(content)
            if self._is_hidden:
                paragraph.hidden.append(content)
        if self._changes and self._changes[-1].size < REMARK_SIGNS:
            self._changes[-1].pieces.append(content)
            self._changes[-1].size += len(content)
        paragraph.size += len(content)
        if is_loose:
            self._end_paragraph()
        elif paragraph.size > CELL_SIGNS:
            # The rest goes on as one more line, so that no more is held.
            self._paragraphs[-1] = _Paragraph(paragraph.place)
            self._finish(paragraph)

    def _end_paragraph(self) -> None:
        if self._paragraphs:
            self._finish(self._paragraphs.pop())

    def _finish(self, paragraph: _Paragraph) -> None:
        if not self._frames:
            self._say(self._segment, paragraph)
            return
        frame = self._frames[-1]
        if frame.size > CELL_SIGNS:  # what a cell or box cannot hold is told by itself
            self._say("table" if frame.kind == "cell" else frame.kind, paragraph)
            return
        frame.size += paragraph.size + 1
        frame.lines.append("".join(paragraph.now))
        if frame.kind == "cell":
            self._extras(paragraph)
        else:
            frame.paragraphs.append(paragraph)

    def _say(self, segment: str, paragraph: _Paragraph) -> None:
        self._line(segment, paragraph.place, "".join(paragraph.now))
        self._extras(paragraph)

    def _extras(self, paragraph: _Paragraph) -> None:
        place = paragraph.place
        if paragraph.has_deleted:
            self._line("deleted", place, "".join(paragraph.former))
        for segment, told in (("inserted", paragraph.inserted), ("hidden", paragraph.hidden)):
            if told:
                self._line(segment, place, "".join(told))
        for line in paragraph.ruby:
            self._line("ruby", place, line)

    def _line(self, segment: str, place: str, line: str) -> None:
        if segment not in self._lines:
            self._lines[segment] = Lines(segment)
        self.out += self._lines[segment].add(place, line)

    # Ruby, fields, attributes that say something

    def _begin_ruby(self) -> None:
        self._ruby = {"base": [], "rt": []}

    def _end_ruby(self) -> None:
        if self._ruby is not None and self._paragraphs and self._ruby["rt"]:
            base, reading = "".join(self._ruby["base"]), "".join(self._ruby["rt"])
            self._paragraphs[-1].ruby.append(f"{base}（{reading}）")
        self._ruby = None

    def _field(self, given: dict[str, str]) -> None:
        kind = given.get("w:fldCharType")
        if kind == "begin":
            if len(self._fields) < 100:
                self._fields.append([])
        elif self._fields:
            code = "".join(self._fields[-1]).strip()
            self._fields[-1] = []
            self._tell("w:fldSimple", {"w:instr": code})
            if kind == "end":
                self._fields.pop()

    def _tell(self, name: str, given: dict[str, str]) -> None:
        segment, wanted = _TOLD[name]
        words = [given[one] for one in wanted if given.get(one)]
        if not words or (segment == "field" and _OWN_FIELD.match(words[0])):
            return
        self._line(segment, f"part:{self._name}/paragraph:{self._paragraph_count}", "\t".join(words))

    # Tables

    def _is_repeated(self) -> bool:
        """Whether this stands in a fallback whose choice has told it."""
        return any(one.is_fallback and (one.boxes or one.signs) for one in self._alternatives)

    def _fall_back(self) -> None:
        if self._alternatives:
            self._alternatives[-1].is_fallback = True

    def _table(self, _: dict[str, str]) -> None:
        self._table_count += 1
        name = f"{self._segment} {self._table_count}"
        self._tables.append(_Table(Grid(name, f"part:{self._name}/table:{self._table_count}")))

    def _row(self, _: dict[str, str]) -> None:
        if self._tables:
            self._tables[-1].row = []

    def _cell(self, _: dict[str, str]) -> None:
        self._frames.append(_Frame("cell"))
        if self._tables:
            self._tables[-1].span, self._tables[-1].merge = 1, None

    def _end_cell(self) -> None:
        while self._paragraphs and self._path.count("w:p") < len(self._paragraphs):
            self._end_paragraph()
        frame = self._frames.pop()
        content = "\n".join(frame.lines).strip("\n")
        if not self._tables:
            self._line(self._segment, f"part:{self._name}/paragraph:{self._paragraph_count}", content)
            return
        table = self._tables[-1]
        column = len(table.row)
        if table.merge is not None and table.merge != "restart":
            content = content or table.above.get(column, content)
        elif table.merge is not None and column <= MOST_COLUMNS:
            table.above[column] = content
        else:
            table.above.pop(column, None)
        if not table.grid.put(table.row, content, table.span - 1):
            self._line("table", f"part:{self._name}/paragraph:{self._paragraph_count}", content)
        table.span, table.merge = 1, None

    def _end_row(self) -> None:
        if self._tables and not self._is_repeated():
            self.out += self._tables[-1].grid.add(self._tables[-1].row)

    def _end_table(self) -> None:
        self.out += self._tables.pop().grid.end()

    # Text boxes, comments, changes

    def _end_box(self) -> None:
        frame = self._frames.pop()
        alternative = self._alternatives[-1] if self._alternatives else None
        if alternative is not None:
            if alternative.is_fallback and frame.lines in alternative.boxes:
                return
            alternative.boxes.append(frame.lines)
        for paragraph in frame.paragraphs:
            self._say("text_box", paragraph)

    def _comment(self, given: dict[str, str]) -> None:
        self._frames.append(_Frame("comment", given=given))

    def _end_comment(self) -> None:
        frame = self._frames.pop()
        for paragraph in frame.paragraphs:
            self._say(self._segment, paragraph)
        place = frame.paragraphs[0].place if frame.paragraphs else f"part:{self._name}"
        self._remark("comment", frame.given, "\n".join(frame.lines), place)

    def _end_change(self, change: _Change) -> None:
        if change.pieces and not self._is_repeated():
            place = f"part:{self._name}/paragraph:{self._paragraph_count}"
            self._remark(change.kind, change.given, "".join(change.pieces), place)

    def _remark(self, kind: str, given: dict[str, str], content: str, locator: str) -> None:
        at, wall = None, None
        for stored, column in (
            (given.get("w:date"), "remark_local"),
            (given.get("w16du:dateUtc"), "remark_at"),
        ):
            try:
                told = moment(stored)
            except ValueError as error:
                self._problem(locator, str(error), column)
                continue
            # Word writes the wall clock of the machine with a Z behind it.
            if column == "remark_local":
                wall = told.replace(tzinfo=None) if told else None
            else:
                at = told
        self.out.append(
            REMARKS.row(
                locator,
                remark_kind=kind,
                remark_author=given.get("w:author") or None,
                remark_initials=given.get("w:initials") or None,
                remark_local=wall,
                remark_at=at,
                remark_text=content[:REMARK_SIGNS] or None,
                document_part=self._name,
            )
        )

    def _problem(self, locator: str, message: str, column: str) -> None:
        self._problem_count += 1
        if self._problem_count <= _MOST_PROBLEMS:
            self.out.append(
                Problem(kind=ProblemKind.DAMAGED, locator=locator, message=message, column=column)
            )


def _number(given: dict[str, str]) -> int:
    stored = given.get("w:val", "1")
    return int(stored) if stored.isascii() and stored.isdigit() and len(stored) < 10 else 1


def is_own_field(code: str) -> bool:
    """Whether the code of a field names only places of the document itself."""
    return _OWN_FIELD.match(code) is not None
