"""Thumbnails kept by Explorer (thumbcache_*.db): which pictures were made small, by identifier and size.

Shows: that Explorer made a small picture of a file under the profile, its size, format and SHA-256; the identifier,
which the index of Windows Search keeps beside the path of the file (`thumbnail_cache_id`).
Does not show: the path or name of the file, when, or that a person looked at the picture: folders are prepared when
they are opened. Entries stay after a file is gone, until the cache is cleaned.
Not read: the small pictures themselves, the index thumbcache_idx.db, caches of icons, checksums of the entries,
what lies behind the end the header tells.

References:
    - J. Metz, "Windows Explorer Thumbnail Cache database format" (libwtcdb), cited as [WTCDB]
    - E. Kutcher, thumbcache_viewer (layouts by version of Windows)
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

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
from parsers.formats.profile import profile_name

THUMBNAIL = Table(
    "windows_thumbnail",
    Column("profile_name", text, "Folder name of the user profile the artefact lies in.", is_personal=True),
    Column("thumbnail_cache_id", text, "Identifier of the small picture, sixteen hex digits."),
    Column("image_name", text, "Name of the entry as stored, mostly the identifier."),
    Column("cache_kind", text, "Which cache, from the name of the file: 256, 1280, sr, wide, ..."),
    Column("image_format", text, "jpeg, png, bmp or unknown, from its first bytes; null where it is empty."),
    Column("image_bytes", integer, "Size of the small picture."),
    Column("image_width", integer, "Width as stored, from Windows 8 on."),
    Column("image_height", integer, "Height as stored, from Windows 8 on."),
    Column("image_sha256", text, "SHA-256 of the small picture, hex."),
)

SIGNATURE = b"CMMM"
# [WTCDB] File header: signature, version, kind; offset of the first entry at 12, from version 0x1e on at 16,
# in version 0x1c as well; behind it the offset of the first place that is free.
_VISTA, _SEVEN, _LATEST = 0x14, 0x15, 0x20
_SHIFTED = frozenset((0x1C, 0x1E, 0x1F, 0x20))
_KNOWN = frozenset((_VISTA, _SEVEN, 0x1A)) | _SHIFTED
# [WTCDB] Entry: signature, size, identifier; Vista: extension; sizes of name, padding and data; from Windows 8 on:
# width, height; unknown, two checksums.
_VISTA_ENTRY, _SEVEN_ENTRY, _ENTRY = (
    struct.Struct("<4sIQ8sIII4x16x"),
    struct.Struct("<4sIQIII4x16x"),
    struct.Struct("<4sIQIIIII4x16x"),
)
_FORMATS = ((b"\xff\xd8\xff", "jpeg"), (b"\x89PNG", "png"), (b"BM", "bmp"))
_KIND = re.compile(r"thumbcache_([^/]+)\.db[^/]*\Z", re.IGNORECASE)
_MOST_ENTRIES = 2_000_000
_MOST_LOST = 1000
_MOST_NAME_BYTES = 1024
_BLOCK = 1 << 20


@parser(
    version=1,
    wants=(Want("**/thumbcache_*.db", signature=SIGNATURE, is_strict=False),),
    tables=(THUMBNAIL,),
)
def thumbcache(artefact: Artefact) -> Yields:
    """One row for each entry, in stored order."""
    head = artefact.head(32)
    if len(head) < 24 or not head.startswith(SIGNATURE):
        kind = ProblemKind.TRUNCATED if head.startswith(SIGNATURE) else ProblemKind.UNRECOGNISED
        yield Problem(
            kind=kind, locator="0", message=f"no thumbnail cache of 24 bytes or more: {head[:24].hex(' ')}"
        )
        return
    (version,) = struct.unpack_from("<I", head, 4)
    if version not in _KNOWN:
        message = f"version {version:#x} of the cache is not known"
        yield Problem(kind=ProblemKind.UNSUPPORTED, locator="4", message=message)
        return
    first, free = struct.unpack_from("<II", head, 16 if version in _SHIFTED else 12)
    kind_of = _KIND.search(artefact.path)
    common = {
        "profile_name": profile_name(artefact.path),
        "cache_kind": kind_of[1].lower() if kind_of else None,
    }
    end = free if first <= free <= artefact.size else artefact.size
    if free > artefact.size:
        message = f"entries end at {free}, the file at {artefact.size}: what lay behind is lost"
        yield Problem(kind=ProblemKind.TRUNCATED, locator=str(artefact.size), message=message)
    with artefact.open() as stream:
        for one in _entries(stream, version, first, end):
            if isinstance(one, Problem):
                yield one
            else:
                offset, status, values = one
                yield THUMBNAIL.row(str(offset), status, **common, **values)


def _entries(
    stream: BinaryIO, version: int, place: int, end: int
) -> Iterator[Problem | tuple[int, Status, dict[str, Any]]]:
    """Entries one behind the other; where one does not begin as it should, the next that does is looked for."""
    layout = _VISTA_ENTRY if version == _VISTA else _SEVEN_ENTRY if version == _SEVEN else _ENTRY
    status, lost = Status.OK, 0
    for _ in range(_MOST_ENTRIES):
        if place >= end:
            return
        stream.seek(place)
        front = stream.read(layout.size)
        if len(front) < layout.size:
            yield Problem(
                kind=ProblemKind.TRUNCATED, locator=str(place), message="the entry is cut within its header"
            )
            return
        signature, size, identifier, *rest = layout.unpack(front)
        if version == _VISTA:
            rest = rest[1:]
        name_bytes, padding_bytes, data_bytes, *sides = rest
        if (
            signature != SIGNATURE
            or size < layout.size
            or layout.size + name_bytes + padding_bytes + data_bytes > size
        ):
            following = _following(stream, place + 4, end)
            message = f"no entry at {place}; " + (
                "none follows" if following is None else f"the next one begins at {following}"
            )
            yield Problem(kind=ProblemKind.DAMAGED, locator=str(place), message=message)
            lost += 1
            if following is None:
                return
            if lost == _MOST_LOST:
                message = f"{lost} entries do not begin as they should, the rest is not looked for"
                yield Problem(kind=ProblemKind.LIMIT, locator=str(following), message=message)
                return
            place, status = following, Status.RECOVERED
            continue
        if place + size > end:
            message = f"the entry of {size} bytes runs past the end at {end}"
            yield Problem(kind=ProblemKind.TRUNCATED, locator=str(place), message=message)
            status = Status.PARTIAL
        values = {"thumbnail_cache_id": f"{identifier:016x}", "image_bytes": data_bytes}
        values |= dict(zip(("image_width", "image_height"), sides, strict=False))
        values |= _content(stream, name_bytes, padding_bytes, data_bytes)
        yield place, status, values
        place, status = place + size, Status.OK
    yield Problem(kind=ProblemKind.LIMIT, locator=str(place), message=f"more than {_MOST_ENTRIES} entries")


def _content(stream: BinaryIO, name_bytes: int, padding_bytes: int, data_bytes: int) -> dict[str, Any]:
    """Name, format and digest of an entry whose header was just read; what is cut off is left out."""
    name = stream.read(min(name_bytes, _MOST_NAME_BYTES))
    stream.seek(max(name_bytes - _MOST_NAME_BYTES, 0) + padding_bytes, io.SEEK_CUR)
    found: dict[str, Any] = {"image_name": name.decode("utf-16-le", "backslashreplace").rstrip("\0") or None}
    digest, front, left = hashlib.sha256(), b"", data_bytes
    while left and (block := stream.read(min(left, _BLOCK))):
        digest.update(block)
        front = front or block[:8]
        left -= len(block)
    if data_bytes and front:
        found["image_format"] = next((name for mark, name in _FORMATS if front.startswith(mark)), "unknown")
        found["image_sha256"] = None if left else digest.hexdigest()
    return found


def _following(stream: BinaryIO, place: int, end: int) -> int | None:
    """Where the next entry begins, None where no more do."""
    held = b""
    while place < end:
        stream.seek(place)
        block = stream.read(min(_BLOCK, end - place))
        if not block:
            return None
        at = (held + block).find(SIGNATURE)
        if at >= 0:
            return place - len(held) + at
        held, place = block[-3:], place + len(block)
    return None
