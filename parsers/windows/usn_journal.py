r"""NTFS change journal ($UsnJrnl:$J), and what NTFS keeps about it ($UsnJrnl:$Max).

Shows: which files and folders were created, written, renamed and deleted, when and in which folder (by reference),
as far back as the journal was kept; since when this journal has existed.
Does not show: who or which program did it, nor the full path: a record holds the file's name and its folder's
reference, which leads to a path only through the MFT and other records of the journal. A deletion is the removal of
the file itself: moving to a recycle bin is a rename (`rename_new_name` to a $R name), and removing one of several
hard links is `hard_link_change`. Flags add up until a file is closed, so one act may stand in several records; times
are those of the machine's clock when the record was written, not of each flag in it. Normally days to weeks are
kept: what is older was overwritten by design, and a young first record alone does not show that a journal was deleted.
Not read: the journal of ReFS, records in unallocated clusters, $LogFile.

A stream of this kind is sparse: zeros are passed over. Within one journal the distance of a record's number from its
place in the stream does not change; where it does, something between is missing (a journal deleted and made again, a
copy that left parts out, damage) and a problem says so. Records found by searching behind damage are `recovered`.
Version 4 holds neither time nor name, only the ranges of the file that changed.

References:
    - Microsoft, winioctl.h: USN_RECORD_V2, _V3, _V4, USN_REASON_*, USN_SOURCE_*; "Change Journals"
    - libfsntfs, New Technologies File System (NTFS), "USN change journal" ($Max: sizes, journal identifier, lowest number)
    - [MS-DTYP] 2.3.3 FILETIME; [MS-FSCC] 2.1.5.1 (file reference: 48 bits of number, 16 bits of sequence)
"""

from __future__ import annotations

import struct
from typing import Any

import pyarrow as pa

from parsers.contract import (
    Artefact,
    Batch,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    integer,
    parser,
    text,
    texts,
    utc,
)
from parsers.formats import usn
from parsers.formats.filetime import instant
from parsers.formats.wide import wide_text
from parsers.questions import DELETED

JOURNAL = Table(
    "windows_usn_journal",
    Column("usn", integer, "Number of the record in the change journal: its place in the whole stream."),
    Column("recorded_at", utc, "When the change was recorded, by the clock of the machine."),
    Column("file_name", text, "Name of the file or folder, without its path."),
    Column("reasons", texts, "What changed since the file was opened, as Windows names the flags."),
    Column("reason_flags", integer, "What changed, as Windows numbers the flags."),
    Column("file_reference", integer, "MFT entry or inode number."),
    Column("sequence", integer, "Sequence number of the MFT entry."),
    Column("parent_reference", integer, "MFT entry number of the folder the name stood in."),
    Column("parent_sequence", integer, "Sequence number of that folder's MFT entry."),
    Column(
        "wide_file_id", text, "Identifier of the file, 32 hex digits, where it is no reference of 64 bits."
    ),
    Column(
        "wide_parent_id",
        text,
        "Identifier of the folder, 32 hex digits, where it is no reference of 64 bits.",
    ),
    Column("change_sources", texts, "What Windows says of the program that made the change; mostly nothing."),
    Column("attributes_flags", integer, "File attributes, as Windows numbers them."),
    Column("security_id", integer, "Number of the security descriptor in $Secure."),
    Column(
        "changed_ranges", texts, "Ranges of the file that changed: offset and length joined by a plus sign."
    ),
    Column("ranges_left_count", integer, "Ranges of the same change that follow in later records."),
    Column("record_version", integer, "Version of the record's layout."),
    answers=DELETED(where="list_contains(reasons, 'file_delete')", at="recorded_at", what="file_name"),
)
STATE = Table(
    "windows_usn_journal_state",
    Column(
        "journal_created_at", utc, "When this journal was made; the identifier of the journal is that time."
    ),
    Column("journal_id", text, "Identifier of the journal, 16 hex digits."),
    Column("lowest_usn", integer, "Lowest number a record of this journal can have."),
    Column("most_bytes", integer, "Size the journal is cut back to."),
    Column("step_bytes", integer, "Size the journal grows and is cut by."),
)

