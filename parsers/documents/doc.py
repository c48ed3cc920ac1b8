"""Binary documents of Word 97 to 2003 (DOC, DOT), fast-saved ones too.

Shows: all text, in segments by what it is: body, footnote, endnote, header (footers too), comment, text_box,
header_text_box, and field (codes of fields that name addresses or files). Tables are sheets; forms and tables without a
header are told as `label: value` too. Files and documents embedded in it become entries of their own.
Does not show: which page a text stands on; which text is hidden or a tracked change (what was deleted under tracked changes
stands in the body beside what was put in); who commented.
Not read: documents of Word 6 and 95 and older (a problem says so), text that is no longer part of the document and only left in
the file, macros, pictures, objects of other programs.

Parsed here: no library with a permissive licence reads the text of these files.

References:
    - [MS-DOC] 2.4.1, 2.5.1 to 2.5.5; 2.2.6 (encryption)
"""

from __future__ import annotations

import re

from parsers.contract import Artefact, Problem, ProblemKind, Want, Yield, Yields, parser
from parsers.formats import word_binary
from parsers.formats.compound import SIGNATURE, Compound, locked, read_compound
from parsers.formats.compound_objects import embedded
from parsers.formats.office_crypt import unless_opened
from parsers.formats.office_text import CELL_SIGNS, Grid, Lines, few_problems
from parsers.formats.wordprocessing import is_own_field
from parsers.formats.xml_stream import BadPart

_ENDINGS = ("doc", "dot", "wbk")
_CONTROL = re.compile("[\x00-\x1f\ud800-\udfff]")
_LONGEST_CODE, _MOST_CODES = 1 << 14, 1000
_PLAIN = {"\t": "\t", "\x0b": "\n", "\x1e": "-"}


@parser(
    version=2,
    wants=tuple(
        Want(f"**/*.{one}", signature=SIGNATURE, is_shared=True, is_strict=one == "doc") for one in _ENDINGS
    ),
)
@unless_opened
@few_problems
def doc(artefact: Artefact) -> Yields:
    """Body, notes, headers, comments and text boxes in stored order; locators are positions of signs as Word counts them."""
    yield from read_compound(artefact, _document)


def _document(file: Compound) -> Yields:
    path = file.find("WordDocument")
    if path is None:
        if file.find("EncryptedPackage"):
            yield locked("document", "encrypted package")
            return
        message = "a compound file without a document of Word in it"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="document", message=message)
        return
    content = file.read(path)
    head = word_binary.fib(content)
    if int.from_bytes(content[:2], "little") != word_binary.MAGIC or head.version < word_binary.WORD_97:
        message = f"a document of Word 95 or before (nFib {head.version}); its text is not read"
        yield Problem(kind=ProblemKind.UNSUPPORTED, locator="document", message=message)
        return
    table_path = file.find(head.table)
    table = file.read(table_path) if table_path is not None else b""
    if head.is_encrypted:
        yield locked("document", _method(head, table))
        return
    if table_path is None:
        raise BadPart(ProblemKind.DAMAGED, f"the stream {head.table} is not there")
    reading = _Text(word_binary.in_tables(content, table))
    try:
        for one in word_binary.signs(content, word_binary.pieces(content, table)):
            yield from reading.run(head.counts, *one)
    except BadPart as error:
        yield from reading.end()
        yield Problem(kind=error.kind, locator="document", message=str(error))
    yield from reading.end()
    yield from embedded(file)


def _method(head: word_binary.Fib, table: bytes) -> str:
    """[MS-DOC] 2.2.6: which encryption."""
    if head.is_obfuscated:
        return "XOR obfuscation"
    version = int.from_bytes(table[:2], "little"), int.from_bytes(table[2:4], "little")
    return (
        "RC4"
        if version == (1, 1)
        else "RC4 CryptoAPI"
        if version[1] == 2
        else f"version {version[0]}.{version[1]}"
    )


