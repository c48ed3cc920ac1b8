r"""Rich Text Format (RTF), as word processors and mail programs write it, under whatever name.

Shows: all text, in segments by what it is: body, header, footer, footnote, comment, text_box, deleted (taken out by tracked
changes, still in the file), hidden (set to be hidden) and field (codes of fields that name addresses or files), with the
code page of the document. Tables are sheets; forms and tables without a header are told as `label: value` too. What the
document says of itself is a row, and so is who commented. Embedded objects become entries of their own, as stored.
Does not show: which page a text stands on; that what the document says of itself is true (names and times are set by hand).
Not read: pictures, styles, marks of lists, destinations that readers may ignore, tables within cells as tables.

Parsed here: the libraries there are decode the bytes of one code page only, or give no tables.

References:
    - Rich Text Format (RTF) Specification 1.9.1; [MS-DOC] 2.9.66 (DTTM, in \atndate)
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from parsers.contract import Artefact, Member, Problem, ProblemKind, Want, Yield, Yields, parser
from parsers.formats import codecs
from parsers.formats.document_properties import PROPERTIES
from parsers.formats.office_text import CELL_SIGNS, REMARK_SIGNS, REMARKS, Grid, Lines, few_problems
from parsers.formats.rich_text import BYTES, CHARSETS, CLOSE, DOUBLE_BYTE, OPEN, SYMBOL, WORD, tokens
from parsers.formats.rich_text_values import CLOCK, COUNTS, TIMES, VALUES, Values, joined
from parsers.formats.wordprocessing import is_own_field

_MOST_DEPTH = 1000
_MOST_FONTS = 10_000
_SEGMENTS = {
    "header": "header", "headerl": "header", "headerr": "header", "headerf": "header", "footer": "footer", "footerl": "footer",
    "footerr": "footer", "footerf": "footer", "footnote": "footnote", "annotation": "comment", "shptxt": "text_box",
    "dptxbxtext": "text_box",
}  # fmt: skip
_INFO = {
    "title",
    "subject",
    "author",
    "manager",
    "company",
    "operator",
    "category",
    "keywords",
    "doccomm",
    "comment",
}
_SKIPPED = {"pict", "colortbl", "stylesheet", "nonshppict", "listtext", "pntext", "nonesttables", "bkmkstart", "bkmkend", "filetbl", "upr", "sp"}  # fmt: skip
_STARRED = {"shpinst", "ud", "userprops", "company", "manager", *VALUES, *_SEGMENTS, "nestcell"}
_SIGNS = {
    "tab": "\t", "line": "\n", "softline": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•", "emspace": "\u2003", "enspace": "\u2002", "nestcell": "\t", "nestrow": "\n",
}  # fmt: skip


def _is_rtf(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"{\\rt")


@parser(version=1, wants=(Want("**/*.rtf", sniff=_is_rtf), Want(sniff=_is_rtf)), tables=(PROPERTIES, REMARKS))
@few_problems
def rtf(artefact: Artefact) -> Yields:
    """Text and tables in stored order, then what the document says of itself; paragraphs are numbered from 1."""
    reading = _Document()
    with artefact.open() as stream:
        for kind, word, number in tokens(stream):
            reading.take(kind, word, number)
            if reading.out:
                found, reading.out = reading.out, []
                yield from found
    yield from reading.close()


@dataclass(slots=True)
class _State:
    """What a group inherits and keeps to itself."""

    target: str = ""  # what text is for: nothing (the frame), a value, or `skip`
    codec: str = ""
    unicode_count: int = 1
    is_hidden: bool = False
    is_deleted: bool = False
    is_in_table: bool = False
    frame: bool = False
    is_first: bool = True
    is_starred: bool = False


@dataclass(slots=True)
class _Frame:
    """Where text goes: a paragraph of a segment."""

    segment: str
    held: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    size: int = 0
    cells: list[str | None] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)
    cell_size: int = 0
    grid: Grid | None = None
    told: list[str] = field(default_factory=list)


class _Document:
    """The state of a document as it is read."""

    def __init__(self) -> None:
        self.out: list[Yield] = []
        self._default = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._states = [_State()]
        self._frames = [_Frame("body")]
        self._deeper = 0
        self._bytes = bytearray()
        self._skip = 0
        self._values = Values()
        self._lines: dict[str, Lines] = {}
        self._paragraphs = 1
        self._tables = self._replaced = 0
        self._problems = self._values.problems

    def take(self, kind: int, word: bytes, number: int | None) -> None:
        """The next token."""
        if kind == BYTES:
            self._take_bytes(word, is_escaped=number is not None)
        elif kind == OPEN:
            self._flush()
            self._skip = 0
            self._open()
        elif kind == CLOSE:
            self._flush()
            self._skip = 0
            self._close_group()
        elif kind == SYMBOL:
            self._symbol(word)
        elif kind == WORD:
            if self._skip and word != b"u":
                self._skip -= 1
                return
            if self._bytes:
                self._flush()
            self._word(word.decode("ascii"), number)
            self._states[-1].is_first = False

    def close(self) -> Yields:
        """What is held, then the properties and what went wrong."""
        self._flush()
        if len(self._states) > 1 or self._deeper:
            message = f"{len(self._states) - 1 + self._deeper} groups are open at the end of the file"
            self._problems.append(Problem(kind=ProblemKind.TRUNCATED, locator="document", message=message))
        while len(self._states) > 1:
            self._close_group()
        self._end_frame()
        for lines in self._lines.values():
            self.out += lines.end()
        if self._values.properties or self._values.custom:
            self.out.append(
                PROPERTIES.row(
                    "document",
                    document_format="rtf",
                    **self._values.properties,
                    custom_properties=self._values.custom or None,
                )
            )
        if self._replaced:
            message = f"{self._replaced} bytes do not stand for signs of their code page; they stand in the text as \\xNN"
            self._problems.append(Problem(kind=ProblemKind.DAMAGED, locator="document", message=message))
        yield from self.out
        yield from self._problems

    # Groups

    def _open(self) -> None:
        if len(self._states) >= _MOST_DEPTH:
            if not self._deeper:
                message = f"groups nested more than {_MOST_DEPTH} deep; those within are read as one"
                self._problems.append(Problem(kind=ProblemKind.LIMIT, locator="document", message=message))
            self._deeper += 1
            return
        self._states.append(replace(self._states[-1], frame=False, is_first=True, is_starred=False))

    def _close_group(self) -> None:
        if self._deeper:
            self._deeper -= 1
            return
        if len(self._states) == 1:
            return  # a brace too many
        state = self._states.pop()
        if state.frame:
            self._end_frame()
            frame = self._frames.pop()
            if frame.segment == "comment":
                self.out.append(self._values.remark(f"paragraph:{self._paragraphs}", "\n".join(frame.told)))
        elif state.target and state.target != self._states[-1].target:
            told = self._values.end(state.target)
            if isinstance(told, Member):
                self.out.append(told)
            elif told and not is_own_field(told):
                self._line("field", told)

    # Words

    def _word(self, word: str, number: int | None) -> None:
        state = self._states[-1]
        if state.is_first or state.is_starred:
            if self._destination(word, state):
                return
            if state.is_starred and word not in _STARRED:
                state.target = "skip"
            state.is_starred = False
        value = 0 if number is None else number
        if word == "u" and number is not None:
            self._unicode(number)
        elif word == "uc":
            state.unicode_count = min(max(value, 0), 100)
        elif word == "f":
            self._font = value
            state.codec = self._fonts.get(value, "")
        elif word in ("fcharset", "cpg") and state.target == "fonttbl":
            codec = CHARSETS.get(value, "") if word == "fcharset" else f"cp{value}"
            if len(self._fonts) < _MOST_FONTS and _is_codec(codec):
                self._fonts[self._font] = codec
        elif word == "ansicpg" and _is_codec(f"cp{value}"):
            self._default = f"cp{value}" if value != 65001 else "utf-8"
        elif word in ("mac", "pc", "pca"):
            self._default = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word in ("v", "deleted"):
            is_on = number is None or number != 0
            state.is_hidden, state.is_deleted = (
                (is_on, state.is_deleted) if word == "v" else (state.is_hidden, is_on)
            )
        elif word == "plain":
            state.is_hidden = state.is_deleted = False
        elif word in CLOCK:
            self._values.clock[word] = value
        elif word in COUNTS and abs(value) < 1 << 31:
            self._values.properties[COUNTS[word]] = value
        elif state.target == "skip":
            return
        elif word in _SIGNS:
            self._add(_SIGNS[word])
        else:
            self._layout(word, state)

    def _layout(self, word: str, state: _State) -> None:
        if state.target:
            return
        if word in ("par", "sect", "page"):
            self._end_paragraph(is_in_table=state.is_in_table)
        elif word == "intbl":
            state.is_in_table = True
        elif word == "pard":
            state.is_in_table = False
        elif word == "cell":
            self._end_cell()
        elif word == "row":
            self._end_row()

    def _destination(self, word: str, state: _State) -> bool:
        """Whether the first word of a group says what the group is for."""
        if state.target == "skip" and word != "ud":
            return False
        if word in _SKIPPED:
            state.target = "skip"
        elif word == "ud":
            # The other way to write what `upr` holds: it stands for what is around both.
            state.target = self._states[-3].target if len(self._states) > 2 else ""
        elif (
            word == "fonttbl"
            or word in TIMES
            or (word in VALUES and (state.target == "info" or word not in _INFO or state.is_starred))
        ):
            state.target = word
        elif word == "info":
            state.target = "info"
        elif word in _SEGMENTS:
            state.target, state.frame, state.is_in_table = "", True, False
            self._frames.append(_Frame(_SEGMENTS[word]))
        else:
            return False
        state.is_starred = False
        return True

    def _symbol(self, word: bytes) -> None:
        if word == b"*":
            self._states[-1].is_starred = True
            return
        if word in (b"\\", b"{", b"}"):
            self._take_bytes(word, is_escaped=True)  # may be the second byte of a sign
            return
        self._flush()
        if self._skip:
            self._skip -= 1
        elif word in (b"~", b"_"):
            self._add("\u00a0" if word == b"~" else "-")
        elif word in (b"\r", b"\n"):
            self._layout("par", self._states[-1])

    def _unicode(self, number: int) -> None:
        if number < 0:
            number += 1 << 16
        if 0 < number < 0x110000:
            self._add(chr(number))
        self._skip = self._states[-1].unicode_count

    # Text

    def _take_bytes(self, stored: bytes, *, is_escaped: bool) -> None:
        self._states[-1].is_first = False
        if self._skip:
            passed = min(self._skip, len(stored))
            self._skip -= passed
            stored = stored[passed:]
        if self._states[-1].target == "skip" or not stored:
            return
        self._bytes += stored
        if len(self._bytes) > 1 << 16 and not is_escaped:
            self._flush()

    def _flush(self) -> None:
        if not self._bytes:
            return
        stored, self._bytes = bytes(self._bytes), bytearray()
        codec = self._states[-1].codec or self._default
        # Programs of Japan write a western font and bytes of the code page of the document.
        content, replaced = codecs.decode(stored, codec)
        if replaced and codec != self._default and self._default in DOUBLE_BYTE:
            content, replaced = codecs.decode(stored, self._default)
        self._replaced += replaced
        self._add(content)

    def _add(self, content: str) -> None:
        state = self._states[-1]
        if state.target:
            self._values.add(state.target, content)
            return
        frame = self._frames[-1]
        if state.is_deleted:
            frame.deleted.append(content)
        else:
            frame.held.append(content)
            if state.is_hidden:
                frame.hidden.append(content)
        frame.size += len(content)
        if frame.size > CELL_SIGNS:
            self._end_paragraph(is_in_table=state.is_in_table)

    def _line(self, segment: str, line: str) -> None:
        if segment not in self._lines:
            self._lines[segment] = Lines(segment, self._default)
        self.out += self._lines[segment].add(f"paragraph:{self._paragraphs}", line)

    def _paragraph(self) -> str:
        frame = self._frames[-1]
        line = joined(frame.held)
        for segment, held in (("hidden", frame.hidden), ("deleted", frame.deleted)):
            if held:
                self._line(segment, joined(held))
        frame.held, frame.hidden, frame.deleted, frame.size = [], [], [], 0
        return line

    def _end_paragraph(self, *, is_in_table: bool) -> None:
        frame, line = self._frames[-1], self._paragraph()
        if is_in_table and frame.cell_size < CELL_SIGNS:
            frame.cell.append(line)
            frame.cell_size += len(line)
        else:
            if line.strip():
                self._end_table()
            if frame.segment == "comment" and line and len(frame.told) < REMARK_SIGNS:
                frame.told.append(line)
            self._line(frame.segment, line)
        self._paragraphs += 1

    def _end_cell(self) -> None:
        frame = self._frames[-1]
        content = "\n".join((*frame.cell, self._paragraph()))
        frame.cell, frame.cell_size = [], 0
        if frame.grid is None:
            self._tables += 1
            frame.grid = Grid(f"{frame.segment} {self._tables}", f"table:{self._tables}")
        if not frame.grid.put(frame.cells, content):
            self._line("table", content)
        self._paragraphs += 1

    def _end_row(self) -> None:
        frame = self._frames[-1]
        if frame.grid is not None:
            self.out += frame.grid.add(frame.cells)
            frame.cells = []

    def _end_table(self) -> None:
        frame = self._frames[-1]
        if frame.grid is not None:
            if frame.cells:
                self.out += frame.grid.add(frame.cells)
            self.out += frame.grid.end()
            frame.grid, frame.cells = None, []

    def _end_frame(self) -> None:
        frame = self._frames[-1]
        for line in frame.cell:
            self._line(frame.segment, line)
        frame.cell = []
        self._end_paragraph(is_in_table=False)
        self._end_table()


def _is_codec(name: str) -> bool:
    try:
        b"a".decode(name)
    except (LookupError, ValueError):
        return False
    return True
