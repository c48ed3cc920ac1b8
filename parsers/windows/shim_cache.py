r"""Application compatibility cache of the SYSTEM hive (Control\Session Manager\AppCompatCache), the shim cache.

Shows: which executable files Windows has looked at, newest first, each with the last write time the file had then. On
Windows 7, 8 and 8.1 a flag tells that the program was started as a process.
Does not show: when anything ran. `file_modified_at` belongs to the file and may come with it from elsewhere. Without
the flag an entry is no proof of a run: showing a folder is enough for one; Windows 10 and 11 keep no such flag, so
their rows do not answer `ran`. The cache is written at shutdown: what ran after the last one is not in it.
`ran` is answered without a time.
Not read: the formats of Server 2003, Vista and Server 2008 (told as unsupported) and of Windows XP, which has the cache in
another key; the data behind an entry, whose last number is held by some to tell a run in Windows 10, the order among control sets, deleted values.

References:
    - J. Metz, Windows Registry knowledge base, "Application compatibility cache key" (cited as [ACC])
    - A. Davis, Leveraging the Application Compatibility Cache in Forensic Investigations (Mandiant)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    ProblemKind,
    Table,
    Yields,
    boolean,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats.control_sets import ControlSet, control_sets
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, is_hive_or_lost, open_hive
from parsers.formats.regf_tree import Hive, Key, Value
from parsers.questions import RAN

SHIM_CACHE = Table(
    "windows_shim_cache",
    Column("control_set", text, "Control set of the registry the row stands in."),
    Column(
        "is_current_control_set",
        boolean,
        "Whether Select names this control set as the one last started with.",
    ),
    Column("cache_place", integer, "Place in the cache, 1 for the entry put in last."),
    Column("program_path", text, "Path of the program, as stored; its name alone where no path is known."),
    Column("package_name", text, "Family name of the package of a Store application."),
    Column("file_modified_at", utc, "Last write time of the file when the trace was made."),
    Column("has_run_flag", boolean, "Whether Windows has marked the program as started."),
    Column("cache_format", text, "Version of Windows whose format the cache has: 7, 8.0, 8.1 or 10."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
    answers=RAN(where="has_run_flag", program_path="program_path"),
)

_PATH = r"Control\Session Manager\AppCompatCache"
_WINDOWS_2003 = 0xBADC0FFE  # and Vista, Server 2008
_WINDOWS_7 = 0xBADC0FEE  # [ACC] Windows 7 application compat cache header, 128 bytes
_WINDOWS_7_HEADER = 128
_WINDOWS_8_HEADER = 0x80
_WINDOWS_10_HEADERS = (0x30, 0x34)  # 0x34 since the Creators Update
_STARTED = 0x02  # [ACC] Insertion flags: executed, as CSRSS tells


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An entry of the cache: where it stands in the value, and what it says."""

    offset: int
    path: str
    ticks: int | None
    is_started: bool | None


class _Broken(Exception):
    """The cache cannot be read further; the entry's offset, and why."""

    def __init__(self, offset: int, why: str, kind: ProblemKind = ProblemKind.DAMAGED) -> None:
        super().__init__(why)
        self.offset = offset
        self.kind = kind


