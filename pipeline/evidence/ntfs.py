"""NTFS by MFT entry, through libfsntfs: allocated and deleted, both time sets, alternate data streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pyfsntfs

from pipeline.evidence.entry import DEPTH_BUDGET, Entry, Walked, WalkProblem
from pipeline.evidence.names import escape

_ROOT = 5  # MFT entry of the root directory ([MS-FSCC] 2.1.5.1, NTFS documentation of libfsntfs, 5.2)
_FILE_NAME = 0x30
_INDEX = (1 << 48) - 1
_DOS_ONLY = 2
_EPOCH_OFFSET = 116_444_736_000_000_000  # FILETIME of 1970-01-01, [MS-DTYP] 2.3.3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    """One $FILE_NAME attribute: a name, the folder it stands in, and that attribute's own times."""

    text: str
    raw: bytes | None
    parent: int
    times: dict[str, Any]


_Names = dict[int, tuple[_Name, ...]]


def walk(stream: BinaryIO) -> Walked:
    """Every MFT entry under each of its names (hard links), and each of its alternate data streams once, by entry number."""
    volume = open_volume(stream)
    names: _Names = {}
    count = volume.get_number_of_file_entries()
    for index in range(count):
        try:
            entry = volume.get_file_entry(index)
            # An empty record was never used; an extension record is read with its base record.
            if not entry.is_empty() and not (entry.get_base_record_file_reference() or 0) & _INDEX:
                names[index] = _names(entry)
        except OSError as error:
            yield WalkProblem(
                kind="damaged",
                locator=f"mft:{index}",
                path="",
                message=f"MFT entry {index} cannot be read: {error}",
            )
    for index, own in names.items():
        yield from _entries(volume, index, own, names)


def open_volume(stream: BinaryIO) -> Any:
    """An open libfsntfs volume over a stream.

    Raises:
        OSError: it is no NTFS volume.
    """
    volume = pyfsntfs.volume()
    volume.open_file_object(stream)
    return volume


def open_entry(volume: Any, file_reference: int, stream_name: str | None) -> Any:
    """The data stream of an entry, with `read`.

    Raises:
        OSError: the entry or stream is not there.
    """
    entry = volume.get_file_entry(file_reference)
    if stream_name is None:
        return entry
    found = entry.get_alternate_data_stream_by_name(stream_name)
    if found is None:
        raise OSError(f"MFT entry {file_reference} has no such stream")
    return found


def _names(entry: Any) -> tuple[_Name, ...]:
    found = []
    for position in range(entry.get_number_of_attributes()):
        attribute = entry.get_attribute(position)
        if attribute.get_attribute_type() != _FILE_NAME or attribute.get_name_space() == _DOS_ONLY:
            continue
        text, raw = escape(attribute.get_name() or "")
        times: dict[str, Any] = {
            "name_created_at": _instant(attribute.get_creation_time_as_integer),
            "name_modified_at": _instant(attribute.get_modification_time_as_integer),
            "name_changed_at": _instant(attribute.get_entry_modification_time_as_integer),
            "name_accessed_at": _instant(attribute.get_access_time_as_integer),
        }
        found.append(
            _Name(
                text=text, raw=raw, parent=(attribute.get_parent_file_reference() or 0) & _INDEX, times=times
            )
        )
    return tuple(found)


def _path(index: int, name: _Name, names: _Names) -> str:
    """The path by parent references; what hangs on no folder, or in a loop, hangs under /$OrphanFiles."""
    if index == _ROOT:
        return "/"
    parts = [name.text]
    seen = {index}
    above = name.parent
    while above != _ROOT:
        if above in seen or not names.get(above) or len(parts) > DEPTH_BUDGET:
            return "/".join(["", "$OrphanFiles", *reversed(parts)])
        seen.add(above)
        parts.append(names[above][0].text)
        above = names[above][0].parent
    return "/" + "/".join(reversed(parts))


def _entries(volume: Any, index: int, own: tuple[_Name, ...], names: _Names) -> Walked:
    # A record without a name still has content: it is told by its number.
    listed = own or (_Name(text=f"$MFT-{index}", raw=None, parent=-1, times={}),)
    path = ""
    try:
        entry = volume.get_file_entry(index)
        # A record without a data stream ($Secure, $Extend/$Quota, one cut short) holds no content to read.
        kind = (
            "directory"
            if entry.has_directory_entries_index()
            else "file"
            if entry.has_default_data_stream()
            else "other"
        )
        for position, name in enumerate(listed):
            path = _path(index, name, names)
            main = Entry(
                path=path,
                name=name.text if index != _ROOT else "/",
                name_raw=name.raw,
                kind=kind,
                is_allocated=bool(entry.is_allocated()),
                size_bytes=entry.get_size() if kind == "file" else None,
                file_reference=index,
                sequence=(entry.get_file_reference() or 0) >> 48,
                link_target=_link(entry),
                created_at=_instant(entry.get_creation_time_as_integer),
                modified_at=_instant(entry.get_modification_time_as_integer),
                changed_at=_instant(entry.get_entry_modification_time_as_integer),
                accessed_at=_instant(entry.get_access_time_as_integer),
                **name.times,
            )
            yield main
            if position == 0:
                for stream in entry.alternate_data_streams:
                    yield _stream(main, stream)
    except OSError as error:
        yield WalkProblem(
            kind="damaged",
            locator=f"mft:{index}",
            path=path,
            message=f"MFT entry {index} cannot be read whole: {error}",
        )


def _stream(main: Entry, stream: Any) -> Entry:
    text, raw = escape(stream.get_name() or "")
    # $BadClus:$Bad is as large as the volume and holds nothing: it lists bad clusters, not content.
    is_bad_clusters = main.file_reference == 8 and text == "$Bad"
    return Entry(
        path=f"{main.path}:{text}",
        name=f"{main.name}:{text}",
        name_raw=raw,
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


def _link(entry: Any) -> str | None:
    try:
        target = entry.get_symbolic_link_target()
    except OSError:
        return None
    return None if target is None else escape(target)[0]


def _instant(read: Callable[[], int | None]) -> datetime | None:
    """A FILETIME as an instant; null for zero and for what lies outside the calendar."""
    value = read()
    if not value:
        return None
    seconds, rest = divmod(value - _EPOCH_OFFSET, 10_000_000)
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 10)
    except (OverflowError, ValueError, OSError):
        return None
