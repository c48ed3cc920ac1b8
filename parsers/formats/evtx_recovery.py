"""Windows event logs: one record at a time, from chunks that a strict reader gives up on.

python-evtx reads names and templates; the values are decoded here, so that an array or an odd string does not cost
the record, and so are elements that stand without a template, which it takes for others. Nothing is taken from the name and template tables of the chunk header: they are often
what is damaged, and a damaged chain may have no end.

References:
    - [MS-EVEN6] 2.2.12 BinXml, 2.2.13 BinXml value types
    - J. Metz, Windows XML Event Log (EVTX) format, 4 Binary XML
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from Evtx.BinaryParser import BinaryParserException
from Evtx.Evtx import ChunkHeader
from Evtx.Nodes import (
    AttributeNode,
    BXmlNode,
    CDataSectionNode,
    CharacterReferenceNode,
    CloseStartElementNode,
    ConditionalSubstitutionNode,
    EntityReferenceNode,
    NameStringNode,
    NormalSubstitutionNode,
    OpenStartElementNode,
    RootNode,
    TemplateNode,
    ValueNode,
)

from parsers.formats.filetime import instant

RECORD_HEADER_BYTES = 24
# What python-evtx raises on damaged bytes: its own errors, and those of the lookups it does not guard.
_DECODER_ERRORS = (
    BinaryParserException,
    struct.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    RecursionError,
)
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_NULL, _BINXML, _ARRAY = 0x00, 0x21, 0x80
# [MS-EVEN6] 2.2.12: tokens.
_END, _OPEN, _CLOSE_START, _CLOSE_EMPTY, _CLOSE, _ATTRIBUTE = 0, 1, 2, 3, 4, 6
_TEMPLATE_INSTANCE, _FRAGMENT_HEADER = 0x0C, 0x0F
_LITERALS = {0x05: ValueNode, 0x07: CDataSectionNode, 0x08: CharacterReferenceNode, 0x09: EntityReferenceNode}
# One value is at most as long as its record; a text put together from more is no text of an event.
_MOST_NODES = 20_000

Event = dict[str, Any]


class UnreadableRecord(Exception):  # noqa: N818  the word of the report
    """A record that cannot be decoded; the message says why."""


@dataclass(slots=True)
class _Element:
    """An element as read: name, attributes, texts and elements in it."""

    name: str
    attributes: dict[str, _Element] = field(default_factory=dict)
    texts: list[Any] = field(default_factory=list)
    children: list[_Element] = field(default_factory=list)


class _Names(dict[int, Any]):
    """The names of a chunk, each read where it is asked for."""

    def __init__(self, chunk: Any) -> None:
        super().__init__({-1: None})  # python-evtx loads its own table into an empty one
        self._chunk = chunk

    def __missing__(self, offset: int) -> Any:
        self[offset] = found = NameStringNode(self._chunk._buf, offset, self._chunk, self._chunk)
        return found


class _Templates(dict[int, Any]):
    """The templates of a chunk, each read where it is asked for."""

    def __init__(self, chunk: Any) -> None:
        super().__init__({-1: None})
        self._chunk = chunk

    def __missing__(self, offset: int) -> Any:
        self[offset] = found = TemplateNode(self._chunk._buf, offset, self._chunk, self._chunk)
        return found


class DamagedChunk:
    """A chunk whose records are read one by one."""

    def __init__(self, content: bytes) -> None:
        """Take the bytes of a chunk, from its first on."""
        self._content = content
        self._chunk = ChunkHeader(content, 0)
        self._chunk._strings = _Names(self._chunk)
        self._chunk._templates = _Templates(self._chunk)
        self._broken: set[int] = set()
        self._nodes = 0
        self._end = len(content)

    def event(self, offset: int, end: int) -> Event:
        """The record that stands from an offset to another, in the shape the JSON of the strict reader has.

        Raises:
            UnreadableRecord: the record cannot be decoded.
        """
        self._nodes = 0
        self._end = min(end, len(self._content))
        try:
            roots = self._elements(offset + RECORD_HEADER_BYTES, self._end)
            return {one.name: _value(one) for one in roots}
        except _DECODER_ERRORS as error:
            reason = (
                str(error) if isinstance(error, BinaryParserException) else f"{type(error).__name__} {error}"
            )
            raise UnreadableRecord(reason[:200]) from error

    def _elements(self, offset: int, end: int) -> list[_Element]:
        """The elements of a fragment: those of its template with the values put in, or those it holds itself."""
        outer = _Element("")
        start = offset + 4 * (self._content[offset] == _FRAGMENT_HEADER)
        if self._content[start] == _TEMPLATE_INSTANCE:
            root = RootNode(self._content, offset, self._chunk, None)
            self._fill(
                outer, self._template(root.template_instance().template_offset()), self._substitutions(root)
            )
        else:
            self._read(outer, start, end)
        return outer.children

    def _template(self, offset: int) -> Sequence[Any]:
        """The parts of a template; one that cannot be read is not read again for every record that names it."""
        if offset in self._broken:
            raise ValueError(f"its template at {offset} cannot be read")
        try:
            return self._chunk._templates[offset].children()  # type: ignore[no-any-return]
        except _DECODER_ERRORS:
            self._broken.add(offset)
            raise

    def _read(self, into: _Element, position: int, end: int) -> int:
        """Put what stands here up to the end tag into an element; gives where it ends ([MS-EVEN6] 2.2.12).

        Elements outside a template have no dependency identifier in front of their size.
        """
        while position < end:
            self._count()
            token = self._content[position]
            kind = token & 0x0F
            if kind == _OPEN:
                name, position = self._named(position + 5)
                child = _Element(name)
                position = self._read(child, position + 4 * bool(token & 0x40), end)
                into.children.append(child)
            elif kind == _ATTRIBUTE:
                name, position = self._named(position + 1)
                into.attributes[name] = holder = _Element(name)
                while self._content[position] & 0x0F in _LITERALS:
                    position = self._literal(holder, position)
            elif kind == _CLOSE_START:
                position += 1
            elif kind in (_END, _CLOSE_EMPTY, _CLOSE):
                return position + 1
            elif kind == _FRAGMENT_HEADER:
                position += 4
            elif kind == _TEMPLATE_INSTANCE:
                root = RootNode(self._content, position, self._chunk, None)
                into.children += self._elements(position, end)
                position += root.length()
            else:
                position = self._literal(into, position)
        return position

    def _named(self, position: int) -> tuple[str, int]:
        """The name whose offset stands here, and where what follows begins: behind the name if it stands here too."""
        (offset,) = struct.unpack_from("<I", self._content, position)
        node = self._chunk._strings[offset]
        position += 4
        return _name(offset, self._chunk), position + node.length() if offset == position else position

    def _literal(self, into: _Element, position: int) -> int:
        """A value that stands in the text; gives where it ends."""
        token = self._content[position] & 0x0F
        if token not in _LITERALS:
            raise ValueError(f"token {token:#04x} at {position}")
        node = _LITERALS[token](self._content, position, self._chunk, None)
        into.texts += _literal(node)
        return position + int(node.length())

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise ValueError(f"more than {_MOST_NODES} parts")

    def _substitutions(self, root: Any) -> list[tuple[int, int, int]]:
        """Type, offset and size of each value: a count, the sizes and types, then the values."""
        position = root.offset() + root.tag_and_children_length()
        (count,) = struct.unpack_from("<I", self._content, position)
        position += 4
        start = position + 4 * count
        found = []
        for index in range(min(count, len(self._content))):
            size, kind = struct.unpack_from("<HB", self._content, position + 4 * index)
            if start + size > self._end:
                raise ValueError(f"value {index} runs past the end of the record")
            found.append((kind, start, size))
            start += size
        return found

    def _fill(self, into: _Element, nodes: Sequence[Any], values: Sequence[tuple[int, int, int]]) -> None:
        """Put what the nodes say into an element."""
        current = into
        for node in nodes:
            self._count()
            if isinstance(node, OpenStartElementNode):
                child = _Element(_name(node.string_offset(), self._chunk))
                self._fill(child, node.children(), values)
                into.children.append(child)
            elif isinstance(node, AttributeNode):
                # What follows up to the end of the start tag belongs to the attribute too.
                current = _Element(_name(node.string_offset(), self._chunk))
                self._fill(current, node.children(), values)
                into.attributes[current.name] = current
            elif isinstance(node, CloseStartElementNode):
                current = into
            elif isinstance(node, NormalSubstitutionNode | ConditionalSubstitutionNode):
                self._put(current, *values[node.index()])
            else:
                current.texts += _literal(node)

    def _put(self, into: _Element, kind: int, offset: int, size: int) -> None:
        if kind == _BINXML and size:
            into.children += self._elements(offset, offset + size)
            return
        raw = self._content[offset : offset + size]
        found = _array(kind & ~_ARRAY, raw) if kind & _ARRAY else _decoded(kind, raw)
        if found is not None:
            into.texts.append(found)


def _name(offset: int, chunk: Any) -> str:
    """EVTX format 4.2: next name, hash, count of characters, characters, NUL; the NUL counts where the count is wrong."""
    (count,) = struct.unpack_from("<H", chunk._buf, offset + 6)
    return chunk._buf[offset + 8 : offset + 8 + 2 * count].decode("utf-16-le", "replace").partition("\0")[0]  # type: ignore[no-any-return]


def _literal(node: BXmlNode) -> Iterator[Any]:
    """Text that stands in the template itself."""
    if isinstance(node, ValueNode):
        if node.type() == _NULL:
            return
        value = node.value()
        size = value.tag_length()
        # A string in a template has its length in front.
        skip = 2 if node.type() in (1, 2) else 0
        yield _decoded(node.type(), value.unpack_binary(skip, size - skip))
    elif isinstance(node, CDataSectionNode):
        yield _text(node.unpack_binary(3, node.string_length() * 2))
    elif isinstance(node, CharacterReferenceNode):
        yield chr(node.entity())
    elif isinstance(node, EntityReferenceNode):
        yield _ENTITIES.get(_name(node.string_offset(), node._chunk), "")


def _text(raw: bytes) -> str:
    return raw.decode("utf-16-le", "replace").rstrip("\0")


def _sid(raw: bytes) -> str:
    """[MS-DTYP] 2.4.2.2."""
    parts = struct.unpack_from(f"<{raw[1]}I", raw, 8)
    return "-".join(map(str, ("S", raw[0], int.from_bytes(raw[2:8], "big"), *parts)))


def _filetime(raw: bytes) -> str | None:
    at = instant(int.from_bytes(raw, "little"))
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _systemtime(raw: bytes) -> str:
    """[MS-DTYP] 2.3.13: the day of the week stands behind the month."""
    year, month, _, day, hour, minute, second, thousandth = struct.unpack("<8H", raw)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{thousandth:03}000Z"


def _number(layout: str) -> Callable[[bytes], Any]:
    return lambda raw: struct.unpack(f"<{layout}", raw)[0]


def _boolean(raw: bytes) -> bool | int:
    """True, false, or the number itself where it is neither: some providers store flags so."""
    found = int.from_bytes(raw, "little")
    return bool(found) if found < 2 else found


def _hex(raw: bytes) -> str:
    return f"{int.from_bytes(raw, 'little'):#x}"


# [MS-EVEN6] 2.2.13: how each type of value is stored, and the bytes one value of an array takes.
_TYPES: dict[int, tuple[int, Callable[[bytes], Any]]] = {
    0x01: (0, _text),
    0x02: (0, lambda raw: raw.decode("cp1252", "replace").rstrip("\0")),
    0x03: (1, _number("b")),
    0x04: (1, _number("B")),
    0x05: (2, _number("h")),
    0x06: (2, _number("H")),
    0x07: (4, _number("i")),
    0x08: (4, _number("I")),
    0x09: (8, _number("q")),
    0x0A: (8, _number("Q")),
    0x0B: (4, _number("f")),
    0x0C: (8, _number("d")),
    0x0D: (4, _boolean),
    0x0E: (0, lambda raw: raw.hex().upper()),
    0x0F: (16, lambda raw: str(uuid.UUID(bytes_le=raw)).upper()),
    0x10: (8, _hex),
    0x11: (8, _filetime),
    0x12: (16, _systemtime),
    0x13: (0, _sid),
    0x14: (4, _hex),
    0x15: (8, _hex),
}


def _decoded(kind: int, raw: bytes) -> Any:
    """A value; None for the empty type. Raises KeyError for a type that does not exist."""
    return None if kind == _NULL else _TYPES[kind][1](raw)


def _array(kind: int, raw: bytes) -> list[Any]:
    """The values of an array: texts end with NUL, other types have one size each."""
    size, decode = _TYPES[kind]
    if kind == 0x01:
        return _text_array(raw)
    if not size:
        raise KeyError(kind | _ARRAY)
    return [decode(raw[at : at + size]) for at in range(0, len(raw), size)]


def _text_array(raw: bytes) -> list[Any]:
    parts = raw.decode("utf-16-le", "replace").split("\0")
    return parts[:-1] if parts[-1] == "" else parts


def _joined(texts: Sequence[Any]) -> Any:
    """The content of an element or attribute: nothing, one value, or a text put together."""
    if not texts:
        return None
    if len(texts) == 1:
        return texts[0]
    return "".join("" if one is None else str(one) for one in texts)


def _value(element: _Element) -> Any:
    """An element in the shape of the strict reader's JSON: children by name, attributes apart."""
    inner: dict[str, Any] = {}
    if element.attributes:
        told = {name: _joined(one.texts) for name, one in element.attributes.items()}
        kept = {name: value for name, value in told.items() if value is not None}
        inner |= {"#attributes": kept} if kept else {}
    for child in element.children:
        _add(inner, child)
    content = _joined(element.texts)
    if not inner:
        return content
    if content not in (None, "") and not element.children:
        inner["#text"] = content
    return inner


def _add(inner: dict[str, Any], child: _Element) -> None:
    """Put a child under its name: Data under its attribute Name, Data without one into a list."""
    given = child.attributes.get("Name") if child.name == "Data" else None
    name = None if given is None else _joined(given.texts)
    if child.name == "Data" and name is None:
        content = _joined(child.texts)
        texts = inner.setdefault("Data", {"#text": []})["#text"]
        texts.extend(content if isinstance(content, list) else [content])
        return
    key = base = child.name if name is None else str(name)
    count = 0
    while key in inner:
        count += 1
        key = f"{base}_{count}"
    inner[key] = _joined(child.texts) if name is not None and not child.children else _value(child)
