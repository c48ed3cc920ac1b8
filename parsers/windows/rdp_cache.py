r"""Picture caches of the Remote Desktop client (Terminal Server Client\Cache\Cache*.bin, bcache*.bmc).

Shows: that this user's Remote Desktop client showed pictures of another machine, and how many pieces of them it kept.
Does not show: which machine (see `windows_terminal_server_client`), when (the file's own times stand in `file_entry`), or what
was seen; the cache is shared by all sessions, overwritten in turn, and can be switched off.
Not read: the pictures; remnants behind pieces smaller than their place. A .bmc that begins compressed is not counted.

References:
    - ANSSI, bmc-tools; CERTFR-2016-ACT-017 (layout of both files)
    - Fox-IT, dissect.target, plugin rdpcache
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    integer,
    parser,
    text,
)
from parsers.formats.profile import PROFILE, profile_name

CACHES = Table(
    "windows_rdp_cache",
    Column("tile_format", text, "bin (Windows 7 and later) or bmc (before): the layout of the file."),
    Column("tile_count", integer, "Pieces of pictures in the file."),
    PROFILE,
)

_MARK = b"RDP8bmp\0"
_BIN_HEADER = len(_MARK) + 4  # mark, version
_BIN_TILE = struct.Struct("<QHH")  # key, width, height; then four bytes for each point
_BMC_TILE = struct.Struct("<QHHII")  # key, width, height, length, parameters
_COMPRESSED = 0x08
_SIDE = 64
_MOST_TILES = 1_000_000


def _is_cache(head: bytes) -> bool:
    if head.startswith(_MARK):
        return True
    return len(head) >= _BMC_TILE.size and _is_tile(*_BMC_TILE.unpack_from(head)[1:3])


def _is_tile(width: int, height: int) -> bool:
    return 0 < width <= _SIDE and 0 < height <= _SIDE


@parser(
    version=1,
    wants=(
        Want("**/Terminal Server Client/Cache/Cache*.bin", sniff=_is_cache, is_strict=False),
        Want("**/Terminal Server Client/Cache/bcache*.bmc", sniff=_is_cache, is_strict=False),
        Want(signature=_MARK),
    ),
    tables=(CACHES,),
)
def rdp_cache(artefact: Artefact) -> Yields:
    """One row for a cache."""
    head = artefact.head(_BMC_TILE.size)
    is_bin = head.startswith(_MARK)
    if not is_bin and not _is_cache(head):
        message = f"no cache of pictures: it begins {head[:8].hex(' ')}"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message)
        return
    with artefact.open() as stream:
        count, problem = (_bin_tiles if is_bin else _bmc_tiles)(stream, artefact.size)
    yield CACHES.row(
        "0",
        Status.PARTIAL if problem else Status.OK,
        tile_format="bin" if is_bin else "bmc",
        tile_count=count,
        profile_name=profile_name(artefact.path),
    )
    if problem:
        yield problem


def _bin_tiles(stream: BinaryIO, size: int) -> tuple[int, Problem | None]:
    """How many pieces follow one another, and what ends them before the file does."""
    at = _BIN_HEADER
    for count in range(_MOST_TILES):
        stream.seek(at)
        head = stream.read(_BIN_TILE.size)
        if not head.strip(b"\0"):
            return count, None
        if len(head) < _BIN_TILE.size:
            return count, _problem(ProblemKind.TRUNCATED, at, "the file ends within the head of a piece")
        _, width, height = _BIN_TILE.unpack(head)
        if not _is_tile(width, height):
            return count, _problem(ProblemKind.DAMAGED, at, f"a piece of {width} by {height} points")
        at += _BIN_TILE.size + 4 * width * height
        if at > size:
            message = f"a piece should end at byte {at}, the file has {size}"
            return count, _problem(ProblemKind.TRUNCATED, at, message)
    return _MOST_TILES, _problem(
        ProblemKind.LIMIT, at, f"more than {_MOST_TILES} pieces; no more are counted"
    )


def _bmc_tiles(stream: BinaryIO, size: int) -> tuple[int | None, Problem | None]:
    """How many pieces there are, each in a place for 64 by 64 points."""
    at = depth = 0
    for count in range(_MOST_TILES):
        stream.seek(at)
        head = stream.read(_BMC_TILE.size)
        if not head.strip(b"\0"):
            return count, None
        if len(head) < _BMC_TILE.size:
            return count, _problem(ProblemKind.TRUNCATED, at, "the file ends within the head of a piece")
        _, width, height, length, flags = _BMC_TILE.unpack(head)
        points = width * height
        if flags & _COMPRESSED and not depth:
            # Only a piece that is not compressed tells how large the places are.
            return None, _problem(
                ProblemKind.UNSUPPORTED, at, "the first piece is compressed: none are counted"
            )
        is_whole = flags & _COMPRESSED or (points and length in (points, 2 * points, 3 * points, 4 * points))
        if not _is_tile(width, height) or not is_whole:
            message = f"a piece of {width} by {height} points in {length} bytes"
            return count, _problem(ProblemKind.DAMAGED, at, message)
        if not flags & _COMPRESSED:
            depth = length // points
        end = at + _BMC_TILE.size + length
        if end > size:
            message = f"a piece should end at byte {end}, the file has {size}"
            return count, _problem(ProblemKind.TRUNCATED, at, message)
        at += _BMC_TILE.size + _SIDE * _SIDE * depth
    return _MOST_TILES, _problem(
        ProblemKind.LIMIT, at, f"more than {_MOST_TILES} pieces; no more are counted"
    )


def _problem(kind: ProblemKind, at: int, message: str) -> Problem:
    return Problem(kind=kind, locator=str(at), message=message, column="tile_count")
