r"""Recycle bins: $I files (Windows Vista and later) and INFO2 (Windows 95 to XP).

Shows: what was moved to a recycle bin, when, from where, how large it was, and whose bin it lies in (the SID in
the folder's name); of INFO2 also entries that were taken out of the bin again.
Does not show: what was deleted past the bin (Shift+Delete, command line, removable media) or what the bin was
emptied of ($I files go with their content; look for deleted ones). The account is the bin's owner: whoever acted
under that account. The time is the machine's clock. `recycled_name` is worked out from the name of the $I or the
number of the entry; whether that file is still there stands in `file_entry`. On FAT and in `RECYCLED` no SID is kept.
Not read: $R content, INFO files of Windows 95 in other layouts, desktop.ini; what a folder in the bin held (its own
files are listed under $R in `file_entry`). A $I outside a $Recycle.Bin is read where its name has the form Windows gives.

`original_bytes` of INFO2 is rounded up to whole clusters of the volume. An ANSI path without a Unicode one
(Windows 95, 98, Me) names no code page and is read as cp932.

References:
    - J. Metz, Windows Recycle.Bin file formats, sections 2 (INFO2) and 3 ($I)
    - [MS-DTYP] 2.3.3 FILETIME, 2.4.2.1 SID string format
"""

from __future__ import annotations

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
    boolean,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats import codecs
from parsers.formats.filetime import instant
from parsers.formats.wide import wide_text
from parsers.questions import DELETED

RECYCLED = Table(
    "windows_recycle_bin",
    Column("original_path", text, "Path of the file or folder before it was deleted, as stored."),
    Column("original_bytes", integer, "Size of the file, or of all in the folder, when it was deleted."),
    Column("deleted_at", utc, "When it was moved to the recycle bin."),
    Column("account_sid", text, "Security identifier of the account."),
    Column("recycled_name", text, "Name its content was given in the recycle bin, beside the artefact."),
    Column("bin_entry_number", integer, "Number of the entry in INFO2."),
    Column("is_taken_out", boolean, "Whether INFO2 marks the entry as restored or emptied from the bin."),
    Column("bin_format", text, "i_1, i_2 or info2: the layout the row is read from."),
    answers=DELETED(at="deleted_at", what="original_path", account="account_sid"),
)

_I_NAME = re.compile(r"\$I([0-9A-Z]{6}(?:\..*)?)", re.IGNORECASE | re.DOTALL)
_BIN = re.compile(r"/(?:\$Recycle\.Bin|RECYCLER)/(S-1-[0-9-]+)/[^/]*\Z", re.IGNORECASE | re.DOTALL)
_I_HEADER = struct.Struct("<QQQ")  # version, size, FILETIME
_PATH_1_BYTES = 520  # Metz 3.1: version 1 keeps 260 UTF-16 characters
_PATH_2_CHARACTERS = 0x10000  # a Windows path has at most 32767; more is damage
_INFO2_HEADER = struct.Struct("<IIIII")  # version, two counts, size of a record, total size
# Metz 2.2: ANSI path of 260 bytes, number, drive, FILETIME, size; then 520 bytes of UTF-16 since Windows NT.
_RECORD = struct.Struct("<260sIIQI")
_RECORD_SIZES = (280, 800)


def _is_dollar_i(head: bytes) -> bool:
    return head[:8] in (b"\1" + bytes(7), b"\2" + bytes(7)) and len(head) > 8


def _is_info2(head: bytes) -> bool:
    return (
        len(head) >= _INFO2_HEADER.size
        and head[1:4] == bytes(3)
        and _INFO2_HEADER.unpack_from(head)[3] in _RECORD_SIZES
    )


