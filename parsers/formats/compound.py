"""Compound files of OLE through libolecf: their streams by path, bounded; and how an Office document in one is encrypted.

References:
    - [MS-CFB] 2.6; [MS-OFFCRYPTO] 2.3.2 (EncryptionHeader), 2.3.4.4 to 2.3.4.10 (EncryptionInfo), 2.2 (IRM)
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, BinaryIO, Protocol

import pyolecf

from parsers.contract import Artefact, Problem, ProblemKind, Yields
from parsers.formats.xml_stream import START, BadPart, events

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What libolecf raises; a root that is missing is None.
UNREADABLE = (OSError, ValueError, RuntimeError, MemoryError, AttributeError, OverflowError)
_MOST_ITEMS = 20_000
_MOST_DEPTH = 16
_MOST_STREAM = 128 << 20
# [MS-OFFCRYPTO] 2.3.2: AlgID, ExternalAlgID of the standard encryption.
_CIPHERS = {0x6801: "RC4", 0x660E: "AES 128 bits", 0x660F: "AES 192 bits", 0x6610: "AES 256 bits"}


class Opened(Protocol):
    """Bytes that can be read: an artefact, or a file found within one."""

    @property
    def size(self) -> int:
        """Size in bytes."""

    def open(self) -> BinaryIO:
        """A new read-only stream at the first byte."""


class Compound:
    """A compound file: its streams by path from the root, parts joined by a slash, as stored; used as a context."""

    def __init__(self, artefact: Opened) -> None:
        """Open it.

        Raises:
            BadPart: it cannot be opened.
        """
        self._stream = artefact.open()
        self._file = pyolecf.file()
        self.streams: dict[str, Any] = {}
        # Streams of a made file can share their sectors: they are read for no more than a few times the file.
        self._left = 4 * artefact.size + (1 << 20)
        try:
            self._file.open_file_object(self._stream)
            for path, item in _walk(self._file.root_item):
                self.streams.setdefault(path, item)
        except UNREADABLE as error:
            self._stream.close()
            raise BadPart(
                ProblemKind.DAMAGED, f"the compound file cannot be opened: {reason(error)}"
            ) from error

    def __enter__(self) -> Compound:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what was opened."""
        self.streams.clear()
        self._stream.close()

    def find(self, name: str) -> str | None:
        """Path of the stream of this name, told without regard to case; that of the root first."""
        folded = name.lower()
        paths = [one for one in self.streams if one.lower() == folded]
        return paths[0] if paths else None

    def read(self, path: str) -> bytes:
        """The bytes of a stream.

        Raises:
            BadPart: they cannot be read, or are too many.
        """
        item = self.streams[path]
        try:
            size = item.size
            self._left -= size
            if size > _MOST_STREAM or self._left < 0:
                raise BadPart(ProblemKind.LIMIT, f"a stream of {size} bytes is not read")
            item.seek(0)
            content: bytes = item.read_buffer(size) if size else b""
        except UNREADABLE as error:
            if isinstance(error, BadPart):
                raise
            raise BadPart(ProblemKind.DAMAGED, f"the stream cannot be read: {reason(error)}") from error
        return content


def _walk(root: Any) -> Iterator[tuple[str, Any]]:
    """Paths and items of the streams, storages in the order they are stored."""
    waiting = [("", root, 0)]
    seen = 0
    while waiting:
        above, storage, depth = waiting.pop(0)
        for index in range(storage.number_of_sub_items):
            seen += 1
            if seen > _MOST_ITEMS:
                return
            try:
                item = storage.get_sub_item(index)
                path = f"{above}{item.name or ''}"
                if hasattr(item, "read_buffer"):
                    yield path, item
                if depth < _MOST_DEPTH and item.number_of_sub_items:
                    waiting.append((f"{path}/", item, depth + 1))
            except UNREADABLE:
                continue


def read_compound(artefact: Artefact, read: Callable[[Compound], Yields]) -> Yields:
    """What `read` gives of a compound file; a file that breaks off is a problem of the document."""
    try:
        with Compound(artefact) as file:
            yield from read(file)
    except BadPart as error:
        yield Problem(kind=error.kind, locator="document", message=str(error))


def reason(error: BaseException) -> str:
    """The first line of what a library says."""
    return (str(error).splitlines() or [type(error).__name__])[0][:150]


def refusal(artefact: Artefact, what: str) -> Problem:
    """Why a compound file that is named like a package is not read: encrypted, by which method, or no package at all."""
    try:
        with Compound(artefact) as file:
            if file.find("EncryptedPackage") is not None:
                info = file.find("EncryptionInfo")
                method = method_of(file.read(info)) if info else "no EncryptionInfo"
                return locked(what, method)
            if any("DRMContent" in one for one in file.streams):
                return locked(what, "rights management (IRM)")
    except BadPart as error:
        return Problem(kind=error.kind, locator="package", message=str(error))
    return Problem(
        kind=ProblemKind.UNRECOGNISED,
        locator="package",
        message=f"a compound file without an encrypted package: an older format or no {what}",
    )


def locked(what: str, method: str) -> Problem:
    """The problem of a document that is protected by a password."""
    message = (
        f"the {what} is protected by a password ({method}); nothing in it is counted: ask for the password"
    )
    return Problem(kind=ProblemKind.LOCKED, locator="package", message=message)


def method_of(info: bytes) -> str:
    """How an EncryptionInfo stream says the package is encrypted."""
    if len(info) < 8:
        return "EncryptionInfo is cut off"
    major, minor, flags = struct.unpack_from("<HHI", info)
    if (major, minor) == (4, 4):
        return _agile(info[8:])
    # [MS-OFFCRYPTO] 2.3.4.5 and 2.3.4.6: flags, size of the header, then the header with AlgID at its offset 8.
    if minor in (2, 3) and len(info) >= 24:
        kind = "extensible encryption" if minor == 3 or flags & 0x10 else "standard encryption"
        cipher = int.from_bytes(info[20:24], "little")
        return f"{kind}, {_CIPHERS.get(cipher, f'cipher {cipher:#x}')}"
    return f"EncryptionInfo {major}.{minor}"


def _agile(content: bytes) -> str:
    try:
        for kind, name, given in events([content]):
            if kind == START and name == "enc:keyData":
                words = (
                    given.get("cipherAlgorithm", "?"),
                    given.get("keyBits", "?"),
                    given.get("hashAlgorithm", "?"),
                )
                return "agile encryption, {} {} bits, {}".format(*(one[:20] for one in words))
    except BadPart:
        pass
    return "agile encryption"
