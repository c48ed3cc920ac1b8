r"""Tables of dBase, FoxPro, Clipper and what writes their format (.dbf), with their memo files (.dbt, .fpt).

Shows: every record with every field as text; memos from the file beside it. Records marked as deleted, which stay in the file
until it is packed, are a sheet of their own whose name ends in `(deleted)`, with the status recovered. `row_number` is the number of the record.
Does not show: who deleted a record, or when; the order an index gives. Dates are as stored, in the form YYYY-MM-DD; date and
time of day stand without a zone.
Not read: what general (OLE) and picture fields hold; flags that a value is null; indexes; records that were packed away; encrypted tables; a memo beyond
1 Mi bytes. The encoding is the code page of the header where the bytes agree, else what the bytes show.

References:
    - dBASE Level 5 and 7 table file formats; Microsoft, "Table File Structure" of Visual FoxPro
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import BinaryIO

from parsers.contract import Artefact, Problem, ProblemKind, Sheet, Status, Want, Yields, parser
from parsers.formats import codecs, dbf, tabular
from parsers.formats.tabular import Line

_BLOCK_BYTES = 1 << 20
_SAMPLE_BYTES = 1 << 18
_MOST_NOTED = 20
# The day before 0001-01-01, as a day of the Julian period.
_JULIAN = 1721425
_LOGICAL = {"T": "true", "Y": "true", "F": "false", "N": "false", "?": None}
_MEMOS = ("M", "G", "P")


@parser(version=2, wants=(Want("**/*.dbf", sniff=dbf.is_dbf),), companions=(".dbt", ".fpt"))
def dbase(artefact: Artefact) -> Yields:
    """A sheet of the records, and one of those marked as deleted; the locator is the number of the first record."""
    with artefact.open() as stream:
        head = stream.read(68 + 48 * dbf.MOST_FIELDS)
    try:
        header = dbf.read_header(head)
    except ValueError as error:
        yield Problem(
            kind=ProblemKind.DAMAGED, locator="offset:0", message=f"the table cannot be read: {error}"
        )
        return
    last = header.fields[-1]
    if header.record_size < last.start + last.size:
        message = f"records have {header.record_size} bytes, their fields {last.start + last.size}"
        yield Problem(
            kind=ProblemKind.DAMAGED, locator="offset:10", message=f"{message}; what is beyond is not read"
        )
    reading = _Reading(artefact=artefact, header=header, codec=_codec(artefact, header))
    yield from _memo_problems(reading)
    name = artefact.path.rsplit("/", 1)[-1]
    names = tuple(" ".join(codecs.decode(one.name, reading.codec)[0].split()) for one in header.fields)
    marks = _marks(reading)
    for is_deleted in (False, True):
        if is_deleted and not marks:
            continue
        yield Sheet(
            name=f"{name} (deleted)" if is_deleted else name,
            status=Status.RECOVERED if is_deleted else Status.OK,
            locator=f"record:{marks[0] if is_deleted else 1}",
            width=len(names),
            header=names,
            header_row=None,
            codec=reading.codec,
            batches=tabular.at_least_one(
                tabular.batches(reading.lines(is_deleted=is_deleted), len(names)), len(names)
            ),
        )
    yield from reading.problems()


def _codec(artefact: Artefact, header: dbf.Header) -> str:
    """The code page of the header where the bytes of text fields are of it; else what they show."""
    content = b""
    with artefact.open() as stream:
        stream.seek(header.header_size)
        texts = [one for one in header.fields if one.kind in "CVM"]
        while texts and len(content) < _SAMPLE_BYTES and (record := stream.read(header.record_size)):
            content += (
                b"\n".join(record[one.start : one.start + one.size].rstrip(b" \0") for one in texts) + b"\n"
            )
    sample = b"".join(one.name for one in header.fields) + b"\n" + content
    shown = codecs.decide(sample)
    if header.codec is None or sample.isascii():
        return header.codec or shown
    # Many programs in Japan write cp932 under the code page of the West, or under none.
    if shown in ("cp932", "euc_jp", "utf-8") and (
        header.codec.startswith("cp1") or header.codec in ("cp437", "cp850")
    ):
        return shown
    _, replaced = codecs.decode(sample, header.codec)
    return shown if replaced and shown != "cp1252" else header.codec


def _marks(reading: _Reading) -> list[int]:
    """The number of the first record that is marked as deleted, if there is one; and whether the file is whole."""
    found: list[int] = []
    for number, record in reading.records():
        if record[:1] == b"*" and not found:
            found.append(number)
        elif record[:1] not in (b" ", b"*"):
            reading.note(reading.odd, number)
        reading.last = number
    return found


def _memo_problems(reading: _Reading) -> Iterator[Problem]:
    header = reading.header
    needs = [one for one in header.fields if one.kind == "M"]
    for ending in (".fpt", ".dbt"):
        if (memo := reading.artefact.companions.get(ending)) is not None and needs:
            stream = memo.open()
            reading.memo = dbf.memo_reader(stream, header, is_fox=ending == ".fpt")
            reading.stream = stream
            return
    if needs:
        message = "the memo file (.dbt or .fpt) beside the table is missing: memos are not read, their block numbers stand in the cells"
        yield Problem(kind=ProblemKind.UNREADABLE, locator="offset:0", message=message)


@dataclass(slots=True, kw_only=True)
class _Reading:
    """The table and what is met on the way."""

    artefact: Artefact
    header: dbf.Header
    codec: str
    memo: Callable[[int], bytes] | None = None
    stream: BinaryIO | None = None
    odd: list[int] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)
    last: int = 0
    short: int = 0
    replaced: int = 0

    def note(self, numbers: list[int], number: int) -> None:
        if len(numbers) < _MOST_NOTED:
            numbers.append(number)

    def records(self) -> Iterator[tuple[int, bytes]]:
        """Records with their number from 1: those the header counts, and any behind them up to the mark of the end."""
        size = self.header.record_size
        if size < 2:
            return
        with self.artefact.open() as stream:
            stream.seek(self.header.header_size)
            number, held = 0, b""
            while block := stream.read(max(_BLOCK_BYTES // size, 1) * size):
                held += block
                whole = len(held) // size * size
                for at in range(0, whole, size):
                    # 1A ends the table; where it counts more records, a record may be damaged there.
                    if held[at] == 0x1A and number >= self.header.count:
                        return
                    if number >= self.header.count and held[at] not in (0x20, 0x2A):
                        return
                    number += 1
                    yield number, held[at : at + size]
                held = held[whole:]
            if held and held != b"\x1a" and held[:1] in (b" ", b"*") and len(held.strip(b"\x1a\0 ")) > 0:
                self.short = number + 1
                yield number + 1, held

    def lines(self, *, is_deleted: bool) -> Iterator[Line]:
        for number, record in self.records():
            if (record[:1] == b"*") == is_deleted:
                yield (
                    number,
                    [
                        self._value(one, record[one.start : one.start + one.size], number)
                        for one in self.header.fields
                    ],
                )

    def _text(self, raw: bytes) -> str | None:
        text, replaced = codecs.decode(raw.rstrip(b" \0"), self.codec)
        self.replaced += replaced
        return text or None

    def _value(self, one: dbf.Field, raw: bytes, number: int) -> str | None:
        try:
            if one.kind in _MEMOS:
                return self._memo(one, raw)
            return _typed(one, raw, self.header.version) if one.kind not in "CV" else self._text(raw)
        except (ValueError, struct.error, OverflowError) as error:
            if len(self.wrong) < _MOST_NOTED:
                self.wrong.append((number, f"{codecs.decode(one.name, self.codec)[0]}: {error}"))
            return codecs.decode(raw.rstrip(b" \0"), self.codec)[0] or None

    def _memo(self, one: dbf.Field, raw: bytes) -> str | None:
        block = int.from_bytes(raw, "little") if len(raw) == 4 else int(raw.strip(b" \0") or b"0")
        if block == 0:
            return None
        if self.memo is None or one.kind != "M":
            return f"block {block}"
        return self._text(self.memo(block))

    def problems(self) -> Iterator[Problem]:
        """What was met, when every record is read."""
        if self.last < self.header.count or self.short:
            message = f"the header counts {self.header.count} records, {self.last} are in the file{', the last one cut short' if self.short else ''}"
            yield Problem(kind=ProblemKind.TRUNCATED, locator=f"record:{self.last}", message=message)
        elif self.last > self.header.count:
            message = f"the header counts {self.header.count} records, {self.last} are in the file and read"
            yield Problem(
                kind=ProblemKind.AMBIGUOUS, locator=f"record:{self.header.count + 1}", message=message
            )
        for number in self.odd:
            message = "the record begins with neither of the marks of a record; it is read as one that is not deleted"
            yield Problem(kind=ProblemKind.DAMAGED, locator=f"record:{number}", message=message)
        for number, told in self.wrong:
            yield Problem(
                kind=ProblemKind.DAMAGED,
                locator=f"record:{number}",
                message=f"a value cannot be read: {told}",
            )
        if self.replaced:
            message = f"{self.replaced} bytes are not {self.codec}; they stand in the cells as \\xNN"
            yield Problem(kind=ProblemKind.DAMAGED, locator="record:1", message=message)
        if self.stream is not None:
            self.stream.close()


def _typed(one: dbf.Field, raw: bytes, version: int) -> str | None:
    """A value that is no text.

    Raises:
        ValueError: the bytes are no value of the kind.
    """
    is_fox = version in (0x30, 0x31, 0x32)
    if one.kind in "0QW":
        # Null flags are of the record, not of a person; binary fields are told as their digits.
        return None if one.kind == "0" else raw.hex() or None
    least = 4 if one.kind in "I+" else 8
    if one.kind in "IOYT@+" and len(raw) < least:
        raise ValueError(f"{len(raw)} bytes for a field of kind {one.kind}")
    if one.kind in ("I", "+"):
        return str(_integer(raw[:4], version))
    if one.kind == "Y":
        amount = int.from_bytes(raw[:8], "little", signed=True)
        return f"{'-' if amount < 0 else ''}{abs(amount) // 10000}.{abs(amount) % 10000:04d}"
    if one.kind == "O" or (one.kind == "B" and is_fox and len(raw) == 8):
        return repr(struct.unpack("<d", raw[:8])[0])
    if one.kind in ("T", "@"):
        return _moment(*struct.unpack("<iI", raw[:8]))
    written = raw.strip(b" \0").decode("ascii")
    if one.kind == "D" and written:
        if len(written) != 8 or not written.isdecimal():
            raise ValueError(f"{written!r} is no date")
        return f"{written[:4]}-{written[4:6]}-{written[6:]}"
    if one.kind == "L":
        return _LOGICAL.get(written.upper(), written or None)
    return written or None


def _integer(raw: bytes, version: int) -> int:
    """FoxPro stores little-endian; dBASE 7 big-endian with the sign turned."""
    if version & 7 == 4:
        return int.from_bytes(raw, "big") - 0x80000000
    return int.from_bytes(raw, "little", signed=True)


def _moment(day: int, milliseconds: int) -> str | None:
    """A day of the Julian period and milliseconds of the day."""
    if day == 0:
        return None
    if not 0 < day - _JULIAN <= date.max.toordinal() or milliseconds > 86_400_000:
        raise ValueError(f"day {day} and {milliseconds} ms are no time")
    # Times are stored with an error of less than a second.
    seconds = timedelta(seconds=round(milliseconds / 1000))
    return f"{date.fromordinal(day - _JULIAN).isoformat()} {str(seconds).rjust(8, '0')}"
