"""NTFS by MFT entry, through libfsntfs: allocated and deleted, both time sets, alternate data streams.

A deleted entry hangs under its folder only while that folder's record is still the folder it names (sequence
number, [MS-FSCC] 2.1.5.1); otherwise it is an orphan, never put under a folder it was not in.
Not read: attributes of extension records whose base record is gone; volume shadow copies; slack;
what stands behind a NUL in a name, which libfsntfs leaves out.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import pyfsntfs

from parsers.formats.mft_record import has_zero_fraction, is_name_later, is_placeholder
from pipeline.evidence.entry import DEPTH_BUDGET, Entry, Walked, WalkProblem
from pipeline.evidence.names import escape, escape_part

ORPHANS = "/$OrphanFiles"
_ROOT = 5  # MFT entry of the root directory ([MS-FSCC] 2.1.5.1, NTFS documentation of libfsntfs, 5.2)
_BAD_CLUSTERS = 8
_FILE_NAME = 0x30
_INDEX = (1 << 48) - 1
_DOS_ONLY = 2
_ENCRYPTED = 0x4000  # FILE_ATTRIBUTE_ENCRYPTED, [MS-FSCC] 2.6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_OFFSET = 116_444_736_000_000_000  # FILETIME of 1970-01-01, [MS-DTYP] 2.3.3
_UNREADABLE = (OSError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    """One $FILE_NAME attribute: a name, the folder it stands in, and that attribute's own times."""

    text: str
    raw: bytes | None
    parent: int
    created: int
    times: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """What a path needs of an MFT entry."""

    names: tuple[_Name, ...]
    sequence: int
    is_allocated: bool


class _Folders:
    """Paths of folders by reference, each worked out once."""

    __slots__ = ("_known", "_records")

    def __init__(self, records: dict[int, _Record]) -> None:
        self._records = records
        self._known: dict[int, str] = {}

    def path(self, reference: int) -> str:
        """The path of a folder; what hangs on no folder, or in a loop, hangs under /$OrphanFiles."""
        chain: list[int] = []
        within: set[int] = set()
        base = ORPHANS
        while (index := reference & _INDEX) not in within and len(chain) < DEPTH_BUDGET:
            if index == _ROOT:
                base = ""
                break
            if not self._is_same(index, reference >> 48):
                break
            if index in self._known:
                base = self._known[index]
                break
            chain.append(index)
            within.add(index)
            reference = self._records[index].names[0].parent
        for index in reversed(chain):
            base = f"{base}/{self._records[index].names[0].text}"
            self._known[index] = base
        return base

    def _is_same(self, index: int, sequence: int) -> bool:
        """Whether a record is still the folder a reference means; deleting a record raises its sequence by one."""
        record = self._records.get(index)
        if record is None or not record.names:
            return False
        return sequence in (
            (0, record.sequence) if record.is_allocated else (0, record.sequence, record.sequence - 1)
        )


def walk(stream: BinaryIO) -> Walked:
    """Every MFT entry under each of its names (hard links), and each of its alternate data streams once, by entry number.

    Raises:
        OSError: it is no NTFS volume.
    """
    volume = open_volume(stream)
    records: dict[int, _Record] = {}
    for index in range(volume.get_number_of_file_entries()):
        try:
            record = _record(volume.get_file_entry(index))
        except _UNREADABLE as error:
            message = f"MFT entry {index} cannot be read: {error}"
            yield WalkProblem(kind="damaged", locator=f"mft:{index}", path="", message=message)
            continue
        if record is not None:
            records[index] = record
    folders = _Folders(records)
    for index, record in records.items():
        yield from _entries(volume, index, record, folders)


def open_volume(stream: BinaryIO) -> Any:
    """An open libfsntfs volume over a stream.

    Raises:
        OSError: it is no NTFS volume.
    """
    volume = pyfsntfs.volume()
    volume.open_file_object(stream)
    return volume


def open_entry(volume: Any, file_reference: int, stream_name: str | None) -> BinaryIO:
    """The bytes of an entry's main stream, or of the alternate data stream of that (escaped) name.

    Raises:
        OSError: the entry or stream is not there.
    """
    entry = volume.get_file_entry(file_reference)
    if stream_name is None:
        return io.BufferedReader(_Stream(entry), buffer_size=1 << 20)
    # By comparison, not by libfsntfs's own search: that cannot be given a lone surrogate.
    for one in entry.alternate_data_streams:
        if escape_part(one.get_name() or "")[0] == stream_name:
            return io.BufferedReader(_Stream(one), buffer_size=1 << 20)
    raise OSError(f"MFT entry {file_reference} has no such stream")


class _Stream(io.RawIOBase):
    """A libfsntfs data stream as a raw stream."""

    def __init__(self, stream: Any) -> None:
        super().__init__()
        self._stream = stream
        self._size = int(stream.get_size())
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence] + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        self._stream.seek(self._at)
        block = self._stream.read(wanted)
        if not block:
            # An end before the stated size is lost content, not the end of the file.
            raise OSError(f"the content ends at byte {self._at} of {self._size}")
        buffer[: len(block)] = block
        self._at += len(block)
        return len(block)


def _record(entry: Any) -> _Record | None:
    """An MFT entry's names, sequence and state; null for what holds nothing of its own."""
    # An empty record was never written; an extension record is read with its base record.
    if entry.is_empty() or (entry.get_base_record_file_reference() or 0) & _INDEX:
        return None
    is_allocated = bool(entry.is_allocated())
    # Formatting writes records without attributes: they were never used.
    if not is_allocated and not entry.get_number_of_attributes():
        return None
    return _Record(
        names=_names(entry), sequence=(entry.get_file_reference() or 0) >> 48, is_allocated=is_allocated
    )


