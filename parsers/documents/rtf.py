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
from datetime import datetime
from typing import Any

from parsers.contract import Artefact, Member, Problem, ProblemKind, Want, Yield, Yields, parser
from parsers.documents.office_properties import PROPERTIES
from parsers.formats import codecs
from parsers.formats.office_text import CELL_SIGNS, REMARK_SIGNS, REMARKS, Grid, Lines
from parsers.formats.rich_text import BYTES, CHARSETS, CLOSE, DOUBLE_BYTE, OPEN, SYMBOL, WORD, tokens
from parsers.formats.wordprocessing import is_own_field

_MOST_DEPTH = 1000
_MOST_FONTS = 10_000
_MOST_OBJECT = 16 << 20
_SEGMENTS = {
    "header": "header", "headerl": "header", "headerr": "header", "headerf": "header", "footer": "footer", "footerl": "footer",
    "footerr": "footer", "footerf": "footer", "footnote": "footnote", "annotation": "comment", "shptxt": "text_box",
    "dptxbxtext": "text_box",
}  # fmt: skip
# Destinations whose text is kept as a value, by the column it is of.
_VALUES = {
    "title": "title", "subject": "subject", "author": "author", "manager": "manager", "company": "company", "operator": "last_saved_by",
    "category": "category", "keywords": "document_keywords", "doccomm": "description", "comment": "description", "template": "template",
    "generator": "application", "atnauthor": "atnauthor", "atnid": "atnid", "atndate": "atndate", "propname": "propname",
    "staticval": "staticval", "fldinst": "fldinst", "objdata": "objdata",
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
_COUNTS = {
    "nofpages": "page_count",
    "nofwords": "word_count",
    "edmins": "edit_minutes",
    "version": "revision_number",
}
_TIMES = {"creatim": "created_local", "revtim": "modified_local", "printim": "printed_local"}
_CLOCK = ("yr", "mo", "dy", "hr", "min", "sec")
_SKIPPED = {"pict", "colortbl", "stylesheet", "nonshppict", "listtext", "pntext", "nonesttables", "bkmkstart", "bkmkend", "filetbl", "upr", "sp"}  # fmt: skip
_STARRED = {"shpinst", "ud", "userprops", "company", "manager", *_VALUES, *_SEGMENTS, "nestcell"}
_SIGNS = {
    "tab": "\t", "line": "\n", "softline": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•", "emspace": "\u2003", "enspace": "\u2002", "nestcell": "\t", "nestrow": "\n",
}  # fmt: skip


def _is_rtf(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"{\\rt")


@parser(version=1, wants=(Want("**/*.rtf", sniff=_is_rtf), Want(sniff=_is_rtf)), tables=(PROPERTIES, REMARKS))
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
        self._values: dict[str, list[str]] = {}
        self._sizes: dict[str, int] = {}
        self._properties: dict[str, Any] = {}
        self._custom: list[str] = []
        self._clock: dict[str, int] = {}
        self._lines: dict[str, Lines] = {}
        self._paragraphs = 1
        self._tables = self._objects = self._replaced = 0
        self._problems: list[Problem] = []

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
        if self._properties or self._custom:
            self.out.append(
                PROPERTIES.row(
                    "document",
                    document_format="rtf",
                    **self._properties,
                    custom_properties=self._custom or None,
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
                self._remark("\n".join(frame.told))
        elif state.target and state.target != self._states[-1].target:
            self._end_value(state.target)

    def _end_value(self, target: str) -> None:
        held, size = self._values.pop(target, []), self._sizes.pop(target, 0)
        content = "".join(held) if target == "objdata" else self._joined(held)
        if size >= (most := _most(target)):
            message = f"{target} has more than {most} signs; the rest is not read"
            self._problems.append(Problem(kind=ProblemKind.LIMIT, locator="document", message=message))
        if target in _TIMES:
            try:
                year, month, day, hour, minute, second = (self._clock.get(one, 0) for one in _CLOCK)
                if year:
                    self._properties[_TIMES[target]] = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
            except (ValueError, OverflowError):
                told = Problem(
                    kind=ProblemKind.DAMAGED,
                    locator="document",
                    message=f"no time: {self._clock}",
                    column=_TIMES[target],
                )
                self._problems.append(told)
            self._clock = {}
        elif target == "fldinst":
            if content.strip() and not is_own_field(content):
                self._line("field", content.strip())
        elif target == "objdata":
            self._object(content)
        elif target == "staticval":
            name = self._joined(self._values.pop("name", []))
            if len(self._custom) < 1000:
                self._custom.append(f"{name}={content}")
        elif target == "propname":
            self._values["name"] = [content]
        elif target in ("atnauthor", "atnid", "atndate"):
            self._values[f"told {target}"] = [content]
        elif target in _VALUES and content.strip():
            self._properties.setdefault(_VALUES[target], content.strip().rstrip(";"))

    def _object(self, content: str) -> None:
        digits = "".join(content.split())
        try:
            stored = bytes.fromhex(digits[: len(digits) // 2 * 2])
        except ValueError:
            told = Problem(
                kind=ProblemKind.DAMAGED,
                locator=f"object:{self._objects + 1}",
                message="the object is not hex throughout",
            )
            self._problems.append(told)
            return
        if stored:
            self._objects += 1
            self.out.append(
                Member(locator=f"object:{self._objects}", name=f"object{self._objects}.bin", content=stored)
            )

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
        elif word in _CLOCK:
            self._clock[word] = value
        elif word in _COUNTS and abs(value) < 1 << 31:
            self._properties[_COUNTS[word]] = value
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
            or word in _TIMES
            or (word in _VALUES and (state.target == "info" or word not in _INFO or state.is_starred))
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
            if state.target in _VALUES:
                size = self._sizes.get(state.target, 0) + len(content)
                self._sizes[state.target] = size
                if size < _most(state.target):
                    self._values.setdefault(state.target, []).append(content)
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

    @staticmethod
    def _joined(pieces: list[str]) -> str:
        """Pieces as text; halves of a pair become one sign."""
        return "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _line(self, segment: str, line: str) -> None:
        if segment not in self._lines:
            self._lines[segment] = Lines(segment, self._default)
        self.out += self._lines[segment].add(f"paragraph:{self._paragraphs}", line)

    def _paragraph(self) -> str:
        frame = self._frames[-1]
        line = self._joined(frame.held)
        for segment, held in (("hidden", frame.hidden), ("deleted", frame.deleted)):
            if held:
                self._line(segment, self._joined(held))
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

    def _remark(self, content: str) -> None:
        told = {
            one: "".join(self._values.pop(f"told {one}", [])) for one in ("atnauthor", "atnid", "atndate")
        }
        self.out.append(
            REMARKS.row(
                f"paragraph:{self._paragraphs}",
                remark_kind="comment",
                remark_author=told["atnauthor"] or None,
                remark_initials=told["atnid"] or None,
                remark_local=_dttm(told["atndate"]),
                remark_text=content.strip()[:REMARK_SIGNS] or None,
            )
        )


def _most(target: str) -> int:
    """So many signs of a value are held."""
    return 2 * _MOST_OBJECT if target == "objdata" else CELL_SIGNS


def _is_codec(name: str) -> bool:
    try:
        b"a".decode(name)
    except (LookupError, ValueError):
        return False
    return True


def _dttm(stored: str) -> datetime | None:
    """[MS-DOC] 2.9.66: minute, hour, day, month and year in the bits of a number."""
    stored = stored.strip()
    if not stored.lstrip("-").isdigit() or len(stored) > 11:
        return None
    bits = int(stored) & 0xFFFFFFFF
    minute, hour, day, month, year = (
        bits & 63,
        bits >> 6 & 31,
        bits >> 11 & 31,
        bits >> 16 & 15,
        bits >> 20 & 511,
    )
    try:
        return datetime(1900 + year, month, day, hour, minute)  # noqa: DTZ001  a wall clock
    except ValueError:
        return None
