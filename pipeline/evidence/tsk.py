"""FAT, exFAT, ext, HFS+ and ISO 9660 through The Sleuth Kit: allocated and deleted names, orphans.

Not read: resource forks and extended attributes of HFS+ and ext; the zone that exFAT and ISO 9660 may state beside a time.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pytsk3

from pipeline.evidence.entry import DEPTH_BUDGET, ENTRY_BUDGET, Entry, Walked, WalkProblem
from pipeline.evidence.names import escape, escape_part
from pipeline.evidence.volumes import Image

FAT = ("fat12", "fat16", "fat32", "exfat")
# ISO 9660 keeps an offset beside each time (ECMA-119, 9.1.5), but TSK gives the wall clock without it.
LOCAL_TIME = (*FAT, "iso9660")
# The file system is named to TSK, since traces of an older one make its own guess ambiguous.
_TYPES = {
    "fat12": pytsk3.TSK_FS_TYPE_FAT12,
    "fat16": pytsk3.TSK_FS_TYPE_FAT16,
    "fat32": pytsk3.TSK_FS_TYPE_FAT32,
    "exfat": pytsk3.TSK_FS_TYPE_EXFAT,
    "ext": pytsk3.TSK_FS_TYPE_EXT_DETECT,
    "hfsplus": pytsk3.TSK_FS_TYPE_HFS_DETECT,
    "iso9660": pytsk3.TSK_FS_TYPE_ISO9660,
}
_ALLOCATED = int(pytsk3.TSK_FS_NAME_FLAG_ALLOC)
_META_ALLOCATED = int(pytsk3.TSK_FS_META_FLAG_ALLOC)
_KINDS = {
    int(pytsk3.TSK_FS_META_TYPE_REG): "file",
    int(pytsk3.TSK_FS_META_TYPE_DIR): "directory",
    int(pytsk3.TSK_FS_META_TYPE_VIRT_DIR): "directory",
    int(pytsk3.TSK_FS_META_TYPE_VIRT): "other",
    int(pytsk3.TSK_FS_META_TYPE_LNK): "link",
}
_LABEL_ENTRY = " (Volume Label Entry)"  # what TSK puts behind the name of a FAT label


def open_volume(stream: BinaryIO, file_system: str) -> Any:
    """An open TSK file system over a stream.

    Raises:
        OSError: no such file system is there.
    """
    try:
        return pytsk3.FS_Info(Image(stream), offset=0, type=_TYPES[file_system])
    except RuntimeError as error:
        raise OSError(str(error)) from error


def walk(stream: BinaryIO, file_system: str) -> Walked:
    """Every name in every folder, each folder once, whatever loops there are.

    Raises:
        OSError: the volume cannot be opened.
    """
    volume = open_volume(stream, file_system)
    root = int(volume.info.root_inum)
    yield Entry(path="/", name="/", kind="directory", file_reference=root)
    waiting: list[tuple[int, str, int]] = [(root, "", 0)]
    seen = {root}
    count = 0
    while waiting:
        inode, path, depth = waiting.pop()
        inner = []
        for found in _listed(volume, inode, path, file_system):
            yield found
            count += 1
            if count > ENTRY_BUDGET:
                message = f"more than {ENTRY_BUDGET} entries; the rest is not read"
                yield WalkProblem(kind="limit", locator="", path=path, message=message)
                return
            if not isinstance(found, Entry) or found.kind != "directory":
                continue
            reference = found.file_reference
            if reference is None or reference in seen:
                continue
            if depth >= DEPTH_BUDGET:
                message = f"folders lie more than {DEPTH_BUDGET} deep; what is in this one is not read"
                yield WalkProblem(
                    kind="limit", locator=f"inode:{reference}", path=found.path, message=message
                )
                continue
            seen.add(reference)
            inner.append((reference, found.path, depth + 1))
        waiting.extend(reversed(inner))


def open_entry(volume: Any, file_reference: int) -> BinaryIO:
    """The content of an entry by its metadata address.

    Raises:
        OSError: the address holds nothing that can be read.
    """
    try:
        return io.BufferedReader(_File(volume.open_meta(inode=file_reference)), buffer_size=1 << 20)
    except RuntimeError as error:
        raise OSError(str(error)) from error


class _File(io.RawIOBase):
    """A TSK file as a raw stream."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file
        self._size = int(file.info.meta.size) if file.info.meta else 0
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
        try:
            block = self._file.read_random(self._at, wanted)
        except RuntimeError as error:
            raise OSError(str(error)) from error
        if not block:
            # An end before the stated size is lost content, not the end of the file.
            raise OSError(f"the content ends at byte {self._at} of {self._size}")
        buffer[: len(block)] = block
        self._at += len(block)
        return len(block)


