"""File systems dfVFS reads itself (XFS): a plain walk over its path specs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

from dfvfs.lib import definitions
from dfvfs.lib import errors as dfvfs_errors
from dfvfs.path import factory
from dfvfs.resolver import context, resolver
from dfvfs.serializer import json_serializer

from pipeline.evidence.entry import DEPTH_BUDGET, Entry, Walked, WalkProblem
from pipeline.evidence.names import escape, unescape
from pipeline.evidence.stream import SpecStream

TYPES = {"xfs": definitions.TYPE_INDICATOR_XFS}
_KINDS = {
    definitions.FILE_ENTRY_TYPE_FILE: "file",
    definitions.FILE_ENTRY_TYPE_DIRECTORY: "directory",
    definitions.FILE_ENTRY_TYPE_LINK: "link",
}


def walk(path_spec: str, file_system: str) -> Walked:
    """Every allocated entry below the root, each folder once."""
    spec = factory.Factory.NewPathSpec(TYPES[file_system], location="/", parent=_parent(path_spec))
    try:
        root = resolver.Resolver.OpenFileEntry(spec, resolver_context=context.Context())
    except (dfvfs_errors.Error, OSError) as error:
        yield WalkProblem(
            kind="damaged",
            locator="",
            path="/",
            message=f"the {file_system} volume cannot be opened: {error}",
        )
        return
    yield Entry(path="/", name="/", kind="directory")
    waiting: list[tuple[Any, str, int]] = [(root, "", 0)]
    while waiting:
        folder, path, depth = waiting.pop()
        try:
            listed = sorted(folder.sub_file_entries, key=lambda one: str(one.name))
        except (dfvfs_errors.Error, OSError) as error:
            yield WalkProblem(
                kind="damaged", locator="", path=path or "/", message=f"folder cannot be read: {error}"
            )
            continue
        inner = []
        for item in listed:
            entry = _entry(item, path)
            yield entry
            if entry.kind == "directory" and depth < DEPTH_BUDGET:
                inner.append((item, entry.path, depth + 1))
        waiting.extend(reversed(inner))


def open_entry(path_spec: str, file_system: str, path: str) -> BinaryIO:
    """The content of an entry by its path.

    Raises:
        OSError: it is not there.
    """
    location = "/" + "/".join(unescape(part) for part in path.strip("/").split("/"))
    return cast(
        BinaryIO,
        SpecStream(
            factory.Factory.NewPathSpec(TYPES[file_system], location=location, parent=_parent(path_spec))
        ),
    )


def _parent(path_spec: str) -> Any:
    return json_serializer.JsonPathSpecSerializer.ReadSerialized(path_spec)


def _entry(item: Any, folder: str) -> Entry:
    name, raw = escape(str(item.name))
    kind = _KINDS.get(item.entry_type, "other")
    return Entry(
        path=f"{folder}/{name}",
        name=name,
        name_raw=raw,
        kind=kind,
        size_bytes=None if kind == "directory" else item.size,
        link_target=escape(str(item.link))[0] if kind == "link" else None,
        created_at=_instant(item.creation_time),
        modified_at=_instant(item.modification_time),
        changed_at=_instant(item.change_time),
        accessed_at=_instant(item.access_time),
    )


def _instant(moment: Any) -> datetime | None:
    """A dfdatetime value as an instant, microseconds."""
    if moment is None:
        return None
    micro = (
        moment.CopyToPosixTimestampInNanoseconds()
        if hasattr(moment, "CopyToPosixTimestampInNanoseconds")
        else None
    )
    if micro is None:
        seconds = moment.CopyToPosixTimestamp()
        return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)
    seconds, rest = divmod(int(micro), 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)
