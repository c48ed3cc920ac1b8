r"""7z archives.

Shows: each file as an entry of its own, with the time of its last change.
Does not show: folders without files. An encrypted archive (AES-256) is told as locked, and read where a password of the case opens it.
Not read: archives split over several files, methods the library does not know (told), anti-items.

References:
    - 7-Zip, 7zFormat.txt
"""

from __future__ import annotations

import lzma
import queue
import struct
import tempfile
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import py7zr
from py7zr.io import MemIO, Py7zIO, WriterFactory

from parsers.contract import Artefact, Member, Problem, ProblemKind, Want, Yields, parser
from parsers.formats import filetime

# What damaged bytes, or a wrong password, lead the library to.
_FAILURES = (
    py7zr.exceptions.ArchiveError, ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError,
    RuntimeError, TypeError, ValueError, lzma.LZMAError, struct.error, zlib.error,
)  # fmt: skip
_HELD_BYTES = 16 << 20
_MOST_MEMBERS = 1_000_000
_WAIT_SECONDS = 0.2


@parser(version=1, wants=(Want(signature=b"7z\xbc\xaf\x27\x1c"),))
def seven_zip(artefact: Artefact) -> Yields:
    """One member for each file, in stored order; the locator is `member:` and its place in the archive."""
    tried = "none of the passwords of the case opens it" if artefact.passwords else "ask for the password"
    for password in (None, *artefact.passwords):
        with artefact.open() as stream:
            try:
                archive = py7zr.SevenZipFile(stream, password=password)
            except py7zr.PasswordRequired:
                continue
            except _FAILURES as error:
                if password is not None:
                    continue
                message = f"the archive cannot be read: {type(error).__name__} {str(error)[:300]}".strip()
                yield Problem(kind=ProblemKind.DAMAGED, locator="archive", message=message)
                return
            is_encrypted = bool(archive.needs_password())
            if is_encrypted and password is None:
                if not artefact.passwords:
                    yield from _locked(_files(archive), tried)
                    return
                continue
            given = _given(archive, Path(artefact.local()).parent)
            first = next(given, None)
            # Where the very first file is not unpacked, the password is a wrong one.
            if is_encrypted and isinstance(first, Problem):
                continue
            if password is not None:
                artefact.opened_by(password)
            if first is not None:
                yield first
            yield from given
            return
    message = f"the archive is encrypted (AES-256); nothing in it is counted: {tried}"
    yield Problem(kind=ProblemKind.LOCKED, locator="archive", message=message)


def _files(archive: Any) -> list[Any]:
    """The files of an archive with their place in it."""
    return [one for one in archive.files if not one.is_directory and not one.is_socket]


def _locked(files: list[Any], tried: str) -> Yields:
    """The files of an archive whose list is open and whose content is not."""
    for one in files[:_MOST_MEMBERS]:
        message = f"the member is encrypted (AES-256); nothing in it is counted: {tried}"
        problem = Problem(kind=ProblemKind.LOCKED, locator=f"member:{one.id}", message=message)
        yield Member(refusal=problem, **_known(one))


def _known(one: Any) -> dict[str, Any]:
    return {
        "locator": f"member:{one.id}",
        "name": one.filename,
        "size": one.uncompressed,
        "modified_at": _time(one),
    }


def _time(one: Any) -> datetime | None:
    try:
        return None if one.lastwritetime is None else filetime.instant(int(one.lastwritetime))
    except (ValueError, OverflowError, TypeError):
        return None


