"""Events of an XML part as its bytes go by: never a tree, never an entity or another file, bounded in depth and names.

A document type with declarations is refused before any of them is read, so no entity can grow or fetch. Names come as
`prefix:local` with one prefix for each known namespace, transitional and strict alike, whatever the part calls it.

References:
    - Extensible Markup Language (XML) 1.0, Namespaces in XML 1.0
    - ISO/IEC 29500-1 annex A (strict namespaces), 29500-4 annex A (transitional); OASIS OpenDocument 1.3 part 3
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pyexpat import ExpatError, ParserCreate

from parsers.contract import ProblemKind

START, END, TEXT = 0, 1, 2
Event = tuple[int, str, dict[str, str]]
BLOCK_BYTES = 1 << 18
_MOST_DEPTH = 512
_MOST_NAMES = 20_000
# What the decoder holds of a tag that does not end is looked at again with each block: it may not become long.
_LONGEST_TAG = 4 << 20
_OPEN_XML = "http://schemas.openxmlformats.org/"
_STRICT = "http://purl.oclc.org/ooxml/"
_NAMESPACES = {
    _OPEN_XML + "wordprocessingml/2006/main": "w", _STRICT + "wordprocessingml/main": "w",
    _OPEN_XML + "drawingml/2006/main": "a", _STRICT + "drawingml/main": "a",
    _OPEN_XML + "drawingml/2006/chart": "c", _STRICT + "drawingml/chart": "c",
    _OPEN_XML + "drawingml/2006/diagram": "dgm", _STRICT + "drawingml/diagram": "dgm",
    _OPEN_XML + "drawingml/2006/wordprocessingDrawing": "wp", _STRICT + "drawingml/wordprocessingDrawing": "wp",
    _OPEN_XML + "spreadsheetml/2006/main": "x", _STRICT + "spreadsheetml/main": "x",
    _OPEN_XML + "drawingml/2006/spreadsheetDrawing": "xdr", _STRICT + "drawingml/spreadsheetDrawing": "xdr",
    "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments": "xtc",
    "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main": "x14", "http://schemas.microsoft.com/office/excel/2006/main": "xm",
    _OPEN_XML + "presentationml/2006/main": "p", _STRICT + "presentationml/main": "p",
    _OPEN_XML + "officeDocument/2006/math": "m", _STRICT + "officeDocument/math": "m",
    _OPEN_XML + "officeDocument/2006/relationships": "r", _STRICT + "officeDocument/relationships": "r",
    _OPEN_XML + "officeDocument/2006/extended-properties": "ep", _STRICT + "officeDocument/extendedProperties": "ep",
    _OPEN_XML + "officeDocument/2006/custom-properties": "op", _STRICT + "officeDocument/customProperties": "op",
    _OPEN_XML + "officeDocument/2006/docPropsVTypes": "vt", _STRICT + "officeDocument/docPropsVTypes": "vt",
    _OPEN_XML + "package/2006/relationships": "rel", _OPEN_XML + "package/2006/metadata/core-properties": "cp",
    _OPEN_XML + "markup-compatibility/2006": "mc",
    "http://purl.org/dc/elements/1.1/": "dc", "http://purl.org/dc/terms/": "dcterms",
    "http://schemas.microsoft.com/office/powerpoint/2018/8/main": "p188",
    "http://schemas.microsoft.com/office/word/2023/wordml/word16du": "w16du",
    "http://schemas.microsoft.com/office/2006/encryption": "enc",
    "http://schemas.microsoft.com/office/2006/keyEncryptor/password": "encp",
    "http://schemas.microsoft.com/office/word/2012/wordml": "w15",
    "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0": "loext",
    "urn:schemas-microsoft-com:vml": "v", "http://www.w3.org/1999/xlink": "xlink",
}  # fmt: skip
_OPEN_DOCUMENT = re.compile(
    r"urn:oasis:names:tc:opendocument:xmlns:([a-z-]+):1\.0|http://openoffice\.org/2000/([a-z]+)"
)

_USUAL_PREFIX = {"drawing": "draw", "svg-compatible": "svg"}


class BadPart(ValueError):
    """A part cannot be read further: why, as a problem tells it."""

    def __init__(self, kind: ProblemKind, message: str) -> None:
        """`kind` and `message` are those of the problem."""
        super().__init__(message)
        self.kind = kind


def events(blocks: Iterable[bytes]) -> Iterator[Event]:
    """Begins of elements with their attributes, their ends, and text between (its second member), in order.

    What came before a fault is given before it is raised.

    Raises:
        BadPart: the part is no well-formed XML, declares entities, or goes beyond a bound.
    """
    reader = _Reader()
    blocks = iter(blocks)
    while True:
        error: BadPart | None = None
        try:
            block = next(blocks, b"")
            reader.feed(block)
        except BadPart as fault:
            error, block = fault, b""
        yield from reader.take()
        if error is not None:
            raise error
        if not block:
            return


class _Reader:
    """The decoder and what it found since it was last asked."""

    def __init__(self) -> None:
        # Without names kept by the binding: their number is bounded here.
        self._parser = ParserCreate(namespace_separator=" ", intern=None)
        self._parser.buffer_text = True
        self._parser.buffer_size = 1 << 16
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._names: dict[str, str] = {}
        self._found: list[Event] = []
        self._depth = 0
        self._fed = 0

    def feed(self, block: bytes) -> None:
        """The next bytes; none at the end."""
        try:
            self._parser.Parse(block, not block)
        except BadPart:
            raise
        except (ExpatError, LookupError, ValueError) as error:
            raise BadPart(ProblemKind.DAMAGED, f"the XML cannot be read further: {error}") from error
        self._fed += len(block)
        if block and self._fed - self._parser.CurrentByteIndex > _LONGEST_TAG:
            raise BadPart(
                ProblemKind.LIMIT,
                f"a tag of more than {_LONGEST_TAG} bytes; the rest of the part is not read",
            )

    def take(self) -> list[Event]:
        """The events since the last call."""
        found, self._found = self._found, []
        return found

    def _doctype(self, name: str, system: str | None, public: str | None, has_subset: int) -> None:
        # OpenOffice 1 names a type of document outside, which is never fetched; entities stand in a subset within.
        if not has_subset:
            return
        message = "a document type with declarations, which no program writes into such a part; not read"
        raise BadPart(ProblemKind.UNSUPPORTED, message)

    def _start(self, name: str, given: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise BadPart(
                ProblemKind.LIMIT, f"elements nested more than {_MOST_DEPTH} deep; the rest is not read"
            )
        short = self._short
        attributes = {short(one): value for one, value in given.items()} if given else given
        self._found.append((START, short(name), attributes))

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._found.append((END, self._short(name), _NONE))

    def _text(self, content: str) -> None:
        self._found.append((TEXT, content, _NONE))

    def _short(self, name: str) -> str:
        known = self._names.get(name)
        if known is None:
            if len(self._names) >= _MOST_NAMES:
                message = (
                    f"more than {_MOST_NAMES} different names of elements; the rest of the part is not read"
                )
                raise BadPart(ProblemKind.LIMIT, message)
            uri, _, local = name.rpartition(" ")
            known = self._names[name] = f"{_prefix(uri)}:{local}" if uri else local
        return known


_NONE: dict[str, str] = {}


def _prefix(uri: str) -> str:
    if uri in _NAMESPACES:
        return _NAMESPACES[uri]
    found = _OPEN_DOCUMENT.fullmatch(uri)
    if found is None:
        return "?"
    word = found[1] or found[2]
    return _USUAL_PREFIX.get(word, word)
