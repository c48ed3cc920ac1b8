"""FAT, exFAT, ext, HFS+ and ISO 9660 through The Sleuth Kit: allocated and deleted names, orphans."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pytsk3

from pipeline.evidence.entry import DEPTH_BUDGET, ENTRY_BUDGET, Entry, Walked, WalkProblem
from pipeline.evidence.names import escape
from pipeline.evidence.volumes import Image

LOCAL_TIME = ("fat12", "fat16", "fat32", "exfat")
_ALLOCATED = int(pytsk3.TSK_FS_NAME_FLAG_ALLOC)
_KINDS = {
    int(pytsk3.TSK_FS_META_TYPE_REG): "file",
    int(pytsk3.TSK_FS_META_TYPE_DIR): "directory",
    int(pytsk3.TSK_FS_META_TYPE_VIRT_DIR): "directory",
    int(pytsk3.TSK_FS_META_TYPE_VIRT): "other",
    int(pytsk3.TSK_FS_META_TYPE_LNK): "link",
}


def open_volume(stream: BinaryIO) -> Any:
    """An open TSK file system over a stream.

    Raises:
        OSError: no file system is there.
    """
    return pytsk3.FS_Info(Image(stream))


def walk(stream: BinaryIO, file_system: str) -> Walked:
    """Every name in every folder, each folder once, whatever loops there are."""
    volume = open_volume(stream)
    root = int(volume.info.root_inum)
    yield Entry(path="/", name="/", kind="directory", file_reference=root)
    waiting: list[tuple[int, str, int]] = [(root, "", 0)]
    seen = {root}
    count = 0
    while waiting:
        inode, path, depth = waiting.pop()
        try:
            listed = list(volume.open_dir(inode=inode))
        except OSError as error:
            yield WalkProblem(
                kind="damaged",
                locator=f"inode:{inode}",
                path=path or "/",
                message=f"folder cannot be read: {error}",
            )
            continue
        inner = []
        for item in listed:
            entry = _entry(item, path, file_system)
            if entry is None:
                continue
            count += 1
            yield entry
            is_new = (
                entry.kind == "directory"
                and entry.file_reference is not None
                and entry.file_reference not in seen
            )
            if is_new and entry.file_reference is not None and depth < DEPTH_BUDGET:
                seen.add(entry.file_reference)
                inner.append((entry.file_reference, entry.path, depth + 1))
        if count > ENTRY_BUDGET:
            yield WalkProblem(
                kind="limit",
                locator="",
                path=path,
                message=f"more than {ENTRY_BUDGET} entries; the rest is not read",
            )
            return
        waiting.extend(reversed(inner))


def open_entry(volume: Any, file_reference: int) -> BinaryIO:
    """The content of an entry by its metadata address.

    Raises:
        OSError: the address holds nothing that can be read.
    """
    return io.BufferedReader(_File(volume.open_meta(inode=file_reference)), buffer_size=1 << 20)


class _File(io.RawIOBase):
    """A TSK file as a raw stream."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file
        self._size = int(file.info.meta.size) if file.info.meta else 0
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        block = self._file.read_random(self._at, wanted)
        buffer[: len(block)] = block
        self._at += len(block)
        return len(block)


def _entry(item: Any, folder: str, file_system: str) -> Entry | None:
    name_info, meta = item.info.name, item.info.meta
    if name_info is None or name_info.name in (b".", b".."):
        return None
    name, raw = escape(name_info.name)
    # A name with a slash would be read as a folder: it is written as an escaped byte.
    name = name.replace("/", "\\x2f")
    kind = "other" if meta is None else _KINDS.get(int(meta.type), "other")
    is_allocated = bool(int(name_info.flags) & _ALLOCATED)
    if file_system in LOCAL_TIME and name_info.name.endswith(b"(Volume Label Entry)"):
        kind = "other"  # the library tells the label of a FAT volume as a file
    return Entry(
        path=f"{folder}/{name}",
        name=name,
        name_raw=raw if "\\x2f" not in name else name_info.name,
        kind=kind,
        is_allocated=is_allocated,
        size_bytes=None if kind == "directory" or meta is None else int(meta.size),
        file_reference=None if meta is None else int(meta.addr),
        link_target=_link(meta) if kind == "link" else None,
        **(_times(meta, file_system) if meta is not None else {}),
    )


def _link(meta: Any) -> str | None:
    target = meta.link
    return None if target is None else escape(target if isinstance(target, bytes) else str(target))[0]


def _times(meta: Any, file_system: str) -> dict[str, Any]:
    created = _instant(meta, "crtime")
    modified = _instant(meta, "mtime")
    accessed = _instant(meta, "atime")
    if file_system in LOCAL_TIME:
        # The worker's zone is UTC, so what TSK made of the wall clock is that wall clock.
        walls = (created, modified, accessed)
        plain = [None if one is None else one.replace(tzinfo=None) for one in walls]
        return dict(zip(("created_local", "modified_local", "accessed_local"), plain, strict=True))
    return {
        "created_at": created,
        "modified_at": modified,
        "accessed_at": accessed,
        "changed_at": _instant(meta, "ctime"),
    }


def _instant(meta: Any, name: str) -> datetime | None:
    seconds = int(getattr(meta, name, 0) or 0)
    if seconds == 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(
            microsecond=int(getattr(meta, f"{name}_nano", 0) or 0) // 1000 % 1_000_000
        )
    except (OverflowError, ValueError, OSError):
        return None
