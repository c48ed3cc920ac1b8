"""Sources without a file system of their own: a folder, a zip or tar archive, a single file."""

from __future__ import annotations

import io
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from parsers.formats.zip_names import ENCRYPTED_FLAG, member_name, member_time
from pipeline.evidence.entry import DEPTH_BUDGET, ENTRY_BUDGET, Entry, Walked, WalkProblem
from pipeline.evidence.names import escape, escape_part, unescape

MOST_BYTES = 1 << 40  # a zip whose members state more than this in all is a bomb, not evidence
_DAMAGED_ZIP = (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError, zlib.error, lzma.LZMAError)
_DAMAGED_TAR = (tarfile.TarError, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)


def walk_folder(root: Path) -> Walked:
    """Everything under a folder; links are told and never followed."""
    yield Entry(path="/", name="/", kind="directory")
    waiting: list[tuple[Path, str, int]] = [(root, "", 0)]
    while waiting:
        folder, prefix, depth = waiting.pop()
        try:
            with os.scandir(folder) as listing:
                names = sorted((one.name for one in listing), key=os.fsencode)
        except OSError as error:
            message = f"folder cannot be listed: {error.strerror}"
            yield WalkProblem(kind="unreadable", locator="", path=prefix or "/", message=message)
            continue
        inner = []
        for name in names:
            for found in _of_path(folder / name, prefix, name):
                yield found
                if not isinstance(found, Entry) or found.kind != "directory":
                    continue
                if depth < DEPTH_BUDGET:
                    inner.append((folder / name, found.path, depth + 1))
                else:
                    message = f"folders lie more than {DEPTH_BUDGET} deep; what is in this one is not read"
                    yield WalkProblem(kind="limit", locator="", path=found.path, message=message)
        waiting.extend(reversed(inner))


def open_in_folder(root: Path, path: str) -> BinaryIO:
    """A file of a folder by its escaped path, no link followed anywhere on the way.

    Raises:
        OSError: it is not there, is no file, or a part of its path is a link.
    """
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    parts = [unescape(part) for part in path.strip("/").split("/")]
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = inner
        return _regular(os.open(parts[-1], _FILE_FLAGS | os.O_NOFOLLOW, dir_fd=folder))
    finally:
        os.close(folder)


# Without waiting: a pipe put in a file's place must not hold the reader.
_FILE_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


def open_single(file: Path) -> BinaryIO:
    """The file itself.

    Raises:
        OSError: it cannot be read or is no file.
    """
    return _regular(os.open(file, _FILE_FLAGS))


def _regular(descriptor: int) -> BinaryIO:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("it is not a regular file")
    return os.fdopen(descriptor, "rb")


def walk_zip(file: Path) -> Walked:
    """Members of a zip in the order of its directory; nothing is unpacked, names go through no path."""
    yield Entry(path="/", name="/", kind="directory")
    stated = 0
    try:
        with zipfile.ZipFile(file) as archive:
            for index, info in enumerate(archive.infolist()):
                locator = f"member:{index}"
                stated += info.file_size
                if index >= ENTRY_BUDGET or stated > MOST_BYTES:
                    message = "the archive states too many members or bytes; the rest is not read"
                    yield WalkProblem(kind="limit", locator=locator, path="", message=message)
                    return
                entry = _of_member(info, index)
                if info.flag_bits & ENCRYPTED_FLAG:
                    message = "the member is encrypted; nothing in it is counted"
                    yield WalkProblem(kind="locked", locator=locator, path=entry.path, message=message)
                yield entry
    except _DAMAGED_ZIP as error:
        message = f"the archive cannot be read: {error}"
        yield WalkProblem(kind="damaged", locator="", path="", message=message)


class Zip:
    """An open zip whose members are read by their place in its directory."""

    def __init__(self, file: Path) -> None:
        """Read the directory.

        Raises:
            OSError: it cannot be read.
        """
        try:
            self._archive = zipfile.ZipFile(file)
            self._members = self._archive.infolist()
        except _DAMAGED_ZIP as error:
            raise OSError(str(error)) from error

    def open(self, index: int) -> BinaryIO:
        """A member.

        Raises:
            OSError: it is damaged, encrypted, or compressed in a way that is not read.
        """
        try:
            return io.BufferedReader(_Member(self._archive.open(self._members[index])), 1 << 20)
        except (*_DAMAGED_ZIP, NotImplementedError, IndexError) as error:
            raise OSError(f"member {index}: {error}") from error

    def close(self) -> None:
        """Let the file go."""
        self._archive.close()