_BATCH_ROWS = 1000
_MOST_PROBLEMS = 1000
_REFERENCE = (1 << 48) - 1
_MAX = struct.Struct("<QQQQ")  # MaximumSize, AllocationDelta, UsnJournalID, LowestValidUsn
_NAMES = tuple(column.name for column in JOURNAL.columns)


def _is_journal(head: bytes) -> bool:
    """Whether the first bytes are zeros and then a record; a sparse journal may begin with zeros alone."""
    begin = len(head) - len(head.lstrip(b"\0"))
    place = begin // usn.ALIGNMENT * usn.ALIGNMENT
    return begin == len(head) or usn.read_record(head, place, 0, is_searched=True) is not None


def _is_state(head: bytes) -> bool:
    return len(head) == _MAX.size


@parser(
    version=1,
    wants=(
        # An alternate data stream is named after a colon; copies on other file systems have another sign there.
        Want("**/$UsnJrnl?$J"),
        Want("**/$UsnJrnl%3A$J"),
        Want("**/$J", sniff=_is_journal, is_strict=False),
        Want("**/$UsnJrnl?$Max"),
        Want("**/$UsnJrnl%3A$Max"),
        Want("**/$Max", sniff=_is_state, is_strict=False),
    ),
    tables=(JOURNAL, STATE),
    is_expected_on=("host",),
)
def usn_journal(artefact: Artefact) -> Yields:
    """One row per record of $J in stored order; one row for $Max."""
    if artefact.path.lower().endswith("$max"):
        yield from _state(artefact)
        return
    pending = _Pending()
    with artefact.open() as stream:
        for found in usn.records(stream):
            if isinstance(found, usn.Unread):
                pending.problem(_unread(found))
                continue
            status = Status.RECOVERED if found.is_searched else Status.OK
            if status != pending.status or len(pending.locators) >= _BATCH_ROWS or pending.problems:
                yield from pending.given()
            pending.status = status
            pending.add(found)
    yield from pending.given()
    yield from pending.last(artefact.size)


def _unread(found: usn.Unread) -> Problem:
    locator = str(found.offset)
    if found.is_end:
        message = f"the last {found.size} bytes are no whole record: the stream is cut, or damaged at its end"
        return Problem(kind=ProblemKind.TRUNCATED, locator=locator, message=message)
    message = f"{found.size} bytes are no record"
    return Problem(kind=ProblemKind.DAMAGED, locator=locator, message=message)


