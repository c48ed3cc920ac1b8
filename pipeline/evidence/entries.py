"""Entries of a volume: the walk that lists them, and the door that opens their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from pipeline.evidence import generic, loose, ntfs, tsk
from pipeline.evidence.entry import Address, Entry, WalkProblem
from pipeline.evidence.source import Source
from pipeline.evidence.volumes import Volume, open_spec

LOOSE = ("folder", "zip", "tar", "single")


def walk(source: Source, volume: Volume) -> Iterator[Entry | WalkProblem]:
    """Every entry of a volume in a fixed order; what cannot be read is told in between.

    Raises:
        OSError: the volume cannot be opened at all.
    """
    match volume.file_system:
        case "folder":
            yield from loose.walk_folder(source.path)
        case "zip":
            yield from loose.walk_zip(source.path)
        case "tar":
            yield from loose.walk_tar(source.path)
        case "single":
            yield from loose.walk_single(source.path)
        case "ntfs":
            yield from ntfs.walk(open_spec(volume.path_spec))
        case name if name in generic.TYPES:
            yield from generic.walk(volume.path_spec, name)
        case name:
            yield from tsk.walk(open_spec(volume.path_spec), name)


class Door:
    """Opens entries by address and keeps their volumes open; for one process, read-only."""

    def __init__(self, root: Path) -> None:
        """`root` is the item's own path, for sources without a file system."""
        self._root = root
        self._volumes: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """The door itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the volumes go."""
        self._volumes.clear()

    def open(self, address: Address) -> BinaryIO:
        """A new stream over the bytes of an entry.

        Raises:
            OSError: they cannot be opened.
        """
        reference = address.file_reference
        match address.file_system:
            case "folder":
                return loose.open_in_folder(self._root, address.path)
            case "zip":
                return loose.open_in_zip(self._root, _needed(reference))
            case "tar":
                return loose.open_in_tar(self._root, _needed(reference))
            case "single":
                return self._root.open("rb")
            case "ntfs":
                return cast(
                    BinaryIO,
                    _Reading(ntfs.open_entry(self._volume(address), _needed(reference), address.stream_name)),
                )
            case name if name in generic.TYPES:
                return generic.open_entry(address.path_spec, name, address.path)
        return tsk.open_entry(self._volume(address), _needed(reference))

    def _volume(self, address: Address) -> Any:
        key = f"{address.file_system} {address.path_spec}"
        if key not in self._volumes:
            stream = open_spec(address.path_spec)
            self._volumes[key] = (
                ntfs.open_volume(stream) if address.file_system == "ntfs" else tsk.open_volume(stream)
            )
        return self._volumes[key]


class _Reading:
    """A libfsntfs stream as a context manager with `read`."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._stream.seek(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream = None

    def read(self, size: int) -> bytes:
        return bytes(self._stream.read(size))


def _needed(reference: int | None) -> int:
    if reference is None:
        raise OSError("the entry has no metadata address: its content is gone")
    return reference
