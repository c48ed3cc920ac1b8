"""A second reading of single event records, through python-evtx, for those the bulk reader lost."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

_FILE_HEADER = 4096
_CHUNK = 65536
_MOST_RECORDS = 20_000
_NAMESPACE = "{http://schemas.microsoft.com/win/2004/08/events/event}"

Recovered = tuple[int, dict[str, Any]]


def records(content: bytes, offsets: Sequence[int]) -> Iterator[tuple[int, Recovered | str]]:
    """For each offset of a record in the file: its number and its content in the bulk reader's shape, or why it is lost."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own syntax warnings on newer Pythons
        from Evtx import BinaryParser
        from Evtx import Evtx as library
    chunks: dict[int, Any] = {}
    for offset in offsets[:_MOST_RECORDS]:
        base = _FILE_HEADER + (offset - _FILE_HEADER) // _CHUNK * _CHUNK
        try:
            if base not in chunks:
                chunks[base] = library.ChunkHeader(content, base)
            record = library.Record(content, offset, chunks[base])
            yield offset, (int(record.record_num()), _shaped(record.xml()))
        except RecursionError:
            yield offset, "its binary XML is nested too deep"
        except (  # what damaged bytes make the library raise
            ArithmeticError,
            AssertionError,
            AttributeError,
            LookupError,
            OSError,
            TypeError,
            ValueError,
            struct.error,
            ElementTree.ParseError,
            BinaryParser.BinaryParserException,
        ) as error:
            yield offset, f"{type(error).__name__}: {str(error)[:200]}"
    for offset in offsets[_MOST_RECORDS:]:
        yield offset, "more records are lost than are read a second time"


def _shaped(xml: str) -> dict[str, Any]:
    """XML in the shape the bulk reader gives: `#attributes`, `#text`, and Data by its name."""
    return {"Event": _element(ElementTree.fromstring(xml))}  # noqa: S314  made by the library from binary XML, without entities


def _element(element: ElementTree.Element) -> Any:
    inner: dict[str, Any] = {}
    unnamed: list[Any] = []
    for child in element:
        tag = child.tag.removeprefix(_NAMESPACE).rpartition("}")[2]
        if tag == "Data" and "Name" in child.attrib:
            inner[child.attrib["Name"]] = child.text
        elif tag == "Data":
            unnamed.append(child.text)
        else:
            inner[tag] = _element(child)
    if unnamed:
        inner["Data"] = {"#text": unnamed}
    if element.attrib:
        inner["#attributes"] = dict(element.attrib)
    if not inner:
        return element.text
    if element.text and element.text.strip():
        inner["#text"] = element.text
    return inner