def _listed(volume: Any, inode: int, path: str, file_system: str) -> Iterator[Entry | WalkProblem]:
    try:
        names = list(volume.open_dir(inode=inode))
    except (OSError, RuntimeError) as error:
        message = f"folder cannot be read: {error}"
        yield WalkProblem(kind="damaged", locator=f"inode:{inode}", path=path or "/", message=message)
        return
    for item in names:
        entry = _entry(volume, item, path, file_system)
        if entry is not None:
            yield entry


def _entry(volume: Any, item: Any, folder: str, file_system: str) -> Entry | None:
    name_info = item.info.name
    if name_info is None or name_info.name in (b".", b".."):
        return None
    meta = item.info.meta or _meta(volume, int(name_info.meta_addr))
    name, raw = escape_part(name_info.name or b"")
    is_allocated = bool(int(name_info.flags) & _ALLOCATED)
    kind = "other" if meta is None else _KINDS.get(int(meta.type), "other")
    # A deleted name whose inode belongs to another file now: that file's content and times are not this name's.
    is_lost = meta is None or (not is_allocated and int(meta.flags) & _META_ALLOCATED)
    is_label = file_system in FAT and name.endswith(_LABEL_ENTRY)
    if is_lost or (is_label and meta is not None and not meta.size):
        kind = "other"
    return Entry(
        path=f"{folder}/{name}",
        name=name,
        name_raw=raw,
        kind=kind,
        is_allocated=is_allocated,
        size_bytes=None if kind == "directory" or is_lost else int(meta.size),
        file_reference=None if meta is None else int(meta.addr),
        link_target=_link(meta) if kind == "link" else None,
        **({} if is_lost else _times(meta, file_system)),
    )


def _meta(volume: Any, address: int) -> Any:
    """Metadata that TSK does not hand over with the name, as of every orphan; null where there is none."""
    if address == 0:
        return None
    try:
        return volume.open_meta(inode=address).info.meta
    except (OSError, RuntimeError):
        return None


def _link(meta: Any) -> str | None:
    target = meta.link
    return None if target is None else escape(target if isinstance(target, bytes) else str(target))[0]


def _times(meta: Any, file_system: str) -> dict[str, Any]:
    is_local = file_system in LOCAL_TIME
    created, modified, accessed, changed = (
        _instant(meta, name, is_local=is_local) for name in ("crtime", "mtime", "atime", "ctime")
    )
    if is_local:
        return {"created_local": created, "modified_local": modified, "accessed_local": accessed}
    return {"created_at": created, "modified_at": modified, "accessed_at": accessed, "changed_at": changed}


def _instant(meta: Any, name: str, *, is_local: bool) -> datetime | None:
    seconds = int(getattr(meta, name, 0) or 0)
    if seconds == 0:
        return None
    try:
        # TSK turns a FAT wall clock into seconds by this process's zone: the same zone gives the wall clock back.
        moment = datetime.fromtimestamp(seconds, None if is_local else UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return moment.replace(microsecond=int(getattr(meta, f"{name}_nano", 0) or 0) // 1000 % 1_000_000)
