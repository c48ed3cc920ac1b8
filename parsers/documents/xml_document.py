r"""XML documents that no other parser reads.

Shows: elements that repeat beside each other and have attributes or elements within as sheets named by their path, one row for
each: attributes and what is within as columns, what repeats within a row as sheets of its own whose column `parent_row` is
the number of that row; rows of plain values by place (a spreadsheet of 2003). All other text with the path of its element.
Does not show: which program wrote it; comments; what a style sheet would make of it.
Not read: document types that define entities (they may grow without end) and all behind them, other than as text; files that
entities name; what is nested deeper than 50 levels as more than text. Behind damage the rest is text without tags. What repeats is decided by the first 32 Mi bytes;
elements that come first behind them are text.

References:
    - Extensible Markup Language (XML) 1.0 (W3C), 4.4 (entities); Namespaces in XML 1.0: names are told without prefix
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from xml.parsers import expat

from parsers.contract import Artefact, Problem, ProblemKind, Want, Yield, Yields, parser
from parsers.formats import codecs
from parsers.formats.delimited import CELL_SIGNS
from parsers.formats.json_rows import JsonRows

_ENDINGS = ("xml", "kml", "gpx", "rss", "atom", "opml")
_OWNED = (b"<FileZilla",)
_MOST_DEPTH = 50
_MOST_PATHS = 20_000
# Elements and signs of one row; a larger one is told as text.
_MOST_NODES = 100_000
_MOST_SIGNS = 8 * CELL_SIGNS
# As many blocks of 1 Mi bytes are looked at for what repeats.
_SURVEY_BLOCKS = 32
_FEED_SIGNS = 1 << 16
_TAGS = re.compile(r"<[^<>]{0,10000}>")
_DECLARED = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")


def _is_xml(head: bytes) -> bool:
    return codecs.is_text(head) and not any(one in head.replace(b"\0", b"") for one in _OWNED)


class _Refused(Exception):  # noqa: N818  raised to leave the library
    """The document defines entities."""


@dataclass(slots=True)
class _Path:
    """What the first reading saw of all elements of one path."""

    most_beside: int = 0
    has_inner: bool = False
    is_mixed: bool = False


@dataclass(slots=True)
class _Open:
    """An element that is open."""

    name: str
    path: str
    children: dict[str, int]
    texts: list[str]
    has_text: bool = False
    node: dict[str, Any] | None = None


@parser(
    version=1,
    wants=tuple(
        Want(f"**/*.{ending}", sniff=_is_xml, is_strict=False, is_fallback=True) for ending in _ENDINGS
    ),
)
def xml_document(artefact: Artefact) -> Yields:
    """Text first, then one sheet for each path of repeated elements; the locator is a line or a path."""
    with artefact.open() as stream:
        codec = codecs.decide(codecs.sample(stream))
    survey = _Survey()
    with artefact.open() as stream:
        for _ in _events(islice(codecs.texts(stream, codecs.Decoder(codec)), _SURVEY_BLOCKS), survey):
            pass
    decoder = codecs.Decoder(codec)
    rows = JsonRows(artefact, codec)
    reading = _Reading(rows=rows, paths=survey.paths)
    with artefact.open() as stream:
        yield from _events(codecs.texts(stream, decoder), reading)
    yield from rows.end()
    if decoder.replaced:
        message = f"{decoder.replaced} bytes are not {codec}, the first at offset {decoder.first_offset}; they stand as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator=f"offset:{decoder.first_offset}", message=message)


def _events(pieces: Iterator[str], reader: _Survey | _Reading) -> Iterator[Yield]:
    """Feed the library; what it cannot read is told, and the rest goes to the reader as text without tags."""
    # The text is decoded already, whatever the declaration says.
    library = expat.ParserCreate("utf-8")
    library.buffer_text = True
    library.StartElementHandler = reader.begin
    library.EndElementHandler = reader.end
    library.CharacterDataHandler = reader.text
    library.EntityDeclHandler = _refuse
    reader.position = lambda: library.CurrentLineNumber
    is_first = True
    for piece in pieces:
        if is_first and piece:
            piece, is_first = piece.lstrip("\ufeff \n\t"), False
        for start in range(0, len(piece), _FEED_SIGNS):
            part = piece[start : start + _FEED_SIGNS]
            if not _fed(library, part, reader):
                # The library stands at the line of the damage; what it has taken of this part is not told twice.
                place = library.CurrentByteIndex
                yield from reader.waiting()
                yield from reader.rest(_behind(part, place - reader.fed), library.CurrentLineNumber)
                for more in (piece[start + _FEED_SIGNS :], *pieces):
                    yield from reader.rest(more, library.CurrentLineNumber)
                return
            reader.fed += len(part.encode("utf-8", "replace"))
            yield from reader.waiting()
    _fed(library, "", reader, is_last=True)
    yield from reader.waiting()


def _behind(part: str, place: int) -> str:
    """A part from a byte on, or the whole of it."""
    raw = part.encode("utf-8", "replace")
    return raw[place:].decode("utf-8", "ignore") if 0 <= place <= len(raw) else part


def _refuse(*_: object) -> None:
    raise _Refused


def _fed(
    library: expat.XMLParserType, part: str, reader: _Survey | _Reading, *, is_last: bool = False
) -> bool:
    """Whether the library could read on."""
    try:
        library.Parse(part.encode("utf-8", "replace"), is_last)
    except _Refused:
        message = "the document type defines entities; from here on it is read as text"
        reader.tell(ProblemKind.UNSUPPORTED, library.CurrentLineNumber, message)
        return False
    except expat.ExpatError as error:
        # Text that waits to be joined is given out at once.
        library.buffer_text = False
        told = expat.ErrorString(error.code)
        kind = ProblemKind.TRUNCATED if is_last else ProblemKind.DAMAGED
        reader.tell(kind, error.lineno, f"no XML that can be read ({told}); what follows is read as text")
        return False
    return True


@dataclass(slots=True)
class _Survey:
    """First reading: which paths repeat beside each other, and what they hold."""

    paths: dict[str, _Path] = field(default_factory=dict)
    open: list[_Open] = field(default_factory=list)
    depth: int = 0
    fed: int = 0
    position: Any = None

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > _MOST_DEPTH:
            return
        name = _local(name)
        path = f"{self.open[-1].path}/{name}" if self.open else name
        if self.open:
            above = self.open[-1]
            beside = above.children.get(name, 0) + 1
            above.children[name] = beside
            if known := self.paths.get(above.path):
                known.has_inner = True
                known.is_mixed = known.is_mixed or above.has_text
        self.open.append(_Open(name, path, {}, []))
        if path not in self.paths and len(self.paths) >= _MOST_PATHS:
            return
        known = self.paths.get(path) or self.paths.setdefault(path, _Path())
        if attributes and not known.has_inner:
            known.has_inner = any(not one.startswith("xmlns") for one in attributes)
        if len(self.open) > 1:
            known.most_beside = max(known.most_beside, beside)

    def end(self, name: str) -> None:
        self.depth -= 1
        if self.depth < _MOST_DEPTH:
            self.open.pop()

    def text(self, content: str) -> None:
        if self.open and content.strip():
            one = self.open[-1]
            one.has_text = True
            if one.children and one.path in self.paths:
                self.paths[one.path].is_mixed = True

    def tell(self, kind: ProblemKind, line: int, message: str) -> None:
        """The second reading tells it."""

    def waiting(self) -> Iterator[Yield]:
        yield from ()

    def rest(self, content: str, line: int) -> Iterator[Yield]:
        yield from ()


@dataclass(slots=True)
class _Reading:
    """Second reading: elements of repeated paths become rows, everything else text."""

    rows: JsonRows
    paths: dict[str, _Path]
    open: list[_Open] = field(default_factory=list)
    ready: list[Iterator[Yield]] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)
    depth: int = 0
    fed: int = 0
    position: Any = None
    row_depth: int = 0
    nodes: int = 0
    signs: int = 0
    is_over: bool = False
    is_deep: bool = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > _MOST_DEPTH:
            if not self.is_deep:
                self.tell(
                    ProblemKind.LIMIT,
                    self.position(),
                    f"nested deeper than {_MOST_DEPTH} levels; what is below is text",
                )
            self.is_deep = True
            return
        name = _local(name)
        path = f"{self.open[-1].path}/{name}" if self.open else name
        own = _Open(name, path, {}, [])
        if self.open and self.open[-1].node is None:
            # Text before an element within is told in its place.
            self._flush(self.open[-1])
        given = _given(attributes) if attributes else {}
        if not self.row_depth and self._is_row(path):
            self.row_depth, self.nodes, self.signs, self.is_over = self.depth, 0, 0, False
        if self.row_depth and self.nodes > _MOST_NODES:
            self._give_up()
        if self.row_depth:
            self.nodes += 1 + len(given)
            self.signs += sum(map(len, given.values()))
            own.node = {**given}
        self.open.append(own)
        if own.node is None:
            for key, value in given.items():
                self._line(f"{path}@{key}", value)

    def _is_row(self, path: str) -> bool:
        known = self.paths.get(path)
        return known is not None and known.most_beside >= 2 and known.has_inner and not known.is_mixed

    def _flush(self, one: _Open) -> None:
        content = " ".join("".join(one.texts).split())
        one.texts.clear()
        if content:
            self._line(one.path, content)

    def _line(self, path: str, value: str) -> None:
        self.ready.append(self.rows.text(f"line:{self.position()}", f"{path}: {value}"))

    def text(self, content: str) -> None:
        if not self.open:
            return
        self.signs += len(content)
        one = self.open[-1]
        one.texts.append(content)
        if self.row_depth and (self.signs > _MOST_SIGNS or self.nodes > _MOST_NODES):
            self._give_up()
        elif one.node is None and sum(map(len, one.texts[-64:])) > CELL_SIGNS:
            self._flush(one)

    def _give_up(self) -> None:
        """A row that is too large: what was read of it is told as far as it goes, the rest is text."""
        if not self.is_over:
            self.tell(
                ProblemKind.LIMIT,
                self.position(),
                "an element is too large for a row; the rest of it is text",
            )
        self.is_over = True
        for one in self.open[self.row_depth - 1 :]:
            if one.node is not None:
                self.ready.append(self.rows.value(one.path, one.node, 0))
            one.node = None
            self._flush(one)
        self.row_depth = 0

    def end(self, name: str) -> None:
        self.depth -= 1
        if self.depth >= _MOST_DEPTH:
            return
        one = self.open.pop()
        if one.node is None:
            self._flush(one)
            return
        content = "".join(one.texts).strip()
        value: Any = one.node
        if not value:
            value = content or None
        elif content:
            value["text()" if "text" in value else "text"] = content
        if self.depth + 1 == self.row_depth:
            self.row_depth = 0
            self.numbers[one.path] += 1
            self.ready.append(
                self.rows.element(one.path, self.numbers[one.path], _row(value), f"line:{self.position()}")
            )
            return
        above = self.open[-1].node
        if above is not None:
            before = above.get(one.name)
            if one.name not in above:
                above[one.name] = value
            elif isinstance(before, list):
                before.append(value)
            else:
                above[one.name] = [before, value]

    def tell(self, kind: ProblemKind, line: int, message: str) -> None:
        self.rows.tell(kind, f"line:{line}", message)
        # What is open is told as far as it goes.
        if self.row_depth and kind is not ProblemKind.LIMIT:
            self.is_over = True
            self._give_up()

    def waiting(self) -> Iterator[Yield]:
        for one in self.ready:
            yield from one
        self.ready.clear()

    def rest(self, content: str, line: int) -> Iterator[Yield]:
        for one in content.split("\n"):
            told = " ".join(_TAGS.sub(" ", one).split())
            if told:
                yield from self.rows.text(f"line:{line}", told)


def _row(value: Any) -> Any:
    """A row; one whose members are all of one name and plain is a list of values by place."""
    if not isinstance(value, dict):
        return {"text": value}
    if len(value) == 1:
        [only] = value.values()
        if isinstance(only, list):
            plain = [_plain(one) for one in only]
            if not any(isinstance(one, dict | list) for one in plain):
                return plain
    return value


def _plain(value: Any) -> Any:
    """A value out of elements that hold nothing else than their text and its kind, as cells of a spreadsheet do."""
    while isinstance(value, dict):
        if "Data" in value:
            value = value["Data"]
        elif "text" in value and len(value) == 2 and "Type" in value:
            value = value["text"]
        elif set(value) <= {"Type"}:
            return None
        else:
            return value
    return value


def _given(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes by name without prefix, unless that is the name of two (`id` and `r:id`)."""
    out: dict[str, str] = {}
    for key, value in attributes.items():
        if not key.startswith("xmlns"):
            name = _local(key)
            out[key[:200] if name in out else name] = value
    return out


def _local(name: str) -> str:
    """A name without its prefix."""
    return (name.rpartition(":")[2] or name)[:200] if ":" in name else name[:200]
