"""Entries of a volume: the walk that lists them, and the door that opens their bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from pipeline.evidence import generic, loose, ntfs, tsk
from pipeline.evidence.entry import Address, Entry, WalkProblem
from pipeline.evidence.source import Source
from pipeline.evidence.volumes import Volume, open_spec


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
        self._opened: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """The door itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the volumes go."""
        for one in self._opened.values():
            if isinstance(one, loose.Zip | loose.Tar):
                one.close()
        self._opened.clear()

    def open(self, address: Address) -> BinaryIO:
        """A new stream over the bytes of an entry.

        Raises:
            OSError: they cannot be opened.
        """
        reference, spec = address.file_reference, address.path_spec
        match address.file_system:
            case "folder":
                return loose.open_in_folder(self._root, address.path)
            case "single":
                return loose.open_single(self._root)
            case "zip":
                archive: loose.Zip = self._kept("zip", lambda: loose.Zip(self._root))
                return archive.open(_needed(reference))
            case "tar":
                tar: loose.Tar = self._kept("tar", lambda: loose.Tar(self._root))
                return tar.open(_needed(reference))
            case "ntfs":
                volume = self._kept(f"ntfs {spec}", lambda: ntfs.open_volume(open_spec(spec)))
                return ntfs.open_entry(volume, _needed(reference), address.stream_name)
            case name if name in generic.TYPES:
                return generic.open_entry(spec, name, address.path)
            case name:
                volume = self._kept(f"{name} {spec}", lambda: tsk.open_volume(open_spec(spec), name))
                return tsk.open_entry(volume, _needed(reference))

    def _kept(self, key: str, make: Callable[[], Any]) -> Any:
        if key not in self._opened:
            self._opened[key] = make()
        return self._opened[key]


def open_entry(source: Source, volume: Volume, address: Address) -> BinaryIO:
    """The bytes of one entry, for a caller that needs no other of the volume.

    Raises:
        OSError: they cannot be opened.
    """
    if (address.file_system, address.path_spec) != (volume.file_system, volume.path_spec):
        raise OSError("the entry lies on another volume")
    return Door(source.path).open(address)


def _needed(reference: int | None) -> int:
    if reference is None:
        raise OSError("the entry has no metadata address: its content is gone")
    return reference
