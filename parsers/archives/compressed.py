r"""Single files packed by gzip, bzip2, xz, lzma or Zstandard.

Shows: the one file inside as an entry of its own, named as gzip keeps it or else like the packed file without its last ending (`.tgz` gives `.tar`).
Does not show: who packed it; a time other than gzip's own.
Not read: compress (.Z), lz4; what stands behind the packed stream and is none.

References:
    - RFC 1952 (gzip), 2.3.1: FNAME, MTIME
    - RFC 8878 (Zstandard); the .xz File Format 1.2; bzip2
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, BinaryIO

import zstandard

from parsers.contract import Artefact, Member, Want, Yields, parser
from parsers.formats.member_stream import blocks_of, from_blocks

_GZIP, _BZIP2, _XZ, _ZSTD = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"
_ERRORS = (EOFError, ValueError, zlib.error, lzma.LZMAError, zstandard.ZstdError, MemoryError)
_ENDINGS = (".gz", ".bz2", ".xz", ".lzma", ".zst", ".zstd")
_SHORT = {".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".tzst": ".tar", ".svgz": ".svg"}
_NAMED = 0x8
_EXTRA = 0x4
_LONGEST_NAME = 1024
# A window beyond this is no file of ours but an attack on memory.
_MOST_WINDOW_BYTES = 1 << 30


@parser(
    version=1,
    wants=(
        Want(signature=_GZIP),
        Want(signature=_XZ),
        Want(signature=_ZSTD),
        Want(sniff=lambda head: head[:3] == _BZIP2 and head[4:10] == b"1AY&SY"),
    ),
)
def compressed(artefact: Artefact) -> Yields:
    """One member, whose locator is `stream`."""
    head = artefact.head(16 + _LONGEST_NAME)
    name, at = _gzip_header(head) if head.startswith(_GZIP) else (None, None)
    opened = _opener(head)
    content = from_blocks(blocks_of(opened(artefact.open())), (*_ERRORS, RuntimeError))
    yield Member(locator="stream", name=name or _name(artefact.path), content=content, modified_at=at)


def _opener(head: bytes) -> Callable[[BinaryIO], Any]:
    if head.startswith(_GZIP):
        return lambda stream: gzip.GzipFile(fileobj=stream)
    if head.startswith(_BZIP2):
        return bz2.BZ2File
    if head.startswith(_XZ):
        return lzma.LZMAFile
    decompressor = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW_BYTES)
    return lambda stream: decompressor.stream_reader(stream, read_across_frames=True)


def _gzip_header(head: bytes) -> tuple[str | None, datetime | None]:
    """Name and time of a gzip header; a name in no stated encoding is UTF-8 or cp932, whichever reads it first."""
    seconds = int.from_bytes(head[4:8], "little")
    at = datetime.fromtimestamp(seconds, UTC) if seconds else None
    start = 10
    if head[3] & _EXTRA:
        start += 2 + int.from_bytes(head[10:12], "little")
    stored, end, _ = head[start:].partition(b"\0")
    if not head[3] & _NAMED or not end or not stored:
        return None, at
    for codec in ("utf-8", "cp932"):
        try:
            return stored.decode(codec), at
        except UnicodeDecodeError:
            continue
    return stored.decode("utf-8", "surrogateescape"), at


def _name(path: str) -> str:
    """The name of the packed file without its last ending."""
    name = path.rpartition("/")[2]
    folded = name.casefold()
    for ending, other in _SHORT.items():
        if folded.endswith(ending):
            return name[: -len(ending)] + other
    for ending in _ENDINGS:
        if folded.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name or "stream"