@parser(
    version=1,
    wants=(
        Want("**/$Recycle.Bin/*/$I*", sniff=_is_dollar_i),
        Want("**/$I??????", sniff=_is_dollar_i, is_strict=False),
        Want("**/$I??????.*", sniff=_is_dollar_i, is_strict=False),
        Want("**/INFO2", sniff=_is_info2, is_strict=False),
        Want("**/RECYCLER/*/INFO2", sniff=_is_info2),
        Want("**/RECYCLED/INFO2", sniff=_is_info2),
    ),
    tables=(RECYCLED,),
)
def recycle_bin(artefact: Artefact) -> Yields:
    """One row for a $I file; one for each entry of an INFO2, in stored order."""
    head = artefact.head(_INFO2_HEADER.size)
    name = artefact.path.rsplit("/", 1)[-1]
    found = _BIN.search(artefact.path)
    owner = None if found is None else found[1].upper()
    if _is_info2(head):
        with artefact.open() as stream:
            yield from _info2(stream, artefact.size, owner)
    elif _is_dollar_i(head):
        with artefact.open() as stream:
            content = stream.read(_I_HEADER.size + 4 + 2 * _PATH_2_CHARACTERS)
        yield from _dollar_i(content, artefact.size, name, owner)
    else:
        message = f"neither a $I nor an INFO2: it begins {head[:8].hex(' ')}"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message)


def _dollar_i(content: bytes, size: int, name: str, owner: str | None) -> Yields:
    """The one row of a $I file."""
    if len(content) < _I_HEADER.size:
        message = f"a $I has a header of {_I_HEADER.size} bytes, {len(content)} are there"
        yield Problem(kind=ProblemKind.TRUNCATED, locator="0", message=message)
        return
    version, stored_size, stored_time = _I_HEADER.unpack_from(content)
    renamed = _I_NAME.fullmatch(name)
    values: dict[str, Any] = {
        "account_sid": owner,
        "recycled_name": f"$R{renamed[1]}" if renamed is not None else None,
        "bin_format": f"i_{version}",
    }
    problems: list[Problem] = []
    _size(values, problems, stored_size, "8")
    _time(values, problems, stored_time, "16")
    begin = _I_HEADER.size
    wanted = _PATH_1_BYTES
    if version == 2:
        # Metz 3.2: the number of characters, the NUL at the end among them.
        (count,) = struct.unpack("<I", content[begin : begin + 4].ljust(4, b"\0"))
        begin, wanted = begin + 4, 2 * min(count, _PATH_2_CHARACTERS)
        if count > _PATH_2_CHARACTERS:
            message = f"a path of {count} characters is stated; at most {_PATH_2_CHARACTERS} are read"
            problems.append(_problem(ProblemKind.DAMAGED, "24", message, "original_path"))
    stored = content[begin : begin + wanted]
    if len(stored) < wanted or begin > len(content):
        message = f"the path should end at byte {begin + wanted}, the file has {size}"
        problems.append(_problem(ProblemKind.TRUNCATED, str(begin), message, "original_path"))
    values["original_path"] = _wide(stored, str(begin), problems)
    hidden = content[begin + wanted :]
    if size > len(content) or hidden.strip(b"\0"):
        message = f"{size - begin - wanted} bytes follow the path and are not read"
        problems.append(_problem(ProblemKind.AMBIGUOUS, str(begin + wanted), message))
    is_whole = not any(one.column for one in problems)
    yield RECYCLED.row("0", Status.OK if is_whole else Status.PARTIAL, **values)
    yield from problems


def _info2(stream: BinaryIO, size: int, owner: str | None) -> Yields:
    """The rows of an INFO2 with problems between them."""
    header = stream.read(_INFO2_HEADER.size)
    record_size = _INFO2_HEADER.unpack(header)[3]
    offset = len(header)
    for record in _records(stream, record_size):
        if len(record) < record_size:
            message = f"the entry at {offset} has {record_size} bytes, {len(record)} are there"
            yield Problem(kind=ProblemKind.TRUNCATED, locator=str(offset), message=message)
            if len(record) < _RECORD.size:
                return
        # A bin that was emptied keeps the space of its entries.
        if record.strip(b"\0"):
            yield from _entry(record, offset, owner, is_cut=len(record) < record_size)
        offset += record_size


