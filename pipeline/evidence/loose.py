"""Sources without a file system of their own: a folder, a zip or tar archive, a single file."""

from __future__ import annotations

import io
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from pipeline.evidence.entry import ENTRY_BUDGET, Entry, Walked, WalkProblem
from pipeline.evidence.names import escape, unescape

_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1


def walk_folder(root: Path) -> Walked:
    """Everything under a folder; links are told and never followed."""
    yield Entry(path="/", name="/", kind="directory")
    for folder, folders, names in os.walk(root, followlinks=False):
        folders.sort()
        inside = Path(folder).relative_to(root).as_posix()
        prefix = "" if inside == "." else "/" + "/".join(escape(part)[0] for part in inside.split("/"))
        for name in sorted([*folders, *names]):
            yield _of_path(Path(folder) / name, prefix, name)


def open_in_folder(root: Path, path: str) -> BinaryIO:
    """A file of a folder by its escaped path, no link followed anywhere on the way.

    Raises:
        OSError: it is not there, or a part of its path is a link.
    """
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    parts = [unescape(part) for part in path.strip("/").split("/")]
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.fdopen(os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder), "rb")
    finally:
        os.close(folder)


def walk_zip(file: Path) -> Walked:
    """Members of a zip in the order of its directory; nothing is unpacked, names go through no path."""
    yield Entry(path="/", name="/", kind="directory")
    with zipfile.ZipFile(file) as archive:
        for index, info in enumerate(archive.infolist()):
            if index > ENTRY_BUDGET:
                yield WalkProblem(
                    kind="limit",
                    locator=f"member:{index}",
                    path="",
                    message="too many members; the rest is not read",
                )
                return
            name, raw = _zip_name(info)
            path = _member_path(name)
            if info.flag_bits & _ENCRYPTED_FLAG:
                yield WalkProblem(
                    kind="locked",
                    locator=f"member:{index}",
                    path=path,
                    message="the member is encrypted; nothing in it is counted",
                )
            yield Entry(
                path=path,
                name=path.rsplit("/", 1)[-1],
                name_raw=raw,
                kind="directory" if info.is_dir() else "file",
                size_bytes=None if info.is_dir() else info.file_size,
                file_reference=index,
                modified_local=_zip_time(info),
            )


def open_in_zip(file: Path, index: int) -> BinaryIO:
    """A member by its place in the directory.

    Raises:
        OSError: it is damaged, encrypted, or compressed in a way that is not read.
    """
    try:
        archive = zipfile.ZipFile(file)  # the member keeps it open
        return cast(BinaryIO, _Translated(archive.open(archive.infolist()[index])))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, IndexError) as error:
        raise OSError(f"member {index}: {error}") from error


def walk_tar(file: Path) -> Walked:
    """Members of a tar, plain or compressed, in order; nothing is unpacked."""
    yield Entry(path="/", name="/", kind="directory")
    try:
        with tarfile.open(file, "r:*", errors="surrogateescape") as archive:
            for index, info in enumerate(archive):
                name, raw = escape(info.name)
                path = _member_path(name)
                kind = (
                    "directory"
                    if info.isdir()
                    else "file"
                    if info.isreg()
                    else "link"
                    if info.issym() or info.islnk()
                    else "other"
                )
                yield Entry(
                    path=path,
                    name=path.rsplit("/", 1)[-1],
                    name_raw=raw,
                    kind=kind,
                    size_bytes=info.size if kind == "file" else None,
                    file_reference=index,
                    link_target=escape(info.linkname)[0] if kind == "link" else None,
                    modified_at=_timestamp(info.mtime),
                )
    except (tarfile.TarError, EOFError, OSError) as error:
        yield WalkProblem(
            kind="truncated", locator="", path="", message=f"the archive cannot be read to its end: {error}"
        )


def open_in_tar(file: Path, index: int) -> BinaryIO:
    """A member by its place in the archive.

    Raises:
        OSError: it is not there or damaged.
    """
    try:
        archive = tarfile.open(file, "r:*", errors="surrogateescape")  # noqa: SIM115  the member keeps it open
        for position, info in enumerate(archive):
            if position == index:
                found = archive.extractfile(info)
                if found is not None:
                    return cast(BinaryIO, found)
    except (tarfile.TarError, EOFError) as error:
        raise OSError(f"member {index}: {error}") from error
    raise OSError(f"member {index} is not a file")


def walk_single(file: Path) -> Walked:
    """The file itself, as the only entry."""
    yield _of_path(file, "", file.name)


class _Translated(io.RawIOBase):
    """A zip member whose errors are OSError, as the other doors raise them."""

    def __init__(self, member: object) -> None:
        super().__init__()
        self._member = cast(BinaryIO, member)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return self._member.read(size)
        except (zipfile.BadZipFile, EOFError, RuntimeError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise OSError(str(error)) from error


def _of_path(path: Path, prefix: str, name: str) -> Entry:
    status = path.lstat()
    text, raw = escape(name)
    kind = (
        "directory" if stat.S_ISDIR(status.st_mode) else "file" if stat.S_ISREG(status.st_mode)
        else "link" if stat.S_ISLNK(status.st_mode) else "other"
    )  # fmt: skip
    return Entry(
        path=f"{prefix}/{text}",
        name=text,
        name_raw=raw,
        kind=kind,
        size_bytes=status.st_size if kind == "file" else None,
        link_target=escape(str(path.readlink()))[0] if kind == "link" else None,
        # Times of a copied folder are those of the copy; the last change is what copying tools keep.
        modified_at=_timestamp(status.st_mtime),
    )


def _zip_name(info: zipfile.ZipInfo) -> tuple[str, bytes | None]:
    """A member's name: UTF-8 where the archive says so, else cp932 where that reads it, else as it is."""
    if info.flag_bits & _UTF8_FLAG:
        return escape(info.orig_filename)
    raw = info.orig_filename.encode("cp437", "surrogateescape")
    for codec in ("ascii", "utf-8", "cp932"):
        try:
            text, _ = escape(raw.decode(codec))
        except UnicodeDecodeError:
            continue
        return text, None if codec == "ascii" else raw
    return escape(raw)


def _member_path(name: str) -> str:
    """A stored name as a path from `/`; what it would do to a path of ours does not matter, since it becomes none."""
    return "/" + name.strip("/")


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time)  # noqa: DTZ001  wall clock of unknown zone
    except ValueError:
        return None


def _timestamp(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