@parser(
    version=1,
    wants=hive_wants("SYSTEM"),
    tables=(SHIM_CACHE,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def shim_cache(artefact: Artefact) -> Yields:
    """One row for each entry of the cache of each control set, in the order of the cache."""
    with open_hive(artefact) as hive:
        found = control_sets(hive)
        if found or is_hive_or_lost(hive, artefact, "SYSTEM"):
            yield from hive.problems()
        for control_set in found:
            key = hive.key(_PATH, control_set.key)
            value = None if key is None else hive.named(key)["AppCompatCache"]
            if key is not None and value is not None:
                yield from _cache(hive, control_set, key, value)
            yield from hive.problems()


def _cache(hive: Hive, control_set: ControlSet, key: Key, value: Value) -> Yields:
    """Rows of one cache; where it breaks off, a problem."""
    known = _entries(value.content)
    if known is None:
        is_old = int.from_bytes(value.content[:4], "little") == _WINDOWS_2003
        begin = value.content[:8].hex(" ") or "nothing"
        what = "of Windows Server 2003, Vista or Server 2008" if is_old else f"that begins with {begin}"
        hive.tell(ProblemKind.UNSUPPORTED, value.locator, f"a cache {what} is not read")
        return
    name, entries = known
    try:
        for place, entry in enumerate(entries, 1):
            locator = f"{value.locator}:{entry.offset}"
            modified = None
            if entry.ticks is None:
                why = "behind the path the entry does not add up"
                hive.tell(ProblemKind.DAMAGED, locator, why, "file_modified_at")
            else:
                modified = hive.instant_of(entry.ticks, locator, "file_modified_at")
            yield SHIM_CACHE.row(
                locator,
                hive.status(),
                **control_set.columns,
                is_replayed=hive.is_replayed,
                **_named(entry.path),
                cache_place=place,
                file_modified_at=modified,
                has_run_flag=entry.is_started,
                cache_format=name,
                key_written_at=key.written_at,
            )
            yield from hive.problems()
    except _Broken as error:
        hive.tell(error.kind, f"{value.locator}:{error.offset}", str(error))


def _named(path: str) -> dict[str, Any]:
    """The path, or of an application of the Store the name of its package.

    Windows 10 writes such as numbers, the package's name, its publisher and resource, parted by tabs.
    """
    parts = path.split("\t")
    if len(parts) >= 6:
        return {"package_name": f"{parts[4]}_{parts[5]}"}
    return {"program_path": path}


def _entries(content: bytes) -> tuple[str, Iterator[_Entry]] | None:
    """The format of a cache and its entries; None for a format that is not known."""
    if len(content) < 8:
        return None
    first, count = struct.unpack_from("<II", content)
    if first == _WINDOWS_7:
        return "7", _entries_of_7(content, count)
    signature = content[first : first + 4] if first < 0x100 else b""
    if first == _WINDOWS_8_HEADER and signature in (b"00ts", b"10ts"):
        name = "8.0" if signature == b"00ts" else "8.1"
        return name, _tagged(content, first, signature, name)
    # An empty cache ends with its header.
    if first in _WINDOWS_10_HEADERS and signature in (b"10ts", b""):
        return "10", _tagged(content, first, b"10ts", "10")
    return None


def _entries_of_7(content: bytes, count: int) -> Iterator[_Entry]:
    """[ACC] Windows 7: entries of 48 bytes, or 32 on a machine of 32 bits, that point to their paths."""
    # The second number of an entry is padding on a machine of 64 bits, and otherwise the place of the path.
    is_64 = content[_WINDOWS_7_HEADER + 4 : _WINDOWS_7_HEADER + 8] == bytes(4)
    form = struct.Struct("<H6xQQI" if is_64 else "<H2xIQI")
    size, spent = 48 if is_64 else 32, 0
    for number in range(count):
        offset = _WINDOWS_7_HEADER + number * size
        if offset + size > len(content):
            raise _Broken(offset, f"{count} entries are stated, {number} are there", ProblemKind.TRUNCATED)
        length, place, ticks, flags = form.unpack_from(content, offset)
        spent += length
        if spent > len(content):
            raise _Broken(offset, "the paths are longer than the value: they overlap", ProblemKind.LIMIT)
        raw = content[place : place + length]
        if len(raw) < length:
            raise _Broken(
                offset, f"the path of entry {number + 1} lies beyond the value", ProblemKind.TRUNCATED
            )
        yield _Entry(offset=offset, path=_text(raw), ticks=ticks, is_started=bool(flags & _STARTED))


def _tagged(content: bytes, offset: int, signature: bytes, name: str) -> Iterator[_Entry]:
    """[ACC] Windows 8 and 10: signature, unknown, size, then the entry; up to the end of the value."""
    while offset < len(content):
        head = content[offset : offset + 12]
        if head[:4] != signature:
            raise _Broken(offset, f"an entry begins with {signature!r}, here stands {head[:4]!r}")
        if len(head) < 12:
            raise _Broken(offset, "the value ends within an entry", ProblemKind.TRUNCATED)
        size = int.from_bytes(head[8:12], "little")
        body = content[offset + 12 : offset + 12 + size]
        if len(body) < size:
            raise _Broken(offset, f"an entry of {size} bytes, {len(body)} are left", ProblemKind.TRUNCATED)
        length = int.from_bytes(body[:2], "little")
        if size < 2 or len(body) < 2 + length:
            raise _Broken(offset, f"a path of {length} bytes in an entry of {size}")
        ticks, is_started = _behind_path(body[2 + length :], name)
        yield _Entry(offset=offset, path=_text(body[2 : 2 + length]), ticks=ticks, is_started=is_started)
        offset += 12 + size


def _behind_path(rest: bytes, name: str) -> tuple[int | None, bool | None]:
    """Time and mark behind a path; None for a time where no layout of the format ends with its data.

    [ACC] has two bytes more in 8.1 and is not sure where; flags seen there that are those of 8.0 times 65536 show them to
    stand in front, as the length of a package's name, which is how Mandiant reads them.
    """
    if name == "10":
        if len(rest) < 12:
            return None, None
        ticks, size = struct.unpack_from("<QI", rest)
        return (ticks if 12 + size == len(rest) else None), None
    package = 2 + int.from_bytes(rest[:2], "little")
    for start in (0, package) if name == "8.0" else (package, 0):
        if start + 20 <= len(rest):
            flags, _, ticks, size = struct.unpack_from("<IIQI", rest, start)
            if start + 20 + size == len(rest):
                return ticks, bool(flags & _STARTED)
    return None, None


def _text(raw: bytes) -> str:
    return raw[: len(raw) // 2 * 2].decode("utf-16-le", "surrogatepass").partition("\0")[0]