def _records(stream: BinaryIO, record_size: int) -> Iterator[bytes]:
    while record := stream.read(record_size):
        yield record


def _entry(record: bytes, offset: int, owner: str | None, *, is_cut: bool) -> Yields:
    narrow, number, drive, stored_time, stored_size = _RECORD.unpack_from(record)
    problems: list[Problem] = []
    # Metz 2.2: an entry taken out of the bin loses the first byte of its ANSI path, the drive letter.
    is_taken_out = narrow[0] == 0
    wide = record[_RECORD.size :]
    values: dict[str, Any] = {"account_sid": owner, "bin_format": "info2"}
    values |= {"bin_entry_number": number, "is_taken_out": is_taken_out}
    if wide:
        path = _wide(wide, str(offset + _RECORD.size), problems)
    else:
        path = _narrow(narrow, drive, str(offset), problems)
    values["original_path"] = path
    if path is not None and drive < 26:
        last = path.replace("/", "\\").rsplit("\\", 1)[-1]
        ending = f".{last.rpartition('.')[2]}" if "." in last else ""
        # Metz 2: D, the letter of the drive, the number of the entry and the ending of the file.
        values["recycled_name"] = f"D{chr(ord('a') + drive)}{number}{ending}"
    _time(values, problems, stored_time, str(offset + 268))
    _size(values, problems, stored_size, str(offset + 276))
    is_whole = not problems and not is_cut
    yield RECYCLED.row(str(offset), Status.OK if is_whole else Status.PARTIAL, **values)
    yield from problems


def _narrow(stored: bytes, drive: int, locator: str, problems: list[Problem]) -> str | None:
    """An ANSI path; of one taken out of the bin the drive letter is put back from the entry's drive number."""
    if stored[0] == 0 and stored[1:2] == b":" and drive < 26:
        stored = bytes([ord("A") + drive]) + stored[1:]
    path, replaced = codecs.decode(stored.partition(b"\0")[0], "cp932")
    if replaced:
        message = f"{replaced} bytes of the path are not cp932; they stand in it as \\xNN"
        problems.append(_problem(ProblemKind.DAMAGED, locator, message, "original_path"))
    return path or None


def _wide(stored: bytes, locator: str, problems: list[Problem]) -> str | None:
    """A UTF-16 path up to its NUL; half a surrogate is replaced and told."""
    # Up to the NUL first: Windows does not clear what stood behind it before.
    units = stored[: len(stored) // 2 * 2]
    end = next((at for at in range(0, len(units), 2) if units[at : at + 2] == b"\0\0"), len(units))
    clean, is_utf16 = wide_text(units[:end])
    if not is_utf16:
        message = "the path is not UTF-16: half a surrogate is replaced by U+FFFD"
        problems.append(_problem(ProblemKind.DAMAGED, locator, message, "original_path"))
    if not clean and stored.strip(b"\0"):
        message = "the path begins with a NUL, what follows is not read"
        problems.append(_problem(ProblemKind.DAMAGED, locator, message, "original_path"))
    return clean or None


def _size(values: dict[str, Any], problems: list[Problem], stored: int, locator: str) -> None:
    if stored < 1 << 63:
        values["original_bytes"] = stored
        return
    message = f"a size of {stored:#x} bytes is no size"
    problems.append(_problem(ProblemKind.DAMAGED, locator, message, "original_bytes"))


def _time(values: dict[str, Any], problems: list[Problem], stored: int, locator: str) -> None:
    try:
        values["deleted_at"] = instant(stored)
    except ValueError as error:
        problems.append(_problem(ProblemKind.DAMAGED, locator, str(error), "deleted_at"))


def _problem(kind: ProblemKind, locator: str, message: str, column: str | None = None) -> Problem:
    return Problem(kind=kind, locator=locator, message=message, column=column)
