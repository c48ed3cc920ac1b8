r"""Master file tables of NTFS volumes ($MFT), above all those handed over alone in triage packages.

Shows: every file and folder the table knows, deleted ones included, with both sets of times, size, folder and
alternate data streams; signs that times were set by a program; object identifiers; which files of a cloud drive were not
on the volume; what small deleted files held.
Does not show: when something was deleted, or content. `is_name_later` and `has_zero_fraction` are signs and no proof:
unpacking an archive, copying and moving between volumes, installers and older file systems leave them too; their
absence proves nothing. A deleted record may have been used again since: its sequence number then differs.
Not read: resident content of files that are there, index entries ($I30), extended attributes, slack of records, the second copy in $MFTMirr. Names in the 8.3 form alone are left out.

On an image of the whole volume this is the table `file_entry` was made from, and its rows are the same files again with
more columns; there `file_entry` answers which were deleted. In a package no other source exists. Paths are built and
escaped as in `file_entry`: a deleted record hangs under its folder only while that folder's record is still the one
it names, otherwise under /$OrphanFiles. The table is read record by record; what is kept are the numbers of
extension records and the paths of some folders.

References:
    - J. Metz, New Technologies File System (NTFS), sections 5 (MFT) and 6 (attributes)
    - [MS-FSCC] 2.1.5.1 (file reference), 2.6 (file attributes); [MS-DTYP] 2.3.3 FILETIME
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

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
    binary,
    boolean,
    integer,
    parser,
    text,
    texts,
    utc,
)
from parsers.formats import mft_record
from parsers.formats.filetime import instant
from parsers.formats.mft_record import REFERENCE, SIGNATURE, Name, Record
from parsers.formats.wide import wide_name
from parsers.questions import DELETED

ENTRIES = Table(
    "windows_mft",
    Column("path", text, "Path on the volume, from the names of the folders; escaped as in file_entry."),
    Column("name", text, "Last part of the path, escaped in the same way."),
    Column("kind", text, "file, directory or other."),
    Column("is_allocated", boolean, "False for an entry that was deleted."),
    Column("size_bytes", integer, "Size of the content; null for a folder."),
    Column("allocated_bytes", integer, "Space on the volume set aside for the content."),
    Column("is_resident", boolean, "Whether the content stands in the MFT record itself."),
    Column("stream_names", texts, "Names of the alternate data streams, escaped in the same way."),
    Column("file_reference", integer, "MFT entry or inode number."),
    Column("sequence", integer, "Sequence number of the MFT entry."),
    Column("parent_reference", integer, "MFT entry number of the folder the name stood in."),
    Column("parent_sequence", integer, "Sequence number of that folder's MFT entry."),
    Column("base_reference", integer, "MFT entry this record extends, where that entry is gone."),
    Column("attributes_flags", integer, "File attributes, as Windows numbers them."),
    Column("is_placeholder", boolean, "Whether the content lies in a cloud drive (OneDrive) and not on the volume."),
    Column("reparse_tag", integer, "Kind of reparse point: a link, a mount point, a file of a cloud drive."),
    Column("object_id", text, "Object identifier, by which links follow a file; GUID, upper case."),
    Column("birth_volume_id", text, "Volume on which that identifier was given."),
    Column("birth_object_id", text, "Object identifier the file was born with."),
    Column("resident_data", binary, "Content that stands in the record itself; of deleted files only.", is_personal=True),
    Column("security_id", integer, "Number of the security descriptor in $Secure."),
    Column("last_usn", integer, "Number of the file's last record in the change journal, 0 where there is none."),
    Column("created_at", utc, "Creation; on NTFS from $STANDARD_INFORMATION."),
    Column("modified_at", utc, "Last change of the content."),
    Column("changed_at", utc, "Last change of the entry."),
    Column("accessed_at", utc, "Last access."),
    Column("name_created_at", utc, "Creation in $FILE_NAME."),
    Column("name_modified_at", utc, "Last change of the content in $FILE_NAME."),
    Column("name_changed_at", utc, "Last change of the entry in $FILE_NAME."),
    Column("name_accessed_at", utc, "Last access in $FILE_NAME."),
    Column("is_name_later", boolean, "Whether creation in $FILE_NAME is later than in $STANDARD_INFORMATION."),
    Column("has_zero_fraction", boolean, "Whether creation in $STANDARD_INFORMATION stands on a whole second."),
    answers=DELETED(
        # Records 12 to 23 are kept for the file system and never were a file (libfsntfs documentation, "Metadata files").
        # The table of a volume that was walked is that of file_entry, which answers for it.
        where="not is_allocated and not regexp_matches(path, '/\\$MFT-(1[2-9]|2[0-3])$') "
        "and entry_id not in (select entry_id from file_entry where file_reference = 0)",
        what="path",
    ),
)  # fmt: skip

_ORPHANS = "/$OrphanFiles"
_ROOT = 5  # MFT entry of the root directory
_DEPTH_BUDGET = 256
_PATHS_BUDGET = 1 << 24  # signs of folders' paths that are kept at a time
_EXTENSIONS_BUDGET = 1024  # an attribute list of 64 KiB names no more
_BATCH_ROWS = 1000
_MOST_PROBLEMS = 1000
_BLOCK_BYTES = 1 << 20
_TIMES = ("created_at", "modified_at", "changed_at", "accessed_at")
_NAMES = tuple(column.name for column in ENTRIES.columns)


def _is_table(head: bytes) -> bool:
    """Whether a table may begin so: its first record may be damaged, one of those after it then is whole."""
    return any(head.startswith(SIGNATURE, place) for place in range(0, len(head), 1024))


@parser(
    version=2,
    wants=(
        # By name and bytes both: $MFTMirr begins with the same bytes.
        Want("**/$MFT", sniff=_is_table),
        Want("**/*$MFT", sniff=_is_table, is_strict=False),
        Want("**/*.mft", sniff=_is_table, is_strict=False),
        Want("**/MFT", sniff=_is_table, is_strict=False),
    ),
    tables=(ENTRIES,),
)
def mft(artefact: Artefact) -> Yields:
    """One row for each name of each record, in the order of the table; one for a record without a name."""
    with artefact.open() as stream, artefact.open() as other:
        table = _Table(other, artefact)
        if not table.count:
            message = f"a record has {table.record_bytes} bytes, the file {artefact.size}"
            yield Problem(kind=ProblemKind.TRUNCATED, locator="0", message=message)
            return
        pending = _Pending(table)
        for index, content in table.records(stream):
            if len(pending.locators) >= _BATCH_ROWS or pending.problems:
                yield from pending.given()
            pending.take(index, content)
        pending.end(artefact.size)
        yield from pending.given()
        yield from pending.last()


class _Table:
    """A table's records by number, and the paths of its folders."""

    def __init__(self, stream: BinaryIO, artefact: Artefact) -> None:
        self._stream = stream
        self.record_bytes = mft_record.record_size(artefact.head(1 << 16))
        self.count = artefact.size // self.record_bytes
        self._paths: dict[int, str] = {}
        self._held = 0
        self._extensions = self._all_extensions()

    def records(self, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of every whole record, in order."""
        index = 0
        each = self.record_bytes
        while block := stream.read(_BLOCK_BYTES):
            for place in range(0, len(block) - each + 1, each):
                yield index, block[place : place + each]
                index += 1

    def whole(self, record: Record) -> Record:
        """A base record with what its extension records hold."""
        begin = bisect_left(self._extensions, record.index << 32)
        for key in self._extensions[begin : begin + _EXTENSIONS_BUDGET + 1]:
            if key >> 32 != record.index:
                return record
            if (
                extension := self._decoded(key & 0xFFFFFFFF)
            ) is not None and extension.base >> 48 == record.sequence:
                record.extend(extension)
        if len(self._extensions) - begin > _EXTENSIONS_BUDGET:
            record.faults.append(f"more than {_EXTENSIONS_BUDGET} records extend it; those are not read")
        return record

    def is_orphan(self, extension: Record) -> bool:
        """Whether the record an extension belongs to is gone."""
        base = self._decoded(extension.base & REFERENCE)
        return base is None or base.sequence != extension.base >> 48 or bool(base.base)

    def path(self, reference: int) -> str:
        """The path of a folder; what hangs on no folder, or in a loop, hangs under /$OrphanFiles."""
        chain: list[tuple[int, str]] = []
        within: set[int] = set()
        base = _ORPHANS
        while (index := reference & REFERENCE) not in within and len(chain) < _DEPTH_BUDGET:
            if index == _ROOT:
                base = ""
                break
            if reference in self._paths:
                base = self._paths[reference]
                break
            folder = self._folder(index, reference >> 48)
            if folder is None:
                break
            chain.append((reference, wide_name(folder.stored)))
            within.add(index)
            reference = folder.parent
        if self._held > _PATHS_BUDGET:
            self._paths.clear()
            self._held = 0
        for one, name in reversed(chain):
            base = f"{base}/{name}"
            self._paths[one] = base
            self._held += len(base)
        return base

    def _folder(self, index: int, sequence: int) -> Name | None:
        """The first name of a record that is still the folder a reference means; deleting it raises its sequence by one."""
        record = self._decoded(index)
        if record is None:
            return None
        known = (0, record.sequence) if record.is_in_use else (0, record.sequence, record.sequence - 1)
        if sequence not in known:
            return None
        names = record.names or self.whole(record).names
        return names[0] if names else None

    def _decoded(self, index: int) -> Record | None:
        if index >= self.count:
            return None
        self._stream.seek(index * self.record_bytes)
        content = self._stream.read(self.record_bytes)
        if not content.startswith(SIGNATURE) or len(content) < self.record_bytes:
            return None
        try:
            return mft_record.decode(content, index)
        except ValueError:
            return None

    def _all_extensions(self) -> array[int]:
        """Every extension record as the number of its base, 32 bits, then its own, in order."""
        found: array[int] = array("Q")
        for index, content in self.records(self._stream):
            base = mft_record.base_of(content) & REFERENCE
            if base and content.startswith(SIGNATURE) and base < self.count < 1 << 32:
                found.append(base << 32 | index)
        return array("Q", sorted(found))


class _Pending:
    """Rows and problems that are not yielded yet."""

    def __init__(self, table: _Table) -> None:
        self.locators: list[str] = []
        self.problems: list[Problem] = []
        self._table = table
        self._rows: list[dict[str, Any]] = []
        self._statuses: list[Status] = []
        self._told = 0
        self._stated: int | None = None

    def take(self, index: int, content: bytes) -> None:
        """Keep a record as rows; one never used or that extends another gives none."""
        if not content.startswith(SIGNATURE):
            if content.strip(b"\0"):
                is_bad = content.startswith(mft_record.DAMAGED_SIGNATURE)
                why = "Windows found it damaged" if is_bad else f"it begins {content[:4].hex(' ')}"
                self._problem(ProblemKind.DAMAGED, index, f"MFT entry {index} is no record: {why}")
            return
        try:
            record = mft_record.decode(content, index)
        except ValueError as error:
            self._problem(ProblemKind.DAMAGED, index, f"MFT entry {index} cannot be read: {error}")
            return
        if record.base & REFERENCE:
            if not self._table.is_orphan(record):
                return
        else:
            record = self._table.whole(record)
            # Formatting writes records without attributes: they were never used.
            if not record.is_in_use and not record.has_attributes and not record.faults:
                return
        if index == 0:
            self._stated = record.size
        self._keep(record)

    def end(self, size: int) -> None:
        """What is to be said when all records are read."""
        each = self._table.record_bytes
        if size % each:
            message = f"the last {size % each} bytes are no whole record of {each}"
            self._problem(ProblemKind.TRUNCATED, self._table.count, message)
        elif self._stated is not None and self._stated > size:
            message = f"the table says it has {self._stated} bytes, {size} are there"
            self._problem(ProblemKind.TRUNCATED, self._table.count, message)

    def given(self) -> Yields:
        """Batches of the rows, then the problems; nothing is left behind."""
        begin = 0
        while begin < len(self._rows):
            status = self._statuses[begin]
            end = begin + 1
            while end < len(self._rows) and self._statuses[end] == status:
                end += 1
            part = self._rows[begin:end]
            arrays = [
                pa.array([one.get(column.name) for one in part], column.type) for column in ENTRIES.columns
            ]
            rows = pa.RecordBatch.from_arrays(arrays, names=list(_NAMES))
            yield Batch(table=ENTRIES, locators=pa.array(self.locators[begin:end]), rows=rows, status=status)
            begin = end
        yield from self.problems
        self.locators, self.problems, self._rows, self._statuses = [], [], [], []

    def last(self) -> Yields:
        """Problems beyond the budget."""
        if self._told > _MOST_PROBLEMS:
            message = f"{self._told - _MOST_PROBLEMS} more problems of this table are not listed"
            yield Problem(kind=ProblemKind.LIMIT, locator=f"mft:{self._table.count}", message=message)

    def _keep(self, record: Record) -> None:
        told = self._told
        for fault in record.faults:
            self._problem(ProblemKind.DAMAGED, record.index, f"MFT entry {record.index}: {fault}")
        own = self._own(record)
        rows = [own | self._named(record, name) for name in record.names] or [own | _nameless(record)]
        status = Status.PARTIAL if self._told > told else Status.OK
        self._rows += rows
        self.locators += [f"mft:{record.index}"] * len(rows)
        self._statuses += [status] * len(rows)

    def _own(self, record: Record) -> dict[str, Any]:
        """The columns that are the same under each name."""
        return {
            "kind": "directory" if record.is_directory else "other" if record.size is None else "file",
            "is_allocated": record.is_in_use,
            "size_bytes": self._number(record, "size_bytes", record.size),
            "allocated_bytes": self._number(record, "allocated_bytes", record.allocated),
            "is_resident": record.is_resident,
            "stream_names": [wide_name(one) for one in record.streams],
            "file_reference": record.index,
            "sequence": record.sequence,
            "base_reference": record.base & REFERENCE or None,
            "attributes_flags": record.attributes,
            "is_placeholder": mft_record.is_placeholder(record.attributes, record.reparse_tag),
            "reparse_tag": record.reparse_tag,
            "object_id": next(iter(record.object_ids), None),
            "birth_volume_id": next(iter(record.object_ids[1:]), None),
            "birth_object_id": next(iter(record.object_ids[2:]), None),
            "resident_data": None if record.is_in_use else record.resident or None,
            "security_id": record.security_id,
            "last_usn": self._number(record, "last_usn", record.last_usn),
            "has_zero_fraction": mft_record.has_zero_fraction(_created(record)),
            **self._clocks(record, record.times, ""),
        }

    def _named(self, record: Record, name: Name) -> dict[str, Any]:
        is_root = record.index == _ROOT
        text = "/" if is_root else wide_name(name.stored)
        return {
            "path": "/" if is_root else f"{self._table.path(name.parent)}/{text}",
            "name": text,
            "parent_reference": name.parent & REFERENCE,
            "parent_sequence": name.parent >> 48,
            "is_name_later": mft_record.is_name_later(_created(record), name.times[0]),
            **self._clocks(record, name.times, "name_"),
        }

    def _clocks(
        self, record: Record, times: tuple[int, ...] | None, prefix: str
    ) -> dict[str, datetime | None]:
        found: dict[str, datetime | None] = {}
        for one, stored in zip(_TIMES, times or (), strict=False):
            column = f"{prefix}{one}"
            try:
                found[column] = instant(stored)
            except ValueError as error:
                self._problem(ProblemKind.DAMAGED, record.index, str(error), column)
        return found

    def _number(self, record: Record, column: str, stored: int | None) -> int | None:
        if stored is None or stored < 1 << 63:
            return stored
        self._problem(ProblemKind.DAMAGED, record.index, f"{stored:#x} is no number of bytes", column)
        return None

    def _problem(self, kind: ProblemKind, index: int, message: str, column: str | None = None) -> None:
        self._told += 1
        if self._told <= _MOST_PROBLEMS:
            self.problems.append(Problem(kind=kind, locator=f"mft:{index}", message=message, column=column))


def _created(record: Record) -> int | None:
    """Creation in $STANDARD_INFORMATION as stored."""
    return None if record.times is None else record.times[0]


def _nameless(record: Record) -> dict[str, Any]:
    """A record without a name is told by its number."""
    name = f"$MFT-{record.index}"
    return {"path": f"{_ORPHANS}/{name}", "name": name}
