"""Windows event logs: the records of an intact chunk in bulk, through the Rust reader `evtx`.

Each chunk is given to the reader as a log of its own, so that what it makes of one chunk cannot cost another, and so
that every record it gives can be laid beside the place it stands in.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Container, Iterator
from typing import Any

import msgspec
from evtx import PyEvtxParser

from parsers.formats.evtx_chunks import FILE_HEADER_BYTES, FILE_SIGNATURE, Chunk, Place

Scalar = str | int | float | bool | None


class Texted(msgspec.Struct):
    """An element with attributes: they and its text."""

    attributes: dict[str, Scalar] = msgspec.field(name="#attributes", default_factory=dict)
    text: Scalar = msgspec.field(name="#text", default=None)


Part = Texted | Scalar


class SystemPart(msgspec.Struct):
    """What every event says about itself; named as in the event schema."""

    Provider: Part = None
    EventID: Part = None
    Version: Part = None
    Level: Part = None
    Task: Part = None
    Opcode: Part = None
    Keywords: Part = None
    TimeCreated: Part = None
    EventRecordID: Part = None
    Correlation: Part = None
    Execution: Part = None
    Channel: Part = None
    Computer: Part = None
    Security: Part = None


class Event(msgspec.Struct):
    """An event: what it says about itself, and its data in the shape it has."""

    System: SystemPart
    EventData: Any = None
    UserData: Any = None
    BinaryEventData: Any = None
    DebugData: Any = None
    ProcessingErrorData: Any = None


class Record(msgspec.Struct):
    """A record as either reader gives it."""

    Event: Event


# What is nested deeper than Python's stack is no event either.
SHAPE_ERRORS = (msgspec.MsgspecError, RecursionError)
_one = msgspec.json.Decoder(Record)
_many = msgspec.json.Decoder(list[Record])


def read_chunk(chunk: Chunk) -> dict[int, Record]:
    """What the Rust reader gives of one chunk, by the offset of the record in it; what it leaves out is missing here."""
    places = iter(chunk.places)
    given: list[Place] = []
    lines: list[str] = []
    for number, line in _lines(chunk):
        # Both go through the chunk in order, so a record skipped by the reader is skipped here.
        place = next((one for one in places if one.number == number), None)
        if place is None:
            break
        given.append(place)
        lines.append(line)
    try:
        records: list[Record | None] = list(_many.decode("[" + ",".join(lines) + "]"))
    except SHAPE_ERRORS:
        records = [_decoded(line) for line in lines]
    whole = map(_whole, lines, records)
    return {place.offset: record for place, record in zip(given, whole, strict=True) if record is not None}


def _lines(chunk: Chunk) -> Iterator[tuple[int, str]]:
    """Number and JSON of each record the Rust reader reads; an error costs that record only."""
    try:
        reader = PyEvtxParser(io.BytesIO(_ONE_CHUNK + chunk.content), number_of_threads=1).records_json()
    except (RuntimeError, OSError, ValueError):
        return
    for _ in range(2 * len(chunk.places)):
        try:
            record = next(reader, None)
        except (RuntimeError, OSError, ValueError):
            continue
        if record is None:
            return
        yield record["event_record_id"], record["data"]


def _decoded(line: str) -> Record | None:
    try:
        return _one.decode(line)
    except SHAPE_ERRORS:
        return None


def _whole(line: str, record: Record | None) -> Record | None:
    """The record with every value its text has; None where that cannot be had."""
    try:
        return _careful(line) if record is not None and _has_lost_names(line, record) else record
    except (*SHAPE_ERRORS, ValueError):
        return None


def _has_lost_names(line: str, record: Record) -> bool:
    """Whether a name may occur twice in the data: the reader writes both, and JSON keeps the last."""
    event = record.Event
    start = line.find('"EventData":' if event.EventData is not None else '"UserData":')
    if start < 0:
        return False
    count = 0
    for part in (event.EventData, event.UserData, event.BinaryEventData, event.DebugData, event.ProcessingErrorData):  # fmt: skip
        if part is not None:
            count += 1 + _names(part)
    # A text with `":` in it makes the count too high, which costs time and nothing else.
    return line.count('":', start) != count


def _names(value: Any) -> int:
    if type(value) is not dict:
        return 0
    count = len(value)
    for one in value.values():
        if type(one) is dict:
            count += _names(one)
    return count


def _careful(line: str) -> Record:
    """A record with every value of a name that occurs again, a number behind the name."""
    return msgspec.convert(json.loads(line, object_pairs_hook=_numbered), Record)


def _numbered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found[free_name(name, found)] = value
    return found


def free_name(name: str, taken: Container[str]) -> str:
    """The name, with a number behind it where it is taken; the reader names repeated elements so."""
    key, count = name, 0
    while key in taken:
        count += 1
        key = f"{name}_{count}"
    return key


def _file_header() -> bytes:
    """A file header that counts one chunk, so that each chunk can be read as a log of its own."""
    head = struct.pack("<8sQQQIHHHH", FILE_SIGNATURE, 0, 0, 1, 128, 1, 3, FILE_HEADER_BYTES, 1).ljust(
        124, b"\0"
    )
    return (head + struct.pack("<I", zlib.crc32(head[:120]))).ljust(FILE_HEADER_BYTES, b"\0")


_ONE_CHUNK = _file_header()