def walk_tar(file: Path) -> Walked:
    """Members of a tar, plain or compressed, in order; nothing is unpacked."""
    yield Entry(path="/", name="/", kind="directory")
    try:
        with tarfile.open(file, "r:*", errors="surrogateescape") as archive:
            for index, info in enumerate(archive):
                if index >= ENTRY_BUDGET:
                    message = "the archive holds too many members; the rest is not read"
                    yield WalkProblem(kind="limit", locator=f"member:{index}", path="", message=message)
                    return
                yield _of_tar(info, index)
    except _DAMAGED_TAR as error:
        message = f"the archive cannot be read to its end: {error}"
        yield WalkProblem(kind="truncated", locator="", path="", message=message)


class Tar:
    """An open tar whose members are read by their place in it."""

    def __init__(self, file: Path) -> None:
        """Begin at the first member.

        Raises:
            OSError: it is no tar.
        """
        try:
            self._archive = tarfile.open(file, "r:*", errors="surrogateescape")  # noqa: SIM115  closed by close
        except _DAMAGED_TAR as error:
            raise OSError(str(error)) from error
        self._coming: Iterator[tarfile.TarInfo] = iter(self._archive)
        self._members: list[tarfile.TarInfo] = []

    def open(self, index: int) -> BinaryIO:
        """A member; members in their order are found without going back.

        Raises:
            OSError: it is not there or damaged.
        """
        try:
            while len(self._members) <= index:
                self._members.append(next(self._coming))
            found = self._archive.extractfile(self._members[index]) if self._members[index].isreg() else None
        except StopIteration:
            found = None
        except (*_DAMAGED_TAR, KeyError) as error:
            raise OSError(f"member {index}: {error}") from error
        if found is None:
            raise OSError(f"member {index} is not a file")
        return io.BufferedReader(_Member(found), 1 << 20)

    def close(self) -> None:
        """Let the file go."""
        self._archive.close()


def walk_single(file: Path) -> Walked:
    """The file itself, as the only entry."""
    yield from _of_path(file, "", file.name, is_followed=True)


class _Member(io.RawIOBase):
    """A member of an archive whose errors are OSError, as at the other doors."""

    def __init__(self, member: object) -> None:
        super().__init__()
        self._member = cast(BinaryIO, member)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            block = self._member.read(len(buffer))
        except (*_DAMAGED_ZIP, tarfile.TarError) as error:
            raise OSError(str(error)) from error
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._member.close()
        super().close()


def _of_path(
    path: Path, prefix: str, name: str, *, is_followed: bool = False
) -> Iterator[Entry | WalkProblem]:
    text, raw = escape_part(name)
    try:
        status = path.stat() if is_followed else path.lstat()
        target = escape(str(path.readlink()))[0] if stat.S_ISLNK(status.st_mode) else None
    except OSError as error:
        message = f"the entry cannot be looked at: {error.strerror}"
        yield WalkProblem(kind="unreadable", locator="", path=f"{prefix}/{text}", message=message)
        return
    kind = (
        "directory" if stat.S_ISDIR(status.st_mode) else "file" if stat.S_ISREG(status.st_mode)
        else "link" if target is not None else "other"
    )  # fmt: skip
    yield Entry(
        path=f"{prefix}/{text}",
        name=text,
        name_raw=raw,
        kind=kind,
        size_bytes=status.st_size if kind == "file" else None,
        link_target=target,
        # Times of a copied folder are those of the copy; the last change is what copying tools keep.
        modified_at=_timestamp(status.st_mtime_ns / 1e9),
    )


def _of_member(info: zipfile.ZipInfo, index: int) -> Entry:
    stored, raw = member_name(info)
    name, changed = escape(stored)
    path = _member_path(name)
    # The upper half of the external attributes is a Unix mode where the archive was made on such a system (APPNOTE 4.4.15).
    mode = info.external_attr >> 16
    kind = "directory" if info.filename.endswith("/") else "link" if stat.S_ISLNK(mode) else "file"
    return Entry(
        path=path,
        name=path.rsplit("/", 1)[-1],
        name_raw=raw or changed,
        kind=kind,
        size_bytes=info.file_size if kind == "file" else None,
        file_reference=index,
        modified_local=member_time(info),
    )


def _of_tar(info: tarfile.TarInfo, index: int) -> Entry:
    name, raw = escape(info.name)
    path = _member_path(name)
    kind = (
        "directory" if info.isdir() else "file" if info.isreg()
        else "link" if info.issym() or info.islnk() else "other"
    )  # fmt: skip
    return Entry(
        path=path,
        name=path.rsplit("/", 1)[-1],
        name_raw=raw,
        kind=kind,
        size_bytes=info.size if kind == "file" else None,
        file_reference=index,
        link_target=escape(info.linkname)[0] if kind == "link" else None,
        modified_at=_timestamp(info.mtime),
    )


def _member_path(name: str) -> str:
    """A stored name as a path from `/`; what it would do to a path of ours does not matter, since it becomes none."""
    return "/" + name.strip("/")


def _timestamp(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