def _given(archive: Any, folder: Path) -> Iterator[Member | Problem]:
    """Members as they are unpacked; where that ends early, those that are missing as members without content."""
    files = _files(archive)
    if len(files) > _MOST_MEMBERS:
        message = f"{len(files)} members, more than {_MOST_MEMBERS}; none is read"
        yield Problem(kind=ProblemKind.LIMIT, locator="archive", message=message)
        return
    unpacking = _Unpacking(archive, files, folder)
    left = {one.id: one for one in files}
    for number, content in unpacking.members():
        one = left.pop(number)
        with content:
            yield Member(content=content, **_known(one))
    if unpacking.error is None:
        return
    message = f"it is unpacked up to here: {type(unpacking.error).__name__} {str(unpacking.error)[:300]}"
    yield Problem(kind=ProblemKind.DAMAGED, locator="archive", message=message.strip())
    for one in left.values():
        message = "the archive cannot be unpacked up to this member"
        problem = Problem(kind=ProblemKind.DAMAGED, locator=f"member:{one.id}", message=message)
        yield Member(refusal=problem, **_known(one))


class _StoppedError(Exception):
    """Nobody asks for more members."""


class _Unpacking:
    """Unpacks in a thread of its own, since the library gives its files to a writer; one member waits at a time."""

    def __init__(self, archive: Any, files: list[Any], folder: Path) -> None:
        self.error: BaseException | None = None
        self._archive = archive
        self._folder = folder
        self._ready: queue.Queue[tuple[int, BinaryIO]] = queue.Queue(maxsize=1)
        self._is_stopped = threading.Event()
        self._open: list[BinaryIO] = []
        factory = _Writers(self)
        for one in files:
            # By its number: names may stand twice, and the library refuses an archive with a name that climbs out.
            archive.worker.register_filelike(one.id, MemIO(str(one.id), factory))

    def members(self) -> Iterator[tuple[int, BinaryIO]]:
        """Number and content of each member that was unpacked whole."""
        with ThreadPoolExecutor(1) as thread:
            unpacking = thread.submit(self._archive.worker.extract, self._archive.fp, None, parallel=False)
            try:
                while (one := self._next(unpacking)) is not None:
                    yield one
                    self._open.remove(one[1])
            finally:
                self._is_stopped.set()
                wait((unpacking,))
                for left in self._open:  # a member that was not unpacked whole
                    left.close()
            try:
                unpacking.result()
            except _FAILURES as error:
                self.error = error

    def _next(self, unpacking: Future[None]) -> tuple[int, BinaryIO] | None:
        """The next member; None when the library is done, or gave up, and no member waits."""
        while True:
            is_done = unpacking.done()
            try:
                return self._ready.get(timeout=0 if is_done else _WAIT_SECONDS)
            except queue.Empty:
                if is_done:
                    return None

    def file(self) -> BinaryIO:
        """A place for a member: in memory, in the scratch folder when large."""
        held = tempfile.SpooledTemporaryFile(_HELD_BYTES, dir=str(self._folder))  # noqa: SIM115  closed by who reads it
        self._open.append(cast(BinaryIO, held))
        return self._open[-1]

    def hand_over(self, number: int, content: BinaryIO) -> None:
        """Give a member that is whole; waits until the one before is read."""
        while True:
            self.check()
            try:
                self._ready.put((number, content), timeout=_WAIT_SECONDS)
            except queue.Full:
                continue
            return

    def check(self) -> None:
        """Raise where nobody asks for more."""
        if self._is_stopped.is_set():
            raise _StoppedError


class _Writers(WriterFactory):
    def __init__(self, unpacking: _Unpacking) -> None:
        self._unpacking = unpacking

    def create(self, filename: str) -> Py7zIO:
        return _Writer(int(filename), self._unpacking)


class _Writer(Py7zIO):
    """Takes one member's bytes and hands them over at the end."""

    def __init__(self, number: int, unpacking: _Unpacking) -> None:
        self._number = number
        self._unpacking = unpacking
        self._content = unpacking.file()
        self._size = 0

    def write(self, s: bytes | bytearray) -> int:
        self._unpacking.check()
        self._size += len(s)
        return self._content.write(s)

    def read(self, size: int | None = None) -> bytes:
        return self._content.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._content.seek(offset, whence)

    def flush(self) -> None:
        self._content.flush()

    def size(self) -> int:
        return self._size

    def close(self) -> None:
        self._content.seek(0)
        self._unpacking.hand_over(self._number, self._content)
