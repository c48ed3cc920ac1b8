"""File systems dfVFS reads itself (XFS, APFS): a plain walk over its path specs, allocated entries only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, cast

from dfvfs.lib import definitions
from dfvfs.lib import errors as dfvfs_errors
from dfvfs.path import factory
from dfvfs.resolver import context, resolver
from dfvfs.serializer import json_serializer

from pipeline.evidence.entry import DEPTH_BUDGET, ENTRY_BUDGET, Entry, Walked, WalkProblem
from pipeline.evidence.names import escape, escape_part, unescape
from pipeline.evidence.stream import SpecStream

TYPES = {"xfs": definitions.TYPE_INDICATOR_XFS, "apfs": definitions.TYPE_INDICATOR_APFS}
_KINDS = {
    definitions.FILE_ENTRY_TYPE_FILE: "file",
    definitions.FILE_ENTRY_TYPE_DIRECTORY: "directory",
    definitions.FILE_ENTRY_TYPE_LINK: "link",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNREADABLE = (dfvfs_errors.Error, OSError, RuntimeError, ValueError)


def walk(path_spec: str, file_system: str) -> Walked:
    """Every allocated entry below the root, each folder once, whatever loops there are."""
    spec = factory.Factory.NewPathSpec(TYPES[file_system], location="/", parent=_parent(path_spec))
    try:
        root = resolver.Resolver.OpenFileEntry(spec, resolver_context=context.Context())
        if root is None:
            raise OSError("it has no root folder")
    except _UNREADABLE as error:
        message = f"the {file_system} volume cannot be opened: {error}"
        yield WalkProblem(kind="damaged", locator="", path="/", message=message)
        return
    yield Entry(path="/", name="/", kind="directory", file_reference=_reference(root))
    waiting: list[tuple[Any, str, int]] = [(root, "", 0)]
    seen = {_reference(root)}
    count = 0
    while waiting:
        folder, path, depth = waiting.pop()
        inner = []
        try:
            listed = sorted(folder.sub_file_entries, key=lambda one: str(one.name))
            for item in listed:
                entry = _entry(item, path)
                yield entry
                count += 1
                is_new = entry.kind == "directory" and entry.file_reference not in seen
                if is_new and depth < DEPTH_BUDGET:
                    seen.add(entry.file_reference)
                    inner.append((item, entry.path, depth + 1))
        except _UNREADABLE as error:
            message = f"folder cannot be read to its end: {error}"
            yield WalkProblem(kind="damaged", locator="", path=path or "/", message=message)
        if count > ENTRY_BUDGET:
            message = f"more than {ENTRY_BUDGET} entries; the rest is not read"
            yield WalkProblem(kind="limit", locator="", path=path, message=message)
            return
        waiting.extend(reversed(inner))


def open_entry(path_spec: str, file_system: str, path: str) -> BinaryIO:
    """The content of an entry by its path.

    Raises:
        OSError: it is not there.
    """
    location = "/" + "/".join(unescape(part) for part in path.strip("/").split("/"))
    spec = factory.Factory.NewPathSpec(TYPES[file_system], location=location, parent=_parent(path_spec))
    return cast(BinaryIO, SpecStream(spec))


def _parent(path_spec: str) -> Any:
    return json_serializer.JsonPathSpecSerializer.ReadSerialized(path_spec)


def _reference(item: Any) -> int | None:
    """The inode number, by the name each file system gives it."""
    found = getattr(item.path_spec, "inode", None) or getattr(item.path_spec, "identifier", None)
    return None if found is None else int(found)


def _entry(item: Any, folder: str) -> Entry:
    name, raw = escape_part(str(item.name))
    kind = _KINDS.get(item.entry_type, "other")
    return Entry(
        path=f"{folder}/{name}",
        name=name,
        name_raw=raw,
        kind=kind,
        size_bytes=None if kind == "directory" else item.size,
        file_reference=_reference(item),
        link_target=escape(str(item.link))[0] if kind == "link" else None,
        created_at=_instant(item.creation_time),
        modified_at=_instant(item.modification_time),
        changed_at=_instant(item.change_time),
        accessed_at=_instant(item.access_time),
    )


def _instant(moment: Any) -> datetime | None:
    """A dfdatetime value of nanoseconds as an instant; null for zero and for what lies outside the calendar."""
    nanoseconds = getattr(moment, "timestamp", None)
    if not nanoseconds:
        return None
    try:
        return _EPOCH + timedelta(microseconds=int(nanoseconds) // 1000)
    except OverflowError:
        return None