def _names(entry: Any) -> tuple[_Name, ...]:
    found = []
    for attribute in entry.attributes:
        if attribute.get_attribute_type() != _FILE_NAME or attribute.get_name_space() == _DOS_ONLY:
            continue
        text, raw = escape_part(attribute.get_name() or "")
        times: dict[str, Any] = {
            "name_created_at": _instant(attribute.get_creation_time_as_integer),
            "name_modified_at": _instant(attribute.get_modification_time_as_integer),
            "name_changed_at": _instant(attribute.get_entry_modification_time_as_integer),
            "name_accessed_at": _instant(attribute.get_access_time_as_integer),
        }
        found.append(
            _Name(
                text=text,
                raw=raw,
                parent=attribute.get_parent_file_reference() or 0,
                created=attribute.get_creation_time_as_integer() or 0,
                times=times,
            )
        )
    return tuple(found)


def _entries(volume: Any, index: int, record: _Record, folders: _Folders) -> Walked:
    # A record without a name still has content: it is told by its number.
    listed = record.names or (_Name(text=f"$MFT-{index}", raw=None, parent=-1, created=0, times={}),)
    path = ""
    try:
        entry = volume.get_file_entry(index)
        own = _own(entry, index, record)
        created = entry.get_creation_time_as_integer()
        for position, name in enumerate(listed):
            above = folders.path(name.parent) if record.names else ORPHANS
            path = "/" if index == _ROOT else f"{above}/{name.text}"
            main = Entry(
                path=path,
                name="/" if index == _ROOT else name.text,
                name_raw=name.raw,
                is_name_later=is_name_later(created, name.created),
                **own,
                **name.times,
            )
            yield main
            if position == 0:
                if own["is_placeholder"] and own["kind"] == "file":
                    message = "the content lies in a cloud drive and not on this volume: it was not looked at, ask its provider"
                    yield WalkProblem(kind="unreadable", locator=f"mft:{index}", path=path, message=message)
                if own["kind"] == "file" and (entry.get_file_attribute_flags() or 0) & _ENCRYPTED:
                    message = (
                        "the file is encrypted (EFS); its bytes are ciphertext and nothing in them is counted"
                    )
                    yield WalkProblem(kind="locked", locator=f"mft:{index}", path=path, message=message)
                for stream in entry.alternate_data_streams:
                    yield _stream(main, stream)
    except _UNREADABLE as error:
        message = f"MFT entry {index} cannot be read whole: {error}"
        yield WalkProblem(kind="damaged", locator=f"mft:{index}", path=path, message=message)


def _own(entry: Any, index: int, record: _Record) -> dict[str, Any]:
    """The columns that are the same under each name of an entry."""
    link = _link(entry)
    attributes = entry.get_file_attribute_flags()
    # A record without a data stream ($Secure, $Extend/$Quota, one cut short) holds no content to read.
    kind = (
        "link" if link is not None
        else "directory" if entry.has_directory_entries_index()
        else "file" if entry.has_default_data_stream()
        else "other"
    )  # fmt: skip
    return {
        "kind": kind,
        "is_allocated": record.is_allocated,
        "size_bytes": entry.get_size() if kind == "file" else None,
        "file_reference": index,
        "sequence": record.sequence,
        "link_target": link,
        "file_attributes": attributes,
        "is_placeholder": is_placeholder(attributes),
        "has_zero_fraction": has_zero_fraction(entry.get_creation_time_as_integer()),
        "created_at": _instant(entry.get_creation_time_as_integer),
        "modified_at": _instant(entry.get_modification_time_as_integer),
        "changed_at": _instant(entry.get_entry_modification_time_as_integer),
        "accessed_at": _instant(entry.get_access_time_as_integer),
    }


def _stream(main: Entry, stream: Any) -> Entry:
    text, raw = escape_part(stream.get_name() or "")
    # $BadClus:$Bad is as large as the volume and holds nothing: it lists bad clusters, not content.
    is_bad_clusters = main.file_reference == _BAD_CLUSTERS and text == "$Bad"
    return Entry(
        path=f"{main.path}:{text}",
        name=f"{main.name}:{text}",
        name_raw=_joined(main, text, raw),
        kind="other" if is_bad_clusters else "stream",
        is_allocated=main.is_allocated,
        size_bytes=stream.get_size(),
        file_reference=main.file_reference,
        sequence=main.sequence,
        stream_name=text,
        created_at=main.created_at,
        modified_at=main.modified_at,
        changed_at=main.changed_at,
        accessed_at=main.accessed_at,
    )


def _joined(main: Entry, text: str, raw: bytes | None) -> bytes | None:
    if main.name_raw is None and raw is None:
        return None
    return (main.name_raw or main.name.encode()) + b":" + (raw or text.encode())


def _link(entry: Any) -> str | None:
    try:
        target = entry.get_symbolic_link_target()
    except _UNREADABLE:
        return None
    return escape(target)[0] if target else None


def _instant(read: Callable[[], int | None]) -> datetime | None:
    """A FILETIME as an instant; null for zero and for what lies outside the calendar."""
    value = read()
    if not value:
        return None
    try:
        return _EPOCH + timedelta(microseconds=(value - _EPOCH_OFFSET) // 10)
    except OverflowError:
        return None