class _Pending:
    """Rows and problems that are not yielded yet, and how the numbers of the records run."""

    def __init__(self) -> None:
        self.status = Status.OK
        self.locators: list[str] = []
        self.problems: list[Problem] = []
        self._columns: list[tuple[Any, ...]] = []
        self._told = 0
        self._count = 0
        self._distance: int | None = None
        self._next = 0

    def problem(self, one: Problem) -> None:
        """Keep a problem, up to a budget."""
        self._told += 1
        if self._told <= _MOST_PROBLEMS:
            self.problems.append(one)

    def add(self, record: usn.Record) -> None:
        """Keep a record as a row."""
        distance = record.usn - record.offset
        if self._distance is not None and distance != self._distance:
            message = (
                f"the numbers jump from {self._next} to {record.usn}: what stood between is missing (a journal made "
                "anew, parts left out of a copy, or damage)"
            )
            kind = ProblemKind.AMBIGUOUS
            self.problem(Problem(kind=kind, locator=str(record.offset), message=message, column="usn"))
        self._distance = distance
        self._next = record.usn + record.size
        self._columns.append(self._row(record))
        self.locators.append(str(record.offset))
        self._count += 1

    def given(self) -> Yields:
        """A batch of the rows, then the problems; nothing is left behind."""
        if self.locators:
            arrays = [
                pa.array(values, column.type)
                for column, values in zip(JOURNAL.columns, zip(*self._columns, strict=True), strict=True)
            ]
            rows = pa.RecordBatch.from_arrays(arrays, names=list(_NAMES))
            yield Batch(table=JOURNAL, locators=pa.array(self.locators), rows=rows, status=self.status)
        yield from self.problems
        self.locators, self.problems, self._columns = [], [], []

    def last(self, size: int) -> Yields:
        """What is to be said at the end: problems beyond the budget, and that there was no record at all."""
        if self._told > _MOST_PROBLEMS:
            message = f"{self._told - _MOST_PROBLEMS} more problems of this journal are not listed"
            yield Problem(kind=ProblemKind.LIMIT, locator=str(size), message=message)
        if not self._count and not self._told:
            message = f"no record stands in {size} bytes, all of them zero: an empty journal, or one wiped"
            yield Problem(kind=ProblemKind.AMBIGUOUS, locator="0", message=message)

    def _row(self, record: usn.Record) -> tuple[Any, ...]:
        """The values of a row in the order of the columns."""
        return (
            record.usn,
            self._time(record),
            self._name(record),
            usn.flags(record.reason, usn.REASONS),
            record.reason,
            *_reference(record.file),
            *_reference(record.parent),
            _identifier(record.file),
            _identifier(record.parent),
            usn.flags(record.source, usn.SOURCES),
            record.attributes,
            record.security_id,
            None if record.ranges is None else [f"{offset}+{length}" for offset, length in record.ranges],
            record.ranges_left,
            record.version,
        )

    def _time(self, record: usn.Record) -> Any:
        if record.time is None:
            return None
        try:
            return instant(record.time)
        except ValueError as error:
            self._damaged(record, str(error), "recorded_at")
            return None

    def _name(self, record: usn.Record) -> str | None:
        if record.name is None:
            return None
        name, is_utf16 = wide_text(record.name)
        if not is_utf16:
            self._damaged(
                record, "the name is not UTF-16: half a surrogate is replaced by U+FFFD", "file_name"
            )
        return name

    def _damaged(self, record: usn.Record, message: str, column: str) -> None:
        self.problem(
            Problem(kind=ProblemKind.DAMAGED, locator=str(record.offset), message=message, column=column)
        )


def _reference(stored: int) -> tuple[int | None, int | None]:
    """Number and sequence of a file reference; none of an identifier wider than 64 bits."""
    return (stored & _REFERENCE, stored >> 48) if stored < 1 << 64 else (None, None)


def _identifier(stored: int) -> str | None:
    return None if stored < 1 << 64 else f"{stored:032x}"


def _state(artefact: Artefact) -> Yields:
    """The one row of $Max."""
    content = artefact.head(_MAX.size)
    if len(content) < _MAX.size:
        message = f"$Max is {_MAX.size} bytes long, {len(content)} are there"
        yield Problem(kind=ProblemKind.TRUNCATED, locator="0", message=message)
        return
    most, step, identifier, lowest = _MAX.unpack(content)
    values: dict[str, Any] = {"journal_id": f"{identifier:016x}"}
    problems: list[Problem] = []
    try:
        values["journal_created_at"] = instant(identifier)
    except ValueError as error:
        problem = Problem(
            kind=ProblemKind.DAMAGED, locator="16", message=str(error), column="journal_created_at"
        )
        problems.append(problem)
    for column, stored, locator in (
        ("most_bytes", most, "0"),
        ("step_bytes", step, "8"),
        ("lowest_usn", lowest, "24"),
    ):
        if stored < 1 << 63:
            values[column] = stored
        else:
            message = f"{stored:#x} is no size or number of a journal"
            problems.append(
                Problem(kind=ProblemKind.DAMAGED, locator=locator, message=message, column=column)
            )
    yield STATE.row("0", Status.PARTIAL if problems else Status.OK, **values)
    yield from problems
