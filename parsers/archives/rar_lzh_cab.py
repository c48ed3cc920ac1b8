r"""RAR, LZH and cabinet archives, through libarchive where it is installed on the machine.

Shows: each file as an entry of its own, with the time of its last change.
Does not show: who packed it. RAR and cabinet archives keep wall clocks in places; libarchive takes them for the clock of the machine it runs on,
so that only times an archive states in UTC are given (RAR 5). A name in no stated encoding is read as cp932.
Not read: encrypted files (told as locked), archives split over several files. Without libarchive such an archive is told as not read.

References:
    - RARLAB, "RAR 5.0 archive format"; Microsoft, "Cabinet File Format" [MS-CAB]; Y. Tagawa, LHa header documents
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from parsers.contract import Artefact, Member, Problem, ProblemKind, Want, Yields, parser
from parsers.formats.member_stream import from_blocks

_RAR, _RAR5, _CABINET = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00", b"MSCF\0\0\0\0"
_MOST_MEMBERS = 1_000_000
_BLOCK_BYTES = 1 << 18


def _is_lzh(head: bytes) -> bool:
    # LHa: the method at 2 (`-lh5-`), and a level of header that is known at 20.
    return head[2:5] in (b"-lh", b"-lz") and head[6:7] == b"-" and head[20:21] in (b"\0", b"\1", b"\2")


@parser(
    version=1,
    wants=(
        Want(signature=_RAR),
        Want(signature=_RAR5),
        Want(signature=_CABINET),
        Want(sniff=_is_lzh),
    ),
)
def rar_lzh_cab(artefact: Artefact) -> Yields:
    """One member for each file, in stored order; the locator is `member:` and its place in the archive."""
    library = _library()
    if library is None:
        message = (
            "RAR, LZH and cabinet archives are read with libarchive, which is not on this machine: "
            "install it (libarchive13 on Debian) and run again; nothing in it is counted"
        )
        yield Problem(kind=ProblemKind.UNSUPPORTED, locator="archive", message=message)
        return
    is_utc = artefact.head(8).startswith(_RAR5)
    count = 0
    try:
        with _opened(library, artefact.local()) as archive:
            for entry in archive:
                if count >= _MOST_MEMBERS:
                    message = f"more than {_MOST_MEMBERS} members; the others are not read"
                    yield Problem(kind=ProblemKind.LIMIT, locator=f"member:{count}", message=message)
                    return
                if entry.isfile:
                    yield _member(library, entry, count, is_utc=is_utc)
                count += 1
    except (library.ArchiveError, OSError, ValueError) as error:
        is_locked = "encrypt" in str(error).casefold() or "passphrase" in str(error).casefold()
        kind = ProblemKind.LOCKED if is_locked else ProblemKind.DAMAGED if count else ProblemKind.UNSUPPORTED
        said = getattr(error, "msg", None) or type(error).__name__
        message = f"the archive is read up to member {count}: {str(said)[:300]}"
        yield Problem(kind=kind, locator=f"member:{count}", message=message)


def _library() -> ModuleType | None:
    try:
        import libarchive  # noqa: PLC0415  its import looks for the shared library
    except (ImportError, OSError, TypeError, AttributeError):
        return None
    found: ModuleType = libarchive
    return found


@contextmanager
def _opened(library: ModuleType, file: Path) -> Iterator[Any]:
    """The entries of an archive; names in no stated encoding are cp932."""
    functions = library.ffi.libarchive
    functions.archive_read_set_options.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    with library.read.new_archive_read() as pointer:
        functions.archive_read_set_options(pointer, b"hdrcharset=CP932")
        with file.open("rb") as stream:
            library.ffi.read_open_fd(pointer, stream.fileno(), _BLOCK_BYTES)
            yield library.read.ArchiveRead(pointer)


def _member(library: ModuleType, entry: Any, place: int, *, is_utc: bool) -> Member:
    locator = f"member:{place}"
    known: dict[str, Any] = {
        "locator": locator,
        "name": library.ffi.entry_pathname_w(entry._entry_p) or locator,  # noqa: SLF001
        "size": entry.size,
        "modified_at": datetime.fromtimestamp(entry.mtime, UTC) if is_utc and entry.mtime else None,
    }
    if _is_encrypted(library, entry):
        message = "the member is encrypted; nothing in it is counted: ask for the password"
        return Member(refusal=Problem(kind=ProblemKind.LOCKED, locator=locator, message=message), **known)
    return Member(content=from_blocks(_blocks(entry), (library.ArchiveError, ValueError)), **known)


def _is_encrypted(library: ModuleType, entry: Any) -> bool:
    # The package does not declare this function; without a type the pointer would be cut to 32 bits.
    asked = library.ffi.libarchive.archive_entry_is_encrypted
    asked.argtypes, asked.restype = [ctypes.c_void_p], ctypes.c_int
    return bool(asked(entry._entry_p))  # noqa: SLF001


def _blocks(entry: Any) -> Iterator[bytes]:
    yield from entry.get_blocks(_BLOCK_BYTES)
