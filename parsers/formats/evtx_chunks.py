"""Windows event log files (.evtx): the file header, the chunks, and where each record stands in them.

Nothing of a record's content is read here. What a chunk holds is told from its checksums, from the chain of its
records and from the numbers its header gives, so that a record a reader leaves out can be missed.

References:
    - J. Metz, Windows XML Event Log (EVTX) format: 2 File header, 3 Chunk, 3.3 Event record
    - [MS-EVEN6] 2.2.12 BinXml
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from parsers.contract import Problem, ProblemKind

FILE_SIGNATURE, CHUNK_SIGNATURE, RECORD_SIGNATURE = b"ElfFile\0", b"ElfChnk\0", b"**\0\0"
# EVTX format 2: the file header fills a block of 4096 bytes; 3: a chunk has 65536, its header 512.
FILE_HEADER_BYTES, CHUNK_BYTES, CHUNK_HEADER_BYTES = 4096, 65536, 512
# EVTX format 3.3: signature, size, number, time; the size stands again at the end of the record.
_RECORD = struct.Struct("<4sIQQ")
SMALLEST_RECORD = _RECORD.size + 4
_NO_CHECKSUMS = 0x04


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeader:
    """What the file header says, as far as its checksum vouches for it; `problems` tell where it does not."""

    is_log: bool
    chunk_count: int
    has_checksums: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A record within its chunk; `end` is that of the chunk where the size stored twice does not agree."""

    offset: int
    end: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A chunk: its bytes, fewer than 65536 where the file ends in it; its records; what is wrong with it.

    `is_sound` says that both checksums hold (or that the log has none), so that its bytes are those Windows wrote.
    `problems` name the damage of the chunk and each record that is not among `places`.
    """

    offset: int
    content: bytes
    places: tuple[Place, ...]
    is_sound: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """Fields of a chunk header, and which of its checksums hold."""

    first: int
    last: int
    free: int
    is_header_right: bool
    is_data_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    """Bytes between two records, or after the last, that are no record."""

    offset: int
    before: int


def read_file_header(head: bytes, size: int) -> FileHeader:
    """The file header; a log whose header is damaged is still one where a chunk follows it."""
    problems = []
    is_log = head[:8] == FILE_SIGNATURE
    chunk_count = flags = 0
    if is_log and len(head) >= 128:
        (chunk_count,) = struct.unpack_from("<H", head, 42)
        flags, checksum = struct.unpack_from("<II", head, 120)
        is_vouched = bool(flags & _NO_CHECKSUMS) or zlib.crc32(head[:120]) == checksum
    else:
        is_vouched = False
    if is_log and not is_vouched:
        problems.append(
            _problem(0, "the file header does not match its checksum; the chunks are read without it")
        )
    there = -(-max(size - FILE_HEADER_BYTES, 0) // CHUNK_BYTES)
    if is_vouched and there < chunk_count:
        message = f"the header counts {chunk_count} chunks, the file ends in chunk {there}"
        problems.append(_problem(size, message, ProblemKind.TRUNCATED))
    return FileHeader(
        is_log=is_log,
        chunk_count=chunk_count if is_vouched else 0,
        has_checksums=not (is_log and flags & _NO_CHECKSUMS),
        problems=tuple(problems),
    )


def chunks(stream: BinaryIO, header: FileHeader) -> Iterator[Chunk]:
    """Every chunk of the file in order, also those behind the number the header counts.

    Space that was never written is left out; it holds zeros only.
    """
    stream.seek(FILE_HEADER_BYTES)
    offset = FILE_HEADER_BYTES
    while content := stream.read(CHUNK_BYTES):
        index = (offset - FILE_HEADER_BYTES) // CHUNK_BYTES
        if content.count(0) != len(content):
            yield _chunk(content, offset, has_checksums=header.has_checksums)
        elif index < header.chunk_count:
            problem = _problem(offset, f"chunk {index} is counted by the file header and holds zeros only")
            yield Chunk(offset=offset, content=content, places=(), is_sound=False, problems=(problem,))
        offset += len(content)


def _chunk(stored: bytes, offset: int, *, has_checksums: bool) -> Chunk:
    there = len(stored)
    content = stored.ljust(CHUNK_BYTES, b"\0")
    header = _header(content, has_checksums=has_checksums)
    is_whole = there == CHUNK_BYTES
    is_sound = header.is_header_right and header.is_data_right and is_whole
    # The end of the records is known where a checksum vouches for it: the header's, or that of the records up to it.
    is_end_known = header.is_header_right or header.is_data_right
    end = min(header.free, there) if is_end_known else there
    places, gaps = _walk(content, end, is_end_known=is_end_known, may_go_on=not is_sound)
    problems = []
    if not is_whole:
        message = f"the file ends after {there} of the {CHUNK_BYTES} bytes of this chunk"
        problems.append(_problem(offset, message, ProblemKind.TRUNCATED))
    elif not is_sound:
        problems.append(_problem(offset, _damage(content, header, len(places))))
    problems += _lost(offset, places, gaps, _numbers(header, places), end)
    return Chunk(
        offset=offset, content=stored, places=tuple(places), is_sound=is_sound, problems=tuple(problems)
    )


def _header(content: bytes, *, has_checksums: bool) -> _Header:
    """EVTX format 3.1: numbers of the records at 24 and 32, end of the records at 48, checksums at 52 and 124."""
    first, last, _, _, free, of_data = struct.unpack_from("<QQIIII", content, 24)
    (of_header,) = struct.unpack_from("<I", content, 124)
    is_placed = CHUNK_HEADER_BYTES <= free <= CHUNK_BYTES
    is_signed = content.startswith(CHUNK_SIGNATURE)
    is_exempt = not has_checksums and not of_data and not of_header and is_placed and is_signed
    return _Header(
        first=first,
        last=last,
        free=free,
        is_header_right=is_placed
        and is_signed
        and (is_exempt or zlib.crc32(content[:120] + content[128:512]) == of_header),
        is_data_right=is_placed and (is_exempt or zlib.crc32(content[CHUNK_HEADER_BYTES:free]) == of_data),
    )


def _walk(content: bytes, end: int, *, is_end_known: bool, may_go_on: bool) -> tuple[list[Place], list[_Gap]]:
    """The records from the first on, each found by the size of the one before, and the gaps between them.

    Behind the end the header gives, records of an earlier use of the chunk may stand; there a record is taken
    only if its number continues the count, as in a log that was not closed.
    """
    places: list[Place] = []
    gaps: list[_Gap] = []
    position = CHUNK_HEADER_BYTES
    while position + SMALLEST_RECORD <= CHUNK_BYTES:
        found = _record_at(content, position)
        is_behind = position >= end
        if is_behind and not (may_go_on and found and places and found[1] == places[-1].number + 1):
            break
        if found is not None:
            following = position + found[0]
            is_sized = _ends_with_size(content, position, found[0])
            places.append(Place(offset=position, end=following if is_sized else CHUNK_BYTES, number=found[1]))
            if is_sized or _is_start(content, following, end):
                position = following
                continue
        elif is_end_known or content.count(0, position, end) != end - position:
            gaps.append(_Gap(offset=position, before=len(places)))
        position = _next_record(content, position + 4, end)
    return places, gaps


def _record_at(content: bytes, position: int) -> tuple[int, int] | None:
    """Size and number of the record that may begin here."""
    signature, size, number, _ = _RECORD.unpack_from(content, position)
    return (size, number) if signature == RECORD_SIGNATURE else None


def _ends_with_size(content: bytes, position: int, size: int) -> bool:
    end = position + size
    return (
        size >= SMALLEST_RECORD
        and end <= CHUNK_BYTES
        and content[end - 4 : end] == size.to_bytes(4, "little")
    )


def _is_start(content: bytes, position: int, end: int) -> bool:
    return position == end or content.startswith(RECORD_SIGNATURE, position)


def _next_record(content: bytes, position: int, end: int) -> int:
    """Where the next whole record begins; the end of the chunk where there is none before `end`."""
    while (position := content.find(RECORD_SIGNATURE, position, end)) >= 0:
        found = _record_at(content, position) if position + SMALLEST_RECORD <= CHUNK_BYTES else None
        if found is not None and _ends_with_size(content, position, found[0]):
            return position
        position += 4
    return CHUNK_BYTES


def _numbers(header: _Header, places: Sequence[Place]) -> range:
    """The numbers the records of a chunk should have: as its header says, else from the first record's to the last's.

    A chunk without records has a last number of -1; a span a chunk has no room for is no count of records.
    """
    if header.is_header_right:
        first, last = header.first, header.last
    else:
        first, last = (places[0].number, places[-1].number) if places else (0, -1)
    return range(first, last + 1) if 0 <= last - first < CHUNK_BYTES // SMALLEST_RECORD else range(0)


def _lost(
    offset: int, places: Sequence[Place], gaps: Sequence[_Gap], numbers: range, end: int
) -> Iterator[Problem]:
    """A problem for each record that should be in the chunk and is not, and for each gap that hides an unknown number."""
    told = set()
    there = {one.number for one in places}
    for number in numbers:
        if number not in there:
            gap = _gap_of(number, places, gaps)
            told.add(gap)
            place = end if gap is None else gap.offset
            yield _problem(offset + place, f"record {number} is lost: no record carries its number")
    for gap in gaps:
        if gap not in told:
            yield _problem(
                offset + gap.offset, "what stands between two records here is none: at least one is lost"
            )


def _gap_of(number: int, places: Sequence[Place], gaps: Sequence[_Gap]) -> _Gap | None:
    """The gap a record with this number would stand in: the last one behind a smaller number."""
    fitting = [gap for gap in gaps if not gap.before or places[gap.before - 1].number < number]
    return fitting[-1] if fitting else gaps[0] if gaps else None


def _damage(content: bytes, header: _Header, count: int) -> str:
    if not content.startswith(CHUNK_SIGNATURE):
        what = "the block does not begin as a chunk does"
    elif not header.is_header_right and not header.is_data_right:
        what = "neither the header of the chunk nor its records match their checksums"
    elif not header.is_header_right:
        what = "the header of the chunk does not match its checksum"
    else:
        what = "the records of the chunk do not match their checksum"
    return f"{what}; {count} records were found in it and read one by one, they may be altered"


def _problem(offset: int, message: str, kind: ProblemKind = ProblemKind.DAMAGED) -> Problem:
    return Problem(kind=kind, locator=str(offset), message=message)
