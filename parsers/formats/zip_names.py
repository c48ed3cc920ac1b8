"""Names and times of the members of a zip archive.

References:
    - PKWARE APPNOTE 6.3.10: 4.4.4 (bit 11: UTF-8), 4.4.6 (MS-DOS time), 4.6.9 (Info-ZIP Unicode Path, 0x7075)
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from datetime import datetime

UTF8_FLAG = 0x800
ENCRYPTED_FLAG = 0x1
_UNICODE_PATH = 0x7075


def member_name(info: zipfile.ZipInfo) -> tuple[str, bytes | None]:
    """A member's name as text, undecodable bytes as U+DC80 to U+DCFF, and its bytes where they were decoded by a guess.

    UTF-8 where the archive says so, by its flag or by the extra field of Info-ZIP; else ASCII, UTF-8 or cp932, whichever
    reads it first.
    """
    if info.flag_bits & UTF8_FLAG:
        return info.orig_filename, None
    raw = info.orig_filename.encode("cp437", "surrogateescape")
    told = _unicode_path(info.extra, raw)
    if told is not None:
        return told, raw
    for codec in ("ascii", "utf-8", "cp932"):
        try:
            return raw.decode(codec), raw if codec != "ascii" else None
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "surrogateescape"), raw


def member_time(info: zipfile.ZipInfo) -> datetime | None:
    """The last change of a member by a wall clock of unknown zone; None where it is no time."""
    try:
        return datetime(*info.date_time)  # noqa: DTZ001  wall clock of unknown zone
    except ValueError:
        return None


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The name in UTF-8 of an extra field, where it is that of this name."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(field) > 5 and field[0] == 1:
            if int.from_bytes(field[1:5], "little") != zlib.crc32(raw):
                return None
            try:
                return field[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
        at += 4 + size
    return None
