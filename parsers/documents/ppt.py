"""Binary presentations of PowerPoint 97 to 2003 (PPT, PPS, POT).

Shows: all text, in segments by what it is: outline (the text of slides as the list of slides keeps it), slide, notes,
master, comment, hyperlink, header_footer and other; what only a former save holds, and the file still keeps, in the same
segments with `former_` before them. Who commented is a row. Files and documents embedded in it become entries of their own.
Does not show: the order in which slides were shown; which slides are hidden; that a comment was made by the person named.
Not read: presentations of PowerPoint 95 and before (a problem says so), tables as sheets (their cells are lines), pictures,
sounds, macros, objects of other programs.

Parsed here: no library with a permissive licence reads the text of these files.

References:
    - [MS-PPT] 2.1.2 (streams), 2.3.1 (RecordHeader), 2.3.2 to 2.3.4 (edits, persist directory), 2.9.41 (text atoms), 2.5.23 (Comment10), 2.10.34 (objects)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from parsers.contract import Artefact, Problem, ProblemKind, Want, Yield, Yields, parser
from parsers.formats.compound import SIGNATURE, Compound, locked, read_compound
from parsers.formats.compound_objects import unpacked
from parsers.formats.office_crypt import unless_opened
from parsers.formats.office_text import REMARK_SIGNS, REMARKS, Lines, few_problems
from parsers.formats.wide import wide_text

_ENDINGS = ("ppt", "pps", "pot")
_MOST_DEPTH = 64
_MOST_OBJECTS = 1000
_MOST_RECORDS = 2_000_000
_SEGMENTS = {1006: "slide", 1008: "notes", 1016: "master", 4041: "master", 4080: "outline", 12000: "comment", 4055: "hyperlink", 4057: "header_footer"}  # fmt: skip
_CHARS, _BYTES, _STRING = 4000, 4008, 4026
_COMMENT, _COMMENT_ATOM = 12000, 12001
_OBJECT, _EDIT, _DIRECTORY = 4113, 4085, 6002
_DOCUMENT, _BLOB = 1000, 5003
_OWN_TAG = "___PPT"
_ENCRYPTED_TOKEN, _CRYPT_SESSION = 0xF3D1C4DF, 0x2F14
_BREAKS = str.maketrans({"\r": "\n", "\x0b": "\n", "\0": None})


@parser(
    version=2,
    wants=tuple(
        Want(f"**/*.{one}", signature=SIGNATURE, is_shared=True, is_strict=one == "ppt") for one in _ENDINGS
    ),
    tables=(REMARKS,),
)
@unless_opened
@few_problems
def ppt(artefact: Artefact) -> Yields:
    """Text in stored order; locators are offsets of records in the stream of the document."""
    yield from read_compound(artefact, _presentation)


def _presentation(file: Compound) -> Yields:
    path = file.find("PowerPoint Document")
    if path is None:
        if file.find("EncryptedPackage"):
            yield locked("presentation", "encrypted package")
            return
        is_old = file.find("PP40") is not None
        kind = ProblemKind.UNSUPPORTED if is_old else ProblemKind.UNRECOGNISED
        message = (
            "a presentation of PowerPoint 95 or before; its text is not read"
            if is_old
            else "a compound file without a presentation in it"
        )
        yield Problem(kind=kind, locator="document", message=message)
        return
    content = file.read(path)
    user = file.find("Current User")
    # [MS-PPT] 2.3.2: the token at 12, the offset of the last edit at 16.
    current = file.read(user) if user else b""
    if int.from_bytes(current[12:16], "little") == _ENCRYPTED_TOKEN:
        yield locked("presentation", "RC4 CryptoAPI")
        return
    live, is_whole = _live(content, int.from_bytes(current[16:20], "little") if len(current) >= 20 else 0)
    if not is_whole:
        message = "the list of what the last save holds cannot be read; former text is not told apart"
        yield Problem(kind=ProblemKind.DAMAGED, locator="document", message=message)
    yield from _Walk(content, live if is_whole else None).told()


def _record(content: bytes, at: int) -> tuple[int, int, int, int]:
    """Version, instance, type and length of the record at a place ([MS-PPT] 2.3.1)."""
    first, kind, size = struct.unpack_from("<HHI", content, at)
    return first & 0xF, first >> 4, kind, size


def _live(content: bytes, at: int) -> tuple[set[int], bool]:
    """Offsets of the records the last save refers to, and whether they could all be found."""
    found: dict[int, int] = {}
    seen: set[int] = set()
    while at and at not in seen:
        seen.add(at)
        try:
            _, _, kind, _ = _record(content, at)
            before, directory = struct.unpack_from("<II", content, at + 16)
            _, _, inner, size = _record(content, directory)
        except struct.error:
            return set(), False
        if kind != _EDIT or inner != _DIRECTORY:
            return set(), False
        place, end = directory + 8, min(directory + 8 + size, len(content))
        while place + 4 <= end:
            packed = int.from_bytes(content[place : place + 4], "little")
            for number in range(packed >> 20):
                stored = content[place + 4 + 4 * number : place + 8 + 4 * number]
                found.setdefault((packed & 0xFFFFF) + number, int.from_bytes(stored, "little"))
            place += 4 + 4 * (packed >> 20)
            if len(found) > _MOST_RECORDS:
                return set(), False
        at = before
    return set(found.values()), bool(found)


@dataclass(slots=True)
class _Comment:
    """A comment that is open."""

    at: int
    end: int
    author: str = ""
    initials: str = ""
    content: str = ""
    made: bytes = b""


class _Walk:
    """The records of the stream, one after another."""

    def __init__(self, content: bytes, live: set[int] | None) -> None:
        self._content = content
        self._live = live
        self._lines: dict[str, Lines] = {}
        self._out: list[Yield] = []
        self._comment: _Comment | None = None
        self._objects = 0
        self._tag = ""

    def told(self) -> Yields:
        """Everything in the stream."""
        for at, depth, kind, instance, body, end, segment in self._records():
            if self._comment is not None and at >= self._comment.end:
                self._end_comment()
            if kind == _CRYPT_SESSION:
                yield locked("presentation", "RC4 CryptoAPI")
                return
            if kind == _COMMENT:
                self._comment = _Comment(at, end)
            elif kind == _COMMENT_ATOM and self._comment is not None:
                self._comment.made = self._content[body + 4 : body + 20]
            elif kind == _OBJECT:
                self._objects += 1
                if self._objects <= _MOST_OBJECTS:
                    stored = self._content[body:end]
                    self._out += unpacked(
                        stored, f"offset:{at}", f"object {self._objects}", is_packed=instance == 1
                    )
            elif kind in (_CHARS, _STRING):
                self._text(
                    at, wide_text(self._content[body : body + (end - body) // 2 * 2])[0], instance, segment
                )
            elif kind == _BYTES:
                self._text(at, self._content[body:end].decode("latin-1"), instance, segment)
            if self._out and depth < _MOST_DEPTH:
                found, self._out = self._out, []
                yield from found
        self._end_comment()
        for lines in self._lines.values():
            self._out += lines.end()
        yield from self._out
        if self._objects > _MOST_OBJECTS:
            message = f"more than {_MOST_OBJECTS} embedded objects; the rest is not read"
            yield Problem(kind=ProblemKind.LIMIT, locator="document", message=message)

    def _records(self) -> Iterator[tuple[int, int, int, int, int, int, str]]:
        """Place, depth, type, instance, begin and end of the body, segment; containers before what they hold."""
        ends: list[tuple[int, str]] = [(len(self._content), "")]
        at = count = 0
        while at + 8 <= len(self._content):
            while len(ends) > 1 and at >= ends[-1][0]:
                ends.pop()
            version, instance, kind, size = _record(self._content, at)
            end = at + 8 + size
            count += 1
            if end > ends[-1][0] or count > _MOST_RECORDS or (version == 0xF and len(ends) > _MOST_DEPTH):
                is_limit = count > _MOST_RECORDS or end <= ends[-1][0]
                message = f"the record of type {kind} does not fit into what holds it; it is passed over"
                wrong = ProblemKind.LIMIT if is_limit else ProblemKind.DAMAGED
                self._out.append(Problem(kind=wrong, locator=f"offset:{at}", message=message))
                if count > _MOST_RECORDS or len(ends) == 1:
                    return
                at = ends.pop()[0]
                continue
            above = ends[-1][1]
            segment = _SEGMENTS.get(kind, above)
            if len(ends) == 1:
                is_former = (
                    self._live is not None and at not in self._live and kind in (_DOCUMENT, *_SEGMENTS)
                )
                segment = f"former_{segment}" if is_former else segment
            elif above.startswith("former_") and kind in _SEGMENTS:
                segment = f"former_{segment}"
            yield at, len(ends), kind, instance, at + 8, end, segment
            # [MS-PPT] 2.5.12: the blob of a tag of PowerPoint's own holds records.
            if version == 0xF or (kind == _BLOB and self._tag.startswith(_OWN_TAG)):
                ends.append((end, segment))
                at += 8
            else:
                at = end
        if at < len(self._content) and at + 8 > len(self._content) and len(ends) > 1:
            message = "the stream ends within a record"
            self._out.append(Problem(kind=ProblemKind.TRUNCATED, locator=f"offset:{at}", message=message))

    def _text(self, at: int, content: str, instance: int, segment: str) -> None:
        content = content.translate(_BREAKS)
        self._tag = content
        if content.startswith(_OWN_TAG):
            return
        comment = self._comment
        if comment is not None:
            # [MS-PPT] 2.5.23: author, text, initials by the instance of the string.
            if instance == 0:
                comment.author = content[:1000]
                return
            if instance == 2:
                comment.initials = content[:100]
                return
            comment.content = content
        name = segment if segment and not segment.endswith("_") else f"{segment}other"
        for line in content.split("\n"):
            if name not in self._lines:
                self._lines[name] = Lines(name)
            if line != "*":  # stands for a number or a date that is set in
                self._out += self._lines[name].add(f"offset:{at}", line)

    def _end_comment(self) -> None:
        comment, self._comment = self._comment, None
        if comment is None:
            return
        wall = None
        if len(comment.made) == 16:
            year, month, _, day, hour, minute, second, thousandth = struct.unpack("<8H", comment.made)
            try:
                wall = datetime(year, month, day, hour, minute, second, min(thousandth, 999) * 1000)  # noqa: DTZ001
            except ValueError:
                message = f"no time: {comment.made.hex()}"
                self._out.append(
                    Problem(
                        kind=ProblemKind.DAMAGED,
                        locator=f"offset:{comment.at}",
                        message=message,
                        column="remark_local",
                    )
                )
        self._out.append(
            REMARKS.row(
                f"offset:{comment.at}",
                remark_kind="comment",
                remark_author=comment.author or None,
                remark_initials=comment.initials or None,
                remark_local=wall,
                remark_text=comment.content[:REMARK_SIGNS] or None,
                document_part="PowerPoint Document",
            )
        )