class _Text:
    """Turns runs of signs into lines and tables."""

    def __init__(self, in_tables: dict[int, bool]) -> None:
        self._in_tables = in_tables
        self._lines: dict[str, Lines] = {}
        self._segment = "body"
        self._held: list[str] = []
        self._size = 0
        self._first = 0
        self._codes: list[list[str] | None] = []
        self._cells: list[str | None] = []
        self._cell: list[str] = []
        self._cell_size = 0
        self._grid: Grid | None = None
        self._out: list[Yield] = []
        self._tables = 0
        self._high = ""

    def run(
        self, counts: tuple[tuple[str, int], ...], position: int, signs: str, offset: int, width: int
    ) -> Yields:
        """Take signs that follow one another."""
        done = 0
        while done < len(signs):
            segment, left = _place(counts, position + done)
            if segment != self._segment:
                self._close()
                self._segment = segment
            step = signs[done : done + left]
            self._take(step, position + done, offset + done * width, width)
            done += len(step)
        found, self._out = self._out, []
        yield from found

    def end(self) -> Yields:
        """What is held."""
        self._close()
        for lines in self._lines.values():
            self._out += lines.end()
        found, self._out = self._out, []
        yield from found

    def _take(self, signs: str, position: int, offset: int, width: int) -> None:
        at = 0
        for found in _CONTROL.finditer(signs):
            self._add(signs[at : found.start()], position + at)
            at = found.end()
            self._control(found[0], position + found.start(), offset + at * width)
        self._add(signs[at:], position + at)

    def _add(self, content: str, position: int) -> None:
        if not content:
            return
        if not self._held and not self._size:
            self._first = position
        if self._codes and self._codes[-1] is not None:
            self._codes[-1].append(content)
            if len(content) > _LONGEST_CODE or len(self._codes[-1]) > _MOST_CODES:
                self._spill()
            return
        self._held.append(content)
        self._size += len(content)
        if self._size > CELL_SIGNS:
            self._end_paragraph()

    def _control(self, sign: str, position: int, behind: int) -> None:
        if "\ud800" <= sign <= "\udfff":
            # A pair that two runs divide; half of one alone is damage.
            if sign < "\udc00":
                self._high = sign
                return
            pair = (self._high + sign).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            self._high = ""
            self._add(pair, position)
        elif sign in _PLAIN:
            self._add(_PLAIN[sign], position)
        elif sign == "\x07":
            self._end_cell(is_row=self._in_tables.get(behind, False))
        elif sign in "\r\x0c\x0e\n":
            self._end_paragraph(is_inside=behind in self._in_tables)
        elif sign == "\x13":
            if len(self._codes) < 100:
                self._codes.append([])
        elif sign in "\x14\x15" and self._codes:
            code = self._codes[-1]
            if code is not None:
                told = "".join(code).strip()
                if told and not is_own_field(told):
                    self._line("field", told, position)
                self._codes[-1] = None
            if sign == "\x15":
                self._codes.pop()

    def _spill(self) -> None:
        """A code does not go beyond its paragraph: where it seems to, its end is lost, and it is told as text."""
        for index, code in enumerate(self._codes):
            if code:
                self._held += code
                self._size += sum(map(len, code))
            self._codes[index] = None

    def _end_paragraph(self, *, is_inside: bool = False) -> None:
        self._spill()
        line = "".join(self._held)
        self._held, self._size = [], 0
        if is_inside or self._cells or self._cell:
            self._cell_size += len(line)
            if self._cell_size > CELL_SIGNS:
                self._line("table", line, self._first)
            else:
                self._cell.append(line)
            return
        if self._grid is not None and line.strip():
            self._end_table()
        self._line(self._segment, line, self._first)

    def _end_cell(self, *, is_row: bool) -> None:
        self._spill()
        content = "\n".join((*self._cell, "".join(self._held)))
        self._cell, self._held, self._size, self._cell_size = [], [], 0, 0
        if self._grid is None:
            self._tables += 1
            self._grid = Grid(f"{self._segment} {self._tables}", f"table:{self._tables}")
        if not is_row:
            if not self._grid.put(self._cells, content):
                self._line("table", content, self._first)
            return
        self._out += self._grid.add(self._cells)
        self._cells = []

    def _end_table(self) -> None:
        if self._grid is not None:
            if self._cells:
                self._out += self._grid.add(self._cells)
            self._out += self._grid.end()
            self._grid, self._cells = None, []

    def _close(self) -> None:
        self._end_paragraph()
        self._codes = []
        for line in self._cell:
            self._line(self._segment, line, self._first)
        self._cell, self._cell_size = [], 0
        self._end_table()

    def _line(self, segment: str, line: str, position: int) -> None:
        if segment not in self._lines:
            self._lines[segment] = Lines(segment)
        self._out += self._lines[segment].add(f"character:{position}", line)


def _place(counts: tuple[tuple[str, int], ...], position: int) -> tuple[str, int]:
    """Which part of the document a position lies in, and how many signs of it are left."""
    for name, count in counts:
        if position < count:
            return name, count - position
        position -= count
    return "body", 1 << 32
